"""Events stored in the same transaction as the change they tell of, and their delivery.

`announce` writes; the relay of a worker delivers each event at least once to every consumer, in
the order of writing as far as failures allow. A consumer gets the relay's own session, so what it
writes to this database happens exactly once; what it does elsewhere must bear a repeat.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core import clock
from yinuo.core.arrays import array
from yinuo.core.db import Base, Database, Session
from yinuo.core.errors import YinuoError
from yinuo.core.events import Event
from yinuo.core.logs import logger

LIVE_CHANNEL = "yinuo_live"
WAKE_CHANNEL = "yinuo_outbox"
MOST_ATTEMPTS = 12

E = TypeVar("E", bound=Event)
Handler = Callable[[Session, Any], None]
log = logger(__name__)


class EventRow(Base):
    """One announced event; `delivered_at` is empty while the relay still owes it to somebody."""

    __tablename__ = "events"
    seq: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    name: Mapped[str]
    subject: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]] = mapped_column(sa.dialects.postgresql.JSONB)
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    __table_args__ = (
        sa.Index(
            "events_undelivered_idx",
            "next_attempt_at",
            "seq",
            postgresql_where=sa.text("delivered_at IS NULL"),
        ),
        sa.Index("events_subject_idx", "subject", "seq"),
    )


class Hint(NamedTuple):
    """Tells pages that a thing changed; they fetch it again."""

    topic: str
    subject: str


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """An event that could not be delivered in all its attempts; a person must look."""

    seq: int
    name: str
    subject: str
    error: str


_classes: dict[str, type[Event]] = {}
_consumers: dict[str, list[Handler]] = defaultdict(list)


def consumer(event_class: type[E]) -> Callable[[Callable[[Session, E], None]], Handler]:
    """Register a function that the relay calls with (session, event), at least once each."""

    def register(handler: Callable[[Session, E], None]) -> Handler:
        _classes[event_class.name] = event_class
        _consumers[event_class.name].append(handler)
        return handler

    return register


def announce(session: Session, *events: Event, hints: Iterable[Hint] = ()) -> None:
    """Write events in the session's transaction; they are told to others when it commits.

    Live hints (the events' own and `hints`) leave by NOTIFY with the commit; equal hints of one
    transaction are told once. One statement, however many events.
    """
    values = told_values(events, hints=hints)
    if events or values["channels"]:
        session.execute(_ANNOUNCE, {"told_at": clock.now(), **values})


def told_values(events: Sequence[Event], *, hints: Iterable[Hint] = ()) -> dict[str, object]:
    """Return what a statement made with `telling` binds, but for `told_at`, the moment."""
    told = {Hint(event.topic, event.subject) for event in events if event.topic}.union(hints)
    calls = [(LIVE_CHANNEL, _payload(hint)) for hint in sorted(told)]
    if events:
        calls.append((WAKE_CHANNEL, ""))
    return {
        "names": array(event.name for event in events),
        "subjects": array(event.subject for event in events),
        "bodies": array(msgspec.json.encode(event).decode() for event in events),
        "channels": array(channel for channel, _ in calls),
        "payloads": array(payload for _, payload in calls),
    }


def telling(done: str, *, where: str) -> sa.TextClause:
    """Return a statement that does something and announces it, both or neither, in one round trip.

    `done` is a query of one row and one column named `outcome`; what `told_values` gave is told
    where the condition `where` on it holds. The statement returns the outcome.
    """
    return sa.text(
        f"WITH done AS MATERIALIZED ({done}), written AS ({_EVENTS} CROSS JOIN done"
        f" WHERE {where} ORDER BY e.place) SELECT done.outcome,"
        f" (SELECT count(pg_notify(n.channel, n.payload)) FROM {_CALLS} WHERE {where}) FROM done"
    )


_EVENTS = (
    "INSERT INTO events (name, subject, at, body, next_attempt_at)"
    " SELECT e.name, e.subject, CAST(:told_at AS timestamptz), CAST(e.body AS jsonb), :told_at"
    " FROM unnest(CAST(:names AS text[]), CAST(:subjects AS text[]), CAST(:bodies AS text[]))"
    " WITH ORDINALITY AS e (name, subject, body, place)"
)
_CALLS = "unnest(CAST(:channels AS text[]), CAST(:payloads AS text[])) AS n (channel, payload)"
_ANNOUNCE = sa.text(
    f"WITH written AS ({_EVENTS} ORDER BY e.place)"
    f" SELECT pg_notify(n.channel, n.payload) FROM {_CALLS}"
)


def _payload(hint: Hint) -> str:
    return json.dumps(
        {"topic": hint.topic, "id": hint.subject}, ensure_ascii=False, separators=(",", ":")
    )


def deliver_again(session: Session, seq: int) -> bool:
    """Return whether the event is there; the relay delivers it anew within a second."""
    return session.execute(_AGAIN, {"seq": seq, "now": clock.now()}).first() is not None


class Relay:
    """Delivers events to consumers; several relays on several machines share the work."""

    def __init__(
        self, database: Database, *, on_dead: Callable[[Session, DeadEvent], None]
    ) -> None:
        self._database = database
        self._on_dead = on_dead
        self._stop = threading.Event()

    def deliver(self, *, limit: int = 100) -> int:
        """Return how many events were taken up now: delivered, put off, or given up."""
        with self._database.transaction() as session:
            at = clock.now()
            rows = session.execute(_TAKE, {"now": at, "limit": limit}).all()
            plain = [row.seq for row in rows if not _consumers.get(row.name)]
            if plain:
                session.execute(_DONE, {"seqs": plain, "now": at})
            for row in rows:
                if _consumers.get(row.name):
                    self._deliver_one(session, row, at)
        return len(rows)

    def _deliver_one(self, session: Session, row: sa.Row[Any], at: datetime) -> None:
        try:
            with session.begin_nested():
                event = msgspec.convert(row.body, _classes[row.name])
                for handler in _consumers[row.name]:
                    handler(session, event)
                session.execute(_DONE, {"seqs": [row.seq], "now": at})
        except Exception as error:  # noqa: BLE001 - the edge: kept, told and tried again
            self._put_off(session, row, at, _name_of(error))

    def _put_off(self, session: Session, row: sa.Row[Any], at: datetime, error: str) -> None:
        attempts = row.attempts + 1
        log.warning("event_not_delivered", event_name=row.name, seq=row.seq, error=error)
        if attempts >= MOST_ATTEMPTS:
            session.execute(_DONE, {"seqs": [row.seq], "now": at})
            self._on_dead(session, DeadEvent(row.seq, row.name, row.subject, error))
        wait = timedelta(seconds=min(2**attempts, 300))
        session.execute(
            _LATER, {"seq": row.seq, "attempts": attempts, "at": at + wait, "error": error}
        )

    def run(self) -> None:
        """Deliver until `stop`; wakes by NOTIFY, and once a second in case one was missed."""
        while not self._stop.is_set():
            try:
                self._run_connected()
            except (psycopg.OperationalError, sa.exc.OperationalError) as error:
                log.warning("relay_lost_database", error=_name_of(error))
                self._stop.wait(1.0)

    def _run_connected(self) -> None:
        url = self._database.url.replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"LISTEN {WAKE_CHANNEL}")
            while not self._stop.is_set():
                while not self._stop.is_set() and self.deliver():
                    pass
                for _ in connection.notifies(timeout=1.0, stop_after=1):
                    pass

    def stop(self) -> None:
        """Ask `run` to return after what it is doing."""
        self._stop.set()


def _name_of(error: Exception) -> str:
    # Only the kind: the text of a foreign error may carry personal data.
    return error.code if isinstance(error, YinuoError) else type(error).__name__


_TAKE = sa.text(
    "SELECT seq, name, subject, body, attempts FROM events"
    " WHERE delivered_at IS NULL AND next_attempt_at <= :now"
    " ORDER BY next_attempt_at, seq LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_DONE = sa.text(
    "UPDATE events SET delivered_at = :now, attempts = attempts + 1 WHERE seq = ANY(:seqs)"
)
_LATER = sa.text(
    "UPDATE events SET attempts = :attempts, next_attempt_at = :at, last_error = :error"
    " WHERE seq = :seq"
)
_AGAIN = sa.text(
    "UPDATE events SET delivered_at = NULL, attempts = 0, next_attempt_at = :now"
    " WHERE seq = :seq RETURNING seq"
)
