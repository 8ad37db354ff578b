"""Reservations as they are found, locked and ended one by one or in small groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.inventory.model import (
    Place,
    Reservation,
    ReservationLine,
    ReservationState,
)

_COLUMNS = (
    "r.id, r.owner, r.warehouse, r.state, r.is_paid, r.expires_at, r.created_at,"
    " (SELECT jsonb_agg(jsonb_build_array(l.sku, l.quantity, l.open, l.deducted) ORDER BY l.sku)"
    "  FROM reservation_lines l WHERE l.reservation_id = r.id) AS lines"
)
_HELD = "r.state IN ('reserved', 'allocated', 'deducted')"
_ENDED = "r.state IN ('released', 'lapsed')"
_EXPIRED = "r.state = 'reserved' AND NOT r.is_paid AND r.expires_at <= :now"


def _reservation(row: sa.Row[Any]) -> Reservation:
    return Reservation(
        id=row.id,
        owner=row.owner,
        warehouse=row.warehouse,
        state=ReservationState(row.state),
        is_paid=row.is_paid,
        expires_at=row.expires_at,
        created_at=row.created_at,
        lines=tuple(ReservationLine(*line) for line in row.lines or ()),
    )


def held_by(session: Session, owners: Collection[str]) -> dict[str, Reservation]:
    """Return what these owners hold, expired or not."""
    rows = session.execute(_HELD_BY, {"owners": sorted(owners)})
    return {row.owner: _reservation(row) for row in rows}


_HELD_BY = sa.text(
    f"SELECT {_COLUMNS} FROM reservations r WHERE r.owner = ANY(:owners) AND {_HELD}"
)


def last_ended(session: Session, owner: str) -> Reservation | None:
    """Return the newest reservation of an owner that was released or lapsed."""
    row = session.execute(_LAST_ENDED, {"owner": owner}).one_or_none()
    return _reservation(row) if row else None


_LAST_ENDED = sa.text(
    f"SELECT {_COLUMNS} FROM reservations r WHERE r.owner = :owner AND {_ENDED}"
    " ORDER BY r.id DESC LIMIT 1"
)


def load(session: Session, ids: Collection[str]) -> list[Reservation]:
    """Return reservations as they are now, unlocked."""
    return [_reservation(row) for row in session.execute(_LOAD, {"ids": sorted(ids)})]


_LOAD = sa.text(f"SELECT {_COLUMNS} FROM reservations r WHERE r.id = ANY(:ids) ORDER BY r.id")
_LOCK = sa.text("SELECT id FROM reservations WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE")
_LOCK_FREE = sa.text(
    "SELECT id FROM reservations WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
)


def lock(session: Session, ids: Collection[str]) -> list[Reservation]:
    """Return locked reservations; lock their levels before."""
    locked = session.execute(_LOCK, {"ids": sorted(ids)}).scalars().all()
    return load(session, locked)


def lock_free(session: Session, ids: Collection[str]) -> list[Reservation]:
    """Return those reservations that nobody else works on, locked; lock their levels before."""
    locked = session.execute(_LOCK_FREE, {"ids": sorted(ids)}).scalars().all()
    return load(session, locked)


def expired_on(
    session: Session, places: Collection[Place], owners: Collection[str], *, now: datetime
) -> list[str]:
    """Return ids of expired unpaid claims on these places, or of these owners."""
    ordered = sorted(set(places))
    return list(
        session.execute(
            _EXPIRED_ON,
            {
                "now": now,
                "owners": sorted(owners),
                "skus": [place.sku for place in ordered],
                "warehouses": [place.warehouse for place in ordered],
            },
        ).scalars()
    )


_EXPIRED_ON = sa.text(
    f"SELECT r.id FROM reservations r WHERE {_EXPIRED} AND (r.owner = ANY(:owners) OR EXISTS ("
    " SELECT 1 FROM reservation_lines l WHERE l.reservation_id = r.id AND l.open > 0"
    " AND (l.sku, l.warehouse) IN (SELECT * FROM"
    " unnest(CAST(:skus AS text[]), CAST(:warehouses AS text[])))))"
)


def expired(session: Session, *, now: datetime, limit: int) -> list[str]:
    """Return ids of expired unpaid claims, the oldest first; those put aside wait their time."""
    return list(session.execute(_SWEEP, {"now": now, "limit": limit}).scalars())


_SWEEP = sa.text(
    f"SELECT r.id FROM reservations r WHERE {_EXPIRED}"
    " AND (r.sweep_after IS NULL OR r.sweep_after <= :now) ORDER BY r.expires_at LIMIT :limit"
)


def put_aside(session: Session, ids: Sequence[str], *, until: datetime) -> None:
    """Keep claims whose rows are corrupt out of the sweep for a while."""
    session.execute(_PUT_ASIDE, {"ids": list(ids), "until": until})


_PUT_ASIDE = sa.text("UPDATE reservations SET sweep_after = :until WHERE id = ANY(:ids)")


def ending(session: Session, *, before: datetime, limit: int) -> list[Reservation]:
    """Return paid claims not yet firm that end before a moment, the earliest first."""
    rows = session.execute(_ENDING, {"before": before, "limit": limit})
    return [_reservation(row) for row in rows]


_ENDING = sa.text(
    f"SELECT {_COLUMNS} FROM reservations r WHERE r.state = 'reserved' AND r.is_paid"
    " AND r.expires_at <= :before ORDER BY r.expires_at LIMIT :limit"
)


def set_state(
    session: Session, ids: Sequence[str], *, state: ReservationState, now: datetime
) -> None:
    """Write the state of locked reservations; when they ended, none of their units stay open."""
    values = {"ids": list(ids), "state": state.value, "now": now}
    session.execute(_SET_STATE, values)
    if state in {ReservationState.RELEASED, ReservationState.LAPSED, ReservationState.DEDUCTED}:
        session.execute(_CLOSE_LINES, {"ids": list(ids)})


_SET_STATE = sa.text(
    "UPDATE reservations SET state = :state, changed_at = :now WHERE id = ANY(:ids)"
)
_CLOSE_LINES = sa.text(
    "UPDATE reservation_lines SET open = 0 WHERE reservation_id = ANY(:ids) AND open > 0"
)


def take_lines(session: Session, reservation_id: str, units: dict[str, int]) -> None:
    """Move units of a locked reservation from open to deducted."""
    session.execute(
        _TAKE_LINES,
        {"id": reservation_id, "skus": list(units), "units": list(units.values())},
    )


_TAKE_LINES = sa.text(
    "UPDATE reservation_lines l SET open = l.open - d.units, deducted = l.deducted + d.units"
    " FROM unnest(CAST(:skus AS text[]), CAST(:units AS bigint[])) AS d (sku, units)"
    " WHERE l.reservation_id = :id AND l.sku = d.sku"
)


def set_expiry(session: Session, reservation_id: str, *, until: datetime) -> None:
    """Write when a locked reservation ends."""
    session.execute(_SET_EXPIRY, {"id": reservation_id, "until": until})


_SET_EXPIRY = sa.text("UPDATE reservations SET expires_at = :until WHERE id = :id")


def mark_paid(session: Session, until: dict[str, datetime]) -> None:
    """Mark locked unpaid reservations paid, each to end at its new moment or its old one."""
    session.execute(_MARK_PAID, {"ids": list(until), "until": list(until.values())})


_MARK_PAID = sa.text(
    "UPDATE reservations r SET is_paid = true, expires_at = greatest(r.expires_at, n.until)"
    " FROM unnest(CAST(:ids AS text[]), CAST(:until AS timestamptz[])) AS n (id, until)"
    " WHERE r.id = n.id"
)


def open_on(session: Session, sku: str, *, now: datetime, limit: int) -> list[Reservation]:
    """Return claims that hold units of a SKU now, the newest first."""
    rows = session.execute(_OPEN_ON, {"sku": sku, "now": now, "limit": limit})
    return [_reservation(row) for row in rows]


_OPEN_ON = sa.text(
    f"SELECT {_COLUMNS} FROM reservation_lines o JOIN reservations r ON r.id = o.reservation_id"
    f" WHERE o.sku = :sku AND o.open > 0 AND NOT ({_EXPIRED})"
    " ORDER BY o.reservation_id DESC LIMIT :limit"
)
