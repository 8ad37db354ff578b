"""Booking payments and refunds, whichever of order, payment and refund comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.money import Fen
from yinuo.core.outbox import announce
from yinuo.orders.events import OrderPaid, OrderRefunded, PaymentNotAccepted
from yinuo.orders.model import (
    AMOUNT_MISMATCH,
    Hold,
    OrderState,
    PaymentOutcome,
    PaymentReceived,
    PaymentRecorded,
    PaymentStatus,
    RefundReceived,
    RefundRecorded,
    RefundStatus,
    TimelineEntry,
    check_money,
    judge_payment,
    refund_after,
    with_books,
)
from yinuo.orders.service.holds import FINISHED, put_hold
from yinuo.orders.store import asking, marks, money, states
from yinuo.orders.store.money import KeptPayment, KeptRefund


def record_payment(session: Session, payment: PaymentReceived, *, now: datetime) -> PaymentRecorded:
    """Book a payment and return what it did; the key is provider, account and transaction.

    A repeat changes nothing and returns `repeated`. A payment before its order is parked
    (`order_unknown`) and booked by place_order. A wrong amount is booked, and holds the order for
    operations. Of two racing payments exactly one is accepted. Raises BadPayment.
    """
    check_money(payment)
    states.lock_payment_number(session, payment.payment_number)
    payment_id = new_id("pay")
    if not money.insert_payment(session, payment, payment_id=payment_id, now=now):
        return _repeat(session, payment, now=now)
    state = states.lock_by_payment_number(session, payment.payment_number)
    if state is None:
        unknown = PaymentOutcome.ORDER_UNKNOWN
        return PaymentRecorded(
            payment_id=payment_id, order_id=None, outcome=unknown, kept_outcome=unknown
        )
    kept = KeptPayment(
        id=payment_id,
        order_id=None,
        outcome=PaymentOutcome.ORDER_UNKNOWN,
        received=payment,
    )
    return _settle(session, state, kept=kept, now=now)


def settle_parked(
    session: Session, order_id: str, *, payment_number: str, now: datetime
) -> tuple[PaymentRecorded, ...]:
    """Book the payments that waited for this order; the caller holds the number's lock."""
    return tuple(
        _settle(session, states.lock_state(session, order_id), kept=kept, now=now)
        for kept in money.parked_payments(session, payment_number)
    )


def _repeat(session: Session, payment: PaymentReceived, *, now: datetime) -> PaymentRecorded:
    """A transaction told again with other facts is not a repeat: the books stand, people look."""
    kept = money.known_payment(session, payment)
    outcome = PaymentOutcome.REPEATED
    if _facts(kept.received) != _facts(payment):
        outcome = PaymentOutcome.AMOUNT_MISMATCH
        if kept.order_id is not None:
            _hold(session, states.lock_state(session, kept.order_id), payment=payment, now=now)
    return PaymentRecorded(
        payment_id=kept.id, order_id=kept.order_id, outcome=outcome, kept_outcome=kept.outcome
    )


def _facts(payment: PaymentReceived) -> tuple[str, int]:
    return payment.payment_number, payment.amount_fen


def _settle(
    session: Session, state: OrderState, *, kept: KeptPayment, now: datetime
) -> PaymentRecorded:
    payment = kept.received
    outcome = judge_payment(
        amount_fen=payment.amount_fen,
        total_fen=state.total_fen,
        payment=state.payment_status,
        fulfillment=state.fulfillment_status,
    )
    money.settle_payment(session, kept.id, order_id=state.id, outcome=outcome)
    booked = replace(kept, order_id=state.id, outcome=outcome)
    for refund in money.parked_refunds(session, payment):
        money.save_refund(session, refund.id, status=refund.status, payment=booked)
    is_accepted = outcome is PaymentOutcome.ACCEPTED
    paid = with_books(
        replace(state, paid_at=payment.paid_at if is_accepted else state.paid_at),
        money.books_of(session, state.id),
    )
    saved = states.save_state(session, paid, now=now)
    _tell_payment(session, saved, payment=booked, now=now)
    if outcome is PaymentOutcome.AMOUNT_MISMATCH:
        _hold(session, saved, payment=payment, now=now)
    return PaymentRecorded(
        payment_id=kept.id, order_id=state.id, outcome=outcome, kept_outcome=outcome
    )


def _tell_payment(
    session: Session, state: OrderState, *, payment: KeptPayment, now: datetime
) -> None:
    told, outcome = payment.received, payment.outcome
    entry = payment_entry(
        told, payment_id=payment.id, outcome=outcome, total_fen=state.total_fen, now=now
    )
    marks.insert_timeline(session, state.id, entry)
    where = {"order_id": state.id, "shop_id": state.shop_id, "channel": state.channel}
    if outcome is PaymentOutcome.ACCEPTED:
        announce(session, OrderPaid(**where, provider=told.provider, amount_fen=told.amount_fen))
        return
    announce(
        session,
        PaymentNotAccepted(
            **where, provider=told.provider, amount_fen=told.amount_fen, outcome=outcome.value
        ),
    )


