"""Stock as others see it: expired unpaid claims count as free, swept or not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from yinuo.core.db import Session
from yinuo.inventory.model import LedgerRecord, Level, Photograph, Place, Reservation, UnknownStock
from yinuo.inventory.store import levels as level_store
from yinuo.inventory.store import photographs as photo_store
from yinuo.inventory.store import reservations as claim_store


def levels(session: Session, skus: Collection[str], *, now: datetime) -> dict[str, list[Level]]:
    """Return the levels of each SKU by warehouse; a SKU without stock records has an empty list."""
    found: dict[str, list[Level]] = {sku: [] for sku in skus}
    for one in level_store.levels_of(session, skus, now=now):
        found[one.sku].append(one)
    return found


def level(session: Session, sku: str, *, now: datetime) -> list[Level]:
    """Return the levels of one SKU by warehouse; raises UnknownStock when there is none."""
    found = level_store.levels_of(session, [sku], now=now)
    if not found:
        raise UnknownStock(sku=sku)
    return found


def sellable(session: Session, skus: Collection[str], *, now: datetime) -> dict[str, int]:
    """Return units that the public may buy: ATP of active warehouses, none counted below zero."""
    active = {one.code for one in level_store.load_warehouses(session) if one.is_active}
    return {
        sku: sum(max(0, one.atp) for one in found if one.warehouse in active)
        for sku, found in levels(session, skus, now=now).items()
    }


def photographs(session: Session, sku: str) -> dict[str, list[Photograph]]:
    """Return the newest photograph of each source, per warehouse."""
    codes = [one.code for one in level_store.load_warehouses(session)]
    found = photo_store.photographs_of(session, [Place(sku, code) for code in codes])
    return {place.warehouse: photos for place, photos in sorted(found.items())}


def ledger(
    session: Session, sku: str, *, before: int | None = None, limit: int = 100
) -> list[LedgerRecord]:
    """Return ledger entries of a SKU, the newest first; `before` is the id to go on from."""
    return level_store.ledger_of(session, sku, before=before, limit=limit)


def reservations_of(
    session: Session, sku: str, *, now: datetime, limit: int = 100
) -> list[Reservation]:
    """Return claims that hold units of a SKU now, the newest first."""
    return claim_store.open_on(session, sku, now=now, limit=limit)
