"""Three ways to reserve: lock and look, one guarded update a line, and ours in groups.

Each takes the owner and the SKUs of an order (one unit of each) and returns when it is committed.
All three write the same rows: counters, reservation, lines, ledger. Ours writes, beside them, an
event for each reservation and a live hint for each SKU.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from yinuo.core.db import Database, Session
from yinuo.core.group_commit import GroupCommit
from yinuo.core.ids import new_id
from yinuo.inventory.model import Reserved, ReserveRequest, StockLine

WAREHOUSE = "WH-HZ"
Reserve = Callable[[str, Sequence[str]], None]


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
        request = ReserveRequest(
            owner=owner,
            lines=tuple(StockLine(sku, 1) for sku in skus),
            warehouses=(WAREHOUSE,),
            is_paid=True,
            ttl_seconds=3600,
            cause="bench",
        )
        lane.ask(request, timeout=60)

    return reserve


def _write(session: Session, owner: str, skus: Sequence[str]) -> None:
    now = datetime.now(UTC)
    reservation = new_id("rsv")
    session.execute(
        _RESERVATION,
        {
            "id": reservation,
            "owner": owner,
            "warehouse": WAREHOUSE,
            "at": now,
            "until": now + timedelta(hours=1),
        },
    )
    lines = [{"id": reservation, "sku": sku, "warehouse": WAREHOUSE} for sku in skus]
    session.execute(_LINE, lines)
    session.execute(_LEDGER, [line | {"owner": owner, "at": now} for line in lines])


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
