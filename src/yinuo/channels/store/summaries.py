"""The SQL of daily summaries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.channels.model.summaries import Told
from yinuo.channels.tables import SummaryRow
from yinuo.core.db import Session


def newest(session: Session, day: date) -> Told | None:
    """Return what people were told last of a day."""
    row = session.execute(
        sa.select(SummaryRow)
        .where(SummaryRow.day == day)
        .order_by(SummaryRow.edition.desc())
        .limit(1)
    ).scalar_one_or_none()
    if row is None:
        return None
    facts = {
        shop: {name: value for name, value in values.items() if isinstance(value, int | str)}
        for shop, values in row.facts.items()
        if isinstance(values, dict)
    }
    return Told(day=row.day, edition=row.edition, told_at=row.told_at, facts=facts)


def insert_told(
    session: Session,
    day: date,
    edition: int,
    facts: Mapping[str, Mapping[str, int | str]],
    *,
    now: datetime,
) -> bool:
    """Write what is told of a day; False when this edition is there already."""
    kept = {shop: dict(values) for shop, values in facts.items()}
    found = session.execute(
        insert(SummaryRow)
        .values(day=day, edition=edition, told_at=now, facts=kept)
        .on_conflict_do_nothing()
        .returning(SummaryRow.edition)
    )
    return found.one_or_none() is not None
