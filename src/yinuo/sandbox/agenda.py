"""What a stand-in has to do by itself, and when: keys with a moment on the vendors' clock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from yinuo.core.db import Session
from yinuo.core.logs import logger
from yinuo.sandbox.state import State

_log = logger(__name__)
LOOK_EVERY = 0.1  # real seconds: a scaled clock moves on by itself, so it is looked at often


class Agenda:
    """Keys that are due at some moment; kept, so that a restart goes on where it was."""

    def __init__(self, state: State, system: str, *, kind: str) -> None:
        self._kept = state.collection(system, kind, float)
        self._lock = threading.Lock()
        self._due = {stored.key: stored.value for stored in self._kept.changed(limit=1_000_000)}

    def put(self, key: str, moment: float, *, session: Session | None = None) -> None:
        """Let the key be due at the moment, in place of an earlier one."""
        self._kept.put(key, moment, session=session)
        with self._lock:
            self._due[key] = moment

    def remove(self, key: str, *, session: Session | None = None) -> None:
        """Forget the key; one that is not there is no error."""
        self._kept.remove(key, session=session)
        with self._lock:
            self._due.pop(key, None)

    def due(self, moment: float) -> list[str]:
        """Return the keys that are due, the longest overdue first."""
        with self._lock:
            found = sorted((at, key) for key, at in self._due.items() if at <= moment)
        return [key for _, key in found]

    def __len__(self) -> int:
        """Return how many keys wait."""
        with self._lock:
            return len(self._due)


async def tend(tick: Callable[[], None]) -> None:
    """Call `tick` again and again, off the loop, until cancelled; an error is told and survived."""
    while True:
        try:
            await run_in_threadpool(tick)
        except Exception as error:  # noqa: BLE001 - the edge of a background task: told, not hidden
            _log.error("sandbox_tick_failed", error=type(error).__name__)
            await asyncio.sleep(1)
        await asyncio.sleep(LOOK_EVERY)
