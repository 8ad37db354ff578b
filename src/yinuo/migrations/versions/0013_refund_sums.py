"""When a refund was made, and the sum of a payment's refunds where only that was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_refund_sums"
down_revision = "0012_stock_lag"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("refunds", sa.Column("so_far_fen", sa.BigInteger))
    op.add_column("refunds", sa.Column("refunded_at", sa.DateTime(timezone=True)))
    op.create_index("refunds_refunded_at_idx", "refunds", ["refunded_at"])
    op.create_index("payments_paid_at_idx", "payments", ["paid_at"])


def downgrade() -> None:
    op.drop_index("payments_paid_at_idx", table_name="payments")
    op.drop_index("refunds_refunded_at_idx", table_name="refunds")
    op.drop_column("refunds", "refunded_at")
    op.drop_column("refunds", "so_far_fen")
