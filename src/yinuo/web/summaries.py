"""The daily summary: a day by shop, money and goods; the same as a workbook."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Response

from yinuo.channels.model.certificates import Colour
from yinuo.channels.service import summaries
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Database
from yinuo.core.errors import Invalid
from yinuo.core.texts import text
from yinuo.reports.summary_workbook import workbook
from yinuo.users.model import Actor, Permission
from yinuo.users.service import audit
from yinuo.web.deps import Lang, Reading, database, require
from yinuo.workflows import daily_summary

router = APIRouter(tags=["summaries"])
Reader = Annotated[Actor, Depends(require(Permission.PAYMENTS_READ))]
Base = Annotated[Database, Depends(database)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SKUS = 50
LOOK_BACK = timedelta(days=400)


class BadSummaryDay(Invalid):
    """There is nothing to sum up of that day: it has not begun, or lies too far back."""

    code = "reports.bad_summary_day"


class SummaryShop(pydantic.BaseModel):
    """What a day brought in one shop; amounts in fen."""

    shop_id: str
    shop: str
    placed: int
    paid: int
    paid_fen: int
    refunded_fen: int
    shipped: int
    held: int
    waiting_long: int
    colour: Colour | None
    colour_label: str
    gaps: int


class SummaryAccount(pydantic.BaseModel):
    """Money that came and went through one account."""

    provider: str
    provider_label: str
    account: str
    payments: int
    paid_fen: int
    refunds: int
    refunded_fen: int


class SummarySku(pydantic.BaseModel):
    """What was sold of one SKU."""

    sku: str
    name: str
    orders: int
    units: int
    amount_fen: int


class DailySummary(pydantic.BaseModel):
    """One day; `told_at` is when people were told of it last, `is_corrected` that it changed since."""

    day: date
    today: date
    shops: list[SummaryShop]
    accounts: list[SummaryAccount]
    skus: list[SummarySku]
    sku_count: int
    told_at: datetime | None
    is_corrected: bool
    as_of: datetime


def _checked(day: date) -> date:
    today = clock.now().astimezone(SHANGHAI).date()
    if not today - LOOK_BACK <= day <= today:
        raise BadSummaryDay(day=day.isoformat())
    return today


@router.get("/summaries/{day}")
def show_summary(day: date, session: Reading, _actor: Reader, language: Lang) -> DailySummary:
    """Return what a day brought, as it stands now, late corrections included."""
    today = _checked(day)
    summary = daily_summary.summarise(session, day)
    told = summaries.last_told(session, day)
    return DailySummary(
        day=day,
        today=today,
        shops=[
            SummaryShop(
                shop_id=shop_id,
                shop=line.shop,
                placed=line.placed,
                paid=line.paid,
                paid_fen=line.paid_fen,
                refunded_fen=line.refunded_fen,
                shipped=line.shipped,
                held=line.held,
                waiting_long=line.waiting_long,
                colour=Colour(line.colour) if line.colour else None,
                colour_label=text(f"certificates.colour.{line.colour}", language)
                if line.colour
                else "",
                gaps=line.gaps,
            )
            for shop_id, line in summary.shops.items()
        ],
        accounts=[
            SummaryAccount(
                provider=one.provider,
                provider_label=text(f"reports.provider.{one.provider}", language),
                account=one.account,
                payments=one.payments,
                paid_fen=one.paid_fen,
                refunds=one.refunds,
                refunded_fen=one.refunded_fen,
            )
            for one in summary.accounts
        ],
        skus=[
            SummarySku(
                sku=one.sku,
                name=one.name,
                orders=one.orders,
                units=one.units,
                amount_fen=one.amount_fen,
            )
            for one in summary.skus[:MOST_SKUS]
        ],
        sku_count=len(summary.skus),
        told_at=told.told_at if told else None,
        is_corrected=daily_summary.is_corrected(told, summary),
        as_of=summary.as_of,
    )


@router.get("/summaries/{day}/workbook", response_class=Response)
def download_summary(day: date, base: Base, actor: Reader, language: Lang) -> Response:
    """Return the day as an XLSX file; that it was taken away is kept in the audit."""
    _checked(day)
    with base.transaction() as session:
        kept = workbook(session, daily_summary.summarise(session, day), language)
        audit.record(
            session,
            actor=actor,
            action="summaries.download",
            object=day.isoformat(),
            after={"bytes": len(kept)},
            now=clock.now(),
        )
    name = f"yinuo-{day.isoformat()}.xlsx"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(kept, media_type=XLSX, headers=headers)
