"""The console as people use it: every page, both widths, by keyboard, live, and without harm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core.db import Database
from yinuo.orders import service as orders
from yinuo.users.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
AXE = Path(__file__).parents[2] / "console/node_modules/axe-core/axe.min.js"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PAGES = (
    "/today",
    "/orders",
    "/exceptions",
    "/stock",
    "/channels",
    "/connectors",
    "/audit",
    "/members",
)
STANDARDS = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']"


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch) as running:
        add_person(database, "admin", Role.IT_ADMIN)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def signed_in(world: World, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{world.web}/orders?view=held")
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{world.web}/orders?view=held")  # back where they wanted to go
    page.close()
    yield context
    context.close()


def watched(context: BrowserContext, trouble: list[str]) -> Page:
    """Open a tab whose errors and warnings are kept."""
    page = context.new_page()
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "console",
        lambda said: trouble.append(said.text) if said.type in {"error", "warning"} else None,
    )
    return page


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with a page, in short."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run(document, {{ runOnly: {STANDARDS} }})")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def test_every_page_fits_its_screen_reads_aloud_and_complains_of_nothing(
    world: World, signed_in: BrowserContext
):
    number = world.buy(("P-LOVE", 2))
    world.pay(number)
    order = world.until_status(number, "in_warehouse")
    trouble: list[str] = []
    page = watched(signed_in, trouble)
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for path in (*PAGES, "/stock?open=LOVE-2026", f"/orders/{order.id}"):
            page.goto(f"{world.web}{path}")
            expect(page.get_by_role("main")).to_be_visible()
            page.wait_for_load_state("load")
            page.wait_for_timeout(1200)
            assert violations(page) == [], f"{path} at {size['width']}"
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], f"{path} at {size['width']} is {wide} wide"
    assert trouble == []


def test_an_order_is_found_opened_and_followed_by_keyboard_alone(
    world: World, signed_in: BrowserContext
):
    numbers = [world.buy(("P-LOVE", 1)) for _ in range(3)]
    page = signed_in.new_page()
    page.goto(f"{world.web}/orders")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(4)
    for key in ("j", "j", "Enter"):
        page.keyboard.press(key)
    panel = page.get_by_role("complementary", name="订单详情")
    expect(panel).to_contain_text(numbers[1])  # the newest stands first
    page.keyboard.press("j")
    expect(panel).to_contain_text(numbers[0])
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type(numbers[2])
    page.keyboard.press("Enter")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)
    expect(page).to_have_url(re.compile(f"q={numbers[2]}"))


def test_a_sku_says_why_and_is_set_right_with_a_reason(world: World, signed_in: BrowserContext):
    with world.database.transaction() as session:
        session.execute(
            sa.text(
                "UPDATE stock_levels SET reserved = reserved + 3"
                " WHERE sku = 'LOVE-2026' AND warehouse = 'WH-HZ'"
            )
        )
    page = signed_in.new_page()
    page.goto(f"{world.web}/stock?open=LOVE-2026")
    panel = page.get_by_role("complementary", name="商品库存")
    expect(panel.get_by_role("heading", name="为什么是这个数")).to_be_visible()
    panel.get_by_role("button", name="按流水重算").click()
    dialog = page.get_by_role("dialog")
    change = dialog.get_by_role("row").filter(has_text="预占")
    expect(change).to_contain_text("WH-HZ")
    expect(change.get_by_role("cell").nth(2)).to_have_text("3")
    expect(change.get_by_role("cell").nth(3)).to_have_text("0")
    expect(dialog.get_by_role("button", name="确认修正")).to_be_disabled()
    dialog.get_by_label("原因").fill("对账发现差异")
    dialog.get_by_role("button", name="确认修正").click()
    expect(dialog).to_have_count(0)
    assert world.drift() == []
    panel.get_by_role("button", name="按流水重算").click()
    expect(page.get_by_text("账实一致，不用修正")).to_be_visible()


def test_a_row_changes_in_place_when_the_order_moves(world: World, signed_in: BrowserContext):
    number = world.buy(("P-LOVE", 1))
    page = signed_in.new_page()
    page.goto(f"{world.web}/orders")
    row = page.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text("待付款")
    page.evaluate("window.stays = true")
    world.pay(number)
    expect(row).to_contain_text("仓库作业中", timeout=60_000)
    assert page.evaluate("window.stays") is True


def test_eight_tabs_share_one_live_connection(world: World, signed_in: BrowserContext):
    tabs = [signed_in.new_page() for _ in range(8)]
    for tab in tabs:
        tab.goto(f"{world.web}/orders")
    for tab in tabs:
        expect(tab.get_by_role("status").filter(has_text="实时")).to_be_visible(timeout=60_000)
    assert 'yinuo_live_clients{stream="hints"} 1.0' in world.client.get("/metrics").text
    number = world.buy(("P-LOVE", 1))
    for tab in tabs:
        expect(tab.get_by_role("row").filter(has_text=number)).to_be_visible(timeout=60_000)


def test_the_receiver_is_shown_after_a_reason_that_the_audit_keeps(
    world: World, signed_in: BrowserContext
):
    number = world.buy(("P-LOVE", 1))
    order = world.order(number)
    with world.database.read() as session:
        phone = orders.reveal_receiver(session, order.id).phone
    page = signed_in.new_page()
    page.goto(f"{world.web}/orders/{order.id}")
    main = page.get_by_role("main")
    expect(main).to_contain_text("****")
    expect(main).not_to_contain_text(phone)
    page.get_by_role("button", name="查看完整信息").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="查看", exact=True)).to_be_disabled()
    dialog.get_by_label("原因").fill("买家来电核对地址")
    dialog.get_by_role("button", name="查看", exact=True).click()
    expect(main).to_contain_text(phone)
    page.goto(f"{world.web}/audit?object={order.id}")
    page.get_by_role("button", name="看改动").click()
    expect(page.get_by_role("main")).to_contain_text("买家来电核对地址", timeout=60_000)


def test_a_cancellation_is_asked_for_and_its_end_shown(world: World, signed_in: BrowserContext):
    number = world.buy(("P-LOVE", 1))
    page = signed_in.new_page()
    page.goto(f"{world.web}/orders/{world.order(number).id}")
    page.get_by_role("button", name="取消订单").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="买家不想要了").click()
    dialog.get_by_role("button", name="取消订单，不能恢复").click()
    expect(page.get_by_role("main")).to_contain_text("已取消", timeout=60_000)
    expect(page.get_by_role("button", name="取消订单", exact=True)).to_have_count(0)
    assert world.order(number).fulfillment_status.value == "cancelled"


def test_the_whole_console_speaks_english(world: World, signed_in: BrowserContext):
    page = signed_in.new_page()
    page.goto(f"{world.web}/today")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Exceptions").first).to_be_visible()
    for path in PAGES:
        if path in {"/connectors", "/channels"}:
            continue  # names of stand-ins and of shops are Chinese
        page.goto(f"{world.web}{path}")
        expect(page.get_by_role("navigation", name="Main navigation").first).to_be_visible()
        page.wait_for_timeout(800)
        labels = page.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,th,label,button,nav a,[role=columnheader]')]"
            ".map(one => one.textContent).join('\\n')"
        )
        ours = labels.replace("中文", "").replace("诺", "")  # the switch back, and the seal
        assert re.findall(r"[\u4e00-\u9fff]+", ours) == [], path
