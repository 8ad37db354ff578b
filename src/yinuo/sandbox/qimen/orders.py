"""Delivery orders in the warehouse: sending, picking, cancelling, pausing. Pure decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from yinuo.sandbox.qimen.stock import (
    GOOD,
    Hold,
    HoldState,
    Move,
    Placed,
    Refusal,
    Shelf,
    freeze,
    total,
)


class Status(StrEnum):
    """The vendor's words for where an order is (those that this stand-in uses)."""

    ACCEPT = "ACCEPT"
    PRINT = "PRINT"
    PICK = "PICK"
    PACKAGE = "PACKAGE"
    DELIVERED = "DELIVERED"
    CANCELED = "CANCELED"


COURSE = (Status.ACCEPT, Status.PRINT, Status.PICK, Status.PACKAGE, Status.DELIVERED)
CANCELLABLE = frozenset({Status.ACCEPT, Status.PRINT})
CARRIERS = {
    "SF": "顺丰速运",
    "YTO": "圆通速递",
    "ZTO": "中通快递",
    "STO": "申通快递",
    "YUNDA": "韵达快递",
    "EMS": "EMS",
    "JD": "京东快递",
}


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One planned line of a delivery order."""

    number: str
    item: str
    quantity: int
    inventory_type: str = GOOD
    source_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """What `deliveryorder.create` asks; buyer and address are checked and not kept."""

    code: str
    order_type: str
    owner_code: str
    warehouse: str
    carrier: str
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """A status and when it was reached."""

    status: Status
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WmsOrder:
    """A delivery order as the warehouse keeps it.

    `next_at` is when it moves on by itself, in the seconds of the vendor's clock.
    """

    code: str
    order_id: str
    order_type: str
    owner_code: str
    warehouse: str
    carrier: str
    lines: tuple[OrderLine, ...]
    processes: tuple[Process, ...]
    next_at: float | None
    express_code: str = ""
    is_pending: bool = False

    @property
    def status(self) -> Status:
        """Return the status reached last."""
        return self.processes[-1].status


@dataclass(frozen=True, slots=True)
class OrderChange:
    """An order as it is now, with the hold and the shelves that change with it."""

    order: WmsOrder
    moves: tuple[Move, ...] = ()
    hold: Hold | None = None
    is_repeat: bool = False


def send(
    request: SendRequest,
    shelves: Sequence[Shelf],
    *,
    warehouses: frozenset[str],
    known: WmsOrder | None,
    hold: Hold | None,
    now: datetime,
    next_at: float,
    order_id: str,
) -> OrderChange | Refusal:
    """Decide about a new delivery order: it uses the hold of its number, then free stock.

    The same code again is a repeat and changes nothing; the code of a cancelled order is refused.
    """
    if known is not None:
        if known.status is Status.CANCELED:
            return Refusal("order-canceled", f"单号 {known.code} 已取消，不能重复使用")
        return OrderChange(known, is_repeat=True)
    active = hold if hold is not None and hold.state is HoldState.ACTIVE else None
    warehouse = _warehouse(request, shelves, hold=active, warehouses=warehouses)
    if isinstance(warehouse, Refusal):
        return warehouse
    taken = _draw(request, shelves, hold=active, warehouse=warehouse)
    if isinstance(taken, Refusal):
        return taken
    order = WmsOrder(
        code=request.code,
        order_id=order_id,
        order_type=request.order_type,
        owner_code=request.owner_code,
        warehouse=warehouse,
        carrier=request.carrier,
        lines=request.lines,
        processes=(Process(Status.ACCEPT, now),),
        next_at=next_at,
    )
    return OrderChange(order, taken.moves, taken.hold)


@dataclass(frozen=True, slots=True)
class _Draw:
    moves: tuple[Move, ...]
    hold: Hold | None


def _warehouse(
    request: SendRequest,
    shelves: Sequence[Shelf],
    *,
    hold: Hold | None,
    warehouses: frozenset[str],
) -> str | Refusal:
    """Return the named warehouse; for OTHER the hold's own, else the first that has all."""
    named = request.warehouse
    if named != "OTHER":
        if named not in warehouses:
            return Refusal("warehouse-not-found", f"仓库不存在: {named}")
        if hold is not None and named not in {line.warehouse for line in hold.lines}:
            return Refusal("warehouse-mismatch", f"预占库存不在仓库 {named}")
        return named
    if hold is not None:
        return hold.lines[0].warehouse
    free = {(one.warehouse, one.item, one.inventory_type): one.free for one in shelves}
    for name in sorted(warehouses):
        if all(free.get((name, *key), 0) >= units for key, units in _planned(request).items()):
            return name
    return Refusal("inventory-not-enough", "库存不足: 没有仓库能满足整单")


