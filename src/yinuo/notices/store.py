"""The SQL of robots' notices."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.core.db import Session
from yinuo.notices.model import NoticeKey, NoticeState, NoticeWords, RobotNotice
from yinuo.notices.tables import RobotNoticeRow


def insert_new(session: Session, key: NoticeKey, words: NoticeWords, *, now: datetime) -> bool:
    """Keep a notice that waits to be sent; False when it is there already."""
    made = session.execute(
        insert(RobotNoticeRow)
        .values(
            day=key.day,
            edition=key.edition,
            robot=key.robot,
            state=NoticeState.WAITING.value,
            title=words.title,
            lines=list(words.lines),
            link=words.link,
            attempt=1,
            tries=0,
            is_repeat=False,
            error="",
            made_at=now,
            next_at=now,
        )
        .on_conflict_do_nothing()
        .returning(RobotNoticeRow.edition)
    )
    return made.one_or_none() is not None


def lock(session: Session, key: NoticeKey) -> RobotNotice | None:
    """Return a notice that nobody else changes until the transaction ends."""
    row = session.execute(
        sa.select(RobotNoticeRow).where(*_at(key)).with_for_update()
    ).scalar_one_or_none()
    return _notice(row) if row is not None else None


def list_day(session: Session, day: date) -> list[RobotNotice]:
    """Return the notices of a day, the newest edition first, robots by name."""
    rows = session.execute(
        sa.select(RobotNoticeRow)
        .where(RobotNoticeRow.day == day)
        .order_by(RobotNoticeRow.edition.desc(), RobotNoticeRow.robot)
    ).scalars()
    return [_notice(row) for row in rows]


def save(session: Session, notice: RobotNotice) -> None:
    """Keep how the sending of a locked notice stands."""
    session.execute(
        sa.update(RobotNoticeRow)
        .where(*_at(notice.key))
        .values(
            state=notice.state.value,
            attempt=notice.attempt,
            tries=notice.tries,
            is_repeat=notice.is_repeat,
            error=notice.error,
            next_at=notice.next_at,
            told_at=notice.told_at,
        )
    )


def _at(key: NoticeKey) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        RobotNoticeRow.day == key.day,
        RobotNoticeRow.edition == key.edition,
        RobotNoticeRow.robot == key.robot,
    )


def _notice(row: RobotNoticeRow) -> RobotNotice:
    return RobotNotice(
        key=NoticeKey(day=row.day, edition=row.edition, robot=row.robot),
        state=NoticeState(row.state),
        words=NoticeWords(title=row.title, lines=tuple(row.lines), link=row.link),
        attempt=row.attempt,
        tries=row.tries,
        is_repeat=row.is_repeat,
        error=row.error,
        next_at=row.next_at,
        told_at=row.told_at,
    )
