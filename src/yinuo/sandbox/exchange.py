"""One call that a stand-in takes: read, struck by faults, answered, and noted in the call log.

A system writes plain functions `(Incoming) -> Answer`; `Exchange` turns one into an ASGI
endpoint. A dropped call and a lost answer really break the connection (the caller sees a reset,
or a hang first when the fault has seconds), they are not an error answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from yinuo.core import clock
from yinuo.core.logs import logger
from yinuo.sandbox.calls import CallLog, CallRecord
from yinuo.sandbox.faults import Fault, FaultBook, FaultKind, first

_log = logger(__name__)
MOST_BYTES = 4_000_000
THREADS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request, whole; header names are lower case, `target` is the path with its query as sent."""

    method: str
    target: str
    query: Mapping[str, str]
    path: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    remote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response; `code` and `reference` (a business number) only go to the call log."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None
    reference: str | None = None
    outcome: str = ""


def json_answer(
    value: object, *, status: int = 200, code: str | None = None, reference: str | None = None
) -> Answer:
    """Return an answer whose body is the value as JSON."""
    body = msgspec.json.encode(value)
    return Answer(body=body, status=status, code=code, reference=reference)


class ConnectionDropped(ConnectionError):
    """The stand-in broke the connection on purpose (seen where there is no socket to break)."""


class FaultAnswer(Protocol):
    """Makes the vendor's own error answer; `code` is the fault's, None for the usual one."""

    def __call__(self, incoming: Incoming, code: str | None, /) -> Answer:
        """Return the error answer."""


@dataclass(slots=True)
class Kit:
    """What every exchange of one system shares."""

    system: str
    faults: FaultBook
    calls: CallLog
    failure: FaultAnswer
    overtaken: list[asyncio.Event] = field(default_factory=list)
    threads: anyio.CapacityLimiter | None = None

    async def work(self, handler: Callable[[Incoming], Answer], incoming: Incoming) -> Answer:
        """Run a handler in one of the system's own threads.

        They are not shared: a shop that waits for the payment provider in the same process must
        not take the threads in which that one would answer.
        """
        if self.threads is None:
            self.threads = anyio.CapacityLimiter(THREADS)
        return await anyio.to_thread.run_sync(handler, incoming, limiter=self.threads)


class Exchange:
    """The ASGI endpoint of one operation (or of several, told apart by `operation`)."""

    def __init__(
        self,
        kit: Kit,
        operation: str | Callable[[Incoming], str],
        handler: Callable[[Incoming], Answer],
    ) -> None:
        self._kit = kit
        self._operation = operation
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or break its connection."""
        started = time.perf_counter()
        incoming = await read_request(scope, receive)
        named = self._operation
        operation = named if isinstance(named, str) else named(incoming)
        faults = self._kit.faults.draw(self._kit.system, operation)
        answer = await self._answer(incoming, faults)
        self._note(operation, answer, faults, started)
        if answer is None:
            await _break(receive)
            return
        await send_answer(send, answer)
        while self._kit.overtaken:
            self._kit.overtaken.pop().set()

    async def _answer(self, incoming: Incoming, faults: list[Fault]) -> Answer | None:
        """Return the answer, or None when the connection is to be broken."""
        if delay := first(faults, FaultKind.DELAY):
            await asyncio.sleep(delay.seconds)
        if drop := first(faults, FaultKind.DROP):
            await asyncio.sleep(drop.seconds)
            return None
        if error := first(faults, FaultKind.ERROR):
            return self._kit.failure(incoming, error.code)
        if reorder := first(faults, FaultKind.REORDER):
            await self._let_another_pass(reorder.seconds or 2.0)
        answer = await self._kit.work(self._handler, incoming)
        if first(faults, FaultKind.DUPLICATE):
            answer = await self._kit.work(self._handler, incoming)
        if lost := first(faults, FaultKind.LOSE_ANSWER):
            await asyncio.sleep(lost.seconds)
            return None
        return answer

    async def _let_another_pass(self, seconds: float) -> None:
        """Wait until another call of the same system was answered, or so many seconds."""
        passed = asyncio.Event()
        self._kit.overtaken.append(passed)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(passed.wait(), seconds)

    def _note(
        self, operation: str, answer: Answer | None, faults: list[Fault], started: float
    ) -> None:
        outcome = "lost"
        if answer is not None:
            usual = "done" if answer.status < 400 else "refused"
            outcome = answer.outcome or ("failed" if answer.status >= 500 else usual)
        self._kit.calls.record(
            self._kit.system,
            CallRecord(
                at=clock.now(),
                direction="in",
                operation=operation,
                outcome=outcome,
                status=None if answer is None else answer.status,
                code=None if answer is None else answer.code,
                reference=None if answer is None else answer.reference,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                faults=[fault.kind.value for fault in faults],
            ),
        )


async def read_request(scope: Scope, receive: Receive) -> Incoming:
    """Return the request, whole; a body beyond 4 MB is cut off (and its signature then fails)."""
    request = Request(scope, receive)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MOST_BYTES:
            chunks.append(chunk)
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    return Incoming(
        method=request.method,
        target=(path + (b"?" + query if query else b"")).decode("latin-1"),
        query=dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)),
        path={name: str(value) for name, value in request.path_params.items()},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=b"".join(chunks),
        remote=request.client.host if request.client else "",
    )


async def send_answer(send: Send, answer: Answer) -> None:
    """Send an answer as a whole response."""
    headers = {"content-type": answer.content_type, "content-length": str(len(answer.body))}
    headers |= {name.lower(): value for name, value in answer.headers.items()}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})


async def _break(receive: Receive) -> None:
    """Break the caller's connection without a byte; where there is no socket, raise."""
    # The server hands out `receive` as a method of its connection cycle, which owns the socket.
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionDropped
    transport.abort()
    _log.info("sandbox_connection_broken")
    await asyncio.sleep(0.01)  # the server must see the loss before this call ends
