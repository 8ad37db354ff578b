"""A channel's order as every channel's mapping gives it to intake."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yinuo.connectors.protocols.nouns import Receiver
from yinuo.core.money import Fen

NO_MONEY = Fen(0)


class ChannelOrderStatus(StrEnum):
    """What the channel says of the order itself."""

    PLACED = "placed"
    CANCELLED = "cancelled"


class Obstacle(StrEnum):
    """Why a channel does not want an order to leave yet."""

    RISK_REVIEW = "risk_review"
    REFUND_ASKED = "refund_asked"
    ADDRESS_CHANGE_ASKED = "address_change_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOrderLine:
    """One line as the shop sold it; `listing` is the shop's own product code."""

    listing: str
    name: str
    quantity: int
    unit_price_fen: Fen
    amount_fen: Fen
    is_gift: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPayment:
    """Money that the channel itself took; `amount_fen` is what the order cost before its coupons.

    `transaction_id` is what the channel, or the provider behind it, calls the payment.
    """

    transaction_id: str
    amount_fen: Fen
    paid_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedReceiver:
    """The personal parts of a receiver as ciphertext, empty where the channel gave none.

    The receiver beside it carries masks in their place, which is what people see.
    """

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    detail: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        """Tell whether anything is sealed."""
        return bool(self.name or self.phone or self.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOrder:
    """An order as the channel sent it, typed; total = items − discount + freight.

    `version` grows with each change. `payment` is None while unpaid, and always where payment is
    told by a payment provider of its own. `ship_by` is the promise that the channel made.
    """

    number: str
    version: int
    placed_at: datetime
    payment_number: str
    buyer_id: str = field(repr=False)
    buyer_nick: str = field(repr=False)
    lines: tuple[ChannelOrderLine, ...]
    items_fen: Fen
    discount_fen: Fen
    freight_fen: Fen
    total_fen: Fen
    receiver: Receiver
    remark: str = field(repr=False)
    status: ChannelOrderStatus
    payment: ChannelPayment | None = None
    refunded_fen: Fen = NO_MONEY
    sealed: SealedReceiver = SealedReceiver()
    obstacles: frozenset[Obstacle] = frozenset()
    seller_remark: str = field(default="", repr=False)
    ship_by: datetime | None = None
