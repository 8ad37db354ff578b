"""Comparing the books with the providers' daily bills, and settling what differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from yinuo.core.db import Session
from yinuo.orders.model import (
    BillDay,
    BillState,
    Compared,
    Difference,
    DifferenceSettled,
    DifferenceState,
    Posting,
    UnknownDifference,
    compare,
    so_far,
    sums,
)
from yinuo.orders.store import bills, differences

MOST_DAYS = 30  # how far back days are caught up with


def plan_bills(
    session: Session, *, provider: str, account: str, through: date, now: datetime
) -> None:
    """Note every day up to `through` whose bill is to be compared; a repeat adds nothing.

    From the account's first payment on, at most thirty days back.
    """
    bills.plan(
        session,
        provider=provider,
        account=account,
        through=through,
        most_days=MOST_DAYS,
        now=now,
    )


def want_bill(session: Session, bill: BillDay, *, now: datetime) -> None:
    """Note one day that a person wants to be compared; a repeat adds nothing."""
    bills.begin(session, bill, now=now)


def claim_bill(session: Session, *, through: date, now: datetime) -> BillDay | None:
    """Return a day whose bill is due, the oldest first; nobody else gets it for a while.

    Whoever claims it and dies leaves it to the next attempt, after 10, 20, 40 … minutes.
    """
    return bills.claim(session, through=through, now=now)


def bill_not_there(session: Session, bill: BillDay, *, error: str) -> int:
    """Note why a claimed bill could not be had; return how often it was tried."""
    return bills.note_failure(session, bill, error=error)


def book_bill(
    session: Session,
    bill: BillDay,
    lines: Sequence[Posting],
    *,
    is_over: bool,
    now: datetime,
) -> Compared:
    """Keep the lines of a day's bill and compare them with the books; a repeat takes their place.

    A day that `is_over` is compared for good; a running one is compared again when it is over.
    """
    bills.begin(session, bill, now=now)
    bills.replace_lines(session, bill, lines)
    state = BillState.COMPARED if is_over else BillState.RUNNING
    return _compare(session, bill, lines, state=state, now=now)


def compare_again(session: Session, bill: BillDay, *, now: datetime) -> Compared | None:
    """Compare a kept bill with the books as they are now; None for a day without kept lines."""
    state = bills.lock(session, bill)
    if state is None or state is BillState.WAITING or bills.is_forgotten(session, bill):
        return None
    return _compare(session, bill, bills.lines_of(session, bill), state=state, now=now)


def _compare(
    session: Session,
    bill: BillDay,
    lines: Sequence[Posting],
    *,
    state: BillState,
    now: datetime,
) -> Compared:
    booked = bills.booked_on(session, bill)
    if state is BillState.RUNNING:
        booked = so_far(booked, bill=lines)
    found = compare(
        lines,
        booked,
        known=bills.booked_of(session, bill, {one.transaction_id for one in lines}),
        billed_elsewhere=bills.billed_elsewhere(
            session, bill, {one.transaction_id for one in booked}
        ),
    )
    closed = differences.close_gone(session, bill, found, now=now)
    differences.write(session, bill, found, now=now)
    billed_sums, booked_sums = sums(lines), sums(booked)
    bills.save_sums(session, bill, state=state, billed=billed_sums, booked=booked_sums, now=now)
    return Compared(
        bill=bill,
        billed=billed_sums,
        booked=booked_sums,
        open=tuple(differences.open_of(session, bill)),
        closed=tuple(closed),
    )


def load_difference(session: Session, difference_id: str) -> Difference:
    """Return a difference; raises UnknownDifference."""
    return _open(session, difference_id, locks=False)


def note_repair(session: Session, difference_id: str, *, repair: str) -> None:
    """Note what was done about a difference; it closes when the books fit, not before."""
    differences.note_repair(session, difference_id, repair=repair)


def accept_difference(
    session: Session, difference_id: str, *, note: str, now: datetime
) -> Difference:
    """Let a difference stand, with a person's reason; it comes back when its amounts change.

    Raises UnknownDifference, and DifferenceSettled for one that is not open.
    """
    difference = _open(session, difference_id, locks=True)
    if difference.state is not DifferenceState.OPEN:
        raise DifferenceSettled(difference_id=difference_id[:64])
    differences.accept(session, difference_id, note=note, now=now)
    return difference


def _open(session: Session, difference_id: str, *, locks: bool) -> Difference:
    found = differences.find(session, difference_id, locks=locks)
    if found is None:
        raise UnknownDifference(difference_id=difference_id[:64])
    return found


def forget_bill_lines(session: Session, *, before: date) -> int:
    """Return how many lines of old bills were forgotten; sums and differences stay."""
    return bills.forget_lines(session, before=before)
