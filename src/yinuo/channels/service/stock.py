"""Figures of stock for shops: wanted, pushed, acknowledged; the newest wins."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from yinuo.channels.model import (
    LAG_WINDOW,
    WAITS_KEPT,
    BadFigures,
    ChannelStock,
    StockLag,
    StockPush,
    figure_problems,
    push_wait,
)
from yinuo.channels.service.shops import load_shop
from yinuo.channels.store import stock as store
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.metrics import Gauge

behind_figures = Gauge(
    "yinuo_shop_stock_unacknowledged", "Figures of stock that a shop does not know yet", ["shop"]
)
behind_seconds = Gauge(
    "yinuo_shop_stock_behind_seconds", "How long the oldest of those has waited", ["shop"]
)
acked_p95 = Gauge(
    "yinuo_shop_stock_acknowledged_p95_seconds",
    "From a changed figure to its acknowledgement, p95 of the last hour",
    ["shop"],
)


def lock_figures(session: Session, shop_id: str) -> None:
    """Keep other writers of the shop's figures away until the transaction ends.

    Called before ATP is read for `want_stock`: without it a figure read earlier could be written
    later and stay.
    """
    store.lock_figures(session, shop_id)


def want_stock(
    session: Session, shop_id: str, *, figures: Mapping[str, int], now: datetime
) -> list[str]:
    """Return the SKUs whose figure changed and will be pushed; equal figures change nothing.

    Several changes before a push become one push of the last figure. Raises UnknownShop, and
    BadFigures with every SKU whose figure is negative.
    """
    bad = figure_problems(figures)
    if bad:
        raise BadFigures(skus=list[JsonValue](bad))
    load_shop(session, shop_id)
    return store.want(session, shop_id, figures=figures, now=now)


def due_pushes(session: Session, *, now: datetime, limit: int = 500) -> list[StockPush]:
    """Return what shops are to be told now, one push a shop, each under a new version.

    Shops that are switched off or only observed are told nothing.

    A push holds at most `limit` figures, those that wait longest; the rest is due with the next.
    What is not acknowledged is due again after 10 s, 20 s … 10 min, under a higher version.
    """
    due = store.lock_due(session, now=now, limit=limit)
    pushes = []
    for shop_id, group in groupby(due, key=attrgetter("shop_id")):
        figures = list(group)
        version = store.next_version(session)
        store.save_pushed(
            session,
            shop_id,
            version=version,
            waits=[(one.figure.sku, push_wait(one.attempts + 1)) for one in figures],
            now=now,
        )
        told = tuple(sorted((one.figure for one in figures), key=attrgetter("sku")))
        pushes.append(StockPush(shop_id=shop_id, version=version, figures=told))
    return pushes


def acknowledge(
    session: Session, shop_id: str, *, version: int, skus: Collection[str], now: datetime
) -> int:
    """Return how many of the SKUs the shop knows under this version, which it did not before.

    SKUs that were pushed again since wait for their newer acknowledgement, so an older or
    repeated one never wins.
    """
    # Like all writers: those that note figures for event after event lock rows in no set order.
    store.lock_figures(session, shop_id)
    waits = store.acknowledge(session, shop_id, version=version, skus=skus, now=now)
    if waits:
        store.keep_waits(session, shop_id, waits=waits.values(), now=now)
    return len(waits)


def stock_lags(session: Session, *, now: datetime) -> dict[str, StockLag]:
    """Return how far each shop that is told is behind, and show it to Prometheus."""
    lags = {lag.shop_id: lag for lag in store.lags(session, since=now - LAG_WINDOW)}
    for lag in lags.values():
        behind_figures.labels(lag.shop_id).set(lag.unacknowledged)
        behind_seconds.labels(lag.shop_id).set(lag.wait(now).total_seconds())
        acked_p95.labels(lag.shop_id).set((lag.p95_ms or 0) / 1000)
    return lags


def forget_waits(session: Session, *, now: datetime) -> int:
    """Return how many old acknowledgements were forgotten; the figures themselves stay."""
    return store.forget_waits(session, before=now - WAITS_KEPT)


def load_stock(session: Session, shop_id: str, *, skus: Collection[str]) -> dict[str, ChannelStock]:
    """Return what a shop should know, was told and acknowledged of those SKUs it has figures of."""
    return store.find(session, shop_id, skus=skus)
