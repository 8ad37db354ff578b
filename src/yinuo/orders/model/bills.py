"""A provider's bill of a day against the books: what differs, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias

from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import Conflict, NotFound
from yinuo.core.money import Fen


class UnknownDifference(NotFound):
    """There is no such difference."""

    code = "payments.unknown_difference"


class DifferenceSettled(Conflict):
    """The difference is gone already; nothing is left to do about it."""

    code = "payments.difference_settled"


class DifferenceKind(StrEnum):
    """How bill and books differ."""

    NOT_IN_HUB = "not_in_hub"
    NOT_IN_BILL = "not_in_bill"
    AMOUNT_DIFFERS = "amount_differs"
    REFUND_NOT_IN_HUB = "refund_not_in_hub"
    REFUND_NOT_IN_BILL = "refund_not_in_bill"
    REFUND_AMOUNT_DIFFERS = "refund_amount_differs"
    DUPLICATE = "duplicate"


class DifferenceState(StrEnum):
    """Where a difference stands: `vanished` went away by itself, `repaired` by what was done."""

    OPEN = "open"
    REPAIRED = "repaired"
    VANISHED = "vanished"
    ACCEPTED = "accepted"


class BillState(StrEnum):
    """Where the bill of a day stands: `running` is one of a day that is not over."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPARED = "compared"


Key: TypeAlias = tuple[bool, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Money that came, or (`is_refund`) went back, as a bill or the books have it."""

    is_refund: bool
    payment_number: str
    transaction_id: str
    refund_number: str
    amount_fen: Fen
    at: datetime

    @property
    def key(self) -> Key:
        """Return what makes it the same in the bill and in the books."""
        return self.is_refund, self.transaction_id, self.refund_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that differs; an amount is None on the side where it is missing."""

    kind: DifferenceKind
    payment_number: str
    transaction_id: str
    refund_number: str
    bill_fen: Fen | None
    hub_fen: Fen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillDay:
    """Which account and day a bill is of."""

    provider: str
    account: str
    day: date

    @property
    def subject(self) -> str:
        """Return what names it in a work item."""
        return f"{self.provider}:{self.account}:{self.day.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference as it is kept; `repair` is a text code of what was done about it."""

    id: str
    bill: BillDay
    found: Found
    state: DifferenceState
    repair: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How much came and went back, and how often."""

    payments: int
    paid_fen: Fen
    refunds: int
    refunded_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What comparing a day found: what stands open, and what has gone since the time before."""

    bill: BillDay
    billed: Sums
    booked: Sums
    open: tuple[Difference, ...]
    closed: tuple[Difference, ...]


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return the moments between which a provider's day lies."""
    start = datetime.combine(day, time(), tzinfo=SHANGHAI)
    return start, start + timedelta(days=1)


def last_billed_day(now: datetime, *, made_at: time) -> date:
    """Return the newest day whose bill should exist by now: it is made in the morning after."""
    local = now.astimezone(SHANGHAI)
    return local.date() - timedelta(days=1 if local.time() >= made_at else 2)


def retry_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 10, 20, 40 … minutes, at most four hours."""
    return timedelta(minutes=min(10 * 2 ** min(max(attempts, 1) - 1, 5), 240))


def sums(postings: Iterable[Posting]) -> Sums:
    """Return what the postings add up to."""
    came: list[int] = []
    back: list[int] = []
    for one in postings:
        (back if one.is_refund else came).append(one.amount_fen)
    return Sums(
        payments=len(came), paid_fen=Fen(sum(came)), refunds=len(back), refunded_fen=Fen(sum(back))
    )


def so_far(booked: Sequence[Posting], *, bill: Sequence[Posting]) -> list[Posting]:
    """Return the bookings that a running day's bill can know of: none later than its last line.

    Money that came since the bill was made is no difference; it stands in the next one.
    """
    listed = {one.key for one in bill}
    last = max((one.at for one in bill), default=None)
    return [one for one in booked if one.key in listed or (last is not None and one.at < last)]


def compare(
    bill: Sequence[Posting],
    booked: Sequence[Posting],
    *,
    known: Mapping[Key, Posting],
    billed_elsewhere: AbstractSet[Key],
) -> list[Found]:
    """Return every difference between a day's bill and the books, in the order of the bill.

    `known` are all bookings of what the bill names, on whatever day they stand in the books: a
    refund may be asked for before midnight and done after. `billed_elsewhere` is what other
    days' bills name.
    """
    listed = {one.key for one in bill}
    return [
        *_twice(bill, known),
        *_wrong(bill, known),
        *(
            _found(_missing(one), one, bill_fen=None, hub_fen=one.amount_fen)
            for one in booked
            # Money by sums so far may leave nothing for a refund that was made by hand.
            if one.key not in listed and one.key not in billed_elsewhere and one.amount_fen
        ),
    ]


def _twice(bill: Sequence[Posting], known: Mapping[Key, Posting]) -> Iterator[Found]:
    """Give what stands twice in the bill: the same line, or two payments for one number."""
    for key, many in Counter(one.key for one in bill).items():
        if many > 1:
            one = next(one for one in bill if one.key == key)
            booked = known.get(key)
            yield _found(
                DifferenceKind.DUPLICATE,
                one,
                bill_fen=Fen(one.amount_fen * many),
                hub_fen=booked.amount_fen if booked else None,
            )
    first: dict[str, str] = {}
    for one in bill:
        if one.is_refund or first.setdefault(one.payment_number, one.transaction_id) == (
            one.transaction_id
        ):
            continue
        booked = known.get(one.key)
        yield _found(
            DifferenceKind.DUPLICATE,
            one,
            bill_fen=one.amount_fen,
            hub_fen=booked.amount_fen if booked else None,
        )


def _wrong(bill: Sequence[Posting], known: Mapping[Key, Posting]) -> Iterator[Found]:
    """Give what the books do not have, or with another amount."""
    for one in {one.key: one for one in bill}.values():
        booked = known.get(one.key)
        if booked is None:
            kind = DifferenceKind.REFUND_NOT_IN_HUB if one.is_refund else DifferenceKind.NOT_IN_HUB
            yield _found(kind, one, bill_fen=one.amount_fen, hub_fen=None)
        elif booked.amount_fen != one.amount_fen:
            kind = (
                DifferenceKind.REFUND_AMOUNT_DIFFERS
                if one.is_refund
                else DifferenceKind.AMOUNT_DIFFERS
            )
            yield _found(kind, one, bill_fen=one.amount_fen, hub_fen=booked.amount_fen)


def _missing(one: Posting) -> DifferenceKind:
    return DifferenceKind.REFUND_NOT_IN_BILL if one.is_refund else DifferenceKind.NOT_IN_BILL


def _found(
    kind: DifferenceKind, one: Posting, *, bill_fen: Fen | None, hub_fen: Fen | None
) -> Found:
    return Found(
        kind=kind,
        payment_number=one.payment_number,
        transaction_id=one.transaction_id,
        refund_number=one.refund_number,
        bill_fen=bill_fen,
        hub_fen=hub_fen,
    )
