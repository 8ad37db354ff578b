"""What a day brought, by shop, by SKU and by merchant account."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.core.money import Fen
from yinuo.orders.model.days import AccountDay, DaySummary, ShopDay, SkuDay

MOST_SKUS = 2000


_SHOPS = sa.text(
    """
    WITH placed AS (
      SELECT shop_id, min(channel) AS channel, count(*) AS placed, sum(total_fen) AS placed_fen,
             count(*) FILTER (WHERE paid_fen > 0) AS paid, sum(paid_fen) AS paid_fen,
             sum(refunded_fen) AS refunded_fen,
             count(*) FILTER (WHERE fulfillment_status = 'cancelled') AS cancelled,
             count(*) FILTER (WHERE status = 'held') AS held
        FROM orders WHERE placed_at >= :since AND placed_at < :until GROUP BY shop_id
    ), shipped AS (
      SELECT shop_id, min(channel) AS channel, count(*) AS shipped
        FROM orders WHERE shipped_at >= :since AND shipped_at < :until GROUP BY shop_id
    ), waiting AS (
      SELECT shop_id, min(channel) AS channel, count(*) AS waiting
        FROM orders
       WHERE paid_at < :long_ago AND paid_at IS NOT NULL
         AND fulfillment_status NOT IN ('shipped', 'cancelled')
       GROUP BY shop_id
    )
    SELECT shop_id, coalesce(p.channel, s.channel, w.channel) AS channel,
           coalesce(p.placed, 0) AS placed, coalesce(p.placed_fen, 0) AS placed_fen,
           coalesce(p.paid, 0) AS paid, coalesce(p.paid_fen, 0) AS paid_fen,
           coalesce(p.refunded_fen, 0) AS refunded_fen, coalesce(p.cancelled, 0) AS cancelled,
           coalesce(p.held, 0) AS held, coalesce(s.shipped, 0) AS shipped,
           coalesce(w.waiting, 0) AS waiting
      FROM placed p FULL JOIN shipped s USING (shop_id) FULL JOIN waiting w USING (shop_id)
     ORDER BY shop_id
    """
)
_SKUS = sa.text(
    """
    SELECT l.sku, min(l.name) AS name, count(DISTINCT l.order_id) AS orders,
           sum(l.quantity) AS units, sum(l.amount_fen) AS amount_fen
      FROM orders o JOIN order_lines l ON l.order_id = o.id
     WHERE o.placed_at >= :since AND o.placed_at < :until
       AND o.paid_fen > 0 AND o.fulfillment_status <> 'cancelled'
     GROUP BY l.sku ORDER BY units DESC, l.sku LIMIT :most
    """
)
_ACCOUNTS = sa.text(
    """
    SELECT provider, account, sum(payments) AS payments, sum(paid_fen) AS paid_fen,
           sum(refunds) AS refunds, sum(refunded_fen) AS refunded_fen
      FROM (
        SELECT provider, account, count(*) AS payments, sum(amount_fen) AS paid_fen,
               0 AS refunds, 0 AS refunded_fen
          FROM payments WHERE paid_at >= :since AND paid_at < :until GROUP BY 1, 2
        UNION ALL
        SELECT provider, account, 0, 0, count(*), sum(amount_fen)
          FROM refunds
         WHERE status = 'success' AND refunded_at >= :since AND refunded_at < :until GROUP BY 1, 2
      ) both_ways
     GROUP BY provider, account ORDER BY provider, account
    """
)


def day_summary(
    session: Session, *, since: datetime, until: datetime, long_ago: datetime
) -> DaySummary:
    """Return what was placed, sold, paid, given back and shipped from a moment up to another."""
    bounds = {"since": since, "until": until}
    shops = session.execute(_SHOPS, {**bounds, "long_ago": long_ago})
    skus = session.execute(_SKUS, {**bounds, "most": MOST_SKUS})
    accounts = session.execute(_ACCOUNTS, bounds)
    return DaySummary(
        shops=tuple(
            ShopDay(
                shop_id=row.shop_id,
                channel=row.channel,
                placed=row.placed,
                placed_fen=_fen(row.placed_fen),
                paid=row.paid,
                paid_fen=_fen(row.paid_fen),
                refunded_fen=_fen(row.refunded_fen),
                cancelled=row.cancelled,
                held=row.held,
                shipped=row.shipped,
                waiting_long=row.waiting,
            )
            for row in shops
        ),
        skus=tuple(
            SkuDay(
                sku=row.sku,
                name=row.name,
                orders=row.orders,
                units=int(row.units),
                amount_fen=_fen(row.amount_fen),
            )
            for row in skus
        ),
        accounts=tuple(
            AccountDay(
                provider=row.provider,
                account=row.account,
                payments=int(row.payments),
                paid_fen=_fen(row.paid_fen),
                refunds=int(row.refunds),
                refunded_fen=_fen(row.refunded_fen),
            )
            for row in accounts
        ),
    )


def _fen(value: object) -> Fen:
    return Fen(int(str(value)))
