"""Open claims of a SKU, added up by warehouse and by how far they got in each system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.inventory.model import MARGIN, Claimed, PhotoSource, Stage, StageUnits

OWNERS_SHOWN = 5
_MARGIN = f"interval '{MARGIN.total_seconds()} seconds'"
_OPEN = (
    "open AS (SELECT l.warehouse, l.open AS units, r.id, r.owner, r.state, r.is_paid,"
    "  r.expires_at FROM reservation_lines l JOIN reservations r ON r.id = l.reservation_id"
    "  WHERE l.sku = :sku AND l.open > 0"
    "  AND NOT (r.state = 'reserved' AND NOT r.is_paid AND r.expires_at <= :now))"
)


def claimed(session: Session, sku: str, *, now: datetime) -> dict[str, Claimed]:
    """Return reserved units per warehouse, paid and not; expired ones are not counted."""
    return {
        row.warehouse: Claimed(
            unpaid=int(row.unpaid), paid=int(row.paid), first_lapse_at=row.first_lapse_at
        )
        for row in session.execute(_CLAIMED, {"sku": sku, "now": now})
    }


_CLAIMED = sa.text(
    f"WITH {_OPEN} SELECT warehouse,"
    " coalesce(sum(units) FILTER (WHERE state = 'reserved' AND NOT is_paid), 0) AS unpaid,"
    " coalesce(sum(units) FILTER (WHERE state = 'reserved' AND is_paid), 0) AS paid,"
    " min(expires_at) FILTER (WHERE state = 'reserved' AND NOT is_paid) AS first_lapse_at"
    " FROM open GROUP BY warehouse"
)


@dataclass(frozen=True, slots=True)
class Staged:
    """Units of one stage in one system and warehouse."""

    warehouse: str
    system: PhotoSource
    units: StageUnits


def staged(session: Session, sku: str, *, now: datetime) -> list[Staged]:
    """Return open units by warehouse, system and stage; systems without a photograph are left out."""
    return [
        Staged(
            row.warehouse,
            PhotoSource(row.system),
            StageUnits(Stage(row.stage), int(row.units), int(row.claims), tuple(row.owners)),
        )
        for row in session.execute(_STAGED, {"sku": sku, "now": now, "shown": OWNERS_SHOWN})
    ]


_STAGED = sa.text(
    f"WITH {_OPEN}, staged AS (SELECT c.warehouse, p.source AS system, c.units, c.owner, c.id,"
    " CASE WHEN o.owner IS NULL OR o.withdrawn_at IS NOT NULL THEN 'reserved'"
    "  WHEN o.posted_at IS NULL THEN 'pushed'"
    f"  WHEN o.posted_at + {_MARGIN} <= p.as_of THEN 'contained' ELSE 'posted' END AS stage"
    " FROM open c JOIN stock_photographs p ON p.sku = :sku AND p.warehouse = c.warehouse"
    " LEFT JOIN outside_claims o ON o.owner = c.owner AND o.system = p.source)"
    " SELECT warehouse, system, stage, sum(units) AS units, count(*) AS claims,"
    " (array_agg(owner ORDER BY id DESC))[1 : :shown] AS owners"
    " FROM staged GROUP BY warehouse, system, stage ORDER BY warehouse, system,"
    " array_position(ARRAY['contained', 'posted', 'pushed', 'reserved'], stage)"
)
