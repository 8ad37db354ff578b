"""Live hints and live stock: one listener a process, which reads what changed and tells it once.

Every web process listens to the database for itself, numbers what it hears and keeps the last of
it in a ring (`streams`), from which all its clients are told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass

import psycopg

from yinuo.core.db import Unreachable
from yinuo.core.logs import logger
from yinuo.core.outbox import LIVE_CHANNEL
from yinuo.web.streams import Ring, Stream, reset

PING_SECONDS = 15.0
GATHER_SECONDS = 0.004
# Under load pages are told so often and not at every commit: a figure tells all before it.
PACE_SECONDS = 0.05
# Hints after which what was kept of goods, rules and warehouses no longer holds.
EVERYTHING = frozenset({"catalog", "warehouse"})
FORGETTING = EVERYTHING | {"shop"}
log = logger(__name__)
ShopId = str | None
# Figures of the SKUs whose units a shop's pages show (None: pages of no certain shop).
Watched = Mapping[ShopId, list[str]]
Figures = Mapping[ShopId, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class _Changed:
    """What hints told: SKUs whose units moved, shops whose rules did, or what all figures rest on."""

    skus: list[str]
    shops: set[str]
    is_everything: bool


class Live:
    """The live side of one web process: what it hears from the database, for its clients."""

    def __init__(
        self,
        url: str,
        *,
        read_figures: Callable[[Watched], Figures],
        with_bundles: Callable[[list[str]], list[str]],
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        self._url = url
        self._read_figures = read_figures
        self._with_bundles = with_bundles
        self._forget = forget
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
        works = (self._listen(), self._ping(), self.hints.tell_on(), self.stock.tell_on())
        tasks = [asyncio.create_task(work) for work in works]
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
            self.hints.ping()
            self.stock.ping()

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
            self._forget()  # what changed before we listened was told to nobody here
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
        told = {hint["topic"] for hint in hints}
        if told & FORGETTING:
            self._forget()
        changed = _Changed(
            skus=[hint["id"] for hint in hints if hint["topic"] == "stock"],
            shops={hint["id"] for hint in hints if hint["topic"] == "shop"},
            is_everything=bool(told & EVERYTHING),
        )
        if self._watched and (changed.skus or changed.shops or changed.is_everything):
            await self._tell_stock(changed)

    async def _tell_stock(self, changed: _Changed) -> None:
        wanted = {shop: list(counts) for shop, counts in self._watched.items()}
        figures = await asyncio.to_thread(self._read, changed, wanted)
        self.stock.add(
            (_stock_key(shop, sku), _stock_maker(self.stock.epoch, sku, units))
            for shop, told in figures.items()
            for sku, units in told.items()
        )

    def _read(self, changed: _Changed, wanted: Watched) -> Figures:
        """Return the figures of the wanted SKUs that changed; takes a thread of its own."""
        skus = set(self._with_bundles(changed.skus)) if changed.skus else set()
        watched: dict[ShopId, list[str]] = {
            shop: [
                sku for sku in told if changed.is_everything or shop in changed.shops or sku in skus
            ]
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
