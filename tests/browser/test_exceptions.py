"""The exception queue: what one fix clears together, seen on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_addresses import check
from tests.browser.test_console import DESK, PHONE, watched
from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.merchant import order_body
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core.db import Database
from yinuo.users.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch, works=False) as running:
        add_person(database, "ops", Role.OPERATIONS)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(world: World, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    page = watched(context, trouble := [])
    page.goto(f"{world.web}/exceptions")
    page.get_by_label("用户名").fill("ops")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("没有待处理的异常")).to_be_visible()
    yield page
    context.close()
    # Before anybody has signed in, asking who it is is refused.
    assert [words for words in trouble if "401" not in words] == []


def test_a_product_is_named_once_and_all_its_orders_go_on(world: World, page: Page):
    for number in ("YNW1", "YNW2", "YNW3"):
        assert world.send(order_body(number, lines=[("P-GONE", 1)])).status_code == 202
    assert world.send(order_body("YNW4", lines=[("P-OTHER", 1)])).status_code == 202
    page.get_by_role("button", name="打开异常单：商品编码未知 · YNW2").click()
    card = page.get_by_role("region", name="同样原因的异常单")
    expect(card).to_contain_text("还有 2 张异常单是同样的原因")
    check(page, DESK["width"])
    page.set_viewport_size(PHONE)
    check(page, PHONE["width"])
    page.set_viewport_size(DESK)
    card.get_by_label("P-GONE 的商品编码").fill("MAT-5")
    page.get_by_title("MAT-50 浴室地垫").click()
    card.get_by_role("button", name="指定并重试同类").click()
    expect(card.get_by_role("status")).to_contain_text("3 张已开始，0 张没有成功，0 张没有做")
    expect(page.get_by_role("list", name="异常队列").get_by_role("listitem")).to_have_count(1)
    assert [world.order(number).lines[0].sku for number in ("YNW1", "YNW2", "YNW3")] == [
        "MAT-50"
    ] * 3
    assert world.find("YNW4") is None


def test_those_alike_are_cleared_with_one_note(world: World, page: Page):
    for number in ("YNC1", "YNC2"):
        assert world.send(order_body(number, lines=[("P-GONE", 1)])).status_code == 202
    row = page.get_by_role("list", name="异常队列").get_by_role("listitem").filter(has_text="YNC1")
    row.get_by_role("button", name="处理完成").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_text("无需处理").click()
    sheet.get_by_label("同样原因的另外 1 张也这样处理").check()
    sheet.get_by_role("button", name="处理完成").click()
    expect(page.get_by_text("没有待处理的异常")).to_be_visible()
    assert [item for item in world.items() if item[1] != "resolved"] == []
