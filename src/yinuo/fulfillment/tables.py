"""Tables of fulfillment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core.db import Base


class FulfillmentOrderRow(Base):
    """One fulfillment order; `order_id` is the orders module's id."""

    __tablename__ = "fulfillment_orders"
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    warehouse: Mapped[str]
    is_cancelled: Mapped[bool] = mapped_column(server_default=sa.false())
    picking_since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DocumentRow(Base):
    """One document in another system."""

    __tablename__ = "documents"
    order_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default="0")
    attempted_at: Mapped[datetime | None]
    outside_number: Mapped[str] = mapped_column(server_default="")
    last_error: Mapped[str | None]
    updated_at: Mapped[datetime]
    __table_args__ = (
        sa.Index(
            "documents_unsettled_idx",
            "state",
            "attempted_at",
            postgresql_where=sa.text("state IN ('intended', 'unknown')"),
        ),
    )


class ShipmentRow(Base):
    """One parcel that left."""

    __tablename__ = "shipments"
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str]
    warehouse: Mapped[str]
    carrier: Mapped[str]
    waybill: Mapped[str]
    weight_grams: Mapped[int]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    shipped_at: Mapped[datetime]
    report_key: Mapped[str]
    created_at: Mapped[datetime]
    __table_args__ = (
        sa.UniqueConstraint("order_id", "waybill"),
        sa.Index("shipments_waybill_idx", "waybill"),
        sa.Index("shipments_shipped_at_idx", "shipped_at"),
    )
