"""Requests to reserve, what an owner holds, and the pure decisions about both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from yinuo.core.errors import Conflict, Invalid, JsonValue
from yinuo.inventory.model.photographs import Place

MOST_UNITS = 10**9  # in one line; more is a mistake


class ReservationState(StrEnum):
    """Where a claim stands; the first three hold their owner's place."""

    RESERVED = "reserved"
    ALLOCATED = "allocated"
    DEDUCTED = "deducted"
    RELEASED = "released"
    LAPSED = "lapsed"


HELD = frozenset({ReservationState.RESERVED, ReservationState.ALLOCATED, ReservationState.DEDUCTED})


class BadReservation(Invalid):
    """The request to reserve cannot be right; `problems` lists all of them."""

    code = "inventory.bad_reservation"


class Shortage(Conflict):
    """No candidate warehouse holds everything; details name what is short and where it is best."""

    code = "inventory.shortage"

    def __init__(
        self, *, owner: str, short: Mapping[str, int], best_warehouse: str, tried: tuple[Tried, ...]
    ) -> None:
        self.owner = owner
        self.short = dict(short)
        self.best_warehouse = best_warehouse
        self.tried = tried
        details: dict[str, JsonValue] = {
            "owner": owner,
            "short": "、".join(f"{sku}×{units}" for sku, units in sorted(short.items())),
            "short_units": dict(short),
            "best_warehouse": best_warehouse,
        }
        super().__init__(**details)


class Contended(Conflict):
    """Other processes served the same owners again and again meanwhile; ask once more."""

    code = "inventory.contended"


class NotHeld(Conflict):
    """The owner holds no stock now: never reserved, released, or lapsed."""

    code = "inventory.not_held"


@dataclass(frozen=True, slots=True)
class StockLine:
    """Units of one SKU."""

    sku: str
    quantity: int


def stock_lines(units: Mapping[str, int]) -> tuple[StockLine, ...]:
    """Return lines for units per SKU."""
    return tuple(StockLine(sku, quantity) for sku, quantity in units.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveRequest:
    """A wish for stock: all lines from the first of `warehouses` that holds everything.

    Without `all_or_none`, when none holds everything: what there is, from the one that holds most.
    """

    owner: str
    lines: tuple[StockLine, ...]
    warehouses: tuple[str, ...]
    is_paid: bool
    ttl_seconds: int
    cause: str
    all_or_none: bool = True

    def units(self) -> dict[str, int]:
        """Return units per SKU; several lines of one SKU are one demand."""
        if len(self.lines) == 1:
            return {self.lines[0].sku: self.lines[0].quantity}
        units: Counter[str] = Counter()
        for line in self.lines:
            units[line.sku] += line.quantity
        return dict(units)


class Tried(NamedTuple):
    """A warehouse that could not serve, and the units missing there."""

    warehouse: str
    missing: dict[str, int]


@dataclass(frozen=True, slots=True)
class Reserved:
    """What an owner holds; `is_repeat` when it held it before asking.

    `short` are units per SKU that a partial reservation could not get.
    """

    owner: str
    reservation_id: str
    warehouse: str
    expires_at: datetime
    is_repeat: bool = False
    tried: tuple[Tried, ...] = ()
    short: Mapping[str, int] = field(default_factory=dict)


class PartlyFilled(NamedTuple):
    """What one warehouse can give of a wish, and the units that it lacks."""

    warehouse: str
    units: dict[str, int]
    short: dict[str, int]


def find_problems(request: ReserveRequest) -> list[str]:
    """Return everything that is wrong with a request by itself; empty when it may be decided."""
    problems = []
    if not request.owner:
        problems.append("no_owner")
    if not request.lines:
        problems.append("no_lines")
    if not request.warehouses:
        problems.append("no_warehouses")
    if request.ttl_seconds <= 0:
        problems.append("bad_ttl")
    problems += [
        f"bad_quantity:{line.sku}"
        for line in request.lines
        if not (line.sku and 0 < line.quantity <= MOST_UNITS)
    ]
    return problems


def fill_partly(
    requests: Mapping[int, ReserveRequest], free: Mapping[Place, int]
) -> dict[int, PartlyFilled]:
    """Return what each request gets of what is free per SKU and warehouse, in their order.

    From the warehouse that gives most, the earlier named of equal ones; who gets nothing is left
    out.
    """
    left = dict(free)
    filled: dict[int, PartlyFilled] = {}
    for number, request in requests.items():
        wanted = request.units()
        gives = {
            code: {
                sku: units
                for sku, most in wanted.items()
                if (units := min(most, max(0, left.get(Place(sku, code), 0))))
            }
            for code in request.warehouses
        }
        best = max(gives, key=lambda code: sum(gives[code].values()))
        if not gives[best]:
            continue
        for sku, units in gives[best].items():
            left[Place(sku, best)] -= units
        short = {
            sku: most - gives[best].get(sku, 0)
            for sku, most in wanted.items()
            if most > gives[best].get(sku, 0)
        }
        filled[number] = PartlyFilled(best, gives[best], short)
    return filled


def refuse(request: ReserveRequest, tried: tuple[Tried, ...]) -> Shortage:
    """Return the refusal, measured at the warehouse where the least is missing."""
    best = min(tried, key=lambda one: sum(one.missing.values()))
    return Shortage(
        owner=request.owner, short=best.missing, best_warehouse=best.warehouse, tried=tried
    )


@dataclass(frozen=True, slots=True)
class ReservationLine:
    """Units of a SKU: asked for, still claimed, already deducted."""

    sku: str
    quantity: int
    open: int
    deducted: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """An owner's claim on one warehouse."""

    id: str
    owner: str
    warehouse: str
    state: ReservationState
    is_paid: bool
    expires_at: datetime
    created_at: datetime
    lines: tuple[ReservationLine, ...]

    def has_lapsed(self, now: datetime) -> bool:
        """Tell whether the claim no longer counts, swept or not; a paid one never lapses."""
        return (
            self.state is ReservationState.RESERVED and not self.is_paid and self.expires_at <= now
        )

    def is_held(self, now: datetime) -> bool:
        """Tell whether the owner still holds its stock, or has got it."""
        return self.state in HELD and not self.has_lapsed(now)

    def open_units(self) -> dict[str, int]:
        """Return units per SKU that are still claimed."""
        return {line.sku: line.open for line in self.lines if line.open}


def split_deduction(
    open_units: Mapping[str, int], shipped: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return (units taken from the claim, units shipped beyond it), per SKU."""
    claimed = {
        sku: min(units, open_units.get(sku, 0)) for sku, units in sorted(shipped.items()) if units
    }
    beyond = {sku: shipped[sku] - units for sku, units in claimed.items() if shipped[sku] > units}
    return claimed, beyond
