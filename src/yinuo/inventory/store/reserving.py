"""The two set-based calls that decide and write a batch of reservations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa

from yinuo.core.arrays import array
from yinuo.core.db import Session
from yinuo.core.outbox import telling
from yinuo.inventory.model import Place

_SERVED_ELSEWHERE = "YN002"


class Fit(StrEnum):
    """What came of trying the first candidate of every request at once."""

    DONE = "done"
    HELD = "held"
    SHORT = "short"


class NewReservation(NamedTuple):
    """A claim that is to be written."""

    id: str
    owner: str
    warehouse: str
    is_paid: bool
    expires_at: datetime
    cause: str
    units: dict[str, int]


class Try(NamedTuple):
    """One candidate warehouse of one request, with what it would have to hold there."""

    request: int
    warehouse: str
    units: dict[str, int]


@dataclass(frozen=True, slots=True)
class Placement:
    """Which try serves each request (by its number), and what was missing in tries that failed."""

    chosen: dict[int, Try]
    missing: dict[int, list[tuple[str, dict[str, int]]]]


def reserve_fitting(
    session: Session | sa.Connection,
    claims: Sequence[NewReservation],
    *,
    told: Mapping[str, object],
    now: datetime,
) -> Fit:
    """Write all claims and tell of them when everything fits; else change nothing and say why.

    `told` is what `outbox.told_values` gave for them.
    """
    values = {**_arrays(claims, now), **told, "told_at": now}
    return Fit(session.execute(_RESERVE_FITTING, values).scalar_one())


def write(session: Session, claims: Sequence[NewReservation], *, now: datetime) -> bool:
    """Write claims whose levels are locked and known to hold them.

    False, and nothing is written, when an owner got a claim elsewhere meanwhile.
    """
    try:
        with session.begin_nested():
            session.execute(_WRITE, _arrays(claims, now))
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _SERVED_ELSEWHERE:
            raise
        return False
    return True


def place_in_order(session: Session, tries: Sequence[Try]) -> Placement:
    """Lock every level that is asked for and serve the requests in order while stock lasts."""
    keys = sorted({Place(sku, one.warehouse) for one in tries for sku in one.units})
    number = {place: position for position, place in enumerate(keys, start=1)}
    rows = [(one, sku, units) for one in tries for sku, units in one.units.items()]
    ends: list[int] = []
    for one in tries:
        ends.append((ends[-1] if ends else 0) + len(one.units))
    answer = session.execute(
        _PLACE,
        {
            "key_sku": array(place.sku for place in keys),
            "key_warehouse": array(place.warehouse for place in keys),
            "try_request": array(one.request for one in tries),
            "try_from": array(
                end - len(one.units) + 1 for one, end in zip(tries, ends, strict=True)
            ),
            "try_to": array(ends),
            "row_key": array(number[Place(sku, one.warehouse)] for one, sku, _ in rows),
            "row_quantity": array(units for _, _, units in rows),
        },
    ).one()
    chosen = {tries[t - 1].request: tries[t - 1] for t in answer.chosen}
    missing: dict[int, list[tuple[str, dict[str, int]]]] = {}
    for row, lack in zip(answer.missing_row, answer.missing, strict=True):
        one, sku, _ = rows[row - 1]
        found = missing.setdefault(one.request, [])
        if not found or found[-1][0] != one.warehouse:
            found.append((one.warehouse, {}))
        found[-1][1][sku] = lack
    return Placement(chosen, missing)


_PLACE = sa.text(
    "SELECT chosen, missing_row, missing FROM inventory_place_in_order("
    "CAST(:key_sku AS text[]), CAST(:key_warehouse AS text[]), CAST(:try_request AS int[]),"
    " CAST(:try_from AS int[]), CAST(:try_to AS int[]), CAST(:row_key AS int[]),"
    " CAST(:row_quantity AS bigint[]))"
)
_ARRAYS = (
    "(CAST(:at AS timestamptz), CAST(:id AS text[]), CAST(:owner AS text[]),"
    " CAST(:warehouse AS text[]), CAST(:is_paid AS boolean[]), CAST(:expires_at AS timestamptz[]),"
    " CAST(:line_id AS text[]), CAST(:line_owner AS text[]), CAST(:line_warehouse AS text[]),"
    " CAST(:line_sku AS text[]), CAST(:line_quantity AS bigint[]), CAST(:line_cause AS text[]),"
    " CAST(:key_sku AS text[]), CAST(:key_warehouse AS text[]), CAST(:key_demand AS bigint[]))"
)
_RESERVE_FITTING = telling(
    f"SELECT inventory_reserve_fitting{_ARRAYS} AS outcome", where="done.outcome = 'done'"
)
_WRITE = sa.text(f"SELECT inventory_write{_ARRAYS}")


def _arrays(claims: Sequence[NewReservation], now: datetime) -> dict[str, object]:
    demand: dict[Place, int] = {}
    lines = []
    for claim in claims:
        for sku, units in claim.units.items():
            place = Place(sku, claim.warehouse)
            demand[place] = demand.get(place, 0) + units
            lines.append((claim, sku, units))
    return {
        "at": now,
        "id": array(claim.id for claim in claims),
        "owner": array(claim.owner for claim in claims),
        "warehouse": array(claim.warehouse for claim in claims),
        "is_paid": array(claim.is_paid for claim in claims),
        "expires_at": array(claim.expires_at for claim in claims),
        "line_id": array(claim.id for claim, _, _ in lines),
        "line_owner": array(claim.owner for claim, _, _ in lines),
        "line_warehouse": array(claim.warehouse for claim, _, _ in lines),
        "line_sku": array(sku for _, sku, _ in lines),
        "line_quantity": array(units for _, _, units in lines),
        "line_cause": array(claim.cause for claim, _, _ in lines),
        "key_sku": array(place.sku for place in demand),
        "key_warehouse": array(place.warehouse for place in demand),
        "key_demand": array(demand.values()),
    }
