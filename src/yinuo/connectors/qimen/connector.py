"""Talks to a Qimen gateway and reads what warehouses report through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlencode

from yinuo.connectors.http import Answer, Operation, Outside, Request, clean_message
from yinuo.connectors.protocols import (
    AlreadyPicking,
    Busy,
    Cancelled,
    Health,
    HeldStock,
    HoldRequest,
    OutcomeUnknown,
    Rejected,
    SentOrder,
    SkuQuantity,
    StockLine,
    StockPhotograph,
    WarehouseNotice,
    WarehouseOrder,
)
from yinuo.connectors.qimen import mapping, reports, signing
from yinuo.connectors.qimen.mapping import Meaning
from yinuo.connectors.qimen.settings import QimenSettings
from yinuo.connectors.qimen.xml import Element, node, parse, render, text
from yinuo.core import clock
from yinuo.core.errors import JsonValue

T = TypeVar("T")

PLACE_HOLD = Operation(name="inventoryreserve.create", is_repeatable=False)
RELEASE_HOLD = Operation(name="inventoryreserve.cancel", is_repeatable=True)
SEND_ORDER = Operation(name="deliveryorder.create", is_repeatable=False)
CANCEL_ORDER = Operation(name="order.cancel", is_repeatable=True)
READ_STOCK = Operation(name="inventory.query", is_repeatable=True)
SKUS_A_CALL = 50
CHECK_SKU = "YINUO-CHECK"


class QimenAlreadyPicking(AlreadyPicking):
    """The warehouse has begun to pick."""

    code = "qimen.already_picking"


class QimenConnector:
    """All warehouses behind one Qimen customer."""

    def __init__(self, settings: QimenSettings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside

    def serves(self, warehouse: str) -> bool:
        """Tell whether a warehouse is behind this gateway; all are when none is named."""
        return not self.settings.warehouses or warehouse in self.settings.warehouses

    def place_hold(self, request: HoldRequest) -> HeldStock:
        """Return when all lines are frozen; a partial freeze is given back and Rejected."""

        def read(root: Element) -> HeldStock | Counter[str]:
            if _judge(root, fine=(Meaning.REPEAT,)) is Meaning.REPEAT:
                return HeldStock(number=request.number, is_repeat=True)
            held = mapping.held_units(root)
            asked = _units(request.lines)
            if held is not None and held != asked:
                return held
            return HeldStock(number=request.number, is_repeat=False)

        held = self._call(
            PLACE_HOLD, mapping.hold_xml(request, self.settings), read, reference=request.number
        )
        if isinstance(held, HeldStock):
            return held
        self.release_hold(
            request.number,
            request.warehouse,
            lines=[SkuQuantity(sku=sku, quantity=units) for sku, units in held.items() if units],
        )
        raise mapping.PartlyHeld(connector=self.outside.connector, number=request.number)

    def release_hold(self, number: str, warehouse: str, *, lines: Sequence[SkuQuantity]) -> None:
        """Give the hold back; one that is gone or was never there is as good as given back."""

        def read(root: Element) -> None:
            lines = root.findall("itemInventories/itemInventory")
            fine = (Meaning.NOT_FOUND, Meaning.CANCELLED_BEFORE, Meaning.REPEAT, Meaning.HOLD_USED)
            for answer in [root, *(line for line in lines if text(line, "flag"))]:
                if _judge(answer, fine=fine) is Meaning.HOLD_USED:
                    raise mapping.HoldUsed(**_told(answer))

        body = mapping.release_xml(number, warehouse, lines, self.settings)
        self._call(RELEASE_HOLD, body, read, reference=number)

    def send_order(self, order: WarehouseOrder) -> SentOrder:
        """Return the order as the warehouse took it; "duplicate number" is success."""

        def read(root: Element) -> SentOrder:
            found = _judge(root, fine=(Meaning.REPEAT,), without=mapping.personal_values(order))
            return SentOrder(
                number=order.number,
                outside_id=mapping.outside_id(root),
                is_repeat=found is Meaning.REPEAT,
            )

        body = mapping.order_xml(order, self.settings, now=clock.now())
        return self._call(SEND_ORDER, body, read, reference=order.number)

    def cancel_order(
        self, number: str, warehouse: str, *, outside_id: str, reason: str
    ) -> Cancelled:
        """Return when the warehouse will not ship; an order it does not know is as good.

        Raises QimenAlreadyPicking when it has begun, Rejected when it refuses otherwise.
        """

        def read(root: Element) -> Cancelled:
            before = (Meaning.NOT_FOUND, Meaning.CANCELLED_BEFORE, Meaning.REPEAT)
            found = _judge(root, fine=(*before, Meaning.PICKING))
            if found is Meaning.PICKING:
                raise QimenAlreadyPicking(**_told(root))
            return Cancelled(number=number, is_repeat=found in before)

        body = mapping.cancel_xml(
            number, warehouse, outside_id=outside_id, reason=reason, settings=self.settings
        )
        return self._call(CANCEL_ORDER, body, read, reference=number)

    def read_stock(self, warehouse: str, skus: Sequence[str]) -> StockPhotograph:
        """Return good stock of these SKUs, as of just before the first question."""
        as_of = clock.now()
        lines: list[StockLine] = []
        for start in range(0, len(skus), SKUS_A_CALL):
            body = mapping.stock_xml(warehouse, skus[start : start + SKUS_A_CALL], self.settings)

            def read(root: Element) -> list[StockLine]:
                _judge(root)
                return mapping.stock_lines(root, warehouse=warehouse)

            lines += self._call(READ_STOCK, body, read, reference=warehouse)
        return StockPhotograph(as_of=as_of, lines=tuple(lines))

    def check(self) -> Health:
        """Return how the gateway does, by asking for a SKU that nobody has."""
        warehouse = self.settings.warehouses[0] if self.settings.warehouses else "OTHER"
        return self.outside.healthy(lambda: self.read_stock(warehouse, [CHECK_SKU]))

    def parse_callback(self, query: Mapping[str, str], body: bytes) -> WarehouseNotice:
        """Return what a warehouse reports, its signature and freshness verified.

        Raises reports.QimenBadSignature, QimenStale, QimenMalformed or UnknownMethod.
        """
        if not signing.is_signed(query, body, secret=self.settings.secret.get_secret_value()):
            raise reports.QimenBadSignature
        now = clock.now()
        at = signing.from_local_text(query.get("timestamp", ""))
        if at is None or abs(now - at) > timedelta(seconds=self.settings.fresh_seconds):
            raise reports.QimenStale
        if query.get("customerId") != self.settings.customer_id:
            raise reports.QimenMalformed(problem="customerId")
        root = parse(body)
        if root is None:
            raise reports.QimenMalformed(problem="xml")
        return reports.report(query.get("method", ""), root, now=now)

    def reply(self, *, ok: bool, message: str = "") -> bytes:
        """Return the answer to a report; only `flag` decides whether it comes again."""
        return render(
            node(
                "response",
                flag="success" if ok else "failure",
                code="0" if ok else "failure",
                message=message,
            )
        )

    def _call(
        self,
        operation: Operation,
        content: Element,
        read: Callable[[Element], T],
        *,
        reference: str,
    ) -> T:
        body = render(content)

        def build() -> Request:
            query = {
                "method": self.settings.method_prefix + operation.name,
                "timestamp": signing.to_local_text(clock.now()),
                "format": "xml",
                "app_key": self.settings.app_key,
                "v": "2.0",
                "sign_method": self.settings.sign_method,
                "customerId": self.settings.customer_id,
            }
            query["sign"] = signing.sign(
                query, body, secret=self.settings.secret.get_secret_value()
            )
            return Request(
                method="POST",
                url=f"{self.settings.address}?{urlencode(query)}",
                headers={"content-type": "text/xml;charset=utf-8"},
                body=body,
            )

        def understand(answer: Answer) -> T:
            if answer.status >= 400:
                raise Rejected(outside_code=f"HTTP {answer.status}", outside_message="")
            root = parse(answer.body)
            if root is None:
                raise OutcomeUnknown(reason="no_xml")
            return read(root)

        return self.outside.call(operation, build, understand, reference=reference)


def _units(lines: Sequence[SkuQuantity]) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in lines:
        units[line.sku] += line.quantity
    return units


def _judge(
    answer: Element, *, fine: tuple[Meaning, ...] = (), without: tuple[str, ...] = ()
) -> Meaning:
    """Return what an answer means when it succeeded or failed in a way that is fine here.

    Raises Busy when it asks to come again, Rejected when it failed, OutcomeUnknown without a flag.
    """
    if text(answer, "isRetry") == "Y":
        raise Busy(**_told(answer, without=without))
    found = mapping.meaning(text(answer, "code"), text(answer, "message"))
    match text(answer, "flag"):
        case "success":
            is_repeat = found in {Meaning.REPEAT, Meaning.CANCELLED_BEFORE}
            return Meaning.REPEAT if is_repeat else Meaning.OTHER
        case "failure" if found in fine:
            return found
        case "failure":
            raise Rejected(**_told(answer, without=without))
        case _ if answer.tag == "error_response":  # the gateway's own, before any warehouse
            if text(answer, "sub_code").startswith("isp."):
                raise Busy(**_told(answer))
            raise Rejected(**_told(answer))
        case _:
            raise OutcomeUnknown(reason="no_flag")


def _told(answer: Element, *, without: tuple[str, ...] = ()) -> dict[str, JsonValue]:
    message = text(answer, "message") or text(answer, "sub_msg") or text(answer, "msg")
    return {
        "outside_code": clean_message(text(answer, "sub_code") or text(answer, "code"))[:60],
        "outside_message": clean_message(message, without=without),
    }
