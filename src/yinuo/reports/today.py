"""The numbers of the day, each of which the console links to its list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Session

ENDING_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What came in, what is paid, what waits; the day is Shanghai's.

    `median_seconds_to_reserve` is from payment to the reservation, over orders paid today.
    """

    orders_today: int
    paid_today: int
    waiting: int
    held: int
    open_work_items: int
    reservations_ending_soon: int
    shipped_today: int
    doubtful_addresses: int
    waiting_messages: int
    median_seconds_to_reserve: float | None


def today(session: Session, *, now: datetime) -> Today:
    """Return the numbers of the day in which `now` lies."""
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    row = session.execute(
        _NUMBERS, {"midnight": midnight, "now": now, "soon": now + ENDING_WITHIN}
    ).one()
    median = row.median_seconds
    return Today(
        orders_today=row.orders_today,
        paid_today=row.paid_today,
        waiting=row.waiting,
        held=row.held,
        open_work_items=row.open_work_items,
        reservations_ending_soon=row.reservations_ending_soon,
        shipped_today=row.shipped_today,
        doubtful_addresses=row.doubtful_addresses,
        waiting_messages=row.waiting_messages,
        median_seconds_to_reserve=None if median is None else round(float(median), 3),
    )


_NUMBERS = sa.text(
    """
    SELECT
      (SELECT count(*) FROM orders WHERE placed_at >= :midnight) AS orders_today,
      (SELECT count(*) FROM orders WHERE paid_at >= :midnight) AS paid_today,
      (SELECT count(*) FROM orders WHERE status = 'waiting') AS waiting,
      (SELECT count(*) FROM orders WHERE status = 'held') AS held,
      (SELECT count(*) FROM work_items WHERE state <> 'resolved') AS open_work_items,
      (
        SELECT count(*) FROM (
          SELECT 1 FROM reservations
          WHERE state = 'reserved' AND is_paid AND expires_at BETWEEN :now AND :soon
          UNION ALL
          SELECT 1 FROM reservations
          WHERE state = 'reserved' AND NOT is_paid AND expires_at BETWEEN :now AND :soon
        ) ending
      ) AS reservations_ending_soon,
      (SELECT count(*) FROM orders WHERE shipped_at >= :midnight) AS shipped_today,
      (SELECT count(*) FROM address_readings WHERE state = 'doubtful') AS doubtful_addresses,
      (SELECT count(*) FROM group_messages WHERE state = 'waiting') AS waiting_messages,
      (
        SELECT percentile_cont(0.5) WITHIN GROUP (
          ORDER BY greatest(extract(epoch FROM reserved_at - paid_at), 0)
        )
        FROM orders WHERE paid_at >= :midnight AND reserved_at IS NOT NULL
      ) AS median_seconds
    """
)
