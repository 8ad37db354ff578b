"""The SQL of the figures of stock that shops are told.

A version comes from one sequence and is drawn only while the row is locked, so the versions of a
SKU grow in the order of its figures.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from yinuo.channels.model import ChannelStock, StockFigure, StockLag
from yinuo.channels.tables import STOCK_VERSIONS, ChannelStockRow, StockAckRow
from yinuo.core.db import Session

_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('channel_stock:' || :shop_id, 0))")
_WANT = sa.text(
    f"""
    INSERT INTO channel_stock AS c
      (shop_id, sku, version, quantity, wanted_at, due_at, behind_since)
    SELECT :shop_id, f.sku, nextval('{STOCK_VERSIONS.name}'), f.quantity, :now, :now, :now
    FROM unnest(CAST(:skus AS text[]), CAST(:quantities AS bigint[])) AS f (sku, quantity)
    ORDER BY f.sku
    ON CONFLICT (shop_id, sku) DO UPDATE
    SET quantity = excluded.quantity, version = nextval('{STOCK_VERSIONS.name}'),
        wanted_at = excluded.wanted_at, due_at = excluded.due_at, attempts = 0,
        behind_since = coalesce(c.behind_since, excluded.behind_since)
    WHERE c.quantity <> excluded.quantity
    RETURNING c.sku
    """
)


def lock_figures(session: Session, shop_id: str) -> None:
    """Keep other writers of this shop's figures away until the transaction ends."""
    session.execute(_LOCK, {"shop_id": shop_id})


def want(session: Session, shop_id: str, *, figures: Mapping[str, int], now: datetime) -> list[str]:
    """Return the SKUs whose figure is another one now."""
    skus = sorted(figures)
    rows = session.execute(
        _WANT,
        {
            "shop_id": shop_id,
            "skus": skus,
            "quantities": [figures[sku] for sku in skus],
            "now": now,
        },
    )
    return sorted(rows.scalars())


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFigure:
    """A figure that a shop has not acknowledged; it was pushed `attempts` times."""

    shop_id: str
    figure: StockFigure
    attempts: int


# So many of each shop: one that is long behind leaves the others their turn.
_DUE = sa.text(
    """
    SELECT s.id AS shop_id, c.sku, c.quantity, c.attempts
    FROM shops s CROSS JOIN LATERAL (
      SELECT c.sku, c.quantity, c.attempts, c.due_at FROM channel_stock c
      WHERE c.shop_id = s.id AND (c.acked_version IS NULL OR c.acked_version < c.version)
        AND c.due_at <= :now
      ORDER BY c.due_at, c.sku LIMIT :limit FOR UPDATE SKIP LOCKED) AS c
    WHERE s.is_active AND NOT s.is_observing
    ORDER BY s.id, c.due_at, c.sku
    """
)


def lock_due(session: Session, *, now: datetime, limit: int) -> list[DueFigure]:
    """Return due figures that no other process has, locked until the transaction ends."""
    return [
        DueFigure(
            shop_id=row.shop_id,
            figure=StockFigure(sku=row.sku, quantity=row.quantity),
            attempts=row.attempts,
        )
        for row in session.execute(_DUE, {"now": now, "limit": limit})
    ]


def next_version(session: Session) -> int:
    """Return a version above all that were drawn before."""
    version: int = session.execute(sa.select(STOCK_VERSIONS.next_value())).scalar_one()
    return version


_PUSHED = sa.text(
    """
    UPDATE channel_stock c SET pushed_version = :version, pushed_at = :now,
        attempts = c.attempts + 1, due_at = f.due_at
    FROM unnest(CAST(:skus AS text[]), CAST(:due AS timestamptz[])) AS f (sku, due_at)
    WHERE c.shop_id = :shop_id AND c.sku = f.sku
    """
)


def save_pushed(
    session: Session,
    shop_id: str,
    *,
    version: int,
    waits: Sequence[tuple[str, timedelta]],
    now: datetime,
) -> None:
    """Write that locked figures are pushed under a version, and when they are due again."""
    session.execute(
        _PUSHED,
        {
            "shop_id": shop_id,
            "version": version,
            "now": now,
            "skus": [sku for sku, _ in waits],
            "due": [now + wait for _, wait in waits],
        },
    )


