"""Orders that come together are placed together, and leave what one at a time would leave."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import SHOP, SKUS, order_body, receiver
from tests.workflows.test_settle_payments import rows, told
from tests.workflows.test_sharing import count
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, InboxMessage, Shop, unique_id
from yinuo.core import clock
from yinuo.core.db import Database, Session
from yinuo.orders import service as orders
from yinuo.workflows import intake_order, open_receiver, place_plain, pull_orders
from yinuo.workflows.arrivals import Arrival, Landed
from yinuo.workflows.intake_order import Taken

DOUYIN = "dy"
SEEDS = itertools.count(4711)


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world in which orders come in and nobody carries them out."""
    with make_world(database, tmp_path, monkeypatch, works=False) as running:
        with running.database.transaction() as session:
            channels.save_shop(session, Shop(id=DOUYIN, channel=Channel.DOUYIN, name="抖音店"))
        running.faults("douyin", {"operation": "push", "kind": "drop"})
        yield running
        assert running.drift() == []


def body(number: str, **more: object) -> bytes:
    return json.dumps(order_body(number, lines=[("PILW-45", 2)], **more)).encode()


def bought(world: World, **wish: object) -> bytes:
    """Let somebody buy on Douyin, and return the order as Douyin gives it."""
    wanted = {"count": 1, "seed": next(SEEDS), "odd_share": 0} | wish
    answer = world.sandbox.post("/control/douyin/orders", json=wanted)
    assert answer.status_code == 201, answer.text
    given = world.hub.connectors.shop(DOUYIN).find_order(str(answer.json()["numbers"][0]))
    assert given is not None
    return given


def take(raw: bytes, *, shop: str = SHOP) -> Taken:
    return intake_order.take_order(shop, raw, headers={})


def arrival(world: World, raw: bytes, *, shop_id: str = SHOP) -> Arrival:
    with world.database.read() as session:
        shop = channels.load_shop(session, shop_id)
    order = world.hub.connectors.shop(shop_id).read_order(raw)
    message = InboxMessage(
        source="shop",
        key=f"test:{order.number}:{next(SEEDS)}",
        shop_id=shop_id,
        headers={},
        body=raw,
        received_at=clock.now(),
    )
    return Arrival(
        shop=shop,
        message=message,
        found=open_receiver.opened(shop, order),
        number=order.number,
        unique_id=unique_id(shop.channel, shop_id, order.number),
    )


def place(world: World, *coming: Arrival) -> list[Landed | None]:
    with world.database.transaction() as session:
        return place_plain.place(session, coming)


# Nothing that two orders must have of their own: ids, numbers, moments, what was drawn by lot.
LEFT_BEHIND = {
    "order": "SELECT shop_id, channel, buyer_nick = '', payment_status, fulfillment_status, status,"
    " total_fen - paid_fen IN (0, total_fen), refunded_fen, hold_count, channel_version > 0,"
    " paid_at IS NULL, reserved_at IS NULL, cancelled_at IS NULL, masked_name LIKE '%*%', province,"
    " city, district, town, warehouse, carrier, sourcing FROM orders WHERE id = :id",
    "lines": "SELECT place, sku, listing_code, name, quantity, unit_price_fen, amount_fen, is_gift,"
    " bundle_of FROM order_lines WHERE order_id = :id ORDER BY place",
    "receiver": "SELECT name LIKE '%*%', phone LIKE '%*%', detail LIKE '%*%'"
    " FROM order_receivers WHERE order_id = :id",
    "payment": "SELECT provider, account, refunded_fen, outcome FROM payments WHERE order_id = :id",
    "timeline": "SELECT code, actor, params - 'expires_at' - 'transaction_tail' - 'channel_version',"
    " dedupe_key IS NULL FROM order_timeline WHERE order_id = :id ORDER BY id",
    "events": "SELECT name, body - 'order_id' - 'number' - 'owner' - 'reservation_id' -"
    " 'expires_at' FROM events WHERE subject = :id ORDER BY name, seq",
    "reading": "SELECT shop_id, channel, stated - 'detail', code, confidence, doubt, contradictions,"
    " alias_id, state, revision, is_wrong, decided_by, decided_at IS NULL"
    " FROM address_readings WHERE order_id = :id",
    "seal": "SELECT s.state, s.tries, s.opened_at IS NULL, s.raw_number = o.raw_number"
    " FROM sealed_receivers AS s JOIN orders AS o USING (shop_id, number) WHERE o.id = :id",
    "audit": "SELECT actor_id, action, before IS NULL, after - 'number' FROM audit_entries"
    " WHERE object = :id",
    "claims": "SELECT r.warehouse, r.state, r.is_paid, l.sku, l.quantity, l.open FROM reservations"
    " AS r JOIN reservation_lines AS l ON l.reservation_id = r.id WHERE r.owner = :id",
    "inbox": "SELECT i.source, i.shop_id, i.state, i.error_code, i.attempts, i.outcome,"
    " i.done_at IS NULL FROM inbox AS i JOIN orders AS o ON o.shop_id = i.shop_id"
    " AND strpos(convert_from(i.body, 'UTF8'), o.raw_number) > 0 WHERE o.id = :id",
}
ALWAYS = {"order", "lines", "receiver", "timeline", "events", "inbox"}


