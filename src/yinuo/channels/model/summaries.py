"""The daily summary: when it is due, and whether a day has changed since people were told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from yinuo.core.clock import SHANGHAI

# A day is told of in its evening; what changed until the next morning is told once more.
CORRECTED_AT = time(9, 0)
CAUGHT_UP = timedelta(hours=20)
# Of the facts, what the comparison of the sides adds after the evening.
PROOF = frozenset({"colour", "gaps"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopLine:
    """What is told of one shop; amounts in fen, `colour` that of its certificate."""

    shop: str
    placed: int
    paid: int
    paid_fen: int
    refunded_fen: int
    shipped: int
    held: int
    waiting_long: int
    colour: str
    gaps: int

    def facts(self) -> Mapping[str, int | str]:
        """Return what makes a correction: the sums of the day, not what goes on after it."""
        return {
            "placed": self.placed,
            "paid": self.paid,
            "paid_fen": self.paid_fen,
            "refunded_fen": self.refunded_fen,
            "colour": self.colour,
            "gaps": self.gaps,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What people were told of a day; `edition` counts from 1."""

    day: date
    edition: int
    told_at: datetime
    facts: Mapping[str, Mapping[str, int | str]]


def due_edition(told: Told | None, *, day: date, at: time, now: datetime) -> int | None:
    """Return which edition of a day is to be told now, or None.

    The first from `at` on (also later, when nothing ran at that time), the second on the next
    morning; whether the second says anything new is for the facts to tell.
    """
    first = datetime.combine(day, at, tzinfo=SHANGHAI)
    second = datetime.combine(day + timedelta(days=1), CORRECTED_AT, tzinfo=SHANGHAI)
    if told is None:
        return 1 if first <= now < second + CAUGHT_UP else None
    is_last = told.edition > 1 or told.told_at >= second
    return 2 if not is_last and second <= now < second + CAUGHT_UP else None


def differs(told: Told, facts: Mapping[str, Mapping[str, int | str]]) -> bool:
    """Tell whether a day's facts are others than those that were told."""
    return {shop: dict(values) for shop, values in told.facts.items()} != {
        shop: dict(values) for shop, values in facts.items()
    }


def differs_in_sums(told: Told, facts: Mapping[str, Mapping[str, int | str]]) -> bool:
    """Tell whether orders or money are others than were told; a new proof alone is none."""

    def sums(
        of: Mapping[str, Mapping[str, int | str]],
    ) -> Mapping[str, Mapping[str, int | str]]:
        return {
            shop: {name: value for name, value in values.items() if name not in PROOF}
            for shop, values in of.items()
        }

    return differs(replace(told, facts=sums(told.facts)), sums(facts))
