"""The day's groups as a person sees them: told, refused, told again; a test message to a group."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_console import DESK, PHONE, violations, watched
from tests.browsing import PASSWORD, add_person, chromium
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Database
from yinuo.users.model import Role
from yinuo.workflows import tell_robots

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch) as running:
        add_person(database, "admin", Role.IT_ADMIN)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def seen(world: World, robot: str) -> list[str]:
    state = world.sandbox.get(f"/control/systems/{robot}-robot/state").json()["state"]
    return [str(one["text"]) for one in state["messages"]]


def check(page: Page, width: int) -> None:
    page.wait_for_timeout(1200)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_group_that_was_not_told_is_told_again_and_a_robot_is_tried(
    world: World, browser: Browser
):
    fault = {"operation": "robot.send", "kind": "error", "code": "19024"}
    world.faults("feishu-robot", fault)
    # An edition that no round of this evening makes.
    day = clock.now().astimezone(SHANGHAI).date()
    with world.database.transaction() as session:
        assert tell_robots.plan(session, day, 9, shops={}, is_changed=True) == 3
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{world.web}/days")
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="日报")).to_be_visible()
    page.close()
    trouble: list[str] = []
    page = watched(context, trouble)
    page.goto(f"{world.web}/days")

    def row(label: str) -> Locator:
        rows = page.get_by_role("listitem").filter(has_text=label)
        return rows.filter(has_text="第 9 版")

    expect(row("企业微信群机器人（wecom）").get_by_text("已发送")).to_be_visible()
    refused = row("飞书群机器人（feishu）")
    expect(refused.get_by_text("发送失败")).to_be_visible(timeout=20_000)
    expect(refused.get_by_text("群机器人拒绝了这条消息")).to_be_visible()
    check(page, DESK["width"])
    world.faults("feishu-robot")
    refused.get_by_role("button", name="给 飞书群机器人（feishu） 再发一次").click()
    page.get_by_role("button", name="发 送").or_(
        page.get_by_role("button", name="发送", exact=True)
    ).click()
    expect(refused.get_by_text("已发送")).to_be_visible(timeout=20_000)
    assert sum("（更正）" in text for text in seen(world, "feishu")) == 1
    page.set_viewport_size(PHONE)
    check(page, PHONE["width"])

    page.set_viewport_size(DESK)
    page.goto(f"{world.web}/connectors")
    before = len(seen(world, "dingtalk"))
    page.get_by_role("button", name="给 钉钉群机器人（dingtalk） 发一条测试消息").click()
    page.get_by_role("button", name="发 送").or_(
        page.get_by_role("button", name="发送", exact=True)
    ).click()
    expect(page.get_by_text("钉钉群机器人（dingtalk）：测试消息已发到群里")).to_be_visible()
    assert len(seen(world, "dingtalk")) == before + 1
    assert "一诺测试消息" in seen(world, "dingtalk")[0]
    assert trouble == []
    context.close()
