"""What orders announce; each hint carries the order's id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yinuo.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent(Event):
    """The base of what happens to one order."""

    topic: ClassVar[str | None] = "order"
    order_id: str
    shop_id: str
    channel: str

    @property
    def subject(self) -> str:
        """Return the order's id."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(OrderEvent):
    """An order came in for the first time."""

    name: ClassVar[str] = "orders.order_placed"
    number: str
    total_fen: int
    skus: list[str]
    is_cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(OrderEvent):
    """A newer version replaced lines, amounts or receiver before payment."""

    name: ClassVar[str] = "orders.order_changed"
    total_fen: int
    skus: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid(OrderEvent):
    """The one payment of the order was accepted."""

    name: ClassVar[str] = "orders.order_paid"
    provider: str
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotAccepted(OrderEvent):
    """Money came for the order that does not pay it: wrong amount, surplus, or cancelled."""

    name: ClassVar[str] = "orders.payment_not_accepted"
    provider: str
    amount_fen: int
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded(OrderEvent):
    """Money went back to the buyer, all of it or a part."""

    name: ClassVar[str] = "orders.order_refunded"
    amount_fen: int
    refunded_fen: int
    payment_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverChanged(OrderEvent):
    """The address was put right before the order was sent anywhere."""

    name: ClassVar[str] = "orders.receiver_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSourced(OrderEvent):
    """A warehouse was chosen (or none could be)."""

    name: ClassVar[str] = "orders.order_sourced"
    warehouse: str | None
    carrier: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHeld(OrderEvent):
    """A hold was put on the order."""

    name: ClassVar[str] = "orders.order_held"
    hold_id: str
    reason: str
    owner_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(OrderEvent):
    """A hold was taken off; `holds_left` others stand."""

    name: ClassVar[str] = "orders.hold_released"
    hold_id: str
    reason: str
    holds_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAdvanced(OrderEvent):
    """Fulfillment moved from one step to another."""

    name: ClassVar[str] = "orders.order_advanced"
    from_status: str
    to_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(OrderEvent):
    """The order was cancelled; `is_paid` says whether the buyer's money must go back."""

    name: ClassVar[str] = "orders.order_cancelled"
    reason: str
    is_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTagged(OrderEvent):
    """A tag was put on the order."""

    name: ClassVar[str] = "orders.order_tagged"
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderUntagged(OrderEvent):
    """A tag was taken off."""

    name: ClassVar[str] = "orders.order_untagged"
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineWritten(OrderEvent):
    """A step was noted on the order's timeline."""

    name: ClassVar[str] = "orders.timeline_written"
    code: str
