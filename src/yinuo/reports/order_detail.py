"""One order with everything that the other modules know of it, masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from yinuo.addresses import service as addresses
from yinuo.addresses.model.readings import Reading
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.money import Fen
from yinuo.orders import service as orders
from yinuo.orders.model import Order, PaymentOutcome, RefundStatus
from yinuo.reports.order_desk import DeskRow, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSeen:
    """A payment in the order's books; only the tail of its transaction is shown."""

    provider: str
    transaction_tail: str
    amount_fen: Fen
    refunded_fen: Fen
    paid_at: datetime
    outcome: PaymentOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSeen:
    """A refund in the order's books."""

    provider: str
    out_refund_number: str
    amount_fen: Fen
    status: RefundStatus
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Units of one SKU."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationSeen:
    """The order's claim on stock: the standing one, else the newest that ended."""

    state: str
    warehouse: str
    expires_at: datetime
    is_paid: bool
    lines: tuple[Units, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSeen:
    """A document in an outside system."""

    kind: str
    number: str
    state: str
    outside_number: str
    attempts: int
    updated_at: datetime
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentSeen:
    """A parcel that left."""

    carrier: str
    waybill: str
    shipped_at: datetime
    lines: tuple[Units, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSeen:
    """One step of the timeline."""

    id: int
    at: datetime
    code: str
    params: dict[str, JsonValue]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Everything about one order; `warehouses` gives the names for the codes in it."""

    row: DeskRow
    order: Order
    payments: tuple[PaymentSeen, ...]
    refunds: tuple[RefundSeen, ...]
    reservation: ReservationSeen | None
    documents: tuple[DocumentSeen, ...]
    shipments: tuple[ShipmentSeen, ...]
    timeline: tuple[StepSeen, ...]
    address: Reading | None
    warehouses: dict[str, str]


def load_detail(session: Session, order_id: str) -> Detail:
    """Return one order whole, oldest steps first; raises OrderNotFound."""
    order = orders.load_order(session, order_id)
    (row,) = load_rows(session, [order_id])
    return Detail(
        row=row,
        order=order,
        payments=_payments(session, order_id),
        refunds=_refunds(session, order_id),
        reservation=_reservation(session, order_id),
        documents=_documents(session, order_id),
        shipments=_shipments(session, order_id),
        timeline=_timeline(session, order_id),
        address=addresses.find_reading(session, order_id),
        warehouses={
            one.code: one.name
            for one in session.execute(sa.text("SELECT code, name FROM warehouses"))
        },
    )


def _payments(session: Session, order_id: str) -> tuple[PaymentSeen, ...]:
    rows = session.execute(
        sa.text(
            "SELECT provider, right(transaction_id, 4) AS transaction_tail, amount_fen,"
            " refunded_fen, paid_at, outcome FROM payments WHERE order_id = :id"
            " ORDER BY paid_at, id"
        ),
        {"id": order_id},
    )
    return tuple(
        PaymentSeen(
            provider=row.provider,
            transaction_tail=row.transaction_tail,
            amount_fen=Fen(row.amount_fen),
            refunded_fen=Fen(row.refunded_fen),
            paid_at=row.paid_at,
            outcome=PaymentOutcome(row.outcome),
        )
        for row in rows
    )


def _refunds(session: Session, order_id: str) -> tuple[RefundSeen, ...]:
    rows = session.execute(
        sa.text(
            "SELECT provider, out_refund_number, amount_fen, status, received_at FROM refunds"
            " WHERE order_id = :id ORDER BY received_at, id"
        ),
        {"id": order_id},
    )
    return tuple(
        RefundSeen(
            provider=row.provider,
            out_refund_number=row.out_refund_number,
            amount_fen=Fen(row.amount_fen),
            status=RefundStatus(row.status),
            received_at=row.received_at,
        )
        for row in rows
    )


def _reservation(session: Session, order_id: str) -> ReservationSeen | None:
    held = session.execute(
        sa.text(
            "SELECT id, state, warehouse, expires_at, is_paid FROM reservations"
            " WHERE owner = :id AND state IN ('reserved', 'allocated', 'deducted')"
        ),
        {"id": order_id},
    ).one_or_none()
    row = (
        held
        or session.execute(
            sa.text(
                "SELECT id, state, warehouse, expires_at, is_paid FROM reservations"
                " WHERE owner = :id AND state IN ('released', 'lapsed') ORDER BY id DESC LIMIT 1"
            ),
            {"id": order_id},
        ).one_or_none()
    )
    if row is None:
        return None
    lines = session.execute(
        sa.text(
            "SELECT sku, quantity FROM reservation_lines WHERE reservation_id = :id ORDER BY sku"
        ),
        {"id": row.id},
    )
    return ReservationSeen(
        state=row.state,
        warehouse=row.warehouse,
        expires_at=row.expires_at,
        is_paid=row.is_paid,
        lines=tuple(Units(sku=line.sku, quantity=line.quantity) for line in lines),
    )


def _documents(session: Session, order_id: str) -> tuple[DocumentSeen, ...]:
    rows = session.execute(
        sa.text(
            "SELECT kind, number, state, outside_number, attempts, updated_at, last_error"
            " FROM documents WHERE order_id = :id"
            " ORDER BY array_position(ARRAY['wms_hold', 'erp_document', 'warehouse_order'], kind)"
        ),
        {"id": order_id},
    )
    return tuple(
        DocumentSeen(
            kind=row.kind,
            number=row.number,
            state=row.state,
            outside_number=row.outside_number,
            attempts=row.attempts,
            updated_at=row.updated_at,
            last_error=row.last_error,
        )
        for row in rows
    )


def _shipments(session: Session, order_id: str) -> tuple[ShipmentSeen, ...]:
    rows = session.execute(
        sa.text(
            "SELECT carrier, waybill, shipped_at, lines FROM shipments"
            " WHERE order_id = :id ORDER BY shipped_at, id"
        ),
        {"id": order_id},
    )
    return tuple(
        ShipmentSeen(
            carrier=row.carrier,
            waybill=row.waybill,
            shipped_at=row.shipped_at,
            lines=tuple(Units(sku=one["sku"], quantity=one["quantity"]) for one in row.lines),
        )
        for row in rows
    )


def _timeline(session: Session, order_id: str) -> tuple[StepSeen, ...]:
    rows = session.execute(
        sa.text(
            "SELECT id, at, code, params, actor FROM order_timeline WHERE order_id = :id"
            " ORDER BY at, id"
        ),
        {"id": order_id},
    )
    return tuple(
        StepSeen(id=row.id, at=row.at, code=row.code, params=row.params, actor=row.actor)
        for row in rows
    )
