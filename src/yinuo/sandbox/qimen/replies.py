"""The answers to the hub, in the standard's elements."""

from __future__ import annotations

from collections.abc import Sequence

from yinuo.sandbox.qimen.orders import CARRIERS, Status, WmsOrder
from yinuo.sandbox.qimen.signing import local_text
from yinuo.sandbox.qimen.stock import Hold, Refusal, Shelf, Wanted
from yinuo.sandbox.qimen.xml import Element, fields, node, response

GRAMS_A_UNIT = 500
REPEATED_HOLD = "订单重复，库存已预占 (duplicate orderCode)"
REPEATED_ORDER = "发货单号重复，已接收 (duplicate deliveryOrderCode)"
REPEATED_CANCEL = "已取消，重复请求 (duplicate cancel)"


def refused(refusal: Refusal, *content: Element) -> bytes:
    """Return a business refusal."""
    return response(*content, flag="failure", code=refusal.code, message=refusal.message)


def reserved(hold: Hold, *, is_repeat: bool) -> bytes:
    """Return what is frozen, line by line with its warehouse."""
    lines = [
        node(
            "itemInventory",
            *fields(
                itemCode=line.item,
                itemId=line.item,
                quantity=str(line.quantity),
                warehouseCode=line.warehouse,
            ),
        )
        for line in hold.lines
    ]
    return response(
        *fields(orderCode=hold.order_code, isRetry="N"),
        node("itemInventories", *lines),
        message=REPEATED_HOLD if is_repeat else "",
    )


def not_reserved(order_code: str, refusal: Refusal) -> bytes:
    """Return that nothing was frozen, and whether to come again."""
    is_retry = "Y" if refusal.is_retry else "N"
    return refused(refusal, *fields(orderCode=order_code, isRetry=is_retry))


def hold_cancelled(lines: Sequence[Wanted], *, is_repeat: bool) -> bytes:
    """Return what was given back, each line with its own flag."""
    told = REPEATED_CANCEL if is_repeat else ""
    return response(_cancelled(lines, flag="success", code="0", message=told), message=told)


def hold_not_cancelled(lines: Sequence[Wanted], refusal: Refusal) -> bytes:
    """Return that nothing was given back."""
    return refused(
        refusal, _cancelled(lines, flag="failure", code=refusal.code, message=refusal.message)
    )


def _cancelled(lines: Sequence[Wanted], *, flag: str, code: str, message: str) -> Element:
    return node(
        "itemInventories",
        *(
            node(
                "itemInventory", *fields(itemCode=line.item, flag=flag, code=code, message=message)
            )
            for line in lines
        ),
    )


def stock(shelves: Sequence[Shelf], *, total: int | None = None) -> bytes:
    """Return shelves: `quantity` is what is free, `lockQuantity` what is frozen."""
    items = [
        node(
            "item",
            *fields(
                warehouseCode=shelf.warehouse,
                itemCode=shelf.item,
                itemId=shelf.item,
                inventoryType=shelf.inventory_type,
                quantity=str(shelf.free),
                lockQuantity=str(shelf.frozen),
            ),
        )
        for shelf in shelves
    ]
    counted = [] if total is None else fields(totalCount=str(total))
    return response(node("items", *items), *counted)


def accepted(order: WmsOrder, *, is_repeat: bool) -> bytes:
    """Return the warehouse's own number of a delivery order; a repeat is success with a message."""
    return response(
        *fields(
            createTime=local_text(order.processes[0].at),
            deliveryOrderId=order.order_id,
            warehouseCode=order.warehouse,
            logisticsCode=order.carrier,
        ),
        message=REPEATED_ORDER if is_repeat else "",
    )


def cancelled(*, is_repeat: bool) -> bytes:
    """Return that the order will not be shipped."""
    return response(message=REPEATED_CANCEL if is_repeat else "")


def order_state(order: WmsOrder) -> bytes:
    """Return a delivery order with its packages, as `deliveryorder.query` does."""
    return response(
        node("deliveryOrder", *head(order)),
        packages(order),
        lines(order),
        *fields(totalLines=str(len(order.lines))),
    )


def processes(order: WmsOrder) -> bytes:
    """Return the way of an order until now, as `orderprocess.query` does."""
    steps = [
        node("process", *fields(processStatus=one.status, operateTime=local_text(one.at)))
        for one in order.processes
    ]
    return response(
        node(
            "orderProcess",
            *fields(
                orderCode=order.code,
                orderId=order.order_id,
                orderType=order.order_type,
                warehouseCode=order.warehouse,
            ),
            node("processes", *steps),
        )
    )


def head(order: WmsOrder) -> list[Element]:
    """Return the fields that name a delivery order."""
    return fields(
        deliveryOrderCode=order.code,
        deliveryOrderId=order.order_id,
        warehouseCode=order.warehouse,
        orderType=order.order_type,
        status=order.status,
    )


def packages(order: WmsOrder) -> Element:
    """Return the one parcel that left, or no parcel before it did."""
    if order.status is not Status.DELIVERED:
        return node("packages")
    grams = GRAMS_A_UNIT * sum(line.quantity for line in order.lines)
    items = [
        node("item", *fields(itemCode=line.item, itemId=line.item, quantity=str(line.quantity)))
        for line in order.lines
    ]
    return node(
        "packages",
        node(
            "package",
            *fields(
                logisticsCode=order.carrier,
                logisticsName=CARRIERS[order.carrier],
                expressCode=order.express_code,
                packageCode=f"{order.order_id}-1",
                weight=f"{grams // 1000}.{grams % 1000:03d}",
            ),
            node("items", *items),
        ),
    )


def lines(order: WmsOrder) -> Element:
    """Return the lines with what was really picked."""
    return node(
        "orderLines",
        *(
            node(
                "orderLine",
                *fields(
                    orderLineNo=line.number,
                    itemCode=line.item,
                    inventoryType=line.inventory_type,
                    planQty=str(line.quantity),
                    actualQty=str(line.quantity if order.status is Status.DELIVERED else 0),
                ),
            )
            for line in order.lines
        ),
    )
