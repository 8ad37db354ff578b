"""What the stand-ins remember: typed JSON documents in the schema `sandbox`.

A `Collection` belongs to one system and holds values of one type under text keys. Everything is
stored before an answer goes out, so a restart continues where it was. Changes are atomic under
any number of callers: `update` holds a lock on the key, also while nothing is stored under it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, LiteralString, TypeAlias, TypeVar, cast

import msgspec
import psycopg
import sqlalchemy as sa
from psycopg.rows import TupleRow

from yinuo.core import clock
from yinuo.core.db import Database, Session

T = TypeVar("T")
_Cursor: TypeAlias = "psycopg.Cursor[TupleRow]"

_TABLES = """
SELECT pg_advisory_xact_lock(hashtextextended('sandbox.documents', 0));
CREATE SCHEMA IF NOT EXISTS sandbox;
CREATE TABLE IF NOT EXISTS sandbox.documents (
    system text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT documents_pkey PRIMARY KEY (system, kind, key)
);
CREATE INDEX IF NOT EXISTS documents_system_kind_updated_at_idx
    ON sandbox.documents (system, kind, updated_at, key);
"""
_HERE = "system = %(system)s AND kind = %(kind)s"
_GET = f"SELECT body::text FROM sandbox.documents WHERE {_HERE} AND key = %(key)s"
_INSERT = (
    "INSERT INTO sandbox.documents (system, kind, key, body, created_at, updated_at)"
    " VALUES (%(system)s, %(kind)s, %(key)s, %(body)s::jsonb, %(now)s, %(now)s)"
    " ON CONFLICT ON CONSTRAINT documents_pkey DO NOTHING RETURNING key"
)
_PUT = _INSERT.replace(
    "DO NOTHING RETURNING key",
    "DO UPDATE SET body = EXCLUDED.body, updated_at = EXCLUDED.updated_at",
)
_REMOVE = f"DELETE FROM sandbox.documents WHERE {_HERE} AND key = %(key)s RETURNING key"
_COUNT = f"SELECT count(*) FROM sandbox.documents WHERE {_HERE}"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 1))"
_OLDEST = (
    f"SELECT key, body::text, updated_at FROM sandbox.documents WHERE {_HERE}"
    " AND updated_at >= %(since)s AND updated_at < %(until)s"
    " AND (updated_at, key) > (%(at)s, %(after)s) ORDER BY updated_at, key LIMIT %(limit)s"
)
_NEWEST = (
    f"SELECT key, body::text, updated_at FROM sandbox.documents WHERE {_HERE}"
    " ORDER BY updated_at DESC, key DESC LIMIT %(limit)s"
)
_BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
_END = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """A value with its key and the moment of its last change."""

    key: str
    value: T
    updated_at: datetime


class State:
    """All documents of all stand-ins; makes its own table when it is missing."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            session.execute(sa.text(_TABLES))

    def collection(self, system: str, kind: str, of: type[T]) -> Collection[T]:
        """Return the documents of one kind in one system, as values of one type."""
        return Collection(self, system=system, kind=kind, of=of)

    @contextmanager
    def transaction(self, *locks: str) -> Iterator[Session]:
        """Give one transaction for several documents, holding named locks, taken in sorted order."""
        with self.database.transaction() as session:
            for name in sorted(set(locks)):
                _cursor_of(session).execute(_LOCK, {"name": name})
            yield session

    @contextmanager
    def alone(self) -> Iterator[_Cursor]:
        """Give a cursor on which every statement is a transaction of its own."""
        connection = self.database.engine.raw_connection()
        driver = cast("psycopg.Connection", connection.driver_connection)
        try:
            driver.autocommit = True
            with driver.cursor() as cursor:
                yield cursor
        finally:
            if not driver.closed:
                driver.autocommit = False
            connection.close()


