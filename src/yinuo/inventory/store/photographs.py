"""Photographs, and what each is to be read with: later movements, and our claims among its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from yinuo.core.arrays import array
from yinuo.core.db import Session
from yinuo.inventory.model import (
    MARGIN,
    NO_MOVEMENTS,
    LedgerKind,
    Movements,
    Photograph,
    PhotographLine,
    PhotoSource,
    Place,
)
from yinuo.inventory.store.places import PLACES, place_arrays

_MARGIN = f"interval '{MARGIN.total_seconds()} seconds'"
_NO_TIME = "interval '0'"

# Works on `k (sku, warehouse, source, as_of, books_within)`: one photograph per place, `-infinity`
# where there is none. `o` is there when the photograph surely shows the owner's claim as claimed.
_CONTAINED = (
    " LEFT JOIN outside_claims o ON o.owner = {owner} AND o.system = k.source"
    f" AND o.posted_at + {_MARGIN} <= k.as_of"
    f" AND (o.withdrawn_at IS NULL OR o.withdrawn_at > k.as_of + {_MARGIN})"
)
_BOOKED = "CASE WHEN k.source = 'erp' THEN k.books_within ELSE {wms} END"
READ_WITH = (
    "moved AS (SELECT k.sku, k.warehouse,"
    f" sum(-m.allocated_delta) FILTER (WHERE m.kind = '{LedgerKind.DEDUCTED}'"
    f"  AND m.effective_at + CASE WHEN o.owner IS NULL THEN {_BOOKED.format(wms=_NO_TIME)}"
    f"   ELSE {_NO_TIME} END > k.as_of) AS shipped_claimed,"
    f" sum(m.allocated_delta - m.moved) FILTER (WHERE m.kind = '{LedgerKind.DEDUCTED}'"
    f"  AND m.effective_at + {_BOOKED.format(wms=_MARGIN)} > k.as_of) AS shipped_unclaimed,"
    f" sum(m.moved) FILTER (WHERE m.kind = '{LedgerKind.CHANGED}' AND m.effective_at"
    f"  + CASE WHEN m.moved < 0 THEN {_BOOKED.format(wms=_MARGIN)} ELSE -{_MARGIN} END > k.as_of)"
    "  AS changed,"
    f" sum(-m.allocated_delta) FILTER (WHERE m.kind = '{LedgerKind.DEDUCTED}'"
    "  AND o.owner IS NOT NULL AND m.effective_at > k.as_of) AS contained"
    " FROM k JOIN stock_ledger m ON m.sku = k.sku AND m.warehouse = k.warehouse AND m.moved <> 0"
    f"  AND m.effective_at > k.as_of - greatest(k.books_within, {_MARGIN})"
    f"{_CONTAINED.format(owner='m.owner')} GROUP BY k.sku, k.warehouse),"
    " claiming AS (SELECT k.sku, k.warehouse, sum(l.open) AS contained"
    " FROM k JOIN reservation_lines l ON l.sku = k.sku AND l.warehouse = k.warehouse AND l.open > 0"
    f" JOIN reservations r ON r.id = l.reservation_id{_CONTAINED.format(owner='r.owner')}"
    " WHERE o.owner IS NOT NULL GROUP BY k.sku, k.warehouse),"
    " given_back AS (SELECT k.sku, k.warehouse,"
    "  sum(-m.reserved_delta - m.allocated_delta) AS contained"
    " FROM k JOIN stock_ledger m ON m.sku = k.sku AND m.warehouse = k.warehouse"
    f"  AND m.kind = '{LedgerKind.RELEASED}' AND m.effective_at > k.as_of + {_MARGIN}"
    f"{_CONTAINED.format(owner='m.owner')}"
    " WHERE o.owner IS NOT NULL GROUP BY k.sku, k.warehouse),"
    " read_with AS (SELECT k.sku, k.warehouse,"
    "  coalesce(m.shipped_claimed, 0) + coalesce(m.shipped_unclaimed, 0) AS shipped,"
    "  coalesce(m.changed, 0) AS changed,"
    "  coalesce(m.contained, 0) + coalesce(c.contained, 0) + coalesce(g.contained, 0) AS contained"
    " FROM k LEFT JOIN moved m ON m.sku = k.sku AND m.warehouse = k.warehouse"
    " LEFT JOIN claiming c ON c.sku = k.sku AND c.warehouse = k.warehouse"
    " LEFT JOIN given_back g ON g.sku = k.sku AND g.warehouse = k.warehouse)"
)


def read_with(
    session: Session, moments: Mapping[Place, datetime], source: PhotoSource
) -> dict[Place, Movements]:
    """Return what photographs of a source, of these moments, are to be read with, per place."""
    ordered = sorted(moments)
    rows = session.execute(
        _READ_WITH,
        place_arrays(ordered)
        | {"source": source.value, "moments": array(moments[place] for place in ordered)},
    )
    found = {
        Place(row.sku, row.warehouse): Movements(
            int(row.shipped), int(row.changed), int(row.contained)
        )
        for row in rows
    }
    return {place: found.get(place, NO_MOVEMENTS) for place in ordered}


_READ_WITH = sa.text(
    "WITH k AS (SELECT n.sku, n.warehouse, :source AS source, n.as_of,"
    "  w.erp_books_within * interval '1 second' AS books_within"
    " FROM unnest(CAST(:skus AS text[]), CAST(:warehouses AS text[]),"
    "  CAST(:moments AS timestamptz[])) AS n (sku, warehouse, as_of)"
    f" JOIN warehouses w ON w.code = n.warehouse), {READ_WITH} SELECT * FROM read_with"
)


def keep_photographs(
    session: Session, lines: Sequence[PhotographLine], *, source: PhotoSource, as_of: datetime
) -> set[Place]:
    """Keep those lines that are newer than what this source showed before; return their places."""
    rows = session.execute(
        _KEEP_PHOTOGRAPHS,
        {
            "source": source.value,
            "as_of": as_of,
            "skus": array(line.sku for line in lines),
            "warehouses": array(line.warehouse for line in lines),
            "quantities": array(line.quantity for line in lines),
            "opens": array(line.open for line in lines),
            "locks": array(line.locked for line in lines),
        },
    )
    return {Place(row.sku, row.warehouse) for row in rows}


_KEEP_PHOTOGRAPHS = sa.text(
    "INSERT INTO stock_photographs AS p (sku, warehouse, source, quantity, open, locked, as_of)"
    " SELECT n.sku, n.warehouse, :source, n.quantity, n.open, n.locked, :as_of"
    " FROM unnest(CAST(:skus AS text[]), CAST(:warehouses AS text[]),"
    " CAST(:quantities AS bigint[]), CAST(:opens AS bigint[]), CAST(:locks AS bigint[]))"
    " AS n (sku, warehouse, quantity, open, locked) ORDER BY n.sku, n.warehouse"
    " ON CONFLICT (sku, warehouse, source) DO UPDATE SET quantity = excluded.quantity,"
    " open = excluded.open, locked = excluded.locked, as_of = excluded.as_of"
    " WHERE p.as_of < excluded.as_of RETURNING p.sku, p.warehouse"
)


def photographs_of(session: Session, places: Collection[Place]) -> dict[Place, list[Photograph]]:
    """Return the newest photograph of each source, per place."""
    found: dict[Place, list[Photograph]] = {}
    for row in session.execute(_PHOTOGRAPHS, place_arrays(places)):
        found.setdefault(Place(row.sku, row.warehouse), []).append(
            Photograph(PhotoSource(row.source), row.quantity, row.as_of, row.open, row.locked)
        )
    return found


_PHOTOGRAPHS = sa.text(
    f"SELECT p.* FROM {PLACES}"
    " JOIN stock_photographs p ON p.sku = k.sku AND p.warehouse = k.warehouse"
)
