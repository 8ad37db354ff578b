"""Why a SKU has its numbers, place by place."""

from __future__ import annotations

from datetime import datetime

from yinuo.core.db import Session
from yinuo.inventory.model import (
    NO_MOVEMENTS,
    Claimed,
    Explanation,
    Movements,
    PhotoSource,
    Place,
    UnknownStock,
    explain,
)
from yinuo.inventory.store import explaining as explain_store
from yinuo.inventory.store import levels as level_store
from yinuo.inventory.store import photographs as photo_store


def explanations(session: Session, sku: str, *, now: datetime) -> list[Explanation]:
    """Return why each warehouse has its numbers of a SKU; raises UnknownStock."""
    levels = level_store.levels_of(session, [sku], now=now)
    if not levels:
        raise UnknownStock(sku=sku)
    photos = photo_store.photographs_of(session, [level.place for level in levels])
    later: dict[tuple[Place, PhotoSource], Movements] = {}
    for source in PhotoSource:
        moments = {
            place: photo.as_of
            for place, shown in photos.items()
            for photo in shown
            if photo.source is source
        }
        for place, movements in photo_store.read_with(session, moments, source).items():
            later[place, source] = movements
    claimed = explain_store.claimed(session, sku, now=now)
    staged = explain_store.staged(session, sku, now=now)
    return [
        explain(
            level,
            claimed=claimed.get(level.warehouse, Claimed()),
            photographs=photos.get(level.place, ()),
            read_with={
                source: later.get((level.place, source), NO_MOVEMENTS) for source in PhotoSource
            },
            stages={
                source: [
                    one.units
                    for one in staged
                    if (one.warehouse, one.system) == (level.warehouse, source)
                ]
                for source in PhotoSource
            },
        )
        for level in levels
    ]
