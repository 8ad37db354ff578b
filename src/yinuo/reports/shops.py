"""What the shops page shows beside a shop's settings: its newest order, its last reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from yinuo.core.db import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopActivity:
    """When a shop's orders were last read, up to when, and its newest order."""

    shop_id: str
    read_at: datetime | None
    read_until: datetime | None
    newest_order_id: str | None
    newest_number: str | None
    newest_placed_at: datetime | None


def activities(session: Session) -> dict[str, ShopActivity]:
    """Return the activity of every shop."""
    rows = session.execute(_ACTIVITIES)
    return {row.shop_id: ShopActivity(**row._mapping) for row in rows}  # noqa: SLF001 - public by its documentation


def sample_skus(session: Session, *, limit: int = 8) -> list[str]:
    """Return SKUs to show an example with: those whose figures changed last, else the first."""
    told = session.execute(_CHANGED, {"limit": limit}).scalars().all()
    if told:
        return list(told)
    return list(session.execute(_FIRST, {"limit": limit}).scalars())


_ACTIVITIES = sa.text(
    """
    SELECT s.id AS shop_id, c.read_at, c.watermark AS read_until, o.id AS newest_order_id,
      o.number AS newest_number, o.placed_at AS newest_placed_at
    FROM shops s LEFT JOIN shop_cursors c ON c.shop_id = s.id
    LEFT JOIN LATERAL (
      SELECT id, number, placed_at FROM orders WHERE shop_id = s.id
      ORDER BY placed_at DESC, id DESC LIMIT 1) AS o ON true
    ORDER BY s.id
    """
)
_CHANGED = sa.text(
    """
    SELECT sku FROM (
      SELECT sku, max(wanted_at) AS at FROM channel_stock GROUP BY sku
      ORDER BY at DESC, sku LIMIT :limit) AS lately
    ORDER BY sku
    """
)
_FIRST = sa.text("SELECT DISTINCT sku FROM stock_levels ORDER BY sku LIMIT :limit")
