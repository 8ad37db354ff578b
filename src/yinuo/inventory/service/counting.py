"""What outside systems counted and reported, and what the merchant keeps back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.outbox import announce
from yinuo.inventory.events import StockPhotographed, WarehouseSaved
from yinuo.inventory.model import (
    Because,
    ChangesApplied,
    LedgerKind,
    Level,
    PhotographApplied,
    PhotographLine,
    PhotoSource,
    Place,
    StockChange,
    UnknownWarehouse,
    Warehouse,
    choose_photograph,
    lag_of,
    lay_claims,
    sum_lines,
)
from yinuo.inventory.service.announcing import save_and_tell
from yinuo.inventory.store import levels as level_store
from yinuo.inventory.store import photographs as photo_store
from yinuo.inventory.store import reservations as claim_store

REPORTED = "inventory.cause.reported"


def save_warehouses(session: Session, warehouses: Sequence[Warehouse]) -> None:
    """Add warehouses or replace what is known of them; a repeat changes nothing.

    A change is announced: what shops may show follows from it.
    """
    before = {one.code: one for one in level_store.load_warehouses(session)}
    changed = [one for one in warehouses if before.get(one.code) != one]
    for warehouse in sorted(changed, key=lambda one: one.code):
        level_store.save_warehouse(session, warehouse)
        announce(session, WarehouseSaved(warehouse=warehouse.code, is_active=warehouse.is_active))


def load_warehouses(session: Session) -> list[Warehouse]:
    """Return all warehouses by code."""
    return level_store.load_warehouses(session)


def apply_photograph(
    session: Session,
    *,
    source: PhotoSource,
    as_of: datetime,
    lines: Sequence[PhotographLine],
    now: datetime,
) -> PhotographApplied:
    """Let on hand follow from what a system counted at `as_of` and everything that moved later.

    Late, repeated and out-of-order photographs change nothing that a newer one has shown. SKUs
    that are not in `lines` stay as they are; several lines of one place are added up. What the
    system shows as claimed and is not ours is claimed elsewhere: not ours to promise. Less than
    what is promised is recorded as shortfall and announced. Give at most some hundred lines per
    transaction: their levels are locked until it ends.
    """
    counted_by = {one.code: one.counted_by for one in level_store.load_warehouses(session)}
    unknown = sorted({line.warehouse for line in lines} - counted_by.keys())
    known = sum_lines([line for line in lines if line.warehouse in counted_by])
    as_of = min(as_of, now)  # a clock ahead of ours must not swallow shipments still to come
    places = [Place(line.sku, line.warehouse) for line in known]
    level_store.create_levels(session, places)
    sheet = level_store.lock_levels(session, places)
    kept = photo_store.keep_photographs(session, known, source=source, as_of=as_of)
    later = photo_store.read_with(session, dict.fromkeys(places, as_of), source)
    ours = {place: movements.contained for place, movements in later.items()}
    claims = lay_claims(known, ours, source)
    cause = f"inventory.cause.{source}_photograph"
    why = Because(LedgerKind.PHOTOGRAPHED, cause)
    chosen: set[Place] = set()
    fell: dict[Place, int] = {}
    for place, photos in sorted(photo_store.photographs_of(session, kept).items()):
        photo = choose_photograph(photos, counted_by[place.warehouse])
        if photo is not None and photo.source is source:
            chosen.add(place)
            level = sheet.levels[place].photographed(photo, later[place], claims=claims[place])
            if level.on_hand < sheet.levels[place].on_hand:
                fell[place] = sheet.levels[place].on_hand - level.on_hand
            sheet.put(level, why, at=photo.as_of)
    events = [
        StockPhotographed(
            source=source,
            warehouse=code,
            as_of=as_of,
            skus=sum(place.warehouse == code for place in chosen),
        )
        for code in sorted({place.warehouse for place in chosen})
    ]
    save_and_tell(session, sheet, events, cause=cause, now=now)
    return PhotographApplied(len(chosen), len(known) - len(chosen), unknown, fell)


def apply_change(
    session: Session, changes: Sequence[StockChange], *, now: datetime
) -> ChangesApplied:
    """Count units that the warehouse reports as found, lost, received or returned.

    Only sellable units belong here. The key of a change is its idempotency key. A change that
    names an order of ours and takes units away is the shipment, which `deduct` counts.
    """
    warehouses = {one.code: one for one in level_store.load_warehouses(session)}
    unknown = sorted({change.warehouse for change in changes} - warehouses.keys())
    known = [change for change in changes if change.warehouse in warehouses]
    owners = {change.owner for change in known if change.owner and change.quantity_delta < 0}
    shipping = {owner for owner in owners if _is_ours(session, owner)}
    wanted = _by_key([change for change in known if change.owner not in shipping])
    places = {Place(change.sku, change.warehouse) for change in wanted}
    level_store.create_levels(session, places)
    sheet = level_store.lock_levels(session, places)
    before = level_store.known_keys(session, {change.key for change in wanted})
    fresh = [c for c in wanted if (c.key, Place(c.sku, c.warehouse)) not in before]
    for change in fresh:
        at = min(change.changed_at, now)
        level = sheet.levels[Place(change.sku, change.warehouse)]
        why = Because(LedgerKind.CHANGED, REPORTED, change.owner, change.key)
        lag = lag_of(warehouses[change.warehouse], level.photo_source)
        after = level.changing(change.quantity_delta, at=at, lag=lag)
        sheet.put(after, why, at=at, moved=change.quantity_delta)
    save_and_tell(session, sheet, [], cause=REPORTED, now=now)
    shipments = sum(change.owner in shipping for change in known)
    return ChangesApplied(len(fresh), len(wanted) - len(fresh), shipments, unknown)


def _is_ours(session: Session, owner: str) -> bool:
    return bool(claim_store.held_by(session, [owner]) or claim_store.last_ended(session, owner))


def _by_key(changes: Sequence[StockChange]) -> list[StockChange]:
    """Return one change per key and place: batches of one SKU in one report are added up."""
    totals: dict[tuple[str, Place], StockChange] = {}
    for change in changes:
        key = f"change:{change.key}"
        place = Place(change.sku, change.warehouse)
        known = totals.get((key, place))
        units = change.quantity_delta + (known.quantity_delta if known else 0)
        totals[key, place] = replace(change, key=key, quantity_delta=units)
    return list(totals.values())


def set_safety_stock(
    session: Session, sku: str, *, warehouse: str, quantity: int, cause: str, now: datetime
) -> Level:
    """Return the level with so many units that are never promised; promises already made stay."""
    if warehouse not in {one.code for one in level_store.load_warehouses(session)}:
        raise UnknownWarehouse(warehouse=warehouse)
    place = Place(sku, warehouse)
    level_store.create_levels(session, [place])
    sheet = level_store.lock_levels(session, [place])
    why = Because(LedgerKind.SAFETY_SET, cause)
    sheet.put(sheet.levels[place].keeping_safe(quantity), why, at=now)
    save_and_tell(session, sheet, [], cause=cause, now=now)
    return sheet.levels[place]
