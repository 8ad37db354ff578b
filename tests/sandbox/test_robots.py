"""The hub's own robots against the stand-ins of their vendors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from tests.sandbox.conftest import Sandbox
from yinuo.connectors.protocols import Busy, Health, HealthState, OutcomeUnknown, Rejected
from yinuo.connectors.protocols.robots import Notice, NoticeForm
from yinuo.connectors.registry import Registry
from yinuo.connectors.robots.settings import RobotKind, RobotSettings
from yinuo.connectors.robots.signing import sign_dingtalk
from yinuo.core import clock
from yinuo.core.db import Database

NOTICE = Notice(
    title="一诺日报", lines=("小程序店 3 单",), link="http://hub/days", link_label="打开"
)
EVERY = list(RobotKind)


def settings(sandbox: Sandbox, kind: RobotKind, **changes: object) -> RobotSettings:
    made_up, root = sandbox.kernel.settings.robots, f"{sandbox.address}/{kind.value}-robot"
    urls = {
        RobotKind.WECOM: f"{root}/cgi-bin/webhook/send?key={made_up.wecom_key}",
        RobotKind.DINGTALK: f"{root}/robot/send?access_token={made_up.dingtalk_token}",
        RobotKind.FEISHU: f"{root}/open-apis/bot/v2/hook/{made_up.feishu_token}",
    }
    secrets = {
        RobotKind.WECOM: None,
        RobotKind.DINGTALK: made_up.dingtalk_secret,
        RobotKind.FEISHU: made_up.feishu_secret,
    }
    given = {"mode": "sandbox", "kind": kind, "url": urls[kind], "secret": secrets[kind]}
    return RobotSettings.model_validate(given | changes)


@pytest.fixture
def registry(sandbox: Sandbox) -> Iterator[Registry]:
    """Give robots that keep no pace of their own, so that the vendor's limits are met."""
    with closing(Registry(None)) as registry:
        for kind in EVERY:
            registry.add_robot(kind.value, settings(sandbox, kind))
        yield registry


def seen(sandbox: Sandbox, kind: RobotKind) -> list[str]:
    answer = sandbox.client.get(f"/control/systems/{kind.value}-robot/state").json()
    return [str(one["text"]) for one in answer["state"]["messages"]]


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("form", list(NoticeForm))
def test_the_group_sees_what_was_said(
    sandbox: Sandbox, registry: Registry, kind: RobotKind, form: NoticeForm
) -> None:
    notice = Notice(title="一诺日报", lines=("小程序店 3 单",), form=form)
    registry.robot(kind.value).send(notice)

    assert len(seen(sandbox, kind)) == 1
    assert "一诺日报" in seen(sandbox, kind)[0]
    assert "小程序店 3 单" in seen(sandbox, kind)[0]


@pytest.mark.parametrize("kind", EVERY)
def test_a_check_shows_nothing(sandbox: Sandbox, registry: Registry, kind: RobotKind) -> None:
    assert registry.check(f"robots.{kind.value}") == Health(state=HealthState.OK)
    assert seen(sandbox, kind) == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [(RobotKind.WECOM, "93000"), (RobotKind.DINGTALK, "300001"), (RobotKind.FEISHU, "19001")],
)
def test_a_key_that_is_not_known_is_refused(
    sandbox: Sandbox, registry: Registry, kind: RobotKind, code: str
) -> None:
    right = settings(sandbox, kind).url.get_secret_value()
    registry.add_robot("other", settings(sandbox, kind, url=right + "x"))
    with pytest.raises(Rejected) as caught:
        registry.robot("other").send(NOTICE)

    assert caught.value.details["outside_code"] == code
    assert registry.check("robots.other").state is HealthState.DEGRADED
    assert seen(sandbox, kind) == []


@pytest.mark.parametrize(
    ("kind", "code"), [(RobotKind.DINGTALK, "310000"), (RobotKind.FEISHU, "19021")]
)
def test_a_bad_sign_and_a_wrong_clock_are_refused(
    sandbox: Sandbox, registry: Registry, kind: RobotKind, code: str
) -> None:
    registry.add_robot("other", settings(sandbox, kind, secret="another secret"))
    registry.add_robot("unsigned", settings(sandbox, kind, secret=None))
    for name in ("other", "unsigned"):
        with pytest.raises(Rejected) as caught:
            registry.robot(name).send(NOTICE)
        assert caught.value.details["outside_code"] == code

    assert seen(sandbox, kind) == []


