"""A seeded stream of buyers on Douyin: none until it is told to run."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from yinuo.core.logs import logger
from yinuo.sandbox.control import body_of, reply
from yinuo.sandbox.douyin.desk import Desk
from yinuo.sandbox.douyin.gate import Refusal
from yinuo.sandbox.douyin.model import DyOrder
from yinuo.sandbox.douyin.pushes import NAME
from yinuo.sandbox.state import State

_log = logger(__name__)
BUYERS_AT_ONCE = 8
PATH = "/control/douyin/traffic"


class Plan(msgspec.Struct, frozen=True):
    """How much goes on; kept over restarts. The seed gives the same baskets and people again."""

    orders_per_minute: float = 0.0
    is_running: bool = False
    seed: int = 2026


class PlanChange(msgspec.Struct, frozen=True):
    """The body of a change; what is left out stays."""

    orders_per_minute: float | None = None
    is_running: bool | None = None
    seed: int | None = None


class Stream:
    """The buyers of the shop on Douyin.

    Of a hundred orders twenty are paid a while later and four of those never; in three a refund is
    asked for, of which every other one is given.
    """

    def __init__(self, state: State, desk: Desk) -> None:
        self._kept = state.collection(NAME, "traffic", Plan)
        self._desk = desk
        self.plan = self._kept.get("plan") or Plan()
        self.counts: Counter[str] = Counter()
        self._chance = random.Random(self.plan.seed)  # noqa: S311 - dice, not secrets
        self._changed = asyncio.Event()
        self._threads: anyio.CapacityLimiter | None = None

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the stream's own control."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.change, methods=["PUT", "POST"]),
        ]

    async def show(self, _request: Request) -> Response:
        """Answer the plan, and what the buyers have done since the start."""
        return reply({**msgspec.structs.asdict(self.plan), "counts": dict(self.counts)})

    async def change(self, request: Request) -> Response:
        """Change the plan; a new seed starts the same buyers from the beginning."""
        wish = await body_of(request, PlanChange)
        if isinstance(wish, Response):
            return wish
        given = {
            key: value for key, value in msgspec.structs.asdict(wish).items() if value is not None
        }
        plan = msgspec.structs.replace(self.plan, **given)
        if not 0 <= plan.orders_per_minute <= 60_000:
            return reply({"error": {"code": "sandbox.bad_traffic"}}, status=422)
        await asyncio.to_thread(self._kept.put, "plan", plan)
        if wish.seed is not None:
            self._chance = random.Random(plan.seed)  # noqa: S311 - dice, not secrets
        self.plan = plan
        self._changed.set()
        return await self.show(request)

    async def run(self) -> None:
        """Send buyers as the plan says, until cancelled."""
        self._changed = asyncio.Event()
        self._threads = anyio.CapacityLimiter(BUYERS_AT_ONCE)
        async with asyncio.TaskGroup() as buyers:
            while True:
                self._changed.clear()
                if await self._wait_for_next():
                    seed = self._chance.randrange(2**60)
                    buyers.create_task(self._live(random.Random(seed)))  # noqa: S311 - dice

    async def _wait_for_next(self) -> bool:
        """Return True when a buyer is due, False when the plan has changed meanwhile."""
        plan = self.plan
        is_idle = not plan.is_running or plan.orders_per_minute == 0
        wait = 1.0 if is_idle else self._chance.expovariate(plan.orders_per_minute / 60)
        try:
            await asyncio.wait_for(self._changed.wait(), wait)
        except TimeoutError:
            return not is_idle and bool(self._desk.products)
        return False

    async def _live(self, chance: random.Random) -> None:
        """Do what one buyer does; what the platform refuses is counted and let be."""
        try:
            await self._buy(chance)
        except Refusal as refusal:
            self.counts[f"refused.{refusal.code}"] += 1
        except Exception as error:  # noqa: BLE001 - one buyer's accident must not end the stream
            _log.warning("sandbox_buyer_failed", error=type(error).__name__)
            self.counts["failed"] += 1

    async def _buy(self, chance: random.Random) -> None:
        mood = chance.random()
        pays_later = mood < 0.2
        order = await self._off(lambda: self._desk.place(chance, is_paid=not pays_later))
        if order is None:
            self.counts["sold_out"] += 1
            return
        self.counts["placed"] += 1
        if pays_later:
            await asyncio.sleep(chance.uniform(2, 20))
            deed, word = (
                (self._desk.cancel, "cancelled") if mood < 0.04 else (self._desk.pay, "paid")
            )
            await self._do(deed, order, word)
        elif mood > 0.97:
            await asyncio.sleep(chance.uniform(10, 40))
            await self._do(self._desk.ask_refund, order, "refund_asked")
            await asyncio.sleep(chance.uniform(5, 20))
            if mood > 0.985:
                await self._do(self._desk.refund, order, "refunded")
            else:
                await self._do(self._desk.close_refund, order, "refund_closed")

    async def _do(self, deed: Callable[[str], DyOrder], order: DyOrder, word: str) -> None:
        await self._off(lambda: deed(order.number))
        self.counts[word] += 1

    async def _off(self, work: Callable[[], DyOrder | None]) -> DyOrder | None:
        """Run in a thread of the buyers' own, so that they never fill those of the platform."""
        return await anyio.to_thread.run_sync(work, limiter=self._threads)
