"""Live hints and live stock over SSE: one listener a process, shared bytes, no queue per client.

Every web process listens to the database for itself, numbers what it hears and keeps the last of
it in a ring. A client is a position in the ring: it is sent what lies behind its position when its
own socket takes it, so a slow one holds nobody. Numbers carry the process's epoch; a client that
comes back with a number of this epoch that is still in the ring goes on from there, any other is
told to fetch everything anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import psycopg
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from yinuo.core.db import Unreachable
from yinuo.core.logs import logger
from yinuo.core.metrics import Gauge
from yinuo.core.outbox import LIVE_CHANNEL

PING_SECONDS = 15.0
GATHER_SECONDS = 0.01
# Under load pages are told so often and not at every commit: a figure tells all before it.
PACE_SECONDS = 0.03
RING_LENGTH = 8192
log = logger(__name__)
ShopId = str | None
# Figures of the SKUs whose units a shop's pages show (None: pages of no certain shop).
Watched = Mapping[ShopId, list[str]]
Figures = Mapping[ShopId, Mapping[str, int]]
clients_open = Gauge("yinuo_live_clients", "Open live streams", ["stream"])


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    key: str
    data: bytes


class Ring:
    """The last things said, numbered; readers wait for more without a queue of their own."""

    def __init__(self, *, length: int = RING_LENGTH) -> None:
        self.epoch = secrets.token_hex(4)
        self._entries: deque[_Entry] = deque(maxlen=length)
        self._next = 1
        self._more = asyncio.Event()
        self.readers = 0

    @property
    def newest(self) -> int:
        """Return the number of the newest entry, 0 when nothing was said yet."""
        return self._next - 1

    def add(self, items: Iterable[tuple[str, Callable[[int], bytes]]]) -> None:
        """Append entries (key and a maker of bytes from the number) and wake all readers."""
        for key, make in items:
            self._entries.append(_Entry(self._next, key, make(self._next)))
            self._next += 1
        self.wake()

    def wake(self) -> None:
        """Let all readers look; those that find nothing new send a sign of life."""
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
        """Return the joined bytes of all entries after a position (of these keys, if given)."""
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send until the client disconnects or the server stops."""
        with self._open_with:
            await self._serve(receive, send)

    async def _serve(self, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        gone = asyncio.create_task(_until_gone(receive))
        writing = asyncio.create_task(self._write(send))
        clients_open.labels(self._name).inc()
        self._ring.readers += 1
        try:
            await asyncio.wait({gone, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            clients_open.labels(self._name).dec()
            self._ring.readers -= 1
            for task in (gone, writing):
                task.cancel()
            await asyncio.gather(gone, writing, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        await _send(send, b"retry: 2000\n\n" + self._first)
        while True:
            if not await self._ring.wait(self._position):
                await _send(send, b": ping\n\n")
                continue
            if not self._ring.has_after(self._position):
                self._position = self._ring.newest
                await _send(send, reset(self._ring))
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


class Live:
    """The live side of one web process: what it hears from the database, for its clients."""

    def __init__(
        self,
        url: str,
        *,
        read_figures: Callable[[Watched], Figures],
        with_bundles: Callable[[list[str]], list[str]],
    ) -> None:
        self._url = url
        self._read_figures = read_figures
        self._with_bundles = with_bundles
        self._watched: defaultdict[ShopId, Counter[str]] = defaultdict(Counter)
        self.hints = Ring()
        self.stock = Ring()

    @property
    def watched(self) -> int:
        """Return how many figures are read at each change: of every shop's SKUs, each once."""
        return sum(len(counts) for counts in self._watched.values())

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen while the block runs."""
        tasks = [asyncio.create_task(work) for work in (self._listen(), self._ping())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ping(self) -> None:
        """Let every stream send a sign of life now and then, so that nobody between closes it."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            self.hints.wake()
            self.stock.wake()

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_connected()
            except (psycopg.OperationalError, *Unreachable) as error:
                log.warning("live_lost_database", error=type(error).__name__)
                await asyncio.sleep(1.0)
                # What was said meanwhile is lost to us: everybody fetches anew.
                self.hints.add([("", lambda _: reset(self.hints))])

    async def _listen_connected(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {LIVE_CHANNEL}")
            while True:
                # The first one opens a short window in which equal hints become one.
                heard = [notice.payload async for notice in connection.notifies(stop_after=1)]
                heard += [
                    notice.payload async for notice in connection.notifies(timeout=GATHER_SECONDS)
                ]
                began = time.monotonic()
                await self._tell(list(dict.fromkeys(heard)))
                await asyncio.sleep(max(0.0, began + PACE_SECONDS - time.monotonic()))

    async def _tell(self, payloads: list[str]) -> None:
        hints = [json.loads(payload) for payload in payloads]
        self.hints.add((hint["topic"], _hint_maker(self.hints.epoch, hint)) for hint in hints)
        skus = [hint["id"] for hint in hints if hint["topic"] == "stock"]
        shops = {hint["id"] for hint in hints if hint["topic"] == "shop"}
        if (skus or shops) and self._watched:
            await self._tell_stock(skus, shops)

    async def _tell_stock(self, skus: list[str], shops: set[str]) -> None:
        wanted = {shop: list(counts) for shop, counts in self._watched.items()}
        figures = await asyncio.to_thread(self._changed, skus, shops, wanted)
        self.stock.add(
            (_stock_key(shop, sku), _stock_maker(self.stock.epoch, sku, units))
            for shop, told in figures.items()
            for sku, units in told.items()
        )

    def _changed(self, skus: list[str], shops: set[str], wanted: Watched) -> Figures:
        """Return the figures of the wanted SKUs that changed; takes a thread of its own."""
        changed = set(self._with_bundles(skus)) if skus else set()
        watched: dict[ShopId, list[str]] = {
            shop: [sku for sku in told if shop in shops or sku in changed]
            for shop, told in wanted.items()
        }
        return self._read_figures(watched)

    async def stock_stream(self, skus: list[str], *, shop_id: ShopId = None) -> Stream:
        """Return a stream of the units of SKUs that a shop shows, beginning with those now.

        Raises UnknownShop.
        """
        position = self.stock.newest  # before reading: what changes meanwhile is sent again
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._watch(shop_id, skus))
            figures = await asyncio.to_thread(self._read_figures, {shop_id: skus})
            watching = stack.pop_all()
        first = b"".join(
            _stock_maker(self.stock.epoch, sku, units)(position)
            for sku, units in figures[shop_id].items()
        )
        return Stream(
            self.stock,
            name="stock",
            position=position,
            first=first,
            keys=frozenset(_stock_key(shop_id, sku) for sku in skus),
            headers={"Access-Control-Allow-Origin": "*"},
            open_with=watching,
        )

    @contextlib.contextmanager
    def _watch(self, shop_id: ShopId, skus: list[str]) -> Iterator[None]:
        """Have the units of these SKUs read at each change while the block runs."""
        self._watched[shop_id].update(skus)
        try:
            yield
        finally:
            left = self._watched[shop_id] - Counter(skus)
            if left:
                self._watched[shop_id] = left
            else:
                del self._watched[shop_id]

    def hint_stream(self, last_event_id: str | None) -> Stream:
        """Return a stream of hints that goes on behind the last one seen, or says to start anew."""
        position = self.hints.position_of(last_event_id)
        first = reset(self.hints) if position is None and last_event_id else b""
        hello = f"id: {self.hints.epoch}-{self.hints.newest}\nevent: hello\ndata: {{}}\n\n"
        return Stream(
            self.hints,
            name="hints",
            position=position,
            first=first or (hello.encode() if position is None else b""),
        )


def _stock_key(shop_id: ShopId, sku: str) -> str:
    return sku if shop_id is None else f"{shop_id}\n{sku}"


def _hint_maker(epoch: str, hint: dict[str, str]) -> Callable[[int], bytes]:
    def make(number: int) -> bytes:
        data = json.dumps({**hint, "v": number}, ensure_ascii=False, separators=(",", ":"))
        return f"id: {epoch}-{number}\nevent: hint\ndata: {data}\n\n".encode()

    return make


def _stock_maker(epoch: str, sku: str, units: int) -> Callable[[int], bytes]:
    def make(number: int) -> bytes:
        data = json.dumps(
            {"sku": sku, "sellable": units, "v": number}, ensure_ascii=False, separators=(",", ":")
        )
        return f"id: {epoch}-{number}\nevent: stock\ndata: {data}\n\n".encode()

    return make
