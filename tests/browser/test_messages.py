"""Group messages as customer service makes orders of them: pasted, put right, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_addresses import check
from tests.browser.test_console import DESK, PHONE, watched
from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.channels.service import messages
from yinuo.core.db import Database
from yinuo.users.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WHOLE = "要2盒 LOVE-2026 张晓梅 19900000001 浙江省杭州市西湖区文三路138号3幢501室"


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
    page.goto(f"{world.web}/messages")
    page.get_by_label("用户名").fill("cs")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有待确认的群消息")).to_be_visible()
    page.close()
    yield context
    context.close()


def paste(page: Page, text: str) -> None:
    box = page.get_by_label("粘贴群消息")
    box.fill(text)
    box.press("Control+Enter")
    expect(box).to_have_value("", timeout=30_000)


def ordered(world: World) -> list[str]:
    with world.database.read() as session:
        page = messages.group_messages(session, state=None, cursor=None, limit=50)
    return [draft.order_id for message in page.items for draft in message.drafts if draft.order_id]


def test_a_complete_message_becomes_an_order_at_once(world: World, signed_in: BrowserContext):
    page = watched(signed_in, trouble := [])
    page.goto(f"{world.web}/messages")
    paste(page, WHOLE)
    expect(page.get_by_text("已自动成单")).to_be_visible()
    page.get_by_role("button", name="已成单").click()
    page.get_by_role("list", name="群消息").get_by_role("button").click()
    panel = page.get_by_role("complementary", name="群消息")
    expect(panel.locator("mark.field-name")).to_have_text("张晓梅")
    expect(panel.get_by_role("link", name="看这一单")).to_be_visible()
    check(page, DESK["width"])
    assert len(ordered(world)) == 1
    assert trouble == []


def test_what_is_missing_is_filled_in_and_confirmed_by_keyboard_alone(
    world: World, signed_in: BrowserContext
):
    page = watched(signed_in, trouble := [])
    page.goto(f"{world.web}/messages")
    paste(page, "要2盒 LOVE-2026 张晓梅")
    panel = page.get_by_role("complementary", name="群消息")
    expect(panel.get_by_text("张晓梅您好！")).to_be_visible()
    expect(panel.locator("mark.field-quantity")).to_have_text("2盒")
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("e")
    phone = panel.get_by_label("电话", exact=True)
    expect(phone).to_be_focused()
    page.keyboard.type("19900000001")
    page.keyboard.press("Enter")
    expect(panel.get_by_label("地址", exact=True)).to_be_focused()
    page.keyboard.insert_text("浙江省杭州市西湖区文三路138号3幢501室")
    check(page, DESK["width"])
    page.set_viewport_size(PHONE)
    check(page, PHONE["width"])
    page.set_viewport_size(DESK)
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有待确认的群消息")).to_be_visible(timeout=30_000)
    assert len(ordered(world)) == 1
    assert trouble == []


def test_a_draft_is_put_aside_with_x_and_taken_back_with_z(world: World, signed_in: BrowserContext):
    page = watched(signed_in, trouble := [])
    page.goto(f"{world.web}/messages")
    paste(page, "要2盒 LOVE-2026 张晓梅")
    panel = page.get_by_role("complementary", name="群消息")
    expect(panel.get_by_role("button", name="确认成单")).to_be_visible()
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("x")
    expect(page.get_by_text("没有待确认的群消息")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("status").filter(has_text="已标为不是订单")).to_be_visible()
    page.keyboard.press("z")
    queue = page.get_by_role("list", name="群消息")
    expect(queue.get_by_role("listitem")).to_have_count(1, timeout=30_000)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="确认成单")).to_be_visible()
    assert ordered(world) == []
    assert trouble == []


def test_a_word_is_taught_and_understood_in_the_next_message(
    world: World, signed_in: BrowserContext
):
    page = watched(signed_in, trouble := [])
    page.goto(f"{world.web}/messages?tab=words")
    page.get_by_label("群里的叫法").fill("爱心盒")
    page.get_by_label("商品编码").fill("LOVE-2026")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="教", exact=True).click()
    expect(page.get_by_role("list", name="商品叫法")).to_contain_text("爱心盒")
    check(page, DESK["width"])
    page.get_by_role("button", name="待确认").click()
    paste(page, WHOLE.replace("LOVE-2026", "爱心盒"))
    expect(page.get_by_text("已自动成单")).to_be_visible()
    assert len(ordered(world)) == 1
    assert trouble == []
