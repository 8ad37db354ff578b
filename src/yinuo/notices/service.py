"""The verbs of robots' notices; each attempt is known by its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from yinuo.core.db import Session
from yinuo.notices import store
from yinuo.notices.model import (
    LONGEST_SENDING,
    NoticeKey,
    NoticeState,
    NoticeUnderway,
    NoticeWords,
    RobotNotice,
    UnknownNotice,
    pause_after,
)


def plan(session: Session, key: NoticeKey, words: NoticeWords, *, now: datetime) -> bool:
    """Return whether the notice is new; a repeat changes nothing."""
    return store.insert_new(session, key, words, now=now)


def list_day(session: Session, day: date) -> list[RobotNotice]:
    """Return the notices of a day, the newest edition first."""
    return store.list_day(session, day)


def begin(session: Session, key: NoticeKey, attempt: int, *, now: datetime) -> RobotNotice | None:
    """Return the notice to send now, None where this attempt was overtaken or has told it.

    An attempt that is found under way broke off while it spoke: what it says now may be a repeat.
    """
    notice = store.lock(session, key)
    if notice is None or notice.attempt != attempt:
        return None
    if notice.state not in {NoticeState.WAITING, NoticeState.SENDING}:
        return None
    begun = replace(
        notice,
        state=NoticeState.SENDING,
        tries=notice.tries + 1,
        is_repeat=notice.is_repeat or notice.state is NoticeState.SENDING,
        next_at=now + LONGEST_SENDING,
    )
    store.save(session, begun)
    return begun


def note_told(session: Session, key: NoticeKey, attempt: int, *, now: datetime) -> None:
    """Keep that the vendor acknowledged the notice."""
    notice = _own(session, key, attempt)
    if notice is not None:
        store.save(session, replace(notice, state=NoticeState.TOLD, error="", told_at=now))


def note_failed(session: Session, key: NoticeKey, attempt: int, *, error: str) -> None:
    """Keep that the notice is not tried any more, and why."""
    notice = _own(session, key, attempt)
    if notice is not None:
        store.save(session, replace(notice, state=NoticeState.FAILED, error=error))


def put_off(
    session: Session,
    key: NoticeKey,
    attempt: int,
    *,
    error: str,
    asked_seconds: int,
    is_repeat: bool,
    now: datetime,
) -> RobotNotice | None:
    """Return the notice with its next attempt, None when it has been tried often enough."""
    notice = _own(session, key, attempt)
    if notice is None:
        return None
    pause = pause_after(notice.tries, asked_seconds=asked_seconds)
    if pause is None:
        return None
    later = replace(
        notice,
        state=NoticeState.WAITING,
        attempt=attempt + 1,
        is_repeat=notice.is_repeat or is_repeat,
        error=error,
        next_at=now + timedelta(seconds=pause),
    )
    store.save(session, later)
    return later


def again(session: Session, key: NoticeKey, *, now: datetime) -> RobotNotice:
    """Return the notice with a new attempt, as a person asks; one that was told is a repeat.

    An attempt that is under way for too long has broken off. Raises UnknownNotice, NoticeUnderway.
    """
    notice = store.lock(session, key)
    if notice is None:
        raise UnknownNotice(robot=key.robot)
    is_sending = notice.state is NoticeState.SENDING
    if is_sending and notice.next_at is not None and now < notice.next_at:
        raise NoticeUnderway(robot=key.robot)
    anew = replace(
        notice,
        state=NoticeState.WAITING,
        attempt=notice.attempt + 1,
        tries=0,
        is_repeat=notice.is_repeat or is_sending or notice.told_at is not None,
        next_at=now,
    )
    store.save(session, anew)
    return anew


def _own(session: Session, key: NoticeKey, attempt: int) -> RobotNotice | None:
    """Return the locked notice while this attempt is the one that speaks."""
    notice = store.lock(session, key)
    if notice is None or notice.attempt != attempt:
        return None
    return notice if notice.state is NoticeState.SENDING else None
