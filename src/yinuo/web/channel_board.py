"""All channels beside each other: what came in, what waits, how far behind, how much by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final

import pydantic
from fastapi import APIRouter, Depends, Query

from yinuo.channels import service as channels
from yinuo.channels.model import WINDOW_RULES, Shop
from yinuo.connectors.sections import shop_section
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.texts import text
from yinuo.reports import channel_board as report
from yinuo.reports.connector_calls import last_calls
from yinuo.reports.shops import ShopActivity, activities
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Lang, Reading, require
from yinuo.web.shop_facts import LagFacts, lag_facts
from yinuo.web.shops import SharedHub
from yinuo.workflows.hub import Hub

router = APIRouter(tags=["channels"])
Reader = Annotated[Actor, Depends(require(Permission.ORDERS_READ))]

# A round of reading that did not come twice in a row is worth a look.
LATE_AFTER: Final = timedelta(minutes=5)


class ReadingFacts(pydantic.BaseModel):
    """How far a shop's orders are read; a shop that is not connected is not read."""

    is_connected: bool
    read_at: datetime | None
    read_until: datetime | None
    is_late: bool
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str | None


class BandFacts(pydantic.BaseModel):
    """Paid orders of one value band; `by_hand` needed a person, `least_fen` is its cheapest."""

    band: report.Band
    orders: int
    by_hand: int
    paid_fen: int
    least_fen: int


class ChannelRow(pydantic.BaseModel):
    """One shop on the board; the day is Shanghai's."""

    shop_id: str
    name: str
    channel: str
    channel_label: str
    is_active: bool
    orders_today: int
    paid_today: int
    paid_today_fen: int
    shipped_today: int
    unfinished: int
    waiting_long: int
    doubtful_addresses: int
    waiting_messages: int
    work_items: int
    overdue_items: int
    newest_placed_at: datetime | None
    reading: ReadingFacts
    stock: LagFacts | None
    bands: list[BandFacts]


class ChannelBoard(pydantic.BaseModel):
    """All shops by name, and the bands over all of them; `days` is what the bands look back."""

    items: list[ChannelRow]
    bands: list[BandFacts]
    days: int
    as_of: datetime


@router.get("/channels/board")
def show_channel_board(
    session: Reading,
    _actor: Reader,
    shared: SharedHub,
    language: Lang,
    days: Annotated[int, Query(ge=1, le=31)] = 7,
) -> ChannelBoard:
    """Return every shop's figures of today and what its orders of the last days needed."""
    now = clock.now()
    figures = report.shop_figures(session, now=now)
    bands = report.band_figures(session, since=now - timedelta(days=days))
    around, lags = activities(session), channels.stock_lags(session, now=now)
    rows = []
    for shop in channels.list_shops(session):
        of, activity = figures[shop.id], around[shop.id]
        lag = lag_facts(
            lags.get(shop.id), patience_seconds=shared.settings.shop_behind_seconds, now=now
        )
        rows.append(
            ChannelRow(
                shop_id=shop.id,
                name=shop.name,
                channel=shop.channel.value,
                channel_label=text(f"channels.channel.{shop.channel.value}", language),
                is_active=shop.is_active,
                orders_today=of.orders_today,
                paid_today=of.paid_today,
                paid_today_fen=of.paid_today_fen,
                shipped_today=of.shipped_today,
                unfinished=of.unfinished,
                waiting_long=of.waiting_long,
                doubtful_addresses=of.doubtful_addresses,
                waiting_messages=of.waiting_messages,
                work_items=of.work_items,
                overdue_items=of.overdue_items,
                newest_placed_at=activity.newest_placed_at,
                reading=_reading(session, shop, activity, shared, now=now),
                stock=lag,
                bands=[
                    _band(band, found)
                    for band in report.Band
                    if (found := bands.get((shop.id, band)))
                ],
            )
        )
    return ChannelBoard(items=rows, bands=_over_all(bands), days=days, as_of=now)


def _reading(
    session: Session, shop: Shop, activity: ShopActivity, shared: Hub, *, now: datetime
) -> ReadingFacts:
    is_connected = shop.id in shared.connectors.shop_ids()
    calls = last_calls(session, shop_section(shop.id, shop.channel.value))
    until = activity.read_until
    may_lag = WINDOW_RULES[shop.channel].lag + LATE_AFTER
    return ReadingFacts(
        is_connected=is_connected,
        read_at=activity.read_at,
        read_until=until,
        is_late=is_connected and shop.is_active and (until is None or now - until > may_lag),
        last_success_at=calls.last_success_at,
        last_failure_at=calls.last_failure_at,
        last_error=calls.last_error,
    )


def _band(band: report.Band, found: report.BandFigures) -> BandFacts:
    return BandFacts(
        band=band,
        orders=found.orders,
        by_hand=found.by_hand,
        paid_fen=found.paid_fen,
        least_fen=found.least_fen,
    )


def _over_all(bands: dict[tuple[str, report.Band], report.BandFigures]) -> list[BandFacts]:
    summed = []
    for band in report.Band:
        parts = [found for (_, of), found in bands.items() if of is band]
        if parts:
            summed.append(
                BandFacts(
                    band=band,
                    orders=sum(part.orders for part in parts),
                    by_hand=sum(part.by_hand for part in parts),
                    paid_fen=sum(part.paid_fen for part in parts),
                    least_fen=min(part.least_fen for part in parts),
                )
            )
    return summed
