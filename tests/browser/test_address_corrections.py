"""What customer service must be able to rely on when it puts addresses right and takes them back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.test_addresses import check
from tests.browser.test_console import DESK, PHONE, watched
from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.test_read_address import holds, send, stated
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core.db import Database
from yinuo.users.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch) as running:
        add_person(database, "cs", Role.CUSTOMER_SERVICE)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def signed_in(world: World, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{world.web}/addresses")
    page.get_by_label("用户名").fill("cs")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有待确认的地址")).to_be_visible()
    page.close()
    yield context
    context.close()


def open_address(world: World, page: Page, order_id: str) -> Locator:
    page.goto(f"{world.web}/addresses?open={order_id}")
    panel = page.get_by_role("complementary", name="确认地址")
    expect(panel.get_by_role("combobox", name="选省市区")).to_be_focused()
    return panel


def choose(page: Page, place: str) -> None:
    page.keyboard.insert_text(place)
    expect(page.locator(".ant-select-item-option-active")).to_contain_text(place)
    page.keyboard.press("Enter")
    expect(page.locator(".place-choice")).to_contain_text(place)


def teach(page: Page, panel: Locator, *, place: str) -> None:
    choose(page, place)
    panel.get_by_text("存为别名").click()
    expect(panel.get_by_role("status")).to_be_visible()
    panel.get_by_role("button", name="保存").click()


def audited(world: World, action: str) -> list[tuple[str, object]]:
    entries = sa.text("SELECT object, after FROM audit_entries WHERE action = :action")
    with world.database.read() as session:
        return [tuple(row) for row in session.execute(entries, {"action": action})]


def test_a_conflict_is_shown_and_saved_only_by_a_second_conscious_press(
    world: World, signed_in: BrowserContext
):
    first = send(world, "YNCONF1", **stated("云上花园城3幢"))
    page = watched(signed_in, trouble := [])
    teach(page, open_address(world, page, first), place="余杭区")
    expect(page.get_by_text("没有待确认的地址")).to_be_visible()

    panel = open_address(world, page, first)
    choose(page, "西湖区")
    panel.get_by_text("存为别名").click()
    panel.get_by_label("别名", exact=True).fill("云上花园城")
    panel.get_by_label("仅本店铺").check()
    warning = panel.get_by_role("alert")
    expect(warning).to_contain_text("与已有的规则冲突")
    expect(warning).to_contain_text("别名“云上花园城”现在指 浙江省 杭州市 余杭区")
    check(page, DESK["width"])
    page.set_viewport_size(PHONE)
    check(page, PHONE["width"])
    page.set_viewport_size(DESK)
    assert aliases(world, page) == 1
    panel.get_by_role("button", name="保存（Ctrl Enter）").click()
    again = panel.get_by_role("button", name="知道冲突，仍要保存")
    expect(again).to_be_visible()
    assert aliases(world, page) == 1
    again.click()
    expect(again).to_be_hidden()
    assert aliases(world, page) == 2
    # The refusal of the first press is what a browser calls a failed request.
    assert [line for line in trouble if "409" not in line] == []


def aliases(world: World, page: Page) -> int:
    shown = page.request.get(f"{world.web}/api/v1/addresses/aliases?standing=true").json()
    return len(shown["items"])


def test_a_masked_number_is_shown_only_with_a_reason_that_the_audit_keeps(
    world: World, signed_in: BrowserContext
):
    order_id = send(world, "YNSEEN1", **stated("示例小区78幢"))
    page = watched(signed_in, trouble := [])
    panel = open_address(world, page, order_id)
    expect(panel).to_contain_text("示例小区**幢")
    expect(panel).not_to_contain_text("78幢")
    assert audited(world, "addresses.reveal") == []
    panel.get_by_role("button", name="查看完整信息").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="买家来电核对地址").click()
    dialog.locator(".ant-btn-primary").click()
    expect(panel).to_contain_text("示例小区78幢")
    assert audited(world, "addresses.reveal") == [(order_id, {"reason": "买家来电核对地址"})]
    assert trouble == []


def test_an_address_read_rightly_is_accepted_as_it_is_and_its_row_goes(
    world: World, signed_in: BrowserContext
):
    order_id = send(world, "YNHERE1", **stated("浙江省南京市鼓楼区中山路1号"))
    page = watched(signed_in, trouble := [])
    page.goto(f"{world.web}/addresses")
    queue = page.get_by_role("list", name="待确认的地址")
    expect(queue.get_by_role("listitem")).to_have_count(1)
    expect(queue.locator("mark")).to_have_text(["浙江省", "南京市", "鼓楼区"])
    expect(queue.locator("mark.mark-doubt")).to_have_text(["浙江省", "南京市"])
    entry = page.get_by_role("navigation").get_by_role("link", name="地址")
    expect(entry.locator(".rail-badge")).to_have_text("1")
    check(page, DESK["width"])
    panel = open_address(world, page, order_id)
    panel.get_by_role("button", name="就是这里").click()
    expect(page.get_by_text("没有待确认的地址")).to_be_visible()
    expect(entry.locator(".rail-badge")).to_have_count(0)
    world.until(lambda: holds(world, "YNHERE1") == [], what="for the order to go on")
    assert trouble == []


def test_a_wrong_alias_is_taken_back_in_one_click(world: World, signed_in: BrowserContext):
    first = send(world, "YNONE1", **stated("梦想家园城3幢"))
    page = watched(signed_in, trouble := [])
    teach(page, open_address(world, page, first), place="余杭区")
    expect(page.get_by_text("没有待确认的地址")).to_be_visible()
    page.goto(f"{world.web}/addresses?tab=aliases")
    page.get_by_role("button", name="撤回别名 梦想家园城").click()
    expect(page.get_by_role("list", name="别名")).to_contain_text("已撤回")
    assert len(audited(world, "addresses.roll_back_alias")) == 1
    send(world, "YNONE2", **stated("梦想家园城5幢"))
    assert holds(world, "YNONE2") == ["address_doubtful"]
    assert trouble == []


def test_accuracy_is_drawn_by_channel_and_an_unconnected_map_says_so(
    world: World, signed_in: BrowserContext
):
    send(world, "YNDRAW1")
    page = watched(signed_in, trouble := [])
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.goto(f"{world.web}/addresses?tab=accuracy")
        drawn = page.get_by_role("img", name="的准确率走势")
        expect(drawn).to_contain_text("100%")
        expect(drawn.locator("circle")).to_have_count(1)
        expect(page.get_by_text("没有连接高德地图")).to_be_visible()
        check(page, size["width"])
        # Wide tables scroll in themselves, the page does not.
        assert page.locator(".accuracy").evaluate("box => box.scrollWidth <= box.clientWidth")
    assert trouble == []
