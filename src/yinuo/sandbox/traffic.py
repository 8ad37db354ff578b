"""Make-believe buyers: a seeded stream of orders, payments, second thoughts and refunds.

A third of the buyers pay with Alipay. Of a hundred orders about 86 are paid within seconds, 8 never, 6 are cancelled (half of them after
paying), and 3 of the paid ones ask for money back. Buyers come at random with a set mean rate.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from yinuo.core.logs import logger
from yinuo.sandbox import people
from yinuo.sandbox.shop.desk import Desk
from yinuo.sandbox.shop.model import Basket, Product, ShopRefusal, Wanted
from yinuo.sandbox.shop.payments import PaymentDown
from yinuo.sandbox.state import State

P = ParamSpec("P")
R = TypeVar("R")
_log = logger(__name__)
BUYERS_AT_ONCE = 12
NICKS = ("爱家的小鹿", "晚风", "棉花糖", "阿福", "云朵", "木木", "初夏", "拾光", "暖阳", "小满")


class Plan(msgspec.Struct, frozen=True):
    """How much goes on; kept over restarts. The seed gives the same people and baskets again."""

    orders_per_minute: float = 12.0
    is_running: bool = False
    seed: int = 2026
    odd_addresses: float = 0.0  # the share of addresses that were mixed up elsewhere, 0 to 1


class PlanChange(msgspec.Struct, frozen=True):
    """The body of a change; what is left out stays."""

    orders_per_minute: float | None = None
    is_running: bool | None = None
    seed: int | None = None
    odd_addresses: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """What one buyer will do, decided beforehand; seconds are None for what never happens."""

    basket: Basket
    pays_after: float | None
    cancels_after: float | None
    wants_money_after: float | None


def make_buyer(
    chance: random.Random,
    products: Sequence[Product],
    *,
    number: int,
    odd_addresses: float = 0.0,
) -> Buyer:
    """Return a buyer with one to four products, popular ones more often; pure but for `chance`."""
    wanted: dict[str, int] = {}
    for _ in range(chance.choices((1, 2, 3, 4), (58, 25, 12, 5))[0]):
        at = min(int(chance.paretovariate(1.1) - 1), len(products) - 1)
        product = products[at] if chance.random() < 0.6 else chance.choice(products)
        wanted[product.listing] = chance.choices((1, 2, 3, 6), (80, 14, 4, 2))[0]
    is_odd = odd_addresses > 0 and chance.random() < odd_addresses
    basket = Basket(
        lines=[Wanted(listing, quantity) for listing, quantity in wanted.items()],
        receiver=people.odd_receiver(chance) if is_odd else people.receiver(chance),
        is_as_written=is_odd,
        remark=people.remark(chance),
        buyer_id=f"oSANDBOX{chance.randrange(3000):04d}",
        nick=f"{chance.choice(NICKS)}{number % 100}",
        pays_with="alipay" if number % 3 == 0 else "wechat_pay",
    )
    mood = chance.random()
    pays = None if mood < 0.11 else chance.uniform(0.5, 6)
    cancels = None
    if 0.08 <= mood < 0.11:
        cancels = chance.uniform(4, 20)
    elif 0.11 <= mood < 0.14:
        cancels = chance.uniform(8, 40)
    refunds = chance.uniform(15, 60) if 0.14 <= mood < 0.17 else None
    return Buyer(basket=basket, pays_after=pays, cancels_after=cancels, wants_money_after=refunds)


class Traffic:
    """The stream of buyers of one shop."""

    def __init__(self, state: State, desk: Desk) -> None:
        self._kept = state.collection("shop", "traffic", Plan)
        self._desk = desk
        self.plan = self._kept.get("plan") or Plan()
        self.counts: Counter[str] = Counter()
        self._chance = random.Random(self.plan.seed)  # noqa: S311 - dice, not secrets
        self._changed = asyncio.Event()
        self._threads: anyio.CapacityLimiter | None = None

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of `/control/traffic`."""
        return [
            Route("/control/traffic", self.show, methods=["GET"]),
            Route("/control/traffic", self.change, methods=["PUT", "POST"]),
        ]

    async def show(self, _request: Request) -> Response:
        """Answer the plan, and what the buyers have done since the start."""
        body = {**msgspec.structs.asdict(self.plan), "counts": dict(self.counts)}
        return Response(msgspec.json.encode(body), media_type="application/json")

    async def change(self, request: Request) -> Response:
        """Change the plan; a new seed starts the same people from the beginning."""
        try:
            wish = msgspec.json.decode(await request.body(), type=PlanChange)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _refused()
        given = {
            key: value for key, value in msgspec.structs.asdict(wish).items() if value is not None
        }
        plan = msgspec.structs.replace(self.plan, **given)
        if not (0 <= plan.orders_per_minute <= 60_000 and 0 <= plan.odd_addresses <= 1):
            return _refused()
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
                if not await self._wait_for_next():
                    continue
                self.counts["buyers"] += 1
                buyer = make_buyer(
                    self._chance,
                    self._desk.catalog.products,
                    number=self.counts["buyers"],
                    odd_addresses=self.plan.odd_addresses,
                )
                buyers.create_task(self._live(buyer))

    async def _wait_for_next(self) -> bool:
        """Return True when a buyer is due, False when the plan has changed meanwhile."""
        plan = self.plan
        is_idle = not plan.is_running or plan.orders_per_minute == 0
        wait = 1.0 if is_idle else self._chance.expovariate(plan.orders_per_minute / 60)
        try:
            await asyncio.wait_for(self._changed.wait(), wait)
        except TimeoutError:
            return not is_idle and bool(self._desk.catalog.products)
        return False

    async def _live(self, buyer: Buyer) -> None:
        """Do what one buyer does; what the shop or the provider refuses is counted and let be."""
        try:
            order = await self._off(self._desk.place, buyer.basket)
            self.counts["placed"] += 1
            if buyer.pays_after is not None:
                await asyncio.sleep(buyer.pays_after)
                order = await self._off(self._desk.prepaid, order.number)
                is_paid = await self._off(self._desk.payments.press_pay, order)
                self.counts["paid" if is_paid else "not_paid"] += 1
                await self._off(self._desk.refreshed, order.number)
            if buyer.cancels_after is not None:
                await asyncio.sleep(buyer.cancels_after)
                await self._off(self._desk.cancel, order.number)
                self.counts["cancelled"] += 1
            if buyer.wants_money_after is not None:
                await asyncio.sleep(buyer.wants_money_after)
                await self._off(self._give_back, order.number)
                self.counts["refunded"] += 1
        except ShopRefusal as refusal:
            self.counts[f"refused.{refusal.code}"] += 1
        except PaymentDown:
            self.counts["payment_down"] += 1
        except Exception as error:  # noqa: BLE001 - one buyer's accident must not end the stream
            _log.warning("sandbox_buyer_failed", error=type(error).__name__)
            self.counts["failed"] += 1

    def _give_back(self, number: str) -> None:
        order = self._desk.found(number)
        largest = max(line.amount_fen for line in order.lines)
        self._desk.refund(number, amount_fen=largest, reason="不想要了")

    async def _off(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run in a thread of the buyers' own, so that they never fill those of the shop."""
        return await anyio.to_thread.run_sync(lambda: work(*args, **kwargs), limiter=self._threads)


def _refused() -> Response:
    body = msgspec.json.encode({"error": {"code": "sandbox.bad_traffic"}})
    return Response(body, status_code=422, media_type="application/json")
