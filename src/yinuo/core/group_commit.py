"""Group commit: many callers, one lane, one transaction for all who wait.

Requests are taken in arrival order. While one batch commits the next forms: the commit is the
timer, there is no other. An answer is given only after the commit, so it is durable; a caller
that stopped waiting may find its request done, and must be able to ask again: every request
carries its own idempotency key. A batch that fails as a whole is split, so that one bad request
fails alone; deadlocks, serialization failures and lost connections are tried again.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import psycopg
import sqlalchemy as sa

from yinuo.core.db import Database, Session
from yinuo.core.errors import OutsideUnavailable
from yinuo.core.logs import logger
from yinuo.core.pending import Awaited, Pending, State, settle_all

Request = TypeVar("Request")
Answer = TypeVar("Answer")
Decide = Callable[[Session, Sequence[Request]], Sequence[Answer | Exception]]
AtOnce = Callable[[sa.Connection, Sequence[Request]], Sequence[Answer] | None]

RETRY_PAUSES = (0.005, 0.02, 0.1, 0.3, 0.8, 2.0)
RETRY_WITHIN_SECONDS = 10.0
log = logger(__name__)


class LaneClosed(OutsideUnavailable):
    """This process is shutting down and takes no more requests."""

    code = "core.lane_closed"


class NoAnswer(OutsideUnavailable):
    """No answer came in time; the request may be done. Asking again tells."""

    code = "core.no_answer"


class LaneFailed(OutsideUnavailable):
    """The database could not be reached, or gave way to others too often."""

    code = "core.lane_failed"


class WrongAnswerCount(RuntimeError):
    """The decision returned more or fewer answers than it got requests: a defect of ours."""


_lanes: weakref.WeakSet[GroupCommit[object, object]] = weakref.WeakSet()


class GroupCommit(Generic[Request, Answer]):
    """A lane through which requests of one kind reach the database together.

    `decide` gets a session and the requests in arrival order and returns as many answers; an
    exception among them is raised to its caller and leaves the other answers standing. It must
    leave nothing behind for a request that it refuses this way.

    `at_once`, if given, is tried first, on a connection where each statement commits by itself: it
    does everything in one statement, or nothing and returns None. That saves two round trips,
    and after each the lane would queue behind all its callers to go on.
    """

    def __init__(
        self,
        database: Database,
        decide: Decide[Request, Answer],
        *,
        at_once: AtOnce[Request, Answer] | None = None,
        cap: int = 512,
        name: str = "lane",
    ) -> None:
        self._database = database
        self._decide = decide
        self._at_once = at_once
        self._cap = cap
        self._name = name
        self._begin_anew()
        _lanes.add(self)  # type: ignore[arg-type] # a registry of lanes of every kind

    def _begin_anew(self) -> None:
        self._connection: sa.Connection | None = None
        self._quick: sa.Connection | None = None
        self._waiting: deque[Pending[Request, Answer]] = deque()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._is_idle = False  # the lane waits to be woken
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, request: Request) -> Pending[Request, Answer]:
        """Return the request on its way; raises LaneClosed after `close`.

        Cancelling works until the batch is taken up; a cancelled request is not decided.
        """
        pending: Pending[Request, Answer] = Pending(request, self._lock)
        self._enter(pending)
        return pending

    def _enter(self, pending: Pending[Request, Answer]) -> None:
        with self._lock:
            if self._is_closed:
                raise LaneClosed
            self._waiting.append(pending)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            elif self._is_idle:
                self._changed.notify()

    def ask(self, request: Request, *, timeout: float) -> Answer:
        """Return the answer, or raise what the decision raised for this request.

        Raises NoAnswer after `timeout` seconds; a request not yet taken up is then withdrawn.
        """
        pending = self.submit(request)
        if not pending.wait(timeout):
            pending.cancel()
            raise NoAnswer
        return pending.result(0)

    async def answer(self, request: Request, *, timeout: float) -> Answer:
        """Return the answer as `ask` does, to a task: no thread waits, and a batch wakes it whole.

        Raises as `ask`; a task that is cancelled withdraws its request if that still can be.
        """
        pending: Awaited[Request, Answer] = Awaited(request, self._lock)
        self._enter(pending)
        timer = pending.loop.call_later(timeout, pending.give_up, NoAnswer)
        try:
            return await pending.future
        finally:
            timer.cancel()
            pending.cancel()

    def close(self, *, timeout: float = 30.0) -> None:
        """Take no more requests and return when everybody who waits has an answer.

        Those still waiting after `timeout` seconds get LaneClosed. A repeat changes nothing.
        """
        with self._lock:
            self._is_closed = True
            thread = self._thread
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        with self._lock:
            left = self._taken(len(self._waiting))
        _refuse(left, LaneClosed())

    def _run(self) -> None:
        while batch := self._take():
            try:
                self._settle(batch)
            except Exception:  # the edge of the thread: nobody is left without an answer
                log.exception("lane_batch_lost", lane=self._name)
                _refuse(batch, LaneFailed())
        self._give_connections_back()

    def _take(self) -> list[Pending[Request, Answer]]:
        """Return the next batch, at least one request; empty when the lane is closed and dry."""
        while True:
            with self._lock:
                self._is_idle = True
                while not self._waiting and not self._is_closed:
                    self._changed.wait()
                self._is_idle = False
                if not self._waiting:
                    return []
                batch = self._taken(self._cap)
            if batch:
                return batch

    def _taken(self, most: int) -> list[Pending[Request, Answer]]:
        """Return the first of those who wait, without the withdrawn; the caller holds the lock."""
        batch = []
        for _ in range(min(most, len(self._waiting))):
            pending = self._waiting.popleft()
            if pending.state is State.WAITING:
                pending.state = State.TAKEN
                batch.append(pending)
        return batch

    def _settle(self, batch: list[Pending[Request, Answer]]) -> None:
        requests = [pending.request for pending in batch]
        try:
            answers = self._decide_again_and_again(requests)
        except LaneFailed as error:
            _refuse(batch, error)
        except Exception as error:  # noqa: BLE001 - given to the callers
            if len(batch) == 1:
                _refuse(batch, error)
                return
            log.warning(
                "lane_batch_split", lane=self._name, size=len(batch), error=type(error).__name__
            )
            middle = len(batch) // 2
            self._settle(batch[:middle])
            self._settle(batch[middle:])
        else:
            settle_all(batch, answers)

    def _decide_again_and_again(self, requests: list[Request]) -> Sequence[Answer | Exception]:
        give_up_at = time.monotonic() + RETRY_WITHIN_SECONDS
        for pause in RETRY_PAUSES:
            try:
                return self._decide_once(requests)
            except (sa.exc.DBAPIError, psycopg.Error, sa.exc.TimeoutError) as error:
                if not is_passing(error):
                    raise
                log.warning("lane_batch_again", lane=self._name, error=type(error).__name__)
                if time.monotonic() > give_up_at:
                    break
                time.sleep(pause)
        raise LaneFailed

    def _decide_once(self, requests: list[Request]) -> Sequence[Answer | Exception]:
        # The lane keeps its connections: taking one from the pool for each batch costs a round
        # trip. A lost one shows as an error that is tried again.
        try:
            answers = self._decided_at_once(requests)
            if answers is not None:
                return answers
            if self._connection is None:
                self._connection = self._database.engine.connect()
            session = Session(self._connection, expire_on_commit=False, autoflush=False)
            with session, session.begin():
                return self._answers(session, requests)
        except BaseException:
            self._give_connections_back()
            raise

    def _decided_at_once(self, requests: list[Request]) -> Sequence[Answer] | None:
        if self._at_once is None:
            return None
        if self._quick is None:
            self._quick = self._database.engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
        with self._quick.begin():
            return self._at_once(self._quick, requests)

    def _answers(self, session: Session, requests: list[Request]) -> Sequence[Answer | Exception]:
        answers = self._decide(session, requests)
        if len(answers) != len(requests):
            raise WrongAnswerCount
        return answers

    def _give_connections_back(self) -> None:
        kept = self._connection, self._quick
        self._connection = self._quick = None
        for connection in kept:
            if connection is not None:
                connection.close()


def _refuse(batch: Sequence[Pending[Request, Answer]], error: Exception) -> None:
    left = [pending for pending in batch if not pending.is_done]
    settle_all(left, [error] * len(left))


# Class 08 and 57P0x: no connection; class 40: given way; 55P03: waited too long for a lock;
# 53300: too many connections.
_PASSING_CLASSES = ("08", "40")
_PASSING_STATES = frozenset({"57P01", "57P02", "57P03", "55P03", "53300"})


def is_passing(error: Exception) -> bool:
    """Tell whether trying the same again may succeed: deadlocks, serialization, lost connections."""
    if isinstance(error, sa.exc.TimeoutError):
        return True
    if isinstance(error, sa.exc.DBAPIError):
        if error.connection_invalidated:
            return True
        cause = error.orig
    else:
        cause = error
    if not isinstance(cause, psycopg.Error):
        return False
    state = cause.sqlstate
    if state is None:
        # The driver itself lost the server, or never reached it.
        return isinstance(cause, psycopg.OperationalError)
    return state[:2] in _PASSING_CLASSES or state in _PASSING_STATES


# Connections of the parent, kept so that no collector says goodbye on the parent's socket.
_inherited: list[sa.Connection | None] = []


def _in_child() -> None:
    # A child has neither the lane's thread nor a right to the parent's connections.
    for lane in list(_lanes):
        _inherited.extend((lane._connection, lane._quick))  # noqa: SLF001
        lane._begin_anew()  # noqa: SLF001 - the lane's own module
        lane._database.engine.dispose(close=False)  # noqa: SLF001


os.register_at_fork(after_in_child=_in_child)
