"""Tables of exceptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_exceptions"
down_revision = "0007_fulfillment"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "work_items",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject_type", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("subject_label", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("params", postgresql.JSONB, nullable=False),
        sa.Column("owner_role", sa.Text, nullable=False),
        sa.Column("assignee", sa.Text),
        sa.Column("assignee_name", sa.Text, nullable=False),
        sa.Column("deadline", _TIME, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("resolution", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("resolved_at", _TIME),
        sa.Column("resolved_by", sa.Text),
        sa.Column("resolved_by_name", sa.Text, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'claimed', 'resolved')", name="work_items_state_check"
        ),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_at IS NOT NULL AND resolution IS NOT NULL)",
            name="work_items_resolved_check",
        ),
        sa.CheckConstraint(
            "(state = 'claimed') <= (assignee IS NOT NULL)", name="work_items_claimed_check"
        ),
    )
    op.create_index(
        "work_items_one_open_idx",
        "work_items",
        ["kind", "subject_type", "subject_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_index(
        "work_items_deadline_idx",
        "work_items",
        ["deadline", "id"],
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_index(
        "work_items_resolved_at_idx",
        "work_items",
        ["resolved_at", "id"],
        postgresql_where=sa.text("state = 'resolved'"),
    )
    op.create_index(
        "work_items_subject_type_subject_id_idx", "work_items", ["subject_type", "subject_id"]
    )


def downgrade() -> None:
    op.drop_table("work_items")
