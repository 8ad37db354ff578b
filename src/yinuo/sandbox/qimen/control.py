"""What people and tests may set and see in the WMS stand-in, under `/control/qimen`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from yinuo.core.errors import JsonValue
from yinuo.core.ids import new_id
from yinuo.sandbox.control import body_of, refusal, reply
from yinuo.sandbox.qimen.orders import WmsOrder
from yinuo.sandbox.qimen.stock import GOOD, Hold, Move, Shelf, Uncovered
from yinuo.sandbox.qimen.switches import SwitchChange, Switches
from yinuo.sandbox.qimen.warehouse import Warehouse

MOST_SHOWN = 1000


class StockLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Units in a warehouse (all of them, frozen ones included), or by how many a count differs."""

    warehouse_code: str
    item_code: str
    quantity: int
    inventory_type: str = GOOD


class Control:
    """The handlers of `/control/qimen`; `counted` is told of differences that were booked."""

    def __init__(
        self,
        warehouse: Warehouse,
        switches: Switches,
        *,
        counted: Callable[[Sequence[Move], str], None],
    ) -> None:
        self._warehouse = warehouse
        self._switches = switches
        self._tell_counted = counted

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes that this stand-in adds to the control API."""
        return [
            Route("/control/qimen/stock", self.stock, methods=["GET"]),
            Route("/control/qimen/stock", self.set_stock, methods=["PUT"]),
            Route("/control/qimen/count", self.count, methods=["POST"]),
            Route("/control/qimen/settings", self.set_switches, methods=["PUT"]),
            Route("/control/qimen/orders/{code}", self.order, methods=["GET"]),
            Route("/control/qimen/orders/{code}/step", self.step, methods=["POST"]),
            Route("/control/qimen/holds/{code}", self.hold, methods=["GET"]),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return holds and orders by code, the newest thousand of each, and units per warehouse."""
        orders_total, holds_total = self._warehouse.totals()
        units: dict[str, dict[str, int]] = {}
        for shelf in self._warehouse.all_shelves():
            here = units.setdefault(shelf.warehouse, {"free": 0, "frozen": 0})
            here["free"] += shelf.free
            here["frozen"] += shelf.frozen
        orders = self._warehouse.newest_orders(MOST_SHOWN)
        holds = self._warehouse.newest_holds(MOST_SHOWN)
        shown: dict[str, JsonValue] = msgspec.to_builtins(
            {
                "orders_total": orders_total,
                "orders": {one.key: order_of(one.value) for one in orders},
                "holds_total": holds_total,
                "holds": {one.key: hold_of(one.value) for one in holds},
                "stock": units,
                "settings": self._switches.now(),
            }
        )
        return shown

    async def stock(self, request: Request) -> Response:
        """Answer the shelves of `itemCodes`, or all."""
        codes = [code for code in request.query_params.get("itemCodes", "").split(",") if code]
        found = await run_in_threadpool(
            lambda: self._warehouse.shelves(codes) if codes else self._warehouse.all_shelves()
        )
        items = [
            {
                "warehouseCode": one.warehouse,
                "itemCode": one.item,
                "inventoryType": one.inventory_type,
                "quantity": one.free,
                "lockQuantity": one.frozen,
            }
            for one in found
        ]
        return reply({"items": items})

    async def set_stock(self, request: Request) -> Response:
        """Set units: a list of {warehouseCode, itemCode, quantity, inventoryType?}."""
        lines = await body_of(request, list[StockLine])
        if isinstance(lines, Response):
            return lines
        found = [
            Shelf(one.warehouse_code, one.item_code, one.quantity, 0, one.inventory_type)
            for one in lines
        ]
        refused = await run_in_threadpool(self._warehouse.seed, found)
        names = [f"{one.warehouse}/{one.item}" for one in refused]
        return reply({"kept": len(found) - len(refused), "refused": names})

    async def count(self, request: Request) -> Response:
        """Book counted differences (quantity +/-) and report them to the hub."""
        lines = await body_of(request, list[StockLine])
        if isinstance(lines, Response):
            return lines
        moves = [
            Move(one.warehouse_code, one.item_code, one.quantity, 0, one.inventory_type)
            for one in lines
        ]
        key = new_id("PD")
        try:
            await run_in_threadpool(self._warehouse.count, moves)
        except Uncovered as error:
            return refusal(error)
        await run_in_threadpool(self._tell_counted, moves, key)
        return reply({"outBizCode": key})

    async def set_switches(self, request: Request) -> Response:
        """Change some settings; answers all of them."""
        change = await body_of(request, SwitchChange)
        if isinstance(change, Response):
            return change
        return reply(await run_in_threadpool(self._switches.change, change))

    async def order(self, request: Request) -> Response:
        """Answer one delivery order with its way until now."""
        found = await run_in_threadpool(self._warehouse.order, request.path_params["code"])
        return _not_found() if found is None else reply(order_of(found))

    async def step(self, request: Request) -> Response:
        """Let one delivery order take its next step at once."""
        found = await run_in_threadpool(self._warehouse.step, request.path_params["code"])
        return _not_found() if found is None else reply(order_of(found))

    async def hold(self, request: Request) -> Response:
        """Answer one hold."""
        found = await run_in_threadpool(self._warehouse.hold, request.path_params["code"])
        return _not_found() if found is None else reply(hold_of(found))


def order_of(order: WmsOrder) -> dict[str, object]:
    """Return an order as people read it."""
    return {
        "order_id": order.order_id,
        "status": order.status.value,
        "warehouse": order.warehouse,
        "carrier": order.carrier,
        "express_code": order.express_code,
        "is_pending": order.is_pending,
        "lines": [{"item": line.item, "quantity": line.quantity} for line in order.lines],
        "processes": [{"status": one.status.value, "at": one.at} for one in order.processes],
    }


def hold_of(hold: Hold) -> dict[str, object]:
    """Return a hold as people read it."""
    return {
        "state": hold.state.value,
        "lines": [
            {"item": line.item, "quantity": line.quantity, "warehouse": line.warehouse}
            for line in hold.lines
        ],
        "expires_at": hold.expires_at,
    }


def _not_found() -> Response:
    return reply({"error": {"code": "sandbox.not_there"}}, status=404)
