"""A robot's notice of a day: where it stands, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from yinuo.core.errors import Conflict, NotFound

# After this an attempt has surely ended, however its process fared.
LONGEST_SENDING = timedelta(minutes=5)
# Half a minute to half an hour: over an hour and a half in all.
PAUSES = (30, 60, 180, 600, 1200, 1800, 1800)


class UnknownNotice(NotFound):
    """No robot was told of that day in that edition; details: robot."""

    code = "notices.unknown_notice"


class NoticeUnderway(Conflict):
    """The notice is being sent at this moment; details: robot."""

    code = "notices.underway"


class NoticeState(StrEnum):
    """Where a notice stands."""

    WAITING = "waiting"
    SENDING = "sending"
    TOLD = "told"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeKey:
    """Which robot is told which edition of which day."""

    day: date
    edition: int
    robot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWords:
    """What a group is told, without marks of any vendor."""

    title: str
    lines: tuple[str, ...]
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotNotice:
    """One notice; `tries` counts since a person last asked, `is_repeat` that it may be seen twice."""

    key: NoticeKey
    state: NoticeState
    words: NoticeWords
    attempt: int
    tries: int
    is_repeat: bool
    error: str
    next_at: datetime | None
    told_at: datetime | None


def pause_after(tries: int, *, asked_seconds: int) -> int | None:
    """Return the seconds until the next try, at least what the vendor asked for; None to give up."""
    if tries > len(PAUSES):
        return None
    return max(PAUSES[max(tries, 1) - 1], asked_seconds)
