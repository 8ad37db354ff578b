"""The back end that the hub calls, signed: orders, shipments, stock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from starlette.routing import BaseRoute

from yinuo.core.errors import Invalid
from yinuo.core.paging import clamp_limit, decode_cursor, encode_cursor
from yinuo.sandbox.exchange import Answer, Incoming, Kit, json_answer
from yinuo.sandbox.kernel import route
from yinuo.sandbox.shop.desk import Desk
from yinuo.sandbox.shop.model import Catalog, Parcel, ShopOrder, ShopRefusal, told_order
from yinuo.sandbox.shop.signing import Doorkeeper

T = TypeVar("T")
PREFIX = "/shop/backend"
OPERATIONS = ("orders.list", "orders.get", "shipments.put", "stock.put")


class StockLine(msgspec.Struct, frozen=True):
    """Sellable units of one SKU."""

    sku: str
    quantity: int


class StockPush(msgspec.Struct, frozen=True):
    """Absolute figures under one version."""

    version: int
    lines: list[StockLine]


class Backend:
    """The signed endpoints; the catalogue's is for the demo and has no signature."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._door = Doorkeeper(desk.settings.secret)

    def routes(self, kit: Kit) -> Sequence[BaseRoute]:
        """Return the routes below the prefix."""
        one = f"{PREFIX}/orders/{{number}}"
        get, put = ("GET",), ("PUT",)
        guard = self._guarded
        return [
            route(kit, f"{PREFIX}/orders", "orders.list", guard(self.orders), methods=get),
            route(kit, one, "orders.get", guard(self.order), methods=get),
            route(kit, f"{one}/shipments", "shipments.put", guard(self.shipment)),
            route(kit, f"{PREFIX}/stock", "stock.put", guard(self.stock), methods=("POST", "PUT")),
            route(kit, f"{PREFIX}/catalog", "catalog.put", friendly(self.catalog), methods=put),
        ]

    def orders(self, incoming: Incoming) -> Answer:
        """Answer orders changed in a window, oldest change first, a page at a time."""
        since = _moment(incoming.query.get("since"))
        until = _moment(incoming.query.get("until"))
        limit = clamp_limit(_whole(incoming.query.get("limit", "100")))
        found = self._desk.orders.changed(
            since=since,
            until=until,
            after=_after(incoming.query.get("cursor"), since),
            limit=limit + 1,
        )
        page = found[:limit]
        cursor = None
        if len(found) > limit:
            cursor = encode_cursor([page[-1].updated_at.isoformat(), page[-1].key])
        orders = [told_order(stored.value) for stored in page]
        return json_answer({"orders": orders, "next_cursor": cursor})

    def order(self, incoming: Incoming) -> Answer:
        """Answer one order."""
        order = self._desk.found(incoming.path["number"])
        return json_answer(told_order(order), reference=order.number)

    def shipment(self, incoming: Incoming) -> Answer:
        """Take a shipping notice."""
        parcel = _body(incoming, Parcel)
        if not parcel.waybill.strip() or not parcel.carrier.strip():
            raise ShopRefusal("bad_parcel", "运单号和承运商不能为空")
        order: ShopOrder = self._desk.ship(incoming.path["number"], parcel)
        return json_answer({"parcels": len(order.parcels)}, reference=order.number)

    def stock(self, incoming: Incoming) -> Answer:
        """Take absolute stock; figures of an older version are left aside."""
        push = _body(incoming, StockPush)
        if push.version < 1 or any(line.quantity < 0 for line in push.lines):
            raise ShopRefusal("bad_stock", "版本和数量不能为负")
        quantities = {line.sku: line.quantity for line in push.lines}
        shown = self._desk.take_stock(push.version, quantities)
        return json_answer({"version": shown}, reference=f"v{push.version}")

    def catalog(self, incoming: Incoming) -> Answer:
        """Take a whole catalogue in place of the present one."""
        catalog = _body(incoming, Catalog)
        self._desk.set_catalog(catalog)
        return json_answer({"products": len(catalog.products)})

    def _guarded(self, handler: Callable[[Incoming], Answer]) -> Callable[[Incoming], Answer]:
        def answer(incoming: Incoming) -> Answer:
            objection = self._door.objection(
                incoming.method, incoming.target, headers=incoming.headers, body=incoming.body
            )
            if objection is not None:
                return refused(ShopRefusal(objection, "签名无效", status=401))
            return handler(incoming)

        return friendly(answer)


def friendly(handler: Callable[[Incoming], Answer]) -> Callable[[Incoming], Answer]:
    """Return the handler with the shop's refusals turned into its error answers."""

    def answer(incoming: Incoming) -> Answer:
        try:
            return handler(incoming)
        except ShopRefusal as refusal:
            return refused(refusal)

    return answer


def refused(refusal: ShopRefusal) -> Answer:
    """Return the shop's envelope of an error."""
    body = {"error": {"code": refusal.code, "message": refusal.message}}
    return json_answer(body, status=refusal.status, code=refusal.code)


def failure(_incoming: Incoming, code: str | None) -> Answer:
    """Return the answer of an error fault: 503, or the HTTP status that the code names."""
    status = int(code) if code in {"400", "404", "409", "422", "429", "500", "502"} else 503
    return refused(ShopRefusal(code or "busy", "系统繁忙，请稍后再试", status=status))


def _body(incoming: Incoming, of: type[T]) -> T:
    try:
        return msgspec.json.decode(incoming.body, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ShopRefusal("bad_body", str(error)) from None


def _moment(text: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        raise ShopRefusal("bad_time", "时间格式错误") from None
    if moment.tzinfo is None:
        raise ShopRefusal("bad_time", "时间必须带时区")
    return moment.astimezone(UTC)


def _whole(text: str) -> int:
    try:
        return int(text[:9])
    except ValueError:
        raise ShopRefusal("bad_limit", "分页大小错误") from None


def _after(cursor: str | None, since: datetime) -> tuple[datetime, str]:
    if not cursor:
        return (since, "")
    try:
        at, key = decode_cursor(cursor, length=2)
    except Invalid:
        raise ShopRefusal("bad_cursor", "游标错误") from None
    return (_moment(str(at)), str(key))
