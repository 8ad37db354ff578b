"""What the hub asks of one merchant account with a payment provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from yinuo.connectors.protocols.nouns import Health
from yinuo.core.money import Fen


class PaymentState(StrEnum):
    """Where a payment stands with its provider."""

    PAID = "paid"
    REFUNDED = "refunded"
    UNPAID = "unpaid"
    PAYING = "paying"
    CLOSED = "closed"
    REVOKED = "revoked"
    FAILED = "failed"


class RefundState(StrEnum):
    """Where a refund stands with its provider."""

    DONE = "done"
    PROCESSING = "processing"
    CLOSED = "closed"
    ABNORMAL = "abnormal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSeen:
    """A payment as the provider states it; `amount_fen` is the order's total before coupons."""

    account: str
    payment_number: str
    transaction_id: str
    state: PaymentState
    amount_fen: Fen
    payer_fen: Fen
    currency: str
    paid_at: datetime | None
    buyer_id: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSeen:
    """A refund as the provider states it.

    Some tell only what went back of the payment altogether: then `so_far_fen` is that sum, this
    refund included, and `amount_fen` the same until earlier refunds are known.
    """

    account: str
    refund_id: str
    out_refund_number: str
    payment_number: str
    transaction_id: str
    state: RefundState
    amount_fen: Fen
    total_fen: Fen
    refunded_at: datetime | None
    so_far_fen: Fen | None = None


class NoticeKind(StrEnum):
    """What a payment provider tells of: `closed` ended unpaid, `waiting` changed nothing yet."""

    PAYMENT = "payment"
    REFUND = "refund"
    CLOSED = "closed"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice:
    """A verified message from the provider.

    A refund may bring its payment along: then both are there, and the payment is booked first.
    """

    event_id: str
    kind: NoticeKind
    payment: PaymentSeen | None = None
    refund: RefundSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """One line of a provider's daily bill: money that came, or (`is_refund`) went back.

    `payment_number` and `refund_number` are ours, the ids the provider's; amounts are positive.
    """

    is_refund: bool
    payment_number: str
    transaction_id: str
    refund_number: str = ""
    refund_id: str = ""
    amount_fen: Fen
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A provider's account of one day (Beijing time), checked against its own sums."""

    day: date
    lines: tuple[BillLine, ...]


class Payments(Protocol):
    """One merchant account with a payment provider."""

    @property
    def provider(self) -> str:
        """Return the provider's name in the hub's records, such as "wechat_pay"."""

    @property
    def account(self) -> str:
        """Return the merchant account's name in the settings."""

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, remote_address: str, now: datetime
    ) -> PaymentNotice:
        """Return what the provider says, after address, freshness, signature and decryption.

        Raises AddressNotAllowed, StaleCallback, BadSignature or Malformed.
        """

    def query_payment(self, payment_number: str) -> PaymentSeen | None:
        """Return the payment as it stands now, or None when the provider knows no such number."""

    def query_refund(self, refund_number: str, *, payment_number: str) -> RefundSeen | None:
        """Return the refund as it stands now, or None when the provider knows no such number."""

    def fetch_bill(self, day: date) -> Bill | None:
        """Return the bill of a day, empty when nothing happened, or None while it is not made yet.

        Raises Malformed for a bill that is damaged or whose sums do not fit its lines.
        """

    def check(self) -> Health:
        """Return how the system does, by a call that changes nothing; never raises."""
