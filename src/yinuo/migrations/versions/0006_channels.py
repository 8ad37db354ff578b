"""Tables of channels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_channels"
down_revision = "0005_orders"

_TIME = sa.DateTime(timezone=True)
_CHANNELS = "'mini_program', 'douyin', 'pinduoduo', 'wechat_store', 'wechat_group'"


def upgrade() -> None:
    op.create_table(
        "shops",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("reserve_on", sa.Text, nullable=False),
        sa.Column("ttl_seconds", sa.BigInteger, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.CheckConstraint(f"channel IN ({_CHANNELS})", name="shops_channel_check"),
        sa.CheckConstraint("reserve_on IN ('payment', 'order')", name="shops_reserve_on_check"),
        sa.CheckConstraint("ttl_seconds > 0", name="shops_ttl_check"),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("shop_id", sa.Text),
        sa.Column("headers", postgresql.JSONB, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("body_hash", sa.LargeBinary, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("next_attempt_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME),
        sa.Column("outcome", sa.Text),
        sa.Column("error_code", sa.Text),
        sa.Column("error_detail", sa.Text),
        sa.UniqueConstraint("source", "key", name="inbox_source_key_key"),
        sa.CheckConstraint(
            "state IN ('received', 'done', 'failed', 'parked')", name="inbox_state_check"
        ),
        sa.CheckConstraint("octet_length(body) <= 2097152", name="inbox_body_check"),
    )
    op.create_index(
        "inbox_due_idx",
        "inbox",
        ["next_attempt_at", "id"],
        postgresql_where=sa.text("state IN ('received', 'failed')"),
    )
    op.create_index(
        "inbox_retention_idx",
        "inbox",
        ["done_at"],
        postgresql_where=sa.text("state = 'done' AND body IS NOT NULL"),
    )
    op.create_table(
        "shop_cursors",
        sa.Column("shop_id", sa.Text, primary_key=True),
        sa.Column("watermark", _TIME),
        sa.Column("window_since", _TIME),
        sa.Column("window_until", _TIME),
        sa.Column("page_cursor", sa.Text),
        sa.Column("claim_id", sa.Text),
        sa.Column("claimed_until", _TIME),
        sa.Column("read_at", _TIME),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="shop_cursors_shop_id_fkey"),
    )
    op.create_table(
        "nonces",
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("scope", "nonce", name="nonces_pkey"),
    )
    op.create_index("nonces_expires_at_idx", "nonces", ["expires_at"])
    op.execute("CREATE SEQUENCE channel_stock_versions")
    op.create_table(
        "channel_stock",
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("wanted_at", _TIME, nullable=False),
        sa.Column("pushed_version", sa.BigInteger),
        sa.Column("pushed_at", _TIME),
        sa.Column("acked_version", sa.BigInteger),
        sa.Column("acked_at", _TIME),
        sa.Column("attempts", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "sku", name="channel_stock_pkey"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="channel_stock_shop_id_fkey"),
        sa.CheckConstraint("quantity >= 0", name="channel_stock_quantity_check"),
        sa.CheckConstraint("acked_version <= pushed_version", name="channel_stock_acked_check"),
    )
    op.create_index(
        "channel_stock_due_idx",
        "channel_stock",
        ["shop_id", "due_at"],
        postgresql_where=sa.text("acked_version IS NULL OR acked_version < version"),
    )


def downgrade() -> None:
    op.drop_table("channel_stock")
    op.execute("DROP SEQUENCE channel_stock_versions")
    op.drop_table("nonces")
    op.drop_table("shop_cursors")
    op.drop_table("inbox")
    op.drop_table("shops")
