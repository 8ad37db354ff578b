"""Claims that run out: unpaid ones lapse, paid ones are told of before they end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from yinuo.core.db import Session
from yinuo.core.logs import logger
from yinuo.inventory.events import ReservationLapsed
from yinuo.inventory.model import (
    Because,
    Lapses,
    LedgerKind,
    Place,
    Reservation,
    ReservationState,
    Sheet,
)
from yinuo.inventory.service.announcing import save_and_tell
from yinuo.inventory.store import levels as level_store
from yinuo.inventory.store import reservations as claim_store

PUT_ASIDE = timedelta(hours=1)
CAUSE = "inventory.cause.expired"
log = logger(__name__)


def lapse_expired(session: Session, *, now: datetime, limit: int = 200) -> Lapses:
    """Give back up to `limit` expired unpaid claims; a repeat finds the next ones.

    Claims that somebody works on are left for the next time. A claim whose row does not fit the
    counters is put aside for an hour and returned in `stuck`; it stops no other.
    """
    return lapse_these(session, expired(session, now=now, limit=limit), now=now)


def expired(session: Session, *, now: datetime, limit: int = 200) -> list[str]:
    """Return ids of expired unpaid claims, the oldest first; those put aside wait their time."""
    return claim_store.expired(session, now=now, limit=limit)


def lapse_these(session: Session, ids: Collection[str], *, now: datetime) -> Lapses:
    """Give back those of the claims that have expired and that nobody works on."""
    return lapse_claims(session, ids, also_lock=(), skip_busy=True, now=now)


def put_aside(session: Session, reservation_id: str, *, now: datetime) -> None:
    """Keep a claim that cannot be given back out of the sweep for an hour."""
    claim_store.put_aside(session, [reservation_id], until=now + PUT_ASIDE)


def lapse_claims(
    session: Session,
    ids: Collection[str],
    *,
    also_lock: Collection[Place],
    skip_busy: bool,
    now: datetime,
) -> Lapses:
    """Give back those of the claims that have expired; `also_lock` are levels needed afterwards.

    Claims that somebody works on are waited for, or with `skip_busy` left alone.
    """
    if not ids:
        return Lapses([], [])
    places = {
        Place(line.sku, claim.warehouse)
        for claim in claim_store.load(session, ids)
        for line in claim.lines
    }
    sheet = level_store.lock_levels(session, places.union(also_lock))
    lock = claim_store.lock_free if skip_busy else claim_store.lock
    claims = [claim for claim in lock(session, ids) if claim.has_lapsed(now)]
    lapsed = [claim for claim in claims if _give_back(sheet, claim, now)]
    stuck = sorted({claim.id for claim in claims} - {claim.id for claim in lapsed})
    claim_store.set_state(
        session, [claim.id for claim in lapsed], state=ReservationState.LAPSED, now=now
    )
    if stuck:
        claim_store.put_aside(session, stuck, until=now + PUT_ASIDE)
        log.error("reservations_stuck", ids=stuck)
    events = [
        ReservationLapsed(
            owner=claim.owner,
            reservation_id=claim.id,
            warehouse=claim.warehouse,
            units=claim.open_units(),
            cause=CAUSE,
        )
        for claim in lapsed
    ]
    save_and_tell(session, sheet, events, cause=CAUSE, now=now)
    return Lapses([claim.owner for claim in lapsed], stuck)


def _give_back(sheet: Sheet, claim: Reservation, now: datetime) -> bool:
    units = claim.open_units()
    if not sheet.covers(units, claim.warehouse, claim.state):
        return False
    why = Because(LedgerKind.LAPSED, CAUSE, claim.owner)
    for sku, quantity in units.items():
        level = sheet.levels[Place(sku, claim.warehouse)]
        sheet.put(level.giving_back(quantity, claim.state), why, at=now)
    return True


def ending_soon(
    session: Session, *, now: datetime, within_seconds: int, limit: int = 200
) -> list[Reservation]:
    """Return paid claims not yet firm that end within so many seconds or are over already.

    They never lapse by themselves: renew them, and raise an alarm.
    """
    before = now + timedelta(seconds=within_seconds)
    return claim_store.ending(session, before=before, limit=limit)
