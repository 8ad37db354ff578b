"""Money went back: before shipping the goods stay, after it they are gone; people decide the rest.

All of it before shipping cancels the order, which releases its stock. A part of it before shipping
leaves the order going; where it has several units, a person says which of them not to send. What
went back of a shipped order changes no stock. A refund that failed needs a person at the provider.
"""

from __future__ import annotations

from yinuo.connectors.protocols import RefundSeen, RefundState
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import KINDS, NewItem, Resolution, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import (
    FulfillmentStatus,
    Order,
    PaymentStatus,
    RefundReceived,
    RefundStatus,
)
from yinuo.workflows import cancel_order

REFUND_UNCLEAR = "refund_unclear"  # the hold of an order of whose refund only the fact is known
_FINISHED = frozenset({FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED})
_STATUS = {
    RefundState.DONE: RefundStatus.SUCCESS,
    RefundState.PROCESSING: RefundStatus.PROCESSING,
    RefundState.CLOSED: RefundStatus.CLOSED,
    RefundState.ABNORMAL: RefundStatus.ABNORMAL,
}
_FAILED = frozenset({RefundStatus.CLOSED, RefundStatus.ABNORMAL})


def book_refund(session: Session, seen: RefundSeen, *, provider: str) -> None:
    """Book a refund that the provider states, and begin what follows; a repeat changes nothing."""
    status = _STATUS[seen.state]
    recorded = orders.record_refund(
        session,
        RefundReceived(
            provider=provider,
            account=seen.account,
            refund_id=seen.refund_id,
            out_refund_number=seen.out_refund_number,
            payment_number=seen.payment_number,
            transaction_id=seen.transaction_id,
            amount_fen=seen.amount_fen,
            status=status,
            refunded_at=seen.refunded_at,
            so_far_fen=seen.so_far_fen,
        ),
        now=clock.now(),
    )
    if recorded.order_id is None:
        tell_unmatched(
            session,
            WorkItemKind.REFUND_UNMATCHED,
            number=seen.payment_number,
            amount_fen=seen.amount_fen,
        )
        return
    order = orders.load_order(session, recorded.order_id)
    if recorded.is_news and status in _FAILED:
        _tell_failed(session, order, seen)
    if status is RefundStatus.SUCCESS:
        _close(session, order, WorkItemKind.REFUND_FAILED)
        _forget_unclear(session, order, actor=provider)
        if recorded.is_news and order.payment_status is PaymentStatus.PARTLY_REFUNDED:
            _ask_which(session, order)
    cancel_when_refunded(session, order.id, actor=provider)


def cancel_when_refunded(session: Session, order_id: str, *, actor: str) -> None:
    """Cancel an order whose money all went back before its goods left; a repeat asks again."""
    order = orders.load_order(session, order_id)
    if order.payment_status is not PaymentStatus.REFUNDED:
        return
    _close(session, order, WorkItemKind.PAYMENT_AFTER_CANCEL)
    _close(session, order, WorkItemKind.REFUND_TO_DECIDE)
    if order.fulfillment_status not in _FINISHED:
        cancel_order.ask(session, order.id, reason="workflows.reason.refunded", actor=actor)


def tell_unmatched(session: Session, kind: WorkItemKind, *, number: str, amount_fen: int) -> None:
    """Money that belongs to nothing known: a person looks, unless its order comes by itself."""
    exceptions.raise_item(
        session,
        NewItem(
            kind=kind,
            subject_type="payment",
            subject_id=number,
            subject_label=number,
            code=f"workflows.{kind.value}",
            params={"amount_fen": amount_fen, "number": number},
        ),
        now=clock.now(),
    )


def catch_up(session: Session, order_id: str, *, payment_number: str, actor: str) -> None:
    """Follow what had waited: an order that has its money may have refunds that came before it."""
    if matched(session, payment_number):
        order = orders.load_order(session, order_id)
        if order.payment_status is PaymentStatus.PARTLY_REFUNDED:
            _ask_which(session, order)
    cancel_when_refunded(session, order_id, actor=actor)


def matched(session: Session, payment_number: str) -> bool:
    """Close what was told of a payment or refund that now has its order; True if anything was."""
    closed = exceptions.close_all_for_subject(
        session, subject_type="payment", subject_id=payment_number, now=clock.now()
    )
    return bool(closed)


def hold_unclear(session: Session, order_id: str, *, actor: str) -> None:
    """Hold a paid order of which something went back, until it is known how much.

    A provider that is asked says "refunded" for a part and for the whole alike.
    """
    order = orders.load_order(session, order_id)
    if order.refunded_fen or order.fulfillment_status in _FINISHED:
        return
    orders.hold_order(
        session,
        order_id,
        reason=REFUND_UNCLEAR,
        owner_role=KINDS[WorkItemKind.REFUND_TO_DECIDE].owner_role.value,
        note="",
        actor=actor,
        now=clock.now(),
    )
    _raise(session, order, WorkItemKind.REFUND_TO_DECIDE, code="payments.refund_unclear")


def _forget_unclear(session: Session, order: Order, *, actor: str) -> None:
    for hold in order.holds:
        if hold.reason == REFUND_UNCLEAR:
            orders.release_hold(session, order.id, hold_id=hold.id, actor=actor, now=clock.now())
            _close(session, order, WorkItemKind.REFUND_TO_DECIDE)


def _ask_which(session: Session, order: Order) -> None:
    """Give a person the choice where there is one: several units that are still here."""
    units = sum(line.quantity for line in order.lines)
    if units > 1 and order.fulfillment_status not in _FINISHED:
        _raise(session, order, WorkItemKind.REFUND_TO_DECIDE, code="payments.refund_to_decide")


def _tell_failed(session: Session, order: Order, seen: RefundSeen) -> None:
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.REFUND_FAILED,
            subject_type="order",
            subject_id=order.id,
            subject_label=order.number,
            code=f"payments.refund_{_STATUS[seen.state].value}",
            params={"amount_fen": seen.amount_fen, "number": seen.out_refund_number},
        ),
        now=clock.now(),
    )


def _raise(session: Session, order: Order, kind: WorkItemKind, *, code: str) -> None:
    exceptions.raise_item(
        session,
        NewItem(
            kind=kind,
            subject_type="order",
            subject_id=order.id,
            subject_label=order.number,
            code=code,
            params={
                "refunded_fen": order.refunded_fen,
                "paid_fen": order.paid_fen,
                "units": sum(line.quantity for line in order.lines),
            },
        ),
        now=clock.now(),
    )


def _close(session: Session, order: Order, kind: WorkItemKind) -> None:
    exceptions.close_for_subject(
        session,
        kind=kind,
        subject_type="order",
        subject_id=order.id,
        resolution=Resolution.REFUNDED,
        now=clock.now(),
    )
