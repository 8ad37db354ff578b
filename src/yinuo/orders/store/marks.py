"""Holds, tags and the timeline."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.core.db import Session
from yinuo.orders.model import Hold, OrderState, TimelineEntry
from yinuo.orders.tables import OrderHoldRow, OrderTagRow, TimelineRow


def find_standing_hold(
    session: Session, order_id: str, *, reason: str, owner_role: str
) -> Hold | None:
    """Return the hold of this reason and owner that stands on a locked order."""
    row = session.execute(
        sa.select(*OrderHoldRow.__table__.columns).where(
            OrderHoldRow.order_id == order_id,
            OrderHoldRow.reason == reason,
            OrderHoldRow.owner_role == owner_role,
            OrderHoldRow.released_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return Hold(
        id=row.id,
        reason=row.reason,
        owner_role=row.owner_role,
        note=row.note,
        placed_at=row.placed_at,
    )


def insert_hold(session: Session, order_id: str, hold: Hold, *, actor: str) -> None:
    """Write a hold on a locked order."""
    session.execute(
        sa.insert(OrderHoldRow).values(
            id=hold.id,
            order_id=order_id,
            reason=hold.reason,
            owner_role=hold.owner_role,
            note=hold.note,
            placed_at=hold.placed_at,
            placed_by=actor,
        )
    )


def close_hold(
    session: Session, order_id: str, *, hold_id: str, actor: str, now: datetime
) -> str | None:
    """Return the reason of the hold that was taken off; None when it does not stand."""
    return session.execute(
        sa.update(OrderHoldRow)
        .where(
            OrderHoldRow.id == hold_id,
            OrderHoldRow.order_id == order_id,
            OrderHoldRow.released_at.is_(None),
        )
        .values(released_at=now, released_by=actor)
        .returning(OrderHoldRow.reason)
    ).scalar_one_or_none()


def close_all_holds(session: Session, order_id: str, *, actor: str, now: datetime) -> None:
    """Take all holds off a locked order."""
    session.execute(
        sa.update(OrderHoldRow)
        .where(OrderHoldRow.order_id == order_id, OrderHoldRow.released_at.is_(None))
        .values(released_at=now, released_by=actor)
    )


def has_hold(session: Session, order_id: str, *, hold_id: str) -> bool:
    """Tell whether the order ever had this hold."""
    found = session.execute(
        sa.select(OrderHoldRow.id).where(
            OrderHoldRow.id == hold_id, OrderHoldRow.order_id == order_id
        )
    ).scalar_one_or_none()
    return found is not None


def insert_tag(session: Session, state: OrderState, *, tag: str, actor: str, now: datetime) -> bool:
    """Put a tag on; False when it is on already."""
    written = session.execute(
        insert(OrderTagRow)
        .values(
            order_id=state.id, tag=tag, placed_at=state.placed_at, tagged_at=now, tagged_by=actor
        )
        .on_conflict_do_nothing()
        .returning(OrderTagRow.tag)
    ).scalar_one_or_none()
    return written is not None


def delete_tag(session: Session, order_id: str, *, tag: str) -> bool:
    """Take a tag off; False when it is not on."""
    gone = session.execute(
        sa.delete(OrderTagRow)
        .where(OrderTagRow.order_id == order_id, OrderTagRow.tag == tag)
        .returning(OrderTagRow.tag)
    ).scalar_one_or_none()
    return gone is not None


def insert_timeline(session: Session, order_id: str, entry: TimelineEntry) -> bool:
    """Add a step; False when one with its dedupe key stands already."""
    written = session.execute(
        _INSERT_TIMELINE,
        {
            "order_id": order_id,
            "at": entry.at,
            "code": entry.code,
            "params": json.dumps(entry.params, ensure_ascii=False),
            "actor": entry.actor,
            "dedupe_key": entry.dedupe_key,
        },
    ).scalar_one_or_none()
    return written is not None


_INSERT_TIMELINE = sa.text(
    f"INSERT INTO {TimelineRow.__tablename__} (order_id, at, code, params, actor, dedupe_key)"
    " VALUES (:order_id, :at, :code, CAST(:params AS jsonb), :actor, :dedupe_key)"
    " ON CONFLICT (order_id, dedupe_key) DO NOTHING RETURNING id"
)
