"""A limit on how many do something at once, held across processes and machines.

An old system that takes two calls at a time takes two from all workers together. A slot is a
session-level advisory lock: when a process dies its connection ends and the slot is free.
"""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from yinuo.core.db import Database
from yinuo.core.errors import OutsideUnavailable


class NoSlot(OutsideUnavailable):
    """All places were taken for the whole time of waiting."""

    code = "core.no_slot"


@contextmanager
def slot(database: Database, name: str, *, limit: int, wait_seconds: float = 30.0) -> Iterator[int]:
    """Hold one of `limit` places called `name` while the block runs; gives the place's number.

    Raises NoSlot when none became free in time.
    """
    group = zlib.crc32(name.encode()) - 2**31
    until = time.monotonic() + wait_seconds
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        place = _take(connection, group, limit)
        while place is None:
            if time.monotonic() >= until:
                raise NoSlot(name=name, limit=limit)
            time.sleep(random.uniform(0.01, 0.06))  # noqa: S311 - jitter, not a secret
            place = _take(connection, group, limit)
        try:
            yield place
        finally:
            connection.execute(
                sa.text("SELECT pg_advisory_unlock(:group, :place)"),
                {"group": group, "place": place},
            )


def _take(connection: sa.Connection, group: int, limit: int) -> int | None:
    for place in range(limit):
        taken = connection.execute(
            sa.text("SELECT pg_try_advisory_lock(:group, :place)"),
            {"group": group, "place": place},
        ).scalar_one()
        if taken:
            return place
    return None
