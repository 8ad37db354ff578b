"""What happens to a claim after it was made: firm, renewed, given back, shipped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from yinuo.core.db import Session
from yinuo.inventory.events import StockAllocated, StockDeducted, StockReleased
from yinuo.inventory.model import (
    HELD,
    Because,
    Deducted,
    LedgerKind,
    NotHeld,
    Place,
    Released,
    Reservation,
    ReservationState,
    Sheet,
    lag_of,
    split_deduction,
)
from yinuo.inventory.service.announcing import save_and_tell
from yinuo.inventory.service.lapsing import lapse_claims
from yinuo.inventory.service.outside import places_containing
from yinuo.inventory.store import levels as level_store
from yinuo.inventory.store import reservations as claim_store


def find_reservation(session: Session, owner: str, *, now: datetime) -> Reservation | None:
    """Return what the owner holds, or its last claim that ended, or None if it never had one.

    An expired unpaid claim is shown as lapsed, swept or not.
    """
    found = claim_store.held_by(session, [owner]).get(owner)
    found = found or claim_store.last_ended(session, owner)
    if found is not None and found.has_lapsed(now):
        return replace(found, state=ReservationState.LAPSED)
    return found


def allocate(
    session: Session, owner: str, *, cause: str = "inventory.cause.confirmed", now: datetime
) -> str:
    """Make the owner's reservation firm and return its id; it has no expiry any more.

    Raises NotHeld when it was released or lapsed. A repeat, or one after shipment, changes nothing.
    """
    sheet, claim = _lock_held(session, owner)
    if claim is None or not claim.is_held(now):
        raise NotHeld(owner=owner)
    if claim.state is ReservationState.RESERVED:
        _make_firm(session, sheet, claim, cause=cause, now=now)
        event = StockAllocated(
            owner=owner,
            reservation_id=claim.id,
            warehouse=claim.warehouse,
            units=claim.open_units(),
            cause=cause,
        )
        save_and_tell(session, sheet, [event], cause=cause, now=now)
    return claim.id


def renew(session: Session, owner: str, *, until: datetime, now: datetime) -> datetime:
    """Return when the owner's reservation ends now: at `until`, or later if it already did.

    Raises NotHeld when it was released or lapsed. A firm claim is left as it is.
    """
    found = claim_store.held_by(session, [owner]).get(owner)
    locked = claim_store.lock(session, [found.id]) if found else []
    if not locked or not locked[0].is_held(now):
        raise NotHeld(owner=owner)
    claim = locked[0]
    if claim.state is not ReservationState.RESERVED or claim.expires_at >= until:
        return claim.expires_at
    claim_store.set_expiry(session, claim.id, until=until)
    return until


def release(session: Session, owner: str, *, cause: str, now: datetime) -> Released:
    """Give back what the owner claims and has not got; a repeat changes nothing.

    Units already deducted stay so.
    """
    sheet, claim = _lock_held(session, owner)
    if claim is None:
        ended = claim_store.last_ended(session, owner)
        return Released(owner, ended.state if ended else None)
    if claim.state is ReservationState.DEDUCTED:
        return Released(owner, claim.state)
    units = claim.open_units()
    why = Because(LedgerKind.RELEASED, cause, owner)
    shown = places_containing(session, owner, sheet)
    for sku, quantity in units.items():
        level = sheet.levels[Place(sku, claim.warehouse)]
        is_contained = level.place in shown
        after = level.giving_back(quantity, claim.state, at=now, is_contained=is_contained)
        sheet.put(after, why, at=now)
    has_shipped = any(line.deducted for line in claim.lines)
    state = ReservationState.DEDUCTED if has_shipped else ReservationState.RELEASED
    claim_store.set_state(session, [claim.id], state=state, now=now)
    event = StockReleased(
        owner=owner, reservation_id=claim.id, warehouse=claim.warehouse, units=units, cause=cause
    )
    save_and_tell(session, sheet, [event], cause=cause, now=now)
    return Released(owner, state, units)


def deduct(
    session: Session,
    owner: str,
    *,
    key: str,
    lines: Mapping[str, int] | None = None,
    effective_at: datetime,
    cause: str = "inventory.cause.shipped",
    now: datetime,
) -> Deducted:
    """Take shipped units off the owner's claim and off the shelf; `key` is the report's own key.

    `lines` are units per SKU, None for everything still claimed. On hand falls only by what its
    photograph still shows. Goods that left are recorded whatever was claimed:
    what nobody claimed for this owner is returned as `beyond_claim`. Raises NotHeld when the
    owner never reserved, or (without `lines`) claims nothing any more; an expired unpaid claim
    is none. A repeat of the key changes nothing.
    """
    seen = claim_store.held_by(session, [owner]).get(owner) or claim_store.last_ended(
        session, owner
    )
    if seen is None:
        raise NotHeld(owner=owner)
    also = {Place(sku, seen.warehouse) for sku in lines or ()}
    if seen.has_lapsed(now):
        level_store.create_levels(session, also)
        lapse_claims(session, [seen.id], also_lock=also, skip_busy=False, now=now)
    sheet, claim = _lock(session, seen, also=also)
    key = f"deduct:{key}"
    is_over = lines is None and claim.state is ReservationState.DEDUCTED
    if is_over or level_store.known_keys(session, [key]):
        return Deducted(owner, claim.warehouse, {}, {}, is_final=False, is_repeat=True)
    is_held = claim.state in HELD
    if lines is None and not is_held:
        raise NotHeld(owner=owner)
    shipped = claim.open_units() if lines is None else dict(lines)
    claimed, beyond = split_deduction(claim.open_units() if is_held else {}, shipped)
    if is_held and claim.state is ReservationState.RESERVED:
        _make_firm(session, sheet, claim, cause=cause, now=now)
    _ship(
        session,
        sheet,
        claim,
        shipped={sku: _Units(units, shipped[sku]) for sku, units in claimed.items()},
        why=Because(LedgerKind.DEDUCTED, cause, owner, key),
        at=min(effective_at, now),
    )
    is_final = is_held and claim.open_units() == {s: n for s, n in claimed.items() if n}
    claim_store.take_lines(session, claim.id, claimed)
    if is_final:
        claim_store.set_state(session, [claim.id], state=ReservationState.DEDUCTED, now=now)
    event = StockDeducted(
        owner=owner,
        reservation_id=claim.id,
        warehouse=claim.warehouse,
        units=claimed,
        beyond_claim=beyond,
        is_final=is_final,
        cause=cause,
    )
    save_and_tell(session, sheet, [event], cause=cause, now=now)
    return Deducted(owner, claim.warehouse, claimed, beyond, is_final=is_final, is_repeat=False)


def _ship(
    session: Session,
    sheet: Sheet,
    claim: Reservation,
    *,
    shipped: Mapping[str, _Units],
    why: Because,
    at: datetime,
) -> None:
    warehouse = level_store.load_warehouse(session, claim.warehouse)
    shown = places_containing(session, claim.owner, sheet)
    for sku, units in shipped.items():
        level = sheet.levels[Place(sku, claim.warehouse)]
        after = level.shipping(
            units.moved,
            claimed=units.claimed,
            at=at,
            is_contained=level.place in shown,
            lag=lag_of(warehouse, level.photo_source),
        )
        sheet.put(after, why, at=at, moved=-units.moved)


class _Units(NamedTuple):
    claimed: int
    moved: int


def _make_firm(
    session: Session, sheet: Sheet, claim: Reservation, *, cause: str, now: datetime
) -> None:
    why = Because(LedgerKind.ALLOCATED, cause, claim.owner)
    for sku, units in claim.open_units().items():
        sheet.put(sheet.levels[Place(sku, claim.warehouse)].allocating(units), why, at=now)
    claim_store.set_state(session, [claim.id], state=ReservationState.ALLOCATED, now=now)


def _lock_held(session: Session, owner: str) -> tuple[Sheet, Reservation | None]:
    """Return the owner's claim and its levels, locked; None when it ended while we waited."""
    seen = claim_store.held_by(session, [owner]).get(owner)
    if seen is None:
        return Sheet({}), None
    sheet, claim = _lock(session, seen, also=())
    return sheet, claim if claim.state in HELD else None


def _lock(
    session: Session, seen: Reservation, *, also: Collection[Place]
) -> tuple[Sheet, Reservation]:
    places = {Place(line.sku, seen.warehouse) for line in seen.lines}.union(also)
    if also:
        level_store.create_levels(session, places)
    sheet = level_store.lock_levels(session, places)
    return sheet, claim_store.lock(session, [seen.id])[0]
