"""What the warehouse does with its state: every verb is one transaction under one lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.sandbox.agenda import Agenda
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.qimen import orders, stock
from yinuo.sandbox.qimen.orders import OrderChange, SendRequest, WmsOrder
from yinuo.sandbox.qimen.stock import (
    Hold,
    HoldChange,
    HoldState,
    Move,
    Refusal,
    ReserveRequest,
    Shelf,
    Wanted,
)
from yinuo.sandbox.qimen.switches import Switches
from yinuo.sandbox.state import Stored

LOCK = "qimen/warehouse"
ALL = "all"


class Warehouse:
    """Shelves, holds and delivery orders of one customer in all its warehouses.

    `reached` is told every order that took a step, after the step is stored.
    """

    def __init__(
        self, kernel: Kernel, switches: Switches, *, reached: Callable[[WmsOrder], None]
    ) -> None:
        self._state = kernel.state
        self._clock = kernel.clock
        self._switches = switches
        self._reached = reached
        self._shelves = kernel.state.collection("qimen", "shelves", list[Shelf])
        self._names = kernel.state.collection("qimen", "warehouses", list[str])
        self._holds = kernel.state.collection("qimen", "holds", Hold)
        self._orders = kernel.state.collection("qimen", "orders", WmsOrder)
        self._codes = kernel.state.collection("qimen", "order_ids", str)
        self._count = kernel.state.collection("qimen", "count", int)
        self._steps = Agenda(kernel.state, "qimen", kind="steps")
        self._expiries = Agenda(kernel.state, "qimen", kind="expiries")

    def reserve(self, request: ReserveRequest) -> HoldChange | Refusal:
        """Freeze all lines under an order code, or nothing."""
        with self._state.transaction(LOCK) as session:
            shelves = self._of_items([line.item for line in request.wanted], session)
            seconds = self._switches.now().hold_seconds
            expires_at = None if seconds is None else self._clock.now() + seconds
            change = stock.reserve(
                request,
                shelves,
                warehouses=self._warehouses(session),
                hold=self._holds.get(request.order_code, session=session),
                expires_at=expires_at,
            )
            if isinstance(change, HoldChange) and not change.is_repeat:
                self._keep_hold(change.hold, session)
                self._apply(change.moves, session)
        return change

    def cancel_hold(self, order_code: str, lines: Sequence[Wanted]) -> HoldChange | Refusal:
        """Give a hold back, whole or in part."""
        with self._state.transaction(LOCK) as session:
            change = stock.cancel(self._holds.get(order_code, session=session), lines)
            if isinstance(change, HoldChange) and not change.is_repeat:
                self._keep_hold(change.hold, session)
                self._apply(change.moves, session)
        return change

    def send(self, request: SendRequest) -> OrderChange | Refusal:
        """Take a delivery order; it uses the hold of its number."""
        with self._state.transaction(LOCK) as session:
            shelves = self._of_items([line.item for line in request.lines], session)
            number = (self._count.get(ALL, session=session) or 0) + 1
            change = orders.send(
                request,
                shelves,
                warehouses=self._warehouses(session),
                known=self._orders.get(request.code, session=session),
                hold=self._hold_for(request, session),
                now=clock.now(),
                next_at=self._next_step(),
                order_id=f"WMS{number:010d}",
            )
            if isinstance(change, Refusal) or change.is_repeat:
                return change
            self._count.put(ALL, number, session=session)
            self._codes.put(change.order.order_id, change.order.code, session=session)
            if change.hold is not None:
                self._keep_hold(change.hold, session)
            self._keep_order(change, session)
        self._reached(change.order)
        return change

    def cancel_order(self, code: str, *, order_id: str) -> OrderChange | Refusal:
        """Cancel a delivery order that nobody has begun to pick."""
        refused = self._switches.now().refuse_cancel
        with self._state.transaction(LOCK) as session:
            order = self._find(code, order_id, session)
            is_refused = "*" in refused or (order is not None and order.code in refused)
            change = orders.cancel(order, now=clock.now(), is_refused=is_refused)
            if isinstance(change, OrderChange) and not change.is_repeat:
                self._keep_order(change, session)
        return change

    def pend(self, code: str, action: str, *, order_id: str) -> OrderChange | Refusal:
        """Pause a delivery order or let it go on."""
        with self._state.transaction(LOCK) as session:
            order = self._find(code, order_id, session)
            change = orders.pend(order, action, next_at=self._next_step())
            if isinstance(change, OrderChange) and not change.is_repeat:
                self._keep_order(change, session)
        return change

    def step(self, code: str) -> WmsOrder | None:
        """Return the order after its next step, taken at once; None when it has none."""
        order = self._advance(code, tick=float("inf"))
        if order is not None:
            self._reached(order)
        return order

    def tick(self) -> None:
        """Take the steps that are due and set free the holds whose time is over."""
        now = self._clock.now()
        for code in self._steps.due(now):
            order = self._advance(code, tick=now)
            if order is not None:
                self._reached(order)
        for code in self._expiries.due(now):
            with self._state.transaction(LOCK) as session:
                hold = self._holds.get(code, session=session)
                change = None if hold is None else stock.expire(hold, tick=now)
                if change is not None:
                    self._keep_hold(change.hold, session)
                    self._apply(change.moves, session)
                self._expiries.remove(code, session=session)

    def _advance(self, code: str, *, tick: float) -> WmsOrder | None:
        with self._state.transaction(LOCK) as session:
            order = self._orders.get(code, session=session)
            if order is None:
                self._steps.remove(code, session=session)
                return None
            change = orders.advance(
                order,
                now=clock.now(),
                tick=tick,
                next_at=self._next_step(),
                express_code=f"{order.carrier}{10**12 + int(order.order_id[3:])}",
            )
            if change is None:
                return None
            self._keep_order(change, session)
        return change.order

    def seed(self, found: Sequence[Shelf]) -> list[Shelf]:
        """Return the shelves that cannot hold so few, because more is frozen; keep the others.

        `free` of a given shelf means all units in the warehouse, frozen ones included.
        """
        by_item: dict[str, list[Shelf]] = {}
        for one in found:
            by_item.setdefault(one.item, []).append(one)
        refused: list[Shelf] = []
        with self._state.transaction(LOCK) as session:
            names = self._warehouses(session) | {one.warehouse for one in found}
            self._names.put(ALL, sorted(names), session=session)
            for item, wanted in by_item.items():
                shelves = self._shelves.get(item, session=session) or []
                kept, too_few = stock.counted(shelves, wanted)
                refused += too_few
                self._shelves.put(item, kept, session=session)
        return refused

    def count(self, moves: Sequence[Move]) -> None:
        """Book a counted difference; raises stock.Uncovered, and then changes nothing."""
        with self._state.transaction(LOCK) as session:
            self._apply(moves, session)

    def shelves(self, items: Sequence[str]) -> list[Shelf]:
        """Return the shelves of these items."""
        with self._state.transaction() as session:
            return self._of_items(items, session)

    def all_shelves(self) -> list[Shelf]:
        """Return every shelf."""
        found = self._shelves.changed(limit=1_000_000)
        return [shelf for stored in found for shelf in stored.value]

    def order(self, code: str, *, order_id: str = "") -> WmsOrder | None:
        """Return a delivery order by the hub's code or by the warehouse's own number."""
        with self._state.transaction() as session:
            return self._find(code, order_id, session)

    def hold(self, order_code: str) -> Hold | None:
        """Return a hold by its order code."""
        return self._holds.get(order_code)

    def newest_orders(self, limit: int) -> list[Stored[WmsOrder]]:
        """Return the last changed orders, newest first."""
        return self._orders.newest(limit)

    def newest_holds(self, limit: int) -> list[Stored[Hold]]:
        """Return the last changed holds, newest first."""
        return self._holds.newest(limit)

    def totals(self) -> tuple[int, int]:
        """Return how many orders and how many holds there are."""
        return self._orders.count(), self._holds.count()

    def _find(self, code: str, order_id: str, session: Session) -> WmsOrder | None:
        found = code or self._codes.get(order_id, session=session)
        return self._orders.get(found, session=session) if found else None

    def _hold_for(self, request: SendRequest, session: Session) -> Hold | None:
        """Return the active hold of the order's own code, else of a code its lines come from."""
        for code in dict.fromkeys([request.code, *(line.source_code for line in request.lines)]):
            hold = self._holds.get(code, session=session) if code else None
            if hold is not None and hold.state is HoldState.ACTIVE:
                return hold
        return None

    def _of_items(self, items: Sequence[str], session: Session) -> list[Shelf]:
        return [
            shelf
            for item in dict.fromkeys(items)
            for shelf in self._shelves.get(item, session=session) or []
        ]

    def _warehouses(self, session: Session) -> frozenset[str]:
        return frozenset(self._names.get(ALL, session=session) or ())

    def _next_step(self) -> float:
        return self._clock.now() + self._switches.now().step_seconds

    def _keep_hold(self, hold: Hold, session: Session) -> None:
        self._holds.put(hold.order_code, hold, session=session)
        if hold.state is HoldState.ACTIVE and hold.expires_at is not None:
            self._expiries.put(hold.order_code, hold.expires_at, session=session)
        else:
            self._expiries.remove(hold.order_code, session=session)

    def _keep_order(self, change: OrderChange, session: Session) -> None:
        order = change.order
        self._orders.put(order.code, order, session=session)
        if order.next_at is None or order.is_pending:
            self._steps.remove(order.code, session=session)
        else:
            self._steps.put(order.code, order.next_at, session=session)
        self._apply(change.moves, session)

    def _apply(self, moves: Sequence[Move], session: Session) -> None:
        for item in dict.fromkeys(move.item for move in moves):
            shelves = self._shelves.get(item, session=session) or []
            mine = [move for move in moves if move.item == item]
            self._shelves.put(item, stock.apply(shelves, mine), session=session)
