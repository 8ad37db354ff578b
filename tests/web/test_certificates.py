"""The certificate routes: days, gaps, what may be asked for, and what cannot be repaired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.users.builders import MADE_UP_PASSWORD, a_user
from tests.web.client import Client
from tests.web.whole_app import whole_app
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.channels.model.certificates import (
    Cause,
    Certificate,
    Doubt,
    Gap,
    GapKind,
    Tally,
)
from yinuo.channels.service import certificates
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Database
from yinuo.core.money import Fen
from yinuo.users.model import Role

TWO = Tally(orders=2, fen=Fen(19800))
ONE = Tally(orders=1, fen=Fen(9000))


def today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


@pytest.fixture
def manager(database: Database) -> Iterator[Client]:
    """Give a client of a store manager, and a shop whose yesterday has two gaps."""
    certificate = Certificate(
        channel=TWO,
        payments=TWO,
        hub=TWO,
        hub_goods=TWO,
        erp=ONE,
        gaps=(
            Gap(
                kind=GapKind.NOT_IN_ERP,
                number="A2",
                raw_number="A-2",
                order_id="ord_2",
                hub_fen=Fen(9900),
                cause=Cause.HELD,
                held_by="shortage",
            ),
            Gap(kind=GapKind.NOT_IN_HUB, number="A3", raw_number="A-3", channel_fen=Fen(100)),
        ),
        doubts=(Doubt.PULL_BEHIND,),
    )
    with database.transaction() as session:
        channels.save_shop(session, Shop(id="dy", channel=Channel.DOUYIN, name="抖音旗舰店"))
        yesterday = today() - timedelta(days=1)
        certificates.keep(session, "dy", yesterday, certificate, now=clock.now())
    a_user(database, "manager", Role.STORE_MANAGER)
    with whole_app(database) as app, Client(app) as client:
        signed = client.post(
            "/api/v1/session", json={"username": "manager", "password": MADE_UP_PASSWORD}
        )
        assert signed.status_code == 200
        yield client


def test_days_are_listed_with_colour_sums_and_doubts(manager: Client):
    body = manager.get("/api/v1/certificates").json()
    (found,) = body["items"]
    assert (found["shop"], found["channel_name"], found["colour"]) == ("抖音旗舰店", "抖音", "red")
    assert (found["channel"], found["erp"]) == (
        {"orders": 2, "fen": 19800},
        {"orders": 1, "fen": 9000},
    )
    assert (found["gaps"], found["explained"], len(found["doubts"])) == (2, 1, 1)
    assert body["oldest"] == (today() - timedelta(days=7)).isoformat()


def test_gaps_that_nobody_knew_of_come_first_each_with_its_repair(manager: Client):
    day = (today() - timedelta(days=1)).isoformat()
    detail = manager.get(f"/api/v1/certificates/dy/{day}").json()
    assert [(gap["kind"], gap["cause"], gap["repair"]) for gap in detail["gaps"]] == [
        ("not_in_hub", "unknown", "pull"),
        ("not_in_erp", "held", None),
    ]
    assert detail["gaps"][0]["repair_label"] == "重新拉单"
    missing = manager.get(f"/api/v1/certificates/nosuch/{day}")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "certificates.unknown")


def test_a_comparison_is_started_once_and_never_of_a_day_that_cannot_be(manager: Client):
    wanted = {"day": today().isoformat()}
    first = manager.post("/api/v1/certificates", json=wanted)
    assert (first.status_code, first.json()) == (202, {"started": 1})
    assert manager.post("/api/v1/certificates", json=wanted).json() == {"started": 0}
    (waiting, _) = manager.get("/api/v1/certificates").json()["items"]
    assert (waiting["is_waiting"], waiting["colour"]) == (True, None)
    early = (today() - timedelta(days=8)).isoformat()
    refused = manager.post("/api/v1/certificates", json={"day": early, "shop_id": "dy"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "certificates.bad_day")


def test_a_gap_that_is_gone_is_not_repaired(manager: Client):
    day = (today() - timedelta(days=1)).isoformat()
    answer = manager.post(
        f"/api/v1/certificates/dy/{day}/repairs", json={"kind": "erp_differs", "number": "A2"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        409,
        "certificates.nothing_to_repair",
    )
