"""Money came or went back: the notice is verified, booked, and stock is claimed before the answer.

The notice is kept raw and booked in one transaction; only then the provider is told that it need
not repeat. The claim on stock follows at once; should this process die before it, the order's own
process makes it (`OrderPaid` starts it), so the booked payment is never without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from yinuo.channels import service as channels
from yinuo.channels.model import InboxMessage
from yinuo.connectors.protocols import (
    NoticeKind,
    PaymentNotice,
    PaymentSeen,
    PaymentState,
    RefundSeen,
    RefundState,
    Rejected,
    Unavailable,
)
from yinuo.connectors.registry import PaymentAccount
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import (
    FulfillmentStatus,
    PaymentOutcome,
    PaymentReceived,
    PaymentRecorded,
    PaymentStatus,
    RefundReceived,
    RefundStatus,
)
from yinuo.workflows import cancel_order
from yinuo.workflows.hub import hub
from yinuo.workflows.reserve_stock import reserve

log = logger(__name__)


def take_notice(
    account: PaymentAccount, headers: Mapping[str, str], body: bytes, *, remote_address: str
) -> None:
    """Verify a provider's notice, book it, and claim the stock of what it paid.

    Raises AddressNotAllowed, StaleCallback, BadSignature or Malformed; then nothing was kept.
    Returning means booked: a repeat does nothing more.
    """
    shared = hub()
    payments = shared.connectors.payments(account)
    notice = payments.verify_callback(headers, body, remote_address=remote_address, now=clock.now())
    message = InboxMessage(
        source=f"{account.provider}:{account.account}",
        key=notice.event_id,
        shop_id=None,
        headers=dict(headers),
        body=body,
        received_at=clock.now(),
    )
    recorded = None
    with shared.database.transaction() as session:
        received = channels.receive(session, message)
        if received.state.value != "done":
            recorded = _book(session, notice, provider=account.provider)
            channels.mark_done(session, received.id, outcome=notice.kind.value)
    if recorded is not None:
        claim(recorded)


def _book(session: Session, notice: PaymentNotice, *, provider: str) -> PaymentRecorded | None:
    """Book what a notice tells; a refund may tell again, or for the first time, what was paid."""
    recorded = None
    if notice.kind in {NoticeKind.PAYMENT, NoticeKind.REFUND} and notice.payment is not None:
        recorded = book_payment(session, notice.payment, provider=provider)
    if notice.refund is not None:
        book_refund(session, notice.refund, provider=provider)
    return recorded


_MONEY_CAME = frozenset({PaymentState.PAID, PaymentState.REFUNDED})


def book_payment(session: Session, seen: PaymentSeen, *, provider: str) -> PaymentRecorded | None:
    """Book a payment that the provider states; what does not pay its order becomes a work item."""
    if seen.state not in _MONEY_CAME:
        return None
    recorded = orders.record_payment(
        session,
        PaymentReceived(
            provider=provider,
            account=seen.account,
            payment_number=seen.payment_number,
            transaction_id=seen.transaction_id,
            amount_fen=seen.amount_fen,
            paid_at=seen.paid_at or clock.now(),
        ),
        now=clock.now(),
    )
    tell_outcome(session, recorded, number=seen.payment_number, amount_fen=seen.amount_fen)
    if recorded.outcome is PaymentOutcome.ORDER_UNKNOWN:
        _tell_unmatched(
            session,
            WorkItemKind.PAYMENT_UNMATCHED,
            number=seen.payment_number,
            amount_fen=seen.amount_fen,
        )
    if recorded.order_id is not None:
        cancel_when_refunded(session, recorded.order_id, actor=provider)
    return recorded


def _tell_unmatched(session: Session, kind: WorkItemKind, *, number: str, amount_fen: int) -> None:
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


def matched(session: Session, payment_number: str) -> None:
    """Close what was told of a payment or refund that now has its order."""
    exceptions.close_all_for_subject(
        session, subject_type="payment", subject_id=payment_number, now=clock.now()
    )


_TOLD = {
    PaymentOutcome.AMOUNT_MISMATCH: WorkItemKind.PAYMENT_AMOUNT_MISMATCH,
    PaymentOutcome.ORDER_CANCELLED: WorkItemKind.PAYMENT_AFTER_CANCEL,
    PaymentOutcome.OVERPAID: WorkItemKind.PAYMENT_AFTER_CANCEL,
}


def tell_outcome(
    session: Session, recorded: PaymentRecorded, *, number: str, amount_fen: int
) -> None:
    """Give a person the money that does not simply pay an order."""
    kind = _TOLD.get(recorded.outcome)
    if kind is None or recorded.order_id is None:
        return
    exceptions.raise_item(
        session,
        NewItem(
            kind=kind,
            subject_type="order",
            subject_id=recorded.order_id,
            subject_label=number,
            code=f"workflows.payment_{recorded.outcome.value}",
            params={"amount_fen": amount_fen, "number": number},
        ),
        now=clock.now(),
    )


def claim(recorded: PaymentRecorded) -> None:
    """Claim the stock of a paid order now; whatever goes wrong here, its process does it again."""
    if recorded.outcome is not PaymentOutcome.ACCEPTED or recorded.order_id is None:
        return
    try:
        reserve(recorded.order_id, is_paid=True, cause="workflows.cause.payment")
    except YinuoError as error:
        log.warning("claim_put_off", order_id=recorded.order_id, error=error.code)


def book_refund(session: Session, seen: RefundSeen, *, provider: str) -> None:
    """Book a refund; when all money went back before shipping, the order is cancelled."""
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
            status=_REFUND_STATUS[seen.state],
            refunded_at=seen.refunded_at,
            so_far_fen=seen.so_far_fen,
        ),
        now=clock.now(),
    )
    if recorded.order_id is None:
        _tell_unmatched(
            session,
            WorkItemKind.REFUND_UNMATCHED,
            number=seen.payment_number,
            amount_fen=seen.amount_fen,
        )
        return
    cancel_when_refunded(session, recorded.order_id, actor=provider)


def cancel_when_refunded(session: Session, order_id: str, *, actor: str) -> None:
    """Cancel an order whose money all went back before its goods left; a repeat asks again."""
    order = orders.load_order(session, order_id)
    if order.payment_status is not PaymentStatus.REFUNDED:
        return
    exceptions.close_for_subject(
        session,
        kind=WorkItemKind.PAYMENT_AFTER_CANCEL,
        subject_type="order",
        subject_id=order.id,
        resolution=Resolution.REFUNDED,
        now=clock.now(),
    )
    if order.fulfillment_status not in {FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED}:
        cancel_order.ask(session, order.id, reason="workflows.reason.refunded", actor=actor)


_REFUND_STATUS = {
    RefundState.DONE: RefundStatus.SUCCESS,
    RefundState.PROCESSING: RefundStatus.PROCESSING,
    RefundState.CLOSED: RefundStatus.CLOSED,
    RefundState.ABNORMAL: RefundStatus.ABNORMAL,
}


def ask_for_late_payments(*, limit: int = 50) -> int:
    """Return how many payments were found by asking, whose notice never came.

    Asks every merchant account about orders that wait for money longer than usual, each less
    often the older it is. An account that does not answer is not asked again in this round.
    """
    shared = hub()
    with shared.database.transaction() as session:
        now = clock.now()
        waiting = orders.due_payment_queries(
            session,
            placed_before=now - timedelta(seconds=shared.settings.late_payment_seconds),
            now=now,
            limit=limit,
        )
    accounts = shared.connectors.payment_accounts()
    found = 0
    for payment_number in waiting:
        for account in list(accounts):
            try:
                seen = shared.connectors.payments(account).query_payment(payment_number)
            except (Unavailable, NoSlot):
                accounts.remove(account)
                continue
            except Rejected as error:
                log.warning("payment_query_refused", provider=account.provider, error=error.code)
                continue
            if seen is not None and _found(seen, provider=account.provider):
                found += 1
                break
    return found


def _found(seen: PaymentSeen, *, provider: str) -> bool:
    if seen.state is not PaymentState.PAID:
        return False
    with hub().database.transaction() as session:
        recorded = book_payment(session, seen, provider=provider)
    if recorded is None or recorded.outcome is not PaymentOutcome.ACCEPTED:
        return False
    claim(recorded)
    return True
