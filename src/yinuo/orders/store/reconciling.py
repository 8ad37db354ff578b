"""Recomputing what orders store from what they were made of."""

from __future__ import annotations

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.orders.model import (
    Drift,
    FulfillmentStatus,
    PaymentStatus,
    derive_status,
)

_SUMS = sa.text(
    """
    SELECT o.id, counter, stored, recomputed
    FROM orders o
    LEFT JOIN (
      SELECT order_id, count(*) AS holds FROM order_holds WHERE released_at IS NULL GROUP BY 1
    ) h ON h.order_id = o.id
    LEFT JOIN (
      SELECT order_id, sum(amount_fen) AS paid, sum(refunded_fen) AS refunded
      FROM payments GROUP BY 1
    ) p ON p.order_id = o.id
    CROSS JOIN LATERAL (VALUES
      ('hold_count', o.hold_count, coalesce(h.holds, 0)),
      ('paid_fen', o.paid_fen, coalesce(p.paid, 0)),
      ('refunded_fen', o.refunded_fen, coalesce(p.refunded, 0))
    ) v (counter, stored, recomputed)
    WHERE stored <> recomputed
    UNION ALL
    SELECT p.order_id, 'payment.refunded_fen', p.refunded_fen, coalesce(sum(r.amount_fen), 0)
    FROM payments p
    LEFT JOIN refunds r ON r.payment_id = p.id AND r.status = 'success'
    GROUP BY p.id
    HAVING p.refunded_fen <> coalesce(sum(r.amount_fen), 0)
    ORDER BY 1, 2
    """
)
_STATUSES = sa.text(
    """
    SELECT min(id) AS id, payment_status, fulfillment_status, hold_count, status
    FROM orders GROUP BY 2, 3, 4, 5
    """
)


def find_drift(session: Session) -> list[Drift]:
    """Return where counters differ from their ledgers, and a status from its derivation."""
    found = [
        Drift(
            order_id=row.id or "",
            counter=row.counter,
            stored=str(row.stored),
            recomputed=str(row.recomputed),
        )
        for row in session.execute(_SUMS)
    ]
    for row in session.execute(_STATUSES):
        derived = derive_status(
            PaymentStatus(row.payment_status),
            FulfillmentStatus(row.fulfillment_status),
            holds=row.hold_count,
        )
        if derived.value != row.status:
            found.append(
                Drift(
                    order_id=row.id,
                    counter="status",
                    stored=row.status,
                    recomputed=derived.value,
                )
            )
    return found
