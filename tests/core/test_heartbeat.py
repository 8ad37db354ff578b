"""Signs of life: who is only busy keeps his work, who died or hangs does not."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from yinuo.core.db import Database
from yinuo.core.heartbeat import Heartbeat, alive


def seen_before(database: Database, executor: str, *, seconds: float) -> None:
    with database.transaction() as session:
        session.execute(
            sa.text("UPDATE executors SET seen_at = clock_timestamp() - :ago WHERE id = :id"),
            {"ago": timedelta(seconds=seconds), "id": executor},
        )


def is_alive(database: Database, executor: str) -> bool:
    with database.read() as session:
        return executor in alive(session)


def test_one_that_is_too_busy_to_tell_is_alive_while_it_holds_its_lock(database: Database) -> None:
    busy = Heartbeat(database, "busy")
    busy.beat()
    seen_before(database, "busy", seconds=30)
    assert is_alive(database, "busy")
    busy.stop()
    assert not is_alive(database, "busy")


def test_one_that_died_is_dead_once_it_is_silent(database: Database) -> None:
    died = Heartbeat(database, "died")
    died.beat()
    died._let_go()
    assert is_alive(database, "died")  # perhaps only its connection broke: wait for the next beat
    seen_before(database, "died", seconds=7)
    assert not is_alive(database, "died")


def test_one_that_hangs_for_good_holds_its_lock_in_vain(database: Database) -> None:
    hung = Heartbeat(database, "hung")
    hung.beat()
    seen_before(database, "hung", seconds=61)
    assert not is_alive(database, "hung")
    hung.stop()


def test_a_lock_of_somebody_else_is_no_sign_of_life(database: Database) -> None:
    other, died = Heartbeat(database, "other"), Heartbeat(database, "died")
    other.beat()
    died.beat()
    died._let_go()
    seen_before(database, "died", seconds=7)
    assert not is_alive(database, "died")
    other.stop()


def test_after_a_lost_connection_the_next_beats_hold_the_lock_again(database: Database) -> None:
    heart = Heartbeat(database, "heart")
    heart.beat()
    with database.at_once() as killer:
        killer.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        )
    failed = 0
    for _ in range(3):
        try:
            heart.beat()
        except sa.exc.SQLAlchemyError:
            failed += 1
    assert failed <= 1
    seen_before(database, "heart", seconds=30)
    assert is_alive(database, "heart")
    heart.stop()
