"""Between the hub's nouns and Qimen's XML, hub to warehouse; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from yinuo.connectors.protocols import (
    HoldRequest,
    OutcomeUnknown,
    Receiver,
    Rejected,
    SkuQuantity,
    StockLine,
    WarehouseOrder,
)
from yinuo.connectors.qimen.settings import QimenSettings
from yinuo.connectors.qimen.signing import to_local_text
from yinuo.connectors.qimen.xml import Element, node, text
from yinuo.core.money import fen_to_yuan

GOOD = "ZP"


class AmountsDisagree(Rejected):
    """The order's total is not items − discount + freight: not sent."""

    code = "qimen.amounts_disagree"


class HoldUsed(Rejected):
    """The hold is already part of a delivery order and cannot be given back by itself."""

    code = "qimen.hold_used"


class PartlyHeld(Rejected):
    """The warehouse froze less than asked; what it froze was given back."""

    code = "qimen.partly_held"


class Meaning(StrEnum):
    """What a code or message of a warehouse comes down to.

    The standard fixes no codes: every warehouse writes its own, so both are looked at. It must be
    the order that is not there or there twice: a warehouse, owner or SKU that does not exist and a
    line that stands twice are refusals like any other.
    """

    REPEAT = "repeat"
    NOT_FOUND = "not_found"
    CANCELLED_BEFORE = "cancelled_before"
    PICKING = "picking"
    HOLD_USED = "hold_used"
    OTHER = "other"


# Between "order" and what is said of it stands its number and nothing that would change the subject.
_NUMBER = r"[\x20-\x7e号据编码：【】（）]{0,60}?"
_MEANINGS: tuple[tuple[Meaning, re.Pattern[str]], ...] = (
    (Meaning.PICKING, re.compile(r"拣货|配货|已出库|已发货|picking|picked|shipped", re.IGNORECASE)),
    (Meaning.HOLD_USED, re.compile(r"已被.{0,6}使用|reserve-used", re.IGNORECASE)),
    (
        Meaning.CANCELLED_BEFORE,
        re.compile(r"已取消|已释放|已经?作废|already.?cancel", re.IGNORECASE),
    ),
    (
        Meaning.NOT_FOUND,
        re.compile(
            rf"单{_NUMBER}(不存在|未找到|没有找到)|(order|reserve)[ _-]?not.?(found|exist)",
            re.IGNORECASE,
        ),
    ),
    (
        Meaning.REPEAT,
        re.compile(
            rf"单{_NUMBER}(重复|已存在|已接收)"
            r"|duplicate.?(order|delivery|number)|order.{0,20}already.?exist",
            re.IGNORECASE,
        ),
    ),
)


def meaning(code: str, message: str) -> Meaning:
    """Return what a code and message come down to."""
    told = f"{code} {message}"
    return next((one for one, pattern in _MEANINGS if pattern.search(told)), Meaning.OTHER)


def hold_xml(request: HoldRequest, settings: QimenSettings) -> Element:
    """Return the body of `inventoryreserve.create`: all from one warehouse."""
    region = request.region
    return node(
        "request",
        node(
            "receiverInfo",
            province=region.province,
            city=region.city,
            area=region.district,
            town=region.town,
        ),
        _inventories(request.lines),
        orderCode=request.number,
        ownerCode=settings.owner_code,
        orderSource=settings.order_source,
        warehouseCode=request.warehouse,
        maxWarehouseNum="1",
    )


def release_xml(
    number: str, warehouse: str, lines: Sequence[SkuQuantity], settings: QimenSettings
) -> Element:
    """Return the body of `inventoryreserve.cancel`."""
    return node(
        "request",
        _inventories(lines),
        orderCode=number,
        ownerCode=settings.owner_code,
        orderSource=settings.order_source,
        warehouseCode=warehouse,
    )


def _inventories(lines: Sequence[SkuQuantity]) -> Element:
    """Return one element per SKU: a bundle's part and the part itself are one demand."""
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.sku] += line.quantity
    return node(
        "itemInventories",
        *(
            node("itemInventory", itemCode=sku, quantity=str(quantity))
            for sku, quantity in sorted(wanted.items())
        ),
    )


