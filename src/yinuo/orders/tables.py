"""Rows of orders; personal data stands in `order_receivers` alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core.db import Base

# The same as model.derive_status; a test compares them over every combination.
STATUS_RULE = """
status = CASE
  WHEN fulfillment_status = 'cancelled' THEN 'cancelled'
  WHEN payment_status = 'refunded' THEN 'refunded'
  WHEN fulfillment_status = 'shipped' THEN 'shipped'
  WHEN hold_count > 0 THEN 'held'
  WHEN payment_status IN ('unpaid', 'closed') AND fulfillment_status IN ('waiting', 'reserved')
    THEN 'unpaid'
  ELSE fulfillment_status
END
"""


class OrderRow(Base):
    """One order. `placed_at` never changes; `version` grows with each change."""

    __tablename__ = "orders"
    id: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str]
    channel: Mapped[str]
    raw_number: Mapped[str]
    number: Mapped[str]
    unique_id: Mapped[str] = mapped_column(unique=True)
    payment_number: Mapped[str | None] = mapped_column(unique=True)
    buyer_id: Mapped[str]
    buyer_nick: Mapped[str]
    total_fen: Mapped[int]
    freight_fen: Mapped[int]
    discount_fen: Mapped[int]
    paid_fen: Mapped[int] = mapped_column(server_default="0")
    refunded_fen: Mapped[int] = mapped_column(server_default="0")
    payment_status: Mapped[str]
    fulfillment_status: Mapped[str]
    hold_count: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str]
    placed_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    reserved_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    channel_version: Mapped[int]
    version: Mapped[int] = mapped_column(server_default="1")
    remark: Mapped[str]
    masked_name: Mapped[str]
    masked_phone: Mapped[str]
    phone_tail: Mapped[str]
    province: Mapped[str]
    city: Mapped[str]
    district: Mapped[str]
    town: Mapped[str]
    warehouse: Mapped[str | None]
    carrier: Mapped[str | None]
    sourcing: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    __table_args__ = (
        sa.CheckConstraint(STATUS_RULE, name="status"),
        sa.CheckConstraint(
            "payment_status IN ('unpaid', 'paid', 'partly_refunded', 'refunded', 'closed')",
            name="payment_status",
        ),
        sa.CheckConstraint(
            "fulfillment_status IN"
            " ('waiting', 'reserved', 'sending', 'in_warehouse', 'shipped', 'cancelled')",
            name="fulfillment_status",
        ),
        sa.CheckConstraint(
            "total_fen >= 0 AND freight_fen >= 0 AND discount_fen >= 0"
            " AND paid_fen >= 0 AND refunded_fen >= 0 AND hold_count >= 0",
            name="amounts",
        ),
        sa.Index("orders_placed_at_idx", "placed_at", "id"),
        sa.Index("orders_status_placed_at_idx", "status", "placed_at", "id"),
        sa.Index("orders_shop_id_placed_at_idx", "shop_id", "placed_at", "id"),
        sa.Index("orders_phone_tail_placed_at_idx", "phone_tail", "placed_at", "id"),
        sa.Index("orders_total_fen_idx", "total_fen", "id"),
        sa.Index("orders_number_idx", "number", postgresql_ops={"number": "text_pattern_ops"}),
        sa.Index("orders_paid_at_idx", "paid_at", postgresql_where=sa.text("paid_at IS NOT NULL")),
        sa.Index(
            "orders_shipped_at_idx",
            "shipped_at",
            postgresql_where=sa.text("shipped_at IS NOT NULL"),
        ),
    )


class OrderReceiverRow(Base):
    """The personal data of an order's receiver; read only to carry out or to reveal."""

    __tablename__ = "order_receivers"
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("orders.id"), primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]
    detail: Mapped[str]