@pytest.mark.parametrize(("hours", "code"), [(0.9, 0), (1.1, 310000), (-1.1, 310000)])
def test_dingtalk_bears_an_hour_of_skew(sandbox: Sandbox, hours: float, code: int) -> None:
    made_up = sandbox.kernel.settings.robots
    moment = str(int((clock.now() - timedelta(hours=hours)).timestamp() * 1000))
    answer = sandbox.client.post(
        "/dingtalk-robot/robot/send",
        params={
            "access_token": made_up.dingtalk_token,
            "timestamp": moment,
            "sign": sign_dingtalk(made_up.dingtalk_secret, moment),
        },
        json={"msgtype": "text", "text": {"content": "一"}},
    )

    assert (answer.status_code, answer.json()["errcode"]) == (200, code)


@pytest.mark.parametrize(
    ("kind", "most", "code"),
    [
        (RobotKind.WECOM, 20, "45009"),
        (RobotKind.DINGTALK, 20, "130101"),
        (RobotKind.FEISHU, 5, "11232"),
    ],
)
def test_too_often_is_refused_as_the_vendor_does(
    sandbox: Sandbox, registry: Registry, kind: RobotKind, most: int, code: str
) -> None:
    start = clock.now()
    with clock.fixed(start):
        for _ in range(most):
            registry.robot(kind.value).send(NOTICE)
        with pytest.raises(Busy) as caught:
            registry.robot(kind.value).send(NOTICE)
    assert caught.value.details["outside_code"] == code
    assert len(seen(sandbox, kind)) == most
    with clock.fixed(start + timedelta(seconds=61)):
        if kind is RobotKind.DINGTALK:  # blocked for ten minutes
            with pytest.raises(Busy):
                registry.robot(kind.value).send(NOTICE)
        else:
            registry.robot(kind.value).send(NOTICE)
    with clock.fixed(start + timedelta(seconds=602)):
        registry.robot(kind.value).send(NOTICE)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "text", "text": {"content": "长" * 683}}, 40058),
        ({"msgtype": "text", "text": {"content": "长" * 682}}, 0),
        ({"msgtype": "markdown", "markdown": {"content": "a" * 4097}}, 40058),
        ({"msgtype": "image", "image": {}}, 40008),
    ],
)
def test_wecom_counts_bytes(sandbox: Sandbox, body: dict[str, object], code: int) -> None:
    key = sandbox.kernel.settings.robots.wecom_key
    answer = sandbox.client.post(
        f"/wecom-robot/cgi-bin/webhook/send?key={key}", content=json.dumps(body)
    )

    assert answer.json()["errcode"] == code


@pytest.mark.parametrize("kind", EVERY)
def test_a_long_day_fits_into_every_vendors_size(
    sandbox: Sandbox, registry: Registry, kind: RobotKind
) -> None:
    lines = tuple(f"第 {number} 家店铺：{'单' * 30}" for number in range(500))
    registry.robot(kind.value).send(Notice(title="一诺日报", lines=lines))

    assert "…还有 " in seen(sandbox, kind)[0]


@pytest.mark.parametrize("kind", EVERY)
def test_a_lost_answer_leaves_the_message_in_the_group(
    sandbox: Sandbox, registry: Registry, kind: RobotKind
) -> None:
    fault = {"operation": "robot.send", "kind": "lose_answer", "times": 1}
    sandbox.set_faults(f"{kind.value}-robot", fault)
    with pytest.raises(OutcomeUnknown):
        registry.robot(kind.value).send(NOTICE)

    assert len(seen(sandbox, kind)) == 1


@pytest.mark.parametrize(
    ("kind", "code", "error"),
    [
        (RobotKind.WECOM, "45009", Busy),
        (RobotKind.FEISHU, "19024", Rejected),
        (RobotKind.DINGTALK, None, Busy),
    ],
)
def test_faults_are_the_vendors_own(
    sandbox: Sandbox, registry: Registry, kind: RobotKind, code: str | None, error: type[Busy]
) -> None:
    fault = {"operation": "robot.send", "kind": "error", "times": 1, "code": code}
    sandbox.set_faults(f"{kind.value}-robot", fault)
    with pytest.raises(error):
        registry.robot(kind.value).send(NOTICE)
    registry.robot(kind.value).send(NOTICE)

    assert len(seen(sandbox, kind)) == 1


def test_the_hubs_own_pace_spares_the_vendors_block(sandbox: Sandbox, database: Database) -> None:
    with closing(Registry(database)) as registry:
        registry.add_robot("ding", settings(sandbox, RobotKind.DINGTALK))
        with clock.fixed(clock.now()):
            for _ in range(20):
                registry.robot("ding").send(NOTICE)
            with pytest.raises(Busy) as caught:
                registry.robot("ding").send(NOTICE)

    assert caught.value.details["reason"] == "paced"
    assert len(seen(sandbox, RobotKind.DINGTALK)) == 20
