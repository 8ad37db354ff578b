"""Locks on orders, and the one statement that changes a locked order.

Lock order everywhere: payment number (advisory), then the order's row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa

from yinuo.core.arrays import array
from yinuo.core.db import Session
from yinuo.orders.model import (
    FulfillmentStatus,
    OrderNotFound,
    OrderState,
    PaymentStatus,
    derive_status,
)
from yinuo.orders.tables import OrderRow

_COLUMNS = (
    OrderRow.id,
    OrderRow.shop_id,
    OrderRow.channel,
    OrderRow.number,
    OrderRow.payment_number,
    OrderRow.total_fen,
    OrderRow.paid_fen,
    OrderRow.refunded_fen,
    OrderRow.payment_status,
    OrderRow.fulfillment_status,
    OrderRow.hold_count,
    OrderRow.placed_at,
    OrderRow.paid_at,
    OrderRow.reserved_at,
    OrderRow.shipped_at,
    OrderRow.cancelled_at,
    OrderRow.channel_version,
    OrderRow.version,
)
STATE_COLUMNS = tuple(column.key for column in _COLUMNS)
_FIXED = ("id", "shop_id", "channel", "number", "placed_at", "version")


def lock_payment_number(session: Session, payment_number: str) -> None:
    """Make a payment and the order it pays wait for each other, even before either exists."""
    session.execute(_LOCK_NUMBER, {"key": f"orders.payment_number:{payment_number}"})


_LOCK_NUMBER = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


def lock_payment_numbers(session: Session, payment_numbers: Iterable[str]) -> None:
    """Do so for many at once, in one order that all processes share."""
    session.execute(_LOCK_NUMBERS, {"numbers": array(payment_numbers)})


_LOCK_NUMBERS = sa.text(
    "SELECT pg_advisory_xact_lock(hashtextextended('orders.payment_number:' || number, 0))"
    " FROM (SELECT unnest(CAST(:numbers AS text[])) AS number ORDER BY 1) AS sorted"
)


def lock_state(session: Session, order_id: str) -> OrderState:
    """Return the order as it is now, locked; raises OrderNotFound."""
    state = _lock(session, OrderRow.id == order_id)
    if state is None:
        raise OrderNotFound(order_id=order_id[:64])
    return state


def lock_by_payment_number(session: Session, payment_number: str) -> OrderState | None:
    """Return the order that this number pays, locked."""
    return _lock(session, OrderRow.payment_number == payment_number)


def lock_by_unique_id(session: Session, unique_id: str) -> OrderState:
    """Return the order of this unique id, locked; it is known to exist."""
    rows = session.execute(
        sa.select(*_COLUMNS).where(OrderRow.unique_id == unique_id).with_for_update()
    )
    return state_of(rows.mappings().one())


def save_state(session: Session, state: OrderState, *, now: datetime) -> OrderState:
    """Return the state with its version one up, written together with the status it derives."""
    values = {
        name: value.value if isinstance(value, Enum) else value
        for name, value in asdict(state).items()
        if name not in _FIXED
    }
    status = derive_status(state.payment_status, state.fulfillment_status, holds=state.hold_count)
    version = session.execute(
        sa.update(OrderRow)
        .where(OrderRow.id == state.id)
        .values(**values, status=status.value, version=OrderRow.version + 1, updated_at=now)
        .returning(OrderRow.version)
    ).scalar_one()
    return replace(state, version=version)


def _lock(session: Session, where: sa.ColumnElement[bool]) -> OrderState | None:
    rows = session.execute(sa.select(*_COLUMNS).where(where).with_for_update())
    row = rows.mappings().one_or_none()
    return None if row is None else state_of(row)


def state_of(row: sa.RowMapping | dict[str, Any]) -> OrderState:
    """Return the state that a row of STATE_COLUMNS holds."""
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    values["payment_status"] = PaymentStatus(values["payment_status"])
    values["fulfillment_status"] = FulfillmentStatus(values["fulfillment_status"])
    return OrderState(**values)
