"""Events: written with the change, delivered at least once, in order, given up with a voice."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import psycopg
import pytest
import sqlalchemy as sa

from yinuo.core import clock, outbox
from yinuo.core.db import Database, Session
from yinuo.core.events import Event
from yinuo.core.outbox import (
    LIVE_CHANNEL,
    MOST_ATTEMPTS,
    DeadEvent,
    Hint,
    Relay,
    announce,
    consumer,
)

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(Event):
    """A bell rang (for these tests)."""

    name: ClassVar[str] = "tests.rang"
    topic: ClassVar[str | None] = "bell"
    bell: str
    times: int = 1

    @property
    def subject(self) -> str:
        """Return the bell."""
        return self.bell


heard: list[Rang] = []
trouble: list[Exception] = []


@pytest.fixture(autouse=True)
def listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_classes", {})
    monkeypatch.setattr(outbox, "_consumers", outbox.defaultdict(list))
    heard.clear()
    trouble.clear()

    @consumer(Rang)
    def hear(session: Session, event: Rang) -> None:
        session.execute(sa.text("INSERT INTO events_heard VALUES (:b)"), {"b": event.bell})
        if trouble:
            raise trouble.pop()
        heard.append(event)


@pytest.fixture
def relay(database: Database) -> Relay:
    with database.transaction() as session:
        session.execute(sa.text("CREATE TABLE events_heard (bell text)"))
    return Relay(database, on_dead=lambda session, dead: dead_events.append(dead))


dead_events: list[DeadEvent] = []


def ring(database: Database, *bells: str) -> None:
    with database.transaction() as session:
        announce(session, *(Rang(bell=bell) for bell in bells))


def written(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.execute(sa.text("SELECT bell FROM events_heard")).scalars())


def test_event_of_an_undone_transaction_is_never_told(database: Database, relay: Relay) -> None:
    def fail() -> None:
        with database.transaction() as session:
            announce(session, Rang(bell="a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (relay.deliver(), heard) == (0, [])


def test_events_are_delivered_in_order_and_once(database: Database, relay: Relay) -> None:
    ring(database, "a", "b")
    ring(database, "c")
    assert relay.deliver() == 3
    assert [event.bell for event in heard] == ["a", "b", "c"]
    assert (relay.deliver(), len(heard)) == (0, 3)


def test_failed_delivery_leaves_nothing_and_comes_again_later(
    database: Database, relay: Relay
) -> None:
    with clock.fixed(NOW) as time:
        trouble.append(ValueError("once"))
        ring(database, "a")
        relay.deliver()
        assert (heard, written(database)) == ([], [])
        assert relay.deliver() == 0  # not before its time
        time.advance(seconds=3)
        relay.deliver()
    assert ([event.bell for event in heard], written(database)) == (["a"], ["a"])


def test_one_bad_event_does_not_hold_the_others(database: Database, relay: Relay) -> None:
    trouble.append(ValueError("first only"))
    ring(database, "bad", "good")
    relay.deliver()
    assert [event.bell for event in heard] == ["good"]


def test_event_is_given_up_with_a_voice_and_can_be_delivered_again(
    database: Database, relay: Relay
) -> None:
    dead_events.clear()
    with clock.fixed(NOW) as time:
        ring(database, "a")
        for _ in range(MOST_ATTEMPTS):
            trouble.append(ValueError("always"))
            relay.deliver()
            time.advance(seconds=400)
        assert [(dead.name, dead.subject, dead.error) for dead in dead_events] == [
            ("tests.rang", "a", "ValueError")
        ]
        assert relay.deliver() == 0
        with database.transaction() as session:
            assert outbox.deliver_again(session, dead_events[0].seq)
            assert not outbox.deliver_again(session, 10**9)
        relay.deliver()
    assert [event.bell for event in heard] == ["a"]


def test_two_relays_share_the_work(database: Database, relay: Relay) -> None:
    ring(database, *(f"bell-{number}" for number in range(60)))
    other = Relay(database, on_dead=lambda *_: None)
    threads = [
        threading.Thread(target=lambda one=one: [one.deliver(limit=5) for _ in range(20)])
        for one in (relay, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(event.bell for event in heard) == sorted(f"bell-{n}" for n in range(60))


def test_running_relay_wakes_at_once_and_stops(database: Database, relay: Relay) -> None:
    thread = threading.Thread(target=relay.run)
    thread.start()
    ring(database, "a")
    for _ in range(200):
        if heard:
            break
        threading.Event().wait(0.02)
    relay.stop()
    thread.join(timeout=5)
    assert ([event.bell for event in heard], thread.is_alive()) == (["a"], False)


def test_equal_hints_of_one_transaction_are_told_once(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(f"LISTEN {LIVE_CHANNEL}")
        with database.transaction() as session:
            announce(session, Rang(bell="a"), Rang(bell="a"), hints=[Hint("stock", "RUG-160")])
            announce(session)
        told = [
            json.loads(notice.payload) for notice in connection.notifies(timeout=2, stop_after=2)
        ]
    assert told == [{"topic": "bell", "id": "a"}, {"topic": "stock", "id": "RUG-160"}]
