"""A file of orders as an operations supervisor imports it: mapped, checked, started, put right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.test_addresses import check
from tests.browser.test_console import DESK, PHONE, watched
from tests.browsing import PASSWORD, add_person, chromium
from tests.channels.imports.sheets import HEADER, row, xlsx_of
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core.db import Database
from yinuo.users.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
GOODS = {"商品编码": "LOVE-2026"}


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch) as running:
        add_person(database, "ops", Role.OPERATIONS)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def signed_in(world: World, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{world.web}/imports")
    page.get_by_label("用户名").fill("ops")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("还没有导入过订单")).to_be_visible()
    page.close()
    yield context
    context.close()


def test_a_file_is_mapped_checked_imported_and_its_problems_downloaded(
    world: World, signed_in: BrowserContext, tmp_path: Path
):
    page = watched(signed_in, trouble := [])
    page.goto(f"{world.web}/imports")
    expect(page.get_by_text("还没有导入过订单")).to_be_visible()
    check(page, DESK["width"])
    file = tmp_path / "十一月订单.xlsx"
    header = ["甲", *HEADER[1:]]
    file.write_bytes(
        xlsx_of(row("A1001", **GOODS), row("A1002", **GOODS, 数量="两件"), header=header)
    )
    page.locator("input[type=file]").set_input_files(file)

    expect(page.get_by_text("还缺必填的列：订单号")).to_be_visible()
    expect(page.get_by_text("A1001 · A1002")).to_be_visible()
    expect(page.get_by_text("（无表头）")).to_have_count(0)
    check(page, DESK["width"])
    page.get_by_label("甲 对应").click()
    page.locator(".ant-select-dropdown").get_by_text("订单号", exact=True).click()
    expect(page.get_by_text("核对结果（还没有导入）")).to_be_visible()
    expect(page.get_by_text("数量“两件”应是 1 到 9999 的整数")).to_be_visible()
    check(page, DESK["width"])

    page.get_by_role("button", name="开始导入").click()
    page.get_by_role("tooltip").get_by_role("button", name="开始导入").click()
    expect(page.get_by_text("已完成")).to_be_visible()
    expect(page.get_by_text("2 / 2")).to_be_visible()
    with page.expect_download() as told:
        page.get_by_role("link", name="下载问题行（CSV）").click()
    text = Path(told.value.path()).read_bytes().decode("utf-8-sig")
    assert text.splitlines()[1].startswith("A1002,")
    assert text.splitlines()[1].endswith("数量“两件”应是 1 到 9999 的整数")
    check(page, DESK["width"])
    page.set_viewport_size(PHONE)
    check(page, PHONE["width"])

    page.get_by_role("button", name="返回列表").click()
    expect(page.get_by_role("button", name="十一月订单.xlsx")).to_be_visible()
    check(page, PHONE["width"])
    assert world.order("A1001").payment_status.value == "paid"
    assert world.find("A1002") is None
    assert trouble == []
