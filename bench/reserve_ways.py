"""Three ways to reserve: lock and look, one guarded update a line, and ours in groups.

Each takes the owner and the SKUs of an order (one unit of each) and returns when it is committed.
All three write the same rows: counters, reservation, lines, ledger. Ours writes, beside them, an
event for each reservation and a live hint for each SKU.

Each way is there for threads and for the tasks of an event loop; the two others then use the bare
driver and its own pool, without a layer between.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import sqlalchemy as sa
from psycopg_pool import AsyncConnectionPool

from yinuo.core.db import Database, Session
from yinuo.core.group_commit import GroupCommit
from yinuo.core.ids import new_id
from yinuo.inventory.model import Reserved, ReserveRequest, StockLine

WAREHOUSE = "WH-HZ"
Reserve = Callable[[str, Sequence[str]], None]
ReserveSoon = Callable[[str, Sequence[str]], Awaitable[None]]
Pool = AsyncConnectionPool[psycopg.AsyncConnection[tuple[int, ...]]]


class SoldOut(Exception):
    """The bench ran out of stock, which it must not."""


def select_for_update(database: Database) -> Reserve:
    """Return the usual way: lock, look, update, insert, commit, each order for itself."""

    def reserve(owner: str, skus: Sequence[str]) -> None:
        with database.transaction() as session:
            for sku in sorted(skus):
                place = {"sku": sku, "warehouse": WAREHOUSE}
                if session.execute(_LOCK, place).scalar_one() < 1:
                    raise SoldOut
                session.execute(_UPDATE, place)
            _write(session, owner, skus)

    return reserve


def guarded_update(database: Database) -> Reserve:
    """Return the better-known trick: the update itself carries the condition, a line at a time."""

    def reserve(owner: str, skus: Sequence[str]) -> None:
        with database.transaction() as session:
            for sku in sorted(skus):
                done = session.execute(_GUARDED, {"sku": sku, "warehouse": WAREHOUSE})
                if done.rowcount != 1:
                    raise SoldOut
            _write(session, owner, skus)

    return reserve


def group_commit(lane: GroupCommit[ReserveRequest, Reserved]) -> Reserve:
    """Return ours: requests that wait together are decided in one statement and one commit."""

    def reserve(owner: str, skus: Sequence[str]) -> None:
        lane.ask(_request(owner, skus), timeout=60)

    return reserve


def select_for_update_soon(pool: Pool) -> ReserveSoon:
    """Return the usual way for tasks."""

    async def reserve(owner: str, skus: Sequence[str]) -> None:
        async with pool.connection() as connection:
            for sku in sorted(skus):
                place = {"sku": sku, "warehouse": WAREHOUSE}
                row = await (await connection.execute(_bare(_LOCK), place)).fetchone()
                if row is None or row[0] < 1:
                    raise SoldOut
                await connection.execute(_bare(_UPDATE), place)
            await _write_soon(connection, owner, skus)

    return reserve


def guarded_update_soon(pool: Pool) -> ReserveSoon:
    """Return the guarded update for tasks."""

    async def reserve(owner: str, skus: Sequence[str]) -> None:
        async with pool.connection() as connection:
            for sku in sorted(skus):
                place = {"sku": sku, "warehouse": WAREHOUSE}
                if (await connection.execute(_bare(_GUARDED), place)).rowcount != 1:
                    raise SoldOut
            await _write_soon(connection, owner, skus)

    return reserve


def group_commit_soon(lane: GroupCommit[ReserveRequest, Reserved]) -> ReserveSoon:
    """Return ours for tasks: as the web process asks when a payment is told."""

    async def reserve(owner: str, skus: Sequence[str]) -> None:
        await lane.answer(_request(owner, skus), timeout=60)

    return reserve


def _request(owner: str, skus: Sequence[str]) -> ReserveRequest:
    return ReserveRequest(
        owner=owner,
        lines=tuple(StockLine(sku, 1) for sku in skus),
        warehouses=(WAREHOUSE,),
        is_paid=True,
        ttl_seconds=3600,
        cause="bench",
    )


def _write(session: Session, owner: str, skus: Sequence[str]) -> None:
    reservation, lines, entries = _rows(owner, skus)
    session.execute(_RESERVATION, reservation)
    session.execute(_LINE, lines)
    session.execute(_LEDGER, entries)


async def _write_soon(
    connection: psycopg.AsyncConnection[tuple[int, ...]], owner: str, skus: Sequence[str]
) -> None:
    reservation, lines, entries = _rows(owner, skus)
    await connection.execute(_bare(_RESERVATION), reservation)
    for statement, rows in ((_LINE, lines), (_LEDGER, entries)):
        for row in rows:
            await connection.execute(_bare(statement), row)


Row = dict[str, object]


def _rows(owner: str, skus: Sequence[str]) -> tuple[Row, list[Row], list[Row]]:
    """Return the reservation, its lines and their entries in the ledger."""
    now = datetime.now(UTC)
    reservation = new_id("rsv")
    head: Row = {"id": reservation, "owner": owner, "warehouse": WAREHOUSE}
    lines: list[Row] = [{"id": reservation, "sku": sku, "warehouse": WAREHOUSE} for sku in skus]
    entries = [line | {"owner": owner, "at": now} for line in lines]
    return head | {"at": now, "until": now + timedelta(hours=1)}, lines, entries


_bare_texts: dict[str, bytes] = {}


def _bare(statement: sa.TextClause) -> bytes:
    """Return a statement as the bare driver wants it."""
    if statement.text not in _bare_texts:
        _bare_texts[statement.text] = re.sub(r":(\w+)", r"%(\1)s", statement.text).encode()
    return _bare_texts[statement.text]


_LOCK = sa.text(
    "SELECT on_hand - allocated - reserved - safety_stock FROM stock_levels"
    " WHERE sku = :sku AND warehouse = :warehouse FOR UPDATE"
)
_UPDATE = sa.text(
    "UPDATE stock_levels SET reserved = reserved + 1, version = version + 1"
    " WHERE sku = :sku AND warehouse = :warehouse"
)
_GUARDED = sa.text(
    "UPDATE stock_levels SET reserved = reserved + 1, version = version + 1"
    " WHERE sku = :sku AND warehouse = :warehouse"
    " AND on_hand - allocated - reserved - safety_stock >= 1"
)
_RESERVATION = sa.text(
    "INSERT INTO reservations (id, owner, warehouse, state, is_paid, expires_at, created_at,"
    " changed_at) VALUES (:id, :owner, :warehouse, 'reserved', true, :until, :at, :at)"
)
_LINE = sa.text(
    "INSERT INTO reservation_lines (reservation_id, sku, warehouse, quantity, open)"
    " VALUES (:id, :sku, :warehouse, 1, 1)"
)
_LEDGER = sa.text(
    "INSERT INTO stock_ledger (at, kind, sku, warehouse, reserved_delta, effective_at, cause,"
    " owner) VALUES (:at, 'reserved', :sku, :warehouse, 1, :at, 'bench', :owner)"
)
