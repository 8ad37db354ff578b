"""Daily summaries: what people were told of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from yinuo.channels.model.summaries import Told
from yinuo.channels.store import summaries as store
from yinuo.core.db import Session


def last_told(session: Session, day: date) -> Told | None:
    """Return what people were told last of a day, None when nothing yet."""
    return store.newest(session, day)


def note_told(
    session: Session,
    day: date,
    edition: int,
    facts: Mapping[str, Mapping[str, int | str]],
    *,
    now: datetime,
) -> bool:
    """Note what is told of a day; False when somebody else has told this edition."""
    return store.insert_told(session, day, edition, facts, now=now)
