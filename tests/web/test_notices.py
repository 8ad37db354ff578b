"""The routes of robots' notices, and the test message to a group."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa

from tests.users.builders import MADE_UP_PASSWORD, a_user
from tests.web.client import Client
from tests.web.whole_app import whole_app
from yinuo.connectors.testing import LocalServer, Reply, local_server
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.notices import service as notices
from yinuo.notices.model import NoticeKey, NoticeWords
from yinuo.users.model import Role

DAY = date(2026, 11, 22)
WORDS = NoticeWords(title="一诺日报 2026-11-22", lines=("合计：下单 2",), link="http://hub/days")
KEY = NoticeKey(day=DAY, edition=1, robot="ops")


@contextmanager
def signed_in(database: Database, role: Role) -> Iterator[Client]:
    a_user(database, "eva", role)
    with whole_app(database) as app, Client(app) as client:
        answer = client.post(
            "/api/v1/session", json={"username": "eva", "password": MADE_UP_PASSWORD}
        )
        assert answer.status_code == 200
        yield client


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalServer]:
    """Give a robot of the settings that takes everything."""
    with local_server(lambda _received: Reply(body=b'{"errcode":0,"errmsg":"ok"}')) as server:
        monkeypatch.setenv("YINUO_ROBOTS__OPS__KIND", "wecom")
        monkeypatch.setenv("YINUO_ROBOTS__OPS__MODE", "sandbox")
        monkeypatch.setenv("YINUO_ROBOTS__OPS__URL", f"{server.address}/send?key=madeup0001")
        yield server


def audited(database: Database, action: str) -> int:
    with database.read() as session:
        found = session.execute(
            sa.text("SELECT count(*) FROM audit_entries WHERE action = :action"), {"action": action}
        )
        return int(found.scalar_one())


def test_a_day_lists_its_robots_and_one_is_told_again(database: Database, group: LocalServer):
    now = clock.now()
    with database.transaction() as session:
        notices.plan(session, KEY, WORDS, now=now)
        notices.begin(session, KEY, 1, now=now)
        notices.note_failed(session, KEY, 1, error="connectors.rejected")
    with signed_in(database, Role.STORE_MANAGER) as manager:
        (found,) = manager.get(f"/api/v1/summaries/{DAY}/notices").json()["items"]
        assert (found["label"], found["state"], found["state_label"]) == (
            "企业微信群机器人（ops）",
            "failed",
            "发送失败",
        )
        assert found["error_label"] == "群机器人拒绝了这条消息"
        assert found["lines"] == ["一诺日报 2026-11-22", "合计：下单 2"]
        path = f"/api/v1/summaries/{DAY}/notices/ops"
        sent = manager.post(path, json={"edition": 1})
        assert (sent.status_code, sent.json()["state"]) == (202, "waiting")
        missing = manager.post(path, json={"edition": 7})
        assert (missing.status_code, missing.json()["error"]["code"]) == (
            404,
            "notices.unknown_notice",
        )
    assert audited(database, "summaries.tell_again") == 1
    assert "madeup0001" not in str(found)


def test_customer_service_tells_no_group_again(database: Database, group: LocalServer):
    with signed_in(database, Role.CUSTOMER_SERVICE) as clerk:
        answer = clerk.post(f"/api/v1/summaries/{DAY}/notices/ops", json={"edition": 1})
        assert answer.status_code == 403


def test_a_test_message_goes_to_the_group_and_into_the_audit(
    database: Database, group: LocalServer
):
    with signed_in(database, Role.IT_ADMIN) as admin:
        answer = admin.post("/api/v1/connectors/robots.ops/test-message")
        assert (answer.status_code, answer.json()) == (200, {"name": "robots.ops"})
        for name in ("robots.nobody", "kingdee"):
            missing = admin.post(f"/api/v1/connectors/{name}/test-message")
            assert missing.json()["error"]["code"] == "connectors.not_configured"
    assert "一诺测试消息" in group.seen[0].body.decode()
    assert len(group.seen) == 1
    assert audited(database, "robots.test") == 1
