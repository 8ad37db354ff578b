"""The numbers of the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.orders.builders import NOON
from tests.reports.builders import put, reserve
from yinuo.orders.model import FulfillmentStatus
from yinuo.reports.today import Today, today


def test_an_empty_day_has_no_median(session):
    assert today(session, now=NOON) == Today(
        orders_today=0,
        paid_today=0,
        waiting=0,
        held=0,
        open_work_items=0,
        reservations_ending_soon=0,
        shipped_today=0,
        doubtful_addresses=0,
        waiting_messages=0,
        median_seconds_to_reserve=None,
    )


def test_the_day_is_counted(session):
    put(session, "A")
    put(session, "B", is_paid=True)
    third = put(session, "C", to=FulfillmentStatus.RESERVED)
    put(session, "D", to=FulfillmentStatus.SHIPPED)
    put(session, "yesterday", minutes=-60 * 24, to=FulfillmentStatus.SHIPPED)
    reserve(session, third, expires_at=NOON + timedelta(minutes=3))
    assert today(session, now=NOON + timedelta(minutes=1)) == Today(
        orders_today=4,
        paid_today=3,
        waiting=1,
        held=0,
        open_work_items=0,
        reservations_ending_soon=1,
        shipped_today=1,
        doubtful_addresses=0,
        waiting_messages=0,
        median_seconds_to_reserve=2.0,
    )


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), 1),  # still the 22nd in Shanghai
        (datetime(2026, 11, 22, 16, 1, tzinfo=UTC), 0),
    ],
)
def test_the_day_ends_at_midnight_in_shanghai(session, now, expected):
    put(session, "A")
    assert today(session, now=now).orders_today == expected
