"""The database: typed tables, and transactions that open in one place and commit at its end.

PostgreSQL only. A service takes a session and never commits; `Database.transaction()` is opened
by a web dependency, a workflow step, a CLI command or the group-commit lane.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import ClassVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

__all__ = [
    "Base",
    "Connection",
    "Database",
    "DatabaseTrouble",
    "Session",
    "Unreachable",
    "Unstorable",
    "driver_url",
    "trouble_of",
    "with_database",
]

# So long after its last use a connection is trusted to be alive.
TRUSTED_SECONDS = 2.0
# A bare connection, where one statement may commit by itself.
Connection = sa.Connection
# The database does not answer, or not in time (a lock, a deadlock, a pool that is used up).
Unreachable = (sa.exc.OperationalError, sa.exc.TimeoutError)
# A value that no column can hold: NUL in text, a number out of range.
Unstorable = (sa.exc.DataError,)
# Whatever the database or its driver can raise.
DatabaseTrouble = (sa.exc.SQLAlchemyError,)


class Base(DeclarativeBase):
    """The root of all typed tables; constraints get predictable names."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text(),
        int: sa.BigInteger(),
        dict: postgresql.JSONB(),
        bytes: sa.LargeBinary(),
    }


def driver_url(url: str) -> str:
    """Return the URL with the driver that this product uses, whatever scheme a person wrote."""
    scheme, _, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg://{rest}"
    return url


def trouble_of(error: BaseException) -> str:
    """Return why the database refused, without values: its SQLSTATE, or how connecting failed."""
    cause = getattr(error, "orig", None)
    if cause is None:
        return type(error).__name__
    state = getattr(cause, "sqlstate", None)
    told = str(cause).strip().splitlines() or [type(cause).__name__]
    return str(state or told[-1])[:200]


def with_database(url: str, name: str) -> str:
    """Return the address of another database in the same server, password included."""
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


class Database:
    """One PostgreSQL database and its pool of connections."""

    def __init__(self, url: str, *, pool_size: int = 20, application_name: str = "yinuo") -> None:
        self.url = url
        self.capacity = 2 * pool_size
        arguments = {
            "application_name": application_name,
            "options": "-c timezone=UTC -c lock_timeout=15000",
        }
        self.engine = sa.create_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            hide_parameters=True,  # they hold personal data, and errors reach logs
            connect_args=arguments,
        )
        self._without_pool = sa.create_engine(
            driver_url(url),
            poolclass=sa.NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args=arguments,
        )
        self._reader = self.engine.execution_options(postgresql_readonly=True)
        self._committing = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._generation = 0  # of connections; those from before the last dispose are not kept
        sa.event.listen(self.engine, "do_connect", self._date)
        sa.event.listen(self.engine, "checkin", self._close_if_old)
        sa.event.listen(self.engine, "checkout", self._ping_if_idle)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session whose work is committed when the block ends, or undone when it raises."""
        session = Session(self.engine, expire_on_commit=False, autoflush=False)
        with session, session.begin():
            yield session

    @contextmanager
    def at_once(self) -> Iterator[sa.Connection]:
        """Give a connection on which each statement commits by itself, in one round trip."""
        with self._committing.connect() as connection:
            yield connection

    def alone(self) -> sa.Connection:
        """Return a connection of the caller's own, as `at_once` gives; who takes it closes it.

        It counts for no pool, so that it is there at once when all others are taken.
        """
        return self._without_pool.connect()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that can only read; it takes a connection with its first statement."""
        with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            try:
                yield session
            finally:
                session.rollback()

    def dispose(self) -> None:
        """Close all connections, those still in use when they come back; the next use opens new."""
        self._generation += 1
        self.engine.dispose()

    def _date(
        self, _dialect: sa.Dialect, record: ConnectionPoolEntry, _words: object, _options: object
    ) -> None:
        """Note before connecting, which takes time, to which pool the connection will belong."""
        record.info["generation"] = self._generation

    def _close_if_old(
        self, connection: DBAPIConnection | None, record: ConnectionPoolEntry
    ) -> None:
        """Close what comes back to a pool that is gone, or it stays open until it is collected."""
        record.info["used_at"] = time.monotonic()
        if connection is not None and record.info.get("generation") != self._generation:
            connection.close()

    def _ping_if_idle(
        self, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object
    ) -> None:
        """Try a connection that was not used for a while; the pool then opens a fresh one.

        Asking each time would cost every transaction a round trip more.
        """
        if time.monotonic() - record.info.get("used_at", 0.0) < TRUSTED_SECONDS:
            return
        try:
            self.engine.dialect.do_ping(connection)
        except psycopg.Error:
            raise sa.exc.DisconnectionError from None
