"""Looking for orders that were told before: a suggestion for a person, never a decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from yinuo.core.db import Session
from yinuo.orders.model.alike import ALIKE_WITHIN, AlikeOrder
from yinuo.orders.store import alike as store


def find_alike(
    session: Session, *, phone: str, units: Mapping[str, int], at: datetime
) -> list[AlikeOrder]:
    """Return standing orders of the same phone with the same goods, placed two days around `at`.

    Over all shops, the newest first; gifts do not count. Without a phone or goods there are none.
    """
    if len(phone) < 7 or not units:
        return []
    return store.alike(
        session, phone=phone, units=units, since=at - ALIKE_WITHIN, until=at + ALIKE_WITHIN
    )
