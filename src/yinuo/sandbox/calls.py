"""The last calls that each stand-in took or made, for people who look for what went wrong."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime

import msgspec

KEPT = 200


class CallRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One call, without its content; `reference` is a business number, never personal data.

    `direction` is "in" (the hub called) or "out" (the stand-in called the hub); `outcome` is
    "done", "refused", "failed" (answered with an error of its own), "lost" (no answer given).
    """

    at: datetime
    direction: str
    operation: str
    outcome: str
    status: int | None
    code: str | None
    reference: str | None
    milliseconds: float
    faults: list[str]


class CallLog:
    """The last 200 calls of each system, newest first, and a count since the start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[str, deque[CallRecord]] = {}
        self._counts: dict[str, dict[str, int]] = {}

    def record(self, system: str, call: CallRecord) -> None:
        """Keep one call, forgetting the oldest beyond 200."""
        with self._lock:
            self._calls.setdefault(system, deque(maxlen=KEPT)).appendleft(call)
            counts = self._counts.setdefault(system, {})
            counts[call.operation] = counts.get(call.operation, 0) + 1

    def last(self, system: str) -> list[CallRecord]:
        """Return the kept calls of a system, newest first."""
        with self._lock:
            return list(self._calls.get(system, ()))

    def counts(self, system: str) -> dict[str, int]:
        """Return how often each operation was called since the start of the process."""
        with self._lock:
            return dict(self._counts.get(system, {}))
