"""How often signing in may be tried, and how long to wait after failures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

FORGOTTEN_AFTER = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=15)
_FIRST_WAIT = timedelta(seconds=15)


class TryScope(Enum):
    """What tries are counted for.

    The pair locks soon; a user name alone locks late, so that a stranger elsewhere does not lock
    somebody out at her own desk; an address alone locks late, since an office shares one.
    """

    PAIR = "pair"
    USER = "user"
    ADDRESS = "address"


FREE_TRIES = {TryScope.PAIR: 5, TryScope.USER: 25, TryScope.ADDRESS: 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Tries since the last success; no further try is taken before `locked_until`."""

    scope: TryScope
    key: str
    count: int
    last_at: datetime
    locked_until: datetime | None


def seconds_locked(tries: list[Tries], now: datetime) -> int:
    """Return how many seconds to wait until a try is taken; 0 when one is taken now."""
    ends = [one.locked_until for one in tries if one.locked_until and one.locked_until > now]
    return max((-int((now - end).total_seconds() // 1) for end in ends), default=0)


def count_try(tries: Tries, now: datetime) -> Tries:
    """Return the count with one more try, which stays counted unless it succeeds.

    It is counted before the password is looked at, so tries in parallel do not slip through.
    The wait doubles with each further failure, from 15 seconds to 15 minutes.
    """
    count = 1 if now - tries.last_at >= FORGOTTEN_AFTER else tries.count + 1
    over = count - FREE_TRIES[tries.scope]
    wait = min(_FIRST_WAIT * 2 ** min(max(over, 0), 10), LONGEST_WAIT)
    return replace(tries, count=count, last_at=now, locked_until=now + wait if over >= 0 else None)


def after_success(tries: Tries) -> Tries:
    """Return the count after the password was right.

    The person's own counts start again; the address only gets this try back, or one known
    password would let an address guess at others without end.
    """
    left = max(tries.count - 1, 0) if tries.scope is TryScope.ADDRESS else 0
    return replace(tries, count=left, locked_until=None)
