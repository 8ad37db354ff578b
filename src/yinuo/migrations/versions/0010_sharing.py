"""Which warehouses serve a shop, how much of them it may show, and the version of a shop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_sharing"
down_revision = "0009_payment_queries"

_ADDED = ("warehouses", "in_order", "version", "changed_at", "changed_by")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "shops", sa.Column("warehouses", postgresql.JSONB, server_default="[]", nullable=False)
    )
    op.add_column(
        "shops", sa.Column("in_order", sa.Boolean, server_default=sa.false(), nullable=False)
    )
    op.add_column("shops", sa.Column("version", sa.BigInteger, server_default="1", nullable=False))
    op.add_column("shops", sa.Column("changed_at", sa.DateTime(timezone=True)))
    op.add_column("shops", sa.Column("changed_by", sa.Text, server_default="", nullable=False))
    op.create_table(
        "share_rules",
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("percent", sa.BigInteger, nullable=False),
        sa.Column("buffer", sa.BigInteger, nullable=False),
        sa.Column("most", sa.BigInteger),
        sa.PrimaryKeyConstraint("shop_id", "scope", "key", name="share_rules_pkey"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="share_rules_shop_id_fkey"),
        sa.CheckConstraint("scope IN ('shop', 'category', 'sku')", name="share_rules_scope_check"),
        sa.CheckConstraint("(scope = 'shop') = (key = '')", name="share_rules_key_check"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="share_rules_percent_check"),
        sa.CheckConstraint("buffer >= 0", name="share_rules_buffer_check"),
        sa.CheckConstraint("most >= 0", name="share_rules_most_check"),
    )


def downgrade() -> None:
    op.drop_table("share_rules")
    for name in reversed(_ADDED):
        op.drop_column("shops", name)
