"""Users with defaults, and what tests of users do again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa

from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import SYSTEM, Role, User

MADE_UP_PASSWORD = "three blue ladders"
NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
HERE = "203.0.113.7"


def a_user(database: Database, username: str = "li.na", role: Role = Role.CUSTOMER_SERVICE) -> User:
    """Return a new user, whose password is the made-up one."""
    with database.transaction() as session:
        return users.add_user(
            session,
            username=username,
            name=username.title(),
            role=role,
            password=MADE_UP_PASSWORD,
            actor=SYSTEM,
            now=clock.now(),
        )


def sign_in(
    database: Database,
    password: str = MADE_UP_PASSWORD,
    *,
    username: str = "li.na",
    address: str = HERE,
    now: datetime = NOW,
) -> users.SignedIn | users.SignInRefused:
    with database.transaction() as session:
        return users.authenticate(
            session, username=username, password=password, remote_address=address, now=now
        )


def race(work: Callable[[int], object], count: int) -> list[object]:
    """Return what each of `count` threads came to, started together."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        barrier.wait()
        try:
            results[number] = work(number)
        except Exception as error:  # noqa: BLE001 - the result of this thread
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def count(database: Database, statement: str) -> int:
    with database.read() as session:
        return session.execute(sa.text(statement)).scalar_one()
