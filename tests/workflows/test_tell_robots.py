"""Group robots are told a day once, whatever else fails; what fails is seen by a person."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.reports.builders import put
from tests.workflows.world import World, working
from tests.workflows.world import world as make_world
from yinuo.core import clock, durable
from yinuo.core.db import Database
from yinuo.notices import service as notices
from yinuo.notices.model import NoticeKey, NoticeState, NoticeUnderway, RobotNotice, UnknownNotice
from yinuo.users.model import SYSTEM
from yinuo.workflows import daily_summary, tell_robots

DAY = date(2026, 11, 22)
EVENING = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)  # 18:30 in Shanghai
ROBOTS = ("dingtalk", "feishu", "wecom")
ME = SYSTEM


@pytest.fixture
def quiet(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world with three robots in which nothing is carried out by itself."""
    with make_world(database, tmp_path, monkeypatch, works=False) as running:
        yield running


@pytest.fixture
def evening(quiet: World) -> Iterator[clock.FixedClock]:
    """Hold the evening of a day of two orders that nobody was told of yet."""
    with quiet.database.transaction() as session:
        put(session, "A", total=25_990, is_paid=True)
        put(session, "B", total=5_000)
    with clock.fixed(EVENING) as held:
        yield held


def seen(world: World, robot: str) -> list[str]:
    """Return what a group has seen of the day, oldest first."""
    state = world.sandbox.get(f"/control/systems/{robot}-robot/state").json()["state"]
    texts = [str(one["text"]) for one in reversed(state["messages"])]
    return [text for text in texts if DAY.isoformat() in text.splitlines()[0]]


def notice(world: World, robot: str, *, edition: int = 1) -> RobotNotice:
    with world.database.read() as session:
        found = notices.list_day(session, DAY)
    return next(one for one in found if (one.key.robot, one.key.edition) == (robot, edition))


def speak(robot: str, attempt: int = 1, *, edition: int = 1) -> str:
    return tell_robots.speak(DAY.isoformat(), edition, robot, attempt)


def is_started(world: World, robot: str, attempt: int) -> bool:
    return durable.state(world.database, f"tell:{DAY}:1:{robot}:{attempt}") is not None


def test_a_day_is_told_although_nothing_ran_at_its_evening(quiet: World, evening):
    evening.advance(seconds=3 * 3600)
    with working(quiet.hub):
        quiet.until(
            lambda: all(len(seen(quiet, robot)) == 1 for robot in ROBOTS), what="for the groups"
        )
        quiet.until(lambda: all(notice(quiet, robot).told_at for robot in ROBOTS))
    assert [len(seen(quiet, robot)) for robot in ROBOTS] == [1, 1, 1]
    lines = seen(quiet, "wecom")[0].splitlines()
    assert lines[:4] == [
        "**一诺日报 2026-11-22**",
        "合计：下单 2，已付 1 单 ¥259.90，退款 ¥0.00，挂起 0，超 72 小时 0",
        "完整性差异：没有",
        "待处理异常单：0",
    ]
    assert lines[-1] == f"[打开日报]({LINK})"
    assert "138" not in "".join(lines)


LINK = "http://127.0.0.1:8700/days?day=2026-11-22"


