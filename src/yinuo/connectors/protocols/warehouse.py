"""What the hub asks of a warehouse system, and what that tells the hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from yinuo.connectors.protocols.nouns import Health, Receiver, Region, SkuQuantity, StockPhotograph
from yinuo.core.money import Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRequest:
    """Stock to freeze in a warehouse under our number."""

    number: str
    warehouse: str
    region: Region
    lines: tuple[SkuQuantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldStock:
    """The warehouse froze all of it; `is_repeat` when it had done so before."""

    number: str
    is_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseLine:
    """One line to pick; `line_number` is ours and comes back in the confirmation."""

    line_number: str
    sku: str
    name: str
    quantity: int
    unit_price_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseOrder:
    """An order for one warehouse to pick and ship; total = items − discount + freight."""

    number: str
    warehouse: str
    carrier: str
    is_urgent: bool
    placed_at: datetime
    paid_at: datetime
    payment_reference: str
    shop_name: str
    buyer_nick: str = field(repr=False)
    total_fen: Fen
    items_fen: Fen
    discount_fen: Fen
    freight_fen: Fen
    receiver: Receiver
    lines: tuple[WarehouseLine, ...]
    remark: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOrder:
    """The warehouse has the order; `outside_id` is its own number, empty when it gave none."""

    number: str
    outside_id: str
    is_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The warehouse will not ship this order; `is_repeat` when it was cancelled before."""

    number: str
    is_repeat: bool = False


class Warehouse(Protocol):
    """A WMS that freezes stock, ships and counts."""

    def place_hold(self, request: HoldRequest) -> HeldStock:
        """Return when all lines are frozen under our number; a repeat freezes nothing more.

        Raises Rejected when the warehouse has too little.
        """

    def release_hold(self, number: str, warehouse: str, *, lines: Sequence[SkuQuantity]) -> None:
        """Give frozen stock back; a repeat, or a number that is not there, changes nothing."""

    def send_order(self, order: WarehouseOrder) -> SentOrder:
        """Return the order as the warehouse took it; a repeat is answered as the first time."""

    def cancel_order(
        self, number: str, warehouse: str, *, outside_id: str, reason: str
    ) -> Cancelled:
        """Return when the warehouse promises not to ship; raises AlreadyPicking when it cannot."""

    def read_stock(self, warehouse: str, skus: Sequence[str]) -> StockPhotograph:
        """Return good stock of these SKUs in one warehouse; a SKU it does not know has no line."""

    def check(self) -> Health:
        """Return how the system does, by a call that changes nothing; never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One parcel that left the warehouse."""

    carrier: str
    waybill: str
    weight_grams: int
    lines: tuple[SkuQuantity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedLine:
    """What was really picked of one line."""

    line_number: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentConfirmed:
    """The warehouse shipped; `report_key` is the same when it says so again."""

    number: str
    outside_id: str
    warehouse: str
    status: str
    report_key: str
    is_final: bool
    operated_at: datetime
    packages: tuple[Package, ...]
    lines: tuple[ConfirmedLine, ...]


class Condition(StrEnum):
    """In which state units are."""

    GOOD = "good"
    DEFECTIVE = "defective"
    DAMAGED = "damaged"
    BOX_DAMAGED = "box_damaged"
    IN_TRANSIT = "in_transit"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChange:
    """Units that came or went in one warehouse, for a reason the warehouse names."""

    warehouse: str
    sku: str
    quantity_delta: int
    condition: Condition
    changed_at: datetime
    order_code: str
    out_biz_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChanged:
    """The warehouse's stock changed; `report_key` is the same when it says so again."""

    report_key: str
    changes: tuple[StockChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReported:
    """How far the warehouse is with an order (accepted, picked, packed …), in its own words."""

    number: str
    outside_id: str
    warehouse: str
    status: str
    report_key: str
    operated_at: datetime


WarehouseNotice: TypeAlias = ShipmentConfirmed | StockChanged | ProgressReported


class WarehouseCallbacks(Protocol):
    """The way back: what a WMS tells the hub."""

    def parse_callback(self, query: Mapping[str, str], body: bytes) -> WarehouseNotice:
        """Return what the warehouse reports, its signature and freshness verified.

        Raises BadSignature, StaleCallback or Malformed.
        """

    def reply(self, *, ok: bool, message: str = "") -> bytes:
        """Return the answer in the vendor's envelope; only ok stops the vendor from repeating."""
