"""A circuit per outside system: after too many failures it is left alone, then probed once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from yinuo.core import clock


class CircuitState(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class Ending(StrEnum):
    """How a call ended, as far as the circuit cares."""

    ANSWERED = "answered"
    FAILED = "failed"
    UNTOLD = "untold"  # says nothing about the system: no place was free, the caller was stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitRules:
    """When to open: so many failures in a row, or such a share of the last calls."""

    failures_in_a_row: int = 5
    failure_share: float = 0.5
    window: int = 20
    open_seconds: float = 30.0


class Circuit:
    """Counts answers and failures of one system; safe to share between threads."""

    def __init__(
        self,
        rules: CircuitRules | None = None,
        *,
        on_change: Callable[[CircuitState], None] = lambda _state: None,
    ) -> None:
        self._rules = rules or CircuitRules()
        self._on_change = on_change
        self._lock = threading.Lock()
        self._recent: deque[bool] = deque(maxlen=self._rules.window)
        self._in_a_row = 0
        self._opened_at: datetime | None = None
        self._is_probing = False
        self._generation = 0

    @property
    def state(self) -> CircuitState:
        """Return the state now; an open circuit whose time is over is half open."""
        with self._lock:
            return self._state()

    def seconds_left(self) -> float:
        """Return how long the circuit stays open, 0 when it lets a call through."""
        with self._lock:
            return self._seconds_left()

    def enter(self) -> int | None:
        """Return a ticket when a call may go out now, None when not; each ticket must `leave`.

        A half-open circuit lets one probe through at a time.
        """
        with self._lock:
            if self._opened_at is not None:
                if self._seconds_left() > 0 or self._is_probing:
                    return None
                self._is_probing = True
            return self._generation

    def leave(self, ticket: int, ending: Ending) -> None:
        """Count how a call that entered has ended.

        A call from before the circuit last opened or closed says nothing new and is ignored.
        """
        with self._lock:
            if ticket != self._generation:
                return
            before = self._opened_at is not None
            self._is_probing = False
            if ending is Ending.ANSWERED:
                self._answered()
            elif ending is Ending.FAILED:
                self._failed()
            after = self._opened_at is not None
        if before != after:
            self._on_change(CircuitState.OPEN if after else CircuitState.CLOSED)

    def _answered(self) -> None:
        self._in_a_row = 0
        if self._opened_at is not None:
            self._opened_at = None
            self._generation += 1
            self._recent.clear()
        self._recent.append(True)

    def _failed(self) -> None:
        self._in_a_row += 1
        self._recent.append(False)
        is_full = len(self._recent) == self._rules.window
        share = self._recent.count(False) / len(self._recent)
        if (
            self._opened_at is not None
            or self._in_a_row >= self._rules.failures_in_a_row
            or (is_full and share >= self._rules.failure_share)
        ):
            self._opened_at = clock.now()
            self._generation += 1

    def _state(self) -> CircuitState:
        if self._opened_at is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if self._seconds_left() > 0 else CircuitState.HALF_OPEN

    def _seconds_left(self) -> float:
        if self._opened_at is None:
            return 0.0
        until = self._opened_at + timedelta(seconds=self._rules.open_seconds)
        return max(0.0, (until - clock.now()).total_seconds())