# What changed after the push is still unknown there, but since the push only.
_ACKNOWLEDGE = sa.text(
    """
    WITH told AS (
      SELECT sku, behind_since, pushed_at FROM channel_stock
      WHERE shop_id = :shop_id AND pushed_version = :version AND sku = ANY(:skus)
        AND (acked_version IS NULL OR acked_version < :version)
      ORDER BY sku FOR UPDATE),
    kept AS (
      UPDATE channel_stock c SET acked_version = :version, acked_at = :now,
        behind_since = CASE WHEN c.version > :version
          THEN greatest(c.behind_since, c.pushed_at) END
      FROM told WHERE c.shop_id = :shop_id AND c.sku = told.sku
      RETURNING c.sku)
    SELECT told.sku, told.behind_since FROM told JOIN kept ON kept.sku = told.sku ORDER BY told.sku
    """
)


def acknowledge(
    session: Session, shop_id: str, *, version: int, skus: Collection[str], now: datetime
) -> dict[str, timedelta]:
    """Return how long each SKU waited that the shop knows under this version; no older ones."""
    rows = session.execute(
        _ACKNOWLEDGE, {"shop_id": shop_id, "version": version, "skus": list(skus), "now": now}
    )
    return {row.sku: max(now - (row.behind_since or now), timedelta()) for row in rows}


def keep_waits(
    session: Session, shop_id: str, *, waits: Collection[timedelta], now: datetime
) -> None:
    """Write how long the figures of one acknowledgement had waited."""
    session.execute(
        sa.insert(StockAckRow),
        {
            "shop_id": shop_id,
            "at": now,
            "waits": [round(wait.total_seconds() * 1000) for wait in waits],
        },
    )


def forget_waits(session: Session, *, before: datetime) -> int:
    """Return how many acknowledgements were forgotten; the figures themselves stay."""
    old = sa.delete(StockAckRow).where(StockAckRow.at < before).returning(StockAckRow.id)
    return len(session.execute(old).scalars().all())


_LAGS = sa.text(
    """
    SELECT s.id AS shop_id, behind.figures, behind.oldest, known.last_acked_at, lately.p95_ms,
      coalesce(lately.figures, 0) AS acked
    FROM shops s
    CROSS JOIN LATERAL (
      SELECT count(*) AS figures, min(c.behind_since) AS oldest FROM channel_stock c
      WHERE c.shop_id = s.id AND (c.acked_version IS NULL OR c.acked_version < c.version)
    ) AS behind
    CROSS JOIN LATERAL (
      SELECT max(c.acked_at) AS last_acked_at FROM channel_stock c WHERE c.shop_id = s.id
    ) AS known
    LEFT JOIN (
      SELECT a.shop_id, count(*) AS figures,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY w.milliseconds) AS p95_ms
      FROM stock_acks a CROSS JOIN LATERAL unnest(a.waits) AS w (milliseconds)
      WHERE a.at > :since GROUP BY a.shop_id
    ) AS lately ON lately.shop_id = s.id
    WHERE s.is_active AND NOT s.is_observing ORDER BY s.id
    """
)


def lags(session: Session, *, since: datetime) -> list[StockLag]:
    """Return how far each shop that is told is behind; waits of acknowledgements after `since` count."""
    return [
        StockLag(
            shop_id=row.shop_id,
            unacknowledged=row.figures,
            oldest_since=row.oldest,
            last_acked_at=row.last_acked_at,
            p95_ms=None if row.p95_ms is None else round(row.p95_ms),
            acked_last_hour=row.acked,
        )
        for row in session.execute(_LAGS, {"since": since})
    ]


def find(session: Session, shop_id: str, *, skus: Collection[str]) -> dict[str, ChannelStock]:
    """Return what a shop should know, was told and acknowledged of these SKUs."""
    rows = session.execute(
        sa.select(
            ChannelStockRow.shop_id,
            ChannelStockRow.sku,
            ChannelStockRow.version,
            ChannelStockRow.quantity,
            ChannelStockRow.wanted_at,
            ChannelStockRow.pushed_version,
            ChannelStockRow.pushed_at,
            ChannelStockRow.acked_version,
            ChannelStockRow.acked_at,
            ChannelStockRow.attempts,
        ).where(ChannelStockRow.shop_id == shop_id, ChannelStockRow.sku.in_(list(skus)))
    )
    return {row.sku: ChannelStock(**row._mapping) for row in rows}  # noqa: SLF001 - public by its documentation
