"""Fulfillment orders, documents in other systems, shipments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_fulfillment"
down_revision = "0006_channels"

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "fulfillment_orders",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("warehouse", sa.Text, nullable=False),
        sa.Column("is_cancelled", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("picking_since", moment),
        sa.Column("created_at", moment, nullable=False),
        sa.UniqueConstraint("order_id", name="fulfillment_orders_order_id_key"),
        sa.UniqueConstraint("number", name="fulfillment_orders_number_key"),
    )
    op.create_table(
        "documents",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("attempted_at", moment),
        sa.Column("outside_number", sa.Text, server_default="", nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("updated_at", moment, nullable=False),
    )
    op.create_index(
        "documents_unsettled_idx",
        "documents",
        ["state", "attempted_at"],
        postgresql_where=sa.text("state IN ('intended', 'unknown')"),
    )
    op.create_table(
        "shipments",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("warehouse", sa.Text, nullable=False),
        sa.Column("carrier", sa.Text, nullable=False),
        sa.Column("waybill", sa.Text, nullable=False),
        sa.Column("weight_grams", sa.BigInteger, nullable=False),
        sa.Column("lines", postgresql.JSONB, nullable=False),
        sa.Column("shipped_at", moment, nullable=False),
        sa.Column("report_key", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.UniqueConstraint("order_id", "waybill", name="shipments_order_id_waybill_key"),
    )
    op.create_index("shipments_waybill_idx", "shipments", ["waybill"])
    op.create_index("shipments_shipped_at_idx", "shipments", ["shipped_at"])


def downgrade() -> None:
    op.drop_table("shipments")
    op.drop_table("documents")
    op.drop_table("fulfillment_orders")
