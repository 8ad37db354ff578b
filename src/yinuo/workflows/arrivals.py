"""Orders on their way into the hub: what came, what could be learned of it, what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from yinuo.channels.model import InboxMessage, Shop
from yinuo.channels.model.sealed import Seal, SealState
from yinuo.connectors.protocols import ChannelOrder
from yinuo.orders.model import PaymentRecorded


@dataclass(frozen=True, slots=True)
class Opened:
    """An order with what could be learned of its receiver.

    `is_known` says that the receiver was opened before and that the order has it already,
    `is_late` that it is opened now and the order came without it.
    """

    order: ChannelOrder
    seal: Seal | None = None
    is_known: bool = False
    is_late: bool = False

    @property
    def is_sealed(self) -> bool:
        """Tell whether the order's receiver is not in plain text."""
        return self.is_known or (self.seal is not None and self.seal.state is not SealState.OPEN)

    @property
    def is_opened(self) -> bool:
        """Tell whether the order's receiver was opened just now."""
        is_open = self.seal is not None and self.seal.state is SealState.OPEN
        return is_open and not self.is_known


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An order that may be a plain one: its message, which nobody has kept yet, and its number.

    `told_by` is the kept message of a channel that made us ask for it; it is done with the order.
    """

    shop: Shop
    message: InboxMessage
    found: Opened
    number: str
    unique_id: str
    told_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """An order that was placed; what its own channel took for it, and whether stock is claimed."""

    order_id: str
    status: str
    payment: PaymentRecorded | None = None
    is_claimed: bool = False
