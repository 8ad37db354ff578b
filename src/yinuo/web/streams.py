"""Streams over SSE: shared bytes in a ring, every client a position in it, no queue for any.

A client is sent what lies behind its position when its own socket takes it, so a slow one holds
nobody. Numbers carry the ring's epoch; a client that comes back with a number of this epoch that is
still in the ring goes on from there, any other is told to fetch everything anew.

A framework that sends one message at a time, through a task and a parser for each client, costs ten
times what the system call does. So the product's own server hands out the transport, and one
task writes the same bytes to all clients, some at a time. Behind any other server each client has
a task of its own that does the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from yinuo.core.metrics import Gauge

RING_LENGTH = 8192
PING = b": ping\n\n"
# Others get their turn after so many clients were written to.
AT_ONCE = 50
# A client whose socket still holds more than this is left behind until it took it.
MOST_UNSENT = 16_384
LOOK_AGAIN_SECONDS = 0.05
# Telling takes at most a third of the time: with thousands of clients they are told less often, and
# what came meanwhile is told in one.
PAUSE_FOR_EACH_SECOND_OF_TELLING = 2.0
MOST_PAUSE_SECONDS = 0.5
_CONNECTION = "yinuo_connection"
clients_open = Gauge("yinuo_live_clients", "Open live streams", ["stream"])


class Protocol(H11Protocol):
    """The server's side of a connection; what is called may write to its transport itself."""

    transport: asyncio.Transport
    is_stream = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Hand the connection to every request that comes over it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _CONNECTION: self}

    def shutdown(self) -> None:
        """End a stream at once when the server stops: it has no end that could be waited for."""
        super().shutdown()
        if self.is_stream:
            self.transport.close()


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    key: str
    data: bytes


@dataclass(slots=True, eq=False)
class Reader:
    """A client that is written to directly: its transport, its keys, and where it is."""

    transport: asyncio.Transport
    keys: frozenset[str] | None
    position: int


class Ring:
    """The last things said, numbered, and the clients that are told of them."""

    def __init__(self, *, length: int = RING_LENGTH) -> None:
        self.epoch = secrets.token_hex(4)
        self._entries: deque[_Entry] = deque(maxlen=length)
        self._next = 1
        self._more = asyncio.Event()
        self._is_ping_due = False
        self._readers: dict[Reader, None] = {}
        self.readers = 0

    @property
    def newest(self) -> int:
        """Return the number of the newest entry, 0 when nothing was said yet."""
        return self._next - 1

    def add(self, items: Iterable[tuple[str, Callable[[int], bytes]]]) -> None:
        """Append entries (key and a maker of bytes from the number) and wake who tells them."""
        for key, make in items:
            self._entries.append(_Entry(self._next, key, make(self._next)))
            self._next += 1
        self._wake()

    def ping(self) -> None:
        """Let every client be sent something; those for whom there is nothing get a sign of life."""
        self._is_ping_due = True
        self._wake()

    def _wake(self) -> None:
        woken, self._more = self._more, asyncio.Event()
        woken.set()

    def position_of(self, last_event_id: str | None) -> int | None:
        """Return where a returning client goes on, or None when it must fetch everything anew."""
        epoch, _, number = (last_event_id or "").partition("-")
        if epoch != self.epoch or not number.isdigit() or int(number) > self.newest:
            return None
        return int(number) if self.has_after(int(number)) else None

    def has_after(self, position: int) -> bool:
        """Tell whether everything after a position is still here."""
        return not self._entries or self._entries[0].number <= position + 1

    def after(self, position: int, keys: Collection[str] | None) -> bytes:
        """Return the joined bytes of all entries after a position (of these keys, if given).

        What fell out of the ring is replaced by the message to fetch everything anew.
        """
        if not self.has_after(position):
            return reset(self)
        start = max(len(self._entries) - (self.newest - position), 0)
        return b"".join(
            self._entries[place].data
            for place in range(start, len(self._entries))
            if keys is None or self._entries[place].key in keys
        )

    async def wait(self, position: int) -> bool:
        """Return True as soon as there is more than `position`, False when only woken.

        No timer for each reader: thousands of them would cost more than what is said.
        """
        if self.newest <= position:
            await self._more.wait()
        return self.newest > position

    async def tell_on(self) -> None:
        """Write to all direct readers what is new to them, for as long as the process runs."""
        while True:
            more, is_ping, self._is_ping_due = self._more, self._is_ping_due, False
            began = time.monotonic()
            is_behind = await self._tell_all(is_ping=is_ping)
            took = time.monotonic() - began
            await asyncio.sleep(min(took * PAUSE_FOR_EACH_SECOND_OF_TELLING, MOST_PAUSE_SECONDS))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_SECONDS if is_behind else None):
                    await more.wait()

    async def _tell_all(self, *, is_ping: bool) -> bool:
        """Return whether somebody was left behind because the socket did not take it."""
        is_behind = False
        # Most clients are at the same place and watch the same: what they are sent is made once.
        made: dict[tuple[int, frozenset[str] | None, int], bytes] = {}
        for count, reader in enumerate(list(self._readers), start=1):
            newest = self.newest
            if reader.position < newest or is_ping:
                if reader.transport.get_write_buffer_size() > MOST_UNSENT:
                    is_behind = True
                else:
                    told = (reader.position, reader.keys, newest)
                    if told not in made:
                        data = self.after(reader.position, reader.keys)
                        made[told] = _chunk(data or PING) if data or is_ping else b""
                    if made[told] and not reader.transport.is_closing():
                        reader.transport.write(made[told])
                    reader.position = newest
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)
        return is_behind

    @contextlib.contextmanager
    def telling(self, reader: Reader) -> Iterator[None]:
        """Have a client written to while the block runs."""
        self._readers[reader] = None
        self._wake()  # what was said since its position was taken
        try:
            yield
        finally:
            del self._readers[reader]


