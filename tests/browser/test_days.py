"""The day as a store manager sees it: sums, proof, a lost order found and pulled without reload."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_console import DESK, PHONE, violations, watched
from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.merchant import receiver
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core.db import Database
from yinuo.users.model import Role
from yinuo.workflows import certify_day

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # What was not pulled is lost at once: the test need not wait for two minutes.
    monkeypatch.setattr(certify_day, "NEXT_PULL", -timedelta(days=1))
    monkeypatch.setattr(certify_day, "AFTER_REPAIR_SECONDS", 0.2)
    with make_world(database, tmp_path, monkeypatch) as running:
        add_person(database, "manager", Role.STORE_MANAGER)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def signed_in(world: World, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="zh-CN", accept_downloads=True)
    yield context
    context.close()


def opened(world: World, context: BrowserContext, trouble: list[str]) -> Page:
    """Sign in and open the page."""
    page = context.new_page()
    page.goto(f"{world.web}/days")
    page.get_by_label("用户名").fill("manager")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="日报")).to_be_visible()
    page.close()
    page = watched(context, trouble)
    page.goto(f"{world.web}/days")
    return page


def check(page: Page, width: int) -> None:
    page.wait_for_timeout(1200)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def lose_an_order(world: World) -> str:
    """Let somebody buy while the shop's push gets lost, and return the number."""
    world.faults("shop", {"operation": "orders.push", "kind": "drop"})
    placed = world.sandbox.post(
        "/shop/api/orders",
        json={
            "lines": [{"listing": "MAT-60", "quantity": 1}],
            "receiver": receiver(),
            "pays_with": "wechat_pay",
        },
    )
    assert placed.status_code == 201
    return str(placed.json()["number"])


def test_a_lost_order_is_found_and_pulled_and_the_day_turns_green_by_itself(
    world: World, signed_in: BrowserContext
):
    number = world.buy(("RUG-160", 1))
    world.pay(number)
    world.until_status(number, "in_warehouse")
    lost = lose_an_order(world)
    trouble: list[str] = []
    page = opened(world, signed_in, trouble)
    shops = page.get_by_role("table")
    expect(shops.get_by_role("row", name="测试店铺 1 1 ¥399.00")).to_be_visible()
    proof = page.get_by_role("listitem").filter(has_text="测试店铺")
    # What changed in the last seconds is not listed yet: compared until it is.
    for _ in range(20):
        page.get_by_role("button", name="立即核对").click()
        page.wait_for_timeout(1500)
        if proof.get_by_text("有差异").count():
            break
    expect(proof.get_by_text("有差异")).to_be_visible()
    proof.get_by_role("button", name="测试店铺").click()
    panel = page.get_by_role("complementary", name="完整性差异")
    expect(panel.get_by_text(lost)).to_be_visible()
    check(page, DESK["width"])
    panel.get_by_role("button", name="重新拉单").click()
    page.get_by_role("button", name="执行").click()
    expect(proof.get_by_text("已对齐")).to_be_visible(timeout=30_000)
    expect(panel.get_by_text("逐单核对一致，没有差异。")).to_be_visible()
    assert world.order(lost).raw_number == lost
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)

    with page.expect_download() as started:
        page.get_by_role("link", name="下载 Excel").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(started.value.path()).read_bytes()))
    assert [row[0] for row in book["订单"].values][1:] == [number, lost]
    assert trouble == []


def test_a_phone_shows_the_day_and_steps_to_the_one_before(world: World, signed_in: BrowserContext):
    page = opened(world, signed_in, [])
    page.set_viewport_size(PHONE)
    expect(page.get_by_role("heading", name="各店铺")).to_be_visible()
    page.get_by_role("button", name="前一天").click()
    expect(page).to_have_url(re.compile(r"\?day=2"))
    expect(page.get_by_text("这一天还没有收款。")).to_be_visible()
    check(page, PHONE["width"])
