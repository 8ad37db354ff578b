"""A buyer orders and pays on the storefront page; the console shows the whole story."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.merchant import UNITS
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.inventory import service as inventory
from yinuo.users.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.scenario, pytest.mark.timeout(300)]
SHOWN = ".live .stock"


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch) as running:
        add_person(database, "ops", Role.OPERATIONS)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def order_and_pay(page: Page, address: str) -> str:
    """Order two and pay on the product page, and return the order's number."""
    page.goto(f"{address}/shop/p/P-LOVE")
    expect(page.locator(SHOWN)).to_have_text(f"现货 {2 * UNITS} 件")
    page.evaluate("window.stays = true")
    page.locator("#buy").click()
    page.locator("#quantity").fill("2")
    page.locator("#submit-order").click()
    expect(page.locator("#pay-ask")).to_be_visible()
    number = page.locator("#pay-number").inner_text()
    page.locator("#pay-now").click()
    expect(page.locator("#pay-done")).to_be_visible()
    return number


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("用户名").fill("ops")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("登录")).click()
    expect(page.get_by_role("link", name=re.compile("订单")).first).to_be_visible()


def test_buyer_orders_and_pays_stock_falls_live_and_the_console_shows_the_whole_timeline(
    world: World, browser: Browser
):
    shop = browser.new_page(viewport={"width": 390, "height": 844})
    number = order_and_pay(shop, str(world.sandbox.base_url).rstrip("/"))
    expect(shop.locator(SHOWN)).to_have_text(f"现货 {2 * UNITS - 2} 件")
    assert shop.evaluate("window.stays") is True  # the page was never loaded anew

    world.until_status(number, "in_warehouse")
    console = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    errors: list[str] = []
    console.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(console, world.web)
    console.goto(f"{world.web}/orders/{world.order(number).id}")
    for words in ("已预占库存", "仓库已锁定库存", "金蝶销售订单已生成", "发货单已下发"):
        expect(console.get_by_text(words).first).to_be_visible(timeout=15000)

    world.ship(number)
    expect(console.get_by_text(re.compile("已发运")).first).to_be_visible(timeout=15000)
    expect(console.get_by_text(re.compile("已通知渠道发货")).first).to_be_visible(timeout=15000)
    assert errors == []

    kept = world.wms(number)
    assert world.erp_documents(number) == 1
    assert kept["order"] is not None
    assert kept["order"]["status"] == "DELIVERED"
    shown = world.sandbox.get(f"/shop/api/orders/{number}").json()
    assert shown["is_paid"] is True
    world.until(
        lambda: bool(world.sandbox.get(f"/shop/api/orders/{number}").json().get("parcels")),
        what="for the ship notice",
    )
    with world.database.transaction() as session:
        assert inventory.reconcile(session, repair=False, now=clock.now()) == []
    assert world.items() == []
