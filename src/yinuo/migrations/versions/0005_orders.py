"""Orders, lines, receivers, payments, refunds, holds, tags and the timeline.

The status CHECK is the last word on the derived status. The timeline refuses changes: a step that
was told stays told.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_orders"
down_revision = "0004_inventory"

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
KEEP = """
CREATE FUNCTION order_timeline_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the timeline of an order only grows' USING ERRCODE = 'YN010';
END $$
"""
KEEP_TRIGGER = """
CREATE TRIGGER order_timeline_keep BEFORE UPDATE OR DELETE ON order_timeline
FOR EACH ROW EXECUTE FUNCTION order_timeline_keep()
"""


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shop_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("raw_number", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("unique_id", sa.Text(), nullable=False),
        sa.Column("payment_number", sa.Text(), nullable=True),
        sa.Column("buyer_id", sa.Text(), nullable=False),
        sa.Column("buyer_nick", sa.Text(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("freight_fen", sa.BigInteger(), nullable=False),
        sa.Column("discount_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("payment_status", sa.Text(), nullable=False),
        sa.Column("fulfillment_status", sa.Text(), nullable=False),
        sa.Column("hold_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel_version", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("masked_name", sa.Text(), nullable=False),
        sa.Column("masked_phone", sa.Text(), nullable=False),
        sa.Column("phone_tail", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column(
            "sourcing", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.CheckConstraint(STATUS_RULE, name=op.f("orders_status_check")),
        sa.CheckConstraint(
            "fulfillment_status IN ('waiting', 'reserved', 'sending', 'in_warehouse', 'shipped', 'cancelled')",
            name=op.f("orders_fulfillment_status_check"),
        ),
        sa.CheckConstraint(
            "payment_status IN ('unpaid', 'paid', 'partly_refunded', 'refunded', 'closed')",
            name=op.f("orders_payment_status_check"),
        ),
        sa.CheckConstraint(
            "total_fen >= 0 AND freight_fen >= 0 AND discount_fen >= 0 AND paid_fen >= 0 AND refunded_fen >= 0 AND hold_count >= 0",
            name=op.f("orders_amounts_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("orders_pkey")),
        sa.UniqueConstraint("payment_number", name=op.f("orders_payment_number_key")),
        sa.UniqueConstraint("unique_id", name=op.f("orders_unique_id_key")),
    )
    op.create_index(
        "orders_number_idx",
        "orders",
        ["number"],
        unique=False,
        postgresql_ops={"number": "text_pattern_ops"},
    )
    op.create_index(
        "orders_paid_at_idx",
        "orders",
        ["paid_at"],
        unique=False,
        postgresql_where=sa.text("paid_at IS NOT NULL"),
    )
    op.create_index(
        "orders_phone_tail_placed_at_idx", "orders", ["phone_tail", "placed_at", "id"], unique=False
    )
    op.create_index("orders_placed_at_idx", "orders", ["placed_at", "id"], unique=False)
    op.create_index(
        "orders_shipped_at_idx",
        "orders",
        ["shipped_at"],
        unique=False,
        postgresql_where=sa.text("shipped_at IS NOT NULL"),
    )
    op.create_index(
        "orders_shop_id_placed_at_idx", "orders", ["shop_id", "placed_at", "id"], unique=False
    )
    op.create_index(
        "orders_status_placed_at_idx", "orders", ["status", "placed_at", "id"], unique=False
    )
    op.create_index("orders_total_fen_idx", "orders", ["total_fen", "id"], unique=False)
    op.create_table(
        "order_receivers",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("order_receivers_order_id_fkey")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("order_receivers_pkey")),
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("listing_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("is_gift", sa.Boolean(), nullable=False),
        sa.Column("bundle_of", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 9999", name=op.f("order_lines_quantity_check")),
        sa.CheckConstraint(
            "unit_price_fen >= 0 AND amount_fen >= 0", name=op.f("order_lines_amounts_check")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("order_lines_order_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_lines_pkey")),
        sa.UniqueConstraint("order_id", "place", name=op.f("order_lines_order_id_place_key")),
    )
    op.create_index(
        "order_lines_sku_placed_at_idx",
        "order_lines",
        ["sku", "placed_at", "order_id"],
        unique=False,
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("payment_number", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(order_id IS NULL) = (outcome = 'order_unknown')", name=op.f("payments_parked_check")
        ),
        sa.CheckConstraint(
            "amount_fen >= 0 AND refunded_fen >= 0", name=op.f("payments_amounts_check")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("payments_order_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("payments_pkey")),
        sa.UniqueConstraint(
            "provider",
            "account",
            "transaction_id",
            name=op.f("payments_provider_account_transaction_id_key"),
        ),
    )
    op.create_index(
        "payments_accepted_idx",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'accepted'"),
    )
    op.create_index("payments_order_id_idx", "payments", ["order_id"], unique=False)
    op.create_index("payments_payment_number_idx", "payments", ["payment_number"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("refund_id", sa.Text(), nullable=False),
        sa.Column("out_refund_number", sa.Text(), nullable=False),
        sa.Column("payment_number", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("refunds_amounts_check")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("refunds_order_id_fkey")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("refunds_payment_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("refunds_pkey")),
        sa.UniqueConstraint(
            "provider", "account", "refund_id", name=op.f("refunds_provider_account_refund_id_key")
        ),
    )
    op.create_index("refunds_order_id_idx", "refunds", ["order_id"], unique=False)
    op.create_index("refunds_payment_id_idx", "refunds", ["payment_id"], unique=False)
    op.create_index("refunds_transaction_id_idx", "refunds", ["transaction_id"], unique=False)
    op.create_table(
        "order_holds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("order_holds_order_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_holds_pkey")),
    )
    op.create_index("order_holds_order_id_idx", "order_holds", ["order_id"], unique=False)
    op.create_index(
        "order_holds_standing_idx",
        "order_holds",
        ["order_id", "reason", "owner_role"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "order_tags",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tagged_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("order_tags_order_id_fkey")),
        sa.PrimaryKeyConstraint("order_id", "tag", name=op.f("order_tags_pkey")),
    )
    op.create_index(
        "order_tags_tag_placed_at_idx", "order_tags", ["tag", "placed_at", "order_id"], unique=False
    )
    op.create_table(
        "order_timeline",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("order_timeline_order_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_timeline_pkey")),
        sa.UniqueConstraint(
            "order_id", "dedupe_key", name=op.f("order_timeline_order_id_dedupe_key_key")
        ),
    )
    op.create_index(
        "order_timeline_order_id_idx", "order_timeline", ["order_id", "at", "id"], unique=False
    )
    op.execute(KEEP)
    op.execute(KEEP_TRIGGER)


def downgrade() -> None:
    for table in (
        "order_timeline",
        "order_tags",
        "order_holds",
        "refunds",
        "payments",
        "order_lines",
        "order_receivers",
        "orders",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION order_timeline_keep()")
