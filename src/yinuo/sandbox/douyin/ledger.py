"""Which orders changed when, and what each day came to: kept in memory, made again at the start."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime

from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import JsonValue
from yinuo.sandbox.douyin.model import CANCELLED, DyOrder, seconds

_COLUMNS = ("placed", "paid", "paid_fen", "cancelled", "refunded", "refunded_fen")


class Ledger:
    """All orders by their last change; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_change: list[tuple[int, str]] = []
        self._orders: dict[str, DyOrder] = {}

    def note(self, order: DyOrder) -> None:
        """Keep an order's change; one older than what is known changes nothing."""
        changed = seconds(order.changed_at)
        with self._lock:
            known = self._orders.get(order.number)
            if known is not None:
                if known.changed_at >= order.changed_at:
                    return
                place = (seconds(known.changed_at), known.number)
                del self._by_change[bisect.bisect_left(self._by_change, place)]
            self._orders[order.number] = order
            bisect.insort(self._by_change, (changed, order.number))

    def changed(self, since: int, until: int) -> list[DyOrder]:
        """Return what changed in these seconds, both included, oldest first."""
        with self._lock:
            first = bisect.bisect_left(self._by_change, (since, ""))
            last = bisect.bisect_left(self._by_change, (until + 1, ""))
            return [self._orders[number] for _, number in self._by_change[first:last]]

    def newest(self, limit: int) -> list[DyOrder]:
        """Return the last changed orders, newest first."""
        with self._lock:
            return [self._orders[number] for _, number in self._by_change[::-1][:limit]]

    def __len__(self) -> int:
        """Return how many orders there are."""
        return len(self._orders)

    def books(self) -> list[Mapping[str, JsonValue]]:
        """Return each day's orders and money, by Beijing's calendar, in order."""
        with self._lock:
            orders = list(self._orders.values())
        return day_books(orders)


def day_books(orders: Iterable[DyOrder]) -> list[Mapping[str, JsonValue]]:
    """Return what each day came to: placed and paid on it, and given back on it.

    An order that is cancelled counts as such on the day it was placed.
    """
    days: dict[str, dict[str, int]] = {}

    def add(moment: datetime, **more: int) -> None:
        day = moment.astimezone(SHANGHAI).date().isoformat()
        columns = days.setdefault(day, dict.fromkeys(_COLUMNS, 0))
        for column, number in more.items():
            columns[column] += number

    for order in orders:
        add(order.created_at, placed=1, cancelled=int(order.status == CANCELLED))
        if order.paid_at is not None:
            add(order.paid_at, paid=1, paid_fen=order.pay_fen)
        if order.refunded_at is not None:
            add(order.refunded_at, refunded=1, refunded_fen=order.pay_fen)
    return [{"day": day, **days[day]} for day in sorted(days)]
