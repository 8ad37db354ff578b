"""What a channel says beside the order itself: its own payment, money back, reasons to wait.

Marketplaces take the money themselves and tell of it in the order, so an order may be new, paid and
refunded all at once; in whatever order its versions come, the books end the same.
"""

from __future__ import annotations

from yinuo.channels.model import Shop
from yinuo.connectors.protocols import (
    ChannelOrder,
    ChannelOrderStatus,
    Obstacle,
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
)
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.money import Fen
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import Resolution, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, PaymentRecorded, Placed, PlaceOutcome
from yinuo.workflows import take_payment, take_refund
from yinuo.workflows.carry_out import stop

CURRENCY = "CNY"
_KINDS = {
    Obstacle.RISK_REVIEW: WorkItemKind.CHANNEL_REVIEW,
    Obstacle.REFUND_ASKED: WorkItemKind.CHANNEL_REFUND_ASKED,
    Obstacle.ADDRESS_CHANGE_ASKED: WorkItemKind.CHANNEL_ADDRESS_ASKED,
}
_FINISHED = frozenset({FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED})


def refunded_of(order: ChannelOrder) -> Fen:
    """Return what went back: a paid order that a channel calls cancelled got all of it back."""
    if order.payment is None:
        return Fen(0)
    is_cancelled = order.status is ChannelOrderStatus.CANCELLED
    return order.payment.amount_fen if is_cancelled else order.refunded_fen


def book_money(session: Session, shop: Shop, order: ChannelOrder) -> PaymentRecorded | None:
    """Book what a channel itself took for an order that is placed, and what it gave back."""
    paid = order.payment
    if paid is None:
        return None
    provider = shop.channel.value
    recorded = take_payment.book_payment(
        session,
        PaymentSeen(
            account=shop.id,
            payment_number=order.payment_number,
            transaction_id=paid.transaction_id,
            state=PaymentState.PAID,
            amount_fen=paid.amount_fen,
            payer_fen=paid.amount_fen,
            currency=CURRENCY,
            paid_at=paid.paid_at,
        ),
        provider=provider,
    )
    back = refunded_of(order)
    if back:
        take_refund.book_refund(
            session,
            RefundSeen(
                account=shop.id,
                refund_id=f"{paid.transaction_id}:{back}",
                out_refund_number=f"{order.payment_number}:{back}",
                payment_number=order.payment_number,
                transaction_id=paid.transaction_id,
                state=RefundState.DONE,
                amount_fen=back,
                total_fen=paid.amount_fen,
                refunded_at=None,
                so_far_fen=back,
            ),
            provider=provider,
        )
    return recorded


def heed(session: Session, placed: Placed, order: ChannelOrder) -> None:
    """Hold the order for what its channel wants to be waited for; let it go when that is over."""
    known = placed.order
    if placed.outcome is PlaceOutcome.STALE or known.fulfillment_status in _FINISHED:
        return
    wanted = {_KINDS[one].value for one in order.obstacles}
    held = {hold.reason for hold in known.holds}
    for kind in _KINDS.values():
        if kind.value in wanted - held:
            stop(
                session,
                known.id,
                kind=kind,
                code=f"workflows.{kind.value}",
                params={},
                timeline=f"workflows.timeline.{kind.value}",
            )
        elif kind.value in held - wanted:
            _let_go(session, placed, kind)


def _let_go(session: Session, placed: Placed, kind: WorkItemKind) -> None:
    now = clock.now()
    exceptions.close_for_subject(
        session,
        kind=kind,
        subject_type="order",
        subject_id=placed.order.id,
        resolution=Resolution.VANISHED,
        now=now,
    )
    for hold in placed.order.holds:
        if hold.reason == kind.value:
            orders.release_hold(
                session, placed.order.id, hold_id=hold.id, actor=placed.order.channel, now=now
            )
