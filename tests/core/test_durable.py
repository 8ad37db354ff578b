"""Durable processes: started once, checkpointed, taken over from the dead."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from yinuo.core import durable
from yinuo.core.db import Database

effects: Counter[str] = Counter()
gate = threading.Event()


@durable.process("test_two_steps")
def two_steps(name: str) -> str:
    durable.step("first", effects.update, [f"{name}:first"])
    durable.step("second", effects.update, [f"{name}:second"])
    return name


@durable.process("test_fails")
def fails(name: str) -> None:
    durable.step("boom", _boom, name)


@durable.process("test_waits")
def waits(name: str) -> None:
    message = durable.wait_until("go", seconds=20)
    effects[f"{name}:{message}"] += 1


def _boom(name: str) -> None:
    raise ZeroDivisionError(name)


@pytest.fixture
def engine(database: Database) -> Iterator[durable.Engine]:
    effects.clear()
    engine = durable.Engine(database, poll_seconds=0.05)
    engine.launch()
    yield engine
    engine.stop()


def wait_for(database: Database, key: str, *statuses: str) -> str:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = durable.state(database, key)
        if found and found.status in statuses:
            return found.status
        time.sleep(0.02)
    pytest.fail(f"{key} did not reach {statuses}: {durable.state(database, key)}")


def test_process_started_twice_under_one_key_runs_once(
    database: Database, engine: durable.Engine
) -> None:
    for _ in range(2):
        with database.transaction() as session:
            durable.start(session, two_steps, "a", key="two:a")
    wait_for(database, "two:a", "SUCCESS")
    with database.transaction() as session:
        durable.start(session, two_steps, "a", key="two:a")
    time.sleep(0.3)
    assert effects == {"a:first": 1, "a:second": 1}


def test_start_in_a_transaction_that_is_undone_starts_nothing(
    database: Database, engine: durable.Engine
) -> None:
    def start_and_fail() -> None:
        with database.transaction() as session:
            durable.start(session, two_steps, "b", key="two:b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        start_and_fail()
    time.sleep(0.3)
    assert durable.state(database, "two:b") is None
    assert not effects


def test_unexpected_error_is_reported_once_and_kept(
    database: Database, engine: durable.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[durable.Failure] = []
    monkeypatch.setattr(durable, "_on_failure", [seen.append])
    with database.transaction() as session:
        durable.start(session, fails, "c", key="fails:c")
    wait_for(database, "fails:c", "ERROR")
    assert seen == [durable.Failure("test_fails", "fails:c", ("c",), "ZeroDivisionError")]


def test_signal_reaches_a_waiting_process(database: Database, engine: durable.Engine) -> None:
    with database.transaction() as session:
        durable.start(session, waits, "d", key="waits:d")
    wait_for(database, "waits:d", "PENDING")
    with database.transaction() as session:
        durable.signal(session, "waits:d", "go", "now")
    wait_for(database, "waits:d", "SUCCESS")
    assert effects == {"d:now": 1}


def test_flow_of_a_silent_executor_is_taken_over(
    database: Database, engine: durable.Engine
) -> None:
    with database.transaction() as session:
        durable.start(session, two_steps, "e", key="two:e", after_seconds=3600)
        session.execute(
            sa.text(
                "UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = 'gone'"
                " WHERE workflow_uuid = 'two:e'"
            )
        )
    wait_for(database, "two:e", "SUCCESS")
    assert effects == {"e:first": 1, "e:second": 1}