def payment_entry(
    payment: PaymentReceived,
    *,
    payment_id: str,
    outcome: PaymentOutcome,
    total_fen: Fen,
    now: datetime,
) -> TimelineEntry:
    """Return the step that tells of a payment."""
    return TimelineEntry(
        at=now,
        code=f"orders.timeline.payment_{outcome.value}",
        params={
            "provider": payment.provider,
            "amount_fen": payment.amount_fen,
            "total_fen": total_fen,
            "transaction_tail": payment.transaction_id[-4:],
        },
        actor=payment.provider,
        dedupe_key=f"payment:{payment_id}",
    )


def _hold(session: Session, state: OrderState, *, payment: PaymentReceived, now: datetime) -> None:
    """Put the mismatch hold, once, where goods can still be kept back."""
    if state.fulfillment_status in FINISHED:
        return
    owner = "operations"
    if marks.find_standing_hold(session, state.id, reason=AMOUNT_MISMATCH, owner_role=owner):
        return
    hold = Hold(id=new_id("hold"), reason=AMOUNT_MISMATCH, owner_role=owner, note="", placed_at=now)
    put_hold(session, state, hold=hold, actor=payment.provider)


def record_refund(session: Session, refund: RefundReceived, *, now: datetime) -> RefundRecorded:
    """Book a refund and return what it did; the key is provider, account and refund id.

    A repeat changes nothing; a later status replaces an earlier one, but money that moved does
    not come back. An exact amount replaces a guess from the sum so far. A refund before its
    payment is parked. Raises BadPayment.
    """
    check_money(refund)
    states.lock_payment_number(session, refund.payment_number)
    is_new = money.insert_refund(session, refund, refund_id=new_id("ref"), now=now)
    kept = money.find_refund(session, refund)
    status = refund_after(kept.status, refund.status)
    is_news = is_new or status is not kept.status
    knows_more = money.learn_refund(session, kept, refund)
    payment = money.find_payment(
        session,
        provider=refund.provider,
        account=refund.account,
        transaction_id=refund.transaction_id,
    )
    if payment is None or payment.order_id is None:
        money.save_refund(session, kept.id, status=status, payment=payment)
        return RefundRecorded(
            refund_id=kept.id,
            order_id=None,
            is_new=is_new,
            is_news=is_news,
            payment_status=None,
        )
    state = states.lock_state(session, payment.order_id)
    if is_news or knows_more:
        money.save_refund(session, kept.id, status=status, payment=payment)
        books = money.books_of(session, state.id)
        state = states.save_state(session, with_books(state, books), now=now)
    if is_news:
        _tell_refund(
            session, state, kept=money.find_refund(session, refund), payment=payment, now=now
        )
    return RefundRecorded(
        refund_id=kept.id,
        order_id=state.id,
        is_new=is_new,
        is_news=is_news,
        payment_status=state.payment_status,
    )


def _tell_refund(
    session: Session,
    saved: OrderState,
    *,
    kept: KeptRefund,
    payment: KeptPayment,
    now: datetime,
) -> None:
    entry = TimelineEntry(
        at=now,
        code=f"orders.timeline.refund_{kept.status.value}",
        params={"amount_fen": kept.amount_fen, "refunded_fen": saved.refunded_fen},
        actor=payment.received.provider,
        dedupe_key=f"refund:{kept.id}:{kept.status.value}",
    )
    marks.insert_timeline(session, saved.id, entry)
    if kept.status is RefundStatus.SUCCESS:
        announce(
            session,
            OrderRefunded(
                order_id=saved.id,
                shop_id=saved.shop_id,
                channel=saved.channel,
                amount_fen=kept.amount_fen,
                refunded_fen=saved.refunded_fen,
                payment_status=saved.payment_status.value,
            ),
        )


def record_payment_closed(
    session: Session, payment_number: str, *, provider: str, stops_asking: bool, now: datetime
) -> str | None:
    """Note that no money can come under a number; return the unpaid order that waited for it.

    A repeat changes nothing. None for a number that no order has, or whose order is not unpaid.
    """
    states.lock_payment_number(session, payment_number)
    state = states.lock_by_payment_number(session, payment_number)
    if state is None or state.payment_status is not PaymentStatus.UNPAID:
        return None
    if stops_asking:
        asking.stop_asking(session, state.id, payment_number=payment_number, now=now)
    entry = TimelineEntry(
        at=now,
        code="orders.timeline.payment_closed",
        params={"provider": provider},
        actor=provider,
        dedupe_key=f"closed:{payment_number}"[:200],
    )
    if marks.insert_timeline(session, state.id, entry):
        states.save_state(session, state, now=now)
    return state.id
