"""When to ask the payment provider about an unpaid order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_payment_queries"
down_revision = "0008_exceptions"


def upgrade() -> None:
    op.create_table(
        "payment_queries",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("asks", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("payment_queries")
