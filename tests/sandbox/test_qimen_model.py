"""The WMS stand-in's decisions about holds and orders, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yinuo.sandbox.qimen import orders, stock
from yinuo.sandbox.qimen.orders import OrderChange, OrderLine, SendRequest, Status
from yinuo.sandbox.qimen.stock import (
    Hold,
    HoldChange,
    HoldState,
    Move,
    Placed,
    Refusal,
    ReserveRequest,
    Shelf,
    Uncovered,
    Wanted,
)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PLACES = frozenset({"HZ", "NT"})
SHELVES = [
    Shelf("HZ", "A", 10),
    Shelf("NT", "A", 6),
    Shelf("HZ", "B", 3),
    Shelf("HZ", "A", 5, 0, "CC"),
]


def wanted(
    code: str = "YN1", warehouse: str = "HZ", *, most: int = 1, **units: int
) -> ReserveRequest:
    lines = tuple(Wanted(item, quantity) for item, quantity in units.items())
    return ReserveRequest(
        order_code=code, owner_code="O", warehouse=warehouse, most_warehouses=most, wanted=lines
    )


def reserve(request: ReserveRequest, hold: Hold | None = None) -> HoldChange | Refusal:
    return stock.reserve(request, SHELVES, warehouses=PLACES, hold=hold, expires_at=None)


def held(**units: int) -> Hold:
    change = reserve(wanted(**units))
    assert isinstance(change, HoldChange)
    return change.hold


def sending(code: str = "YN1", warehouse: str = "HZ", **units: int) -> SendRequest:
    lines = tuple(
        OrderLine(str(number), item, quantity)
        for number, (item, quantity) in enumerate(units.items(), start=1)
    )
    return SendRequest(
        code=code, order_type="JYCK", owner_code="O", warehouse=warehouse, carrier="SF", lines=lines
    )


def send(
    request: SendRequest, *, hold: Hold | None = None, known: orders.WmsOrder | None = None
) -> OrderChange | Refusal:
    return orders.send(
        request, SHELVES, warehouses=PLACES, known=known, hold=hold, now=NOW, next_at=20.0,
        order_id="WMS0000000001",
    )  # fmt: skip


def sent(**units: int) -> orders.WmsOrder:
    change = send(sending(**units))
    assert isinstance(change, OrderChange)
    return change.order


# Holds


def test_a_hold_freezes_all_lines() -> None:
    change = reserve(wanted(A=4, B=3))
    assert isinstance(change, HoldChange)
    assert change.hold.lines == (Placed("A", 4, "HZ"), Placed("B", 3, "HZ"))
    assert change.moves == (Move("HZ", "A", -4, 4), Move("HZ", "B", -3, 3))
    assert not change.is_repeat


def test_a_repeat_freezes_nothing_more_and_other_goods_are_a_conflict() -> None:
    hold = held(A=4)
    again = reserve(wanted(A=4), hold)
    assert isinstance(again, HoldChange)
    assert (again.moves, again.is_repeat) == ((), True)
    other = reserve(wanted(A=5), hold)
    assert isinstance(other, Refusal)
    assert other.code == "reserve-conflict"


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (
            wanted(A=11, B=4),
            Refusal("inventory-not-enough", "库存不足: A 需11 可用10; B 需4 可用3"),
        ),
        (wanted(A=1, C=1), Refusal("item-not-found", "商品不存在: C")),
        (wanted(warehouse="XX", A=1), Refusal("warehouse-not-found", "仓库不存在: XX")),
        (wanted(warehouse="NT", B=1), Refusal("inventory-not-enough", "库存不足: B 需1 可用0")),
    ],
)
def test_a_hold_is_all_or_nothing(request_: ReserveRequest, refusal: Refusal) -> None:
    assert reserve(request_) == refusal


def test_without_a_warehouse_one_that_has_all_is_chosen_else_several() -> None:
    one = reserve(wanted(warehouse="", most=0, A=6))
    assert isinstance(one, HoldChange)
    assert one.hold.lines == (Placed("A", 6, "HZ"),)
    spread = reserve(wanted(warehouse="", most=2, A=12))
    assert isinstance(spread, HoldChange)
    assert spread.hold.lines == (Placed("A", 10, "HZ"), Placed("A", 2, "NT"))
    assert isinstance(reserve(wanted(warehouse="", most=1, A=12)), Refusal)
    assert isinstance(reserve(wanted(warehouse="", most=0, A=17)), Refusal)


def test_cancelling_gives_back_once_whole_or_in_part() -> None:
    hold = held(A=4, B=2)
    part = stock.cancel(hold, [Wanted("A", 1)])
    assert isinstance(part, HoldChange)
    assert part.moves == (Move("HZ", "A", 1, -1),)
    assert part.hold.lines == (Placed("A", 3, "HZ"), Placed("B", 2, "HZ"))
    whole = stock.cancel(part.hold, [])
    assert isinstance(whole, HoldChange)
    assert whole.moves == (Move("HZ", "A", 3, -3), Move("HZ", "B", 2, -2))
    assert whole.hold.state is HoldState.CANCELLED
    again = stock.cancel(whole.hold, [Wanted("A", 3)])
    assert isinstance(again, HoldChange)
    assert (again.moves, again.is_repeat) == ((), True)


def test_cancelling_more_than_held_or_nothing_known_is_refused() -> None:
    over = stock.cancel(held(A=4), [Wanted("A", 5)])
    assert over == Refusal("reserve-quantity", "释放数量超过预占: A")
    assert stock.cancel(None, []) == Refusal("reserve-not-found", "预占单不存在")
    used = stock.cancel(replace(held(A=4), state=HoldState.USED), [])
    assert used == Refusal("reserve-used", "预占库存已被发货单使用")


def test_a_hold_with_an_end_expires_once() -> None:
    hold = replace(held(A=4), expires_at=900.0)
    assert stock.expire(hold, tick=899.9) is None
    change = stock.expire(hold, tick=900.0)
    assert change is not None
    assert change.moves == (Move("HZ", "A", 4, -4),)
    assert stock.expire(change.hold, tick=901.0) is None


def test_shelves_never_go_below_zero() -> None:
    assert stock.apply(SHELVES[:1], [Move("HZ", "A", -4, 4)]) == [Shelf("HZ", "A", 6, 4)]
    with pytest.raises(Uncovered):
        stock.apply(SHELVES[:1], [Move("HZ", "A", -11, 11)])


# Orders


def test_an_order_uses_its_hold_and_sets_the_rest_free() -> None:
    change = send(sending(A=3), hold=held(A=4))
    assert isinstance(change, OrderChange)
    assert change.moves == (Move("HZ", "A", 1, -1),)
    assert change.hold is not None
    assert change.hold.state is HoldState.USED
    assert (change.order.status, change.order.next_at) == (Status.ACCEPT, 20.0)


def test_an_order_beyond_its_hold_freezes_free_units() -> None:
    change = send(sending(A=6), hold=held(A=4))
    assert isinstance(change, OrderChange)
    assert change.moves == (Move("HZ", "A", -2, 2),)
    short = send(sending(A=11), hold=None)
    assert short == Refusal("inventory-not-enough", "库存不足: A 需11 可用10")


def test_a_hold_for_several_orders_keeps_what_is_left() -> None:
    change = send(sending(code="YN1-1", A=1), hold=held(A=4))
    assert isinstance(change, OrderChange)
    assert change.moves == ()
    assert change.hold is not None
    assert (change.hold.state, change.hold.lines) == (HoldState.ACTIVE, (Placed("A", 3, "HZ"),))


def test_a_repeat_is_success_and_a_cancelled_number_is_not() -> None:
    order = sent(A=4)
    again = send(sending(A=4), known=order)
    assert isinstance(again, OrderChange)
    assert (again.is_repeat, again.moves, again.order) == (True, (), order)
    gone = orders.cancel(order, now=NOW, is_refused=False)
    assert isinstance(gone, OrderChange)
    refused = send(sending(A=4), known=gone.order)
    assert isinstance(refused, Refusal)
    assert refused.code == "order-canceled"


def test_the_warehouse_must_be_known_and_be_the_holds() -> None:
    assert send(sending(warehouse="XX", A=1)) == Refusal("warehouse-not-found", "仓库不存在: XX")
    other = send(sending(warehouse="NT", A=1), hold=held(A=4))
    assert other == Refusal("warehouse-mismatch", "预占库存不在仓库 NT")
    chosen = send(sending(warehouse="OTHER", A=4), hold=held(A=4))
    assert isinstance(chosen, OrderChange)
    assert chosen.order.warehouse == "HZ"
    free = send(sending(warehouse="OTHER", A=5))
    assert isinstance(free, OrderChange)
    assert free.order.warehouse == "HZ"
    assert isinstance(send(sending(warehouse="OTHER", A=11)), Refusal)


def test_an_order_walks_its_course_and_its_units_leave_at_the_end() -> None:
    order: orders.WmsOrder = sent(A=4)
    seen: list[tuple[str, tuple[Move, ...]]] = []
    tick = 20.0
    assert orders.advance(order, now=NOW, tick=19.9, next_at=0, express_code="SF1") is None
    while (
        change := orders.advance(order, now=NOW, tick=tick, next_at=tick + 20, express_code="SF1")
    ) is not None:
        order, tick = change.order, tick + 20
        seen.append((order.status.value, change.moves))
    assert seen == [
        ("PRINT", ()), ("PICK", ()), ("PACKAGE", ()), ("DELIVERED", (Move("HZ", "A", 0, -4),)),
    ]  # fmt: skip
    assert (order.express_code, order.next_at) == ("SF1", None)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4])
def test_cancelling_works_until_picking_begins(steps: int) -> None:
    order = sent(A=4)
    for _ in range(steps):
        change = orders.advance(order, now=NOW, tick=99.0, next_at=0.0, express_code="SF1")
        assert change is not None
        order = change.order
    result = orders.cancel(order, now=NOW + timedelta(seconds=1), is_refused=False)
    if steps >= 2:
        assert isinstance(result, Refusal)
        assert result.code == "already-picking"
    else:
        assert isinstance(result, OrderChange)
        assert result.moves == (Move("HZ", "A", 4, -4),)
        again = orders.cancel(result.order, now=NOW, is_refused=True)
        assert isinstance(again, OrderChange)
        assert (again.is_repeat, again.moves) == (True, ())


def test_a_paused_order_stands_still() -> None:
    paused = orders.pend(sent(A=4), "pending", next_at=20.0)
    assert isinstance(paused, OrderChange)
    assert orders.advance(paused.order, now=NOW, tick=99.0, next_at=0, express_code="") is None
    again = orders.pend(paused.order, "restore", next_at=40.0)
    assert isinstance(again, OrderChange)
    assert (again.order.is_pending, again.order.next_at) == (False, 40.0)
    gone = orders.cancel(again.order, now=NOW, is_refused=False)
    assert isinstance(gone, OrderChange)
    refused = orders.pend(gone.order, "pending", next_at=1.0)
    assert isinstance(refused, Refusal)
    assert refused.code == "order-finished"
