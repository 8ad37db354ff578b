"""Booking many payments at once, each the plain one that its order waits for.

What is plain is decided here and nowhere else: an unpaid order, nothing booked of it yet, the exact
amount, known once in the batch. Everything else is for `record_payment`, one at a time; the two
leave the same books behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.errors import Conflict
from yinuo.core.ids import new_id
from yinuo.core.money import Fen
from yinuo.core.outbox import announce
from yinuo.orders.events import OrderAdvanced, OrderEvent, OrderPaid, OrderSourced
from yinuo.orders.model import (
    FulfillmentStatus,
    Money,
    OrderState,
    Payable,
    PaymentOutcome,
    PaymentReceived,
    PaymentRecorded,
    Sourcing,
    TimelineEntry,
    check_money,
    judge_payment,
    with_books,
)
from yinuo.orders.service.payments import payment_entry
from yinuo.orders.store import settling as store
from yinuo.orders.store import states
from yinuo.orders.store.settling import Accepted


class NotPlain(Conflict):
    """A payment turned out to be known under another order; it must be looked at alone."""

    code = "orders.payment_not_plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPayment:
    """A payment, the order that waits for it, and what was claimed for it, if anything."""

    payment: PaymentReceived
    payable: Payable
    sourcing: Sourcing | None = None
    reserved: TimelineEntry | None = None


def lock_payment_number(session: Session, payment_number: str) -> None:
    """Make all that is told of a payment number wait for each other until the commit."""
    states.lock_payment_number(session, payment_number)


def lock_plain(session: Session, payments: Sequence[PaymentReceived]) -> dict[str, Payable]:
    """Return by payment number the orders that just wait for this money, locked till the commit.

    Numbers that are left out are no plain case: record_payment books them. Raises BadPayment.
    """
    for payment in payments:
        check_money(payment)
    times = Counter(payment.payment_number for payment in payments)
    single = [payment for payment in payments if times[payment.payment_number] == 1]
    if not single:
        return {}
    found = store.lock_payable(session, single)
    return {
        payment.payment_number: payable
        for payment in single
        if (payable := found.get(payment.payment_number)) is not None
        and _outcome(payment, payable.state) is PaymentOutcome.ACCEPTED
    }


def _outcome(payment: PaymentReceived, state: OrderState) -> PaymentOutcome:
    return judge_payment(
        amount_fen=payment.amount_fen,
        total_fen=state.total_fen,
        payment=state.payment_status,
        fulfillment=state.fulfillment_status,
    )


def book_plain(
    session: Session, payments: Sequence[PlainPayment], *, now: datetime
) -> list[PaymentRecorded]:
    """Book payments of orders that `lock_plain` locked, with the stock claimed for them.

    Raises NotPlain when a transaction is known already; then the caller undoes its transaction.
    """
    accepted = [_accepted(one, now=now) for one in payments]
    if not store.write_accepted(session, accepted, now=now):
        raise NotPlain
    news = [
        event
        for plain, one in zip(payments, accepted, strict=True)
        for event in _news(plain, one.state)
    ]
    announce(session, *news)
    outcome = PaymentOutcome.ACCEPTED
    return [
        PaymentRecorded(
            payment_id=one.payment_id, order_id=one.state.id, outcome=outcome, kept_outcome=outcome
        )
        for one in accepted
    ]


def _accepted(plain: PlainPayment, *, now: datetime) -> Accepted:
    payment, before = plain.payment, plain.payable.state
    booked = Money(
        outcome=PaymentOutcome.ACCEPTED, amount_fen=payment.amount_fen, refunded_fen=Fen(0)
    )
    state = with_books(replace(before, paid_at=payment.paid_at), [booked])
    payment_id = new_id("pay")
    steps = [
        payment_entry(
            payment,
            payment_id=payment_id,
            outcome=PaymentOutcome.ACCEPTED,
            total_fen=before.total_fen,
            now=now,
        )
    ]
    if plain.reserved is not None:
        state = replace(state, fulfillment_status=FulfillmentStatus.RESERVED, reserved_at=now)
        steps.append(plain.reserved)
    return Accepted(
        payment_id=payment_id,
        payment=payment,
        state=state,
        sourcing=plain.sourcing,
        steps=tuple(steps),
    )


def _news(plain: PlainPayment, state: OrderState) -> list[OrderEvent]:
    where = {"order_id": state.id, "shop_id": state.shop_id, "channel": state.channel}
    payment, before = plain.payment, plain.payable.state
    news: list[OrderEvent] = [
        OrderPaid(**where, provider=payment.provider, amount_fen=payment.amount_fen)
    ]
    if plain.reserved is not None:
        news.append(
            OrderAdvanced(
                **where,
                from_status=before.fulfillment_status.value,
                to_status=state.fulfillment_status.value,
            )
        )
    if plain.sourcing is not None:
        chosen = plain.sourcing
        news.append(OrderSourced(**where, warehouse=chosen.warehouse, carrier=chosen.carrier))
    return news
