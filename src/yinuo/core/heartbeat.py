"""Who of the executors is alive, told in two ways that do not fail together.

Each writes every second when it was last seen, and holds a lock for as long as its connection
lives. A process that dies lets go of the lock at once, and is silent a little later. One that is
only too busy to write still holds its lock; one that hangs for good holds it in vain.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core.db import Base, Database, Session

SILENT_AFTER_SECONDS = 6.0
HUNG_AFTER_SECONDS = 60.0
_LOCKS = 0x594E  # the space of executors among the database's advisory locks


class ExecutorRow(Base):
    """One running executor and when it was last alive, by the database's clock."""

    __tablename__ = "executors"
    id: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Heartbeat:
    """The sign of life of one executor, on a connection that it shares with nobody.

    Under load a connection of the common pool may be long in coming.
    """

    def __init__(self, database: Database, executor_id: str) -> None:
        self._database = database
        self._id = executor_id
        self._connection: sa.Connection | None = None

    def beat(self) -> None:
        """Tell that the executor is alive; after a lost connection the next beat opens another."""
        try:
            if self._connection is None:
                self._connection = self._opened()
            self._connection.execute(_BEAT, {"id": self._id})
        except sa.exc.SQLAlchemyError:
            self._let_go()
            raise

    def stop(self) -> None:
        """Tell that the executor ends in order: nobody has to wait for its silence."""
        with self._database.transaction() as session:
            session.execute(sa.delete(ExecutorRow).where(ExecutorRow.id == self._id))
        self._let_go()

    def _opened(self) -> sa.Connection:
        connection = self._database.alone()
        try:
            connection.execute(_HOLD, {"space": _LOCKS, "id": self._id})
        except sa.exc.SQLAlchemyError:
            connection.close()
            raise
        return connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def alive(session: Session) -> set[str]:
    """Return the ids of the executors that are alive."""
    told = {
        "space": _LOCKS,
        "silence": timedelta(seconds=SILENT_AFTER_SECONDS),
        "hung": timedelta(seconds=HUNG_AFTER_SECONDS),
    }
    return set(session.execute(_ALIVE, told).scalars())


_BEAT = sa.text(
    "INSERT INTO executors (id, started_at, seen_at)"
    " VALUES (:id, clock_timestamp(), clock_timestamp())"
    " ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()"
)
_HOLD = sa.text("SELECT pg_advisory_lock(:space, hashtext(:id))")
_ALIVE = sa.text(
    "SELECT e.id FROM executors AS e WHERE e.seen_at > clock_timestamp() - :silence"
    " OR e.seen_at > clock_timestamp() - :hung AND EXISTS (SELECT 1 FROM pg_locks AS l"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = CAST(:space AS integer)"
    " AND CAST(l.objid AS bigint) = CAST(hashtext(e.id) AS bigint) & 4294967295"
    " AND l.objsubid = 2"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
