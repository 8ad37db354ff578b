"""Figures of stock that shops are told, under versions, until they acknowledge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from yinuo.core.errors import Invalid

STOCK_RETRY_MOST = 600
LAG_WINDOW = timedelta(hours=1)
WAITS_KEPT = timedelta(days=1)


class BadFigures(Invalid):
    """A figure of stock is negative or not for a SKU; `skus` are all of them."""

    code = "channels.bad_figures"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFigure:
    """An absolute number of a SKU that a shop may sell."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPush:
    """Figures to tell a shop under one version; versions of a SKU only grow."""

    shop_id: str
    version: int
    figures: tuple[StockFigure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStock:
    """What a shop should know of a SKU, what it was told, and what it acknowledged."""

    shop_id: str
    sku: str
    version: int
    quantity: int
    wanted_at: datetime
    pushed_version: int | None
    pushed_at: datetime | None
    acked_version: int | None
    acked_at: datetime | None
    attempts: int

    @property
    def is_acknowledged(self) -> bool:
        """Tell whether the shop has said that it knows the present figure."""
        return self.acked_version is not None and self.acked_version >= self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLag:
    """How far a shop is behind: figures it does not know, and how fast it learned the others.

    `oldest_since` is when the first of those figures changed; `p95_ms` is from wanting a figure
    to its acknowledgement, over the last hour.
    """

    shop_id: str
    unacknowledged: int
    oldest_since: datetime | None
    last_acked_at: datetime | None
    p95_ms: int | None
    acked_last_hour: int

    def wait(self, now: datetime) -> timedelta:
        """Return how long the oldest unknown figure has waited; nothing when all are known."""
        return (
            timedelta() if self.oldest_since is None else max(now - self.oldest_since, timedelta())
        )


def figure_problems(figures: Mapping[str, int]) -> list[str]:
    """Return the SKUs whose figure cannot be told to a shop, sorted."""
    return sorted(
        sku
        for sku, quantity in figures.items()
        if not 0 <= quantity < 2**31 or not sku.strip() or not sku.isprintable()
    )


def push_wait(attempts: int) -> timedelta:
    """Return how long to wait for the acknowledgement of the `attempts`-th push: 10 s … 10 min."""
    return timedelta(seconds=min(5 * 2**attempts, STOCK_RETRY_MOST))