def _chunk(data: bytes) -> bytes:
    """Return bytes as one chunk of an answer whose length nobody knows (RFC 9112, 7.1)."""
    return b"%x\r\n%b\r\n" % (len(data), data)


class Stream(Response):
    """An SSE answer that reads a ring until its client goes."""

    media_type = "text/event-stream"

    def __init__(
        self,
        ring: Ring,
        *,
        name: str,
        position: int | None,
        first: bytes = b"",
        keys: frozenset[str] | None = None,
        headers: dict[str, str] | None = None,
        open_with: AbstractContextManager[object] | None = None,
    ) -> None:
        super().__init__(
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", **(headers or {})}
        )
        del self.headers["content-length"]
        self._ring = ring
        self._name = name
        self._position = ring.newest if position is None else position
        self._first = first
        self._keys = keys
        self._open_with: AbstractContextManager[object] = open_with or contextlib.nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client disconnects or the server stops."""
        connection: Protocol | None = scope.get("state", {}).get(_CONNECTION)
        is_chunked = scope.get("http_version") == "1.1"
        clients_open.labels(self._name).inc()
        self._ring.readers += 1
        try:
            with self._open_with:
                await send(
                    {
                        "type": "http.response.start",
                        "status": self.status_code,
                        "headers": self.raw_headers,
                    }
                )
                await _send(send, b"retry: 2000\n\n" + self._first)
                if connection is not None and is_chunked:
                    connection.is_stream = True
                    reader = Reader(connection.transport, self._keys, self._position)
                    with self._ring.telling(reader):
                        await _until_gone(receive)
                else:
                    await self._serve(receive, send)
        finally:
            clients_open.labels(self._name).dec()
            self._ring.readers -= 1

    async def _serve(self, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_until_gone(receive))
        writing = asyncio.create_task(self._write(send))
        try:
            await asyncio.wait({gone, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, writing):
                task.cancel()
            await asyncio.gather(gone, writing, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        while True:
            if not await self._ring.wait(self._position):
                await _send(send, PING)
                continue
            newest = self._ring.newest
            data = self._ring.after(self._position, self._keys)
            self._position = newest
            if data:
                await _send(send, data)


async def _send(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def reset(ring: Ring) -> bytes:
    """Return the message that makes a client fetch everything anew."""
    return f"id: {ring.epoch}-{ring.newest}\nevent: reset\ndata: {{}}\n\n".encode()
