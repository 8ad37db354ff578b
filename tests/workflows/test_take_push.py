"""Pushes of a channel: kept once, answered at once, the orders fetched; lost answers are tried again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.connectors.douyin_orders import ORDER
from tests.web.client import Client
from tests.web.whole_app import whole_app
from yinuo.catalog import service as catalog
from yinuo.catalog.model import Sku
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, InboxMessage, Shop
from yinuo.connectors.douyin.settings import DouyinSettings
from yinuo.connectors.douyin.signing import sign_push
from yinuo.connectors.protocols import Receiver, SealedReceiver, Unavailable
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.orders import service as orders
from yinuo.orders.model import Order
from yinuo.workflows import take_push
from yinuo.workflows.hub import hub

KEY, SECRET = "made-up-key", "made-up-secret-0001"
NUMBER = ORDER["order_id"]


@dataclass
class Douyin:
    """What the shop's channel does when it is asked."""

    gives: bytes | None
    is_away: bool = False
    asked: int = 0
    opened: int = 0

    def find_order(self, number: str) -> bytes | None:
        assert number == NUMBER
        self.asked += 1
        if self.is_away:
            raise Unavailable
        return self.gives

    def unseal(self, _number: str, _sealed: SealedReceiver, masked: Receiver) -> Receiver:
        self.opened += 1
        time.sleep(0.05)  # long enough for others to come
        return replace(masked, name="李测试", phone="19900000001", detail="示例路 1 号")


@pytest.fixture
def pushing(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Client, Douyin]]:
    """Give a client of the whole app whose shop on Douyin is connected to a stub of its calls."""
    with database.transaction() as session:
        catalog.save_skus(
            session,
            [Sku(code="LOVE-2026", name="情人节礼盒"), Sku(code="CARD", name="贺卡")],
        )
        channels.save_shop(session, Shop(id="dy", channel=Channel.DOUYIN, name="抖音店"))
    douyin = Douyin(json.dumps(ORDER, ensure_ascii=False).encode())
    with whole_app(database) as app, Client(app) as client:
        registry = hub().connectors
        settings = {"app_key": KEY, "app_secret": SECRET, "shop_id": "12345"}
        registry.add_douyin("dy", DouyinSettings.model_validate(settings))
        connector = registry.shop("dy")
        monkeypatch.setattr(connector, "find_order", douyin.find_order)
        monkeypatch.setattr(connector, "unseal", douyin.unseal)
        yield client, douyin


def push(client: Client, *ids: str, secret: str = SECRET) -> tuple[int, dict[str, object]]:
    """Push the order under message ids, and return status and body of the answer."""
    told = json.dumps({"p_id": int(NUMBER), "shop_id": 12345})
    body = json.dumps([{"tag": "101", "msg_id": one, "data": told} for one in ids]).encode()
    headers = {
        "app-id": KEY,
        "event-sign": sign_push(body, app_key=KEY, secret=secret, method="md5"),
        "content-type": "application/json",
    }
    answer = client.post("/callbacks/douyin/dy", content=body, headers=headers)
    return answer.status_code, answer.json()


def found(database: Database) -> Order | None:
    with database.read() as session:
        return orders.find_order(session, shop_id="dy", number=NUMBER)


def states(database: Database) -> list[str]:
    with database.read() as session:
        rows = session.execute(sa.text("SELECT state FROM inbox WHERE source = 'push' ORDER BY id"))
        return list(rows.scalars())


def test_a_push_is_answered_and_its_order_fetched_paid_and_readable(
    pushing: tuple[Client, Douyin], database: Database
):
    client, douyin = pushing
    assert push(client, "m1") == (200, {"code": 0, "msg": "success"})
    order = found(database)
    assert order is not None
    assert (order.payment_status.value, order.paid_fen, douyin.asked) == ("paid", 48980, 1)
    with database.read() as session:
        assert orders.reveal_receiver(session, order.id).phone == "19900000001"
    # The same message again is answered and asks nothing; another one about the same order asks.
    assert push(client, "m1")[0] == 200
    assert douyin.asked == 1
    assert push(client, "m1", "m2")[0] == 200
    assert (douyin.asked, states(database)) == (2, ["done", "done"])


def test_a_forged_push_keeps_nothing(pushing: tuple[Client, Douyin], database: Database):
    client, douyin = pushing
    status, body = push(client, "m1", secret="another-made-up-secret")
    assert (status, body["code"]) == (401, 1)
    assert (states(database), douyin.asked) == ([], 0)


@pytest.mark.parametrize("trouble", ["away", "not there yet"])
def test_an_order_that_cannot_be_had_now_is_asked_for_again(
    pushing: tuple[Client, Douyin], database: Database, trouble: str
):
    client, douyin = pushing
    given, douyin.is_away = douyin.gives, trouble == "away"
    if trouble == "not there yet":
        douyin.gives = None
    assert push(client, "m1") == (200, {"code": 0, "msg": "success"})
    assert (found(database), states(database)) == (None, ["failed"])
    douyin.gives, douyin.is_away = given, False
    with clock.fixed(clock.now() + timedelta(minutes=1)):
        assert take_push.work_off_waiting() == 1
        assert take_push.work_off_waiting() == 0
    assert (found(database) is not None, states(database)) == (True, ["done"])


def test_an_order_told_of_many_times_at_one_moment_is_opened_once(
    pushing: tuple[Client, Douyin], database: Database
):
    _, douyin = pushing
    told = []
    for place in range(6):
        message = InboxMessage(
            source="push",
            key=f"dy:{place}",
            shop_id="dy",
            headers={},
            body=b"{}",
            received_at=clock.now(),
        )
        with database.transaction() as session:
            received = channels.receive(session, message)
        told.append(take_push.Told(received.id, "dy", NUMBER, "paid"))
    racers = [threading.Thread(target=take_push.work_off, args=([one],)) for one in told]
    for one in racers:
        one.start()
    for one in racers:
        one.join(30)
    assert (douyin.opened, douyin.asked) == (1, 6)
    with database.read() as session:
        count = session.execute(sa.text("SELECT count(*) FROM orders")).scalar_one()
    assert count == 1
    with database.read() as session:
        done = session.execute(
            sa.text("SELECT count(*) FROM inbox WHERE source = 'push' AND state = 'done'")
        ).scalar_one()
    assert done == 6
    assert take_push._turns == {}


def test_a_push_of_a_shop_that_is_not_connected_is_refused(pushing: tuple[Client, Douyin]):
    client, _ = pushing
    answer = client.post("/callbacks/douyin/nosuch", content=b"[]")
    assert answer.status_code == 404
    assert answer.json()["code"] == 1