class Collection(Generic[T]):
    """Values of one type under text keys; every method is one transaction unless given one."""

    def __init__(self, state: State, *, system: str, kind: str, of: type[T]) -> None:
        self._state = state
        self._place = {"system": system, "kind": kind}
        self._of = of

    def get(self, key: str, *, session: Session | None = None) -> T | None:
        """Return the value under the key, or None."""
        with self._cursor(session) as cursor:
            row = cursor.execute(_GET, self._place | {"key": key}).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=self._of)

    def put(self, key: str, value: T, *, session: Session | None = None) -> None:
        """Keep the value under the key, in place of what was there."""
        with self._cursor(session) as cursor:
            cursor.execute(_PUT, self._row(key, value))

    def insert(self, key: str, value: T, *, session: Session | None = None) -> bool:
        """Return True when the value was kept, False when the key was already taken."""
        with self._cursor(session) as cursor:
            return cursor.execute(_INSERT, self._row(key, value)).fetchone() is not None

    def update(
        self, key: str, change: Callable[[T | None], T], *, session: Session | None = None
    ) -> T:
        """Return what `change` made of the present value (None when there is none), and keep it.

        No other `update` of the same key runs meanwhile; an error in `change` changes nothing.
        """
        if session is not None:
            with _cursor_of(session) as cursor:
                return self._updated(cursor, key, change)
        with self._state.alone() as cursor, cursor.connection.transaction():
            return self._updated(cursor, key, change)

    def remove(self, key: str, *, session: Session | None = None) -> bool:
        """Return whether there was something under the key; it is gone."""
        with self._cursor(session) as cursor:
            return cursor.execute(_REMOVE, self._place | {"key": key}).fetchone() is not None

    def count(self) -> int:
        """Return how many values there are."""
        with self._cursor(None) as cursor:
            row = cursor.execute(_COUNT, self._place).fetchone()
        return int(row[0]) if row else 0

    def changed(
        self,
        *,
        since: datetime = _BEGINNING,
        until: datetime = _END,
        after: tuple[datetime, str] = (_BEGINNING, ""),
        limit: int = 1000,
    ) -> list[Stored[T]]:
        """Return values by the time of their last change, oldest first, after a given one."""
        window = {"since": since, "until": until, "at": after[0], "after": after[1]}
        return self._list(_OLDEST, window | {"limit": limit})

    def newest(self, limit: int) -> list[Stored[T]]:
        """Return the last changed values, newest first."""
        return self._list(_NEWEST, {"limit": limit})

    def _updated(self, cursor: _Cursor, key: str, change: Callable[[T | None], T]) -> T:
        cursor.execute(_LOCK, {"name": f"{'/'.join(self._place.values())}/{key}"})
        row = cursor.execute(_GET, self._place | {"key": key}).fetchone()
        value = change(None if row is None else msgspec.json.decode(row[0], type=self._of))
        cursor.execute(_PUT, self._row(key, value))
        return value

    def _list(self, statement: LiteralString, values: dict[str, object]) -> list[Stored[T]]:
        with self._cursor(None) as cursor:
            rows = cursor.execute(statement, self._place | values).fetchall()
        return [Stored(key, msgspec.json.decode(body, type=self._of), at) for key, body, at in rows]

    def _row(self, key: str, value: T) -> dict[str, object]:
        body = msgspec.json.encode(value).decode()
        return self._place | {"key": key, "body": body, "now": clock.now()}

    @contextmanager
    def _cursor(self, session: Session | None) -> Iterator[_Cursor]:
        if session is not None:
            with _cursor_of(session) as cursor:
                yield cursor
            return
        with self._state.alone() as cursor:
            yield cursor


def _cursor_of(session: Session) -> _Cursor:
    """Return a driver's cursor inside the session's transaction.

    The stand-ins make many small statements; without the layers between, each costs a fifth.
    """
    driver = session.connection().connection.driver_connection
    return cast("psycopg.Connection", driver).cursor()
