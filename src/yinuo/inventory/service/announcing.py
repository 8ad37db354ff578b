"""Telling what happened: events, and one live hint per SKU and transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.events import Event
from yinuo.core.outbox import Hint, announce
from yinuo.inventory.events import StockFellShort
from yinuo.inventory.model import Sheet
from yinuo.inventory.store import levels as level_store

TOPIC = "stock"


def tell(session: Session, events: Sequence[Event], *, skus: Iterable[str]) -> None:
    """Announce events and hint at every SKU whose numbers changed."""
    announce(session, *events, hints={Hint(TOPIC, sku) for sku in skus})


def save_and_tell(
    session: Session, sheet: Sheet, events: Sequence[Event], *, cause: str, now: datetime
) -> None:
    """Write a worked sheet, announce events, and say where promised units are missing now."""
    level_store.save_sheet(session, sheet, now=now)
    short = [
        StockFellShort(
            sku=level.sku,
            warehouse=level.warehouse,
            missing=level.missing,
            on_hand=level.on_hand,
            claimed=level.reserved + level.allocated,
            cause=cause,
        )
        for level in sheet.fell_short()
    ]
    tell(session, [*events, *short], skus={entry.place.sku for entry in sheet.entries})
