"""The SQL of the inbox; messages are taken by one process at a time."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from yinuo.channels.model import (
    MOST_ATTEMPTS,
    InboxEntry,
    InboxMessage,
    InboxState,
    Received,
    kept_headers,
)
from yinuo.channels.tables import InboxRow
from yinuo.core.db import Session

WAKE_CHANNEL = "yinuo_inbox"
_COLUMNS = (
    "id, source, key, shop_id, headers, body, received_at, state, attempts, next_attempt_at,"
    " outcome, error_code, error_detail"
)


def _entry(row: sa.Row[Any]) -> InboxEntry:
    return InboxEntry(
        id=row.id,
        source=row.source,
        key=row.key,
        shop_id=row.shop_id,
        headers=row.headers,
        body=None if row.body is None else bytes(row.body),
        received_at=row.received_at,
        state=InboxState(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        outcome=row.outcome,
        error_code=row.error_code,
        error_detail=row.error_detail,
    )


_INSERT = sa.text(
    """
    INSERT INTO inbox (id, source, key, shop_id, headers, body, body_hash, received_at, state,
                       attempts, next_attempt_at)
    VALUES (:id, :source, :key, :shop_id, CAST(:headers AS jsonb), :body, :body_hash,
            :received_at, 'received', 0, :due_at)
    ON CONFLICT (source, key) DO NOTHING
    RETURNING id
    """
)
_EXISTING = sa.text(
    "SELECT id, state, body_hash = :body_hash AS has_same_body FROM inbox"
    " WHERE source = :source AND key = :key"
)
_WAKE = sa.text(f"SELECT pg_notify('{WAKE_CHANNEL}', '')")


def insert(
    session: Session, message: InboxMessage, *, message_id: str, due_at: datetime
) -> Received:
    """Return the message's place in the inbox: a new one, or that of the first under its key.

    A second sender at the same moment waits for the first one's commit.
    """
    values = {
        "id": message_id,
        "source": message.source,
        "key": message.key,
        "shop_id": message.shop_id,
        "headers": json.dumps(kept_headers(message.headers), ensure_ascii=False),
        "body": message.body,
        "body_hash": hashlib.sha256(message.body).digest(),
        "received_at": message.received_at,
        "due_at": due_at,
    }
    if session.execute(_INSERT, values).first() is not None:
        session.execute(_WAKE)
        return Received(id=message_id, is_new=True, state=InboxState.RECEIVED, has_same_body=True)
    row = session.execute(_EXISTING, values).one()
    return Received(
        id=row.id, is_new=False, state=InboxState(row.state), has_same_body=row.has_same_body
    )


def find(session: Session, message_id: str) -> InboxEntry | None:
    """Return a message when it exists."""
    row = session.execute(
        sa.text(f"SELECT {_COLUMNS} FROM inbox WHERE id = :id"), {"id": message_id}
    ).first()
    return None if row is None else _entry(row)


def lock(session: Session, message_id: str) -> InboxEntry | None:
    """Return a message when it exists, locked until the transaction ends."""
    row = session.execute(
        sa.text(f"SELECT {_COLUMNS} FROM inbox WHERE id = :id FOR UPDATE"), {"id": message_id}
    ).first()
    return None if row is None else _entry(row)


# Two sentences and not one: a process that dies over a message leaves no failure behind, only
# the try it took.
_EXHAUSTED = sa.text(
    f"""
    UPDATE inbox SET state = 'parked', error_code = coalesce(error_code, :code)
    WHERE id IN (SELECT id FROM inbox WHERE state IN ('received', 'failed')
                 AND next_attempt_at <= :now AND attempts >= {MOST_ATTEMPTS}
                 FOR UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
    """
)
_TAKE = sa.text(
    f"""
    UPDATE inbox SET attempts = attempts + 1, next_attempt_at = :lease
    WHERE id IN (SELECT id FROM inbox WHERE state IN ('received', 'failed')
                 AND next_attempt_at <= :now AND attempts < {MOST_ATTEMPTS}
                 AND source = coalesce(CAST(:source AS text), source)
                 ORDER BY next_attempt_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
    """
)


def park_exhausted(session: Session, *, code: str, now: datetime) -> list[InboxEntry]:
    """Return the messages that had all their tries, put aside now."""
    rows = session.execute(_EXHAUSTED, {"now": now, "code": code})
    return sorted((_entry(row) for row in rows), key=lambda entry: entry.id)


def take(
    session: Session, *, source: str | None, limit: int, now: datetime, lease: timedelta
) -> list[InboxEntry]:
    """Return due messages that no other process has, oldest first, kept from others for a while."""
    rows = session.execute(
        _TAKE, {"now": now, "source": source, "limit": limit, "lease": now + lease}
    )
    return sorted((_entry(row) for row in rows), key=lambda entry: (entry.received_at, entry.id))


def mark_done(session: Session, message_id: str, *, outcome: str, now: datetime) -> bool:
    """Return whether the message was not done before and is now."""
    changed = session.execute(
        sa.update(InboxRow)
        .where(InboxRow.id == message_id, InboxRow.state != InboxState.DONE.value)
        .values(
            state=InboxState.DONE.value,
            outcome=outcome,
            done_at=now,
            error_code=None,
            error_detail=None,
        )
        .returning(InboxRow.id)
    )
    return changed.first() is not None


def save_failure(
    session: Session,
    message_id: str,
    *,
    state: InboxState,
    at: datetime,
    code: str,
    detail: str,
) -> None:
    """Write what became of a failed message."""
    session.execute(
        sa.update(InboxRow)
        .where(InboxRow.id == message_id)
        .values(state=state.value, next_attempt_at=at, error_code=code, error_detail=detail)
    )


def start_over(session: Session, message_id: str, *, now: datetime) -> None:
    """Make a message due now with all its tries."""
    session.execute(
        sa.update(InboxRow)
        .where(InboxRow.id == message_id)
        .values(state=InboxState.RECEIVED.value, attempts=0, next_attempt_at=now)
    )
    session.execute(_WAKE)


_FORGET = sa.text(
    """
    UPDATE inbox SET body = NULL, headers = '{}'
    WHERE id IN (SELECT id FROM inbox WHERE state = 'done' AND body IS NOT NULL
                 AND done_at < :before ORDER BY done_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    """
)


def forget_bodies(session: Session, *, before: datetime, limit: int) -> int:
    """Return how many messages lost their body now."""
    result: sa.CursorResult[Any] = session.execute(  # type: ignore[assignment]  # an UPDATE has a row count
        _FORGET, {"before": before, "limit": limit}
    )
    return result.rowcount


def counts(session: Session) -> dict[InboxState, int]:
    """Return how many messages stand in each state."""
    rows = session.execute(
        sa.select(InboxRow.state, sa.func.count().label("messages")).group_by(InboxRow.state)
    )
    return {InboxState(row.state): row.messages for row in rows}
