"""The table of what robots are told."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from yinuo.core.db import Base
from yinuo.notices.model import NoticeState

_STATES = ", ".join(f"'{state.value}'" for state in NoticeState)


class RobotNoticeRow(Base):
    """A day's edition for one robot; `attempt` fences attempts that were overtaken."""

    __tablename__ = "robot_notices"
    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    robot: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    title: Mapped[str]
    lines: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text))
    link: Mapped[str]
    attempt: Mapped[int]
    tries: Mapped[int]
    is_repeat: Mapped[bool]
    error: Mapped[str] = mapped_column(server_default="")
    made_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    __table_args__ = (sa.CheckConstraint(f"state IN ({_STATES})", name="state"),)
