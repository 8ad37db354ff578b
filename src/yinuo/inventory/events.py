"""What inventory announces. Live hints of topic "stock" go out per SKU, beside these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from yinuo.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReserved(Event):
    """An owner has a claim with an expiry."""

    name: ClassVar[str] = "inventory.stock_reserved"
    owner: str
    reservation_id: str
    warehouse: str
    units: dict[str, int]
    is_paid: bool
    expires_at: datetime
    cause: str

    @property
    def subject(self) -> str:
        """Return the owner."""
        return self.owner


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClaimChanged(Event):
    owner: str
    reservation_id: str
    warehouse: str
    units: dict[str, int]
    cause: str

    @property
    def subject(self) -> str:
        """Return the owner."""
        return self.owner


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReleased(_ClaimChanged):
    """A claim was given back."""

    name: ClassVar[str] = "inventory.stock_released"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAllocated(_ClaimChanged):
    """A claim became firm: no expiry any more."""

    name: ClassVar[str] = "inventory.stock_allocated"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDeducted(_ClaimChanged):
    """Units left the warehouse; `beyond_claim` are those that nobody had claimed for this owner."""

    name: ClassVar[str] = "inventory.stock_deducted"
    beyond_claim: dict[str, int]
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationLapsed(_ClaimChanged):
    """An unpaid claim ran out."""

    name: ClassVar[str] = "inventory.reservation_lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPhotographed(Event):
    """A photograph of one warehouse by one outside system was taken into account."""

    name: ClassVar[str] = "inventory.stock_photographed"
    source: str
    warehouse: str
    as_of: datetime
    skus: int

    @property
    def subject(self) -> str:
        """Return the warehouse."""
        return self.warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFellShort(Event):
    """More units are promised than are there; people must find or move some."""

    name: ClassVar[str] = "inventory.stock_fell_short"
    sku: str
    warehouse: str
    missing: int
    on_hand: int
    claimed: int
    cause: str

    @property
    def subject(self) -> str:
        """Return the SKU."""
        return self.sku


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseSaved(Event):
    """A warehouse was added or changed: opened, closed, or serving other provinces."""

    name: ClassVar[str] = "inventory.warehouse_saved"
    topic: ClassVar[str | None] = "warehouse"
    warehouse: str
    is_active: bool

    @property
    def subject(self) -> str:
        """Return the code of the warehouse."""
        return self.warehouse
