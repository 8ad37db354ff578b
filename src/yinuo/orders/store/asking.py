"""Which unpaid orders to ask the payment provider about, each less often the older it gets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from yinuo.core.db import Session

# A provider repeats its notice for a day and four minutes; after that nobody tells any more.
ASK_FOR = timedelta(hours=25)

_TAKE = sa.text(
    """
    INSERT INTO payment_queries AS q (order_id, asks, next_at)
    SELECT o.id, 1, CAST(:now AS timestamptz) + interval '1 minute'
      FROM orders o LEFT JOIN payment_queries known ON known.order_id = o.id
     WHERE o.status = 'unpaid' AND o.payment_status = 'unpaid' AND o.payment_number IS NOT NULL
       AND o.channel <> ALL(CAST(:except_channels AS text[]))
       AND o.placed_at <= :placed_before AND o.placed_at > :oldest
       AND (known.next_at IS NULL OR known.next_at <= :now)
       AND known.closed_number IS DISTINCT FROM o.payment_number
     ORDER BY o.placed_at LIMIT :limit
    ON CONFLICT (order_id) DO UPDATE SET asks = q.asks + 1,
       next_at = CAST(:now AS timestamptz) + least(power(2, q.asks), 60) * interval '1 minute'
    RETURNING order_id
    """
)

_CLOSE = sa.text(
    """
    INSERT INTO payment_queries AS q (order_id, asks, next_at, closed_number)
    VALUES (:order_id, 0, :now, :number)
    ON CONFLICT (order_id) DO UPDATE SET closed_number = :number
    """
)


def stop_asking(session: Session, order_id: str, *, payment_number: str, now: datetime) -> None:
    """Ask no more under this number; a newer number of the order is asked about anew."""
    session.execute(_CLOSE, {"order_id": order_id, "number": payment_number, "now": now})


def take_due(
    session: Session,
    *,
    placed_before: datetime,
    now: datetime,
    limit: int,
    except_channels: Sequence[str],
) -> list[str]:
    """Return payment numbers to ask about now; each is due again after 1, 2, 4 … 60 minutes."""
    ids = session.execute(
        _TAKE,
        {
            "placed_before": placed_before,
            "oldest": now - ASK_FOR,
            "now": now,
            "limit": limit,
            "except_channels": list(except_channels),
        },
    ).scalars()
    found = session.execute(
        sa.text("SELECT payment_number FROM orders WHERE id = ANY(:ids) ORDER BY placed_at"),
        {"ids": list(ids)},
    )
    return [str(number) for number in found.scalars()]
