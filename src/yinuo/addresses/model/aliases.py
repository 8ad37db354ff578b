"""What customer service taught: texts that mean a division, and where each of them holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from yinuo.addresses.model.places import Located
from yinuo.addresses.model.table import CUSTOMARY, FORMER, FULL, Table
from yinuo.addresses.model.table import table as known_table
from yinuo.addresses.model.types import Alias, AliasScope

_ORDER = {AliasScope.SHOP: 0, AliasScope.CITY: 1, AliasScope.EVERYWHERE: 2}
_PLAIN = frozenset({FULL, CUSTOMARY, FORMER})


class Applied(NamedTuple):
    """An alias that decides: the region, perhaps a town, and where its text stands."""

    alias: Alias
    place: int
    town: int
    span: tuple[int, int]


class AliasIndex:
    """Finds aliases in a text; those whose code is not in the table are left out."""

    def __init__(self, table: Table, aliases: Sequence[Alias]) -> None:
        self._table = table
        self._by_text: dict[str, list[tuple[Alias, int, int]]] = {}
        for alias in aliases:
            text = table.folding.fold(alias.text).strip()
            place, town = place_of_code(table, alias.code)
            if text and place >= 0:
                self._by_text.setdefault(text, []).append((alias, place, town))
        self._texts = list(self._by_text)
        self._automaton = AhoCorasick(self._texts) if self._texts else None

    def touches(self, text: str) -> bool:
        """Tell whether the text of any alias stands in a folded text."""
        return self._automaton is not None and bool(self._automaton.find_matches_as_indexes(text))

    def apply(self, text: str, located: Located, shop: str | None) -> Applied | None:
        """Return the alias that decides where a text lies: the longest, then the nearest scope.

        An alias gives way to a region that the text names in full outside the alias's own words.
        """
        if self._automaton is None:
            return None
        fitting = [
            Applied(alias, place, town, (start, end))
            for number, start, end in self._automaton.find_matches_as_indexes(
                text, overlapping=True
            )
            for alias, place, town in self._by_text[self._texts[number]]
            if self._holds(alias, located, shop) and self._agrees(place, (start, end), located)
        ]
        if not fitting:
            return None
        return min(
            fitting,
            key=lambda a: (a.span[0] - a.span[1], _ORDER[a.alias.scope], a.span[0], a.alias.id),
        )

    def _holds(self, alias: Alias, located: Located, shop: str | None) -> bool:
        if alias.scope is AliasScope.SHOP:
            return shop is not None and alias.scope_value == shop
        if alias.scope is AliasScope.CITY:
            if located.place < 0:
                return False
            city = self._table.lines[self._table.answered(located.place)][1]
            return city >= 0 and self._table.codes[city] == alias.scope_value
        return True

    def _agrees(self, place: int, span: tuple[int, int], located: Located) -> bool:
        above = self._table.above
        return not any(
            hit.kind in _PLAIN
            and not (span[0] <= hit.start and hit.end <= span[1])
            and hit.place != place
            and hit.place not in above[place]
            and place not in above[hit.place]
            for hit in located.hits
        )


def place_of_code(table: Table, code: str) -> tuple[int, int]:
    """Return the region (-1 for none) and the town (-1 for none) that a code means.

    Codes of two, four, six, nine and twelve digits are understood; codes that are no longer in
    force answer their successor.
    """
    digits = code.strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) not in {2, 4, 6, 9, 12}:
        return -1, -1
    six = digits[:6].ljust(6, "0")
    place = table.place_of.get(six, table.old_codes.get(six, -1))
    if place < 0 or len(digits) < 9 or digits[6:9] == "000":
        return place, -1
    return table.town_of_code(digits[:9], place)


def conflicts_of(new: Alias, aliases: Iterable[Alias]) -> tuple[Alias, ...]:
    """Return the aliases that say something else of the same text where the new one holds, too."""
    fold = known_table().folding.fold
    text = fold(new.text).strip()
    return tuple(
        alias
        for alias in aliases
        if alias.id != new.id
        and alias.code != new.code
        and fold(alias.text).strip() == text
        and _meet(alias, new)
    )


def _meet(one: Alias, other: Alias) -> bool:
    if AliasScope.EVERYWHERE in {one.scope, other.scope} or one.scope is not other.scope:
        return True
    return one.scope_value == other.scope_value
