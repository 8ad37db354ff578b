"""Payments and refunds in every order of coming, repeated and racing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.orders.acts import advance, codes, events, place, run_all
from tests.orders.builders import NOON, new_order, payment, refund
from yinuo.core.money import Fen
from yinuo.orders import service
from yinuo.orders.model import (
    AMOUNT_MISMATCH,
    BadPayment,
    FulfillmentStatus,
    OrderStatus,
    PaymentOutcome,
    PaymentStatus,
    RefundStatus,
)

LATER = NOON + timedelta(minutes=5)
OUT = PaymentOutcome


def pay(session, **changes):
    return service.record_payment(session, payment(**changes), now=LATER)


def give_back(session, **changes):
    return service.record_refund(session, refund(**changes), now=LATER)


def test_the_right_amount_pays_the_order(session):
    order = place(session)
    paid = pay(session)
    assert (paid.order_id, paid.outcome) == (order.id, OUT.ACCEPTED)
    now = service.load_order(session, order.id)
    assert now.payment_status is PaymentStatus.PAID
    assert now.status is OrderStatus.WAITING
    assert now.paid_fen == 25_990
    assert now.paid_at == NOON + timedelta(minutes=1)
    assert codes(session, order.id) == [
        "orders.timeline.placed",
        "orders.timeline.payment_accepted",
    ]
    assert events(session) == ["orders.order_placed", "orders.order_paid"]


def test_a_repeat_changes_nothing(session):
    order = place(session)
    first = pay(session)
    before = service.load_order(session, order.id)
    again = pay(session)
    assert again.outcome is OUT.REPEATED
    assert again.kept_outcome is OUT.ACCEPTED
    assert again.payment_id == first.payment_id
    assert service.load_order(session, order.id) == before


def test_a_transaction_told_with_another_amount_holds_the_order(session):
    order = place(session)
    pay(session)
    for _ in range(2):
        told = pay(session, amount_fen=Fen(1))
        assert (told.outcome, told.kept_outcome) == (OUT.AMOUNT_MISMATCH, OUT.ACCEPTED)
    now = service.load_order(session, order.id)
    assert now.paid_fen == 25_990
    assert [one.reason for one in now.holds] == [AMOUNT_MISMATCH]


def test_a_parked_transaction_told_with_another_amount_stays_parked(session):
    pay(session)
    told = pay(session, amount_fen=Fen(1))
    assert (told.outcome, told.kept_outcome) == (OUT.AMOUNT_MISMATCH, OUT.ORDER_UNKNOWN)
    assert place(session).payment_status is PaymentStatus.PAID


@pytest.mark.parametrize("amount", [25_989, 25_991, 0])
def test_a_wrong_amount_is_booked_and_holds_the_order(session, amount):
    order = place(session)
    paid = pay(session, amount_fen=Fen(amount))
    assert paid.outcome is OUT.AMOUNT_MISMATCH
    now = service.load_order(session, order.id)
    assert now.payment_status is PaymentStatus.UNPAID
    assert now.status is OrderStatus.HELD
    assert now.paid_fen == amount
    assert [(one.reason, one.owner_role) for one in now.holds] == [(AMOUNT_MISMATCH, "operations")]
    right = pay(session, transaction_id="second")
    assert right.outcome is OUT.ACCEPTED
    assert service.load_order(session, order.id).payment_status is PaymentStatus.PAID
    assert service.load_order(session, order.id).status is OrderStatus.HELD
    assert service.reconcile(session) == []


def test_a_second_transaction_is_kept_as_overpaid(session):
    order = place(session)
    pay(session)
    second = pay(session, transaction_id="second")
    assert (second.order_id, second.outcome) == (order.id, OUT.OVERPAID)
    now = service.load_order(session, order.id)
    assert now.paid_fen == 51_980
    assert now.payment_status is PaymentStatus.PAID
    give_back(session, transaction_id="second")
    after = service.load_order(session, order.id)
    assert after.payment_status is PaymentStatus.PAID
    assert after.refunded_fen == 25_990


def test_a_payment_before_its_order_waits_for_it(session):
    early = pay(session)
    assert (early.order_id, early.outcome) == (None, OUT.ORDER_UNKNOWN)
    assert pay(session).kept_outcome is OUT.ORDER_UNKNOWN
    placed = service.place_order(session, new_order(), now=LATER)
    assert [one.outcome for one in placed.payments] == [OUT.ACCEPTED]
    assert placed.order.payment_status is PaymentStatus.PAID
    assert pay(session).kept_outcome is OUT.ACCEPTED


def test_a_payment_for_a_newer_payment_number_waits_for_the_version(session):
    order = place(session)
    assert pay(session, payment_number="P-second").outcome is OUT.ORDER_UNKNOWN
    changed = service.place_order(
        session, new_order(version=2, payment_number="P-second"), now=LATER
    )
    assert [one.outcome for one in changed.payments] == [OUT.ACCEPTED]
    assert changed.order.id == order.id
    assert changed.order.payment_status is PaymentStatus.PAID


def test_a_payment_after_cancellation_leaves_the_order_cancelled(session):
    order = place(session)
    service.mark_cancelled(session, order.id, reason="buyer", actor="cs", now=LATER)
    paid = pay(session)
    assert paid.outcome is OUT.ORDER_CANCELLED
    now = service.load_order(session, order.id)
    assert now.status is OrderStatus.CANCELLED
    assert now.payment_status is PaymentStatus.PAID
    give_back(session)
    now = service.load_order(session, order.id)
    assert (now.status, now.payment_status) == (OrderStatus.CANCELLED, PaymentStatus.REFUNDED)
    assert service.reconcile(session) == []


def test_a_payment_told_twice_after_shipping_with_a_wrong_amount_holds_nothing(session):
    order = place(session)
    pay(session)
    step = FulfillmentStatus
    advance(session, order, step.RESERVED, step.SENDING, step.SHIPPED)
    assert pay(session, amount_fen=Fen(1)).outcome is OUT.AMOUNT_MISMATCH
    assert service.load_order(session, order.id).holds == ()


def test_a_payment_without_numbers_is_refused(session):
    with pytest.raises(BadPayment):
        pay(session, transaction_id="")
    with pytest.raises(BadPayment):
        give_back(session, refund_id="")


def test_two_racing_payments_pay_once(database):
    with database.transaction() as session:
        order = place(session)
    outcomes = race_payments(database, [f"tx-{n}" for n in range(8)])
    assert sorted(outcomes) == [OUT.ACCEPTED, *[OUT.OVERPAID] * 7]
    with database.read() as session:
        now = service.load_order(session, order.id)
        assert now.paid_fen == 8 * 25_990
        assert now.payment_status is PaymentStatus.PAID
        assert service.reconcile(session) == []


def test_one_payment_told_eight_times_at_once_pays_once(database):
    with database.transaction() as session:
        place(session)
    outcomes = race_payments(database, ["tx"] * 8)
    assert sorted(outcomes) == [OUT.ACCEPTED, *[OUT.REPEATED] * 7]


def race_payments(database, transactions):
    together = threading.Barrier(len(transactions))
    outcomes = []

    def send(transaction):
        together.wait()
        with database.transaction() as session:
            outcomes.append(pay(session, transaction_id=transaction).outcome)

    run_all([threading.Thread(target=send, args=(one,)) for one in transactions])
    return outcomes


def test_an_order_and_its_payment_that_race_always_meet(database):
    for round_number in range(20):
        number = f"2026112299{round_number:02d}"
        together = threading.Barrier(2)

        def send_order(number=number, together=together):
            together.wait()
            with database.transaction() as session:
                order = new_order(number)
                service.place_order(session, order, now=NOON)

        def send_payment(number=number, together=together):
            together.wait()
            with database.transaction() as session:
                service.record_payment(session, payment(number), now=NOON)

        run_all([threading.Thread(target=send_order), threading.Thread(target=send_payment)])
    with database.read() as session:
        paid = session.execute(
            sa.text("SELECT count(*) FROM orders WHERE payment_status = 'paid'")
        ).scalar_one()
        assert paid == 20


def test_refunds_add_up_to_the_whole(session):
    order = place(session)
    pay(session)
    part = give_back(session, refund_id="r1", amount_fen=Fen(10_000))
    assert part.is_new
    assert part.payment_status is PaymentStatus.PARTLY_REFUNDED
    again = give_back(session, refund_id="r1", amount_fen=Fen(10_000))
    assert not again.is_new
    assert again.payment_status is PaymentStatus.PARTLY_REFUNDED
    rest = give_back(session, refund_id="r2", amount_fen=Fen(15_990))
    assert rest.payment_status is PaymentStatus.REFUNDED
    now = service.load_order(session, order.id)
    assert now.status is OrderStatus.REFUNDED
    assert now.refunded_fen == 25_990
    assert codes(session, order.id)[-2:] == ["orders.timeline.refund_success"] * 2
    assert service.reconcile(session) == []


def test_a_refund_moves_money_only_when_it_succeeds(session):
    order = place(session)
    pay(session)
    assert give_back(session, status=RefundStatus.PROCESSING).is_new
    assert service.load_order(session, order.id).refunded_fen == 0
    done = give_back(session)
    assert (done.is_new, done.payment_status) == (False, PaymentStatus.REFUNDED)
    late = give_back(session, status=RefundStatus.CLOSED)
    assert late.payment_status is PaymentStatus.REFUNDED
    assert service.load_order(session, order.id).refunded_fen == 25_990


def test_a_refund_before_its_payment_waits_for_it(session):
    order = place(session)
    early = give_back(session, amount_fen=Fen(5_000))
    assert (early.order_id, early.payment_status) == (None, None)
    pay(session)
    now = service.load_order(session, order.id)
    assert now.payment_status is PaymentStatus.PARTLY_REFUNDED
    assert now.refunded_fen == 5_000
    assert service.reconcile(session) == []


def test_a_refund_and_a_payment_before_the_order_wait_together(session):
    pay(session)
    assert give_back(session).order_id is None
    placed = service.place_order(session, new_order(), now=LATER)
    assert placed.order.payment_status is PaymentStatus.REFUNDED
    assert service.reconcile(session) == []


def test_racing_tellings_of_one_refund_count_once(database):
    with database.transaction() as session:
        order = place(session)
        pay(session)
    together = threading.Barrier(6)
    found = []

    def send():
        together.wait()
        with database.transaction() as session:
            found.append(give_back(session, amount_fen=Fen(100)).is_new)

    run_all([threading.Thread(target=send) for _ in range(6)])
    assert sorted(found) == [False] * 5 + [True]
    with database.read() as session:
        assert service.load_order(session, order.id).refunded_fen == 100
        assert service.reconcile(session) == []
