"""What people and tests may do and see on Douyin, under `/control/douyin`."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from yinuo.core.errors import JsonValue
from yinuo.sandbox.control import body_of, reply
from yinuo.sandbox.douyin.desk import Desk
from yinuo.sandbox.douyin.gate import Gate, Refusal
from yinuo.sandbox.douyin.model import DyOrder, seconds

MOST_ORDERS = 20_000
MOST_SHOWN = 200
PREFIX = "/control/douyin"


class Wish(msgspec.Struct, frozen=True):
    """The body of a call for orders; the seed gives the same baskets and people again."""

    count: int = 1
    seed: int | None = None
    is_paid: bool = True
    odd_share: float | None = None


class Control:
    """The handlers of `/control/douyin`."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        self._desk = desk
        self._gate = gate
        # What can be done to one order: the last part of its address.
        self._deeds: Mapping[str, Callable[[str], DyOrder]] = {
            "pay": desk.pay,
            "cancel": desk.cancel,
            "ask-refund": desk.ask_refund,
            "close-refund": desk.close_refund,
            "refund": desk.refund,
            "finish": desk.finish,
        }

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes that this stand-in adds to the control API."""
        one = f"{PREFIX}/orders/{{number}}"
        return [
            Route(f"{PREFIX}/orders", self.orders, methods=["GET"]),
            Route(f"{PREFIX}/orders", self.make, methods=["POST"]),
            Route(one, self.order, methods=["GET"]),
            Route(f"{one}/{{deed}}", self.do, methods=["POST"]),
            Route(f"{PREFIX}/books", self.books, methods=["GET"]),
            Route(f"{PREFIX}/token/end", self.end_token, methods=["POST"]),
            Route(f"{PREFIX}/push-check", self.check_push, methods=["POST"]),
        ]

    async def make(self, request: Request) -> Response:
        """Make so many orders; answers their numbers and what the buyers pay together."""
        wish = await body_of(request, Wish)
        if isinstance(wish, Response):
            return wish
        if not 1 <= wish.count <= MOST_ORDERS:
            return _refused("sandbox.bad_body", "count")
        made = await run_in_threadpool(self._make, wish)
        pay: JsonValue = sum(order.pay_fen for order in made)
        return reply({"numbers": [order.number for order in made], "pay_fen": pay}, status=201)

    async def orders(self, _request: Request) -> Response:
        """Answer the last changed orders, newest first, without receivers."""
        return reply({"items": self.newest(MOST_SHOWN), "count": len(self._desk.ledger)})

    async def order(self, request: Request) -> Response:
        """Answer one order, without its receiver."""
        try:
            order = await run_in_threadpool(self._desk.found, str(request.path_params["number"]))
        except Refusal as refusal:
            return _refused("sandbox.unknown_order", refusal.message, status=404)
        return reply(shown(order))

    async def do(self, request: Request) -> Response:
        """Do something to an order; answers it as it is then."""
        deed = self._deeds.get(str(request.path_params["deed"]))
        if deed is None:
            return _refused("sandbox.unknown_deed", ", ".join(self._deeds), status=404)
        try:
            order = await run_in_threadpool(deed, str(request.path_params["number"]))
        except Refusal as refusal:
            return _refused("sandbox.not_now", refusal.message, status=409)
        return reply(shown(order))

    async def books(self, _request: Request) -> Response:
        """Answer each day's orders and money, by Beijing's calendar."""
        return reply({"days": await run_in_threadpool(self._desk.ledger.books)})

    async def end_token(self, _request: Request) -> Response:
        """Let the present access token end now."""
        await run_in_threadpool(self._gate.end_token)
        return reply({"ok": True})

    async def check_push(self, _request: Request) -> Response:
        """Send the hub what the platform sends when its address is entered."""
        await run_in_threadpool(self._desk.pushes.check_address)
        return reply({"ok": True})

    def newest(self, most: int) -> list[JsonValue]:
        """Return the last changed orders, newest first, without receivers."""
        return [shown(order) for order in self._desk.ledger.newest(most)]

    def _make(self, wish: Wish) -> list[DyOrder]:
        seed = random.SystemRandom().getrandbits(60) if wish.seed is None else wish.seed
        chance = random.Random(seed)  # noqa: S311 - dice, not secrets
        made = (
            self._desk.place(chance, odd_share=wish.odd_share, is_paid=wish.is_paid)
            for _ in range(wish.count)
        )
        return [order for order in made if order is not None]


def shown(order: DyOrder) -> dict[str, JsonValue]:
    """Return where an order stands, without its receiver."""
    return {
        "order_id": order.number,
        "order_status": order.status,
        "update_time": seconds(order.changed_at),
        "pay_time": seconds(order.paid_at),
        "pay_amount": order.pay_fen,
        "after_sale_status": order.after_sale,
        "refund_status": order.refund,
        "seller_words": order.seller_words,
        "seller_remark_stars": order.stars,
        "lines": {line.code: line.count for line in order.lines},
        "waybills": [one.tracking_no for one in order.parcels],
    }


def _refused(code: str, message: str, *, status: int = 422) -> Response:
    return reply({"error": {"code": code, "message": message}}, status=status)
