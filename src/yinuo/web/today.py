"""The numbers of the day."""

from __future__ import annotations

from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends

from yinuo.core import clock
from yinuo.reports import today as report
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Reading, require

router = APIRouter(tags=["today"])


class TodayFacts(pydantic.BaseModel):
    """What came in, what is paid, what waits; the day is Shanghai's."""

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


@router.get("/today")
def show_today(
    session: Reading, _actor: Annotated[Actor, Depends(require(Permission.ORDERS_READ))]
) -> TodayFacts:
    """Return the numbers of the day so far."""
    numbers = report.today(session, now=clock.now())
    return TodayFacts(
        orders_today=numbers.orders_today,
        paid_today=numbers.paid_today,
        waiting=numbers.waiting,
        held=numbers.held,
        open_work_items=numbers.open_work_items,
        reservations_ending_soon=numbers.reservations_ending_soon,
        shipped_today=numbers.shipped_today,
        doubtful_addresses=numbers.doubtful_addresses,
        waiting_messages=numbers.waiting_messages,
        median_seconds_to_reserve=numbers.median_seconds_to_reserve,
    )
