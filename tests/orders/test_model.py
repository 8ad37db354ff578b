"""The pure decisions of orders."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.orders.builders import NOON
from yinuo.core.money import Fen
from yinuo.orders.model import (
    HOLD_OWNERS,
    AlreadyShipped,
    BundlePiece,
    FulfillmentStatus,
    HoldReason,
    IllegalTransition,
    Money,
    OrderIsHeld,
    OrderState,
    OrderStatus,
    PaymentOutcome,
    PaymentStatus,
    PlaceOutcome,
    RefundStatus,
    SoldLine,
    can_cancel,
    can_retry,
    check_not_held,
    derive_status,
    is_step,
    items_text,
    judge_payment,
    judge_version,
    order_lines,
    payment_status_of,
    refund_after,
    share_amount,
    with_books,
)

F = FulfillmentStatus
P = PaymentStatus
S = OrderStatus


@pytest.mark.parametrize(
    ("payment_status", "fulfillment", "holds", "expected"),
    [
        (P.UNPAID, F.WAITING, 0, S.UNPAID),
        (P.UNPAID, F.RESERVED, 0, S.UNPAID),
        (P.UNPAID, F.WAITING, 1, S.HELD),
        (P.PAID, F.WAITING, 0, S.WAITING),
        (P.PAID, F.WAITING, 2, S.HELD),
        (P.PAID, F.RESERVED, 0, S.RESERVED),
        (P.PARTLY_REFUNDED, F.RESERVED, 0, S.RESERVED),
        (P.PAID, F.SENDING, 0, S.SENDING),
        (P.PAID, F.SENDING, 1, S.HELD),
        (P.UNPAID, F.SENDING, 0, S.SENDING),
        (P.PAID, F.IN_WAREHOUSE, 0, S.IN_WAREHOUSE),
        (P.PAID, F.SHIPPED, 0, S.SHIPPED),
        (P.PAID, F.SHIPPED, 1, S.SHIPPED),
        (P.REFUNDED, F.WAITING, 1, S.REFUNDED),
        (P.REFUNDED, F.SHIPPED, 0, S.REFUNDED),
        (P.REFUNDED, F.CANCELLED, 0, S.CANCELLED),
        (P.CLOSED, F.CANCELLED, 0, S.CANCELLED),
        (P.CLOSED, F.WAITING, 0, S.UNPAID),
    ],
)
def test_status_is_derived(payment_status, fulfillment, holds, expected):
    assert derive_status(payment_status, fulfillment, holds=holds) is expected


def test_every_combination_has_a_status():
    for payment_status, fulfillment, holds in itertools.product(P, F, (0, 1, 3)):
        assert derive_status(payment_status, fulfillment, holds=holds) in S


STEPS = {
    (F.WAITING, F.RESERVED),
    (F.WAITING, F.CANCELLED),
    (F.RESERVED, F.SENDING),
    (F.RESERVED, F.WAITING),
    (F.RESERVED, F.CANCELLED),
    (F.SENDING, F.IN_WAREHOUSE),
    (F.SENDING, F.SHIPPED),
    (F.SENDING, F.CANCELLED),
    (F.IN_WAREHOUSE, F.SHIPPED),
    (F.IN_WAREHOUSE, F.CANCELLED),
}
REPEATS = {(one, one) for one in F} | {
    (F.SENDING, F.RESERVED),
    (F.IN_WAREHOUSE, F.RESERVED),
    (F.IN_WAREHOUSE, F.SENDING),
    (F.SHIPPED, F.RESERVED),
    (F.SHIPPED, F.SENDING),
    (F.SHIPPED, F.IN_WAREHOUSE),
}


@pytest.mark.parametrize(("current", "to"), list(itertools.product(F, F)))
def test_fulfillment_moves_only_along_its_table(current, to):
    if (current, to) in STEPS:
        assert is_step(current, to) is True
    elif (current, to) in REPEATS:
        assert is_step(current, to) is False
    elif (current, to) == (F.SHIPPED, F.CANCELLED):
        with pytest.raises(AlreadyShipped):
            is_step(current, to)
    else:
        with pytest.raises(IllegalTransition) as refused:
            is_step(current, to)
        assert refused.value.details == {"current": current.value, "to": to.value}


def test_a_held_order_is_not_sent_but_facts_are_told():
    with pytest.raises(OrderIsHeld):
        check_not_held(F.SENDING, holds=1)
    check_not_held(F.SENDING, holds=0)
    check_not_held(F.SHIPPED, holds=1)


@pytest.mark.parametrize(
    ("amount", "payment_status", "fulfillment", "expected"),
    [
        (100, P.UNPAID, F.WAITING, PaymentOutcome.ACCEPTED),
        (99, P.UNPAID, F.WAITING, PaymentOutcome.AMOUNT_MISMATCH),
        (101, P.UNPAID, F.RESERVED, PaymentOutcome.AMOUNT_MISMATCH),
        (100, P.PAID, F.WAITING, PaymentOutcome.OVERPAID),
        (7, P.REFUNDED, F.SHIPPED, PaymentOutcome.OVERPAID),
        (100, P.CLOSED, F.CANCELLED, PaymentOutcome.ORDER_CANCELLED),
        (100, P.PAID, F.CANCELLED, PaymentOutcome.ORDER_CANCELLED),
    ],
)
def test_a_payment_is_judged(amount, payment_status, fulfillment, expected):
    outcome = judge_payment(
        amount_fen=Fen(amount),
        total_fen=Fen(100),
        payment=payment_status,
        fulfillment=fulfillment,
    )
    assert outcome is expected


def money(outcome, amount, refunded=0):
    return Money(outcome=outcome, amount_fen=Fen(amount), refunded_fen=Fen(refunded))


@pytest.mark.parametrize(
    ("books", "is_cancelled", "expected"),
    [
        ([], False, P.UNPAID),
        ([], True, P.CLOSED),
        ([money(PaymentOutcome.AMOUNT_MISMATCH, 90, 90)], False, P.UNPAID),
        ([money(PaymentOutcome.ACCEPTED, 100)], False, P.PAID),
        ([money(PaymentOutcome.ACCEPTED, 100, 1)], False, P.PARTLY_REFUNDED),
        ([money(PaymentOutcome.ACCEPTED, 100, 100)], True, P.REFUNDED),
        (
            [money(PaymentOutcome.ACCEPTED, 100), money(PaymentOutcome.OVERPAID, 100, 100)],
            False,
            P.PAID,
        ),
        ([money(PaymentOutcome.ORDER_CANCELLED, 100)], True, P.PAID),
        ([money(PaymentOutcome.ORDER_CANCELLED, 100, 100)], True, P.REFUNDED),
    ],
)
def test_payment_status_comes_from_the_books(books, is_cancelled, expected):
    assert payment_status_of(books, is_cancelled=is_cancelled) is expected


def test_sums_and_status_come_from_the_books():
    state = OrderState(
        id="ord_1",
        shop_id="mini",
        channel="mini_program",
        number="1",
        payment_number=None,
        total_fen=Fen(100),
        paid_fen=Fen(0),
        refunded_fen=Fen(0),
        payment_status=P.UNPAID,
        fulfillment_status=F.WAITING,
        hold_count=0,
        placed_at=NOON,
        paid_at=None,
        reserved_at=None,
        shipped_at=None,
        cancelled_at=None,
        channel_version=1,
        version=1,
    )
    books = [money(PaymentOutcome.ACCEPTED, 100, 30), money(PaymentOutcome.OVERPAID, 100)]
    after = with_books(state, books)
    assert (after.paid_fen, after.refunded_fen) == (200, 30)
    assert after.payment_status is P.PARTLY_REFUNDED


def test_a_refund_that_succeeded_stays_so():
    assert refund_after(RefundStatus.SUCCESS, RefundStatus.PROCESSING) is RefundStatus.SUCCESS
    assert refund_after(RefundStatus.PROCESSING, RefundStatus.SUCCESS) is RefundStatus.SUCCESS
    assert refund_after(RefundStatus.PROCESSING, RefundStatus.CLOSED) is RefundStatus.CLOSED


@pytest.mark.parametrize(
    ("told", "is_cancelled", "has_changed", "payment_status", "fulfillment", "expected"),
    [
        (2, False, True, P.UNPAID, F.WAITING, PlaceOutcome.UNCHANGED),
        (1, True, True, P.UNPAID, F.WAITING, PlaceOutcome.STALE),
        (3, False, True, P.UNPAID, F.WAITING, PlaceOutcome.UPDATED),
        (3, False, True, P.UNPAID, F.RESERVED, PlaceOutcome.UPDATED),
        (3, False, False, P.UNPAID, F.WAITING, PlaceOutcome.UNCHANGED),
        (3, False, True, P.PAID, F.WAITING, PlaceOutcome.CHANGED_AFTER_PAYMENT),
        (3, False, True, P.UNPAID, F.SENDING, PlaceOutcome.CHANGED_AFTER_PAYMENT),
        (3, False, False, P.PAID, F.RESERVED, PlaceOutcome.UNCHANGED),
        (3, True, True, P.PAID, F.RESERVED, PlaceOutcome.CANCEL_ASKED),
        (3, True, True, P.CLOSED, F.CANCELLED, PlaceOutcome.STALE),
    ],
)
def test_a_further_message_is_judged(
    told, is_cancelled, has_changed, payment_status, fulfillment, expected
):
    outcome = judge_version(
        known=2,
        told=told,
        is_cancelled=is_cancelled,
        has_changed=has_changed,
        payment=payment_status,
        fulfillment=fulfillment,
    )
    assert outcome is expected


def test_a_shipped_or_unpaid_order_is_not_carried_out_anew():
    assert [one for one in F if not can_cancel(one)] == [F.SHIPPED, F.CANCELLED]
    assert [one for one in F if can_retry(P.PAID, one)] == [F.WAITING, F.RESERVED, F.SENDING]
    assert not can_retry(P.UNPAID, F.WAITING)
    assert not can_retry(P.REFUNDED, F.WAITING)


def test_every_reason_of_people_has_an_owner():
    assert set(HOLD_OWNERS) == set(HoldReason)


def sold(amount, quantity=1, **changes):
    made = SoldLine(
        sku="SET",
        listing_code="L-SET",
        name="四件套",
        quantity=quantity,
        unit_price_fen=Fen(amount),
        amount_fen=Fen(amount * quantity),
        is_gift=False,
    )
    return replace(made, **changes)


def test_a_plain_line_stays_as_it_was_sold():
    (only,) = order_lines(sold(500, 2), pieces=[])
    assert (only.sku, only.quantity, only.amount_fen) == ("SET", 2, 1000)
    assert only.bundle_of is None


def test_the_parts_of_a_bundle_add_up_to_the_fen():
    pieces = [
        BundlePiece(sku="QUILT", name="被套", quantity=1, price_fen=Fen(200)),
        BundlePiece(sku="PILLOW", name="枕套", quantity=2, price_fen=Fen(50)),
    ]
    quilt, pillow = order_lines(sold(100, 1), pieces=pieces)
    assert (quilt.sku, quilt.quantity, quilt.amount_fen) == ("QUILT", 1, 66)
    assert (pillow.sku, pillow.quantity, pillow.amount_fen) == ("PILLOW", 2, 34)
    assert pillow.unit_price_fen == 17
    assert {quilt.bundle_of, pillow.bundle_of} == {"SET"}
    assert [one.quantity for one in order_lines(sold(100, 3), pieces=pieces)] == [3, 6]


@given(
    st.integers(min_value=0, max_value=10**9),
    st.lists(st.integers(min_value=0, max_value=10**7), min_size=1, max_size=9),
)
def test_shares_are_never_negative_and_add_up(amount, weights):
    shares = share_amount(Fen(amount), weights)
    assert sum(shares) == amount
    assert min(shares) >= 0


def test_items_are_told_in_short():
    items = [("RUG-160", 3), ("LOVE-2026", 1), ("GIFT", 1), ("X", 9)]
    assert items_text(items) == "RUG-160×3 LOVE-2026×1 GIFT×1 …"
    assert items_text(items[:1]) == "RUG-160×3"
    assert NOON.tzinfo is not None
