"""Rows of stock and the constraints that forbid overselling."""

from __future__ import annotations

from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core.db import Base

HELD_STATES = "state IN ('reserved', 'allocated', 'deducted')"
ENDED_STATES = "state IN ('released', 'lapsed')"
WAITING_UNPAID = "state = 'reserved' AND NOT is_paid"
WAITING_PAID = "state = 'reserved' AND is_paid"


class WarehouseRow(Base):
    """A building that goods leave from; `serves` lists provinces, the nearest first."""

    __tablename__ = "warehouses"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    province: Mapped[str]
    is_active: Mapped[bool]
    serves: Mapped[list[str]] = mapped_column(postgresql.JSONB)
    cut_off: Mapped[time | None]
    counted_by: Mapped[str]
    erp_books_within: Mapped[int] = mapped_column(server_default="86400")  # seconds
    __table_args__ = (sa.CheckConstraint("counted_by IN ('erp', 'wms')", name="counted_by"),)


class StockLevelRow(Base):
    """The counters of one SKU in one warehouse; each can be rebuilt from the ledger."""

    __tablename__ = "stock_levels"
    sku: Mapped[str] = mapped_column(primary_key=True)
    warehouse: Mapped[str] = mapped_column(sa.ForeignKey("warehouses.code"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(server_default="0")
    reserved: Mapped[int] = mapped_column(server_default="0")
    allocated: Mapped[int] = mapped_column(server_default="0")
    safety_stock: Mapped[int] = mapped_column(server_default="0")
    claimed_elsewhere: Mapped[int] = mapped_column(server_default="0")
    in_flight: Mapped[int] = mapped_column(server_default="0")
    changed: Mapped[int] = mapped_column(server_default="0")
    shortfall: Mapped[int] = mapped_column(server_default="0")
    photo_quantity: Mapped[int] = mapped_column(server_default="0")
    photo_claims: Mapped[int] = mapped_column(server_default="0")
    contained: Mapped[int] = mapped_column(server_default="0")
    photo_at: Mapped[datetime | None]
    photo_source: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (
        sa.CheckConstraint("on_hand >= 0", name="on_hand"),
        sa.CheckConstraint("reserved >= 0", name="reserved"),
        sa.CheckConstraint("allocated >= 0", name="allocated"),
        sa.CheckConstraint("safety_stock >= 0", name="safety_stock"),
        sa.CheckConstraint("claimed_elsewhere >= 0", name="claimed_elsewhere"),
        sa.CheckConstraint("in_flight >= 0", name="in_flight"),
        sa.CheckConstraint("shortfall >= 0", name="shortfall"),
        sa.CheckConstraint(
            "on_hand + shortfall - allocated - reserved - safety_stock - claimed_elsewhere >= 0",
            name="never_oversold",
        ),
    )


class ReservationRow(Base):
    """One owner's claim on one warehouse; ended claims stay as history."""

    __tablename__ = "reservations"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    warehouse: Mapped[str]
    state: Mapped[str]
    is_paid: Mapped[bool]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sweep_after: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('reserved', 'allocated', 'deducted', 'released', 'lapsed')", name="state"
        ),
        sa.Index(
            "reservations_owner_held_idx",
            "owner",
            unique=True,
            postgresql_where=sa.text(HELD_STATES),
        ),
        sa.Index(
            "reservations_owner_ended_idx", "owner", "id", postgresql_where=sa.text(ENDED_STATES)
        ),
        sa.Index(
            "reservations_unpaid_expiry_idx",
            "expires_at",
            postgresql_where=sa.text(WAITING_UNPAID),
        ),
        sa.Index(
            "reservations_paid_expiry_idx", "expires_at", postgresql_where=sa.text(WAITING_PAID)
        ),
    )


class ReservationLineRow(Base):
    """Units of one SKU in a reservation: asked for, still claimed (`open`), already deducted.

    No foreign key: a line is written by the statement that writes its reservation, neither is
    ever deleted, and the check of each line would cost a third of the speed of reserving.
    """

    __tablename__ = "reservation_lines"
    reservation_id: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(primary_key=True)
    warehouse: Mapped[str]
    quantity: Mapped[int]
    open: Mapped[int]
    deducted: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("open >= 0", name="open"),
        sa.CheckConstraint("deducted >= 0", name="deducted"),
        sa.CheckConstraint("open + deducted <= quantity", name="within_quantity"),
        sa.Index(
            "reservation_lines_open_idx",
            "sku",
            "reservation_id",
            postgresql_where=sa.text("open > 0"),
        ),
    )


class StockLedgerRow(Base):
    """One change of counters, never altered.

    `moved` is what physically came or went (deductions, reported changes), whether or not a
    photograph already contained it; `effective_at` is when it did.
    """

    __tablename__ = "stock_ledger"
    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    sku: Mapped[str]
    warehouse: Mapped[str]
    on_hand_delta: Mapped[int] = mapped_column(server_default="0")
    reserved_delta: Mapped[int] = mapped_column(server_default="0")
    allocated_delta: Mapped[int] = mapped_column(server_default="0")
    in_flight_delta: Mapped[int] = mapped_column(server_default="0")
    safety_delta: Mapped[int] = mapped_column(server_default="0")
    elsewhere_delta: Mapped[int] = mapped_column(server_default="0")
    shortfall_delta: Mapped[int] = mapped_column(server_default="0")
    moved: Mapped[int] = mapped_column(server_default="0")
    effective_at: Mapped[datetime]
    cause: Mapped[str]
    owner: Mapped[str | None]
    key: Mapped[str | None]
    __table_args__ = (
        sa.Index("stock_ledger_sku_idx", "sku", "id"),
        sa.Index(
            "stock_ledger_moved_idx",
            "sku",
            "warehouse",
            "effective_at",
            postgresql_where=sa.text("moved <> 0"),
        ),
        sa.Index(
            "stock_ledger_released_idx",
            "sku",
            "warehouse",
            "effective_at",
            postgresql_where=sa.text("kind = 'released'"),
        ),
        sa.Index(
            "stock_ledger_key_idx",
            "key",
            "sku",
            "warehouse",
            unique=True,
            postgresql_where=sa.text("key IS NOT NULL"),
        ),
    )


class StockPhotographRow(Base):
    """The newest photograph of one SKU in one warehouse by one outside system."""

    __tablename__ = "stock_photographs"
    sku: Mapped[str] = mapped_column(primary_key=True)
    warehouse: Mapped[str] = mapped_column(sa.ForeignKey("warehouses.code"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    quantity: Mapped[int]
    open: Mapped[int]
    locked: Mapped[int]
    as_of: Mapped[datetime]
    __table_args__ = (sa.CheckConstraint("source IN ('erp', 'wms')", name="source"),)


class OutsideClaimRow(Base):
    """What one outside system knows of an owner's claim, and since when, by our clock."""

    __tablename__ = "outside_claims"
    owner: Mapped[str] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(primary_key=True)
    pushed_at: Mapped[datetime]
    posted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    __table_args__ = (sa.CheckConstraint("system IN ('erp', 'wms')", name="system"),)
