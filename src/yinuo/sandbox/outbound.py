"""Callbacks from the stand-ins to the hub, with each vendor's own schedule of repeats.

A `Letter` is stored before it is sent and removed when it was accepted or its schedule has
ended, so a restart goes on where it stopped. Its waiting times run on the vendors' clock.
Each attempt is built (and signed) anew from what the letter says.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import msgspec

from yinuo.core import clock, tls
from yinuo.core.ids import new_id
from yinuo.core.logs import logger
from yinuo.sandbox.calls import CallLog, CallRecord
from yinuo.sandbox.clock import ScaledClock
from yinuo.sandbox.faults import Fault, FaultBook, FaultKind, first
from yinuo.sandbox.state import State

_log = logger(__name__)
AT_ONCE = 64


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One callback on its way; `due` is on the vendors' clock, `attempt` counts from 0.

    `content` is what the system needs to build the request; `reference` is a business number.
    """

    id: str
    system: str
    operation: str
    address: str
    content: dict[str, str]
    reference: str | None
    due: float
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRequest:
    """A request ready to be sent."""

    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubAnswer:
    """What came back: `status` is None when the connection failed or the time ran out."""

    status: int | None
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """How one kind of callback is built, judged and repeated.

    `schedule` holds the waits between attempts in vendor seconds; after the last one the vendor
    gives up. An answer later than `answer_within` real seconds counts as none. `build` gets the
    code of an error fault (how the request is to be damaged) or None; `settled` hears the last
    answer once, when the letter was accepted or given up.
    """

    build: Callable[[Letter, str | None], OutgoingRequest]
    accepted: Callable[[HubAnswer], bool]
    schedule: tuple[float, ...]
    answer_within: float
    settled: Callable[[Letter, HubAnswer], None] | None = None


