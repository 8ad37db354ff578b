"""Choosing a division by hand: what lies in an area, what is called so, and the line of a code."""

from __future__ import annotations

from typing import NamedTuple

from yinuo.addresses.model.aliases import place_of_code
from yinuo.addresses.model.table import Table, table
from yinuo.addresses.model.types import Division

MOST_FOUND = 20


class Line(NamedTuple):
    """A division with all that lies above it; the deepest that is there is the one meant."""

    province: Division | None = None
    city: Division | None = None
    district: Division | None = None
    town: Division | None = None

    @property
    def code(self) -> str:
        """Return the code of the deepest division, empty where there is none."""
        deepest = self.town or self.district or self.city or self.province
        return deepest.code if deepest else ""


def line_of(code: str) -> Line | None:
    """Return the line of a code of 2, 4, 6, 9 or 12 digits; None for one that the table lacks.

    A code that is no longer in force gives its successor's line.
    """
    known = table()
    place, town = place_of_code(known, code)
    return None if place < 0 else _line(known, place, town)


def children_of(code: str | None = None) -> tuple[Division, ...]:
    """Return the divisions directly below a code, or all provinces; towns below districts."""
    known = table()
    if code is None:
        return tuple(known.division(place) for place in known.children[-1])
    place, town = place_of_code(known, code)
    if place < 0 or town >= 0:
        return ()
    below = [child for child in known.children.get(place, ()) if child not in known.heirs]
    start, end = known.town_spans.get(place, (0, 0))
    return tuple(
        known.division(one)
        for one in (*below, *(number + known.regions for number in range(start, end)))
    )


def search(text: str, *, limit: int = MOST_FOUND) -> tuple[Line, ...]:
    """Return the lines whose names hold every word of a text, the larger and shorter ones first."""
    known = table()
    words = known.folding.fold(text).split()
    if not words or len(words) > 5:
        return ()
    last = words[-1]
    found = [
        place
        for place in range(known.regions)
        if last in known.names[place] and place not in known.heirs
    ]
    towns = [number for number, name in enumerate(known.town_names) if last in name]
    lines = [_line(known, place, -1) for place in found]
    lines += [
        _line(known, known.town_parents[number], number + known.regions)
        for number in towns[: 50 * limit]
    ]
    fitting = [line for line in dict.fromkeys(lines) if _holds(line, words)]
    fitting.sort(key=lambda line: (_depth(line), len(_deepest(line).name), line.code))
    return tuple(fitting[:limit])


def _line(known: Table, place: int, town: int) -> Line:
    province, city, district = known.divisions(known.answered(place))
    return Line(province, city, district, known.division(town) if town >= 0 else None)


def _holds(line: Line, words: list[str]) -> bool:
    names = [one.name for one in line if one is not None]
    return all(any(word in name for name in names) for word in words)


def _depth(line: Line) -> int:
    return sum(one is not None for one in line)


def _deepest(line: Line) -> Division:
    return next(one for one in reversed(line) if one is not None)
