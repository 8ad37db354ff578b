"""The board of channels over HTTP: every shop, in words, late where its reading stands still."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.orders.builders import NOON
from tests.reports.builders import put
from tests.web.client import Client
from tests.web.whole_app import whole_app
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.core import clock
from yinuo.users.model import Role


@pytest.fixture
def app(database):
    """Give the whole app with two shops, one of them switched off."""
    with whole_app(database) as whole:
        with database.transaction() as session:
            channels.save_shop(
                session, Shop(id="mini", channel=Channel.MINI_PROGRAM, name="小程序")
            )
            off = Shop(id="old", channel=Channel.WECHAT_GROUP, name="老群", is_active=False)
            channels.save_shop(session, off)
            put(session, "A", total=12_000, is_paid=True)
        yield whole


@pytest.fixture
def desk(sign_in_as) -> Client:
    return sign_in_as(Role.CUSTOMER_SERVICE)


def board(desk: Client, path: str = "/api/v1/channels/board") -> dict:
    with clock.fixed(NOON + timedelta(minutes=5)):
        answer = desk.get(path)
    assert answer.status_code == 200
    return answer.json()


def test_every_shop_is_on_the_board_with_its_day(desk: Client):
    told = board(desk)
    rows = {row["shop_id"]: row for row in told["items"]}
    assert set(rows) == {"mini", "old"}
    mini = rows["mini"]
    assert (mini["channel_label"], mini["paid_today_fen"], mini["unfinished"]) == (
        "小程序",
        12_000,
        1,
    )
    assert mini["bands"] == told["bands"]
    assert told["bands"] == [
        {"band": "top", "orders": 1, "by_hand": 0, "paid_fen": 12_000, "least_fen": 12_000}
    ]
    assert (rows["old"]["is_active"], rows["old"]["reading"]["is_connected"]) == (False, False)
    assert rows["old"]["reading"]["is_late"] is False


def test_the_days_looked_back_are_bounded(desk: Client):
    assert board(desk, "/api/v1/channels/board?days=1")["days"] == 1
    for days in (0, 32, "x"):
        assert desk.get(f"/api/v1/channels/board?days={days}").status_code == 422
