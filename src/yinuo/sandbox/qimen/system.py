"""The route of the WMS stand-in: one address, the method in the query, everything signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from starlette.routing import BaseRoute

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.sandbox.agenda import tend
from yinuo.sandbox.exchange import Answer, Incoming
from yinuo.sandbox.kernel import Kernel, route
from yinuo.sandbox.qimen import replies, requests
from yinuo.sandbox.qimen.control import Control
from yinuo.sandbox.qimen.orders import Status, WmsOrder
from yinuo.sandbox.qimen.reports import METHODS, Reports
from yinuo.sandbox.qimen.signing import bare_method, is_fresh, is_signed
from yinuo.sandbox.qimen.stock import GOOD, Move, Refusal, Shelf
from yinuo.sandbox.qimen.switches import Switches
from yinuo.sandbox.qimen.warehouse import Warehouse
from yinuo.sandbox.qimen.xml import BadXml, Element, fields, node, parse, render, response, text

PATH = "/qimen/router/qimen/service"
XML = "text/xml;charset=utf-8"
NEEDED = ("method", "timestamp", "format", "app_key", "v", "sign_method", "customerId", "sign")
MOST_A_PAGE = 100
MOST_CRITERIA = 100


@runtime_checkable
class Books(Protocol):
    """The ERP as the warehouse knows it: somebody who is told of movements, later."""

    def book_later(
        self, key: str, *, number: str, movements: Sequence[tuple[str, str, int]]
    ) -> None:
        """Let the books know of (item, stock, units) movements after their usual delay."""


class Qimen:
    """A warehouse system behind the Qimen gateway."""

    name = "qimen"
    label = "奇门 WMS"

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._settings = kernel.settings.qimen
        self.switches = Switches(kernel.state, self._settings)
        self.reports = Reports(kernel)
        self.warehouse = Warehouse(kernel, self.switches, reached=self._reached)
        self._control = Control(self.warehouse, self.switches, counted=self._counted)
        self._methods: Mapping[str, Callable[[Element], bytes]] = {
            "inventoryreserve.create": self._reserve,
            "inventoryreserve.cancel": self._cancel_hold,
            "inventory.query": self._inventory,
            "stock.query": self._stock,
            "deliveryorder.create": self._send,
            "deliveryorder.query": self._order,
            "orderprocess.query": self._processes,
            "order.cancel": self._cancel_order,
            "order.pending": self._pend,
        }
        self.operations: Sequence[str] = (*self._methods, *METHODS)
        kernel.background.append(lambda: tend(self.warehouse.tick))

    def routes(self) -> Sequence[BaseRoute]:
        """Return the gateway's address and what the control API adds."""
        kit = self._kernel.kit(self.name, failure=self._failure)
        return [route(kit, PATH, _operation, self._call), *self._control.routes()]

    def summary(self) -> dict[str, JsonValue]:
        """Return holds and delivery orders by number, and units per warehouse."""
        return self._control.summary()

    def _reached(self, order: WmsOrder) -> None:
        self.reports.reached(order)
        if order.status is Status.DELIVERED:
            left = [
                (line.item, order.warehouse, -line.quantity)
                for line in order.lines
                if line.inventory_type == GOOD
            ]
            self._book(f"ship-{order.code}", left, number=order.code)

    def _counted(self, moves: Sequence[Move], key: str) -> None:
        self.reports.changed(moves, key=key, at=clock.now())
        found = [
            (move.item, move.warehouse, move.free) for move in moves if move.inventory_type == GOOD
        ]
        self._book(key, found, number="")

    def _book(self, key: str, movements: Sequence[tuple[str, str, int]], *, number: str) -> None:
        books = self._kernel.systems.get("kingdee")
        if movements and isinstance(books, Books):
            books.book_later(key, number=number, movements=movements)

    def _call(self, incoming: Incoming) -> Answer:
        refusal = self._gate(incoming)
        if refusal is not None:
            return _answer(replies.refused(refusal))
        root = parse(incoming.body)
        if isinstance(root, BadXml):
            return _answer(replies.refused(Refusal("isv.invalid-xml", root.reason)))
        reference = _reference(root)
        return _answer(self._methods[_operation(incoming)](root), reference=reference)

    def _gate(self, incoming: Incoming) -> Refusal | None:
        """Return why the gateway lets a call not through, in the order in which it looks."""
        query = incoming.query
        expected = {
            "format": "xml",
            "v": "2.0",
            "app_key": self._settings.app_key,
            "customerId": self._settings.customer_id,
        }
        if absent := [name for name in NEEDED if not query.get(name)]:
            return requests.incomplete(absent)
        if wrong := [name for name, value in expected.items() if query[name] != value]:
            return Refusal("isv.invalid-parameter", f"参数不正确: {','.join(wrong)}")
        if not is_signed(query, incoming.body, secret=self._settings.secret):
            return Refusal("sign-check-failure", "Illegal request")
        if not is_fresh(query["timestamp"], now=clock.now()):
            return Refusal("isv.invalid-timestamp", "timestamp 超出允许范围")
        if _operation(incoming) not in self._methods:
            return Refusal("isv.invalid-method", "不支持的 method")
        return None

    def _failure(self, incoming: Incoming, code: str | None) -> Answer:
        """Return an error on demand: `http503`, `isp.…` (the gateway's own), else a failure.

        Without a code the system is busy and asks to come again.
        """
        named = code or "system-busy"
        if named.startswith("http"):
            status = named.removeprefix("http")
            return Answer(status=int(status) if status.isdigit() else 503, code=named)
        if named.startswith("isp."):
            told = fields(code="15", msg="Remote service error", sub_code=named)
            return Answer(
                body=render(node("error_response", *told)),
                content_type=XML,
                code=named,
                outcome="failed",
            )
        is_retry = "N" if code else "Y"
        body = response(
            *fields(isRetry=is_retry), flag="failure", code=named, message="系统繁忙，请稍后重试"
        )
        return _answer(body, reference=incoming.query.get("method"))

    def _reserve(self, root: Element) -> bytes:
        request = requests.reserve_request(root)
        if isinstance(request, Refusal):
            return replies.not_reserved(text(root, "orderCode"), request)
        if request.owner_code != self._settings.owner_code:
            return replies.not_reserved(request.order_code, self._no_owner())
        change = self.warehouse.reserve(request)
        if isinstance(change, Refusal):
            return replies.not_reserved(request.order_code, change)
        return replies.reserved(change.hold, is_repeat=change.is_repeat)

    def _cancel_hold(self, root: Element) -> bytes:
        lines = requests.wanted_lines(root)
        if isinstance(lines, Refusal):
            return replies.refused(lines)
        if refusal := self._needs(root, "orderCode", "ownerCode", "orderSource"):
            return replies.hold_not_cancelled(lines, refusal)
        change = self.warehouse.cancel_hold(text(root, "orderCode"), lines)
        if isinstance(change, Refusal):
            return replies.hold_not_cancelled(lines, change)
        return replies.hold_cancelled(lines, is_repeat=change.is_repeat)

    def _inventory(self, root: Element) -> bytes:
        criteria = root.findall("criteriaList/criteria")
        if not criteria or len(criteria) > MOST_CRITERIA:
            return replies.refused(
                Refusal("isv.invalid-parameter", f"criteria 应为 1 到 {MOST_CRITERIA} 条")
            )
        for one in criteria:
            if refusal := self._needs(one, "ownerCode", "itemCode"):
                return replies.refused(refusal)
        shelves = self.warehouse.shelves([text(one, "itemCode") for one in criteria])
        found = [one for one in shelves if any(_matches(one, wanted) for wanted in criteria)]
        return replies.stock(found)

    def _stock(self, root: Element) -> bytes:
        if refusal := self._needs(root, "ownerCode", "itemCode", "page", "pageSize"):
            return replies.refused(refusal)
        page, size = requests.units(text(root, "page")), requests.units(text(root, "pageSize"))
        if page is None or size is None or size > MOST_A_PAGE:
            return replies.refused(
                Refusal("isv.invalid-parameter", f"page 从 1 开始，pageSize 最大 {MOST_A_PAGE}")
            )
        shelves = self.warehouse.shelves([text(root, "itemCode")])
        found = [one for one in shelves if _matches(one, root)]
        return replies.stock(found[(page - 1) * size : page * size], total=len(found))

    def _send(self, root: Element) -> bytes:
        request = requests.send_request(root)
        if isinstance(request, Refusal):
            return replies.refused(request)
        if request.owner_code != self._settings.owner_code:
            return replies.refused(self._no_owner())
        change = self.warehouse.send(request)
        if isinstance(change, Refusal):
            return replies.refused(change)
        return replies.accepted(change.order, is_repeat=change.is_repeat)

    def _order(self, root: Element) -> bytes:
        order = self._named(root)
        return replies.refused(order) if isinstance(order, Refusal) else replies.order_state(order)

    def _processes(self, root: Element) -> bytes:
        order = self._named(root)
        return replies.refused(order) if isinstance(order, Refusal) else replies.processes(order)

    def _cancel_order(self, root: Element) -> bytes:
        if refusal := self._needs(root, "warehouseCode", "ownerCode", "orderCode"):
            return replies.refused(refusal)
        change = self.warehouse.cancel_order(
            text(root, "orderCode"), order_id=text(root, "orderId")
        )
        if isinstance(change, Refusal):
            return replies.refused(change)
        return replies.cancelled(is_repeat=change.is_repeat)

    def _pend(self, root: Element) -> bytes:
        if refusal := self._needs(root, "warehouseCode", "ownerCode", "orderCode", "actionType"):
            return replies.refused(refusal)
        action = text(root, "actionType")
        if action not in {"pending", "restore"}:
            return replies.refused(Refusal("isv.invalid-parameter", "actionType 不合法"))
        change = self.warehouse.pend(
            text(root, "orderCode"), action, order_id=text(root, "orderId")
        )
        return replies.refused(change) if isinstance(change, Refusal) else response()

    def _named(self, root: Element) -> WmsOrder | Refusal:
        code, order_id = text(root, "orderCode"), text(root, "orderId")
        if not code and not order_id:
            return requests.incomplete(["orderCode"])
        found = self.warehouse.order(code, order_id=order_id)
        return found or Refusal("order-not-found", "发货单不存在")

    def _needs(self, element: Element, *paths: str) -> Refusal | None:
        if absent := requests.missing(element, *paths):
            return requests.incomplete(absent)
        owner = text(element, "ownerCode")
        return self._no_owner() if owner != self._settings.owner_code else None

    def _no_owner(self) -> Refusal:
        return Refusal("owner-not-found", "货主不存在")


def _operation(incoming: Incoming) -> str:
    return bare_method(incoming.query.get("method", ""))


def _reference(root: Element) -> str | None:
    named = text(root, "orderCode") or text(root, "deliveryOrder/deliveryOrderCode")
    return named[:64] or None


def _matches(shelf: Shelf, wanted: Element) -> bool:
    warehouse, condition = text(wanted, "warehouseCode"), text(wanted, "inventoryType")
    return (
        shelf.item == text(wanted, "itemCode")
        and warehouse in {"", "OTHER", shelf.warehouse}
        and condition in {"", shelf.inventory_type}
    )


def _answer(body: bytes, *, reference: str | None = None) -> Answer:
    """Return an XML answer, noted in the call log by what its flag says."""
    root = parse(body)
    is_failure = not isinstance(root, BadXml) and text(root, "flag") == "failure"
    code = None if isinstance(root, BadXml) else text(root, "code")
    return Answer(
        body=body,
        content_type=XML,
        code=code,
        reference=reference,
        outcome="refused" if is_failure else "",
    )
