"""The SQL of the inbox; messages are taken by one process at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
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
from yinuo.core.arrays import array
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
    f"""
    WITH written AS (
      INSERT INTO inbox (id, source, key, shop_id, headers, body, body_hash, received_at, state,
                         attempts, next_attempt_at)
      VALUES (:id, :source, :key, :shop_id, CAST(:headers AS jsonb), :body, :body_hash,
              :received_at, 'received', 0, :due_at)
      ON CONFLICT (source, key) DO NOTHING
      RETURNING id
    )
    SELECT id, pg_notify('{WAKE_CHANNEL}', '') FROM written
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
        return Received(id=message_id, is_new=True, state=InboxState.RECEIVED, has_same_body=True)
    row = session.execute(_EXISTING, values).one()
    return Received(
        id=row.id, is_new=False, state=InboxState(row.state), has_same_body=row.has_same_body
    )


def insert_done(
    session: Session, messages: Sequence[InboxMessage], *, ids: Sequence[str], outcome: str
) -> set[str]:
    """Write messages that are worked off in the same transaction; return the ids that are new.

    Those whose key is there already are left as they are.
    """
    headers = [json.dumps(kept_headers(one.headers), ensure_ascii=False) for one in messages]
    values = {
        "id": array(ids),
        "source": array(one.source for one in messages),
        "key": array(one.key for one in messages),
        "shop_id": array(one.shop_id for one in messages),
        "headers": array(headers),
        "body": [one.body for one in messages],
        "hash": [hashlib.sha256(one.body).digest() for one in messages],
        "received_at": array(one.received_at for one in messages),
        "outcome": outcome,
    }
    return set(session.execute(_INSERT_DONE, values).scalars())


_INSERT_DONE = sa.text(
    "INSERT INTO inbox (id, source, key, shop_id, headers, body, body_hash, received_at, state,"
    " attempts, next_attempt_at, done_at, outcome)"
    " SELECT m.id, m.source, m.key, m.shop_id, CAST(m.headers AS jsonb), m.body, m.hash,"
    " m.received_at, 'done', 0, m.received_at, m.received_at, :outcome"
    " FROM unnest(CAST(:id AS text[]), CAST(:source AS text[]), CAST(:key AS text[]),"
    " CAST(:shop_id AS text[]), CAST(:headers AS text[]), CAST(:body AS bytea[]),"
    " CAST(:hash AS bytea[]), CAST(:received_at AS timestamptz[]))"
    " AS m (id, source, key, shop_id, headers, body, hash, received_at)"
    " ORDER BY m.source, m.key ON CONFLICT (source, key) DO NOTHING RETURNING id"
)


def settled(session: Session, *, source: str, keys: Collection[str], unless: str) -> set[str]:
    """Return those of the keys whose message is done with another outcome."""
    values = {"source": source, "keys": array(keys), "unless": unless}
    return set(session.execute(_SETTLED, values).scalars())


_SETTLED = sa.text(
    "SELECT key FROM inbox WHERE source = :source AND key = ANY (CAST(:keys AS text[]))"
    f" AND state = '{InboxState.DONE.value}' AND outcome <> :unless"
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


def unfinished(session: Session, *, source: str, shop_id: str, limit: int) -> list[InboxEntry]:
    """Return a shop's messages that are not worked off nor put aside, as they came."""
    rows = session.execute(_UNFINISHED, {"source": source, "shop_id": shop_id, "limit": limit})
    return [_entry(row) for row in rows]


_UNFINISHED = sa.text(
    f"SELECT {_COLUMNS} FROM inbox WHERE state IN ('received', 'failed')"
    " AND source = :source AND shop_id = :shop_id ORDER BY received_at, id LIMIT :limit"
)


def mark_done(session: Session, message_id: str, *, outcome: str, now: datetime) -> bool:
    """Return whether the message was not done before and is now."""
    changed = session.execute(_MARK_DONE, {"id": message_id, "outcome": outcome, "now": now})
    return changed.first() is not None


def mark_each_done(
    session: Session, message_ids: Sequence[str], *, outcome: str, now: datetime
) -> None:
    """Write that messages are worked off, in one order that all processes share."""
    session.execute(
        _MARK_EACH_DONE, {"ids": array(sorted(message_ids)), "outcome": outcome, "now": now}
    )


_DONE = (
    "UPDATE inbox SET state = 'done', outcome = :outcome, done_at = :now, error_code = NULL,"
    " error_detail = NULL WHERE state <> 'done' AND"
)
_MARK_DONE = sa.text(f"{_DONE} id = :id RETURNING id")
_MARK_EACH_DONE = sa.text(
    f"{_DONE} id IN (SELECT id FROM inbox WHERE id = ANY (CAST(:ids AS text[]))"
    " ORDER BY id FOR UPDATE)"
)


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
