"""The time, aware and in UTC, from one place that tests can set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class FixedClock:
    """A clock that stands still until it is told to move."""

    at: datetime

    def advance(self, *, seconds: float) -> datetime:
        """Return the new time after moving forward by so many seconds."""
        self.at += timedelta(seconds=seconds)
        return self.at


_stack: list[FixedClock] = []


def now() -> datetime:
    """Return the present moment, aware, in UTC (or what a test has fixed)."""
    if _stack:
        return _stack[-1].at
    return datetime.now(UTC)


@contextmanager
def fixed(at: datetime) -> Iterator[FixedClock]:
    """Hold the time at one moment for the whole process while the block runs."""
    if at.tzinfo is None:
        msg = "the clock takes aware times only"
        raise ValueError(msg)
    clock = FixedClock(at.astimezone(UTC))
    _stack.append(clock)
    try:
        yield clock
    finally:
        _stack.remove(clock)
