"""Receivers that a channel gave as ciphertext: what is sealed, and whether it was opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_sealed_receivers"
down_revision = "0019_group_messages"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "sealed_receivers",
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("raw_number", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("tries", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("opened_at", _TIME),
        sa.PrimaryKeyConstraint("shop_id", "number", name="sealed_receivers_pkey"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="sealed_receivers_shop_id_fkey"),
        sa.CheckConstraint(
            "state IN ('sealed', 'waiting', 'open', 'refused')", name="sealed_receivers_state_check"
        ),
    )
    op.create_index(
        "sealed_receivers_due_idx",
        "sealed_receivers",
        ["next_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_table("sealed_receivers")
