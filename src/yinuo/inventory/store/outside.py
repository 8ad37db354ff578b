"""What outside systems know of owners' claims; lock the owners' levels before writing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.inventory.model import OutsideClaim, PhotoSource, Place


def note_pushed(session: Session, owner: str, *, system: PhotoSource, at: datetime) -> None:
    """Note that a claim was sent; the first time counts, unless it was withdrawn since."""
    session.execute(_PUSHED, {"owner": owner, "system": system.value, "at": at})


_PUSHED = sa.text(
    "INSERT INTO outside_claims AS o (owner, system, pushed_at) VALUES (:owner, :system, :at)"
    " ON CONFLICT (owner, system) DO UPDATE"
    " SET pushed_at = excluded.pushed_at, posted_at = NULL, withdrawn_at = NULL"
    " WHERE o.withdrawn_at IS NOT NULL"
)


def note_posted(session: Session, owner: str, *, system: PhotoSource, at: datetime) -> None:
    """Note that a claim was confirmed; the first time counts, unless it was withdrawn since."""
    session.execute(_POSTED, {"owner": owner, "system": system.value, "at": at})


_POSTED = sa.text(
    "INSERT INTO outside_claims AS o (owner, system, pushed_at, posted_at)"
    " VALUES (:owner, :system, :at, :at)"
    " ON CONFLICT (owner, system) DO UPDATE SET posted_at = excluded.posted_at, withdrawn_at = NULL"
    " WHERE o.posted_at IS NULL OR o.withdrawn_at IS NOT NULL"
)


def note_withdrawn(session: Session, owner: str, *, system: PhotoSource, at: datetime) -> None:
    """Note that a system was asked to forget a claim; the first time counts."""
    session.execute(_WITHDRAWN, {"owner": owner, "system": system.value, "at": at})


_WITHDRAWN = sa.text(
    "UPDATE outside_claims SET withdrawn_at = :at"
    " WHERE owner = :owner AND system = :system AND withdrawn_at IS NULL"
)


def claims_of(session: Session, owners: Collection[str]) -> list[OutsideClaim]:
    """Return what outside systems know of these owners' claims."""
    return [
        OutsideClaim(
            owner=row.owner,
            system=PhotoSource(row.system),
            pushed_at=row.pushed_at,
            posted_at=row.posted_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in session.execute(_CLAIMS_OF, {"owners": sorted(owners)})
    ]


_CLAIMS_OF = sa.text(
    "SELECT owner, system, pushed_at, posted_at, withdrawn_at FROM outside_claims"
    " WHERE owner = ANY(:owners) ORDER BY owner, system"
)


def places_of(session: Session, owner: str, *, system: PhotoSource | None = None) -> set[Place]:
    """Return every place where an owner ever claimed units, or those that a system's figures set."""
    values = {"owner": owner, "system": None if system is None else system.value}
    return {Place(row.sku, row.warehouse) for row in session.execute(_PLACES_OF, values)}


_LINES = (
    "SELECT l.sku, l.warehouse FROM reservations r JOIN reservation_lines l"
    " ON l.reservation_id = r.id WHERE r.owner = :owner AND r.state IN "
)
_PLACES_OF = sa.text(
    f"WITH mine AS ({_LINES} ('reserved', 'allocated', 'deducted')"
    f" UNION {_LINES} ('released', 'lapsed'))"
    " SELECT m.sku, m.warehouse FROM mine m WHERE CAST(:system AS text) IS NULL OR EXISTS ("
    " SELECT 1 FROM stock_levels s WHERE s.sku = m.sku AND s.warehouse = m.warehouse"
    " AND s.photo_source = :system)"
)
