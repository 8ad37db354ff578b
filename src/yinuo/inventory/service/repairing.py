"""Setting one SKU right after a look: what would change is shown first, and only that is done."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from yinuo.core.db import Session
from yinuo.inventory.model import (
    Because,
    ChangedMeanwhile,
    LedgerKind,
    Level,
    PhotographLine,
    PhotoSource,
    Place,
    RepairPlan,
    Sheet,
    UnknownPhotograph,
    UnknownStock,
    lay_claims,
)
from yinuo.inventory.service.announcing import save_and_tell
from yinuo.inventory.service.reconciling import repair_entry, right_level
from yinuo.inventory.store import levels as level_store
from yinuo.inventory.store import photographs as photo_store
from yinuo.inventory.store import reconciling as reconcile_store

ACCEPTED = "inventory.cause.accepted"
RECOMPUTED = "inventory.cause.reconcile"


def plan_recompute(session: Session, sku: str) -> RepairPlan:
    """Return what recomputing a SKU's counters from claims, movements and ledger would change.

    Raises UnknownStock. Nothing is written.
    """
    return _recomputed(session, sku)[0]


def recompute(session: Session, sku: str, *, token: str, now: datetime) -> RepairPlan:
    """Recompute a SKU's counters as a plan showed it, and return what changed.

    The plan's token makes it happen once: a repeat changes nothing. Raises ChangedMeanwhile when
    it would change something else by now.
    """
    plan, sheet = _recomputed(session, sku)
    if _is_done(session, token):
        return plan.repeated()
    if plan.token != token:
        raise ChangedMeanwhile(sku=sku)
    for one in reconcile_store.evidence(session, only=list(sheet.levels)):
        if one.place in sheet.touched:
            entry = repair_entry(sheet.levels[one.place], one, now, key=_key(token))
            sheet.entries.append(entry)
    save_and_tell(session, sheet, [], cause=RECOMPUTED, now=now)
    return plan


def _recomputed(session: Session, sku: str) -> tuple[RepairPlan, Sheet]:
    sheet = _lock_all(session, sku)
    before = dict(sheet.levels)
    for one in reconcile_store.evidence(session, only=list(sheet.levels)):
        if one.differs:
            sheet.touched[one.place] = before[one.place]
            sheet.levels[one.place] = right_level(before[one.place], one)
    changed = sorted(sheet.touched)
    plan = RepairPlan(
        before=tuple(before[place] for place in changed),
        after=tuple(sheet.levels[place] for place in changed),
        token=_token(
            f"recompute after {level_store.last_repair(session, sku)}",
            [_drift(before[place], sheet.levels[place]) for place in changed],
        ),
    )
    return plan, sheet


def plan_accept(session: Session, place: Place, source: PhotoSource) -> RepairPlan:
    """Return what taking a system's newest photograph as counted would change; nothing is written.

    Raises UnknownStock, UnknownPhotograph.
    """
    return _accepted(session, place, source)[0]


def accept(
    session: Session, place: Place, source: PhotoSource, *, token: str, now: datetime
) -> RepairPlan:
    """Take a system's newest photograph as counted, as a plan showed it; return what changed.

    It counts until the counting system sends its next one. The plan's token makes it happen once.
    Raises ChangedMeanwhile when it would change something else by now.
    """
    plan, sheet = _accepted(session, place, source)
    if _is_done(session, token):
        return plan.repeated()
    if plan.token != token:
        raise ChangedMeanwhile(sku=place.sku)
    (after,) = plan.after
    why = Because(LedgerKind.ACCEPTED, ACCEPTED, key=_key(token))
    sheet.put(after, why, at=now)
    save_and_tell(session, sheet, [], cause=ACCEPTED, now=now)
    return plan


def _accepted(session: Session, place: Place, source: PhotoSource) -> tuple[RepairPlan, Sheet]:
    sheet = _lock_all(session, place.sku)
    shown = {
        one: photo
        for one, photos in photo_store.photographs_of(session, list(sheet.levels)).items()
        for photo in photos
        if photo.source is source
    }
    if place not in shown:
        raise UnknownPhotograph(sku=place.sku, warehouse=place.warehouse, source=source.value)
    photo = shown[place]
    together = {one: kept for one, kept in shown.items() if kept.as_of == photo.as_of}
    later = photo_store.read_with(session, dict.fromkeys(together, photo.as_of), source)
    claims = lay_claims(
        [
            PhotographLine(one.sku, one.warehouse, kept.quantity, kept.open, kept.locked)
            for one, kept in together.items()
        ],
        {one: movements.contained for one, movements in later.items()},
        source,
    )
    before = sheet.levels[place]
    after = before.photographed(photo, later[place], claims=claims[place])
    plan = RepairPlan(
        before=(before,),
        after=(after,),
        token=_token("accept", [_counted(before), _counted(after)]),
    )
    return plan, sheet


def _lock_all(session: Session, sku: str) -> Sheet:
    sheet = level_store.lock_levels(session, level_store.places_of(session, sku))
    if not sheet.levels:
        raise UnknownStock(sku=sku)
    return sheet


def _is_done(session: Session, token: str) -> bool:
    return bool(level_store.known_keys(session, [_key(token)]))


def _key(token: str) -> str:
    return f"repair:{token}"


def _token(deed: str, facts: Sequence[object]) -> str:
    return hashlib.sha256(repr((deed, facts)).encode()).hexdigest()[:32]


def _drift(before: Level, after: Level) -> tuple[object, ...]:
    """Return what a recomputation changes; claims that come and go beside it are no part of it."""
    return (
        before.place,
        after.reserved - before.reserved,
        after.allocated - before.allocated,
        after.in_flight - before.in_flight,
        after.changed - before.changed,
        after.contained - before.contained,
    )


def _counted(level: Level) -> tuple[object, ...]:
    """Return what on hand and claimed elsewhere follow from."""
    return (
        level.place,
        level.photo_source,
        level.photo_at,
        level.photo_quantity,
        level.photo_claims,
        level.in_flight,
        level.changed,
        level.contained,
    )
