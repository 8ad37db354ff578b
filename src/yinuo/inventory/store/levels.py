"""Warehouses, stock levels and the ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from yinuo.core.arrays import array
from yinuo.core.db import Session
from yinuo.inventory.model import (
    LedgerEntry,
    LedgerKind,
    LedgerRecord,
    Level,
    PhotoSource,
    Place,
    Sheet,
    UnknownWarehouse,
    Warehouse,
)
from yinuo.inventory.store.places import PLACES, place_arrays
from yinuo.inventory.tables import StockLedgerRow, WarehouseRow

warehouses = WarehouseRow.__table__
ledger_rows = StockLedgerRow.__table__

_LEVEL_COLUMNS = (
    "s.sku, s.warehouse, s.on_hand, s.reserved, s.allocated, s.safety_stock, s.claimed_elsewhere,"
    " s.in_flight, s.changed, s.shortfall, s.photo_quantity, s.photo_claims, s.contained,"
    " s.photo_at, s.photo_source, s.version"
)


def save_warehouse(session: Session, warehouse: Warehouse) -> None:
    """Insert a warehouse or replace what is known of it."""
    values = {
        "code": warehouse.code,
        "name": warehouse.name,
        "province": warehouse.province,
        "is_active": warehouse.is_active,
        "serves": list(warehouse.serves),
        "cut_off": warehouse.cut_off,
        "counted_by": warehouse.counted_by.value,
        "erp_books_within": round(warehouse.erp_books_within.total_seconds()),
    }
    insert = sa.dialects.postgresql.insert(WarehouseRow).values(values)
    session.execute(insert.on_conflict_do_update(index_elements=["code"], set_=values))


def load_warehouses(session: Session) -> list[Warehouse]:
    """Return all warehouses by code."""
    rows = session.execute(sa.select(warehouses).order_by(warehouses.c.code))
    return [_warehouse(row) for row in rows]


def load_warehouse(session: Session, code: str) -> Warehouse:
    """Return one warehouse; raises UnknownWarehouse."""
    row = session.execute(sa.select(warehouses).where(warehouses.c.code == code)).one_or_none()
    if row is None:
        raise UnknownWarehouse(warehouse=code)
    return _warehouse(row)


def _warehouse(row: sa.Row[Any]) -> Warehouse:
    return Warehouse(
        code=row.code,
        name=row.name,
        province=row.province,
        is_active=row.is_active,
        serves=tuple(row.serves),
        cut_off=row.cut_off,
        counted_by=PhotoSource(row.counted_by),
        erp_books_within=timedelta(seconds=row.erp_books_within),
    )


def _level(row: sa.Row[Any]) -> Level:
    return Level(
        sku=row.sku,
        warehouse=row.warehouse,
        on_hand=row.on_hand,
        reserved=row.reserved,
        allocated=row.allocated,
        safety_stock=row.safety_stock,
        claimed_elsewhere=row.claimed_elsewhere,
        in_flight=row.in_flight,
        changed=row.changed,
        shortfall=row.shortfall,
        photo_quantity=row.photo_quantity,
        photo_claims=row.photo_claims,
        contained=row.contained,
        photo_at=row.photo_at,
        photo_source=PhotoSource(row.photo_source) if row.photo_source else None,
        version=row.version,
    )


def create_levels(session: Session, places: Collection[Place]) -> None:
    """Make empty levels where there are none, in the order of locks."""
    session.execute(_CREATE_LEVELS, place_arrays(places))


_CREATE_LEVELS = sa.text(
    f"INSERT INTO stock_levels (sku, warehouse) SELECT k.sku, k.warehouse FROM {PLACES}"
    " WHERE NOT EXISTS (SELECT 1 FROM stock_levels s"
    "  WHERE s.sku = k.sku AND s.warehouse = k.warehouse)"
    " ORDER BY k.sku, k.warehouse ON CONFLICT DO NOTHING"
)


def lock_levels(session: Session, places: Collection[Place]) -> Sheet:
    """Return the locked levels of those places that exist."""
    rows = session.execute(_LOCK_LEVELS, place_arrays(places))
    return Sheet({level.place: level for level in map(_level, rows)})


_LOCK_LEVELS = sa.text(
    f"SELECT {_LEVEL_COLUMNS} FROM {PLACES}"
    " JOIN stock_levels s ON s.sku = k.sku AND s.warehouse = k.warehouse"
    " ORDER BY s.sku, s.warehouse FOR NO KEY UPDATE OF s"
)


def save_sheet(session: Session, sheet: Sheet, *, now: datetime) -> None:
    """Write the changed levels of a locked sheet and its ledger entries."""
    changed = [sheet.levels[place] for place in sorted(sheet.touched)]
    if changed:
        session.execute(
            _SAVE_LEVELS,
            place_arrays(level.place for level in changed)
            | {
                "on_hand": array(level.on_hand for level in changed),
                "reserved": array(level.reserved for level in changed),
                "allocated": array(level.allocated for level in changed),
                "safety": array(level.safety_stock for level in changed),
                "elsewhere": array(level.claimed_elsewhere for level in changed),
                "in_flight": array(level.in_flight for level in changed),
                "changed": array(level.changed for level in changed),
                "shortfall": array(level.shortfall for level in changed),
                "photo_quantity": array(level.photo_quantity for level in changed),
                "photo_claims": array(level.photo_claims for level in changed),
                "contained": array(level.contained for level in changed),
                "photo_at": array(level.photo_at for level in changed),
                "photo_source": array(level.photo_source for level in changed),
            },
        )
    write_ledger(session, sheet.entries, now=now)


_SAVE_LEVELS = sa.text(
    "UPDATE stock_levels s SET on_hand = n.on_hand, reserved = n.reserved,"
    " allocated = n.allocated, safety_stock = n.safety, claimed_elsewhere = n.elsewhere,"
    " in_flight = n.in_flight, changed = n.changed, shortfall = n.shortfall,"
    " photo_quantity = n.photo_quantity, photo_claims = n.photo_claims, contained = n.contained,"
    " photo_at = n.photo_at, photo_source = n.photo_source, version = s.version + 1"
    " FROM unnest(CAST(:skus AS text[]), CAST(:warehouses AS text[]), CAST(:on_hand AS bigint[]),"
    " CAST(:reserved AS bigint[]), CAST(:allocated AS bigint[]), CAST(:safety AS bigint[]),"
    " CAST(:elsewhere AS bigint[]), CAST(:in_flight AS bigint[]), CAST(:changed AS bigint[]),"
    " CAST(:shortfall AS bigint[]), CAST(:photo_quantity AS bigint[]),"
    " CAST(:photo_claims AS bigint[]), CAST(:contained AS bigint[]),"
    " CAST(:photo_at AS timestamptz[]), CAST(:photo_source AS text[]))"
    " AS n (sku, warehouse, on_hand, reserved, allocated, safety, elsewhere, in_flight, changed,"
    " shortfall, photo_quantity, photo_claims, contained, photo_at, photo_source)"
    " WHERE s.sku = n.sku AND s.warehouse = n.warehouse"
)


def write_ledger(session: Session, entries: Sequence[LedgerEntry], *, now: datetime) -> None:
    """Append entries to the ledger."""
    if not entries:
        return
    session.execute(
        _WRITE_LEDGER,
        {
            "at": now,
            "kinds": array(entry.kind for entry in entries),
            "skus": array(entry.place.sku for entry in entries),
            "warehouses": array(entry.place.warehouse for entry in entries),
            "on_hand": array(entry.on_hand for entry in entries),
            "reserved": array(entry.reserved for entry in entries),
            "allocated": array(entry.allocated for entry in entries),
            "in_flight": array(entry.in_flight for entry in entries),
            "safety": array(entry.safety for entry in entries),
            "elsewhere": array(entry.elsewhere for entry in entries),
            "shortfall": array(entry.shortfall for entry in entries),
            "moved": array(entry.moved for entry in entries),
            "effective_at": array(entry.effective_at for entry in entries),
            "causes": array(entry.cause for entry in entries),
            "owners": array(entry.owner for entry in entries),
            "keys": array(entry.key for entry in entries),
        },
    )


_WRITE_LEDGER = sa.text(
    "INSERT INTO stock_ledger (at, kind, sku, warehouse, on_hand_delta, reserved_delta,"
    " allocated_delta, in_flight_delta, safety_delta, elsewhere_delta, shortfall_delta, moved,"
    " effective_at, cause, owner, key)"
    " SELECT :at, e.* FROM unnest(CAST(:kinds AS text[]), CAST(:skus AS text[]),"
    " CAST(:warehouses AS text[]), CAST(:on_hand AS bigint[]), CAST(:reserved AS bigint[]),"
    " CAST(:allocated AS bigint[]), CAST(:in_flight AS bigint[]), CAST(:safety AS bigint[]),"
    " CAST(:elsewhere AS bigint[]), CAST(:shortfall AS bigint[]), CAST(:moved AS bigint[]),"
    " CAST(:effective_at AS timestamptz[]), CAST(:causes AS text[]), CAST(:owners AS text[]),"
    " CAST(:keys AS text[])) AS e"
)


def known_keys(session: Session, keys: Collection[str]) -> set[tuple[str, Place]]:
    """Return which keyed movements are in the ledger already."""
    rows = session.execute(
        sa.select(ledger_rows.c.key, ledger_rows.c.sku, ledger_rows.c.warehouse).where(
            ledger_rows.c.key == sa.any_(sa.literal(list(keys), sa.ARRAY(sa.Text)))
        )
    )
    return {(row.key, Place(row.sku, row.warehouse)) for row in rows}


def places_of(session: Session, sku: str) -> list[Place]:
    """Return the places where a SKU has counters."""
    rows = session.execute(
        sa.text("SELECT sku, warehouse FROM stock_levels WHERE sku = :sku"), {"sku": sku}
    )
    return [Place(row.sku, row.warehouse) for row in rows]


def last_repair(session: Session, sku: str) -> int:
    """Return the id of the newest ledger entry that set a SKU's counters right, 0 for none."""
    found = sa.text(
        "SELECT coalesce(max(id), 0) FROM stock_ledger WHERE sku = :sku AND kind = :kind"
    )
    return int(session.execute(found, {"sku": sku, "kind": LedgerKind.REPAIRED.value}).scalar_one())


