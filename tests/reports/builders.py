"""Builders of a small order desk; every name, phone and number is made up."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from tests.orders.builders import NOON, RECEIVER, line, new_order, payment
from yinuo.core.db import Session
from yinuo.core.money import Fen
from yinuo.orders import service
from yinuo.orders.model import FulfillmentStatus, Order, TimelineEntry

PATH = [
    FulfillmentStatus.RESERVED,
    FulfillmentStatus.SENDING,
    FulfillmentStatus.IN_WAREHOUSE,
    FulfillmentStatus.SHIPPED,
]


def put(
    session: Session,
    number: str,
    *,
    total: int = 10_000,
    skus: tuple[str, ...] = ("RUG-160",),
    phone: str = "13812345678",
    shop: str = "mini",
    minutes: int = 0,
    is_paid: bool = False,
    to: FulfillmentStatus | None = None,
    remark: str = "",
) -> Order:
    """Place an order `minutes` after noon, pay it and move it as far as asked."""
    at = NOON + timedelta(minutes=minutes)
    order = new_order(
        number,
        shop_id=shop,
        unique_id=hashlib.md5(f"{shop}|{number}".encode()).hexdigest(),
        total_fen=Fen(total),
        lines=tuple(line(sku, 1, 100) for sku in skus),
        receiver=replace(RECEIVER, phone=phone),
        placed_at=at,
        remark=remark,
    )
    placed = service.place_order(session, order, now=at).order
    if is_paid or to is not None:
        service.record_payment(session, payment(number, amount_fen=Fen(total), paid_at=at), now=at)
    for step in PATH[: PATH.index(to) + 1] if to else []:
        entry = TimelineEntry(at=at, code="workflows.timeline.reserved")
        service.advance(session, placed.id, to=step, why=entry, now=at + timedelta(seconds=2))
    return placed


def put_warehouse(session: Session) -> None:
    session.execute(
        sa.text(
            "INSERT INTO warehouses (code, name, province, is_active, serves, counted_by)"
            " VALUES ('WH-HZ', '杭州仓', '浙江省', true, '[]', 'wms') ON CONFLICT DO NOTHING"
        )
    )


def reserve(
    session: Session,
    order: Order,
    *,
    expires_at: datetime,
    state: str = "reserved",
    is_paid: bool = True,
) -> None:
    """Write a reservation as the stock module would."""
    put_warehouse(session)
    session.execute(
        sa.text(
            "INSERT INTO reservations"
            " (id, owner, warehouse, state, is_paid, expires_at, created_at, changed_at)"
            " VALUES ('res_' || :owner || :state, :owner, 'WH-HZ', :state, :is_paid, :at, :at, :at)"
        ),
        {"owner": order.id, "state": state, "is_paid": is_paid, "at": expires_at},
    )
    session.execute(
        sa.text(
            "INSERT INTO reservation_lines (reservation_id, sku, warehouse, quantity, open)"
            " VALUES ('res_' || :owner || :state, 'RUG-160', 'WH-HZ', 2, 0)"
        ),
        {"owner": order.id, "state": state},
    )


def send(session: Session, order: Order, *, error: str | None = None) -> None:
    """Write a document and a shipment as fulfillment would."""
    session.execute(
        sa.text(
            "INSERT INTO documents (order_id, kind, number, state, attempts, outside_number,"
            " last_error, updated_at) VALUES"
            " (:id, 'erp_document', 'YN1', 'done', 1, 'SO-77', NULL, :at),"
            " (:id, 'wms_hold', 'YN1', 'rejected', 2, '', :error, :at)"
        ),
        {"id": order.id, "at": NOON, "error": error},
    )
    session.execute(
        sa.text(
            "INSERT INTO shipments (id, order_id, warehouse, carrier, waybill, weight_grams, lines,"
            " shipped_at, report_key, created_at) VALUES ('shp_' || :id, :id, 'WH-HZ', 'SF',"
            """ 'SF1001', 900, '[{"sku": "RUG-160", "quantity": 2}]', :at, 'k', :at)"""
        ),
        {"id": order.id, "at": NOON},
    )
