"""Counters of one SKU in one warehouse, what they follow from, and how each verb changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from yinuo.core.errors import NotFound
from yinuo.inventory.model.photographs import (
    MARGIN,
    Movements,
    Photograph,
    PhotoSource,
    Place,
    Warehouse,
)
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
    TOLD_ANEW = "told_anew"
    ACCEPTED = "accepted"
    REPAIRED = "repaired"


class UnknownWarehouse(NotFound):
    """There is no warehouse of this code."""

    code = "inventory.unknown_warehouse"


class UnknownStock(NotFound):
    """Nothing is known of this SKU's stock."""

    code = "inventory.unknown_stock"


@dataclass(frozen=True, slots=True)
class Level:
    """The counters of one SKU in one warehouse.

    `photo_claims` is what the photograph shows as claimed, `contained` our own part of that;
    the rest is `claimed_elsewhere`. `in_flight` are units that left and that it still shows.
    """

    sku: str
    warehouse: str
    on_hand: int = 0
    reserved: int = 0
    allocated: int = 0
    safety_stock: int = 0
    claimed_elsewhere: int = 0
    in_flight: int = 0
    changed: int = 0
    shortfall: int = 0
    photo_quantity: int = 0
    photo_claims: int = 0
    contained: int = 0
    photo_at: datetime | None = None
    photo_source: PhotoSource | None = None
    version: int = 0

    @property
    def place(self) -> Place:
        """Return the key."""
        return Place(self.sku, self.warehouse)

    @property
    def atp(self) -> int:
        """Return on hand less all claims, ours and others', and safety stock.

        Negative by what is short.
        """
        claimed = self.allocated + self.reserved + self.claimed_elsewhere
        return self.on_hand - claimed - self.safety_stock

    @property
    def missing(self) -> int:
        """Return promised units that are not there (safety stock is nobody's promise)."""
        return max(0, self.allocated + self.reserved - self.on_hand)

    def settled(self) -> Level:
        """Return the level with the counters that follow from others made to follow."""
        on_hand = max(0, self.photo_quantity + self.changed - self.in_flight)
        elsewhere = max(0, self.photo_claims - self.contained)
        claims = self.allocated + self.reserved + self.safety_stock + elsewhere
        return replace(
            self,
            on_hand=on_hand,
            claimed_elsewhere=elsewhere,
            shortfall=max(0, claims - on_hand),
        )

    def allocating(self, units: int) -> Level:
        """Return the level after a reservation became firm."""
        return replace(self, reserved=self.reserved - units, allocated=self.allocated + units)

    def giving_back(
        self,
        units: int,
        state: ReservationState,
        *,
        at: datetime | None = None,
        is_contained: bool = False,
    ) -> Level:
        """Return the level after a claim in that state ended without shipment.

        A contained claim given back just when the photograph was taken may not be in it.
        """
        is_unsure = is_contained and at is not None and not _is_later(self, at, -MARGIN)
        level = replace(self, contained=self.contained - (units if is_unsure else 0))
        if state is ReservationState.ALLOCATED:
            return replace(level, allocated=self.allocated - units).settled()
        return replace(level, reserved=self.reserved - units).settled()

    def shipping(
        self, units: int, *, claimed: int, at: datetime, is_contained: bool, lag: Lag
    ) -> Level:
        """Return the level after units left, of which `claimed` were allocated.

        On hand falls only by what the photograph still shows. A contained claim is among the
        photograph's claims as long as its units are among its quantity, booked late or not.
        """
        is_later = _is_later(self, at, timedelta(0) if is_contained else lag.claimed)
        flying = claimed if is_later else 0
        flying += units - claimed if _is_later(self, at, lag.unclaimed) else 0
        shown = claimed if is_contained and not is_later else 0
        return replace(
            self,
            allocated=self.allocated - claimed,
            in_flight=self.in_flight + flying,
            contained=self.contained - shown,
        ).settled()

    def changing(self, delta: int, *, at: datetime, lag: Lag) -> Level:
        """Return the level after the warehouse reported units found, lost, received or returned.

        Where the photograph may or may not show them, the smaller number is taken.
        """
        is_later = _is_later(self, at, lag.unclaimed if delta < 0 else -MARGIN)
        return replace(self, changed=self.changed + (delta if is_later else 0)).settled()

    def photographed(self, photo: Photograph, later: Movements, *, claims: int) -> Level:
        """Return the level that follows from a photograph, its claims, and what moved after it."""
        return replace(
            self,
            photo_quantity=photo.quantity,
            photo_claims=claims,
            photo_at=photo.as_of,
            photo_source=photo.source,
        ).recounted(later)

    def recounted(self, later: Movements) -> Level:
        """Return the level with what its photograph is to be read with counted anew."""
        return replace(
            self, in_flight=later.shipped, changed=later.changed, contained=later.contained
        ).settled()

    def without_lapsed(self, units: int) -> Level:
        """Return the level as if so many expired reserved units were given back already."""
        return replace(self, reserved=self.reserved - units).settled() if units else self

    def keeping_safe(self, units: int) -> Level:
        """Return the level with another safety stock."""
        return replace(self, safety_stock=units).settled()


class Lag(NamedTuple):
    """How long a photograph may not show yet what moved: units of our claims, and all others."""

    claimed: timedelta
    unclaimed: timedelta


def lag_of(warehouse: Warehouse, source: PhotoSource | None) -> Lag:
    """Return how late a system shows what moved in a warehouse.

    A WMS ships by itself what it was asked to ship: it is late with nothing, only its clock may
    differ. An ERP books what it has no document for when somebody gets round to it.
    """
    if source is PhotoSource.ERP:
        return Lag(warehouse.erp_books_within, warehouse.erp_books_within)
    return Lag(timedelta(0), MARGIN)


def _is_later(level: Level, at: datetime, lag: timedelta) -> bool:
    return level.photo_at is None or at + lag > level.photo_at


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
    elsewhere: int = 0
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
            elsewhere=level.claimed_elsewhere - old.claimed_elsewhere,
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
            entry.elsewhere,
            entry.shortfall,
        )
    )


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
