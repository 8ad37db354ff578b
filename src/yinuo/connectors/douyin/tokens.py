"""The access token of one process: renewed before its last hour, or once it is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yinuo.connectors.protocols import Unavailable
from yinuo.core import clock

LAST_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An access token, the refresh token that gives the next one, and when the first ends."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    ends_at: datetime


class Tokens:
    """Holds the pair in memory; several threads that need another one renew it once.

    `renew` makes a pair from a refresh token, or a first one from an empty text.
    """

    def __init__(self, refresh: str, renew: Callable[[str], Pair]) -> None:
        self._first = refresh
        self._renew = renew
        self._pair: Pair | None = None
        self._lock = threading.Lock()

    def access(self) -> str:
        """Return the token to use now; raises what renewing raises where there is no other."""
        with self._lock:
            pair = self._pair
            if pair is None:
                pair = self._pair = self._renew(self._first)
            elif pair.ends_at - clock.now() < LAST_HOUR:
                pair = self._pair = self._in_time(pair)
            return pair.access

    def instead_of(self, refused: str) -> str:
        """Return another token than the refused one; raises what renewing raises."""
        with self._lock:
            if self._pair is None or self._pair.access == refused:
                self._pair = self._renew(self._pair.refresh if self._pair else self._first)
            return self._pair.access

    def _in_time(self, pair: Pair) -> Pair:
        """Return the next pair; the present one will do where the next cannot be had yet."""
        try:
            return self._renew(pair.refresh)
        except Unavailable:
            if pair.ends_at <= clock.now():
                raise
            return pair
