"""The reconciliation page: days with both sides of each account, and what differs on one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.core.paging import BadCursor, Page, clamp_limit, decode_cursor, encode_cursor
from yinuo.orders.model import BillState, DifferenceKind, DifferenceState


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """One day of one merchant account: both sides, and how many differences stand or are settled."""

    provider: str
    account: str
    day: date
    state: BillState
    attempts: int
    next_at: datetime
    last_error: str | None
    compared_at: datetime | None
    bill_payments: int
    bill_paid_fen: int
    bill_refunds: int
    bill_refunded_fen: int
    hub_payments: int
    hub_paid_fen: int
    hub_refunds: int
    hub_refunded_fen: int
    open: int
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day with the accounts that were, or are to be, compared."""

    day: date
    accounts: tuple[BillRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """One difference with the order that it is about, where one is known."""

    id: str
    provider: str
    account: str
    day: date
    kind: DifferenceKind
    state: DifferenceState
    payment_number: str
    transaction_id: str
    refund_number: str
    bill_fen: int | None
    hub_fen: int | None
    repair: str
    note: str
    found_at: datetime
    closed_at: datetime | None
    order_id: str | None
    order_number: str | None


def list_days(session: Session, *, cursor: str | None = None, limit: int = 30) -> Page[DayRow]:
    """Return a page of days, newest first; raises BadCursor."""
    size = clamp_limit(limit)
    before = _day(cursor) if cursor else None
    days = list(session.execute(_DAYS, {"before": before, "count": size + 1}).scalars())
    shown = days[:size]
    found = load_accounts(session, shown)
    rows = [DayRow(day=day, accounts=tuple(found.get(day, ()))) for day in shown]
    return Page(rows, encode_cursor([shown[-1].isoformat()]) if len(days) > size else None)


def load_accounts(session: Session, days: list[date]) -> dict[date, list[BillRow]]:
    """Return the accounts of each of these days, in the order of their providers."""
    found: dict[date, list[BillRow]] = {}
    for row in session.execute(_ACCOUNTS, {"days": days}):
        at = dict(row._mapping)  # noqa: SLF001 - public by its documentation
        one = BillRow(**{**at, "state": BillState(at["state"])})
        found.setdefault(one.day, []).append(one)
    return found


def list_differences(
    session: Session,
    day: date,
    *,
    provider: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[DifferenceRow]:
    """Return a page of what differs on a day: what stands open first. Raises BadCursor."""
    size = clamp_limit(limit)
    place, kind, last = _place(cursor) if cursor else (-1, "", "")
    rows = session.execute(
        _DIFFERENCES,
        {
            "day": day,
            "provider": provider,
            "place": place,
            "kind": kind,
            "last": last,
            "count": size + 1,
        },
    ).all()
    found = [_difference(row) for row in rows[:size]]
    if len(rows) <= size:
        return Page(found, None)
    end = rows[size - 1]
    return Page(found, encode_cursor([end.place, end.kind, end.id]))


def load_difference(session: Session, difference_id: str) -> DifferenceRow | None:
    """Return one difference with its order, or None."""
    row = session.execute(_DIFFERENCE, {"id": difference_id}).one_or_none()
    return None if row is None else _difference(row)


def _difference(row: sa.Row[*tuple[object, ...]]) -> DifferenceRow:
    at = dict(row._mapping)  # noqa: SLF001 - public by its documentation
    at.pop("place")
    return DifferenceRow(
        **{**at, "kind": DifferenceKind(at["kind"]), "state": DifferenceState(at["state"])}
    )


def _day(cursor: str) -> date:
    (day,) = decode_cursor(cursor, length=1)
    try:
        return date.fromisoformat(str(day))
    except ValueError:
        raise BadCursor from None


def _place(cursor: str) -> tuple[int, str, str]:
    place, kind, last = decode_cursor(cursor, length=3)
    if not isinstance(place, int) or not isinstance(kind, str) or not isinstance(last, str):
        raise BadCursor
    return place, kind, last


_DAYS = sa.text(
    """
    SELECT DISTINCT day FROM payment_bills
     WHERE CAST(:before AS date) IS NULL OR day < CAST(:before AS date)
     ORDER BY day DESC LIMIT :count
    """
)
_ACCOUNTS = sa.text(
    """
    SELECT b.provider, b.account, b.day, b.state, b.attempts, b.next_at, b.last_error,
      b.compared_at, b.bill_payments, b.bill_paid_fen, b.bill_refunds, b.bill_refunded_fen,
      b.hub_payments, b.hub_paid_fen, b.hub_refunds, b.hub_refunded_fen,
      count(d.id) FILTER (WHERE d.state = 'open') AS open,
      count(d.id) FILTER (WHERE d.state = 'accepted') AS accepted
    FROM payment_bills b
    LEFT JOIN payment_differences d USING (provider, account, day)
    WHERE b.day = ANY(:days)
    GROUP BY b.provider, b.account, b.day
    ORDER BY b.provider DESC, b.account
    """
)
_SHOWN = """
    SELECT d.id, d.provider, d.account, d.day, d.kind, d.state, d.payment_number,
      d.transaction_id, d.refund_number, d.bill_fen, d.hub_fen, d.repair, d.note, d.found_at,
      d.closed_at, o.id AS order_id, o.number AS order_number,
      (d.state <> 'open')::int AS place
    FROM payment_differences d
    LEFT JOIN orders o ON o.id = coalesce(
      (SELECT p.order_id FROM payments p WHERE p.provider = d.provider
        AND p.account = d.account AND p.transaction_id = d.transaction_id),
      (SELECT n.id FROM orders n WHERE n.payment_number = d.payment_number))
"""
_DIFFERENCES = sa.text(
    f"""
    SELECT * FROM ({_SHOWN} WHERE d.day = :day AND (:provider = '' OR d.provider = :provider)
    ) AS shown
    WHERE (place, kind, id) > (:place, :kind, :last)
    ORDER BY place, kind, id LIMIT :count
    """
)
_DIFFERENCE = sa.text(f"{_SHOWN} WHERE d.id = :id")
