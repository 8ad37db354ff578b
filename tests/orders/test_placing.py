"""Placing orders: first messages, repeats, newer versions, cancels, and races of them."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.orders.acts import (
    LATER,
    codes,
    events,
    pay,
    place,
    run_all,
)
from tests.orders.builders import NOON, RECEIVER, line, new_order
from yinuo.core.money import Fen
from yinuo.orders import service
from yinuo.orders.model import (
    BadOrder,
    OrderStatus,
    PaymentNumberTaken,
    PaymentStatus,
    PlaceOutcome,
)


def test_an_order_is_placed_with_everything_it_said(session):
    placed = service.place_order(session, new_order(), now=NOON)

    assert placed.is_new
    assert placed.outcome is PlaceOutcome.CREATED
    order = placed.order
    assert order.number == "202611220001"
    assert order.raw_number == " 202611220001"
    assert order.status is OrderStatus.UNPAID
    assert order.total_fen == 25_990
    assert [(one.sku, one.quantity, one.amount_fen) for one in order.lines] == [
        ("RUG-160", 2, 25_990)
    ]
    assert order.region == RECEIVER.region
    assert order.version == 1
    assert service.reveal_receiver(session, order.id) == RECEIVER
    assert service.load_order(session, order.id) == order
    assert service.find_order(session, shop_id="mini", number="202611220001") == order
    assert service.find_by_payment_number(session, "P202611220001") == order
    assert service.find_order(session, shop_id="other", number="202611220001") is None
    assert service.find_by_payment_number(session, "nothing") is None
    assert codes(session, order.id) == ["orders.timeline.placed"]
    assert events(session) == ["orders.order_placed"]


@pytest.mark.parametrize(
    "new",
    [
        new_order(version=2, is_cancelled=True),
        new_order(payment_number=None, remark="急用", buyer_nick="", discount_fen=Fen(0)),
        new_order(
            lines=(
                line(bundle_of="SET-1"),
                line(sku="PILW-45", quantity=1, price=0, is_gift=True),
            )
        ),
    ],
    ids=["cancelled", "without a payment number", "a bundle's part and a gift"],
)
def test_what_placing_returns_is_what_is_stored(session, new):
    placed = service.place_order(session, new, now=NOON)
    assert service.load_order(session, placed.order.id) == placed.order


def test_an_order_whose_payment_waited_is_returned_paid(session):
    pay(session)
    placed = service.place_order(session, new_order(), now=NOON)
    assert placed.order.payment_status is PaymentStatus.PAID
    assert service.load_order(session, placed.order.id) == placed.order


def test_personal_data_stands_in_one_table(session):
    order = place(session)
    row = session.execute(
        sa.text("SELECT to_jsonb(orders)::text AS all FROM orders WHERE id = :id"),
        {"id": order.id},
    ).one()
    for secret in (RECEIVER.name, RECEIVER.phone, RECEIVER.detail):
        assert secret not in row.all
    assert "138****5678" in row.all


def test_the_same_version_again_changes_nothing(session):
    first = place(session)
    again = service.place_order(session, new_order(total_fen=Fen(1)), now=LATER)
    assert not again.is_new
    assert again.outcome is PlaceOutcome.UNCHANGED
    assert again.order == first
    assert events(session) == ["orders.order_placed"]


def test_a_newer_version_replaces_an_unpaid_order(session):
    first = place(session)
    newer = new_order(
        version=3,
        lines=(line("QUILT-200", 1, 30_000), line("GIFT", 1, 0, is_gift=True)),
        total_fen=Fen(30_000),
        receiver=replace(RECEIVER, phone="13900001111", city="宁波市"),
    )
    changed = service.place_order(session, newer, now=LATER)

    assert changed.outcome is PlaceOutcome.UPDATED
    assert changed.order.id == first.id
    assert changed.order.channel_version == 3
    assert changed.order.version == 2
    assert [one.sku for one in changed.order.lines] == ["QUILT-200", "GIFT"]
    assert changed.order.region.city == "宁波市"
    assert service.reveal_receiver(session, first.id).phone == "13900001111"
    stale = service.place_order(session, new_order(version=2), now=LATER)
    assert stale.outcome is PlaceOutcome.STALE
    assert stale.order == changed.order
    assert codes(session, first.id) == ["orders.timeline.placed", "orders.timeline.changed"]


def test_a_newer_version_that_says_the_same_is_only_counted(session):
    first = place(session)
    same = service.place_order(session, new_order(version=2), now=LATER)
    assert same.outcome is PlaceOutcome.UNCHANGED
    assert same.order.channel_version == 2
    assert same.order.lines == first.lines


def test_a_newer_version_after_payment_is_told_and_not_applied(session):
    first = place(session)
    pay(session)
    newer = new_order(version=2, lines=(line(quantity=9),))
    told = service.place_order(session, newer, now=LATER)
    assert told.outcome is PlaceOutcome.CHANGED_AFTER_PAYMENT
    assert [one.quantity for one in told.order.lines] == [2]
    again = service.place_order(session, newer, now=LATER)
    assert again.outcome is PlaceOutcome.UNCHANGED
    assert codes(session, first.id)[-1] == "orders.timeline.change_not_applied"


def test_a_cancel_for_a_known_order_is_asked_until_it_is_done(session):
    order = place(session)
    cancel = new_order(version=2, is_cancelled=True)
    for _ in range(2):
        asked = service.place_order(session, cancel, now=LATER)
        assert asked.outcome is PlaceOutcome.CANCEL_ASKED
        assert asked.order.status is OrderStatus.UNPAID
    service.mark_cancelled(session, order.id, reason="buyer", actor="channel", now=LATER)
    done = service.place_order(session, cancel, now=LATER)
    assert done.outcome is PlaceOutcome.STALE
    assert codes(session, order.id) == [
        "orders.timeline.placed",
        "orders.timeline.cancel_asked",
        "orders.timeline.cancelled",
    ]


def test_a_cancel_before_its_order_makes_a_cancelled_order(session):
    placed = service.place_order(session, new_order(version=2, is_cancelled=True), now=NOON)
    assert placed.outcome is PlaceOutcome.CREATED
    assert placed.order.status is OrderStatus.CANCELLED
    assert placed.order.payment_status is PaymentStatus.CLOSED
    late = service.place_order(session, new_order(version=1), now=LATER)
    assert late.outcome is PlaceOutcome.STALE
    assert late.order.status is OrderStatus.CANCELLED


def test_a_wrong_order_leaves_nothing(session):
    with pytest.raises(BadOrder):
        service.place_order(session, new_order(lines=(line(quantity=10_000),)), now=NOON)
    assert session.execute(sa.text("SELECT count(*) FROM orders")).scalar_one() == 0


def test_a_payment_number_pays_one_order(session):
    place(session)
    with pytest.raises(PaymentNumberTaken):
        place(session, number="202611220002", payment_number="P202611220001", unique_id="other")
    place(session, number="202611220003", payment_number=None, unique_id="third")
    place(session, number="202611220004", payment_number=None, unique_id="fourth")


def test_racing_messages_of_one_order_make_one_order(database):
    together = threading.Barrier(8)
    placed = []

    def send(version):
        together.wait()
        with database.transaction() as session:
            placed.append(service.place_order(session, new_order(version=version), now=NOON))

    run_all([threading.Thread(target=send, args=(1 + n % 2,)) for n in range(8)])

    assert len(placed) == 8
    assert sum(one.is_new for one in placed) == 1
    assert len({one.order.id for one in placed}) == 1
    with database.read() as session:
        assert session.execute(sa.text("SELECT count(*) FROM orders")).scalar_one() == 1
        assert session.execute(sa.text("SELECT count(*) FROM order_lines")).scalar_one() == 1
