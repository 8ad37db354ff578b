"""What a shop sells and who carries it, by the hub's codes: lists of Pinduoduo's, kept a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from yinuo.core import clock

T = TypeVar("T")
LIFE = timedelta(minutes=10)
MISSED = timedelta(minutes=1)  # something new is looked for after a minute, not in every call


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One thing on sale, by Pinduoduo's own numbers."""

    goods_id: int
    sku_id: int


class Kept(Generic[T]):
    """A list by code that is read anew when it is old, or when it lacks what is asked for."""

    def __init__(self, read: Callable[[], Mapping[str, T]]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._found: Mapping[str, T] = {}
        self._as_of: datetime | None = None

    def get(self, code: str) -> T | None:
        """Return what the code stands for, None for nothing; raises what reading raises."""
        with self._lock:
            age = None if self._as_of is None else clock.now() - self._as_of
            if age is None or age > LIFE or (code not in self._found and age > MISSED):
                self._found, self._as_of = self._read(), clock.now()
            return self._found.get(code)

    def forget(self) -> None:
        """Read anew the next time: what is kept was wrong."""
        with self._lock:
            self._as_of = None
