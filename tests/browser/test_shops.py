"""The shops' page as an operations supervisor uses it: rules seen before they count, watching, going live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_console import DESK, PHONE, violations, watched
from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.merchant import SHOP
from tests.workflows.test_observe_shop import begin, count, paid
from tests.workflows.test_sharing import wanted
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.channels import service as channels
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users.model import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch) as running:
        add_person(database, "supervisor", Role.OPERATIONS)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def signed_in(world: World, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{world.web}/shops")
    page.get_by_label("用户名").fill("supervisor")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="店铺", exact=True)).to_be_visible()
    page.close()
    yield context
    context.close()


def check(page: Page) -> None:
    """See at both widths that nothing is cut off and all of it reads aloud."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        page.wait_for_timeout(1000)
        assert violations(page) == [], size
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_rule_is_seen_before_it_counts_and_told_to_the_shop(
    world: World, signed_in: BrowserContext
):
    count(world, "RUG-160", HZ=40, GZ=0)
    trouble: list[str] = []
    page = watched(signed_in, trouble)
    page.goto(f"{world.web}/shops")
    page.get_by_role("button", name="测试店铺").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="测试店铺")
    expect(panel).to_contain_text("全部可售")
    check(page)
    panel.get_by_role("button", name="修改").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("保留数", exact=True).fill("10")
    dialog.get_by_label("共享比例（%）", exact=True).fill("50")
    preview = dialog.get_by_role("complementary", name="预览")
    preview.get_by_label("用哪些商品编码预览").fill("RUG-160")
    page.keyboard.press("Enter")
    row = preview.get_by_role("row").filter(has_text="RUG-160")
    expect(row.get_by_role("cell").nth(1)).to_have_text("40")
    expect(row.get_by_role("cell").nth(2)).to_have_text("15")  # half of what is over the buffer
    check(page)
    assert wanted(world, SHOP, "RUG-160") == 40  # nothing counts before it is saved
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_have_count(0)
    expect(panel).to_contain_text("保留 10 件，可售的 50%")
    world.until(lambda: wanted(world, SHOP, "RUG-160") == 15, what="for the figure")
    expect(panel).to_contain_text("库存已同步")
    assert trouble == []


def test_the_second_editor_is_told_of_the_first_and_keeps_what_was_typed(
    world: World, signed_in: BrowserContext
):
    page = signed_in.new_page()
    page.goto(f"{world.web}/shops?open={SHOP}")
    page.get_by_role("button", name="修改").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill("我改的名字")
    with world.database.transaction() as session:
        record = channels.load_record(session, SHOP)
        channels.change_shop(
            session,
            replace(record.shop, name="别人改的名字"),
            sharing=record.sharing,
            version=record.version,
            by="别人",
            now=clock.now(),
        )
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_label("名称")).to_have_value("我改的名字")
    check(page)
    dialog.get_by_role("button", name="仍保存我的修改").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="我改的名字")).to_be_visible()


def test_watching_tells_what_it_would_have_prevented_and_is_ended_order_by_order(
    world: World, signed_in: BrowserContext
):
    count(world, "MAT-50", HZ=3, GZ=0)
    begin(world)
    paid(world, "WATCH1", "MAT-50", 3, 4900)
    short = paid(world, "WATCH2", "MAT-50", 2, 4900)
    trouble: list[str] = []
    page = watched(signed_in, trouble)
    page.goto(f"{world.web}/shops?open={SHOP}")
    panel = page.get_by_role("complementary", name="测试店铺")
    expect(panel).to_contain_text("避免超卖 1 单，值 ¥98.00")
    oversells = panel.get_by_role("list", name="避免的超卖")
    expect(oversells).to_contain_text("要 2 件，缺 2 件")
    expect(oversells).to_contain_text("WATCH1")
    check(page)
    panel.get_by_role("button", name="转为正式运行").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("还有 2 张旁观订单")
    dialog.get_by_text("逐张决定").click()
    check(page)
    dialog.get_by_role("button", name="正式运行").click()
    expect(dialog).to_have_count(0)
    undecided = panel.get_by_role("list", name="待决定的旁观订单")
    expect(undecided.get_by_role("listitem")).to_have_count(2)
    line = undecided.get_by_role("listitem").filter(has_text="WATCH2")
    line.get_by_role("button", name="关闭").click()
    dialog.get_by_role("button", name="关闭").click()
    expect(undecided.get_by_role("listitem")).to_have_count(1)
    undecided.get_by_role("button", name="接管").click()
    dialog.get_by_role("button", name="接管").click()
    expect(undecided).to_have_count(0)
    world.until(lambda: world.claimed("WATCH1") == {"MAT-50": 3}, what="for the claim")
    assert world.items_of(short) == []
    assert trouble == []
