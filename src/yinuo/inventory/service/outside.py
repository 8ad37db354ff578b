"""What ERP and WMS know of a claim: sent, confirmed, taken back; photographs are read with it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from yinuo.core.db import Session
from yinuo.inventory.model import (
    Because,
    LedgerKind,
    OutsideClaim,
    PhotoSource,
    Place,
    Sheet,
)
from yinuo.inventory.service.announcing import save_and_tell, tell
from yinuo.inventory.store import levels as level_store
from yinuo.inventory.store import outside as outside_store
from yinuo.inventory.store import photographs as photo_store

TOLD_ANEW = "inventory.cause.told_anew"


def note_pushed(session: Session, owner: str, *, system: PhotoSource, now: datetime) -> None:
    """Note that a system is being asked to take the owner's claim; call it before the question.

    A repeat changes nothing; after a withdrawal the claim begins anew.
    """
    before = _known(session, owner, system)
    if before is not None and before.withdrawn_at is None:
        return
    sheet = _lock(session, owner, system) if before is not None else Sheet({})
    outside_store.note_pushed(session, owner, system=system, at=now)
    _recount(session, sheet, system=system, owner=owner, now=now)


def note_posted(session: Session, owner: str, *, system: PhotoSource, now: datetime) -> None:
    """Note that a system confirmed the owner's claim; call it after the answer.

    A repeat changes nothing. Photographs taken later contain the claim.
    """
    before = _known(session, owner, system)
    if before is not None and before.posted_at is not None and before.withdrawn_at is None:
        return
    sheet = _lock(session, owner, system)
    outside_store.note_posted(session, owner, system=system, at=now)
    _recount(session, sheet, system=system, owner=owner, now=now)


def note_withdrawn(session: Session, owner: str, *, system: PhotoSource, now: datetime) -> None:
    """Note that a system is being asked to forget the owner's claim; call it before the question.

    Photographs taken later are not trusted to contain it. A system that refuses confirms the
    claim again: note that with `note_posted`.
    """
    before = _known(session, owner, system)
    if before is None or before.withdrawn_at is not None:
        return
    sheet = _lock(session, owner, system)
    outside_store.note_withdrawn(session, owner, system=system, at=now)
    _recount(session, sheet, system=system, owner=owner, now=now)


def outside_claims(session: Session, owners: Collection[str]) -> dict[str, list[OutsideClaim]]:
    """Return what ERP and WMS know of each owner's claim; who is unknown there has an empty list."""
    found: dict[str, list[OutsideClaim]] = {owner: [] for owner in owners}
    for claim in outside_store.claims_of(session, owners):
        found[claim.owner].append(claim)
    return found


def places_containing(session: Session, owner: str, sheet: Sheet) -> set[Place]:
    """Return those locked places whose photograph shows the owner's claim as claimed."""
    known = {claim.system: claim for claim in outside_store.claims_of(session, [owner])}
    return {
        place
        for place, level in sheet.levels.items()
        if level.photo_source in known and known[level.photo_source].is_contained(level.photo_at)
    }


def _known(session: Session, owner: str, system: PhotoSource) -> OutsideClaim | None:
    found = outside_store.claims_of(session, [owner])
    return next((claim for claim in found if claim.system is system), None)


def _lock(session: Session, owner: str, system: PhotoSource) -> Sheet:
    """Return the owner's levels that follow from photographs of that system, locked."""
    return level_store.lock_levels(session, outside_store.places_of(session, owner, system=system))


def _recount(
    session: Session, sheet: Sheet, *, system: PhotoSource, owner: str, now: datetime
) -> None:
    """Read the photographs of that system anew: they may contain the claim, or no longer do."""
    moments = {
        place: level.photo_at
        for place, level in sheet.levels.items()
        if level.photo_source is system and level.photo_at is not None
    }
    why = Because(LedgerKind.TOLD_ANEW, TOLD_ANEW, owner)
    if moments:
        for place, later in photo_store.read_with(session, moments, system).items():
            level = sheet.levels[place]
            if (level.in_flight, level.changed, level.contained) != later:
                sheet.put(level.recounted(later), why, at=now)
    save_and_tell(session, sheet, [], cause=TOLD_ANEW, now=now)
    tell(session, [], skus={place.sku for place in outside_store.places_of(session, owner)})
