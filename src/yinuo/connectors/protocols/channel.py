"""What the hub asks of one shop on a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from yinuo.connectors.protocols.nouns import Health, Receiver, SkuQuantity
from yinuo.connectors.protocols.orders import ChannelOrder, SealedReceiver


@dataclass(frozen=True, slots=True, kw_only=True)
class RawOrder:
    """A channel order as it came, kept unread but for its number and version."""

    number: str
    version: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """Some orders, and where to go on; None when there are no more."""

    orders: tuple[RawOrder, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipNotice:
    """What left, for the channel to tell the buyer."""

    number: str
    carrier: str
    waybill: str
    shipped_at: datetime
    lines: tuple[SkuQuantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFigures:
    """Sellable units as absolute numbers; a lower version never overwrites a higher one."""

    version: int
    lines: tuple[SkuQuantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedChange:
    """One order that a channel says has changed; a repeat carries the same `message_id`.

    How the order stands now is asked for, not believed; `topic` says what the channel calls it.
    """

    message_id: str
    number: str
    topic: str


class Channel(Protocol):
    """One shop on one channel."""

    def pull_orders(
        self, since: datetime, until: datetime, *, cursor: str | None = None
    ) -> OrderPage:
        """Return orders changed from `since` up to but not including `until`, oldest first."""

    def find_order(self, number: str) -> bytes | None:
        """Return one order as the channel holds it, or None when it knows no such number."""

    def read_order(self, body: bytes) -> ChannelOrder:
        """Return the order in a body, typed; asks nobody. Raises BadOrder with all its problems."""

    def notify_shipment(self, notice: ShipNotice) -> None:
        """Tell the channel of a shipment; a repeat changes nothing."""

    def push_stock(self, figures: StockFigures) -> int:
        """Return the version that the channel now shows, once it has acknowledged."""

    def check(self) -> Health:
        """Return how the system does, by a call that changes nothing; never raises."""


class Unsealing(Protocol):
    """A channel that gives personal data as ciphertext, and opens it when asked; a quota counts."""

    def unseal(self, number: str, sealed: SealedReceiver, masked: Receiver) -> Receiver:
        """Return the receiver in plain text.

        Raises QuotaUsed when no more may be opened now, Rejected for what cannot be opened.
        """


class Pushing(Protocol):
    """A channel that tells of changes by itself."""

    def read_push(self, headers: Mapping[str, str], body: bytes) -> tuple[PushedChange, ...]:
        """Return the orders that a push tells of, none for a probe.

        Raises BadSignature or Malformed.
        """
