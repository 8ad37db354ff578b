"""Comparing counters with what they can be rebuilt from, and setting them right."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.outbox import Hint, announce
from yinuo.inventory.model import Drift, LedgerEntry, LedgerKind, Level
from yinuo.inventory.service.announcing import TOPIC
from yinuo.inventory.store import levels as level_store
from yinuo.inventory.store import reconciling as reconcile_store
from yinuo.inventory.store.reconciling import Evidence


def count_levels(session: Session) -> int:
    """Return how many places `reconcile` compares."""
    return reconcile_store.count_levels(session)


def reconcile(session: Session, *, repair: bool, now: datetime) -> list[Drift]:
    """Return every counter that differs from claims, from movements or from the ledger.

    With `repair`, counters are set to what claims and movements say, and the ledger gets an
    entry that accounts for the difference; a second run then finds nothing.
    """
    found = reconcile_store.evidence(session)
    if repair and found:
        places = [one.place for one in found]
        sheet = level_store.lock_levels(session, places)
        found = reconcile_store.evidence(session, only=places)
        for one in found:
            level = right_level(sheet.levels[one.place], one)
            sheet.touched[one.place] = sheet.levels[one.place]
            sheet.levels[one.place] = level
            sheet.entries.append(repair_entry(level, one, now))
        level_store.save_sheet(session, sheet, now=now)
        announce(session, hints={Hint(TOPIC, place.sku) for place in places})
    return [drift for one in found for drift in _drifts(one)]


def _drifts(one: Evidence) -> list[Drift]:
    return [
        Drift(one.place.sku, one.place.warehouse, counter, one.stored[counter], value, against)
        for against, values in (
            ("claims", one.claims),
            ("movements", one.movements),
            ("ledger", one.ledger),
        )
        for counter, value in sorted(values.items())
        if one.stored[counter] != value
    ]


def right_level(level: Level, one: Evidence) -> Level:
    """Return the level as claims and movements say it is."""
    return replace(
        level,
        reserved=one.claims["reserved"],
        allocated=one.claims["allocated"],
        in_flight=one.movements["in_flight"],
        changed=one.movements["changed"],
        contained=one.movements["contained"],
    ).settled()


def repair_entry(
    level: Level, one: Evidence, now: datetime, *, key: str | None = None
) -> LedgerEntry:
    """Return the ledger entry that accounts for the difference."""
    return LedgerEntry(
        kind=LedgerKind.REPAIRED,
        place=one.place,
        on_hand=level.on_hand - one.ledger["on_hand"],
        reserved=level.reserved - one.ledger["reserved"],
        allocated=level.allocated - one.ledger["allocated"],
        in_flight=level.in_flight - one.ledger["in_flight"],
        safety=level.safety_stock - one.ledger["safety_stock"],
        elsewhere=level.claimed_elsewhere - one.ledger["claimed_elsewhere"],
        shortfall=level.shortfall - one.ledger["shortfall"],
        effective_at=now,
        cause="inventory.cause.reconcile",
        key=key,
    )
