"""The pool of connections: what is in use when it is disposed of, and what comes after."""

from __future__ import annotations

import sqlalchemy as sa

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
