"""Under which number of an order no money can come any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_payment_closed"
down_revision = "0014_observing"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("payment_queries", sa.Column("closed_number", sa.Text))


def downgrade() -> None:
    op.drop_column("payment_queries", "closed_number")