def test_many_workers_at_once_plan_one_notice_a_robot(quiet: World, evening):
    threads = [threading.Thread(target=daily_summary.tell_due) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with quiet.database.read() as session:
        keys = [one.key.robot for one in notices.list_day(session, DAY)]
    assert keys == list(ROBOTS)
    assert all(is_started(quiet, robot, 1) for robot in ROBOTS)
    assert speak("wecom") == "told"
    assert [speak("wecom") for _ in range(3)] == ["overtaken"] * 3
    assert len(seen(quiet, "wecom")) == 1


@pytest.mark.parametrize("away", ROBOTS)
def test_a_robot_that_is_away_does_not_stop_the_others(quiet: World, evening, away: str):
    daily_summary.tell_due()
    quiet.faults(f"{away}-robot", {"operation": "robot.send", "kind": "error"})
    ended = {robot: speak(robot) for robot in ROBOTS}

    assert ended == {robot: "put_off" if robot == away else "told" for robot in ROBOTS}
    waiting = notice(quiet, away)
    assert (waiting.state, waiting.attempt, waiting.error) == (
        NoticeState.WAITING,
        2,
        "connectors.busy",
    )
    seconds = 600 if away == "dingtalk" else 60
    assert waiting.next_at == EVENING + timedelta(seconds=seconds)
    assert is_started(quiet, away, 2)
    quiet.faults(f"{away}-robot")
    assert speak(away, 1) == "overtaken"
    assert speak(away, 2) == "told"
    assert len(seen(quiet, away)) == 1
    assert "再次发送" not in seen(quiet, away)[0]


@pytest.mark.parametrize("robot", ROBOTS)
def test_a_lost_answer_is_told_again_and_marked(quiet: World, evening, robot: str):
    daily_summary.tell_due()
    fault = {"operation": "robot.send", "kind": "lose_answer", "times": 1}
    quiet.faults(f"{robot}-robot", fault)

    assert speak(robot, 1) == "put_off"
    assert notice(quiet, robot).error == "connectors.outcome_unknown"
    assert speak(robot, 2) == "told"
    first, second = seen(quiet, robot)
    assert "再次发送" not in first
    assert "一诺日报 2026-11-22（再次发送）" in second


def test_a_process_that_died_while_it_spoke_says_it_again_marked(quiet: World, evening):
    daily_summary.tell_due()
    key = NoticeKey(day=DAY, edition=1, robot="feishu")
    with quiet.database.transaction() as session:
        assert notices.begin(session, key, 1, now=EVENING) is not None
    with pytest.raises(NoticeUnderway):
        tell_robots.send_again(DAY, 1, "feishu", actor=ME)

    assert speak("feishu") == "told"
    assert "（再次发送）" in seen(quiet, "feishu")[0]


@pytest.mark.parametrize(
    ("robot", "code"), [("wecom", "93000"), ("feishu", "19024"), ("dingtalk", "310000")]
)
def test_a_refusal_is_a_work_item_until_a_person_sends_again(
    quiet: World, evening, robot: str, code: str
):
    daily_summary.tell_due()
    quiet.faults(f"{robot}-robot", {"operation": "robot.send", "kind": "error", "code": code})

    assert speak(robot) == "failed"
    assert notice(quiet, robot).state is NoticeState.FAILED
    assert quiet.items_of(robot) == [("robot_failed", "open")]
    quiet.faults(f"{robot}-robot")
    assert tell_robots.send_again(DAY, 1, robot, actor=ME).attempt == 2
    assert speak(robot, 2) == "told"
    assert quiet.items_of(robot) == [("robot_failed", "resolved")]
    assert len(seen(quiet, robot)) == 1
    with quiet.database.read() as session:
        audited = session.execute(
            sa.text("SELECT count(*) FROM audit_entries WHERE action = 'summaries.tell_again'")
        )
        assert audited.scalar_one() == 1


def test_what_stays_away_is_given_up_and_told_to_a_person(quiet: World, evening):
    daily_summary.tell_due()
    fault = {"operation": "robot.send", "kind": "error", "code": "45009"}
    quiet.faults("wecom-robot", fault)
    ended, pauses = [], []
    for attempt in range(1, 20):
        before = clock.now()
        ended.append(speak("wecom", attempt))
        if ended[-1] == "failed":
            break
        later = notice(quiet, "wecom").next_at
        assert later is not None
        pauses.append((later - before).total_seconds())
        evening.advance(seconds=pauses[-1])

    assert ended == ["put_off"] * 7 + ["failed"]
    assert pauses == [60, 60, 180, 600, 1200, 1800, 1800]
    assert quiet.items_of("wecom") == [("robot_failed", "open")]


def test_a_late_order_sends_a_corrected_edition(quiet: World, evening):
    daily_summary.tell_due()
    assert speak("wecom") == "told"
    with quiet.database.transaction() as session:
        put(session, "late", total=1_000, is_paid=True, minutes=1)
    evening.advance(seconds=15 * 3600)
    daily_summary.tell_due()

    assert speak("wecom", edition=2) == "told"
    assert seen(quiet, "wecom")[1].splitlines()[:2] == [
        "**一诺日报 2026-11-22（更正）**",
        "合计：下单 3，已付 2 单 ¥269.90，退款 ¥0.00，挂起 0，超 72 小时 0",
    ]


def test_told_notices_sent_again_are_marked_and_unknown_ones_are_told(quiet: World, evening):
    daily_summary.tell_due()
    assert speak("wecom") == "told"
    tell_robots.send_again(DAY, 1, "wecom", actor=ME)
    assert speak("wecom", 2) == "told"

    assert "（再次发送）" in seen(quiet, "wecom")[1]
    with pytest.raises(UnknownNotice):
        tell_robots.send_again(DAY, 1, "nobody", actor=ME)


def test_an_attempt_that_broke_off_long_ago_does_not_bar_a_person(quiet: World, evening):
    daily_summary.tell_due()
    key = NoticeKey(day=DAY, edition=1, robot="wecom")
    with quiet.database.transaction() as session:
        notices.begin(session, key, 1, now=EVENING)
    evening.advance(seconds=301)

    assert tell_robots.send_again(DAY, 1, "wecom", actor=ME).attempt == 2
    assert speak("wecom", 2) == "told"
    assert "（再次发送）" in seen(quiet, "wecom")[0]
