"""Bills of payment providers: which are due, their lines, and the bookings beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.core.money import Fen
from yinuo.orders.model import BillDay, BillState, Posting, Sums, bounds, retry_after
from yinuo.orders.model.bills import Key
from yinuo.orders.tables import PaymentBillLineRow, PaymentBillRow

_PLAN = sa.text(
    """
    INSERT INTO payment_bills (provider, account, day, state, next_at)
    SELECT :provider, :account, one::date, 'waiting', :now
      FROM generate_series(CAST(:since AS date), CAST(:through AS date), interval '1 day') one
    ON CONFLICT DO NOTHING
    """
)
_FIRST = sa.text(
    """
    SELECT (min(paid_at) AT TIME ZONE 'Asia/Shanghai')::date FROM payments
     WHERE provider = :provider AND account = :account
    """
)
_CLAIM = sa.text(
    """
    SELECT provider, account, day, attempts FROM payment_bills
     WHERE state <> 'compared' AND next_at <= :now AND day <= :through
     ORDER BY day, provider, account LIMIT 1 FOR UPDATE SKIP LOCKED
    """
)
_BOOKED = """
    SELECT false AS is_refund, payment_number, transaction_id, '' AS refund_number, amount_fen,
           paid_at AS at
      FROM payments WHERE provider = :provider AND account = :account AND {payment}
    UNION ALL
    SELECT true, payment_number, transaction_id, out_refund_number, amount_fen,
           coalesce(refunded_at, received_at)
      FROM refunds
     WHERE provider = :provider AND account = :account AND status = 'success' AND {refund}
     ORDER BY at, transaction_id, refund_number
