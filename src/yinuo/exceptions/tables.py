"""The table of work items."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core.db import Base
from yinuo.core.errors import JsonValue
from yinuo.exceptions.model import WorkItemState

_STATES = ", ".join(f"'{state.value}'" for state in WorkItemState)


class WorkItemRow(Base):
    """One thing that a person must clear; at most one open per kind and subject."""

    __tablename__ = "work_items"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[str]
    subject_label: Mapped[str]
    code: Mapped[str]
    params: Mapped[dict[str, JsonValue]] = mapped_column(JSONB)
    owner_role: Mapped[str]
    assignee: Mapped[str | None]
    assignee_name: Mapped[str]
    deadline: Mapped[datetime]
    state: Mapped[str]
    resolution: Mapped[str | None]
    note: Mapped[str]
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    resolved_by_name: Mapped[str]
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state"),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolved_at IS NOT NULL AND resolution IS NOT NULL)",
            name="resolved",
        ),
        sa.CheckConstraint("(state = 'claimed') <= (assignee IS NOT NULL)", name="claimed"),
        sa.Index(
            "work_items_one_open_idx",
            "kind",
            "subject_type",
            "subject_id",
            unique=True,
            postgresql_where=sa.text("state <> 'resolved'"),
        ),
        sa.Index(
            "work_items_deadline_idx",
            "deadline",
            "id",
            postgresql_where=sa.text("state <> 'resolved'"),
        ),
        sa.Index(
            "work_items_resolved_at_idx",
            "resolved_at",
            "id",
            postgresql_where=sa.text("state = 'resolved'"),
        ),
        sa.Index("work_items_subject_type_subject_id_idx", "subject_type", "subject_id"),
    )
