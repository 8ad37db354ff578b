"""Where a reading of pages from the last to the first stands; pure.

Pinduoduo counts pages over the orders of a window as they are now, oldest change first. One that
leaves moves the later ones forward, onto pages that are still to be read. One that appears moves
them back, onto pages that were read already: the total tells, and all pages are read again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"(\d{1,7}):(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """The page to read next, and how many orders there were when that was decided."""

    page: int
    total: int

    @classmethod
    def last(cls, total: int, *, size: int) -> Place:
        """Return the last page of so many orders; page 0 when there are none."""
        return cls(-(-total // size), total)

    @classmethod
    def of(cls, cursor: str | None) -> Place | None:
        """Return the place in a cursor; None for none, and for one that is not ours."""
        found = _FORM.fullmatch(cursor or "")
        return cls(int(found[1]), int(found[2])) if found else None

    @property
    def cursor(self) -> str | None:
        """Return the place as a cursor, None when every page was read."""
        return f"{self.page}:{self.total}" if self.page > 0 else None

    def after(self, total: int, *, size: int) -> Place:
        """Return the place after this page was read and `total` orders were counted with it.

        What came may stand anywhere, so it begins anew. That is rare in a window that ended
        minutes ago, and reading an order twice does no harm.
        """
        if total > self.total:
            return Place.last(total, size=size)
        return Place(self.page - 1, total)
