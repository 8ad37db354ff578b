"""Stock as the bridge tells it: on hand less open demand, per item and stock. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from yinuo.core.clock import SHANGHAI
from yinuo.sandbox.kingdee.store.figures import Figure


class BridgeItem(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One line of the bridge's answer, in the customer's own spelling."""

    item_code: str
    stock_code: str
    on_hand: int
    open: int
    available: int
    as_of: str


def photograph(
    on_hand: Sequence[Figure], demand: Sequence[Figure], *, now: datetime
) -> list[BridgeItem]:
    """Return a line per item and stock; the sum of `open` is the item's whole open demand.

    A sale order does not say from which stock it ships. Demand that names none is laid on the
    fullest stock first, and what none can cover on the last, whose `available` is then negative.
    """
    items: list[BridgeItem] = []
    for item in sorted({figure.item for figure in on_hand}):
        booked = {one.stock: int(one.quantity) for one in on_hand if one.item == item}
        wanted = {one.stock: int(one.quantity) for one in demand if one.item == item}
        laid = _lay(booked, wanted)
        items.extend(
            BridgeItem(
                item_code=item,
                stock_code=stock,
                on_hand=units,
                open=laid[stock],
                available=units - laid[stock],
                as_of=now.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            )
            for stock, units in sorted(booked.items())
        )
    return items


def _lay(booked: dict[str, int], wanted: dict[str, int]) -> dict[str, int]:
    laid = {stock: wanted.get(stock, 0) for stock in booked}
    left = sum(wanted.values()) - sum(laid.values())
    fullest_first = sorted(booked, key=lambda stock: (-booked[stock], stock))
    for stock in fullest_first:
        units = min(left, max(0, booked[stock] - laid[stock]))
        laid[stock] += units
        left -= units
    if left and fullest_first:
        laid[fullest_first[-1]] += left
    return laid