def levels_of(session: Session, skus: Collection[str], *, now: datetime) -> list[Level]:
    """Return levels by SKU and warehouse, expired unpaid reservations counted as free."""
    rows = session.execute(_READ_LEVELS, {"skus": sorted(set(skus)), "now": now})
    return [_level(row).without_lapsed(int(row.lapsed)) for row in rows]


_READ_LEVELS = sa.text(
    "WITH lapsed AS (SELECT l.sku, l.warehouse, sum(l.open) AS units FROM reservations r"
    " JOIN reservation_lines l ON l.reservation_id = r.id"
    " WHERE r.state = 'reserved' AND NOT r.is_paid AND r.expires_at <= :now"
    " AND l.sku = ANY(:skus) GROUP BY l.sku, l.warehouse)"
    f" SELECT {_LEVEL_COLUMNS}, coalesce(x.units, 0) AS lapsed FROM stock_levels s"
    " LEFT JOIN lapsed x ON x.sku = s.sku AND x.warehouse = s.warehouse"
    " WHERE s.sku = ANY(:skus) ORDER BY s.sku, s.warehouse"
)


def ledger_of(session: Session, sku: str, *, before: int | None, limit: int) -> list[LedgerRecord]:
    """Return ledger entries of a SKU, the newest first, older than the id `before`."""
    t = ledger_rows.c
    query = sa.select(ledger_rows).where(t.sku == sku).order_by(t.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.id < before)
    return [
        LedgerRecord(
            id=row.id,
            at=row.at,
            entry=LedgerEntry(
                kind=LedgerKind(row.kind),
                place=Place(row.sku, row.warehouse),
                on_hand=row.on_hand_delta,
                reserved=row.reserved_delta,
                allocated=row.allocated_delta,
                in_flight=row.in_flight_delta,
                safety=row.safety_delta,
                elsewhere=row.elsewhere_delta,
                shortfall=row.shortfall_delta,
                moved=row.moved,
                effective_at=row.effective_at,
                cause=row.cause,
                owner=row.owner,
                key=row.key,
            ),
        )
        for row in session.execute(query)
    ]