class OrderLineRow(Base):
    """One line; `placed_at` is the order's, so that a SKU's newest orders are one index range."""

    __tablename__ = "order_lines"
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("orders.id"))
    place: Mapped[int]
    sku: Mapped[str]
    listing_code: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    unit_price_fen: Mapped[int]
    amount_fen: Mapped[int]
    is_gift: Mapped[bool]
    bundle_of: Mapped[str | None]
    placed_at: Mapped[datetime]
    __table_args__ = (
        sa.CheckConstraint("quantity BETWEEN 1 AND 9999", name="quantity"),
        sa.CheckConstraint("unit_price_fen >= 0 AND amount_fen >= 0", name="amounts"),
        sa.UniqueConstraint("order_id", "place"),
        sa.Index("order_lines_sku_placed_at_idx", "sku", "placed_at", "order_id"),
    )


class PaymentRow(Base):
    """One payment as a provider told it; without `order_id` it waits for its order."""

    __tablename__ = "payments"
    id: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    account: Mapped[str]
    payment_number: Mapped[str]
    transaction_id: Mapped[str]
    amount_fen: Mapped[int]
    refunded_fen: Mapped[int] = mapped_column(server_default="0")
    paid_at: Mapped[datetime]
    received_at: Mapped[datetime]
    order_id: Mapped[str | None] = mapped_column(sa.ForeignKey("orders.id"))
    outcome: Mapped[str]
    __table_args__ = (
        sa.UniqueConstraint("provider", "account", "transaction_id"),
        sa.CheckConstraint("amount_fen >= 0 AND refunded_fen >= 0", name="amounts"),
        sa.CheckConstraint("(order_id IS NULL) = (outcome = 'order_unknown')", name="parked"),
        sa.Index("payments_payment_number_idx", "payment_number"),
        sa.Index("payments_order_id_idx", "order_id"),
        sa.Index("payments_paid_at_idx", "paid_at"),
        # The last word on two racing payments.
        sa.Index(
            "payments_accepted_idx",
            "order_id",
            unique=True,
            postgresql_where=sa.text("outcome = 'accepted'"),
        ),
    )


class RefundRow(Base):
    """One refund as a provider told it; without `payment_id` it waits for its payment.

    Where only the sum of a payment's refunds was told (`so_far_fen`), the amount is recomputed
    with each refund that becomes known.
    """

    __tablename__ = "refunds"
    id: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    account: Mapped[str]
    refund_id: Mapped[str]
    out_refund_number: Mapped[str]
    payment_number: Mapped[str]
    transaction_id: Mapped[str]
    amount_fen: Mapped[int]
    so_far_fen: Mapped[int | None]
    status: Mapped[str]
    refunded_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    payment_id: Mapped[str | None] = mapped_column(sa.ForeignKey("payments.id"))
    order_id: Mapped[str | None] = mapped_column(sa.ForeignKey("orders.id"))
    __table_args__ = (
        sa.UniqueConstraint("provider", "account", "refund_id"),
        sa.CheckConstraint("amount_fen >= 0", name="amounts"),
        sa.Index("refunds_transaction_id_idx", "transaction_id"),
        sa.Index("refunds_payment_id_idx", "payment_id"),
        sa.Index("refunds_order_id_idx", "order_id"),
        sa.Index("refunds_refunded_at_idx", "refunded_at"),
    )


class OrderHoldRow(Base):
    """One hold; it stands while `released_at` is empty."""

    __tablename__ = "order_holds"
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("orders.id"))
    reason: Mapped[str]
    owner_role: Mapped[str]
    note: Mapped[str]
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]
    __table_args__ = (
        sa.Index(
            "order_holds_standing_idx",
            "order_id",
            "reason",
            "owner_role",
            unique=True,
            postgresql_where=sa.text("released_at IS NULL"),
        ),
        sa.Index("order_holds_order_id_idx", "order_id"),
    )


