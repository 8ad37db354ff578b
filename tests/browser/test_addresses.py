"""Addresses as customer service decides them: by keyboard, within seconds, for the next order too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_console import DESK, PHONE, violations, watched
from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.test_read_address import holds, send, stated
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core.db import Database
from yinuo.users.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# The keystroke-level model (Card, Moran and Newell): an average typist's key, and a decision.
KEY_SECONDS, DECISION_SECONDS = 0.28, 1.35


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


def check(page: Page, width: int) -> None:
    page.wait_for_timeout(1200)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_doubtful_address_is_decided_and_taught_by_keyboard_within_ten_seconds(
    world: World, signed_in: BrowserContext, capsys: pytest.CaptureFixture[str]
):
    send(world, "YNKEY1", **stated("云上花园城3幢"))
    send(world, "YNKEY2", **stated("云上花园城5幢"))
    send(world, "YNKEY3", **stated("示例小区7幢"))
    page = watched(signed_in, trouble := [])
    page.goto(f"{world.web}/addresses")
    queue = page.get_by_role("list", name="待确认的地址")
    expect(queue.get_by_role("listitem")).to_have_count(3)
    pressed = 0

    def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            page.keyboard.press(key)
            pressed += key.count("+") + 1

    press("j", "Enter")
    panel = page.get_by_role("complementary", name="确认地址")
    expect(panel.get_by_role("combobox", name="选省市区")).to_be_focused()
    page.keyboard.insert_text("余杭区")
    pressed += len("yuhangqu ")  # as it is typed in pinyin
    option = page.locator(".ant-select-item-option-active")
    expect(option).to_contain_text("浙江省 杭州市 余杭区")
    press("Enter")
    expect(page.locator(".place-choice")).to_contain_text("浙江省 杭州市 余杭区")
    press("Tab", "Space")
    expect(panel.get_by_label("别名", exact=True)).to_have_value("云上花园城")
    expect(panel.get_by_role("status")).to_contain_text("另外 1 单")
    check(page, DESK["width"])
    press("Control+Enter")
    expect(queue.get_by_role("listitem")).to_have_count(1, timeout=60_000)
    # What the alias settled is gone, too; the next one stands open by itself.
    expect(panel).to_contain_text("示例小区*幢")
    seconds = pressed * KEY_SECONDS + 3 * DECISION_SECONDS
    with capsys.disabled():
        print(f"\naddress decided and taught: {pressed} keys, about {seconds:.1f} s")
    assert seconds <= 10
    for number in ("YNKEY1", "YNKEY2"):
        world.until(lambda number=number: holds(world, number) == [], what=f"for {number}")
        assert world.order(number).region.district == "余杭区"
    send(world, "YNKEY4", **stated("云上花园城9幢"))
    assert holds(world, "YNKEY4") == []
    assert trouble == []


def test_what_was_considered_is_chosen_by_its_number(world: World, signed_in: BrowserContext):
    send(world, "YNNUM1", **stated("鼓楼区中山路1号"))
    page = watched(signed_in, trouble := [])
    page.goto(f"{world.web}/addresses")
    expect(page.get_by_role("list", name="待确认的地址").get_by_role("listitem")).to_have_count(1)
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    panel = page.get_by_role("complementary", name="确认地址")
    expect(panel.get_by_role("combobox", name="选省市区")).to_be_focused()
    second = panel.get_by_role("button", name="2 江苏省 徐州市 鼓楼区")
    expect(second).to_be_visible()
    page.keyboard.press("2")
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(panel.locator(".place-choice")).to_contain_text("江苏省 徐州市 鼓楼区")
    check(page, DESK["width"])
    page.set_viewport_size(PHONE)
    check(page, PHONE["width"])
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("没有待确认的地址")).to_be_visible()
    assert holds(world, "YNNUM1") == []
    assert world.order("YNNUM1").region.city == "徐州市"
    assert trouble == []


def test_an_alias_is_taken_back_and_the_next_order_waits_again(
    world: World, signed_in: BrowserContext
):
    send(world, "YNBACK1", **stated("梦想家园城3幢"))
    page = watched(signed_in, trouble := [])
    page.goto(f"{world.web}/addresses")
    page.get_by_role("button", name="确认订单 YNBACK1 的地址").click()
    expect(page.get_by_role("combobox", name="选省市区")).to_be_focused()
    page.keyboard.insert_text("余杭区")
    expect(page.locator(".ant-select-item-option-active")).to_contain_text("余杭区")
    page.keyboard.press("Enter")
    expect(page.locator(".place-choice")).to_contain_text("浙江省 杭州市 余杭区")
    page.get_by_text("存为别名").click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("没有待确认的地址")).to_be_visible()
    page.get_by_role("button", name="别名").click()
    aliases = page.get_by_role("list", name="别名")
    expect(aliases).to_contain_text("使用中")
    check(page, DESK["width"])
    page.get_by_role("button", name="撤回别名").click()
    expect(aliases).to_contain_text("已撤回")
    send(world, "YNBACK2", **stated("梦想家园城5幢"))
    assert holds(world, "YNBACK2") == ["address_doubtful"]
    assert trouble == []


def test_every_part_fits_both_widths_and_reads_aloud(world: World, signed_in: BrowserContext):
    send(world, "YNFIT1", **stated("示例小区7幢"))
    clear = send(world, "YNFIT2")
    page = watched(signed_in, trouble := [])
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for search in ("", f"?open={clear}", "?tab=aliases", "?tab=accuracy"):
            page.goto(f"{world.web}/addresses{search}")
            expect(page.get_by_role("main")).to_be_visible()
            check(page, size["width"])
        page.goto(f"{world.web}/addresses?tab=try")
        page.get_by_label("要试的地址").fill("李小明19900000002浙江杭州西湖区文三路12号")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("可自动通过")).to_be_visible()
        for words in ("西湖区", "李小明", "19900000002", "文三路12号"):
            expect(page.get_by_role("main")).to_contain_text(words)
        check(page, size["width"])
        page.goto(f"{world.web}/orders/{clear}")
        expect(page.get_by_role("heading", name="地址识别")).to_be_visible()
        check(page, size["width"])
    assert trouble == []
