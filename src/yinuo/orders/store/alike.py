"""The SQL of orders that look like another one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from yinuo.core.arrays import array
from yinuo.core.db import Session
from yinuo.orders.model.alike import AlikeOrder

_ALIKE = sa.text(
    """
    SELECT o.id, o.shop_id, o.number, o.placed_at
    FROM orders o JOIN order_receivers r ON r.order_id = o.id
    WHERE o.phone_tail = :tail AND o.placed_at BETWEEN :since AND :until AND r.phone = :phone
      AND o.status NOT IN ('cancelled', 'refunded')
      AND CAST(:goods AS text[]) = ARRAY(
        SELECT l.sku || ' ' || sum(l.quantity) FROM order_lines l
        WHERE l.order_id = o.id AND NOT l.is_gift GROUP BY l.sku ORDER BY l.sku COLLATE "C")
    ORDER BY o.placed_at DESC, o.id LIMIT 5
    """
)


def alike(
    session: Session, *, phone: str, units: Mapping[str, int], since: datetime, until: datetime
) -> list[AlikeOrder]:
    """Return the newest five standing orders of a phone with these very goods, gifts aside."""
    rows = session.execute(
        _ALIKE,
        {
            "tail": phone[-4:],
            "phone": phone,
            "since": since,
            "until": until,
            "goods": array([f"{sku} {units[sku]}" for sku in sorted(units)]),
        },
    )
    return [
        AlikeOrder(order_id=row.id, shop_id=row.shop_id, number=row.number, placed_at=row.placed_at)
        for row in rows
    ]
