"""Holding, moving, cancelling, sourcing and tagging orders on a real database."""

from __future__ import annotations

import itertools
import threading

import pytest
import sqlalchemy as sa

from tests.orders.acts import (
    LATER,
    F,
    advance,
    codes,
    hold,
    pay,
    place,
    release,
    run_all,
    why,
)
from yinuo.orders import service
from yinuo.orders.model import (
    AlreadyShipped,
    Candidate,
    HoldNotFound,
    IllegalTransition,
    OrderFinished,
    OrderIsHeld,
    OrderNotFound,
    OrderStatus,
    PaymentStatus,
    Sourcing,
    derive_status,
)


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