def order_xml(order: WarehouseOrder, settings: QimenSettings, *, now: datetime) -> Element:
    """Return the body of `deliveryorder.create`; raises AmountsDisagree."""
    if order.total_fen != order.items_fen - order.discount_fen + order.freight_fen:
        raise AmountsDisagree(number=order.number)
    head = node(
        "deliveryOrder",
        _receiver(order.receiver),
        deliveryOrderCode=order.number,
        orderType="JYCK",
        warehouseCode=order.warehouse,
        sourcePlatformCode=settings.source_platform_code,
        createTime=to_local_text(now),
        placeOrderTime=to_local_text(order.placed_at),
        payTime=to_local_text(order.paid_at),
        payNo=order.payment_reference,
        shopNick=order.shop_name,
        buyerNick=order.buyer_nick,
        totalAmount=fen_to_yuan(order.total_fen),
        itemAmount=fen_to_yuan(order.items_fen),
        discountAmount=fen_to_yuan(order.discount_fen),
        freight=fen_to_yuan(order.freight_fen),
        arAmount="0.00",  # paid before it is sent, so nothing is due on delivery
        gotAmount=fen_to_yuan(order.total_fen),
        logisticsCode=order.carrier,
        isUrgency="Y" if order.is_urgent else "N",
        remark=order.remark,
    )
    lines = (
        node(
            "orderLine",
            orderLineNo=line.line_number,
            sourceOrderCode=order.number,
            ownerCode=settings.owner_code,
            itemCode=line.sku,
            itemName=line.name,
            inventoryType=GOOD,
            planQty=str(line.quantity),
            actualPrice=fen_to_yuan(line.unit_price_fen),
        )
        for line in order.lines
    )
    return node("request", head, node("orderLines", *lines))


def _receiver(receiver: Receiver) -> Element:
    return node(
        "receiverInfo",
        name=receiver.name,
        mobile=receiver.phone,
        province=receiver.province,
        city=receiver.city,
        area=receiver.district,
        town=receiver.town,
        detailAddress=receiver.detail,
    )


def personal_values(order: WarehouseOrder) -> tuple[str, ...]:
    """Return what a warehouse must not echo into our logs."""
    who = order.receiver
    return (who.name, who.phone, who.detail, order.buyer_nick, order.remark)


def cancel_xml(
    number: str, warehouse: str, *, outside_id: str, reason: str, settings: QimenSettings
) -> Element:
    """Return the body of `order.cancel`."""
    return node(
        "request",
        warehouseCode=warehouse,
        ownerCode=settings.owner_code,
        orderCode=number,
        orderId=outside_id,
        orderType="JYCK",
        cancelReason=reason,
    )


def stock_xml(warehouse: str, skus: Sequence[str], settings: QimenSettings) -> Element:
    """Return the body of `inventory.query` for good stock."""
    return node(
        "request",
        node(
            "criteriaList",
            *(
                node(
                    "criteria",
                    warehouseCode=warehouse,
                    ownerCode=settings.owner_code,
                    itemCode=sku,
                    inventoryType=GOOD,
                )
                for sku in skus
            ),
        ),
    )


def stock_lines(root: Element, *, warehouse: str) -> list[StockLine]:
    """Return good stock per SKU, batches summed; raises OutcomeUnknown for what is no number."""
    free: Counter[str] = Counter()
    locked: Counter[str] = Counter()
    for item in root.findall("items/item"):
        here = text(item, "warehouseCode") in {"", warehouse}
        if not here or text(item, "inventoryType") not in {"", GOOD}:
            continue
        sku = text(item, "itemCode")
        free[sku] += whole(text(item, "quantity") or "0")
        locked[sku] += whole(text(item, "lockQuantity") or "0")
    return [
        StockLine(
            sku=sku,
            warehouse=warehouse,
            quantity=free[sku] + locked[sku],
            available=free[sku],
            locked=locked[sku],
        )
        for sku in sorted(free)
    ]


def held_units(root: Element) -> Counter[str] | None:
    """Return what the warehouse says it froze per SKU, or None when it does not say."""
    items = root.findall("itemInventories/itemInventory")
    if not items:
        return None
    units: Counter[str] = Counter()
    for item in items:
        units[text(item, "itemCode")] += whole(text(item, "quantity"))
    return units


def outside_id(root: Element) -> str:
    """Return the warehouse's own number of a delivery order; of the first when it split it."""
    return text(root, "deliveryOrderId") or text(
        root, "deliveryOrders/deliveryOrder/deliveryOrderId"
    )


def whole(value: str) -> int:
    """Return a whole number of units ("3" and "3.0" are); raises OutcomeUnknown otherwise."""
    plain = value.removesuffix(".0").removesuffix(".00")
    if not re.fullmatch(r"-?\d{1,9}", plain, re.ASCII):
        raise OutcomeUnknown(reason="bad_quantity")
    return int(plain)
