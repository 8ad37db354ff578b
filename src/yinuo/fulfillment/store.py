"""Every SQL statement of fulfillment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.fulfillment.model import (
    Document,
    DocumentKind,
    DocumentState,
    FulfillmentOrder,
    Parcel,
    ParcelLine,
    Shipment,
)
from yinuo.fulfillment.tables import DocumentRow, FulfillmentOrderRow, ShipmentRow


def insert_order(
    session: Session, *, order_id: str, number: str, warehouse: str, now: datetime
) -> None:
    """Write a fulfillment order unless there is one."""
    session.execute(
        insert(FulfillmentOrderRow)
        .values(
            id=new_id("ful"), order_id=order_id, number=number, warehouse=warehouse, created_at=now
        )
        .on_conflict_do_nothing(index_elements=["order_id"])
    )


def load_order(
    session: Session, *, order_id: str | None = None, number: str | None = None, lock: bool = False
) -> FulfillmentOrder | None:
    """Return the fulfillment order of an order or number, locked when asked."""
    statement = sa.select(FulfillmentOrderRow)
    if order_id is not None:
        statement = statement.where(FulfillmentOrderRow.order_id == order_id)
    if number is not None:
        statement = statement.where(FulfillmentOrderRow.number == number)
    if lock:
        statement = statement.with_for_update()
    row = session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        return None
    return FulfillmentOrder(
        id=row.id,
        order_id=row.order_id,
        number=row.number,
        warehouse=row.warehouse,
        is_cancelled=row.is_cancelled,
        picking_since=row.picking_since,
    )


def set_cancelled(session: Session, order_id: str, *, is_cancelled: bool) -> None:
    """Mark a fulfillment order as cancelled, or as not."""
    session.execute(
        sa.update(FulfillmentOrderRow)
        .where(FulfillmentOrderRow.order_id == order_id)
        .values(is_cancelled=is_cancelled)
    )


def set_picking(session: Session, number: str, *, since: datetime) -> None:
    """Note when picking began, the first time it is told."""
    session.execute(
        sa.update(FulfillmentOrderRow)
        .where(FulfillmentOrderRow.number == number, FulfillmentOrderRow.picking_since.is_(None))
        .values(picking_since=since)
    )


def load_document(
    session: Session, order_id: str, kind: DocumentKind, *, lock: bool = False
) -> Document | None:
    """Return one document, locked when asked."""
    statement = sa.select(DocumentRow).where(
        DocumentRow.order_id == order_id, DocumentRow.kind == kind.value
    )
    if lock:
        statement = statement.with_for_update()
    row = session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    return None if row is None else _document(row)


def load_documents(session: Session, order_id: str) -> list[Document]:
    """Return all documents of an order."""
    rows = session.execute(
        sa.select(DocumentRow)
        .where(DocumentRow.order_id == order_id)
        .execution_options(populate_existing=True)
    ).scalars()
    return [_document(row) for row in rows]


def document_numbers(
    session: Session, order_ids: Sequence[str], kind: DocumentKind
) -> dict[str, tuple[str, DocumentState]]:
    """Return number and state of each order's document of a kind, by order."""
    found = session.execute(
        sa.text(
            "SELECT order_id, number, state FROM documents"
            " WHERE kind = :kind AND order_id = ANY (CAST(:order_ids AS text[]))"
        ),
        {"kind": kind.value, "order_ids": list(order_ids)},
    )
    return {str(order_id): (str(number), DocumentState(state)) for order_id, number, state in found}


def insert_document(
    session: Session, *, order_id: str, kind: DocumentKind, number: str, now: datetime
) -> None:
    """Write a document as intended unless it is there."""
    session.execute(
        insert(DocumentRow)
        .values(
            order_id=order_id,
            kind=kind.value,
            number=number,
            state=DocumentState.INTENDED.value,
            updated_at=now,
        )
        .on_conflict_do_nothing()
    )


def count_attempt(session: Session, order_id: str, kind: DocumentKind, *, now: datetime) -> None:
    """Note that a call goes out now, whose outcome is not known until it is marked."""
    session.execute(
        sa.update(DocumentRow)
        .where(DocumentRow.order_id == order_id, DocumentRow.kind == kind.value)
        .values(
            state=DocumentState.INTENDED.value,
            attempts=DocumentRow.attempts + 1,
            attempted_at=now,
            updated_at=now,
        )
    )


def set_state(
    session: Session,
    order_id: str,
    kind: DocumentKind,
    *,
    state: DocumentState,
    outside_number: str | None,
    error: str | None,
    is_untried: bool,
    now: datetime,
) -> None:
    """Write how a document stands; `is_untried` forgets the attempt, which surely did nothing."""
    values: dict[str, object] = {"state": state.value, "last_error": error, "updated_at": now}
    if outside_number is not None:
        values["outside_number"] = outside_number
    if is_untried:
        values["attempted_at"] = None
    session.execute(
        sa.update(DocumentRow)
        .where(DocumentRow.order_id == order_id, DocumentRow.kind == kind.value)
        .values(**values)
    )


def insert_shipments(session: Session, shipments: Sequence[Shipment], *, now: datetime) -> set[str]:
    """Return the waybills that were not there before."""
    if not shipments:
        return set()
    rows = [
        {
            "id": shipment.id,
            "order_id": shipment.order_id,
            "warehouse": shipment.warehouse,
            "carrier": shipment.parcel.carrier,
            "waybill": shipment.parcel.waybill,
            "weight_grams": shipment.parcel.weight_grams,
            "lines": [
                {"sku": line.sku, "quantity": line.quantity} for line in shipment.parcel.lines
            ],
            "shipped_at": shipment.shipped_at,
            "report_key": shipment.report_key,
            "created_at": now,
        }
        for shipment in shipments
    ]
    statement = (
        insert(ShipmentRow)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["order_id", "waybill"])
        .returning(ShipmentRow.waybill)
    )
    return set(session.execute(statement).scalars())


def load_shipments(session: Session, order_id: str) -> list[Shipment]:
    """Return the parcels of an order, the first first."""
    rows = session.execute(
        sa.select(ShipmentRow)
        .where(ShipmentRow.order_id == order_id)
        .order_by(ShipmentRow.shipped_at, ShipmentRow.id)
    ).scalars()
    return [
        Shipment(
            id=row.id,
            order_id=row.order_id,
            warehouse=row.warehouse,
            parcel=Parcel(
                carrier=row.carrier,
                waybill=row.waybill,
                weight_grams=row.weight_grams,
                lines=tuple(
                    ParcelLine(sku=line["sku"], quantity=line["quantity"]) for line in row.lines
                ),
            ),
            shipped_at=row.shipped_at,
            report_key=row.report_key,
        )
        for row in rows
    ]


def _document(row: DocumentRow) -> Document:
    return Document(
        order_id=row.order_id,
        kind=DocumentKind(row.kind),
        number=row.number,
        state=DocumentState(row.state),
        attempts=row.attempts,
        attempted_at=row.attempted_at,
        outside_number=row.outside_number,
        last_error=row.last_error,
        updated_at=row.updated_at,
    )