def left_behind(session: Session, order_id: str | None) -> dict[str, list[tuple[object, ...]]]:
    return {
        part: [tuple(row) for row in session.execute(sa.text(query), {"id": order_id})]
        for part, query in LEFT_BEHIND.items()
    }


@pytest.mark.parametrize("sort", ["own_unpaid", "douyin_unpaid", "douyin_paid"])
def test_together_leaves_what_one_at_a_time_leaves(
    world: World, monkeypatch: pytest.MonkeyPatch, sort: str
):
    is_own = sort == "own_unpaid"
    raw = body("PL1") if is_own else bought(world, is_paid=sort == "douyin_paid")
    shop = SHOP if is_own else DOUYIN
    with world.database.engine.connect() as connection, Session(connection) as session:
        (landed,) = place_plain.place(session, [arrival(world, raw, shop_id=shop)])
        assert landed is not None
        session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))  # the audit's chain, as at commit
        together = left_behind(session, landed.order_id)
        session.rollback()
    monkeypatch.setattr(place_plain, "may_be_plain", lambda *_: False)
    taken = take(raw, shop=shop)
    assert (taken.is_new, taken.is_plain) == (True, False)
    with world.database.read() as session:
        alone = left_behind(session, taken.order_id)
    expected = {
        "own_unpaid": {"reading"},
        "douyin_unpaid": {"seal"},
        "douyin_paid": {"reading", "seal", "audit", "claims", "payment"},
    }[sort]
    assert {part for part, found in together.items() if found} == ALWAYS | expected
    for part in LEFT_BEHIND:
        assert together[part] == alone[part], part


def test_only_the_plain_ones_of_a_batch_are_placed_and_kept(world: World):
    take(body("KNOWN"))
    with world.database.transaction() as session:
        orders.record_payment(session, told("EARLY").payment, now=clock.now())
    doubtful = receiver() | {"city": "广州市", "district": "", "detail": "测试路1号"}
    unknown = json.dumps(order_body("STRANGE", lines=[("NOBODY-KNOWS", 1)])).encode()
    batch = [
        body("B1"),
        unknown,
        body("KNOWN"),
        body("EARLY"),
        body("DOUBT", receiver=doubtful),
        body("B1", version=2),
        body("B2"),
    ]
    before = rows(world, "SELECT count(*) FROM inbox")
    answers = place(world, *(arrival(world, raw) for raw in batch))
    assert [one is not None for one in answers] == [True, False, False, False, False, False, True]
    assert rows(world, "SELECT count(*) FROM inbox") == [(before[0][0] + 2,)]  # type: ignore[operator]
    assert sorted(str(one[0]) for one in rows(world, "SELECT number FROM orders")) == [
        "B1",
        "B2",
        "KNOWN",
    ]


def test_what_is_not_plain_is_placed_with_care_by_the_same_call(world: World):
    with world.database.transaction() as session:
        orders.record_payment(session, told("EARLY", 2 * 5900).payment, now=clock.now())
    taken = take(body("EARLY"))
    assert (taken.is_new, taken.is_plain) == (True, False)
    assert world.order("EARLY").paid_fen == 2 * 5900
    assert world.claimed("EARLY") == {"PILW-45": 2}
    strange = json.dumps(order_body("STRANGE", lines=[("NOBODY-KNOWS", 1)])).encode()
    assert take(strange).status == "needs_attention"
    assert [kind for kind, _ in world.items()] == ["unknown_sku"]


def test_a_paid_order_without_stock_is_booked_and_its_shortage_noted(world: World):
    for sku in SKUS:
        count(world, sku.code, HZ=0, GZ=0)
    taken = take(bought(world), shop=DOUYIN)
    assert taken.is_plain
    assert taken.order_id is not None
    with world.database.read() as session:
        order = orders.load_order(session, taken.order_id)
    assert (order.status.value, order.paid_fen) == ("waiting", order.total_fen)
    assert order.sourcing.candidates
    assert not any(one.is_chosen for one in order.sourcing.candidates)


