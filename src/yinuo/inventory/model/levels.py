"""Counters of one SKU in one warehouse, what they follow from, and how each verb changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from enum import StrEnum
from typing import NamedTuple

from yinuo.core.errors import NotFound
from yinuo.inventory.model.reservations import ReservationState


class LedgerKind(StrEnum):
    """What changed the counters."""

    RESERVED = "reserved"
    RELEASED = "released"
    LAPSED = "lapsed"
    ALLOCATED = "allocated"
    DEDUCTED = "deducted"
    CHANGED = "changed"
    PHOTOGRAPHED = "photographed"
    SAFETY_SET = "safety_set"
    REPAIRED = "repaired"


class PhotoSource(StrEnum):
    """The outside system that counted."""

    ERP = "erp"
    WMS = "wms"


class UnknownWarehouse(NotFound):
    """There is no warehouse of this code."""

    code = "inventory.unknown_warehouse"


class UnknownStock(NotFound):
    """Nothing is known of this SKU's stock."""

    code = "inventory.unknown_stock"


class Place(NamedTuple):
    """One SKU in one warehouse, in the order in which locks are taken."""

    sku: str
    warehouse: str


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A building that goods leave from.

    `counted_by` names the system whose photographs set on hand once it has sent one; until then
    the other's are taken. An ERP learns of a shipment late, so this is the WMS unless there is none.
    """

    code: str
    name: str
    province: str
    is_active: bool = True
    serves: tuple[str, ...] = ()
    cut_off: time | None = None
    counted_by: PhotoSource = PhotoSource.WMS


@dataclass(frozen=True, slots=True)
class Photograph:
    """What one outside system counted in one place; `open` and `locked` are its own claims."""

    source: PhotoSource
    quantity: int
    as_of: datetime
    open: int = 0
    locked: int = 0


class Movements(NamedTuple):
    """Physical movements later than a photograph: units shipped, and other changes (+/-)."""

    shipped: int = 0
    changed: int = 0


NO_MOVEMENTS = Movements()


@dataclass(frozen=True, slots=True)
class Level:
    """The counters of one SKU in one warehouse."""

    sku: str
    warehouse: str
    on_hand: int = 0
    reserved: int = 0
    allocated: int = 0
    safety_stock: int = 0
    in_flight: int = 0
    changed: int = 0
    shortfall: int = 0
    photo_quantity: int = 0
    photo_at: datetime | None = None
    photo_source: PhotoSource | None = None
    version: int = 0

    @property
    def place(self) -> Place:
        """Return the key."""
        return Place(self.sku, self.warehouse)

    @property
    def atp(self) -> int:
        """Return on hand − allocated − reserved − safety stock; negative by what is short."""
        return self.on_hand - self.allocated - self.reserved - self.safety_stock

    @property
    def missing(self) -> int:
        """Return promised units that are not there (safety stock is nobody's promise)."""
        return max(0, self.allocated + self.reserved - self.on_hand)

    def settled(self) -> Level:
        """Return the level with on hand and shortfall following from the other counters."""
        on_hand = max(0, self.photo_quantity + self.changed - self.in_flight)
        claims = self.allocated + self.reserved + self.safety_stock
        return replace(self, on_hand=on_hand, shortfall=max(0, claims - on_hand))

    def contains(self, at: datetime) -> bool:
        """Tell whether the photograph already shows what moved at that moment."""
        return self.photo_at is not None and at <= self.photo_at

    def allocating(self, units: int) -> Level:
        """Return the level after a reservation became firm."""
        return replace(self, reserved=self.reserved - units, allocated=self.allocated + units)

    def giving_back(self, units: int, state: ReservationState) -> Level:
        """Return the level after a claim in that state ended without shipment."""
        if state is ReservationState.ALLOCATED:
            return replace(self, allocated=self.allocated - units).settled()
        return replace(self, reserved=self.reserved - units).settled()

    def shipping(self, units: int, *, claimed: int, at: datetime) -> Level:
        """Return the level after units left, of which `claimed` were allocated.

        On hand falls only when the photograph does not show it already.
        """
        in_flight = self.in_flight + (0 if self.contains(at) else units)
        return replace(self, allocated=self.allocated - claimed, in_flight=in_flight).settled()

    def changing(self, delta: int, *, at: datetime) -> Level:
        """Return the level after the warehouse reported units found, lost, received or returned."""
        changed = self.changed + (0 if self.contains(at) else delta)
        return replace(self, changed=changed).settled()

    def photographed(self, photo: Photograph, later: Movements) -> Level:
        """Return the level that follows from a photograph and what moved after it."""
        return replace(
            self,
            photo_quantity=photo.quantity,
            photo_at=photo.as_of,
            photo_source=photo.source,
            in_flight=later.shipped,
            changed=later.changed,
        ).settled()

    def without_lapsed(self, units: int) -> Level:
        """Return the level as if so many expired reserved units were given back already."""
        return replace(self, reserved=self.reserved - units).settled() if units else self

    def keeping_safe(self, units: int) -> Level:
        """Return the level with another safety stock."""
        return replace(self, safety_stock=units).settled()


def choose_photograph(photos: Iterable[Photograph], counted_by: PhotoSource) -> Photograph | None:
    """Return the newest photograph of the system that counts, else the newest of any."""
    ranked = sorted(photos, key=lambda photo: (photo.source is counted_by, photo.as_of))
    return ranked[-1] if ranked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One change of the counters of one place."""

    kind: LedgerKind
    place: Place
    on_hand: int = 0
    reserved: int = 0
    allocated: int = 0
    in_flight: int = 0
    safety: int = 0
    shortfall: int = 0
    moved: int = 0
    effective_at: datetime
    cause: str
    owner: str | None = None
    key: str | None = None


class Because(NamedTuple):
    """Why counters change: written into every ledger entry."""

    kind: LedgerKind
    cause: str
    owner: str | None = None
    key: str | None = None


@dataclass(slots=True)
class Sheet:
    """Locked levels while a verb works on them, and the ledger entries that this makes."""

    levels: dict[Place, Level]
    entries: list[LedgerEntry] = field(default_factory=list)
    touched: dict[Place, Level] = field(default_factory=dict)

    def put(self, level: Level, why: Because, *, at: datetime, moved: int = 0) -> None:
        """Take a level's new state and note the difference; nothing is noted without one."""
        place = level.place
        old = self.levels[place]
        self.touched.setdefault(place, old)
        self.levels[place] = level
        entry = LedgerEntry(
            kind=why.kind,
            place=place,
            on_hand=level.on_hand - old.on_hand,
            reserved=level.reserved - old.reserved,
            allocated=level.allocated - old.allocated,
            in_flight=level.in_flight - old.in_flight,
            safety=level.safety_stock - old.safety_stock,
            shortfall=level.shortfall - old.shortfall,
            moved=moved,
            effective_at=at,
            cause=why.cause,
            owner=why.owner,
            key=why.key,
        )
        if moved or entry.key or has_effect(entry):
            self.entries.append(entry)

    def fell_short(self) -> list[Level]:
        """Return levels where more promised units are missing than before."""
        return [
            self.levels[place]
            for place, old in self.touched.items()
            if self.levels[place].missing > old.missing
        ]

    def covers(self, units: Mapping[str, int], warehouse: str, state: ReservationState) -> bool:
        """Tell whether the counters hold the claim; if not, the claim's row is corrupt."""
        for sku, quantity in units.items():
            level = self.levels.get(Place(sku, warehouse))
            if level is None:
                return False
            held = level.allocated if state is ReservationState.ALLOCATED else level.reserved
            if held < quantity:
                return False
        return True


def has_effect(entry: LedgerEntry) -> bool:
    """Tell whether any counter changes."""
    return any(
        (
            entry.on_hand,
            entry.reserved,
            entry.allocated,
            entry.in_flight,
            entry.safety,
            entry.shortfall,
        )
    )


@dataclass(frozen=True, slots=True)
class PhotographLine:
    """What a photograph shows of one place."""

    sku: str
    warehouse: str
    quantity: int
    open: int = 0
    locked: int = 0


def sum_lines(lines: Sequence[PhotographLine]) -> list[PhotographLine]:
    """Return one line per place, sorted; batches of one SKU in one place are added up."""
    totals: dict[Place, PhotographLine] = {}
    for line in lines:
        place = Place(line.sku, line.warehouse)
        known = totals.get(place)
        totals[place] = (
            line
            if known is None
            else PhotographLine(
                line.sku,
                line.warehouse,
                known.quantity + line.quantity,
                known.open + line.open,
                known.locked + line.locked,
            )
        )
    return [totals[place] for place in sorted(totals)]


@dataclass(frozen=True, slots=True)
class StockChange:
    """Sellable units found, lost, received or returned, as the warehouse reports it.

    `key` is the report's own key; `owner` is set when the report names an order of ours.
    """

    key: str
    sku: str
    warehouse: str
    quantity_delta: int
    changed_at: datetime
    owner: str | None = None
