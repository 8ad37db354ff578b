"""The pool of connections: what is in use when it is disposed of, and what comes after."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from yinuo.core import db
from yinuo.core.db import Database


def test_a_connection_in_use_while_its_pool_is_disposed_of_closes_when_it_comes_back(
    database: Database,
) -> None:
    straggler = database.engine.connect()
    driver = straggler.connection.driver_connection
    assert driver is not None
    database.dispose()
    assert straggler.execute(sa.text("SELECT 1")).scalar_one() == 1
    straggler.close()
    assert driver.closed


def test_connections_made_after_disposing_are_kept_for_the_next_use(database: Database) -> None:
    database.dispose()
    pids = []
    for _ in range(2):
        with database.engine.connect() as connection:
            pids.append(connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one())
    assert pids[0] == pids[1]


def test_a_connection_that_died_while_it_was_idle_is_replaced_unnoticed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "TRUSTED_SECONDS", 0.0)
    with database.engine.connect() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    other = Database(database.url)
    with other.at_once() as killer:
        killer.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        gone = sa.text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        until = time.monotonic() + 10
        while killer.execute(gone, {"pid": pid}).scalar_one() and time.monotonic() < until:
            time.sleep(0.01)
    other.dispose()
    with database.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one() != pid


def test_what_is_done_at_once_stands_without_a_transaction(database: Database) -> None:
    with database.at_once() as connection:
        connection.execute(sa.text("CREATE TABLE stands (id int)"))
        connection.execute(sa.text("INSERT INTO stands VALUES (7)"))
        with database.read() as session:
            assert session.execute(sa.text("SELECT id FROM stands")).scalar_one() == 7
