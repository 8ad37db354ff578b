"""Master data and stock: items, stocks, customers, what is on hand, what is still wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from yinuo.core.db import Session

MASTER = {"item": "t_ICItem", "stock": "t_Stock", "customer": "t_Organization"}


@dataclass(frozen=True, slots=True)
class Figure:
    """Units of an item, in one stock or (with no stock) in none in particular."""

    item: str
    stock: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """Units of an item in a stock, as somebody wants them to be."""

    item: str
    stock: str
    on_hand: int
    name: str = ""


def seed_master(session: Session, kind: str, found: Sequence[tuple[str, str]]) -> None:
    """Make items, stocks or customers by number; a name that is not empty replaces the old one."""
    by_number = {number.lower(): (number, name) for number, name in found}
    session.execute(
        sa.text(
            f"INSERT INTO k3.{MASTER[kind]} AS m (FItemID, FNumber, FName)"
            " SELECT nextval('k3.numbers'), number, name"
            " FROM unnest(CAST(:numbers AS text[]), CAST(:names AS text[])) AS new(number, name)"
            " ON CONFLICT (lower(FNumber)) DO UPDATE SET FName = EXCLUDED.FName"
            " WHERE EXCLUDED.FName <> '' AND EXCLUDED.FName <> m.FName"
        ),
        {
            "numbers": [number for number, _ in by_number.values()],
            "names": [name for _, name in by_number.values()],
        },
    )


def seed(session: Session, found: Sequence[Seed]) -> None:
    """Keep these units on hand; items and stocks that are new are made."""
    seed_master(session, "item", [(one.item, one.name) for one in found])
    seed_master(session, "stock", [(one.stock, "") for one in found])
    by_place = {(one.item.lower(), one.stock.lower()): one.on_hand for one in found}
    session.execute(
        sa.text(
            "INSERT INTO k3.ICInventory (FItemID, FStockID, FQty)"
            " SELECT i.FItemID, s.FItemID, new.quantity FROM unnest(CAST(:items AS text[]),"
            " CAST(:stocks AS text[]), CAST(:quantities AS bigint[])) AS new(item, stock, quantity)"
            " JOIN k3.t_ICItem i ON lower(i.FNumber) = new.item"
            " JOIN k3.t_Stock s ON lower(s.FNumber) = new.stock"
            " ON CONFLICT (FItemID, FStockID, FBatchNo, FAuxPropID)"
            " DO UPDATE SET FQty = EXCLUDED.FQty"
        ),
        {
            "items": [item for item, _ in by_place],
            "stocks": [stock for _, stock in by_place],
            "quantities": list(by_place.values()),
        },
    )


def ids(session: Session, kind: str, numbers: Iterable[str]) -> dict[str, int]:
    """Return ids by number in lower case: the vendor's collation knows no case."""
    found = session.execute(
        sa.text(
            f"SELECT lower(FNumber), FItemID FROM k3.{MASTER[kind]}"
            " WHERE lower(FNumber) = ANY(:numbers)"
        ),
        {"numbers": [number.lower() for number in numbers]},
    )
    return {number: int(inter_id) for number, inter_id in found}


def add_on_hand(session: Session, item_id: int, stock_id: int, *, quantity: int) -> None:
    """Change the units of an item in a stock; the vendor lets them go below zero."""
    session.execute(
        sa.text(
            "INSERT INTO k3.ICInventory (FItemID, FStockID, FQty) VALUES (:item, :stock, :quantity)"
            " ON CONFLICT (FItemID, FStockID, FBatchNo, FAuxPropID)"
            " DO UPDATE SET FQty = ICInventory.FQty + EXCLUDED.FQty"
        ),
        {"item": item_id, "stock": stock_id, "quantity": quantity},
    )


def on_hand(session: Session, items: Sequence[str] | None) -> list[Figure]:
    """Return booked stock of these items, of all when None, by item and stock."""
    found = session.execute(
        sa.text(
            "SELECT i.FNumber, s.FNumber, sum(v.FQty) FROM k3.ICInventory v"
            " JOIN k3.t_ICItem i ON i.FItemID = v.FItemID JOIN k3.t_Stock s ON s.FItemID = v.FStockID"
            " WHERE :all OR lower(i.FNumber) = ANY(:items)"
            " GROUP BY i.FNumber, s.FNumber ORDER BY i.FNumber, s.FNumber"
        ),
        _items(items),
    )
    return [Figure(item, stock, quantity) for item, stock, quantity in found]


def open_demand(session: Session, items: Sequence[str] | None) -> list[Figure]:
    """Return what open documents still want, by item and (where a line names one) stock."""
    found = session.execute(
        sa.text(
            "SELECT i.FNumber, coalesce(s.FNumber, ''), sum(e.FQty - e.FStockQty)"
            " FROM k3.SEOrder o JOIN k3.SEOrderEntry e ON e.FInterID = o.FInterID"
            " JOIN k3.t_ICItem i ON i.FItemID = e.FItemID"
            " LEFT JOIN k3.t_Stock s ON s.FItemID = e.FStockID"
            " WHERE o.FCancellation = 0 AND o.FClosed = 0 AND e.FQty > e.FStockQty"
            " AND (:all OR lower(i.FNumber) = ANY(:items)) GROUP BY 1, 2 ORDER BY 1, 2"
        ),
        _items(items),
    )
    return [Figure(item, stock, quantity) for item, stock, quantity in found]


def _items(items: Sequence[str] | None) -> dict[str, object]:
    return {"all": items is None, "items": [item.lower() for item in items or ()]}


def totals(session: Session) -> Mapping[str, int]:
    """Return how many documents there are, and units on hand by stock."""
    found = session.execute(
        sa.text(
            "SELECT s.FNumber, sum(v.FQty)::bigint FROM k3.ICInventory v"
            " JOIN k3.t_Stock s ON s.FItemID = v.FStockID GROUP BY 1 ORDER BY 1"
        )
    )
    return {stock: int(units) for stock, units in found}
