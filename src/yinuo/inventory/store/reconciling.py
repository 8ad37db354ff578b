"""Counters beside what they can be rebuilt from, in one statement and so of one moment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.inventory.model import Place
from yinuo.inventory.store.photographs import READ_WITH


@dataclass(frozen=True, slots=True)
class Evidence:
    """Stored counters of one place, and the same from claims, movements and the ledger."""

    place: Place
    stored: dict[str, int]
    claims: dict[str, int]
    movements: dict[str, int]
    ledger: dict[str, int]

    @property
    def differs(self) -> bool:
        """Tell whether any counter is not what it follows from."""
        return any(
            self.stored[counter] != units
            for said in (self.claims, self.movements, self.ledger)
            for counter, units in said.items()
        )


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
    "WITH k AS (SELECT s.sku, s.warehouse, s.photo_source AS source,"
    "  coalesce(s.photo_at, '-infinity') AS as_of,"
    "  w.erp_books_within * interval '1 second' AS books_within"
    "  FROM stock_levels s JOIN warehouses w ON w.code = s.warehouse"
    "  WHERE :everywhere OR (s.sku, s.warehouse) IN (SELECT * FROM"
    "   unnest(CAST(:skus AS text[]), CAST(:warehouses AS text[])))),"
    " claimed AS (SELECT k.sku, k.warehouse,"
    "  coalesce(sum(l.open) FILTER (WHERE r.state = 'reserved'), 0) AS reserved,"
    "  coalesce(sum(l.open) FILTER (WHERE r.state = 'allocated'), 0) AS allocated"
    "  FROM k JOIN reservation_lines l ON l.sku = k.sku AND l.warehouse = k.warehouse"
    "   AND l.open > 0"
    "  JOIN reservations r ON r.id = l.reservation_id GROUP BY k.sku, k.warehouse),"
    f" {READ_WITH},"
    " written AS (SELECT k.sku, k.warehouse, sum(l.on_hand_delta) AS on_hand,"
    "  sum(l.reserved_delta) AS reserved, sum(l.allocated_delta) AS allocated,"
    "  sum(l.in_flight_delta) AS in_flight, sum(l.safety_delta) AS safety_stock,"
    "  sum(l.elsewhere_delta) AS claimed_elsewhere, sum(l.shortfall_delta) AS shortfall"
    "  FROM k JOIN stock_ledger l ON l.sku = k.sku AND l.warehouse = k.warehouse"
    "  GROUP BY k.sku, k.warehouse),"
    " beside AS (SELECT s.sku, s.warehouse,"
    "  jsonb_build_object('on_hand', s.on_hand, 'reserved', s.reserved, 'allocated', s.allocated,"
    "   'in_flight', s.in_flight, 'safety_stock', s.safety_stock, 'shortfall', s.shortfall,"
    "   'changed', s.changed, 'contained', s.contained,"
    "   'claimed_elsewhere', s.claimed_elsewhere) AS stored,"
    "  jsonb_build_object('reserved', coalesce(c.reserved, 0),"
    "   'allocated', coalesce(c.allocated, 0)) AS claims,"
    "  jsonb_build_object('on_hand',"
    "   greatest(0, s.photo_quantity + m.changed - m.shipped),"
    "   'in_flight', m.shipped, 'changed', m.changed, 'contained', m.contained,"
    "   'claimed_elsewhere', greatest(0, s.photo_claims - m.contained)) AS movements,"
    "  jsonb_build_object('on_hand', coalesce(w.on_hand, 0), 'reserved', coalesce(w.reserved, 0),"
    "   'allocated', coalesce(w.allocated, 0), 'in_flight', coalesce(w.in_flight, 0),"
    "   'safety_stock', coalesce(w.safety_stock, 0), 'shortfall', coalesce(w.shortfall, 0),"
    "   'claimed_elsewhere', coalesce(w.claimed_elsewhere, 0))"
    "   AS ledger"
    "  FROM k JOIN stock_levels s ON s.sku = k.sku AND s.warehouse = k.warehouse"
    "  LEFT JOIN claimed c ON c.sku = s.sku AND c.warehouse = s.warehouse"
    "  JOIN read_with m ON m.sku = s.sku AND m.warehouse = s.warehouse"
    "  LEFT JOIN written w ON w.sku = s.sku AND w.warehouse = s.warehouse)"
    " SELECT * FROM beside"
    " WHERE NOT (:everywhere AND stored @> claims AND stored @> movements AND stored @> ledger)"
    " ORDER BY sku, warehouse"
)
