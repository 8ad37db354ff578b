"""Warehouse stock and holds: what is free, what is frozen, and who froze it. Pure decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from yinuo.core.errors import Conflict

GOOD = "ZP"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A business refusal as the vendor words it; `is_retry` asks the caller to come back later."""

    code: str
    message: str
    is_retry: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """Units of one SKU and condition in one warehouse: free to take, and frozen for somebody."""

    warehouse: str
    item: str
    free: int
    frozen: int = 0
    inventory_type: str = GOOD


@dataclass(frozen=True, slots=True)
class Move:
    """A change of one shelf."""

    warehouse: str
    item: str
    free: int = 0
    frozen: int = 0
    inventory_type: str = GOOD


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units asked for, wherever they are."""

    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Units frozen or taken in one warehouse."""

    item: str
    quantity: int
    warehouse: str


class HoldState(StrEnum):
    """Where a hold stands."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Stock frozen for one order code, until it is used, cancelled or, where set, expires."""

    order_code: str
    owner_code: str
    lines: tuple[Placed, ...]
    asked: tuple[Wanted, ...]
    state: HoldState
    expires_at: float | None = None  # in the seconds of the vendor's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveRequest:
    """What `inventoryreserve.create` asks: no warehouse means that the WMS chooses."""

    order_code: str
    owner_code: str
    warehouse: str
    most_warehouses: int
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class HoldChange:
    """A hold as it is now, the shelves that change with it, and whether nothing was new."""

    hold: Hold
    moves: tuple[Move, ...]
    is_repeat: bool = False


def total(wanted: Iterable[Wanted | Placed]) -> Counter[str]:
    """Return units per SKU: two lines of one SKU are one demand."""
    units: Counter[str] = Counter()
    for line in wanted:
        units[line.item] += line.quantity
    return units


def reserve(
    request: ReserveRequest,
    shelves: Sequence[Shelf],
    *,
    warehouses: frozenset[str],
    hold: Hold | None,
    expires_at: float | None,
) -> HoldChange | Refusal:
    """Decide about a new hold: all lines or none; the same order code again freezes nothing more."""
    if hold is not None and hold.state in {HoldState.ACTIVE, HoldState.USED}:
        if total(hold.asked) != total(request.wanted):
            return Refusal("reserve-conflict", f"orderCode {hold.order_code} 已预占其他商品")
        return HoldChange(hold, (), is_repeat=True)
    demand = total(request.wanted)
    good = [shelf for shelf in shelves if shelf.inventory_type == GOOD]
    if unknown := sorted(demand.keys() - {shelf.item for shelf in good}):
        return Refusal("item-not-found", f"商品不存在: {','.join(unknown)}")
    if request.warehouse and request.warehouse not in warehouses:
        return Refusal("warehouse-not-found", f"仓库不存在: {request.warehouse}")
    placed = _place(demand, good, warehouse=request.warehouse, most=request.most_warehouses)
    if placed is None:
        return Refusal("inventory-not-enough", _short(demand, good, warehouse=request.warehouse))
    fresh = Hold(
        order_code=request.order_code,
        owner_code=request.owner_code,
        lines=placed,
        asked=request.wanted,
        state=HoldState.ACTIVE,
        expires_at=expires_at,
    )
    return HoldChange(fresh, tuple(freeze(placed)))


def freeze(lines: Iterable[Placed], *, direction: int = 1) -> list[Move]:
    """Return the moves that freeze these lines, or with -1 set them free again."""
    return [
        Move(
            line.warehouse,
            line.item,
            free=-direction * line.quantity,
            frozen=direction * line.quantity,
        )
        for line in lines
    ]


def _place(
    demand: Counter[str], shelves: Sequence[Shelf], *, warehouse: str, most: int
) -> tuple[Placed, ...] | None:
    """Place all units: in the named warehouse, else in one that has all, else in several."""
    free = {(shelf.warehouse, shelf.item): shelf.free for shelf in shelves}
    names = [warehouse] if warehouse else sorted({shelf.warehouse for shelf in shelves})
    for name in names:
        if all(free.get((name, item), 0) >= units for item, units in demand.items()):
            return tuple(Placed(item, units, name) for item, units in sorted(demand.items()))
    if warehouse or most == 1:
        return None
    return _spread(demand, free, names=names, most=most)


