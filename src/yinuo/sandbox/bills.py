"""What the daily bills of both payment providers need: when they exist, what stands in them, where.

Faults on the operation `bill/line` make a bill differ from what happened: `drop` leaves a line out,
`duplicate` writes it twice, `error` adds a fen; `error` on `bill/content` cuts the file off. The sums
of a bill are always those of its own lines.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

import msgspec

from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.sandbox.exchange import Answer, Incoming
from yinuo.sandbox.faults import FaultKind, first
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.state import Collection

T = TypeVar("T")
PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a bill; `number` is the refund's own, empty for a payment."""

    at: datetime
    payment_number: str
    transaction_id: str
    name: str
    buyer: str
    amount_fen: int
    number: str = ""
    refund_id: str = ""

    @property
    def is_refund(self) -> bool:
        """Tell whether money went back."""
        return self.number != ""


class Kept(msgspec.Struct, frozen=True):
    """A file that waits to be fetched for a while; in hex, since JSON keeps it."""

    content: str
    until: datetime


def day_of(text: str) -> date | None:
    """Return the day in "2026-11-22", or None."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def is_made(kernel: Kernel, day: date) -> bool:
    """Tell whether the bill of a day exists by now."""
    if kernel.settings.bills_of_today:
        return day <= clock.now().astimezone(SHANGHAI).date()
    at = time(kernel.settings.bills_at_hour)
    return clock.now() >= datetime.combine(day + timedelta(days=1), at, tzinfo=SHANGHAI)


def of_day(
    kept: Collection[T], day: date, *, entry: Callable[[T], Entry | None]
) -> Iterator[Entry]:
    """Give the entries of a day; what happened on it was last changed on it or later."""
    since = datetime.combine(day, time(), tzinfo=SHANGHAI)
    after = (since - timedelta(days=1), "")
    while True:
        page = kept.changed(since=since, after=after, limit=PAGE)
        for stored in page:
            made = entry(stored.value)
            if made is not None and made.at.astimezone(SHANGHAI).date() == day:
                yield made
        if len(page) < PAGE:
            return
        after = (page[-1].updated_at, page[-1].key)


def struck(kernel: Kernel, system: str, entries: list[Entry]) -> list[Entry]:
    """Return the lines of a bill, as faults would have them, in the order of time."""
    lines: list[Entry] = []
    for one in sorted(entries, key=lambda one: (one.at, one.transaction_id, one.number)):
        faults = kernel.faults.draw(system, "bill/line")
        if first(faults, FaultKind.DROP):
            continue
        wrong = first(faults, FaultKind.ERROR) is not None
        lines.append(replace(one, amount_fen=one.amount_fen + 1) if wrong else one)
        if first(faults, FaultKind.DUPLICATE):
            lines.append(lines[-1])
    return lines


class Files:
    """Files that were made and wait to be fetched, each under a name that is hard to guess.

    They wait real seconds: whoever fetches does not run faster with the vendors' clock.
    """

    def __init__(self, kernel: Kernel, system: str, *, seconds: float) -> None:
        self._kept = kernel.state.collection(system, "bills", Kept)
        self._seconds = seconds

    def put(self, content: bytes) -> str:
        """Return the name under which the file can be fetched for a while."""
        name = secrets.token_hex(16)
        until = clock.now() + timedelta(seconds=self._seconds)
        self._kept.put(name, Kept(content.hex(), until))
        return name

    def answer(self, incoming: Incoming) -> Answer:
        """Answer the file of the name in the query; 404 when it is not there or no more."""
        found = self._kept.get(incoming.query.get("token", ""))
        if found is None or found.until < clock.now():
            return Answer(status=404, code="EXPIRED")
        return Answer(body=bytes.fromhex(found.content), content_type="application/octet-stream")
