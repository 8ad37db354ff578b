"""A text without the gaps inside its words, and the way back to the places in the text itself."""

from __future__ import annotations

import re
from typing import NamedTuple

Span = tuple[int, int]

_GAP = re.compile(r"(?<=[一-鿿])[ \t\r\n]{1,3}(?=[一-鿿])")


class View(NamedTuple):
    """A text to read, and for every character of it the place in the text it was made from."""

    text: str
    places: tuple[int, ...]

    def back(self, span: Span) -> Span:
        """Return where a span of the view stands in the original text."""
        start, end = span
        if start >= len(self.places):
            return start, end
        return self.places[start], (self.places[end - 1] + 1 if end > start else self.places[start])


def has_gaps(text: str) -> bool:
    """Tell whether blanks stand between Chinese characters."""
    return _GAP.search(text) is not None


def squeezed(text: str) -> View:
    """Return the text without blanks between Chinese characters."""
    kept = []
    last = 0
    for gap in _GAP.finditer(text):
        kept.append((last, gap.start()))
        last = gap.end()
    kept.append((last, len(text)))
    places = tuple(place for start, end in kept for place in range(start, end))
    return View("".join(text[start:end] for start, end in kept), places)
