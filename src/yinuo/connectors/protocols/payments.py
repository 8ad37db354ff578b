"""What the hub asks of one merchant account with a payment provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
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
    """A refund as the provider states it."""

    account: str
    refund_id: str
    out_refund_number: str
    payment_number: str
    transaction_id: str
    state: RefundState
    amount_fen: Fen
    total_fen: Fen
    refunded_at: datetime | None


class NoticeKind(StrEnum):
    """What a payment provider tells of."""

    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice:
    """A verified message from the provider; exactly one of `payment` and `refund` is there."""

    event_id: str
    kind: NoticeKind
    payment: PaymentSeen | None = None
    refund: RefundSeen | None = None


class Payments(Protocol):
    """One merchant account with a payment provider."""

    def verify_callback(
        self, headers: Mapping[str, str], body: bytes, *, remote_address: str, now: datetime
    ) -> PaymentNotice:
        """Return what the provider says, after address, freshness, signature and decryption.

        Raises AddressNotAllowed, StaleCallback, BadSignature or Malformed.
        """

    def query_payment(self, payment_number: str) -> PaymentSeen | None:
        """Return the payment as it stands now, or None when the provider knows no such number."""

    def query_refund(self, refund_number: str) -> RefundSeen | None:
        """Return the refund as it stands now, or None when the provider knows no such number."""

    def check(self) -> Health:
        """Return how the system does, by a call that changes nothing; never raises."""
