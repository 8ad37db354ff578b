"""The order desk: pages of orders, filtered, searched and sorted, and the counts of its views.

A page is found first (ids only, by key, never by offset) and filled after, so that its cost does
not grow with the number of orders. A search looks in each index by itself, for a page of each,
and merges: an OR over columns would read everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.core.paging import Page, clamp_limit, encode_cursor
from yinuo.orders.model import (
    FulfillmentStatus,
    OrderStatus,
    PaymentStatus,
    Region,
    items_text,
)
from yinuo.reports.desk_search import BadFilter, DeskFilter, Sort, View, find_keys, search_of

__all__ = [
    "MOST_COUNTED",
    "BadFilter",
    "DeskFilter",
    "DeskHold",
    "DeskRow",
    "Sort",
    "View",
    "count_views",
    "list_orders",
    "load_rows",
]

MOST_COUNTED = 10_000  # beyond it a count says "at least"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskHold:
    """A standing hold as the list shows it."""

    reason: str
    owner_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """One order as the list shows it: masked, with what of other modules people look for."""

    id: str
    number: str
    shop_id: str
    shop_name: str
    channel: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus
    placed_at: datetime
    paid_at: datetime | None
    total_fen: int
    items_text: str
    item_count: int
    masked_name: str
    masked_phone: str
    region: Region
    tags: tuple[str, ...]
    holds: tuple[DeskHold, ...]
    reservation_expires_at: datetime | None
    warehouse: str | None
    warehouse_name: str | None
    carrier: str | None
    waybill: str | None
    version: int


def list_orders(
    session: Session,
    wanted: DeskFilter,
    *,
    sort: Sort = Sort.NEWEST,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[DeskRow]:
    """Return a page of orders; raises BadCursor, BadFilter."""
    size = clamp_limit(limit)
    keys = find_keys(session, search_of(wanted), sort=sort, cursor=cursor, count=size + 1)
    shown = keys[:size]
    next_cursor = encode_cursor(shown[-1].cursor) if len(keys) > size else None
    return Page(load_rows(session, [one.id for one in shown]), next_cursor)


def load_rows(session: Session, order_ids: list[str]) -> list[DeskRow]:
    """Return the rows of these orders, in the order of the ids."""
    rows = {row.id: _row_of(row) for row in session.execute(_FILL, {"ids": order_ids})}
    return [rows[order_id] for order_id in order_ids if order_id in rows]


_FILL = sa.text(
    """
    SELECT o.id, o.number, o.shop_id, coalesce(s.name, o.shop_id) AS shop_name, o.channel,
      o.status, o.payment_status, o.fulfillment_status, o.placed_at, o.paid_at, o.total_fen,
      o.masked_name, o.masked_phone, o.province, o.city, o.district, o.town,
      coalesce(r.warehouse, o.warehouse) AS warehouse, w.name AS warehouse_name,
      coalesce(p.carrier, o.carrier) AS carrier, p.waybill, o.version, r.expires_at,
      ARRAY(SELECT l.sku FROM order_lines l WHERE l.order_id = o.id ORDER BY l.place) AS skus,
      ARRAY(SELECT l.quantity FROM order_lines l WHERE l.order_id = o.id ORDER BY l.place)
        AS quantities,
      ARRAY(SELECT t.tag FROM order_tags t WHERE t.order_id = o.id ORDER BY t.tag) AS tags,
      ARRAY(
        SELECT h.reason || ' ' || h.owner_role FROM order_holds h
        WHERE h.order_id = o.id AND h.released_at IS NULL ORDER BY h.placed_at, h.id
      ) AS holds
    FROM orders o
    LEFT JOIN shops s ON s.id = o.shop_id
    LEFT JOIN LATERAL (
      SELECT r.warehouse, CASE WHEN r.state = 'reserved' THEN r.expires_at END AS expires_at
      FROM reservations r
      WHERE r.owner = o.id AND r.state IN ('reserved', 'allocated', 'deducted')
    ) r ON TRUE
    LEFT JOIN warehouses w ON w.code = coalesce(r.warehouse, o.warehouse)
    LEFT JOIN LATERAL (
      SELECT p.carrier, p.waybill FROM shipments p
      WHERE p.order_id = o.id ORDER BY p.shipped_at DESC, p.id LIMIT 1
    ) p ON TRUE
    WHERE o.id = ANY(:ids)
    """
)


def _row_of(row: sa.Row[*tuple[object, ...]]) -> DeskRow:
    at = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return DeskRow(
        **{name: at[name] for name in _PLAIN},
        status=OrderStatus(at["status"]),
        payment_status=PaymentStatus(at["payment_status"]),
        fulfillment_status=FulfillmentStatus(at["fulfillment_status"]),
        items_text=items_text(list(zip(at["skus"], at["quantities"], strict=True))),
        item_count=sum(at["quantities"]),
        region=Region(**{name: at[name] for name in ("province", "city", "district", "town")}),
        tags=tuple(at["tags"]),
        holds=tuple(
            DeskHold(reason=reason, owner_role=owner)
            for reason, _, owner in (one.rpartition(" ") for one in at["holds"])
        ),
        reservation_expires_at=at["expires_at"],
    )


_PLAIN = (
    "id",
    "number",
    "shop_id",
    "shop_name",
    "channel",
    "placed_at",
    "paid_at",
    "total_fen",
    "masked_name",
    "masked_phone",
    "warehouse",
    "warehouse_name",
    "carrier",
    "waybill",
    "version",
)


def count_views(session: Session) -> dict[View, int]:
    """Return how many orders each view has; MOST_COUNTED means "that many or more"."""
    rows = session.execute(
        _COUNTS, {"statuses": [one.value for one in OrderStatus], "most": MOST_COUNTED}
    )
    counts = {View(row.status): int(row.orders) for row in rows}
    return {View.ALL: min(sum(counts.values()), MOST_COUNTED), **counts}


_COUNTS = sa.text(
    """
    SELECT s.status,
      (SELECT count(*) FROM (SELECT 1 FROM orders o WHERE o.status = s.status LIMIT :most) found)
        AS orders
    FROM unnest(CAST(:statuses AS text[])) AS s (status)
    """
)