class OrderTagRow(Base):
    """One tag on an order."""

    __tablename__ = "order_tags"
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("orders.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    placed_at: Mapped[datetime]
    tagged_at: Mapped[datetime]
    tagged_by: Mapped[str]
    __table_args__ = (sa.Index("order_tags_tag_placed_at_idx", "tag", "placed_at", "order_id"),)


class TimelineRow(Base):
    """One step of an order; rows are only ever added."""

    __tablename__ = "order_timeline"
    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("orders.id"))
    at: Mapped[datetime]
    code: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[str]
    dedupe_key: Mapped[str | None]
    __table_args__ = (
        sa.UniqueConstraint("order_id", "dedupe_key"),
        sa.Index("order_timeline_order_id_idx", "order_id", "at", "id"),
    )


class PaymentQueryRow(Base):
    """How often the provider was asked about an unpaid order, and when it is asked again.

    `closed_number` is the payment number under which no money can come any more.
    """

    __tablename__ = "payment_queries"
    order_id: Mapped[str] = mapped_column(primary_key=True)
    asks: Mapped[int]
    next_at: Mapped[datetime]
    closed_number: Mapped[str | None]


class PaymentBillRow(Base):
    """One day of one merchant account: its provider's bill beside the books.

    `state` is waiting until there is a bill; `next_at` is when it is asked for (again).
    """

    __tablename__ = "payment_bills"
    provider: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[datetime]
    last_error: Mapped[str | None]
    compared_at: Mapped[datetime | None]
    bill_payments: Mapped[int] = mapped_column(server_default="0")
    bill_paid_fen: Mapped[int] = mapped_column(server_default="0")
    bill_refunds: Mapped[int] = mapped_column(server_default="0")
    bill_refunded_fen: Mapped[int] = mapped_column(server_default="0")
    hub_payments: Mapped[int] = mapped_column(server_default="0")
    hub_paid_fen: Mapped[int] = mapped_column(server_default="0")
    hub_refunds: Mapped[int] = mapped_column(server_default="0")
    hub_refunded_fen: Mapped[int] = mapped_column(server_default="0")
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'running', 'compared')", name="state"),
        sa.Index("payment_bills_day_idx", "day"),
        sa.Index(
            "payment_bills_due_idx",
            "next_at",
            postgresql_where=sa.text("state <> 'compared'"),
        ),
    )


class PaymentBillLineRow(Base):
    """One line of a bill, as the provider wrote it."""

    __tablename__ = "payment_bill_lines"
    provider: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    is_refund: Mapped[bool]
    payment_number: Mapped[str]
    transaction_id: Mapped[str]
    refund_number: Mapped[str]
    amount_fen: Mapped[int]
    at: Mapped[datetime]
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["provider", "account", "day"],
            ["payment_bills.provider", "payment_bills.account", "payment_bills.day"],
        ),
        sa.Index("payment_bill_lines_transaction_id_idx", "transaction_id"),
    )


class PaymentDifferenceRow(Base):
    """One thing in which a bill and the books differ; there is one row a kind and transaction."""

    __tablename__ = "payment_differences"
    id: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    account: Mapped[str]
    day: Mapped[date] = mapped_column(sa.Date)
    kind: Mapped[str]
    payment_number: Mapped[str]
    transaction_id: Mapped[str]
    refund_number: Mapped[str]
    bill_fen: Mapped[int | None]
    hub_fen: Mapped[int | None]
    state: Mapped[str]
    repair: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    found_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["provider", "account", "day"],
            ["payment_bills.provider", "payment_bills.account", "payment_bills.day"],
        ),
        sa.UniqueConstraint(
            "provider",
            "account",
            "day",
            "kind",
            "transaction_id",
            "refund_number",
            name="payment_differences_thing_key",
        ),
        sa.CheckConstraint("state IN ('open', 'repaired', 'vanished', 'accepted')", name="state"),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        sa.Index("payment_differences_open_idx", "day", postgresql_where=sa.text("state = 'open'")),
    )
