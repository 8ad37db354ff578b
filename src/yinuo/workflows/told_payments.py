"""What the settling lane takes and answers."""

from __future__ import annotations

from dataclasses import dataclass

from yinuo.channels.model import InboxMessage
from yinuo.orders.model import PaymentReceived, PaymentRecorded


@dataclass(frozen=True, slots=True)
class ToldPayment:
    """A verified notice that an order was paid, and the raw message it came in."""

    payment: PaymentReceived
    message: InboxMessage


@dataclass(frozen=True, slots=True)
class Settled:
    """A payment in the books, and whether its order holds its stock."""

    recorded: PaymentRecorded
    is_claimed: bool
