"""What a warehouse reports to the hub, from Qimen's XML to the hub's nouns; pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from yinuo.connectors.protocols import (
    BadSignature,
    Condition,
    ConfirmedLine,
    Malformed,
    Package,
    ProgressReported,
    ShipmentConfirmed,
    SkuQuantity,
    StaleCallback,
    StockChange,
    StockChanged,
    WarehouseNotice,
)
from yinuo.connectors.qimen.signing import from_local_text
from yinuo.connectors.qimen.xml import Element, text

STATUSES = frozenset(
    [
        "NEW",
        "ACCEPT",
        "PARTFULFILLED",
        "FULFILLED",
        "PRINT",
        "PICK",
        "CHECK",
        "PACKAGE",
        "WEIGH",
        "READY",
        "PARTDELIVERED",
        "DELIVERED",
        "SIGN",
        "REFUSE",
        "EXCEPTION",
        "CLOSED",
        "CANCELED",
        "CANCELEDFAIL",
        "REJECT",
        "TMSCANCELED",
        "TMSCANCELFAILED",
        "OTHER",
    ]
)
CONDITIONS: Mapping[str, Condition] = {
    "": Condition.GOOD,
    "ZP": Condition.GOOD,
    "CC": Condition.DEFECTIVE,
    "JS": Condition.DAMAGED,
    "XS": Condition.BOX_DAMAGED,
    "ZT": Condition.IN_TRANSIT,
}


class QimenBadSignature(BadSignature):
    """The signature does not fit these bytes."""

    code = "qimen.bad_signature"


class QimenStale(StaleCallback):
    """The timestamp is too far from now."""

    code = "qimen.stale"


class QimenMalformed(Malformed):
    """The message cannot be understood; details: problem."""

    code = "qimen.malformed"


class UnknownMethod(Malformed):
    """The message asks for a method that the hub does not serve; details: method."""

    code = "qimen.unknown_method"


def report(method: str, root: Element, *, now: datetime) -> WarehouseNotice:
    """Return what the warehouse reports; raises UnknownMethod or QimenMalformed."""
    reader = _READERS.get(method.removeprefix("taobao.qimen."))
    if reader is None:
        raise UnknownMethod(method=method[:60])
    return reader(root, now)


def _shipment(root: Element, now: datetime) -> ShipmentConfirmed:
    head = root.find("deliveryOrder")
    number = _needed(head, "deliveryOrderCode")
    status = _status(text(head, "status") or "DELIVERED")
    packages = tuple(_package(one) for one in root.findall("packages/package"))
    key = text(head, "outBizCode") or _digest(
        number, status, *(package.waybill for package in packages)
    )
    return ShipmentConfirmed(
        number=number,
        outside_id=text(head, "deliveryOrderId"),
        warehouse=text(head, "warehouseCode"),
        status=status,
        report_key=key,
        is_final=text(head, "confirmType") in {"", "0"},
        operated_at=_moment(text(head, "operateTime") or text(head, "orderConfirmTime"), now),
        packages=packages,
        lines=tuple(
            ConfirmedLine(
                line_number=text(line, "orderLineNo"),
                sku=_needed(line, "itemCode"),
                quantity=_units(line, "actualQty"),
            )
            for line in root.findall("orderLines/orderLine")
        ),
    )


def _package(package: Element) -> Package:
    return Package(
        carrier=_needed(package, "logisticsCode"),
        waybill=_needed(package, "expressCode"),
        weight_grams=_grams(text(package, "weight")),
        lines=tuple(
            SkuQuantity(sku=_needed(item, "itemCode"), quantity=_units(item, "quantity"))
            for item in package.findall("items/item")
        ),
    )


def _stock_change(root: Element, now: datetime) -> StockChanged:
    changes = tuple(_change(item, now) for item in root.findall("items/item"))
    if not changes:
        raise QimenMalformed(problem="items")
    keys = dict.fromkeys(change.out_biz_code for change in changes)
    key = next(iter(keys)) if len(keys) == 1 else _digest(*keys)
    return StockChanged(report_key=key, changes=changes)


def _change(item: Element, now: datetime) -> StockChange:
    condition = CONDITIONS.get(text(item, "inventoryType"))
    if condition is None:
        raise QimenMalformed(problem="inventoryType")
    return StockChange(
        warehouse=_needed(item, "warehouseCode"),
        sku=_needed(item, "itemCode"),
        quantity_delta=_units(item, "quantity", is_signed=True),
        condition=condition,
        changed_at=_moment(text(item, "changeTime"), now),
        order_code=text(item, "orderCode"),
        out_biz_code=_needed(item, "outBizCode"),
    )


def _progress(root: Element, now: datetime) -> ProgressReported:
    order, process = root.find("order"), root.find("process")
    number = _needed(order, "orderCode")
    status = _status(_needed(process, "processStatus"))
    at = text(process, "operateTime")
    return ProgressReported(
        number=number,
        outside_id=text(order, "orderId"),
        warehouse=text(order, "warehouseCode"),
        status=status,
        report_key=_digest(number, status, at),
        operated_at=_moment(at, now),
    )


_READERS: Mapping[str, Callable[[Element, datetime], WarehouseNotice]] = {
    "deliveryorder.confirm": _shipment,
    "stockchange.report": _stock_change,
    "orderprocess.report": _progress,
}


def _needed(element: Element | None, path: str) -> str:
    value = text(element, path)
    if not value:
        raise QimenMalformed(problem=path)
    return value


def _status(status: str) -> str:
    if status not in STATUSES:
        raise QimenMalformed(problem="status")
    return status


def _units(element: Element, path: str, *, is_signed: bool = False) -> int:
    value = _needed(element, path)
    if not re.fullmatch(r"-?\d{1,9}(\.0+)?", value, re.ASCII):
        raise QimenMalformed(problem=path)
    units = int(value.partition(".")[0])
    if units < 0 and not is_signed:
        raise QimenMalformed(problem=path)
    return units


def _grams(kilograms: str) -> int:
    """Return whole grams; 0 when the warehouse does not weigh."""
    if not kilograms:
        return 0
    try:
        grams = Decimal(kilograms) * 1000
    except InvalidOperation:
        raise QimenMalformed(problem="weight") from None
    if not grams.is_finite() or not 0 <= grams < 10**9:
        raise QimenMalformed(problem="weight")
    return round(grams)


def _moment(value: str, now: datetime) -> datetime:
    """Return the moment in the text; now when there is none."""
    if not value:
        return now
    at = from_local_text(value)
    if at is None:
        raise QimenMalformed(problem="time")
    return at


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
