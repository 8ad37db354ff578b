"""The orders of one shop and day with their money, for comparing them with other systems."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.core.money import Fen
from yinuo.orders.model import FulfillmentStatus, PaymentStatus
from yinuo.orders.model.days import DayOrder

_MONEY_CAME = frozenset({PaymentStatus.PAID, PaymentStatus.PARTLY_REFUNDED, PaymentStatus.REFUNDED})


_DAY = sa.text(
    """
    SELECT o.id, o.number, o.raw_number, o.total_fen, o.paid_fen, o.payment_status,
           o.fulfillment_status, o.paid_at, coalesce(l.goods_fen, 0) AS goods_fen, h.reason
      FROM orders o
      LEFT JOIN LATERAL (
        SELECT sum(amount_fen) AS goods_fen FROM order_lines WHERE order_id = o.id
      ) l ON true
      LEFT JOIN LATERAL (
        SELECT reason FROM order_holds WHERE order_id = o.id AND released_at IS NULL
         ORDER BY placed_at LIMIT 1
      ) h ON o.hold_count > 0
     WHERE o.shop_id = :shop_id AND o.placed_at >= :since AND o.placed_at < :until
     ORDER BY o.placed_at, o.id
    """
)


def day_orders(
    session: Session, shop_id: str, *, since: datetime, until: datetime
) -> list[DayOrder]:
    """Return the orders of a shop that were placed from a moment up to another."""
    found = session.execute(_DAY, {"shop_id": shop_id, "since": since, "until": until})
    return [
        DayOrder(
            id=row.id,
            number=row.number,
            raw_number=row.raw_number,
            total_fen=Fen(row.total_fen),
            goods_fen=Fen(int(row.goods_fen)),
            paid_fen=Fen(row.paid_fen),
            is_paid=PaymentStatus(row.payment_status) in _MONEY_CAME,
            is_cancelled=row.fulfillment_status == FulfillmentStatus.CANCELLED.value,
            paid_at=row.paid_at,
            held_by=row.reason,
        )
        for row in found
    ]
