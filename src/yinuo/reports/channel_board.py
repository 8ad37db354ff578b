"""Every channel beside the others: what came in, what waits for whom, how much needed no person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Session

LONG_WAIT = timedelta(hours=72)


class Band(StrEnum):
    """Orders by what they are worth, over all channels together."""

    TOP = "top"  # the dearest fifth
    MIDDLE = "middle"  # the next three tenths
    REST = "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class BandFigures:
    """Paid orders of one band; `by_hand` are those that needed a person at least once."""

    orders: int
    by_hand: int
    paid_fen: int
    least_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFigures:
    """One shop today and now; the day is Shanghai's."""

    shop_id: str
    orders_today: int
    paid_today: int
    paid_today_fen: int
    shipped_today: int
    unfinished: int
    waiting_long: int
    doubtful_addresses: int
    waiting_messages: int
    work_items: int
    overdue_items: int


def shop_figures(session: Session, *, now: datetime) -> dict[str, ShopFigures]:
    """Return the figures of every shop, one without orders included.

    `unfinished` are paid orders on their way to the warehouse, `waiting_long` those of them that
    were paid more than 72 hours ago.
    """
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = session.execute(
        _SHOPS, {"midnight": midnight, "now": now, "long_ago": now - LONG_WAIT}
    ).mappings()
    return {row["shop_id"]: ShopFigures(**row) for row in rows}


def band_figures(session: Session, *, since: datetime) -> dict[tuple[str, Band], BandFigures]:
    """Return the paid orders since then by shop and band.

    A person was needed where a work item about the order did not go away by itself, an address or
    a group message was decided by a person or still waits for one, or a hold stands or was
    released by a person.
    """
    rows = session.execute(_BANDS, {"since": since})
    return {
        (row.shop_id, Band(row.band)): BandFigures(
            orders=row.orders,
            by_hand=row.by_hand,
            paid_fen=int(row.paid_fen),
            least_fen=row.least_fen,
        )
        for row in rows
    }


_SHOPS = sa.text(
    """
    WITH came AS (
      SELECT shop_id, count(*) AS orders FROM orders WHERE placed_at >= :midnight GROUP BY 1
    ), paid AS (
      SELECT shop_id, count(*) AS orders, sum(paid_fen) AS fen
      FROM orders WHERE paid_at >= :midnight GROUP BY 1
    ), shipped AS (
      SELECT shop_id, count(*) AS orders FROM orders WHERE shipped_at >= :midnight GROUP BY 1
    ), unfinished AS (
      SELECT shop_id, count(*) AS orders, count(*) FILTER (WHERE paid_at < :long_ago) AS long_ago
      FROM orders
      WHERE status IN ('waiting', 'held', 'reserved', 'sending') AND paid_at IS NOT NULL GROUP BY 1
    ), doubtful AS (
      SELECT shop_id, count(*) AS readings FROM address_readings WHERE state = 'doubtful' GROUP BY 1
    ), messages AS (
      SELECT shop_id, count(*) AS messages FROM group_messages WHERE state = 'waiting' GROUP BY 1
    ), about AS (
      SELECT w.deadline, coalesce(o.shop_id, w.params ->> 'shop_id', s.id) AS shop_id
      FROM work_items w
      LEFT JOIN orders o ON w.subject_type = 'order' AND o.id = w.subject_id
      LEFT JOIN shops s ON w.subject_type = 'shop' AND s.id = w.subject_id
      WHERE w.state <> 'resolved'
    ), items AS (
      SELECT shop_id, count(*) AS items, count(*) FILTER (WHERE deadline <= :now) AS overdue
      FROM about WHERE shop_id IS NOT NULL GROUP BY 1
    )
    SELECT s.id AS shop_id, coalesce(came.orders, 0) AS orders_today,
      coalesce(paid.orders, 0) AS paid_today, coalesce(paid.fen, 0)::bigint AS paid_today_fen,
      coalesce(shipped.orders, 0) AS shipped_today, coalesce(unfinished.orders, 0) AS unfinished,
      coalesce(unfinished.long_ago, 0) AS waiting_long,
      coalesce(doubtful.readings, 0) AS doubtful_addresses,
      coalesce(messages.messages, 0) AS waiting_messages,
      coalesce(items.items, 0) AS work_items, coalesce(items.overdue, 0) AS overdue_items
    FROM shops s
    LEFT JOIN came ON came.shop_id = s.id LEFT JOIN paid ON paid.shop_id = s.id
    LEFT JOIN shipped ON shipped.shop_id = s.id LEFT JOIN unfinished ON unfinished.shop_id = s.id
    LEFT JOIN doubtful ON doubtful.shop_id = s.id LEFT JOIN messages ON messages.shop_id = s.id
    LEFT JOIN items ON items.shop_id = s.id
    """
)
_BANDS = sa.text(
    """
    WITH paid AS (
      SELECT id, shop_id, channel, number, raw_number, total_fen, paid_fen,
        ntile(10) OVER (ORDER BY total_fen DESC, id) AS tenth
      FROM orders WHERE paid_at >= :since
    ), touched AS (
      SELECT p.id FROM paid p
      JOIN work_items w ON w.subject_type = 'order' AND w.subject_id = p.id
      WHERE w.state <> 'resolved' OR w.resolution <> 'vanished'
      UNION
      SELECT p.id FROM work_items w JOIN paid p ON w.subject_label IN (p.number, p.raw_number)
      WHERE w.subject_type = 'inbox' AND (w.state <> 'resolved' OR w.resolution <> 'vanished')
      UNION
      SELECT p.id FROM paid p JOIN address_readings r ON r.order_id = p.id
      WHERE r.state = 'doubtful' OR r.decided_by NOT IN ('', 'system')
      UNION
      SELECT p.id FROM paid p JOIN group_drafts d ON d.order_id = p.id
      WHERE d.decided_by NOT IN ('', 'system')
      UNION
      SELECT h.order_id FROM order_holds h JOIN paid p ON p.id = h.order_id
      WHERE h.released_at IS NULL
        OR h.released_by NOT IN ('system', 'wechat_pay', 'alipay', p.channel)
    )
    SELECT p.shop_id,
      CASE WHEN p.tenth <= 2 THEN 'top' WHEN p.tenth <= 5 THEN 'middle' ELSE 'rest' END AS band,
      count(*) AS orders, count(t.id) AS by_hand, sum(p.paid_fen) AS paid_fen,
      min(p.total_fen) AS least_fen
    FROM paid p LEFT JOIN touched t ON t.id = p.id
    GROUP BY 1, 2
    """
)
