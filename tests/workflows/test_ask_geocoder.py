"""Doubtful addresses are taken to the geocoder, which may be absent, down, or out of quota."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
import sqlalchemy as sa

from yinuo.addresses import service as addresses
from yinuo.addresses.model import ReadingState, StatedAddress
from yinuo.addresses.model.geocodes import Verdict
from yinuo.addresses.service import geocoding
from yinuo.connectors.amap.settings import AmapSettings
from yinuo.connectors.registry import Registry
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.inventory import service as inventory
from yinuo.workflows import hub as hubs
from yinuo.workflows import place_plain, settle_payments
from yinuo.workflows.ask_geocoder import ask_about_doubtful
from yinuo.workflows.hub import Hub, ProcessSettings

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
PUDONG = "310115"


@contextmanager
def running(
    database: Database, answer: Callable[[Received], Reply] | None, *, a_day: int = 100
) -> Iterator[list[Received]]:
    """Give what a geocoder hears that answers so; none is configured without an answer."""
    with local_server(answer or (lambda _received: Reply())) as server, _lane(database) as lane:
        client = httpx.Client(trust_env=False)
        registry = Registry(database, client=client)
        if answer:
            registry.add_amap(_settings(server))
        before = list(hubs._hub)
        hubs.use(
            Hub(
                database=database,
                connectors=registry,
                lane=lane,
                settling=settle_payments.settling_lane(database),
                placing=place_plain.placing_lane(database),
                settings=ProcessSettings(geocodes_a_day=a_day),
            )
        )
        try:
            yield server.seen
        finally:
            hubs._hub[:] = before
            client.close()


@contextmanager
def _lane(database: Database) -> Iterator[object]:
    lane = inventory.reserving_lane(database)
    try:
        yield lane
    finally:
        lane.close(timeout=5)


def _settings(server: LocalServer) -> AmapSettings:
    given = {"address": server.address, "key": "made-up", "private_key": "made-up-too"}
    return AmapSettings.model_validate(given | {"calls_per_second": 1000, "read_seconds": 1})


def located(code: str = PUDONG, level: str = "门牌号") -> Reply:
    place = {"adcode": code, "level": level, "location": "121.5,31.2", "district": []}
    return _says("1", "10000", [place])


def _says(status: str, infocode: str, places: list[dict[str, object]]) -> Reply:
    body = {"status": status, "info": "-", "infocode": infocode, "geocodes": places}
    return Reply(body=json.dumps(body).encode())


def doubtful(database: Database, order_id: str, detail: str = "浦东世纪大道100号") -> None:
    stated = StatedAddress(detail=detail, name="测试", phone="19900000001")
    with database.transaction() as session:
        judged = addresses.read(session, stated, shop_id="shop-a")
        addresses.record(
            session,
            order_id,
            shop_id="shop-a",
            channel="mini",
            stated=stated,
            judged=judged,
            now=clock.now(),
        )


def state(database: Database, order_id: str) -> ReadingState:
    with database.read() as session:
        return addresses.load_reading(session, order_id).state


def used(database: Database) -> int:
    with database.read() as session:
        return geocoding.used_calls(session, now=clock.now())


def test_a_doubtful_address_is_lifted_and_asked_about_once(database: Database) -> None:
    doubtful(database, "ord_1")
    with running(database, lambda _received: located()) as heard:
        assert [ask_about_doubtful(), ask_about_doubtful()] == [1, 0]

    assert len(heard) == 1
    assert heard[0].query["address"] == "浦东世纪大道100号"
    assert (state(database, "ord_1"), used(database)) == (ReadingState.PASSED, 1)


def test_the_same_text_again_costs_no_call(database: Database) -> None:
    doubtful(database, "ord_1")
    doubtful(database, "ord_2", "浦东 世纪大道１００号")
    with running(database, lambda _received: located(), a_day=1) as heard:
        assert ask_about_doubtful() == 2

    assert (len(heard), used(database)) == (1, 1)


def test_the_budget_ends_the_asking_for_the_day(database: Database) -> None:
    with clock.fixed(NOON) as time:
        for number in range(3):
            doubtful(database, f"ord_{number}", f"浦东世纪大道10{number}号")
        with running(database, lambda _received: located(), a_day=2) as heard:
            assert [ask_about_doubtful(), ask_about_doubtful()] == [2, 0]
            assert len(heard) == 2
            time.advance(seconds=86_400)
            assert ask_about_doubtful() == 1
        assert len(heard) == 3


def test_a_quota_that_ends_midway_leaves_the_rest_for_the_next_day(database: Database) -> None:
    replies = iter([located(), _says("0", "10044", []), located(), located()])
    with clock.fixed(NOON) as time:
        for number in range(3):
            doubtful(database, f"ord_{number}", f"浦东世纪大道10{number}号")
        with running(database, lambda _received: next(replies)) as heard:
            assert [ask_about_doubtful(), ask_about_doubtful()] == [1, 0]
            assert len(heard) == 2
            assert state(database, "ord_1") is ReadingState.DOUBTFUL
            time.advance(seconds=86_400)
            assert ask_about_doubtful() == 2


@pytest.mark.parametrize(
    ("reply", "calls", "counted"),
    [
        (Reply(status=503), 1, 0),
        (_says("0", "10021", []), 1, 0),
        (_says("0", "10001", []), 1, 1),
        (Reply(hangs_up=True), 3, 3),
        (Reply(body=b"<html>"), 3, 3),
    ],
    ids=["not_taken", "too_often", "bad_key", "lost", "nonsense"],
)
def test_trouble_outside_leaves_addresses_as_they_are(
    database: Database, reply: Reply, calls: int, counted: int
) -> None:
    for number in range(4):
        doubtful(database, f"ord_{number}", f"浦东世纪大道10{number}号")
    with running(database, lambda _received: reply) as heard:
        assert ask_about_doubtful() == 0

    assert (len(heard), used(database)) == (calls, counted)
    with database.read() as session:
        assert addresses.count_doubtful(session) == {"mini": 4}
        assert geocoding.suggestion(session, "ord_0") is None


def test_a_contradicting_answer_is_recorded_and_not_used(database: Database) -> None:
    doubtful(database, "ord_1")
    with running(database, lambda _received: located("330106")) as heard:
        assert [ask_about_doubtful(), ask_about_doubtful()] == [0, 0]

    assert len(heard) == 1
    assert state(database, "ord_1") is ReadingState.DOUBTFUL
    with database.read() as session:
        told = geocoding.suggestion(session, "ord_1")
    assert told is not None
    assert told.verdict is Verdict.CONTRADICTS


def test_without_a_geocoder_nothing_happens(database: Database) -> None:
    doubtful(database, "ord_1")
    with running(database, None) as heard:
        assert ask_about_doubtful() == 0

    assert (heard, used(database)) == ([], 0)
    with database.read() as session:
        verdicts = sa.text("SELECT count(*) FROM address_geocode_verdicts")
        assert session.execute(verdicts).scalar_one() == 0
