"""Reading requests: which fields the standard demands, with every problem named at once."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from yinuo.sandbox.qimen.orders import CARRIERS, OrderLine, SendRequest
from yinuo.sandbox.qimen.stock import GOOD, Refusal, ReserveRequest, Wanted
from yinuo.sandbox.qimen.xml import Element, text

MOST_LINES = 500
INVENTORY_TYPES = frozenset({"ZP", "CC", "JS", "XS", "ZT"})
ORDER_TYPES = frozenset({"JYCK", "HHCK", "BFCK", "QTCK"})
MONEY = ("totalAmount", "itemAmount", "discountAmount", "freight", "arAmount", "gotAmount")


def missing(element: Element | None, *paths: str) -> list[str]:
    """Return the paths that have no text."""
    return [path for path in paths if not text(element, path)]


def incomplete(paths: list[str]) -> Refusal:
    """Return the refusal for fields that are not there."""
    return Refusal("isv.missing-parameter", f"缺少参数: {','.join(paths)}")


def units(value: str) -> int | None:
    """Return a quantity from 1 to a million, or None for anything else."""
    if not (value.isascii() and value.isdigit() and len(value) <= 7):
        return None
    return int(value) if 0 < int(value) <= 1_000_000 else None


def wanted_lines(root: Element) -> tuple[Wanted, ...] | Refusal:
    """Return the lines under `itemInventories`, or the refusal of a line that cannot be right."""
    lines: list[Wanted] = []
    elements = root.findall("itemInventories/itemInventory")
    if len(elements) > MOST_LINES:
        return Refusal("isv.invalid-parameter", f"明细超过 {MOST_LINES} 行")
    for number, element in enumerate(elements, start=1):
        if absent := missing(element, "itemCode", "quantity"):
            return incomplete([f"itemInventory[{number}].{path}" for path in absent])
        quantity = units(text(element, "quantity"))
        if quantity is None:
            return Refusal("isv.invalid-parameter", f"第{number}行 quantity 不合法")
        lines.append(Wanted(text(element, "itemCode"), quantity))
    return tuple(lines)


def reserve_request(root: Element) -> ReserveRequest | Refusal:
    """Return what `inventoryreserve.create` asks, or why it is refused."""
    if absent := missing(root, "orderCode", "ownerCode", "orderSource"):
        return incomplete(absent)
    lines = wanted_lines(root)
    if isinstance(lines, Refusal):
        return lines
    if not lines:
        return incomplete(["itemInventories"])
    most = text(root, "maxWarehouseNum") or "0"
    if not (most.isascii() and most.isdigit()):
        return Refusal("isv.invalid-parameter", "maxWarehouseNum 不合法")
    warehouse = text(root, "warehouseCode")
    return ReserveRequest(
        order_code=text(root, "orderCode"),
        owner_code=text(root, "ownerCode"),
        warehouse="" if warehouse == "OTHER" else warehouse,
        most_warehouses=int(most),
        wanted=lines,
    )


def send_request(root: Element) -> SendRequest | Refusal:
    """Return what `deliveryorder.create` asks, or why it is refused."""
    head = root.find("deliveryOrder")
    absent = missing(
        head, "deliveryOrderCode", "orderType", "warehouseCode", "logisticsCode",
        "receiverInfo/name", "receiverInfo/province", "receiverInfo/city", "receiverInfo/detailAddress",
    )  # fmt: skip
    if not (text(head, "receiverInfo/mobile") or text(head, "receiverInfo/tel")):
        absent.append("receiverInfo/mobile")
    if head is None or absent:
        return incomplete([f"deliveryOrder/{path}" for path in absent])
    problem = _bad_code(head) or _bad_money(head)
    if problem:
        return Refusal("isv.invalid-parameter", problem)
    lines = _order_lines(root)
    if isinstance(lines, Refusal):
        return lines
    return SendRequest(
        code=text(head, "deliveryOrderCode"),
        order_type=text(head, "orderType"),
        owner_code=text(root, "orderLines/orderLine/ownerCode"),
        warehouse=text(head, "warehouseCode"),
        carrier=text(head, "logisticsCode"),
        lines=lines,
    )


def _bad_code(head: Element) -> str:
    if text(head, "orderType") not in ORDER_TYPES:
        return "orderType 不合法"
    if text(head, "logisticsCode") not in CARRIERS:
        return f"logisticsCode 不支持: {text(head, 'logisticsCode')}"
    if text(head, "isUrgency") not in {"", "Y", "N"}:
        return "isUrgency 只能是 Y 或 N"
    return ""


def _bad_money(head: Element) -> str:
    """Return what is wrong with the amounts: yuan with at most two places, and sums that agree."""
    amounts: dict[str, Decimal] = {}
    for name in MONEY:
        if value := text(head, name):
            yuan = _yuan(value)
            if yuan is None:
                return f"{name} 金额不合法"
            amounts[name] = yuan
    if "totalAmount" not in amounts:
        return ""
    zero = Decimal(0)
    if "arAmount" in amounts or "gotAmount" in amounts:
        paid = amounts.get("arAmount", zero) + amounts.get("gotAmount", zero)
        if paid != amounts["totalAmount"]:
            return "totalAmount 应等于 arAmount + gotAmount"
    if "itemAmount" in amounts:
        due = (
            amounts["itemAmount"]
            - amounts.get("discountAmount", zero)
            + amounts.get("freight", zero)
        )
        if due != amounts["totalAmount"]:
            return "totalAmount 应等于 itemAmount - discountAmount + freight"
    return ""


def _yuan(value: str) -> Decimal | None:
    plain = value.replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit()) or len(value.partition(".")[2]) > 2:
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _order_lines(root: Element) -> tuple[OrderLine, ...] | Refusal:
    lines: list[OrderLine] = []
    elements = root.findall("orderLines/orderLine")
    if not elements:
        return incomplete(["orderLines"])
    if len(elements) > MOST_LINES:
        return Refusal("isv.invalid-parameter", f"明细超过 {MOST_LINES} 行")
    for number, element in enumerate(elements, start=1):
        if absent := missing(element, "ownerCode", "itemCode", "planQty", "actualPrice"):
            return incomplete([f"orderLine[{number}].{path}" for path in absent])
        quantity = units(text(element, "planQty"))
        condition = text(element, "inventoryType") or GOOD
        if quantity is None:
            return Refusal("isv.invalid-parameter", f"第{number}行 planQty 不合法")
        if condition not in INVENTORY_TYPES or _yuan(text(element, "actualPrice")) is None:
            return Refusal(
                "isv.invalid-parameter", f"第{number}行 inventoryType 或 actualPrice 不合法"
            )
        lines.append(
            OrderLine(
                number=text(element, "orderLineNo") or str(number),
                item=text(element, "itemCode"),
                quantity=quantity,
                inventory_type=condition,
                source_code=text(element, "sourceOrderCode"),
            )
        )
    return tuple(lines)
