"""Documents outside the hub, the decision what to do about one now, and shipments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from yinuo.core.errors import Conflict, NotFound


class DocumentKind(StrEnum):
    """What an order leaves in other systems."""

    WMS_HOLD = "wms_hold"
    ERP_DOCUMENT = "erp_document"
    WAREHOUSE_ORDER = "warehouse_order"


class DocumentState(StrEnum):
    """Where a document stands.

    `intended` is written before the call; `unknown` means that a call went out and no answer came;
    `cancelled` and `rejected` are ends.
    """

    INTENDED = "intended"
    UNKNOWN = "unknown"
    DONE = "done"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """What to do about a document now."""

    CALL = "call"
    PROBE = "probe"
    WAIT = "wait"
    NOTHING = "nothing"
    STOP = "stop"


class FulfillmentOrderNotFound(NotFound):
    """No fulfillment order carries this number."""

    code = "fulfillment.not_found"


class AlreadyCancelled(Conflict):
    """The fulfillment order was cancelled; nothing more may be sent for it."""

    code = "fulfillment.already_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentOrder:
    """An instruction to one warehouse; `number` is what other systems know the order by."""

    id: str
    order_id: str
    number: str
    warehouse: str
    is_cancelled: bool
    picking_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document in another system, as far as the hub knows."""

    order_id: str
    kind: DocumentKind
    number: str
    state: DocumentState
    attempts: int
    attempted_at: datetime | None
    outside_number: str
    last_error: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLine:
    """Units of one SKU in a parcel."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Goods that left under one waybill."""

    carrier: str
    waybill: str
    weight_grams: int
    lines: tuple[ParcelLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A parcel that the warehouse reported as shipped."""

    id: str
    order_id: str
    warehouse: str
    parcel: Parcel
    shipped_at: datetime
    report_key: str


def number_for(order_id: str) -> str:
    """Return the number by which the ERP and the WMS know an order.

    Letters and digits only, made from the order's id: the same for good, unlike any other, and
    safe inside the ERP's raw filters.
    """
    return "YN" + order_id.rpartition("_")[2].upper()


def next_move(document: Document | None, *, now: datetime, settle: timedelta) -> Move:
    """Return what to do about a document.

    A call whose outcome is not known may still be at work on the other side: it is looked up only
    after `settle`, and repeated only when the look-up finds nothing. `intended` with an attempt
    is the same case: the process died between the call and its note.
    """
    if document is None or document.attempted_at is None:
        return Move.CALL
    match document.state:
        case DocumentState.DONE:
            return Move.NOTHING
        case DocumentState.CANCELLED:
            return Move.STOP
        case DocumentState.REJECTED:
            return Move.CALL  # only a person's retry comes here again
        case DocumentState.INTENDED | DocumentState.UNKNOWN:
            settled = document.attempted_at + settle <= now
            return Move.PROBE if settled else Move.WAIT


def retry_seconds(run: int, *, jitter: float) -> float:
    """Return how long to wait before run number `run` (from 1): doubling from 2 s up to 5 minutes.

    `jitter` between 0 and 1 spreads orders that failed together over a quarter more.
    """
    base = min(2.0 * 2.0 ** min(run - 1, 10), 300.0)
    return base * (1 + jitter / 4)


def missing_units(ordered: Mapping[str, int], shipped: Sequence[Parcel]) -> dict[str, int]:
    """Return the units per SKU that were ordered and have not left; empty when all have."""
    gone: dict[str, int] = {}
    for parcel in shipped:
        for sku, count in parcel_units(parcel).items():
            gone[sku] = gone.get(sku, 0) + count
    return {sku: left for sku, count in ordered.items() if (left := count - gone.get(sku, 0)) > 0}


def parcel_units(parcel: Parcel) -> dict[str, int]:
    """Return the units per SKU in a parcel, several lines of one SKU summed."""
    units: dict[str, int] = {}
    for line in parcel.lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units