"""
_OF_DAY = sa.text(
    _BOOKED.format(
        payment="paid_at >= :since AND paid_at < :until",
        refund="coalesce(refunded_at, received_at) >= :since"
        " AND coalesce(refunded_at, received_at) < :until",
    )
)
_OF_TRANSACTIONS = sa.text(
    _BOOKED.format(payment="transaction_id = ANY(:ids)", refund="transaction_id = ANY(:ids)")
)
_ELSEWHERE = sa.text(
    """
    SELECT DISTINCT is_refund, transaction_id, refund_number FROM payment_bill_lines
     WHERE provider = :provider AND account = :account AND day <> :day
       AND transaction_id = ANY(:ids)
    """
)


def plan(
    session: Session,
    *,
    provider: str,
    account: str,
    through: date,
    most_days: int,
    now: datetime,
) -> None:
    """Write a row for each day whose bill is to be compared, from the first payment on."""
    place = {"provider": provider, "account": account}
    first = session.execute(_FIRST, place).scalar_one()
    since = max(first or through, through - timedelta(days=most_days - 1))
    session.execute(_PLAN, {**place, "since": since, "through": through, "now": now})


def claim(session: Session, *, through: date, now: datetime) -> BillDay | None:
    """Return a day whose bill is due, for this caller alone until its next attempt is due."""
    row = session.execute(_CLAIM, {"now": now, "through": through}).one_or_none()
    if row is None:
        return None
    bill = BillDay(provider=row.provider, account=row.account, day=row.day)
    attempts = row.attempts + 1
    session.execute(
        sa.update(PaymentBillRow)
        .where(*_is(bill))
        .values(attempts=attempts, next_at=now + retry_after(attempts))
    )
    return bill


def begin(session: Session, bill: BillDay, *, now: datetime) -> None:
    """Write a day that nobody has planned, and lock it."""
    session.execute(_PLAN, {**_place(bill), "since": bill.day, "through": bill.day, "now": now})
    lock(session, bill)


def lock(session: Session, bill: BillDay) -> BillState | None:
    """Return the state of a day, locked; None for one that nobody has planned."""
    found = session.execute(
        sa.select(PaymentBillRow.state).where(*_is(bill)).with_for_update()
    ).scalar_one_or_none()
    return None if found is None else BillState(found)


def is_forgotten(session: Session, bill: BillDay) -> bool:
    """Tell whether a bill had lines that are kept no more."""
    had = session.execute(
        sa.select(PaymentBillRow.bill_payments + PaymentBillRow.bill_refunds).where(*_is(bill))
    ).scalar_one()
    return had > 0 and not lines_of(session, bill)


def note_failure(session: Session, bill: BillDay, *, error: str) -> int:
    """Write why there is no bill yet, and return how often it was tried."""
    return session.execute(
        sa.update(PaymentBillRow)
        .where(*_is(bill))
        .values(last_error=error)
        .returning(PaymentBillRow.attempts)
    ).scalar_one()


def replace_lines(session: Session, bill: BillDay, lines: Sequence[Posting]) -> None:
    """Write the lines of a bill in place of those of an earlier one."""
    session.execute(
        sa.delete(PaymentBillLineRow).where(
            PaymentBillLineRow.provider == bill.provider,
            PaymentBillLineRow.account == bill.account,
            PaymentBillLineRow.day == bill.day,
        )
    )
    rows = [
        {**asdict(line), **_place(bill), "day": bill.day, "place": place}
        for place, line in enumerate(lines)
    ]
    if rows:
        session.execute(sa.insert(PaymentBillLineRow), rows)


def lines_of(session: Session, bill: BillDay) -> list[Posting]:
    """Return the lines of a bill in their order."""
    found = sa.text(
        "SELECT is_refund, payment_number, transaction_id, refund_number, amount_fen, at"
        " FROM payment_bill_lines"
        " WHERE provider = :provider AND account = :account AND day = :day ORDER BY place"
    )
    return [_posting(row) for row in session.execute(found, {**_place(bill), "day": bill.day})]


def booked_on(session: Session, bill: BillDay) -> list[Posting]:
    """Return what the books have for the day."""
    since, until = bounds(bill.day)
    rows = session.execute(_OF_DAY, {**_place(bill), "since": since, "until": until})
    return [_posting(row) for row in rows]


def booked_of(
    session: Session, bill: BillDay, transaction_ids: Collection[str]
) -> dict[Key, Posting]:
    """Return what the books have of these transactions, on whatever day."""
    rows = session.execute(_OF_TRANSACTIONS, {**_place(bill), "ids": list(transaction_ids)})
    return {one.key: one for one in map(_posting, rows)}


def billed_elsewhere(
    session: Session, bill: BillDay, transaction_ids: Collection[str]
) -> frozenset[Key]:
    """Return what the bills of other days name of these transactions."""
    rows = session.execute(
        _ELSEWHERE, {**_place(bill), "day": bill.day, "ids": list(transaction_ids)}
    )
    return frozenset((row.is_refund, row.transaction_id, row.refund_number) for row in rows)


def save_sums(
    session: Session,
    bill: BillDay,
    *,
    state: BillState,
    billed: Sums,
    booked: Sums,
    now: datetime,
) -> None:
    """Write the two sides of a compared day."""
    session.execute(
        sa.update(PaymentBillRow)
        .where(*_is(bill))
        .values(
            state=state.value,
            last_error=None,
            compared_at=now,
            bill_payments=billed.payments,
            bill_paid_fen=billed.paid_fen,
            bill_refunds=billed.refunds,
            bill_refunded_fen=billed.refunded_fen,
            hub_payments=booked.payments,
            hub_paid_fen=booked.paid_fen,
            hub_refunds=booked.refunds,
            hub_refunded_fen=booked.refunded_fen,
        )
    )


def forget_lines(session: Session, *, before: date) -> int:
    """Return how many lines of old bills were forgotten; sums and differences stay."""
    found = session.execute(
        sa.delete(PaymentBillLineRow)
        .where(PaymentBillLineRow.day < before)
        .returning(PaymentBillLineRow.place)
    )
    return len(found.all())


def _place(bill: BillDay) -> dict[str, str]:
    return {"provider": bill.provider, "account": bill.account}


def _is(bill: BillDay) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        PaymentBillRow.provider == bill.provider,
        PaymentBillRow.account == bill.account,
        PaymentBillRow.day == bill.day,
    )


def _posting(row: sa.Row[*tuple[object, ...]]) -> Posting:
    return Posting(
        is_refund=row.is_refund,
        payment_number=row.payment_number,
        transaction_id=row.transaction_id,
        refund_number=row.refund_number,
        amount_fen=Fen(row.amount_fen),
        at=row.at,
    )
