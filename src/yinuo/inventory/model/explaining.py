"""Why a place has the numbers that it has: each step from what was counted to what may be sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yinuo.core.errors import Conflict, NotFound
from yinuo.inventory.model.levels import Level
from yinuo.inventory.model.outside import Stage
from yinuo.inventory.model.photographs import Movements, Photograph, PhotoSource, Place


class UnknownPhotograph(NotFound):
    """That system has sent no photograph of this place."""

    code = "inventory.unknown_photograph"


class ChangedMeanwhile(Conflict):
    """The numbers are no longer those that were shown; look again."""

    code = "inventory.changed_meanwhile"


class PartKind(StrEnum):
    """What adds to a number or takes from it."""

    PHOTOGRAPHED = "photographed"
    CHANGED = "changed"
    LEFT = "left"
    BELOW_ZERO = "below_zero"
    UNEXPLAINED = "unexplained"
    RESERVED_UNPAID = "reserved_unpaid"
    RESERVED_PAID = "reserved_paid"
    ALLOCATED = "allocated"
    ELSEWHERE = "elsewhere"
    SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class Part:
    """Units that one cause adds (or takes, when negative)."""

    kind: PartKind
    units: int


@dataclass(frozen=True, slots=True)
class StageUnits:
    """Claims that got equally far in one system; `owners` are some of theirs, the newest first."""

    stage: Stage
    units: int
    claims: int
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One system's newest photograph of a place, and how it leads to what is on hand.

    `parts` add up to on hand; what is left unexplained was not booked yet, or counted otherwise.
    """

    photograph: Photograph
    sets_on_hand: bool
    parts: tuple[Part, ...]
    stages: tuple[StageUnits, ...]

    @property
    def unexplained(self) -> int:
        """Return units by which on hand is more (or less) than the photograph explains."""
        return sum(part.units for part in self.parts if part.kind is PartKind.UNEXPLAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The four numbers of a place, and why they differ: counted by WMS and ERP, on hand, ATP.

    `to_atp` leads from on hand to ATP. Unpaid units lapse by themselves from `first_lapse_at` on.
    """

    place: Place
    wms: int | None
    erp: int | None
    on_hand: int
    atp: int
    to_atp: tuple[Part, ...]
    looks: tuple[Look, ...]
    first_lapse_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Open units of a place as its claims tell them."""

    unpaid: int = 0
    paid: int = 0
    first_lapse_at: datetime | None = None


def explain(
    level: Level,
    *,
    claimed: Claimed,
    photographs: Sequence[Photograph],
    read_with: Mapping[PhotoSource, Movements],
    stages: Mapping[PhotoSource, Sequence[StageUnits]],
) -> Explanation:
    """Return why a place has its numbers; `level` counts expired claims as free."""
    counted = {photo.source: photo.quantity for photo in photographs}
    return Explanation(
        place=level.place,
        wms=counted.get(PhotoSource.WMS),
        erp=counted.get(PhotoSource.ERP),
        on_hand=level.on_hand,
        atp=level.atp,
        to_atp=_parts(
            (PartKind.RESERVED_UNPAID, -claimed.unpaid),
            (PartKind.RESERVED_PAID, -claimed.paid),
            (PartKind.ALLOCATED, -level.allocated),
            (PartKind.ELSEWHERE, -level.claimed_elsewhere),
            (PartKind.SAFETY, -level.safety_stock),
        ),
        looks=tuple(
            _look(level, photo, read_with[photo.source], stages.get(photo.source, ()))
            for photo in sorted(photographs, key=lambda one: one.source)
        ),
        first_lapse_at=claimed.first_lapse_at,
    )


def _look(level: Level, photo: Photograph, later: Movements, stages: Sequence[StageUnits]) -> Look:
    sets_on_hand = (level.photo_source, level.photo_at) == (photo.source, photo.as_of)
    expected = photo.quantity + later.changed - later.shipped
    rest = PartKind.BELOW_ZERO if sets_on_hand else PartKind.UNEXPLAINED
    return Look(
        photograph=photo,
        sets_on_hand=sets_on_hand,
        parts=(
            Part(PartKind.PHOTOGRAPHED, photo.quantity),
            *_parts(
                (PartKind.CHANGED, later.changed),
                (PartKind.LEFT, -later.shipped),
                (rest, level.on_hand - expected),
            ),
        ),
        stages=tuple(stages),
    )


def _parts(*parts: tuple[PartKind, int]) -> tuple[Part, ...]:
    return tuple(Part(kind, units) for kind, units in parts if units)
