"""Daily summaries that people were told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022_summaries"
down_revision = "0021_certificates"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "summaries",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("edition", sa.BigInteger, nullable=False),
        sa.Column("told_at", _TIME, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("day", "edition", name="summaries_pkey"),
    )


def downgrade() -> None:
    op.drop_table("summaries")
