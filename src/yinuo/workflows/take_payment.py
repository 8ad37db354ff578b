"""Money came or went back: the notice is verified, booked, and stock is claimed before the answer.

The notice is kept raw and booked in one transaction; only then the provider is told that it need
not repeat. The claim on stock follows at once; should this process die before it, the order's own
process makes it (`OrderPaid` starts it), so the booked payment is never without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yinuo.channels import service as channels
from yinuo.channels.model import InboxMessage
from yinuo.connectors.protocols import (
    NoticeKind,
    PaymentNotice,
    PaymentSeen,
    PaymentState,
)
from yinuo.connectors.registry import PaymentAccount
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import (
    PaymentOutcome,
    PaymentReceived,
    PaymentRecorded,
)
from yinuo.workflows import close_payment, take_refund
from yinuo.workflows.hub import hub
from yinuo.workflows.reserve_stock import ANSWER_SECONDS, reserve
from yinuo.workflows.settle_payments import CAUSE
from yinuo.workflows.told_payments import Settled, ToldPayment

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """A verified notice, the raw message it came in, and its payment if that may be a plain one."""

    provider: str
    notice: PaymentNotice
    message: InboxMessage
    payment: ToldPayment | None


def read_notice(
    account: PaymentAccount, headers: Mapping[str, str], body: bytes, *, remote_address: str
) -> ToldNotice:
    """Return what a provider's notice tells, verified; nothing is waited for.

    Raises AddressNotAllowed, StaleCallback, BadSignature or Malformed; then nothing is kept.
    """
    payments = hub().connectors.payments(account)
    notice = payments.verify_callback(headers, body, remote_address=remote_address, now=clock.now())
    message = InboxMessage(
        source=f"{account.provider}:{account.account}",
        key=notice.event_id,
        shop_id=None,
        headers=dict(headers),
        body=body,
        received_at=clock.now(),
    )
    seen = notice.payment
    payment = None
    if notice.kind is NoticeKind.PAYMENT and seen and seen.state is PaymentState.PAID:
        payment = ToldPayment(_received(seen, provider=account.provider), message)
    return ToldNotice(account.provider, notice, message, payment)


async def settle(told: ToldNotice) -> Settled | None:
    """Book a plain payment together with all that come now; None when it needs a closer look.

    Unless the answer is claimed, `finish` has yet to be called. No thread waits meanwhile.
    """
    if told.payment is None:
        return None
    try:
        return await hub().settling.answer(told.payment, timeout=ANSWER_SECONDS)
    except orders.NotPlain:
        return None


def finish(told: ToldNotice, settled: Settled | None) -> None:
    """Book a notice with care, or claim the stock of a payment that was booked without.

    Returning means booked: a repeat does nothing more.
    """
    if settled is not None:
        claim(settled.recorded)
        return
    recorded = None
    with hub().database.transaction() as session:
        # The number first, as everywhere where payments are booked: two tellings wait here.
        for one in (told.notice.payment, told.notice.refund):
            if one is not None:
                orders.lock_payment_number(session, one.payment_number)
        received = channels.receive(session, told.message)
        if received.state.value != "done":
            recorded = _book(session, told.notice, provider=told.provider)
            channels.mark_done(session, received.id, outcome=told.notice.kind.value)
    if recorded is not None:
        claim(recorded)


def _received(seen: PaymentSeen, *, provider: str) -> PaymentReceived:
    return PaymentReceived(
        provider=provider,
        account=seen.account,
        payment_number=seen.payment_number,
        transaction_id=seen.transaction_id,
        amount_fen=seen.amount_fen,
        paid_at=seen.paid_at or clock.now(),
    )


def _book(session: Session, notice: PaymentNotice, *, provider: str) -> PaymentRecorded | None:
    """Book what a notice tells; a refund may tell again, or for the first time, what was paid."""
    recorded = None
    if notice.kind in {NoticeKind.PAYMENT, NoticeKind.REFUND} and notice.payment is not None:
        recorded = book_payment(session, notice.payment, provider=provider)
    if notice.refund is not None:
        take_refund.book_refund(session, notice.refund, provider=provider)
    if notice.kind is NoticeKind.CLOSED and notice.payment is not None:
        close_payment.close(session, notice.payment.payment_number, provider=provider)
    return recorded


_MONEY_CAME = frozenset({PaymentState.PAID, PaymentState.REFUNDED})


def book_payment(session: Session, seen: PaymentSeen, *, provider: str) -> PaymentRecorded | None:
    """Book a payment that the provider states; what does not pay its order becomes a work item."""
    if seen.state not in _MONEY_CAME:
        return None
    recorded = orders.record_payment(session, _received(seen, provider=provider), now=clock.now())
    tell_outcome(session, recorded, number=seen.payment_number, amount_fen=seen.amount_fen)
    if recorded.outcome is PaymentOutcome.ORDER_UNKNOWN:
        take_refund.tell_unmatched(
            session,
            WorkItemKind.PAYMENT_UNMATCHED,
            number=seen.payment_number,
            amount_fen=seen.amount_fen,
        )
    if recorded.order_id is not None:
        take_refund.catch_up(
            session, recorded.order_id, payment_number=seen.payment_number, actor=provider
        )
    return recorded


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
        reserve(recorded.order_id, is_paid=True, cause=CAUSE)
    except YinuoError as error:
        log.warning("claim_put_off", order_id=recorded.order_id, error=error.code)