def test_an_order_told_many_times_at_one_moment_is_one(world: World):
    raw = bought(world)
    answers: list[Taken] = []
    racers = [
        threading.Thread(target=lambda: answers.append(take(raw, shop=DOUYIN))) for _ in range(8)
    ]
    for one in racers:
        one.start()
    for one in racers:
        one.join(60)
    assert len({one.order_id for one in answers}) == 1
    assert [one.is_new for one in answers].count(True) == 1
    assert rows(world, "SELECT count(*) FROM orders") == [(1,)]
    assert rows(world, "SELECT count(*) FROM payments") == [(1,)]
    assert rows(world, "SELECT count(*) FROM inbox WHERE source = 'shop'") == [(1,)]


def test_two_processes_that_place_one_order_at_a_time_leave_one(world: World):
    first, second = (arrival(world, body("RACE")) for _ in range(2))
    answers: list[list[Landed | None]] = []
    with world.database.transaction() as session:
        placed = place_plain.place(session, [first])
        other = threading.Thread(target=lambda: answers.append(place(world, second)))
        other.start()
        other.join(0.3)
        assert other.is_alive()  # it waits for the number
    other.join(30)
    assert placed[0] is not None
    assert answers == [[None]]
    assert rows(world, "SELECT count(*) FROM orders") == [(1,)]


def test_a_repeat_of_a_message_that_is_done_asks_the_lane_once_and_places_nothing(world: World):
    first = take(body("AGAIN"))
    before = rows(world, "SELECT count(*) FROM events")
    again = take(body("AGAIN"))
    assert (again.order_id, again.is_new) == (first.order_id, False)
    assert rows(world, "SELECT count(*) FROM events") == before


def test_when_the_lane_breaks_the_order_is_placed_with_care(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    def breaks(*_: object) -> bool:
        raise RuntimeError("测试")

    monkeypatch.setattr(place_plain, "_is_sound", breaks)
    taken = take(body("BROKEN"))
    assert (taken.is_new, taken.is_plain) == (True, False)
    assert world.order("BROKEN").status.value == "unpaid"


def test_a_shop_that_is_only_observed_is_left_to_a_closer_look(world: World):
    with world.database.transaction() as session:
        session.execute(sa.text("UPDATE shops SET observed_from = now(), is_observing = true"))
    coming = arrival(world, body("OBS"))
    assert not place_plain.may_be_plain(coming.shop, coming.found)
    assert place(world, coming) == [None]
    assert not take(body("OBS")).is_plain
    with world.database.read() as session:
        order = orders.find_order(session, shop_id=SHOP, number="OBS")
    assert order is not None
    assert order.tags == ("旁观",)


def test_a_page_of_orders_shares_the_lane_and_one_bad_order_stops_none(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    sizes: list[int] = []
    whole = place_plain.place

    def counted(session: object, coming: list[Arrival]) -> list[Landed | None]:
        sizes.append(len(coming))
        return whole(session, coming)  # type: ignore[arg-type]  # the lane's own session

    monkeypatch.setattr(world.hub.placing, "_decide", counted)
    with world.database.read() as session:
        shop = channels.load_shop(session, SHOP)
    page = [body(f"PAGE{number}") for number in range(12)]
    page.insert(5, b"{}")
    pull_orders._take_pulled(shop, page)
    assert sum(sizes) == 12
    assert len(sizes) < 12
    assert rows(world, "SELECT count(*), count(DISTINCT number) FROM orders") == [(12, 12)]
    assert [kind for kind, _ in world.items()] == ["bad_order"]


def test_what_a_page_tells_again_is_left_out_but_for_a_cancellation_that_still_asks(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    with world.database.read() as session:
        shop = channels.load_shop(session, SHOP)
    page = [body("AGAIN1"), body("AGAIN2")]
    pull_orders._take_pulled(shop, page)
    notices.send(world, notices.paid("PAYAGAIN1", 2 * 5900))
    gone = body("AGAIN1", version=2, status="cancelled")
    pull_orders._take_pulled(shop, [gone])
    outcomes = "SELECT outcome FROM inbox WHERE source = 'shop' ORDER BY received_at"
    assert rows(world, outcomes)[-1] == ("cancel_asked",)
    begun: list[bytes] = []
    begin = pull_orders.begin

    def counted(shop_id: str, raw: bytes, **more: object) -> object:
        begun.append(raw)
        return begin(shop_id, raw, **more)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(pull_orders, "begin", counted)
    pull_orders._take_pulled(shop, [*page, gone])
    assert begun == [gone]
