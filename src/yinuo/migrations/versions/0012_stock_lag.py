"""Since when a shop does not know a figure, and how long it took each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_stock_lag"
down_revision = "0011_outside_claims"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("channel_stock", sa.Column("behind_since", _TIME))
    op.execute(
        "UPDATE channel_stock SET behind_since = wanted_at"
        " WHERE acked_version IS NULL OR acked_version < version"
    )
    op.create_table(
        "stock_acks",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("waits", postgresql.ARRAY(sa.BigInteger), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="stock_acks_shop_id_fkey"),
    )
    op.create_index("stock_acks_at_idx", "stock_acks", ["at", "shop_id"])


def downgrade() -> None:
    op.drop_table("stock_acks")
    op.drop_column("channel_stock", "behind_since")
