"""The stock page: which SKUs it shows, in what order; and whose orders hold a SKU."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.core.paging import BadCursor, Page, clamp_limit, decode_cursor, encode_cursor

LOW_UNITS = 10  # a SKU with at most so many units to promise is low


class StockSort(StrEnum):
    """The orders of the list; a minus is the most first."""

    SKU = "sku"
    LEAST_ATP = "atp"
    MOST_ATP = "-atp"
    LEAST_ON_HAND = "on_hand"
    MOST_ON_HAND = "-on_hand"
    MOST_RESERVED = "-reserved"
    MOST_IN_FLIGHT = "-in_flight"


# Every list is ascending by this value, then by SKU.
_VALUES = {
    StockSort.SKU: "0",
    StockSort.LEAST_ATP: "atp",
    StockSort.MOST_ATP: "-atp",
    StockSort.LEAST_ON_HAND: "on_hand",
    StockSort.MOST_ON_HAND: "-on_hand",
    StockSort.MOST_RESERVED: "-reserved",
    StockSort.MOST_IN_FLIGHT: "-in_flight",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFilter:
    """What to list; `q` is within a code or name; `low` are SKUs short or nearly so."""

    q: str = ""
    warehouse: str = ""
    low: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """One SKU of the page; a SKU that the catalog does not know has no name."""

    sku: str
    name: str
    category: str


def list_stock(
    session: Session,
    wanted: StockFilter,
    *,
    sort: StockSort = StockSort.SKU,
    cursor: str | None = None,
    limit: int = 50,
    now: datetime,
) -> Page[StockRow]:
    """Return a page of SKUs that have stock records; raises BadCursor.

    Expired unpaid reservations count as free, swept or not.
    """
    size = clamp_limit(limit)
    value, sku = _position(cursor)
    rows = session.execute(
        _PAGES[sort],
        {
            "q": f"%{_escaped(wanted.q.strip())}%",
            "warehouse": wanted.warehouse,
            "low": wanted.low,
            "low_units": LOW_UNITS,
            "now": now,
            "is_first": cursor is None,
            "value": value,
            "sku": sku,
            "count": size + 1,
        },
    ).all()
    shown = [StockRow(sku=row.sku, name=row.name, category=row.category) for row in rows[:size]]
    last = rows[size - 1] if len(rows) > size else None
    return Page(shown, encode_cursor([int(last.value), last.sku]) if last else None)


def sku_row(session: Session, sku: str) -> StockRow:
    """Return what the catalog says of a SKU."""
    row = session.execute(_NAME, {"sku": sku}).one_or_none()
    return StockRow(sku=sku, name=row.name if row else "", category=row.category if row else "")


def order_numbers(session: Session, order_ids: Collection[str]) -> dict[str, str]:
    """Return the channel's number of each order; owners that are no orders are left out."""
    rows = session.execute(_NUMBERS, {"ids": sorted(order_ids)})
    return {row.id: row.number for row in rows}


def _position(cursor: str | None) -> tuple[int, str]:
    if cursor is None:
        return 0, ""
    value, sku = decode_cursor(cursor, length=2)
    if not isinstance(value, int) or not isinstance(sku, str):
        raise BadCursor
    return value, sku


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_NAME = sa.text("SELECT name, category FROM skus WHERE code = :sku")
_NUMBERS = sa.text("SELECT id, number FROM orders WHERE id = ANY(:ids)")
_TOTALS = """
    lapsed AS (
      SELECT l.sku, l.warehouse, sum(l.open) AS units
      FROM reservations r JOIN reservation_lines l ON l.reservation_id = r.id
      WHERE r.state = 'reserved' AND NOT r.is_paid AND r.expires_at <= :now
      GROUP BY l.sku, l.warehouse),
    totals AS (
      SELECT s.sku, sum(s.on_hand) AS on_hand, sum(s.in_flight) AS in_flight,
        sum(s.reserved - coalesce(x.units, 0)) AS reserved, sum(s.shortfall) AS shortfall,
        sum(s.on_hand - s.allocated - s.reserved + coalesce(x.units, 0) - s.safety_stock
          - s.claimed_elsewhere) AS atp
      FROM stock_levels s LEFT JOIN lapsed x ON x.sku = s.sku AND x.warehouse = s.warehouse
      WHERE :warehouse = '' OR s.warehouse = :warehouse
      GROUP BY s.sku)
"""
_PAGES = {
    sort: sa.text(
        f"""
    WITH {_TOTALS}, listed AS (
      SELECT t.sku, coalesce(k.name, '') AS name, coalesce(k.category, '') AS category,
        {value} AS value
      FROM totals t LEFT JOIN skus k ON k.code = t.sku
      WHERE (t.sku ILIKE :q OR k.name ILIKE :q)
        AND (NOT :low OR t.atp <= :low_units OR t.shortfall > 0))
    SELECT * FROM listed
    WHERE :is_first OR (value, sku) > (:value, :sku)
    ORDER BY value, sku LIMIT :count
    """
    )
    for sort, value in _VALUES.items()
}