class Outbound:
    """The scheduler of all callbacks; `send` may be called from any thread."""

    def __init__(
        self, state: State, *, clock: ScaledClock, faults: FaultBook, calls: CallLog
    ) -> None:
        self._kept = state.collection("kernel", "letters", Letter)
        self._clock = clock
        self._faults = faults
        self._calls = calls
        self._posts: dict[tuple[str, str], Post] = {}
        self._lock = threading.Lock()
        self._order = itertools.count()
        self._heap: list[tuple[float, int, Letter]] = []
        self._on_the_way: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._client: httpx.AsyncClient | None = None
        for stored in self._kept.changed(limit=1_000_000):
            self._push(stored.value)

    def register(self, system: str, operation: str, post: Post) -> None:
        """Say how the callbacks of one operation are made; before the first is sent."""
        self._posts[system, operation] = post

    def send(
        self,
        system: str,
        operation: str,
        *,
        address: str,
        content: dict[str, str],
        reference: str | None = None,
        after: float = 0.0,
    ) -> Letter:
        """Return the letter, stored; it is sent `after` vendor seconds."""
        letter = Letter(
            id=new_id("ltr"),
            system=system,
            operation=operation,
            address=address,
            content=content,
            reference=reference,
            due=self._clock.now() + after,
        )
        self._kept.insert(letter.id, letter)
        self._push(letter)
        self.wake()
        return letter

    def pending(self, system: str) -> list[Letter]:
        """Return the letters of a system that wait for their next attempt, soonest first."""
        with self._lock:
            waiting = sorted(self._heap, key=lambda entry: entry[:2])
        return [letter for _, _, letter in waiting if letter.system == system]

    def wake(self) -> None:
        """Look again for what is due: something new was sent, or the clock runs faster."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just been closed
                self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Send what is due until cancelled; attempts under way are then broken off."""
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        async with httpx.AsyncClient(
            limits=limits, trust_env=False, verify=tls.trust()
        ) as self._client:
            try:
                while True:
                    self._woken.clear()
                    wait = self._start_what_is_due()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), wait)
            finally:
                self._loop = None
                for task in self._on_the_way:
                    task.cancel()
                await asyncio.gather(*self._on_the_way, return_exceptions=True)

    def _start_what_is_due(self) -> float:
        """Start all attempts that are due; return the real seconds until the next one."""
        while len(self._on_the_way) < AT_ONCE:
            with self._lock:
                if not self._heap:
                    return 3600.0
                wait = self._clock.real_seconds_until(self._heap[0][0])
                if wait > 0:
                    return wait
                letter = heapq.heappop(self._heap)[2]
            task = asyncio.create_task(self._attempt(letter))
            self._on_the_way.add(task)
            task.add_done_callback(self._finished)
        return 3600.0

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._on_the_way.discard(task)
        self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("sandbox_callback_crashed", error=type(error).__name__)

    async def _attempt(self, letter: Letter) -> None:
        """Make one attempt, struck by faults, and settle what follows from it."""
        post = self._posts.get((letter.system, letter.operation))
        if post is None:
            _log.warning("sandbox_letter_without_sender", operation=letter.operation)
            return
        faults = self._faults.draw(letter.system, letter.operation)
        if late := first(faults, FaultKind.DELAY, FaultKind.REORDER):
            # Whatever is sent meanwhile overtakes this letter.
            await asyncio.sleep(late.seconds or 1.0)
        answer = await self._transmit(letter, post, faults)
        is_accepted = (
            answer.seconds <= post.answer_within
            and post.accepted(answer)
            and first(faults, FaultKind.LOSE_ANSWER, FaultKind.ERROR) is None
        )
        await asyncio.to_thread(self._settle, letter, post, answer, is_accepted=is_accepted)

    async def _transmit(self, letter: Letter, post: Post, faults: list[Fault]) -> HubAnswer:
        if first(faults, FaultKind.DROP):
            answer = HubAnswer(status=None, body=b"", seconds=0.0)
            self._note(letter, answer, faults=faults, accepted=False)
            return answer
        error = first(faults, FaultKind.ERROR)
        damage = None if error is None else error.code or "damaged"
        request = await asyncio.to_thread(post.build, letter, damage)
        if double := first(faults, FaultKind.DUPLICATE):
            # The twin may be another one: a fault's code says how (a new notification id, a probe).
            twin = await asyncio.to_thread(post.build, letter, double.code)
            answer, _ = await asyncio.gather(
                self._post(letter, post, request), self._post(letter, post, twin)
            )
        else:
            answer = await self._post(letter, post, request)
        self._note(letter, answer, faults=faults, accepted=post.accepted(answer))
        return answer

    async def _post(self, letter: Letter, post: Post, request: OutgoingRequest) -> HubAnswer:
        if self._client is None:  # pragma: no cover - run() sets it before any attempt
            raise RuntimeError
        address = letter.address + (f"?{request.query}" if request.query else "")
        started = time.perf_counter()
        try:
            async with asyncio.timeout(post.answer_within):
                response = await self._client.request(
                    request.method,
                    address,
                    content=request.body,
                    headers=dict(request.headers),
                    timeout=post.answer_within,
                )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return HubAnswer(status=None, body=b"", seconds=time.perf_counter() - started)
        seconds = time.perf_counter() - started
        return HubAnswer(status=response.status_code, body=response.content, seconds=seconds)

    def _settle(self, letter: Letter, post: Post, answer: HubAnswer, *, is_accepted: bool) -> None:
        if is_accepted or letter.attempt >= len(post.schedule):
            self._kept.remove(letter.id)
            if post.settled is not None:
                post.settled(letter, answer)
            return
        again = msgspec.structs.replace(
            letter,
            due=self._clock.now() + post.schedule[letter.attempt],
            attempt=letter.attempt + 1,
        )
        self._kept.put(again.id, again)
        self._push(again)
        self.wake()

    def _push(self, letter: Letter) -> None:
        with self._lock:
            heapq.heappush(self._heap, (letter.due, next(self._order), letter))

    def _note(
        self, letter: Letter, answer: HubAnswer, *, faults: list[Fault], accepted: bool
    ) -> None:
        self._calls.record(
            letter.system,
            CallRecord(
                at=clock.now(),
                direction="out",
                operation=letter.operation,
                outcome="done" if accepted else "lost" if answer.status is None else "refused",
                status=answer.status,
                code=None,
                reference=letter.reference,
                milliseconds=round(answer.seconds * 1000, 1),
                faults=[fault.kind.value for fault in faults],
            ),
        )
