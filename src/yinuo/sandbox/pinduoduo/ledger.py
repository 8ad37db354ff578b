"""Which orders changed when, and what each day came to: kept in memory, made again at the start."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import JsonValue
from yinuo.sandbox.pinduoduo.model import CALLED_OFF, PddOrder


@dataclass(frozen=True, slots=True)
class Entry:
    """An order's last change: in which second, and from when it is told of, in seconds."""

    changed: int
    shown_from: float
    number: str
    order_status: int
    refund_status: int


class Ledger:
    """All orders by their last change; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._by_change: list[tuple[int, str]] = []
        self._orders: dict[str, PddOrder] = {}

    def note(self, order: PddOrder, *, shown_from: float = 0.0) -> None:
        """Keep an order's change; one older than what is known changes nothing."""
        changed = int(order.changed_at.timestamp())
        entry = Entry(changed, shown_from, order.number, order.order_status, order.refund_status)
        with self._lock:
            known = self._entries.get(order.number)
            if known is not None:
                if known.changed >= changed:
                    return
                place = bisect.bisect_left(self._by_change, (known.changed, known.number))
                del self._by_change[place]
            self._entries[order.number] = entry
            self._orders[order.number] = order
            bisect.insort(self._by_change, (changed, order.number))

    def get(self, number: str) -> PddOrder:
        """Return an order that was noted."""
        return self._orders[number]

    def changed(self, since: int, until: int, *, now: float) -> list[Entry]:
        """Return what changed in these seconds, both included, oldest first."""
        with self._lock:
            first = bisect.bisect_left(self._by_change, (since, ""))
            last = bisect.bisect_left(self._by_change, (until + 1, ""))
            found = [self._entries[number] for _, number in self._by_change[first:last]]
        return [entry for entry in found if entry.shown_from <= now]

    def newest(self, limit: int) -> list[str]:
        """Return the numbers of the last changed orders, newest first."""
        with self._lock:
            return [number for _, number in self._by_change[::-1][:limit]]

    def __len__(self) -> int:
        """Return how many orders there are."""
        return len(self._entries)

    def books(self) -> list[Mapping[str, JsonValue]]:
        """Return each day's orders and money, by Beijing's calendar, in order."""
        with self._lock:
            orders = list(self._orders.values())
        return day_books(orders)


_COLUMNS = ("placed", "confirmed", "confirmed_fen", "cancelled", "refunded", "refunded_fen")


def day_books(orders: Iterable[PddOrder]) -> list[Mapping[str, JsonValue]]:
    """Return what each day came to: placed and confirmed on it, and given back on it.

    An order that is called off without a payment counts on the day it was placed.
    """
    days: dict[str, dict[str, int]] = {}

    def add(moment: datetime, **more: int) -> None:
        day = days.setdefault(_day(moment).isoformat(), dict.fromkeys(_COLUMNS, 0))
        for column, number in more.items():
            day[column] += number

    for order in orders:
        add(order.created_at, placed=1)
        if order.confirmed_at is not None:
            add(order.confirmed_at, confirmed=1, confirmed_fen=order.pay_fen)
        if order.confirm_status == CALLED_OFF:
            add(order.created_at, cancelled=1)
        if order.refunded_at is not None and order.confirmed_at is not None:
            add(order.refunded_at, refunded=1, refunded_fen=order.pay_fen)
    return [{"day": day, **days[day]} for day in sorted(days)]


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
