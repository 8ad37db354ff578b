"""A request on its way through a lane, and how its caller is woken: a thread, or a task.

A future of the standard library does more and costs a third of a lane's time: each is a condition
with two locks, and hundreds of callers wake through them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from enum import IntEnum
from typing import Generic, TypeVar

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class State(IntEnum):
    """Where a request is: it can be withdrawn only while it waits."""

    WAITING = 0
    TAKEN = 1
    WITHDRAWN = 2


class Pending(Generic[Request, Answer]):
    """A request on its way and, later, its answer, for a thread that waits."""

    __slots__ = ("_answer", "_done", "_error", "_lane", "request", "state")

    def __init__(self, request: Request, lane: threading.Lock) -> None:
        self.request = request
        self.state = State.WAITING  # changed only by who holds the lane's lock
        self._lane = lane
        self._done = threading.Lock()
        self._done.acquire()
        self._answer: Answer | None = None
        self._error: Exception | None = None

    @property
    def is_done(self) -> bool:
        """Tell whether there is an answer, or a reason why there is none."""
        return not self._done.locked()

    @property
    def is_taken(self) -> bool:
        """Tell whether the lane has taken it up, so that it may be decided."""
        return self.state is State.TAKEN

    def wait(self, timeout: float) -> bool:
        """Return whether it was done within so many seconds."""
        if not self._done.acquire(timeout=timeout):
            return False
        self._done.release()
        return True

    def result(self, timeout: float) -> Answer:
        """Return the answer or raise its error; raises TimeoutError, CancelledError."""
        if not self.wait(timeout):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._answer  # type: ignore[return-value] # None is an answer like others

    def cancel(self) -> bool:
        """Withdraw the request, and return whether it will not be decided."""
        with self._lane:
            if self.state is State.WAITING:
                self.state = State.WITHDRAWN
                self._error = CancelledError()
                self._done.release()
        return self.state is State.WITHDRAWN

    def settle(self, answer: Answer | Exception) -> None:
        """Give the caller an answer or an exception, once."""
        if isinstance(answer, Exception):
            self._error = answer
        else:
            self._answer = answer
        self._done.release()


class Awaited(Pending[Request, Answer]):
    """The same for a task of an event loop, which awaits `future`; made on that loop."""

    __slots__ = ("_is_done", "future", "loop")

    def __init__(self, request: Request, lane: threading.Lock) -> None:
        # Nothing of a thread's: a lock each would be a tenth of what a rush costs.
        self.request = request
        self.state = State.WAITING
        self._lane = lane
        self._is_done = False
        self._answer = None
        self._error = None
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Answer] = self.loop.create_future()

    @property
    def is_done(self) -> bool:
        """Tell whether there is an answer, or a reason why there is none."""
        return self._is_done

    def cancel(self) -> bool:
        """Withdraw the request, and return whether it will not be decided."""
        if self._is_done:
            return False
        with self._lane:
            if self.state is State.WAITING:
                self.state = State.WITHDRAWN
        return self.state is State.WITHDRAWN

    def settle(self, answer: Answer | Exception) -> None:
        """Keep an answer or an exception until `tell`, once."""
        if isinstance(answer, Exception):
            self._error = answer
        else:
            self._answer = answer
        self._is_done = True

    def tell(self) -> None:
        """Wake the task with what was settled; on its loop only, and not if it went away."""
        if self.future.done():
            return
        if self._error is not None:
            self.future.set_exception(self._error)
        else:
            self.future.set_result(self._answer)  # type: ignore[arg-type] # None is an answer

    def give_up(self, error: type[Exception]) -> None:
        """Wake the task with an error instead of an answer; on its loop only."""
        if not self.future.done():
            self.future.set_exception(error())


def settle_all(
    batch: Iterable[Pending[Request, Answer]], answers: Sequence[Answer | Exception]
) -> None:
    """Give each its answer; the tasks of a loop are woken by one signal for all of them."""
    tasks: dict[asyncio.AbstractEventLoop, list[Awaited[Request, Answer]]] = {}
    for pending, answer in zip(batch, answers, strict=True):
        pending.settle(answer)
        if isinstance(pending, Awaited):
            tasks.setdefault(pending.loop, []).append(pending)
    for loop, awaited in tasks.items():
        with suppress(RuntimeError):  # a loop that was closed has nobody left who waits
            loop.call_soon_threadsafe(_tell_all, awaited)


def _tell_all(awaited: Sequence[Awaited[Request, Answer]]) -> None:
    for one in awaited:
        one.tell()
