"""Payments beside the providers' daily bills: days, what differs, starting a day, settling."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Path, Query

from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Database, Session
from yinuo.core.texts import Language
from yinuo.orders.model import UnknownDifference, last_billed_day
from yinuo.orders.service import load_difference
from yinuo.reports import payment_bills as report
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Lang, Reading, database, require
from yinuo.web.payment_bill_facts import (
    PaymentDay,
    PaymentDayDetail,
    PaymentDayList,
    PaymentDifference,
    RepairPreview,
    day_facts,
    difference_facts,
    preview_facts,
)
from yinuo.workflows import reconcile_payments, repair_payments
from yinuo.workflows.hub import hub

router = APIRouter(tags=["payments"])
Reader = Annotated[Actor, Depends(require(Permission.PAYMENTS_READ))]
Reconciler = Annotated[Actor, Depends(require(Permission.PAYMENTS_RECONCILE))]
Base = Annotated[Database, Depends(database)]
DifferenceId = Annotated[str, Path(max_length=64, pattern=r"^[a-zA-Z0-9_]+$")]
Reason = Annotated[str, pydantic.Field(min_length=2, max_length=200, pattern=r"^[^\x00]+$")]
Cursor = Annotated[str | None, Query(max_length=400)]


class WantedDay(pydantic.BaseModel):
    """Which day to compare."""

    model_config = pydantic.ConfigDict(extra="forbid")

    day: date


class ConfirmedTakeIn(pydantic.BaseModel):
    """A repair as its preview showed it, and why a person wants it."""

    model_config = pydantic.ConfigDict(extra="forbid")

    token: Annotated[str, pydantic.Field(pattern=r"^[0-9a-f]{32}$")]
    reason: Reason


class Acceptance(pydantic.BaseModel):
    """Why a difference may stand."""

    model_config = pydantic.ConfigDict(extra="forbid")

    reason: Reason


@router.get("/payments/reconciliations")
def list_payment_days(
    session: Reading,
    _actor: Reader,
    language: Lang,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> PaymentDayList:
    """Return a page of days, newest first, with both sides of each merchant account."""
    now = clock.now()
    today = now.astimezone(SHANGHAI).date()
    page = report.list_days(session, cursor=cursor, limit=limit)
    accounts = hub().connectors.payment_accounts()
    return PaymentDayList(
        items=[day_facts(row, language, today=today) for row in page.items],
        next_cursor=page.next_cursor,
        has_accounts=bool(accounts),
        serves_today=any(reconcile_payments.serves_today(one) for one in accounts),
        today=today,
        newest_billed=last_billed_day(now, made_at=reconcile_payments.MADE_AT),
        as_of=now,
    )


@router.get("/payments/reconciliations/{day}")
def show_payment_day(
    day: date,
    session: Reading,
    _actor: Reader,
    language: Lang,
    provider: Annotated[str, Query(max_length=40, pattern=r"^[a-z_]*$")] = "",
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PaymentDayDetail:
    """Return one day with a page of what differs, open differences first."""
    page = report.list_differences(session, day, provider=provider, cursor=cursor, limit=limit)
    return PaymentDayDetail(
        day=_day(session, day, language),
        items=[difference_facts(row, language) for row in page.items],
        next_cursor=page.next_cursor,
        as_of=clock.now(),
    )


@router.post("/payments/reconciliations")
def start_payment_day(body: WantedDay, base: Base, actor: Reconciler, language: Lang) -> PaymentDay:
    """Fetch the bills of a day and compare them now; a repeat compares anew and doubles nothing.

    An account whose bill is not there says why in `problem`.
    """
    reconcile_payments.reconcile_now(body.day, actor=actor)
    with base.read() as session:
        return _day(session, body.day, language)


@router.post("/payments/differences/{difference_id}/repair/preview")
def preview_payment_repair(
    difference_id: DifferenceId, base: Base, _actor: Reconciler, language: Lang
) -> RepairPreview:
    """Ask the provider, and return what a repair would do; nothing is changed."""
    with base.read() as session:
        difference = load_difference(session, difference_id)
        row = _row(session, difference_id)
    return preview_facts(row, repair_payments.look(difference), language)


@router.post("/payments/differences/{difference_id}/repair")
def repair_payment_difference(
    difference_id: DifferenceId,
    body: ConfirmedTakeIn,
    base: Base,
    actor: Reconciler,
    language: Lang,
) -> PaymentDifference:
    """Do what the preview showed, once; refused when the provider says something else by now."""
    reconcile_payments.repair(difference_id, token=body.token, reason=body.reason, actor=actor)
    with base.read() as session:
        return difference_facts(_row(session, difference_id), language)


@router.post("/payments/differences/{difference_id}/accept")
def accept_payment_difference(
    difference_id: DifferenceId,
    body: Acceptance,
    base: Base,
    actor: Reconciler,
    language: Lang,
) -> PaymentDifference:
    """Let a difference stand with a reason; it comes back when its amounts change."""
    repair_payments.accept(base, difference_id, reason=body.reason, actor=actor)
    with base.read() as session:
        return difference_facts(_row(session, difference_id), language)


def _day(session: Session, day: date, language: Language) -> PaymentDay:
    row = report.DayRow(day=day, accounts=tuple(report.load_accounts(session, [day]).get(day, ())))
    return day_facts(row, language, today=clock.now().astimezone(SHANGHAI).date())


def _row(session: Session, difference_id: str) -> report.DifferenceRow:
    row = report.load_difference(session, difference_id)
    if row is None:
        raise UnknownDifference(difference_id=difference_id)
    return row
