"""Payment reconciliation as a store manager uses it: a day, what differs, and settling it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_console import DESK, PHONE, violations, watched
from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.test_reconcile_payments import bought, days_later, open_items, today
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core.db import Database
from yinuo.users.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch, works=False) as running:
        add_person(database, "manager", Role.STORE_MANAGER)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def signed_in(world: World, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    yield context
    context.close()


def opened(world: World, context: BrowserContext, trouble: list[str]) -> Page:
    """Sign in and open the page."""
    page = context.new_page()
    page.goto(f"{world.web}/payments")
    page.get_by_label("用户名").fill("manager")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="收款对账")).to_be_visible()
    page.close()
    page = watched(context, trouble)
    page.goto(f"{world.web}/payments")
    return page


def check(page: Page, width: int) -> None:
    page.wait_for_timeout(1200)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_day_is_compared_looked_at_and_settled_by_keyboard(
    world: World, signed_in: BrowserContext
):
    silent = bought(world, "wechat_pay", is_silent=True)
    bought(world, "alipay")
    world.faults("alipay", {"operation": "bill/line", "kind": "drop"})
    world.faults("wechat-pay", {"operation": "pay/query", "kind": "error"})
    day, trouble = today().isoformat(), []
    with days_later(1):
        page = opened(world, signed_in, trouble)
        expect(page.get_by_text("还没有对过账")).to_be_visible()
        check(page, DESK["width"])
        start = page.get_by_role("button", name="对账这一天")
        start.focus()
        page.keyboard.press("Enter")
        panel = page.get_by_role("complementary", name="当天对账")
        expect(panel.get_by_role("heading", name="对账单有、一诺没有")).to_be_visible()
        expect(panel.get_by_role("heading", name="一诺有、对账单没有")).to_be_visible()
        expect(page.get_by_role("list", name="对账的日子")).to_contain_text("2 处差异")
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            check(page, size["width"])

        world.faults("wechat-pay")
        missing = panel.get_by_role("listitem").filter(has_text="微信支付")
        missing.get_by_role("button", name="向支付平台查询").focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("支付平台确认收到 259.90 元")
        expect(dialog.get_by_role("button", name="确认补账")).to_be_disabled()
        check(page, DESK["width"])
        page.keyboard.type("支付通知没有收到")
        dialog.get_by_role("button", name="确认补账").focus()
        page.keyboard.press("Enter")
        expect(dialog).to_have_count(0)
        expect(panel).to_contain_text("已向支付平台查询并补记收款")
        assert world.order(silent).paid_fen == 25990

        panel.get_by_role("button", name="认可差异").click()
        dialog.get_by_role("button", name="已在支付平台核对").click()
        dialog.get_by_role("button", name="确认认可").click()
        expect(dialog).to_have_count(0)
        expect(panel).to_contain_text("已认可")
        expect(page.get_by_role("list", name="对账的日子")).not_to_contain_text("处差异")
        assert open_items(world) == []
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        page.goto(f"{world.web}/payments?open={day}")
        expect(panel).to_contain_text("已处理")
        panel.get_by_role("link", name=silent).click()
        expect(page).to_have_url(f"{world.web}/orders/{world.order(silent).id}")
    assert trouble == []


def test_a_page_that_cannot_be_read_says_so_and_tries_again(
    world: World, signed_in: BrowserContext
):
    page = opened(world, signed_in, [])
    signed_in.route("**/api/v1/payments/**", lambda route: route.abort())
    page.goto(f"{world.web}/payments")
    alert = page.get_by_role("main").get_by_role("alert")
    expect(alert).to_be_visible(timeout=60_000)
    check(page, DESK["width"])
    signed_in.unroute("**/api/v1/payments/**")
    alert.get_by_role("button", name="再试一次").click()
    expect(page.get_by_text("还没有对过账")).to_be_visible()
