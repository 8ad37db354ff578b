"""When a day is told of: in its evening, late when nothing ran, once more when it was corrected."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from yinuo.channels.model.summaries import Told, differs, due_edition

DAY = date(2026, 11, 22)
SIX = time(18, 0)
FACTS = {"mini": {"placed": 3, "paid_fen": 300}}
FIRST = Told(day=DAY, edition=1, told_at=datetime(2026, 11, 22, 10, tzinfo=UTC), facts=FACTS)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026 in Shanghai."""
    return datetime(2026, 11, day, hour - 8 if hour >= 8 else hour + 16, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "edition"),
    [
        (at(22, 17, 59), None),
        (at(22, 18), 1),
        (at(22, 23, 59), 1),
        (datetime(2026, 11, 23, 2, tzinfo=UTC), 1),  # nothing ran in the evening
        (datetime(2026, 11, 24, 2, tzinfo=UTC), None),  # too late to be news
    ],
)
def test_the_first_edition_is_due_from_its_time_on(now: datetime, edition: int | None):
    assert due_edition(None, day=DAY, at=SIX, now=now) == edition


def test_the_second_edition_is_due_on_the_next_morning_and_there_is_no_third():
    assert due_edition(FIRST, day=DAY, at=SIX, now=at(22, 20)) is None
    assert due_edition(FIRST, day=DAY, at=SIX, now=at(23, 9)) == 2
    second = Told(day=DAY, edition=2, told_at=FIRST.told_at, facts=FACTS)
    assert due_edition(second, day=DAY, at=SIX, now=at(23, 10)) is None


def test_a_day_differs_by_its_facts_alone():
    assert not differs(FIRST, {"mini": {"paid_fen": 300, "placed": 3}})
    assert differs(FIRST, {"mini": {"placed": 3, "paid_fen": 200}})
    assert differs(FIRST, FACTS | {"dy": {"placed": 0}})
