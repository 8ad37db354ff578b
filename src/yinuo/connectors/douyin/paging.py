"""Where a reading of a window stands; pure.

Douyin counts pages over the orders of a window as they are now, oldest change first. One that
changes meanwhile leaves its page and moves the later ones forward. So the window is made shorter
instead: it begins again at the last second that was read. Pages are counted only where one second
holds more orders than a page; what moves within that one, the next window's overlap finds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"(\d{1,12}):(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """The second from which to read, and the page of what changed since."""

    start: int
    page: int

    @classmethod
    def of(cls, cursor: str | None) -> Place | None:
        """Return the place in a cursor; None for none, and for one that is not ours."""
        found = _FORM.fullmatch(cursor or "")
        return cls(int(found[1]), int(found[2])) if found else None

    @property
    def cursor(self) -> str:
        """Return the place as a cursor."""
        return f"{self.start}:{self.page}"

    def after(self, last: int) -> Place:
        """Return the place after a full page whose last order changed in the second `last`."""
        return Place(last, 0) if last > self.start else Place(self.start, self.page + 1)
