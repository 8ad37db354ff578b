"""What fulfillment announces; each hint carries the order's id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yinuo.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentChanged(Event):
    """A document in another system was intended, made, refused or cancelled."""

    name: ClassVar[str] = "fulfillment.document_changed"
    topic: ClassVar[str | None] = "order"
    order_id: str
    kind: str
    state: str

    @property
    def subject(self) -> str:
        """Return the order's id."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCameLate(Event):
    """A document stands in another system although its order was cancelled and it taken back."""

    name: ClassVar[str] = "fulfillment.document_came_late"
    topic: ClassVar[str | None] = "order"
    order_id: str
    kind: str

    @property
    def subject(self) -> str:
        """Return the order's id."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelShipped(Event):
    """A parcel left the warehouse."""

    name: ClassVar[str] = "fulfillment.parcel_shipped"
    topic: ClassVar[str | None] = "order"
    order_id: str
    carrier: str
    waybill: str

    @property
    def subject(self) -> str:
        """Return the order's id."""
        return self.order_id
