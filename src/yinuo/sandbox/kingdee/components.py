"""How many calls the vendor's components take at once, and how long a save keeps one busy."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Components:
    """A counter of busy components; nobody waits for one: the third call is turned away."""

    def __init__(self, *, most: int) -> None:
        self.most = most
        self._busy = 0
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Give True and keep a component until the block ends, or False when all are busy."""
        with self._lock:
            has_one = self._busy < self.most
            self._busy += has_one
        try:
            yield has_one
        finally:
            with self._lock:
                self._busy -= has_one

    @property
    def busy(self) -> int:
        """Return how many are at work now."""
        return self._busy


def work(*, least: float, most: float) -> None:
    """Take as long as the component does: real seconds between the two."""
    if most > 0:
        time.sleep(random.uniform(min(least, most), most))  # noqa: S311 - dice, not secrets
