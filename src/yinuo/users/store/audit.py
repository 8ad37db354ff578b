"""The SQL of the audit; the chain itself is made by a trigger as a transaction commits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.users.model import AuditEntry, AuditFact
from yinuo.users.tables import AuditEntryRow, AuditPendingRow

_BATCH = 2_000
_COLUMNS = (
    AuditEntryRow.position,
    AuditEntryRow.id,
    AuditEntryRow.at,
    AuditEntryRow.actor_id,
    AuditEntryRow.actor_name,
    AuditEntryRow.actor_kind,
    AuditEntryRow.action,
    AuditEntryRow.object,
    AuditEntryRow.before,
    AuditEntryRow.after,
    AuditEntryRow.previous_hash,
    AuditEntryRow.hash,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are wanted; an empty field wants all. `actor` is an id or a name."""

    actor: str | None = None
    action: str | None = None
    object: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def append(session: Session, *bodies: str) -> None:
    """Put entries at the end of the chain when the transaction commits."""
    session.execute(_APPEND, [{"body": body} for body in bodies])


_APPEND = sa.insert(cast("sa.Table", AuditPendingRow.__table__))


def page(
    session: Session, wanted: AuditFilter, *, before_position: int | None, limit: int
) -> list[AuditEntry]:
    """Return the newest wanted entries before a position."""
    statement = sa.select(*_COLUMNS).order_by(AuditEntryRow.position.desc()).limit(limit)
    if wanted.actor is not None:
        statement = statement.where(
            sa.or_(AuditEntryRow.actor_id == wanted.actor, AuditEntryRow.actor_name == wanted.actor)
        )
    if wanted.action is not None:
        statement = statement.where(AuditEntryRow.action == wanted.action)
    if wanted.object is not None:
        statement = statement.where(AuditEntryRow.object == wanted.object)
    if wanted.since is not None:
        statement = statement.where(AuditEntryRow.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEntryRow.at < wanted.until)
    if before_position is not None:
        statement = statement.where(AuditEntryRow.position < before_position)
    return [_entry(row) for row in session.execute(statement)]


def stream(session: Session) -> Iterator[AuditEntry]:
    """Give the whole chain from its beginning, a batch in memory at a time."""
    statement = sa.select(*_COLUMNS).order_by(AuditEntryRow.position)
    for rows in session.execute(statement, execution_options={"yield_per": _BATCH}).partitions():
        yield from map(_entry, rows)


def _entry(row: sa.Row[*tuple[Any, ...]]) -> AuditEntry:
    return AuditEntry(
        position=row.position,
        fact=AuditFact(
            id=row.id,
            at=row.at,
            actor_id=row.actor_id,
            actor_name=row.actor_name,
            actor_kind=row.actor_kind,
            action=row.action,
            object=row.object,
            before=row.before,
            after=row.after,
        ),
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
