"""The world outside the hub: goods on shelves, what a WMS freezes, what an ERP has booked.

Nothing here knows how the hub thinks. What the world tells (reports, photographs) is kept, so that
it can be delivered late, twice, in any order, or never.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from yinuo.inventory.model import PhotoSource

Spot = tuple[str, str]


class ShipmentReport(NamedTuple):
    """Goods that left for an owner."""

    key: str
    owner: str
    warehouse: str
    lines: dict[str, int]
    at: datetime


class ChangeReport(NamedTuple):
    """Goods found or lost."""

    key: str
    spot: Spot
    units: int
    at: datetime


class Picture(NamedTuple):
    """Quantity and claimed units of each place, as one system saw them."""

    source: PhotoSource
    at: datetime
    lines: dict[Spot, tuple[int, int]]


class Unknown(NamedTuple):
    """Units that went to others at some moment; a photograph taken later shows it."""

    at: datetime
    spot: Spot
    units: int


@dataclass
class Outside:
    """Shelves, frozen units, books, and what was told of them."""

    there: dict[Spot, int]
    holds: dict[str, dict[Spot, int]] = field(default_factory=dict)
    frozen_for_others: dict[Spot, int] = field(default_factory=dict)
    booked: dict[Spot, int] = field(default_factory=dict)
    documents: dict[str, dict[str, int]] = field(default_factory=dict)
    ordered_by_others: dict[str, int] = field(default_factory=dict)
    to_book: list[tuple[str, Spot, int]] = field(default_factory=list)
    reports: list[ShipmentReport | ChangeReport] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    taken_by_others: list[Unknown] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with books that are right."""
        self.booked = dict(self.there)

    # -- shelves ---------------------------------------------------------------------------------

    def frozen(self, spot: Spot) -> int:
        """Return units that the WMS keeps for somebody."""
        ours = sum(hold.get(spot, 0) for hold in self.holds.values())
        return ours + self.frozen_for_others.get(spot, 0)

    def free(self, spot: Spot) -> int:
        """Return units that the WMS would give to anybody."""
        return self.there[spot] - self.frozen(spot)

    def hold(self, owner: str, units: dict[Spot, int]) -> bool:
        """Freeze all units for an owner or none; a repeat changes nothing."""
        if owner not in self.holds:
            if any(self.free(spot) < n for spot, n in units.items()):
                return False
            self.holds[owner] = dict(units)
        return True

    def ship(self, owner: str, units: dict[Spot, int], at: datetime) -> ShipmentReport | None:
        """Let goods leave, first those frozen for the owner; None when they are not there."""
        hold = self.holds.get(owner, {})
        if any(n > hold.get(spot, 0) + max(0, self.free(spot)) for spot, n in units.items()):
            return None
        for spot, n in units.items():
            self.there[spot] -= n
            if spot in hold:
                hold[spot] = max(0, hold[spot] - n)
            self.to_book.append((owner, spot, -n))
        report = ShipmentReport(
            f"s{len(self.reports)}",
            owner,
            next(warehouse for _, warehouse in units),
            {sku: n for (sku, _), n in units.items()},
            at,
        )
        self.reports.append(report)
        return report

    def change(self, spot: Spot, units: int, at: datetime) -> None:
        """Find or lose units that nobody holds."""
        units = max(units, -max(0, self.free(spot)))
        if units:
            self.there[spot] += units
            self.to_book.append(("", spot, units))
            self.reports.append(ChangeReport(f"c{len(self.reports)}", spot, units, at))

    def freeze_for_others(self, spot: Spot, units: int, at: datetime) -> None:
        """Let the WMS keep more or fewer units for others."""
        units = min(units, max(0, self.free(spot)))
        units = max(units, -self.frozen_for_others.get(spot, 0))
        self.frozen_for_others[spot] = self.frozen_for_others.get(spot, 0) + units
        if units > 0:
            self.taken_by_others.append(Unknown(at, spot, units))

    # -- books -----------------------------------------------------------------------------------

    def order_by_others(self, spot: Spot, units: int, at: datetime) -> None:
        """Let others order more or less in the ERP, which does not say from where."""
        sku = spot[0]
        units = max(units, -self.ordered_by_others.get(sku, 0))
        self.ordered_by_others[sku] = self.ordered_by_others.get(sku, 0) + units
        if units > 0:
            self.taken_by_others.append(Unknown(at, spot, units))

    def book(self, many: int) -> None:
        """Let the ERP book what left and changed so far, the oldest first."""
        for owner, (sku, warehouse), units in self.to_book[:many]:
            self.booked[sku, warehouse] += units
            open_units = self.documents.get(owner, {})
            if sku in open_units:
                open_units[sku] = max(0, open_units[sku] + units)
        del self.to_book[:many]

    def open_demand(self, sku: str) -> int:
        """Return units of the ERP's open documents."""
        ours = sum(units.get(sku, 0) for units in self.documents.values())
        return ours + self.ordered_by_others.get(sku, 0)

    # -- photographs -----------------------------------------------------------------------------

    def take_picture(self, source: PhotoSource, at: datetime, skus: list[str]) -> Picture:
        """Look at all places of some SKUs; an ERP lays its demand on the fullest place first."""
        spots = [spot for spot in self.there if spot[0] in skus]
        if source is PhotoSource.WMS:
            lines = {spot: (self.there[spot], self.frozen(spot)) for spot in spots}
        else:
            lines = {}
            for sku in skus:
                demand = self.open_demand(sku)
                mine = sorted((s for s in spots if s[0] == sku), key=lambda s: -self.booked[s])
                for place, spot in enumerate(mine, start=1):
                    here = min(demand, max(0, self.booked[spot]))
                    here = demand if place == len(mine) else here
                    lines[spot] = (self.booked[spot], here)
                    demand -= here
        picture = Picture(source, at, lines)
        self.pictures.append(picture)
        return picture
