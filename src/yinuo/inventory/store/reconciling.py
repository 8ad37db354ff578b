"""Counters beside what they can be rebuilt from, in one statement and so of one moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.inventory.model import LedgerKind, Place


@dataclass(frozen=True, slots=True)
class Evidence:
    """Stored counters of one place, and the same from claims, movements and the ledger."""

    place: Place
    stored: dict[str, int]
    claims: dict[str, int]
    movements: dict[str, int]
    ledger: dict[str, int]


def evidence(session: Session, *, only: Collection[Place] | None = None) -> list[Evidence]:
    """Return the evidence of every place where something differs (or of every place in `only`)."""
    ordered = sorted(only) if only is not None else None
    rows = session.execute(
        _EVIDENCE,
        {
            "everywhere": ordered is None,
            "skus": [place.sku for place in ordered or ()],
            "warehouses": [place.warehouse for place in ordered or ()],
        },
    )
    return [
        Evidence(
            place=Place(row.sku, row.warehouse),
            stored=row.stored,
            claims=row.claims,
            movements=row.movements,
            ledger=row.ledger,
        )
        for row in rows
    ]


def count_levels(session: Session) -> int:
    """Return how many places have counters."""
    return int(session.execute(sa.text("SELECT count(*) FROM stock_levels")).scalar_one())


_EVIDENCE = sa.text(
    "WITH claimed AS (SELECT l.sku, l.warehouse,"
    "  coalesce(sum(l.open) FILTER (WHERE r.state = 'reserved'), 0) AS reserved,"
    "  coalesce(sum(l.open) FILTER (WHERE r.state = 'allocated'), 0) AS allocated"
    "  FROM reservation_lines l JOIN reservations r ON r.id = l.reservation_id"
    "  WHERE l.open > 0 GROUP BY l.sku, l.warehouse),"
    " moved AS (SELECT m.sku, m.warehouse,"
    f"  coalesce(-sum(m.moved) FILTER (WHERE m.kind = '{LedgerKind.DEDUCTED}'), 0) AS in_flight,"
    f"  coalesce(sum(m.moved) FILTER (WHERE m.kind = '{LedgerKind.CHANGED}'), 0) AS changed"
    "  FROM stock_ledger m JOIN stock_levels s ON s.sku = m.sku AND s.warehouse = m.warehouse"
    "  WHERE m.moved <> 0 AND (s.photo_at IS NULL OR m.effective_at > s.photo_at)"
    "  GROUP BY m.sku, m.warehouse),"
    " written AS (SELECT sku, warehouse, sum(on_hand_delta) AS on_hand,"
    "  sum(reserved_delta) AS reserved, sum(allocated_delta) AS allocated,"
    "  sum(in_flight_delta) AS in_flight, sum(safety_delta) AS safety_stock,"
    "  sum(shortfall_delta) AS shortfall FROM stock_ledger GROUP BY sku, warehouse),"
    " beside AS (SELECT s.sku, s.warehouse,"
    "  jsonb_build_object('on_hand', s.on_hand, 'reserved', s.reserved, 'allocated', s.allocated,"
    "   'in_flight', s.in_flight, 'safety_stock', s.safety_stock, 'shortfall', s.shortfall,"
    "   'changed', s.changed) AS stored,"
    "  jsonb_build_object('reserved', coalesce(c.reserved, 0),"
    "   'allocated', coalesce(c.allocated, 0)) AS claims,"
    "  jsonb_build_object('on_hand',"
    "   greatest(0, s.photo_quantity + coalesce(m.changed, 0) - coalesce(m.in_flight, 0)),"
    "   'in_flight', coalesce(m.in_flight, 0), 'changed', coalesce(m.changed, 0)) AS movements,"
    "  jsonb_build_object('on_hand', coalesce(w.on_hand, 0), 'reserved', coalesce(w.reserved, 0),"
    "   'allocated', coalesce(w.allocated, 0), 'in_flight', coalesce(w.in_flight, 0),"
    "   'safety_stock', coalesce(w.safety_stock, 0), 'shortfall', coalesce(w.shortfall, 0))"
    "   AS ledger"
    "  FROM stock_levels s"
    "  LEFT JOIN claimed c ON c.sku = s.sku AND c.warehouse = s.warehouse"
    "  LEFT JOIN moved m ON m.sku = s.sku AND m.warehouse = s.warehouse"
    "  LEFT JOIN written w ON w.sku = s.sku AND w.warehouse = s.warehouse)"
    " SELECT * FROM beside WHERE CASE WHEN :everywhere"
    " THEN NOT (stored @> claims AND stored @> movements AND stored @> ledger)"
    " ELSE (sku, warehouse) IN (SELECT * FROM"
    "  unnest(CAST(:skus AS text[]), CAST(:warehouses AS text[]))) END"
    " ORDER BY sku, warehouse"
)
