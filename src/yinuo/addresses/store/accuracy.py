"""Counting how addresses were read, by channel and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from yinuo.addresses.model import ReadingState
from yinuo.addresses.tables import AddressReadingRow
from yinuo.core.db import Session

_ROW = AddressReadingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How the addresses of a channel and day came out.

    `passed` went on without a person, of which `wrong` were corrected later; `asked` went to a
    person, of which `waiting` still are there and `misread` were answered otherwise than read.
    """

    day: date
    channel: str
    total: int
    passed: int
    wrong: int
    asked: int
    misread: int
    waiting: int
    by_alias: int


def accuracy(session: Session, *, since: datetime, until: datetime) -> list[Accuracy]:
    """Return the counts of every channel and Shanghai day in a span, the newest day first."""
    day = sa.cast(sa.func.timezone("Asia/Shanghai", _ROW.read_at), sa.Date)
    was_asked = _ROW.doubt.is_not(None) & (_ROW.state != ReadingState.PASSED.value)
    rows = session.execute(
        sa.select(
            day.label("day"),
            _ROW.channel,
            sa.func.count().label("total"),
            sa.func.count().filter(~was_asked).label("passed"),
            sa.func.count().filter(~was_asked & _ROW.is_wrong).label("wrong"),
            sa.func.count().filter(was_asked).label("asked"),
            sa.func.count().filter(was_asked & _ROW.is_wrong).label("misread"),
            sa.func.count().filter(_ROW.state == ReadingState.DOUBTFUL.value).label("waiting"),
            sa.func.count().filter(_ROW.alias_id.is_not(None)).label("by_alias"),
        )
        .where(_ROW.read_at >= since, _ROW.read_at < until)
        .group_by(day, _ROW.channel)
        .order_by(day.desc(), _ROW.channel)
    )
    return [Accuracy(**row._mapping) for row in rows]  # noqa: SLF001 - public by its documentation
