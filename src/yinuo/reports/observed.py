"""What observing found: oversells that would have been prevented, and what became of each order.

An oversell is an order that was sold and paid although a SKU of it was not there any more. Its
worth is what the buyer paid for the missing units.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.core.paging import BadCursor, Page, clamp_limit, decode_cursor, encode_cursor
from yinuo.observing.model import ObservedState, Outcome

EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFigures:
    """One shop's observed orders in numbers.

    `prevented` are paid orders that would have been stopped, `refused` unpaid ones that would
    have been told "sold out"; `findings` are orders that a person would have had to look at for
    another reason.
    """

    shop_id: str
    orders: int
    reserved: int
    undecided: int
    open: int
    prevented: int
    prevented_units: int
    worth_fen: int
    refused: int
    findings: int
    first_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Oversell:
    """One SKU of one order that was sold and was not there, and who had its last unit."""

    order_id: str
    number: str
    at: datetime
    sku: str
    name: str
    warehouse: str | None
    wanted: int
    missing: int
    worth_fen: int
    last_order_id: str | None
    last_number: str | None
    last_shop_name: str | None
    last_claimed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedRow:
    """One observed order with the verdict on it."""

    order_id: str
    number: str
    began_at: datetime
    is_paid: bool
    total_fen: int
    items: str
    outcome: Outcome
    state: ObservedState
    warehouse: str | None
    ended_by: str


def figures(session: Session, *, since: datetime | None = None) -> dict[str, ObservedFigures]:
    """Return the numbers of every shop that has or had observed orders, from a moment on."""
    rows = session.execute(_FIGURES, {"since": since or EVER})
    return {row.shop_id: ObservedFigures(**row._mapping) for row in rows}  # noqa: SLF001 - public by its documentation


def list_oversells(
    session: Session, shop_id: str, *, cursor: str | None = None, limit: int = 50
) -> Page[Oversell]:
    """Return the oversells that would have been prevented, newest first. Raises BadCursor."""
    size = clamp_limit(limit)
    at, order_id, sku = _place(cursor, parts=3) if cursor else (None, "", "")
    rows = session.execute(
        _OVERSELLS,
        {
            "shop_id": shop_id,
            "is_first": at is None,
            "at": at or EVER,
            "order_id": order_id,
            "sku": sku,
            "count": size + 1,
        },
    ).all()
    found = [Oversell(**row._mapping) for row in rows[:size]]  # noqa: SLF001 - public by its documentation
    if len(rows) <= size:
        return Page(found, None)
    last = found[-1]
    return Page(found, encode_cursor([last.at.isoformat(), last.order_id, last.sku]))


def list_orders(
    session: Session,
    shop_id: str,
    *,
    state: ObservedState | None = None,
    outcome: Outcome | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ObservedRow]:
    """Return a shop's observed orders, newest first. Raises BadCursor."""
    size = clamp_limit(limit)
    at, order_id, _ = (*_place(cursor, parts=2), "") if cursor else (None, "", "")
    rows = session.execute(
        _ORDERS,
        {
            "shop_id": shop_id,
            "state": state.value if state else "",
            "outcome": outcome.value if outcome else "",
            "is_first": at is None,
            "at": at or EVER,
            "order_id": order_id,
            "count": size + 1,
        },
    ).all()
    found = [
        ObservedRow(
            order_id=row.order_id,
            number=row.number,
            began_at=row.began_at,
            is_paid=row.is_paid,
            total_fen=row.total_fen,
            items=row.items,
            outcome=Outcome(row.outcome),
            state=ObservedState(row.state),
            warehouse=row.warehouse,
            ended_by=row.ended_by,
        )
        for row in rows[:size]
    ]
    if len(rows) <= size:
        return Page(found, None)
    return Page(found, encode_cursor([found[-1].began_at.isoformat(), found[-1].order_id]))


def _place(cursor: str, *, parts: int) -> list[str | datetime]:
    at, *rest = decode_cursor(cursor, length=parts)
    if not isinstance(at, str) or not all(isinstance(one, str) for one in rest):
        raise BadCursor
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise BadCursor from None
    words = [str(one) for one in rest]
    if moment.tzinfo is None or not all(one.isprintable() for one in words):
        raise BadCursor
    return [moment, *words]


_FIGURES = sa.text(
    """
    WITH seen AS (
      SELECT shop_id, count(*) AS orders,
        count(*) FILTER (WHERE outcome = 'reserved') AS reserved,
        count(*) FILTER (WHERE outcome = 'undecided') AS undecided,
        count(*) FILTER (WHERE state = 'open') AS open,
        min(began_at) AS first_at
      FROM observed_orders WHERE began_at >= :since GROUP BY shop_id),
    short AS (
      SELECT shop_id,
        count(DISTINCT order_id) FILTER (WHERE is_paid) AS prevented,
        sum(missing) FILTER (WHERE is_paid) AS prevented_units,
        sum(worth_fen) FILTER (WHERE is_paid) AS worth_fen,
        count(DISTINCT order_id) FILTER (WHERE NOT is_paid) AS refused
      FROM observed_shortages WHERE at >= :since GROUP BY shop_id),
    found AS (
      SELECT o.shop_id, count(DISTINCT o.order_id) AS findings
      FROM observed_orders o
      JOIN work_items w ON w.subject_type = 'order' AND w.subject_id = o.order_id
      WHERE o.began_at >= :since AND o.state <> 'taken_over' GROUP BY o.shop_id)
    SELECT seen.shop_id, seen.orders, seen.reserved, seen.undecided, seen.open, seen.first_at,
      coalesce(short.prevented, 0) AS prevented,
      coalesce(short.prevented_units, 0)::bigint AS prevented_units,
      coalesce(short.worth_fen, 0)::bigint AS worth_fen,
      coalesce(short.refused, 0) AS refused, coalesce(found.findings, 0) AS findings
    FROM seen LEFT JOIN short USING (shop_id) LEFT JOIN found USING (shop_id)
    ORDER BY seen.shop_id
    """
)
_OVERSELLS = sa.text(
    """
    SELECT s.order_id, o.number, s.at, s.sku, coalesce(k.name, '') AS name, s.warehouse, s.wanted,
      s.missing, s.worth_fen, l.id AS last_order_id, l.number AS last_number,
      shops.name AS last_shop_name, s.last_claimed_at
    FROM observed_shortages s
    JOIN orders o ON o.id = s.order_id
    LEFT JOIN skus k ON k.code = s.sku
    LEFT JOIN orders l ON l.id = s.last_owner
    LEFT JOIN shops ON shops.id = l.shop_id
    WHERE s.shop_id = :shop_id AND s.is_paid
      AND (:is_first OR (s.at, s.order_id, s.sku) < (:at, :order_id, :sku))
    ORDER BY s.at DESC, s.order_id DESC, s.sku DESC LIMIT :count
    """
)
_ORDERS = sa.text(
    """
    SELECT v.order_id, o.number, v.began_at, o.paid_fen > 0 AS is_paid, o.total_fen,
      coalesce((SELECT string_agg(i.name || ' ×' || i.quantity, '，' ORDER BY i.place)
        FROM order_lines i WHERE i.order_id = o.id), '') AS items,
      v.outcome, v.state, v.warehouse, v.ended_by
    FROM observed_orders v JOIN orders o ON o.id = v.order_id
    WHERE v.shop_id = :shop_id AND (:state = '' OR v.state = :state)
      AND (:outcome = '' OR v.outcome = :outcome)
      AND (:is_first OR (v.began_at, v.order_id) < (:at, :order_id))
    ORDER BY v.began_at DESC, v.order_id DESC LIMIT :count
    """
)
