"""Documents: writing them, and finding one by its own number or by the hub's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec
import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.sandbox.kingdee.template import HUB_NUMBER_FIELD, Reference, Row

HUB_NUMBER = f"lower(coalesce(o.header->>'{HUB_NUMBER_FIELD}', ''))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a document as stored; `row` is what was saved."""

    item_id: int
    stock_id: int | None
    quantity: Decimal
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A document's header as stored."""

    inter_id: int
    number: str
    is_checked: bool
    is_closed: bool
    is_cancelled: bool
    has_shipped: bool
    header: Row


def next_bill_number(session: Session) -> str:
    """Return the next number of the vendor's own row that no document has."""
    while True:
        drawn = session.execute(sa.text("SELECT nextval('k3.bills')")).scalar_one()
        number = f"SEORD{int(drawn):06d}"
        if find_bill(session, number) is None:
            return number


_BILL = """
SELECT o.FInterID, o.FBillNo, o.FStatus > 0, o.FClosed = 1, o.FCancellation = 1,
       EXISTS (SELECT FROM k3.SEOrderEntry e WHERE e.FInterID = o.FInterID AND e.FStockQty > 0),
       o.header::text
FROM k3.SEOrder o
"""


def find_bill(session: Session, number: str) -> Bill | None:
    """Return a document by its own number, or None."""
    found = session.execute(
        sa.text(f"{_BILL} WHERE lower(o.FBillNo) = lower(:number)"), {"number": number}
    ).one_or_none()
    return None if found is None else _bill(found)


def open_bill_for(session: Session, hub_number: str) -> Bill | None:
    """Return the oldest open document that carries the hub's number, or None."""
    found = session.execute(
        sa.text(
            f"{_BILL} WHERE {HUB_NUMBER} = lower(:number) AND o.FClosed = 0"
            " AND o.FCancellation = 0 ORDER BY o.FInterID LIMIT 1"
        ),
        {"number": hub_number},
    ).one_or_none()
    return None if found is None else _bill(found)


def _bill(row: sa.Row[int, str, bool, bool, bool, bool, str]) -> Bill:
    inter_id, number, is_checked, is_closed, is_cancelled, has_shipped, header = row
    return Bill(
        inter_id=inter_id,
        number=number,
        is_checked=is_checked,
        is_closed=is_closed,
        is_cancelled=is_cancelled,
        has_shipped=has_shipped,
        header=msgspec.json.decode(header, type=dict[str, str | Reference]),
    )


def insert_bill(
    session: Session, number: str, *, date: datetime, customer_id: int, header: Row
) -> int:
    """Return the id of a new document without lines."""
    return int(
        session.execute(
            sa.text(
                "INSERT INTO k3.SEOrder (FInterID, FBillNo, FDate, FCustID, FCancellation, header)"
                " VALUES (nextval('k3.numbers'), :number, :date, :customer, :cancelled,"
                " CAST(:header AS jsonb)) RETURNING FInterID"
            ),
            {
                "number": number,
                "date": date,
                "customer": customer_id,
                "cancelled": 1 if header.get("FCancellation") == "1" else 0,
                "header": msgspec.json.encode(header).decode(),
            },
        ).scalar_one()
    )


def update_bill(session: Session, bill: Bill, *, header: Row) -> None:
    """Keep a changed header."""
    session.execute(
        sa.text(
            "UPDATE k3.SEOrder SET header = CAST(:header AS jsonb), FCancellation = :cancelled"
            " WHERE FInterID = :id"
        ),
        {
            "id": bill.inter_id,
            "header": msgspec.json.encode(header).decode(),
            "cancelled": 1 if header.get("FCancellation") == "1" else 0,
        },
    )


def replace_lines(session: Session, inter_id: int, lines: Sequence[Line]) -> None:
    """Keep these lines as the document's only ones."""
    session.execute(sa.text("DELETE FROM k3.SEOrderEntry WHERE FInterID = :id"), {"id": inter_id})
    for number, line in enumerate(lines, start=1):
        session.execute(
            sa.text(
                "INSERT INTO k3.SEOrderEntry (FInterID, FEntryID, FItemID, FStockID, FQty, line)"
                " VALUES (:id, :number, :item, :stock, :quantity, CAST(:line AS jsonb))"
            ),
            {
                "id": inter_id,
                "number": number,
                "item": line.item_id,
                "stock": line.stock_id,
                "quantity": line.quantity,
                "line": msgspec.json.encode(line.row).decode(),
            },
        )


def set_checked(session: Session, inter_id: int, *, checker: str, status: int) -> None:
    """Keep whether a document is audited, and by whom."""
    session.execute(
        sa.text(
            "UPDATE k3.SEOrder SET FStatus = :status, FChecker = :checker WHERE FInterID = :id"
        ),
        {"id": inter_id, "status": status, "checker": checker},
    )


def delete_bill(session: Session, inter_id: int) -> None:
    """Remove a document with its lines."""
    session.execute(sa.text("DELETE FROM k3.SEOrder WHERE FInterID = :id"), {"id": inter_id})


def ship(session: Session, inter_id: int, item_id: int, *, quantity: int) -> None:
    """Book shipped units on the lines of an item, in turn; close the document when all has left."""
    left = Decimal(quantity)
    lines = session.execute(
        sa.text(
            "SELECT FEntryID, FQty - FStockQty FROM k3.SEOrderEntry"
            " WHERE FInterID = :id AND FItemID = :item ORDER BY FEntryID"
        ),
        {"id": inter_id, "item": item_id},
    ).all()
    for number, due in lines:
        units = min(left, max(due, Decimal(0)))
        left -= units
        session.execute(
            sa.text(
                "UPDATE k3.SEOrderEntry SET FStockQty = FStockQty + :units"
                " WHERE FInterID = :id AND FEntryID = :number"
            ),
            {"units": units, "id": inter_id, "number": number},
        )
    session.execute(
        sa.text(
            "UPDATE k3.SEOrder SET FClosed = 1, FStatus = 3 WHERE FInterID = :id AND NOT EXISTS"
            " (SELECT FROM k3.SEOrderEntry e WHERE e.FInterID = :id AND e.FStockQty < e.FQty)"
        ),
        {"id": inter_id},
    )


def lines_of(session: Session, inter_id: int) -> list[dict[str, str | Reference]]:
    """Return the lines of a document as they were saved."""
    found = session.execute(
        sa.text("SELECT line::text FROM k3.SEOrderEntry WHERE FInterID = :id ORDER BY FEntryID"),
        {"id": inter_id},
    )
    return [msgspec.json.decode(line, type=dict[str, str | Reference]) for (line,) in found]