def _draw(
    request: SendRequest, shelves: Sequence[Shelf], *, hold: Hold | None, warehouse: str
) -> _Draw | Refusal:
    """Take the hold's units first and freeze the rest; the order's units stay frozen until it leaves."""
    here = {
        (shelf.item, shelf.inventory_type): shelf
        for shelf in shelves
        if shelf.warehouse == warehouse
    }
    if unknown := sorted(
        {line.item for line in request.lines if (line.item, line.inventory_type) not in here}
    ):
        return Refusal("item-not-found", f"商品不存在: {','.join(unknown)}")
    held = total(line for line in hold.lines if line.warehouse == warehouse) if hold else total(())
    moves: list[Move] = []
    short: list[str] = []
    for (item, condition), units in _planned(request).items():
        used = min(held[item], units) if condition == GOOD else 0
        held[item] -= used
        missing = units - used
        if missing > here[item, condition].free:
            short.append(f"{item} 需{missing} 可用{here[item, condition].free}")
        elif missing:
            moves.append(Move(warehouse, item, -missing, missing, condition))
    if short:
        return Refusal("inventory-not-enough", "库存不足: " + "; ".join(short))
    if hold is None:
        return _Draw(tuple(moves), None)
    left = tuple(Placed(item, units, warehouse) for item, units in sorted(held.items()) if units)
    left += tuple(line for line in hold.lines if line.warehouse != warehouse)
    if hold.order_code != request.code and left:  # one hold for several orders: the rest waits
        return _Draw(tuple(moves), replace(hold, lines=left))
    return _Draw((*moves, *freeze(left, direction=-1)), replace(hold, state=HoldState.USED))


def _planned(request: SendRequest) -> dict[tuple[str, str], int]:
    planned: dict[tuple[str, str], int] = {}
    for line in request.lines:
        key = (line.item, line.inventory_type)
        planned[key] = planned.get(key, 0) + line.quantity
    return planned


def advance(
    order: WmsOrder, *, now: datetime, tick: float, next_at: float, express_code: str
) -> OrderChange | None:
    """Return the order one step on when its time has come; at DELIVERED its units leave."""
    if order.next_at is None or order.next_at > tick or order.is_pending:
        return None
    status = COURSE[COURSE.index(order.status) + 1]
    processes = (*order.processes, Process(status, now))
    if status is not Status.DELIVERED:
        return OrderChange(replace(order, processes=processes, next_at=next_at))
    moves = tuple(
        Move(order.warehouse, line.item, 0, -line.quantity, line.inventory_type)
        for line in order.lines
    )
    done = replace(order, processes=processes, next_at=None, express_code=express_code)
    return OrderChange(done, moves)


def cancel(order: WmsOrder | None, *, now: datetime, is_refused: bool) -> OrderChange | Refusal:
    """Decide about cancelling: fine before picking, refused after; a repeat is no error.

    `is_refused` is the operator's switch that makes the warehouse say no to this one.
    """
    if order is None:
        return Refusal("order-not-found", "发货单不存在")
    if order.status is Status.CANCELED:
        return OrderChange(order, is_repeat=True)
    if order.status not in CANCELLABLE:
        return Refusal("already-picking", f"已开始拣货，不能取消（{order.status}）")
    if is_refused:
        return Refusal("cancel-refused", "仓库拒绝取消")
    moves = tuple(
        Move(order.warehouse, line.item, line.quantity, -line.quantity, line.inventory_type)
        for line in order.lines
    )
    processes = (*order.processes, Process(Status.CANCELED, now))
    return OrderChange(replace(order, processes=processes, next_at=None), moves)


def pend(order: WmsOrder | None, action: str, *, next_at: float) -> OrderChange | Refusal:
    """Pause the order (`pending`) or let it go on (`restore`); a repeat changes nothing."""
    if order is None:
        return Refusal("order-not-found", "发货单不存在")
    if order.next_at is None:
        return Refusal("order-finished", f"单据已结束（{order.status}）")
    is_pending = action == "pending"
    if order.is_pending == is_pending:
        return OrderChange(order, is_repeat=True)
    return OrderChange(replace(order, is_pending=is_pending, next_at=next_at))
