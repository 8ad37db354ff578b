"""What group robots are told of a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_robot_notices"
down_revision = "0023_imports"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "robot_notices",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("edition", sa.BigInteger, nullable=False),
        sa.Column("robot", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("lines", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("attempt", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.BigInteger, nullable=False),
        sa.Column("is_repeat", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text, server_default="", nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("next_at", _TIME),
        sa.Column("told_at", _TIME),
        sa.PrimaryKeyConstraint("day", "edition", "robot", name="robot_notices_pkey"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'told', 'failed')", name="robot_notices_state_check"
        ),
    )


def downgrade() -> None:
    op.drop_table("robot_notices")
