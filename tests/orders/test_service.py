"""Placing, holding, moving, cancelling and tagging orders on a real database."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.orders.builders import NOON, RECEIVER, line, new_order, payment
from yinuo.core.money import Fen
from yinuo.orders import service
from yinuo.orders.model import (
    AlreadyShipped,
    BadOrder,
    Candidate,
    FulfillmentStatus,
    HoldNotFound,
    IllegalTransition,
    OrderFinished,
    OrderIsHeld,
    OrderNotFound,
    OrderStatus,
    PaymentNumberTaken,
    PaymentStatus,
    PlaceOutcome,
    Sourcing,
    TimelineEntry,
    derive_status,
)

F = FulfillmentStatus
LATER = NOON + timedelta(minutes=5)


def why(code="test.step", **changes):
    return replace(TimelineEntry(at=LATER, code=code), **changes)


def place(session, **changes):
    return service.place_order(session, new_order(**changes), now=NOON).order


def pay(session, **changes):
    return service.record_payment(session, payment(**changes), now=LATER)


def codes(session, order_id):
    rows = session.execute(
        sa.text("SELECT code FROM order_timeline WHERE order_id = :id ORDER BY id"),
        {"id": order_id},
    )
    return [row.code for row in rows]


def events(session):
    return [row.name for row in session.execute(sa.text("SELECT name FROM events ORDER BY seq"))]


def advance(session, order, *path):
    for to in path:
        service.advance(session, order.id, to=to, why=why(), now=LATER)


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


def run_all(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_holds_stand_each_for_itself(session):
    order = place(session)
    pay(session)
    first = hold(session, order.id)
    assert hold(session, order.id) == first
    second = hold(session, order.id, owner_role="customer_service")
    assert second.id != first.id
    held = service.load_order(session, order.id)
    assert held.status is OrderStatus.HELD
    assert [one.id for one in held.holds] == [first.id, second.id]

    assert release(session, order.id, first.id)
    assert not release(session, order.id, first.id)
    still = service.load_order(session, order.id)
    assert still.status is OrderStatus.HELD
    assert [one.id for one in still.holds] == [second.id]
    assert release(session, order.id, second.id)
    assert service.load_order(session, order.id).status is OrderStatus.WAITING
    assert hold(session, order.id).id != first.id
    assert service.reconcile(session) == []


def hold(session, order_id, **changes):
    said = {"reason": "address_unclear", "owner_role": "operations", "note": "", **changes}
    return service.hold_order(session, order_id, **said, actor="ops", now=LATER)


def release(session, order_id, hold_id):
    return service.release_hold(session, order_id, hold_id=hold_id, actor="ops", now=LATER)


def test_a_hold_that_never_was_is_not_found(session):
    order = place(session)
    with pytest.raises(HoldNotFound):
        release(session, order.id, "hold_none")
    with pytest.raises(OrderNotFound):
        release(session, "ord_none", "hold_none")


def test_racing_holds_of_one_reason_are_one_hold(database):
    with database.transaction() as session:
        order = place(session)
    together = threading.Barrier(6)
    found = []

    def put():
        together.wait()
        with database.transaction() as session:
            found.append(hold(session, order.id).id)

    run_all([threading.Thread(target=put) for _ in range(6)])
    assert len(found) == 6
    assert len(set(found)) == 1
    with database.read() as session:
        assert service.reconcile(session) == []


def test_a_held_order_is_not_sent(session):
    order = place(session)
    pay(session)
    advance(session, order, F.RESERVED)
    placed = hold(session, order.id)
    with pytest.raises(OrderIsHeld):
        advance(session, order, F.SENDING)
    assert service.load_order(session, order.id).fulfillment_status is F.RESERVED
    release(session, order.id, placed.id)
    advance(session, order, F.SENDING)


def test_an_order_goes_its_way_step_by_step(session):
    order = place(session)
    pay(session)
    for to, status in [
        (F.RESERVED, OrderStatus.RESERVED),
        (F.SENDING, OrderStatus.SENDING),
        (F.IN_WAREHOUSE, OrderStatus.IN_WAREHOUSE),
        (F.SHIPPED, OrderStatus.SHIPPED),
    ]:
        moved = service.advance(session, order.id, to=to, why=why(f"step.{to.value}"), now=LATER)
        assert moved
        again = service.advance(session, order.id, to=to, why=why("never"), now=LATER)
        assert not again
        assert service.load_order(session, order.id).status is status
    assert codes(session, order.id)[2:] == [
        "step.reserved",
        "step.sending",
        "step.in_warehouse",
        "step.shipped",
    ]
    stamps = session.execute(sa.text("SELECT reserved_at, shipped_at FROM orders")).one()
    assert tuple(stamps) == (LATER, LATER)
    with pytest.raises(OrderFinished):
        hold(session, order.id)


def test_an_impossible_step_changes_nothing(session):
    order = place(session)
    for wrong in (F.SENDING, F.SHIPPED, F.CANCELLED):
        with pytest.raises(IllegalTransition):
            service.advance(session, order.id, to=wrong, why=why(), now=LATER)
    assert service.load_order(session, order.id) == order
    with pytest.raises(OrderNotFound):
        service.advance(session, "ord_none", to=F.RESERVED, why=why(), now=LATER)


def test_a_lapsed_reservation_takes_an_order_back_to_waiting(session):
    order = place(session)
    advance(session, order, F.RESERVED, F.WAITING)
    assert service.load_order(session, order.id).fulfillment_status is F.WAITING


def test_cancelling_closes_an_unpaid_order_and_its_holds(session):
    order = place(session)
    hold(session, order.id)
    assert service.mark_cancelled(session, order.id, reason="buyer", actor="cs", now=LATER)
    assert not service.mark_cancelled(session, order.id, reason="again", actor="cs", now=LATER)
    cancelled = service.load_order(session, order.id)
    assert cancelled.status is OrderStatus.CANCELLED
    assert cancelled.payment_status is PaymentStatus.CLOSED
    assert cancelled.holds == ()
    assert codes(session, order.id)[-1] == "orders.timeline.cancelled"
    assert service.reconcile(session) == []


def test_what_has_shipped_is_not_cancelled(session):
    order = place(session)
    pay(session)
    advance(session, order, F.RESERVED, F.SENDING, F.SHIPPED)
    with pytest.raises(AlreadyShipped):
        service.mark_cancelled(session, order.id, reason="late", actor="cs", now=LATER)
    assert service.load_order(session, order.id).status is OrderStatus.SHIPPED


def test_cancelling_and_shipping_race_to_one_end(database):
    with database.transaction() as session:
        order = place(session)
        pay(session)
        advance(session, order, F.RESERVED, F.SENDING)
    together = threading.Barrier(2)
    ends = []

    def ship():
        together.wait()
        with database.transaction() as session:
            try:
                service.advance(session, order.id, to=F.SHIPPED, why=why(), now=LATER)
                ends.append("shipped")
            except IllegalTransition:
                pass

    def cancel():
        together.wait()
        with database.transaction() as session:
            try:
                service.mark_cancelled(session, order.id, reason="r", actor="cs", now=LATER)
                ends.append("cancelled")
            except AlreadyShipped:
                pass

    run_all([threading.Thread(target=ship), threading.Thread(target=cancel)])
    with database.read() as session:
        assert ends == [service.load_order(session, order.id).status.value]


def test_tags_go_on_and_off_once(session):
    order = place(session)
    assert service.tag_order(session, order.id, tag=" VIP ", actor="ops", now=LATER)
    assert not service.tag_order(session, order.id, tag="VIP", actor="ops", now=LATER)
    service.tag_order(session, order.id, tag="A", actor="ops", now=LATER)
    assert service.load_order(session, order.id).tags == ("A", "VIP")
    assert service.untag_order(session, order.id, tag="VIP", actor="ops", now=LATER)
    assert not service.untag_order(session, order.id, tag="VIP", actor="ops", now=LATER)
    assert service.load_order(session, order.id).tags == ("A",)
    with pytest.raises(OrderNotFound):
        service.tag_order(session, "ord_none", tag="VIP", actor="ops", now=LATER)


def test_sourcing_is_kept_with_its_candidates(session):
    order = place(session)
    chosen = Candidate(
        warehouse="WH-HZ", name="杭州仓", rank=1, reason="sourcing.nearest", is_chosen=True
    )
    other = Candidate(
        warehouse="WH-GZ",
        name="广州仓",
        rank=2,
        reason="sourcing.short",
        is_chosen=False,
        params={"short": {"RUG-160": 1}},
    )
    sourcing = Sourcing(warehouse="WH-HZ", carrier="SF", candidates=(chosen, other))
    service.record_sourcing(session, order.id, sourcing=sourcing, now=LATER)
    assert service.load_order(session, order.id).sourcing == sourcing


def test_a_step_with_a_key_is_noted_once(session):
    order = place(session)
    entry = why("erp.posted", params={"number": "SO-1"}, dedupe_key="erp:1")
    assert service.write_timeline(session, order.id, entry)
    assert not service.write_timeline(session, order.id, entry)
    assert service.write_timeline(session, order.id, why("note"))
    assert service.write_timeline(session, order.id, why("note"))
    assert codes(session, order.id)[1:] == ["erp.posted", "note", "note"]
    with pytest.raises(OrderNotFound):
        service.write_timeline(session, "ord_none", entry)


@pytest.mark.parametrize(
    "change", ["UPDATE order_timeline SET code = 'x'", "DELETE FROM order_timeline"]
)
def test_the_timeline_only_grows(session, change):
    place(session)
    with pytest.raises(sa.exc.DBAPIError, match="only grows"):
        session.execute(sa.text(change))


def test_the_database_derives_status_as_the_model_does(session):
    place(session)
    for payment_status, fulfillment, holds in itertools.product(PaymentStatus, F, (0, 1)):
        status = derive_status(payment_status, fulfillment, holds=holds)
        values = {
            "payment": payment_status.value,
            "fulfillment": fulfillment.value,
            "holds": holds,
        }
        for told in OrderStatus:
            write = sa.text(
                "UPDATE orders SET payment_status = :payment, fulfillment_status = :fulfillment,"
                " hold_count = :holds, status = :told"
            )
            if told is status:
                session.execute(write, {**values, "told": told.value})
                continue
            with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
                session.execute(write, {**values, "told": told.value})


def test_drift_of_counters_is_found(session):
    order = place(session)
    pay(session)
    session.execute(sa.text("UPDATE orders SET paid_fen = 1, hold_count = 1, status = 'held'"))
    session.execute(sa.text("UPDATE payments SET refunded_fen = 5"))
    found = {(one.counter, one.stored, one.recomputed) for one in service.reconcile(session)}
    assert found == {
        ("paid_fen", "1", "25990"),
        ("hold_count", "1", "0"),
        ("refunded_fen", "0", "5"),
        ("payment.refunded_fen", "5", "0"),
    }
    assert {one.order_id for one in service.reconcile(session)} == {order.id}
