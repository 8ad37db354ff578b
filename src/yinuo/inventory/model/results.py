"""What the verbs tell their callers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from yinuo.inventory.model.levels import LedgerEntry, Level
from yinuo.inventory.model.photographs import Place
from yinuo.inventory.model.reservations import ReservationState


@dataclass(frozen=True, slots=True)
class Released:
    """What was given back; `units` is empty for a repeat, `state` None when nothing was ever held."""

    owner: str
    state: ReservationState | None
    units: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deducted:
    """What left: units from the claim, and units shipped that were not claimed for this owner."""

    owner: str
    warehouse: str
    units: dict[str, int]
    beyond_claim: dict[str, int]
    is_final: bool
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class Lapses:
    """Owners whose unpaid claims were given back, and ids of corrupt claims put aside."""

    owners: list[str]
    stuck: list[str]


@dataclass(frozen=True, slots=True)
class PhotographApplied:
    """How many places a photograph set anew, how many it was too old for, and what was not known.

    `fell` are units by which on hand fell without any movement that was reported here.
    """

    applied: int
    ignored: int
    unknown_warehouses: list[str]
    fell: dict[Place, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class ChangesApplied:
    """How many reported changes counted, were repeats, or were shipments counted elsewhere."""

    applied: int
    repeats: int
    shipments: int
    unknown_warehouses: list[str]


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """A ledger entry as it was written."""

    id: int
    at: datetime
    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class Drift:
    """A counter that differs from what `against` says: claims, movements or ledger."""

    sku: str
    warehouse: str
    counter: str
    stored: int
    recomputed: int
    against: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairPlan:
    """What a repair changes, level by level; `token` names exactly this change."""

    before: tuple[Level, ...]
    after: tuple[Level, ...]
    token: str
    is_repeat: bool = False

    def repeated(self) -> RepairPlan:
        """Return the answer to who asks again for what was done."""
        return replace(self, before=(), after=(), is_repeat=True)
