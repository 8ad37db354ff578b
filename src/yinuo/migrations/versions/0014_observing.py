"""Shops that are only observed, their orders, shadow claims, and shortages that were seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_observing"
down_revision = "0013_refund_sums"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "shops", sa.Column("is_observing", sa.Boolean, server_default=sa.false(), nullable=False)
    )
    op.add_column("shops", sa.Column("observed_from", _TIME))
    op.create_table(
        "observed_orders",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("is_paid", sa.Boolean, nullable=False),
        sa.Column("warehouse", sa.Text),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("decided_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("ended_by", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'taken_over', 'closed', 'cancelled')",
            name="observed_orders_state_check",
        ),
        sa.CheckConstraint(
            "outcome IN ('undecided', 'reserved', 'short')", name="observed_orders_outcome_check"
        ),
    )
    op.create_index(
        "observed_orders_shop_id_idx",
        "observed_orders",
        ["shop_id", "state", "began_at", "order_id"],
    )
    op.create_table(
        "shadow_claims",
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("warehouse", sa.Text, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("open", sa.BigInteger, nullable=False),
        sa.Column("claimed_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME),
        sa.PrimaryKeyConstraint("order_id", "sku", name="shadow_claims_pkey"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["observed_orders.order_id"], name="shadow_claims_order_id_fkey"
        ),
        sa.CheckConstraint("quantity > 0", name="shadow_claims_quantity_check"),
        sa.CheckConstraint("open BETWEEN 0 AND quantity", name="shadow_claims_open_check"),
    )
    op.create_index(
        "shadow_claims_open_idx",
        "shadow_claims",
        ["sku", "warehouse"],
        postgresql_where=sa.text("open > 0"),
    )
    op.create_table(
        "observed_shortages",
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("warehouse", sa.Text),
        sa.Column("is_paid", sa.Boolean, nullable=False),
        sa.Column("wanted", sa.BigInteger, nullable=False),
        sa.Column("missing", sa.BigInteger, nullable=False),
        sa.Column("worth_fen", sa.BigInteger, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("last_owner", sa.Text),
        sa.Column("last_claimed_at", _TIME),
        sa.PrimaryKeyConstraint("order_id", "sku", name="observed_shortages_pkey"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["observed_orders.order_id"], name="observed_shortages_order_id_fkey"
        ),
        sa.CheckConstraint("missing BETWEEN 1 AND wanted", name="observed_shortages_missing_check"),
    )
    op.create_index(
        "observed_shortages_shop_id_idx",
        "observed_shortages",
        ["shop_id", "at", "order_id", "sku"],
    )


def downgrade() -> None:
    op.drop_table("observed_shortages")
    op.drop_table("shadow_claims")
    op.drop_table("observed_orders")
    op.drop_column("shops", "observed_from")
    op.drop_column("shops", "is_observing")
