"""What outside systems counted: photographs, what they may not show yet, whose claims are in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

# Clocks of several machines, and times told in whole seconds: nearer than this, nobody knows
# which came first, and the smaller number is taken.
MARGIN = timedelta(seconds=2)


class Place(NamedTuple):
    """One SKU in one warehouse, in the order in which locks are taken."""

    sku: str
    warehouse: str


class PhotoSource(StrEnum):
    """The outside system that counted."""

    ERP = "erp"
    WMS = "wms"


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A building that goods leave from.

    `counted_by` names the system whose photographs set on hand once it has sent one; until then
    the other's are taken. An ERP learns of a shipment late, so this is the WMS unless there is none.
    `erp_books_within` is how late: in that time it may not show what moved without a document
    that it has.
    """

    code: str
    name: str
    province: str
    is_active: bool = True
    serves: tuple[str, ...] = ()
    cut_off: time | None = None
    counted_by: PhotoSource = PhotoSource.WMS
    erp_books_within: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Photograph:
    """What one outside system counted in one place; `open` and `locked` are its own claims."""

    source: PhotoSource
    quantity: int
    as_of: datetime
    open: int = 0
    locked: int = 0

    @property
    def claims(self) -> int:
        """Return units that the system itself calls claimed, whoever's claims they are."""
        return self.open + self.locked


class Movements(NamedTuple):
    """What a photograph is to be read with.

    `shipped` and `changed` (+/-) moved later than it, `contained` are units of our own claims
    among those that it shows as claimed.
    """

    shipped: int = 0
    changed: int = 0
    contained: int = 0


NO_MOVEMENTS = Movements()


def choose_photograph(photos: Iterable[Photograph], counted_by: PhotoSource) -> Photograph | None:
    """Return the newest photograph of the system that counts, else the newest of any."""
    ranked = sorted(photos, key=lambda photo: (photo.source is counted_by, photo.as_of))
    return ranked[-1] if ranked else None


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


def lay_claims(
    lines: Sequence[PhotographLine], ours: Mapping[Place, int], source: PhotoSource
) -> dict[Place, int]:
    """Return claimed units per place as a photograph shows them.

    A WMS freezes units where they lie. An ERP's sales documents do not say from which warehouse
    they ship: ours are laid where we know them, those of others on the fullest place first, and
    what nobody covers on the last one.
    """
    if source is PhotoSource.WMS:
        return {Place(line.sku, line.warehouse): line.open + line.locked for line in lines}
    laid: dict[Place, int] = {}
    for sku in {line.sku for line in lines}:
        there = [line for line in lines if line.sku == sku]
        quantity = {Place(sku, line.warehouse): line.quantity for line in there}
        left = sum(line.open + line.locked for line in there)
        fullest_first = sorted(
            quantity, key=lambda place: (ours.get(place, 0) - quantity[place], place)
        )
        for place in fullest_first:
            laid[place] = min(left, ours.get(place, 0))
            left -= laid[place]
        for place in fullest_first:
            units = min(left, max(0, quantity[place] - laid[place]))
            laid[place] += units
            left -= units
        laid[fullest_first[-1]] += left
    return laid
