"""The hub speaks through robots of WeCom, DingTalk and Feishu."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.connectors.vectors import VECTORS
from yinuo.connectors import http
from yinuo.connectors.http import Outside, Timeouts
from yinuo.connectors.protocols import Busy, Health, HealthState, OutcomeUnknown, Rejected
from yinuo.connectors.protocols.robots import Notice, NoticeForm
from yinuo.connectors.registry import Registry
from yinuo.connectors.robots.connector import RobotConnector
from yinuo.connectors.robots.rendering import encoded, render
from yinuo.connectors.robots.settings import RobotKind, RobotSettings
from yinuo.connectors.robots.signing import sign_dingtalk, sign_feishu
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server
from yinuo.core import clock, config
from yinuo.core.db import Database

TOKEN = "madeuptoken0001"  # made up
SECRET = "SECmadeup0001"  # made up
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NOTICE = Notice(
    title="一诺日报 2026-11-22",
    lines=("小程序店 3 单", "抖音店 5 单"),
    link="https://hub.example.com/days?date=2026-11-22",
    link_label="打开日报",
)
PATHS = {
    RobotKind.WECOM: f"/cgi-bin/webhook/send?key={TOKEN}",
    RobotKind.DINGTALK: f"/robot/send?access_token={TOKEN}",
    RobotKind.FEISHU: f"/open-apis/bot/v2/hook/{TOKEN}",
}
FINE = Reply(body=b'{"errcode":0,"errmsg":"ok","code":0,"msg":"success","StatusCode":0}')
EVERY = list(RobotKind)
_EVERY_CALL = sa.text("SELECT * FROM connector_calls")


def settings(kind: RobotKind, address: str, **more: object) -> RobotSettings:
    given = {"mode": "sandbox", "kind": kind, "url": address + PATHS[kind]}
    if kind is not RobotKind.WECOM:
        given["secret"] = SECRET
    return RobotSettings.model_validate(given | more)


@contextmanager
def robot(
    kind: RobotKind,
    answer: Callable[[Received], Reply] = lambda _received: FINE,
    *,
    database: Database | None = None,
    **more: object,
) -> Iterator[tuple[RobotConnector, LocalServer]]:
    with local_server(answer) as server, http.new_client() as client:
        times = Timeouts(connect=5, read=1.5, total=6)
        outside = Outside("robots.ops", client=client, database=database, timeouts=times)
        made = RobotConnector(settings(kind, server.address, **more), outside, database=database)
        yield made, server


def says(code: int, message: str = "no") -> Callable[[Received], Reply]:
    def answer(received: Received) -> Reply:
        names = ("code", "msg") if "/hook/" in received.path else ("errcode", "errmsg")
        return Reply(body=json.dumps(dict(zip(names, (code, message), strict=True))).encode())

    return answer


def test_signatures_are_the_vendors_own() -> None:
    ding, feishu = VECTORS["dingtalk_robot"], VECTORS["feishu_robot"]

    assert sign_dingtalk(ding["secret"], ding["timestamp_ms"]) == ding["sign_base64"]
    assert sign_feishu(feishu["secret"], feishu["timestamp_s"]) == feishu["sign"]


def test_dingtalk_is_signed_in_the_query() -> None:
    vector = VECTORS["dingtalk_robot"]
    moment = datetime.fromtimestamp(int(vector["timestamp_ms"]) / 1000, UTC)
    with clock.fixed(moment), robot(RobotKind.DINGTALK, secret=vector["secret"]) as (one, server):
        one.send(NOTICE)

    assert server.seen[0].target == (
        f"/robot/send?access_token={TOKEN}"
        f"&timestamp={vector['timestamp_ms']}&sign={vector['sign_urlencoded']}"
    )
    body = json.loads(server.seen[0].body)
    assert body["msgtype"] == "markdown"
    assert body["markdown"]["title"] == "一诺日报 2026-11-22"
    assert body["markdown"]["text"] == (
        "### 一诺日报 2026-11-22\n\n小程序店 3 单\n\n抖音店 5 单\n\n"
        "[打开日报](https://hub.example.com/days?date=2026-11-22)"
    )


def test_feishu_is_signed_in_the_body() -> None:
    vector = VECTORS["feishu_robot"]
    moment = datetime.fromtimestamp(int(vector["timestamp_s"]), UTC)
    with clock.fixed(moment), robot(RobotKind.FEISHU, secret=vector["secret"]) as (one, server):
        one.send(NOTICE)

    body = json.loads(server.seen[0].body)
    assert (body["timestamp"], body["sign"]) == (vector["timestamp_s"], vector["sign"])
    assert body["card"]["header"]["title"]["content"] == "一诺日报 2026-11-22"
    assert server.seen[0].target == PATHS[RobotKind.FEISHU]


def test_wecom_has_no_signature() -> None:
    with robot(RobotKind.WECOM) as (one, server):
        one.send(NOTICE)

    assert server.seen[0].target == PATHS[RobotKind.WECOM]
    assert json.loads(server.seen[0].body)["markdown"]["content"].startswith(
        "**一诺日报 2026-11-22**\n小程序店 3 单\n"
    )


@pytest.mark.parametrize("kind", EVERY)
def test_text_is_said_without_marks(kind: RobotKind) -> None:
    body = encoded(render(kind, Notice(title="测试", lines=("第一行",), form=NoticeForm.TEXT)))

    assert "测试\\n第一行" in body.decode()


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("form", list(NoticeForm))
def test_what_is_too_long_loses_whole_lines_and_says_how_many(
    kind: RobotKind, form: NoticeForm
) -> None:
    line = "店铺😀" * 20
    lines = tuple(f"{line}{number}" for number in range(400))
    body = render(kind, Notice(title="日报", lines=lines, form=form))

    told = encoded(body).decode()
    kept = sum(f"{line}{number}" in told for number in range(400))
    assert 0 < kept < 400
    assert f"…还有 {400 - told.count(line)} 行" in told
    most = {RobotKind.WECOM: 2048 if form is NoticeForm.TEXT else 4096}.get(kind, 20_000)
    content = body[str(body["msgtype"])] if kind is RobotKind.WECOM else None
    size = len(content["content"].encode()) if isinstance(content, dict) else len(told.encode())
    assert most - 400 < size <= most


def test_one_line_that_is_too_long_leaves_the_title() -> None:
    body = render(RobotKind.WECOM, Notice(title="日报", lines=("长" * 5000,)))

    assert body["markdown"] == {"content": "**日报**\n…还有 1 行"}


@pytest.mark.parametrize("kind", EVERY)
def test_a_name_cannot_call_people_or_link_away(kind: RobotKind) -> None:
    evil = "<at id=all></at> [点我](http://x) **粗**\n# 第二行"
    told = encoded(render(kind, Notice(title="日报", lines=(evil,)))).decode()

    assert "<at" not in told
    assert "[点我]" not in told
    assert "＜at id=all＞＜/at＞ ［点我］(http://x) ＊＊粗＊＊ ＃ 第二行" in told


def test_a_keyword_is_said_where_the_robot_insists() -> None:
    with robot(RobotKind.WECOM, keyword="播报") as (one, server):
        one.send(NOTICE)

    assert "播报 一诺日报" in server.seen[0].body.decode()


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (RobotKind.WECOM, 93000),
        (RobotKind.WECOM, 40008),
        (RobotKind.FEISHU, 19021),
        (RobotKind.FEISHU, 19024),
        (RobotKind.FEISHU, 9499),
        (RobotKind.DINGTALK, 310000),
        (RobotKind.DINGTALK, 300001),
        (RobotKind.DINGTALK, 400101),
        (RobotKind.DINGTALK, 123456),
    ],
)
def test_a_refusal_keeps_its_code(kind: RobotKind, code: int) -> None:
    with robot(kind, says(code)) as (one, server), pytest.raises(Rejected) as caught:
        one.send(NOTICE)

    assert caught.value.details["outside_code"] == str(code)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("kind", "code", "seconds"),
    [
        (RobotKind.WECOM, 45009, 60),
        (RobotKind.FEISHU, 11232, 60),
        (RobotKind.DINGTALK, 130101, 600),
    ],
)
def test_too_often_says_when_to_come_again(kind: RobotKind, code: int, seconds: int) -> None:
    with robot(kind, says(code)) as (one, _server), pytest.raises(Busy) as caught:
        one.send(NOTICE)

    assert caught.value.details["retry_after_seconds"] == seconds


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize(
    "reply",
    [Reply(hangs_up=True), Reply(body=b"<html>"), Reply(body=b"{}"), Reply(status=502)],
    ids=["hangs up", "html", "no code", "502"],
)
def test_a_lost_answer_is_not_repeated(kind: RobotKind, reply: Reply) -> None:
    with robot(kind, lambda _received: reply) as (one, server), pytest.raises(OutcomeUnknown):
        one.send(NOTICE)

    assert len(server.seen) == 1


@pytest.mark.parametrize("kind", EVERY)
def test_url_and_secret_stand_in_no_error_log_or_record(
    kind: RobotKind, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "" if kind is RobotKind.WECOM else SECRET  # WeCom's robots have none
    echoes = says(310000, f"bad {TOKEN} {secret}")
    with robot(kind, echoes, database=database) as (one, server), pytest.raises(Rejected) as caught:
        one.send(NOTICE)
    lost_answer = robot(kind, lambda _received: Reply(hangs_up=True), database=database)
    with lost_answer as (one, _server), pytest.raises(OutcomeUnknown) as lost:
        one.send(NOTICE)

    with database.read() as session:
        kept = str(session.execute(_EVERY_CALL).all())
    shown = [repr(caught.value.details), repr(lost.value.details), str(caught.value), caplog.text]
    for text in (*shown, kept, repr(one.settings)):
        assert TOKEN not in text
        assert SECRET not in text
        assert server.address not in text


@pytest.mark.parametrize("kind", EVERY)
def test_check_shows_nothing_and_knows_a_bad_key(kind: RobotKind) -> None:
    shape = {RobotKind.WECOM: 40008, RobotKind.FEISHU: 9499, RobotKind.DINGTALK: 40035}[kind]
    with robot(kind, says(shape)) as (one, server):
        assert one.check() == Health(state=HealthState.OK)
    with robot(kind, says(93000)) as (one, _server):
        assert one.check().state is HealthState.DEGRADED

    assert "日报" not in server.seen[0].body.decode()


def test_processes_keep_the_pace_together(database: Database) -> None:
    outcomes: list[str] = []
    with (
        clock.fixed(NOW),
        robot(RobotKind.WECOM, database=database) as (one, first),
        robot(RobotKind.WECOM, database=database) as (other, second),
    ):

        def speak(which: RobotConnector) -> None:
            for _ in range(15):
                try:
                    which.send(NOTICE)
                except Busy as error:
                    outcomes.append(str(error.details["reason"]))
                else:
                    outcomes.append("sent")

        threads = [threading.Thread(target=speak, args=(which,)) for which in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seen = len(first.seen) + len(second.seen)
    assert seen == 20
    assert sorted(outcomes) == ["paced"] * 10 + ["sent"] * 20
    with (
        clock.fixed(NOW + timedelta(seconds=61)),
        robot(RobotKind.WECOM, database=database) as (
            one,
            _server,
        ),
    ):
        one.send(NOTICE)


def test_feishu_takes_five_a_second(database: Database) -> None:
    with clock.fixed(NOW), robot(RobotKind.FEISHU, database=database) as (one, server):
        for _ in range(5):
            one.send(NOTICE)
        with pytest.raises(Busy) as caught:
            one.send(NOTICE)

    assert caught.value.details["retry_after_seconds"] == 1
    assert len(server.seen) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "wecom", "url": f"https://example.com/robot/send?access_token={TOKEN}"},
        {"kind": "feishu", "url": f"https://example.com/send?key={TOKEN}"},
        {"kind": "dingtalk", "url": f"http://example.com/robot/send?access_token={TOKEN}"},
        {"kind": "wecom", "url": f"https://example.com/send?key={TOKEN}", "secret": SECRET},
        {"kind": "qq", "url": f"https://example.com/send?key={TOKEN}"},
    ],
)
def test_a_wrong_section_is_told_without_its_url(
    changes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in changes.items():
        monkeypatch.setenv(f"YINUO_ROBOTS__OPS__{key.upper()}", value)
    with pytest.raises(config.BadSetting) as caught:
        Registry.from_settings(None)

    assert TOKEN not in repr(caught.value.details)
    assert "robots.ops" in repr(caught.value.details)


def test_robots_are_listed_with_the_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINUO_ROBOTS__OPS__KIND", "wecom")
    monkeypatch.setenv("YINUO_ROBOTS__OPS__URL", f"https://example.com/send?key={TOKEN}")
    monkeypatch.setenv("YINUO_ROBOTS__QUIET__KIND", "dingtalk")
    monkeypatch.setenv("YINUO_ROBOTS__QUIET__URL", f"https://example.com/s?access_token={TOKEN}")
    monkeypatch.setenv("YINUO_ROBOTS__QUIET__SUMMARY", "false")
    registry = Registry.from_settings(None)

    assert [name for name in registry.names() if name.startswith("robots.")] == [
        "robots.ops",
        "robots.quiet",
    ]
    assert registry.label("robots.ops") == "企业微信群机器人（ops）"
    assert registry.robots_for_summary() == ["ops"]
    registry.close()