def _spread(
    demand: Counter[str], free: dict[tuple[str, str], int], *, names: list[str], most: int
) -> tuple[Placed, ...] | None:
    placed: list[Placed] = []
    for item, units in sorted(demand.items()):
        left = units
        for name in sorted(names, key=lambda name: (-free.get((name, item), 0), name)):
            if taken := min(left, free.get((name, item), 0)):
                placed.append(Placed(item, taken, name))
                left -= taken
        if left:
            return None
    if most and len({line.warehouse for line in placed}) > most:
        return None
    return tuple(placed)


def _short(demand: Counter[str], shelves: Sequence[Shelf], *, warehouse: str) -> str:
    free: Counter[str] = Counter()
    for shelf in shelves:
        if warehouse in {"", shelf.warehouse}:
            free[shelf.item] += shelf.free
    short = [
        f"{item} 需{units} 可用{free[item]}"
        for item, units in sorted(demand.items())
        if free[item] < units
    ]
    return "库存不足: " + ("; ".join(short) or "仓库数量限制")


def cancel(hold: Hold | None, lines: Sequence[Wanted]) -> HoldChange | Refusal:
    """Decide about giving a hold back, whole (no lines named) or in part; a repeat is no error."""
    if hold is None:
        return Refusal("reserve-not-found", "预占单不存在")
    if hold.state is HoldState.USED:
        return Refusal("reserve-used", "预占库存已被发货单使用")
    if hold.state is not HoldState.ACTIVE:
        return HoldChange(hold, (), is_repeat=True)
    asked = total(lines) or total(hold.lines)
    held = total(hold.lines)
    if over := sorted(item for item, units in asked.items() if units > held[item]):
        return Refusal("reserve-quantity", f"释放数量超过预占: {','.join(over)}")
    freed, kept = _take(hold.lines, asked)
    if not kept:
        return HoldChange(
            replace(hold, state=HoldState.CANCELLED), tuple(freeze(freed, direction=-1))
        )
    still = tuple(Wanted(item, units) for item, units in sorted(total(kept).items()))
    return HoldChange(replace(hold, lines=kept, asked=still), tuple(freeze(freed, direction=-1)))


def _take(
    lines: Sequence[Placed], asked: Counter[str]
) -> tuple[tuple[Placed, ...], tuple[Placed, ...]]:
    left, taken, kept = Counter(asked), [], []
    for line in lines:
        units = min(line.quantity, left[line.item])
        left[line.item] -= units
        if units:
            taken.append(replace(line, quantity=units))
        if units < line.quantity:
            kept.append(replace(line, quantity=line.quantity - units))
    return tuple(taken), tuple(kept)


def expire(hold: Hold, *, tick: float) -> HoldChange | None:
    """Return the hold given back because its time is over, or None while it stands."""
    if hold.state is not HoldState.ACTIVE or hold.expires_at is None or hold.expires_at > tick:
        return None
    freed = tuple(freeze(hold.lines, direction=-1))
    return HoldChange(replace(hold, state=HoldState.EXPIRED), freed)


class Uncovered(Conflict):
    """A move would take more than a shelf has: a mistake of this stand-in, never an answer."""

    code = "sandbox.uncovered_move"


def apply(shelves: Iterable[Shelf], moves: Iterable[Move]) -> list[Shelf]:
    """Return the shelves after the moves; raises Uncovered rather than go below zero."""
    by_place = {(one.warehouse, one.item, one.inventory_type): one for one in shelves}
    for move in moves:
        place = (move.warehouse, move.item, move.inventory_type)
        old = by_place.get(place) or Shelf(*place[:2], 0, 0, move.inventory_type)
        new = replace(old, free=old.free + move.free, frozen=old.frozen + move.frozen)
        if new.free < 0 or new.frozen < 0:
            raise Uncovered(item=move.item, warehouse=move.warehouse)
        by_place[place] = new
    return [by_place[place] for place in sorted(by_place)]


def counted(shelves: Sequence[Shelf], wanted: Sequence[Shelf]) -> tuple[list[Shelf], list[Shelf]]:
    """Return the shelves holding what was counted, and those counts that frozen units forbid.

    `free` of a wanted shelf means all its units, frozen ones included.
    """
    kept = {(one.warehouse, one.inventory_type): one for one in shelves}
    refused: list[Shelf] = []
    for one in wanted:
        place = (one.warehouse, one.inventory_type)
        frozen = kept[place].frozen if place in kept else 0
        if one.free < frozen:
            refused.append(one)
        else:
            kept[place] = replace(one, free=one.free - frozen, frozen=frozen)
    return [kept[place] for place in sorted(kept)], refused
