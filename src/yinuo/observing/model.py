"""Observed orders, shadow claims, and the verdict on what would have become of an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from yinuo.core.errors import Conflict, NotFound
from yinuo.core.money import Fen
from yinuo.inventory.model import Level, Place

# Whoever carries an order out has shipped it by then, and photographs show it.
CLAIM_LIFE = timedelta(hours=72)


class NotObserved(NotFound):
    """The order is not one that was only observed."""

    code = "observing.not_observed"


class AlreadyDecided(Conflict):
    """The observed order was taken over, closed or cancelled before; details: state."""

    code = "observing.already_decided"


class ObservedState(StrEnum):
    """Whose an order is: watched, carried out by Yinuo now, left to others, cancelled."""

    OPEN = "open"
    TAKEN_OVER = "taken_over"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What Yinuo would have done when stock was asked for."""

    UNDECIDED = "undecided"
    RESERVED = "reserved"
    SHORT = "short"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandLine:
    """Units of one SKU and what the buyer pays for them."""

    sku: str
    quantity: int
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What an observed order asks for; `warehouses` are its candidates, the best first."""

    order_id: str
    lines: tuple[DemandLine, ...]
    warehouses: tuple[str, ...]
    is_paid: bool
    ttl_seconds: int

    def by_sku(self) -> dict[str, DemandLine]:
        """Return one line per SKU; several lines of one SKU are one demand."""
        found: dict[str, DemandLine] = {}
        for line in self.lines:
            known = found.get(line.sku)
            found[line.sku] = DemandLine(
                sku=line.sku,
                quantity=line.quantity + (known.quantity if known else 0),
                amount_fen=line.amount_fen + (known.amount_fen if known else 0),
            )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Units of a SKU that were sold and not there; `worth_fen` is what is paid for those units."""

    sku: str
    wanted: int
    missing: int
    worth_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What would have become of an order: all of it from one warehouse, or what was missing."""

    order_id: str
    outcome: Outcome
    is_paid: bool
    warehouse: str | None = None
    missing: tuple[Missing, ...] = ()
    is_new: bool = True

    @property
    def worth_fen(self) -> Fen:
        """Return what is paid for the missing units."""
        return Fen(sum(one.worth_fen for one in self.missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedOrder:
    """An order that is or was only observed, with the verdict on it."""

    order_id: str
    shop_id: str
    state: ObservedState
    outcome: Outcome
    is_paid: bool
    warehouse: str | None
    began_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowClaim:
    """Units that an observed order would hold."""

    order_id: str
    sku: str
    warehouse: str
    open: int
    claimed_at: datetime


def free_units(level: Level, shadow: int) -> int:
    """Return the units that an observed order could still have, not below 0.

    ERP and WMS may show observed orders themselves, as claimed elsewhere: those units are not
    taken off twice. What is claimed elsewhere counts as observed orders first, so that a
    shortage is told too seldom rather than too often.
    """
    return max(0, level.atp - max(0, shadow - level.claimed_elsewhere))


def decide(demand: Demand, free: Mapping[Place, int]) -> Verdict:
    """Return the verdict by the rule of real reservations: all lines or none, from one warehouse.

    The first candidate that holds everything serves; without one, the shortage is told where the
    least is missing.
    """
    lines = demand.by_sku()
    lacks = {code: _lack(lines, code, free) for code in demand.warehouses}
    serving = next((code for code, lack in lacks.items() if not lack), None)
    if serving is not None:
        return Verdict(
            order_id=demand.order_id,
            outcome=Outcome.RESERVED,
            is_paid=demand.is_paid,
            warehouse=serving,
        )
    best = min(lacks, key=lambda code: sum(lacks[code].values())) if lacks else None
    lack = lacks[best] if best is not None else {sku: one.quantity for sku, one in lines.items()}
    return Verdict(
        order_id=demand.order_id,
        outcome=Outcome.SHORT,
        is_paid=demand.is_paid,
        warehouse=best,
        missing=tuple(
            Missing(
                sku=sku,
                wanted=lines[sku].quantity,
                missing=units,
                worth_fen=Fen(lines[sku].amount_fen * units // lines[sku].quantity),
            )
            for sku, units in sorted(lack.items())
        ),
    )


def _lack(
    lines: Mapping[str, DemandLine], warehouse: str, free: Mapping[Place, int]
) -> dict[str, int]:
    found = {sku: line.quantity - free.get(Place(sku, warehouse), 0) for sku, line in lines.items()}
    return {sku: units for sku, units in found.items() if units > 0}


def consume(claims: Sequence[ShadowClaim], units: int) -> dict[str, int]:
    """Return what is left of each order's claim after so many units left the shelf, oldest first.

    Claims that keep all they have are not among them.
    """
    left: dict[str, int] = {}
    for claim in sorted(claims, key=lambda one: (one.claimed_at, one.order_id)):
        if units <= 0:
            break
        taken = min(units, claim.open)
        units -= taken
        left[claim.order_id] = claim.open - taken
    return left
