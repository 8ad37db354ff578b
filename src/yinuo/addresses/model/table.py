"""The division table in memory: loaded once, on the first answer, from the compact file beside it.

Places are numbers. Regions (provinces, prefectures, counties, prefectures of old) come first, towns
after them. A pattern is a text that leads to places; the automaton finds all of them in one scan.
"""

from __future__ import annotations

import gc
import json
import zlib
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from yinuo.addresses.model.columns import Columns
from yinuo.addresses.model.names import town_stem
from yinuo.addresses.model.normalise import folding
from yinuo.addresses.model.types import Division, Level

FULL, SHORT, SWAPPED, FORMER, CUSTOMARY, GENERIC, SPLIT, KNOWN, WEAK = range(9)

FILE = Path(__file__).with_name("divisions.json.zlib")
_LEVELS = (Level.PROVINCE, Level.CITY, Level.DISTRICT, Level.TOWN)
_MUNICIPALITIES = frozenset({"11", "12", "31", "50"})


class Entry(NamedTuple):
    """One place that a text may mean, and by which kind of name."""

    place: int
    kind: int


class Table:
    """The division table with its indexes; read-only after loading."""

    def __init__(self, data: dict[str, object]) -> None:
        columns = Columns(data)
        self.date = columns.text("date")
        self.codes = columns.words("codes")
        self.names = columns.words("names")
        self.parents: list[int] = columns.numbers("parents")
        self.heirs = {int(old): new for old, new in columns.mapping("heirs").items()}
        self.own = frozenset(columns.numbers("own"))
        self.transfers = {int(k): tuple(v) for k, v in columns.lists("transfers").items()}
        self.old_codes = columns.mapping("old_codes")
        self.zones: dict[int, list[tuple[str, int]]] = {}
        for city, text, district in columns.zones():
            self.zones.setdefault(city, []).append((text, district))
        self.given_by: dict[int, set[int]] = {}
        for old, taken in self.transfers.items():
            for new in taken:
                self.given_by.setdefault(new, set()).add(old)
        self.regions = len(self.codes)
        self.place_of = {code: place for place, code in enumerate(self.codes)}
        for old in self.heirs:
            self.place_of[self.codes[old]] = old
        self._lineages(columns)
        self.folding = folding(columns.text("simplified"))
        self._patterns(columns)
        self._syllables = columns.texts("syllables")
        # Filled by the scan: how telling a pattern is for each of its places.
        self.weights: dict[int, tuple[float, ...]] = {}
        self._divisions: dict[int, Division] = {}
        self._lines: dict[int, tuple[Division | None, Division | None, Division | None]] = {}
        self._stems: dict[int, dict[str, int]] = {}

    def _lineages(self, columns: Columns) -> None:
        """Work out for every region its level, its line of places and all that counts as above it."""
        self.levels: list[int] = []
        self.lines: list[tuple[int, int, int]] = []
        former = {int(k): v for k, v in columns.lists("former_parents").items()}
        self.above: list[frozenset[int]] = []
        self.children: dict[int, list[int]] = {}
        for place, parent in enumerate(self.parents):
            if parent < 0:
                level, line = 1, (place, -1, -1)
            elif self.parents[parent] < 0:
                level, line = 2, (parent, place, -1)
            else:
                level, line = 3, (self.parents[parent], parent, place)
            self.levels.append(level)
            self.lines.append(line)
            self.above.append(
                frozenset([p for p in line[: level - 1] if p >= 0] + former.get(place, []))
            )
            self.children.setdefault(parent, []).append(place)

    def _patterns(self, columns: Columns) -> None:
        """Index the names of regions and towns, and build the automaton over all of them."""
        named = columns.lists("patterns")
        patterns = list(named)
        self.entries: list[tuple[tuple[int, int], ...]] = [
            ((v[0], v[1]),) if len(v) == 2 else tuple(zip(v[::2], v[1::2], strict=True))
            for v in named.values()
        ]
        self.region_patterns = len(patterns)
        self.town_names: list[str] = []
        self.town_parents: list[int] = []
        self.town_spans: dict[int, tuple[int, int]] = {}
        self.town_codes = columns.texts("town_codes")
        self.respelt = columns.texts("respelt")
        for area, text in columns.texts("towns").items():
            place = self.place_of[area]
            start = len(self.town_names)
            self.town_names += text.split(" ")
            end = len(self.town_names)
            self.town_parents += [place] * (end - start)
            self.town_spans[place] = (start, end)
        # Tuples of numbers are nothing for the collector to look through, lists of them are.
        towns: dict[str, tuple[int, ...]] = {}
        for number, name in enumerate(self.town_names):
            towns[name] = (*towns[name], number) if name in towns else (number,)
        self.pattern_of = named
        names = [name for name in towns if len(name) > 2 and name not in named]
        # By pattern: what towns a text may mean; few names of regions are names of towns, too.
        self.towns: list[Sequence[int]] = [towns.get(name, ()) for name in patterns]
        self.towns += [towns[name] for name in names]
        self.towns_named = towns
        self.patterns = patterns + names
        self._flags(patterns, len(names))
        self.automaton = AhoCorasick(self.patterns, store_patterns=False)
        self.find = self.automaton.find_matches_as_indexes

    def _flags(self, patterns: list[str], towns: int) -> None:
        """Work out by pattern what the scan asks of every hit, and the heads of usual chains."""
        weak, plain = {SHORT, KNOWN, WEAK}, {FULL, GENERIC, CUSTOMARY, SHORT, KNOWN}
        known = plain | {FORMER, SWAPPED}
        levels = self.levels
        # Prefectures without districts: towns lie directly below.
        without = {p for p in self.town_spans if levels[p] == 2 and p not in self.children}
        whole = [text[-1] in "省市区县旗州盟" for text in patterns]
        strong = [
            any(kind not in weak and (kind != SPLIT or is_whole) for _, kind in of)
            for of, is_whole in zip(self.entries, whole, strict=False)
        ]
        solid = [
            is_strong and any(kind not in weak and kind != SWAPPED for _, kind in of)
            for of, is_strong in zip(self.entries, strong, strict=True)
        ]
        county = [
            all(levels[place] == 3 or place in without for place, _ in of)
            and any(kind in known for _, kind in of)
            for of in self.entries
        ]
        full_city = [
            len(of) == 1 and of[0][1] == FULL and levels[of[0][0]] == 2 for of in self.entries
        ]
        # Bytes lie close together: a list of as many objects costs a cache miss each time.
        self.is_strong = bytes(strong) + b"\1" * towns
        self.is_solid = bytes(solid) + b"\1" * towns
        self.is_county = bytes(county) + b"\0" * towns
        self.is_full_city = bytes(full_city) + b"\0" * towns
        self._make_heads(patterns, plain)

    def _make_heads(self, patterns: list[str], plain: set[int]) -> None:
        """Collect the texts that stand for a county's parents in the usual chains."""
        levels, parents, lines = self.levels, self.parents, self.lines
        short: dict[int, list[str]] = {}
        for text, of in zip(patterns, self.entries, strict=False):
            for place, kind in of:
                if levels[place] < 3 and kind in plain and place not in self.heirs:
                    short.setdefault(place, []).append(text)
        self.heads: dict[str, int] = {}
        for place, texts in short.items():
            for text in texts:
                self._add_head(text, place)
                if parents[place] >= 0:
                    tops = short[lines[place][0]]
                    for above in [*tops, *(one + other for one in tops[:2] for other in tops[:2])]:
                        self._add_head(above + text, place)
                elif self.codes[place][:2] in _MUNICIPALITIES:
                    for again in texts:
                        self._add_head(text + again, place)
        self.heads = {text: place for text, place in self.heads.items() if place >= 0}

    def _add_head(self, text: str, place: int) -> None:
        """Let a text stand for the parents of a county; what stands for two stands for none."""
        self.heads[text] = place if self.heads.get(text, place) == place else -1

    @cached_property
    def sounds(self) -> dict[str, str]:
        """Return how characters sound: character to syllable without tone."""
        return {char: sound for sound, chars in self._syllables.items() for char in chars}

    def answered(self, place: int) -> int:
        """Return the place that is answered for another: an heir, or a municipality's city."""
        place = self.heirs.get(place, place)
        if self.levels[place] == 1 and self.codes[place][:2] in _MUNICIPALITIES:
            return self.place_of[self.codes[place][:2] + "0100"]
        return place

    def division(self, place: int) -> Division:
        """Return the division of a region or town."""
        known = self._divisions.get(place)
        if known is None:
            known = self._divisions[place] = self._make(place)
        return known

    def divisions(self, place: int) -> tuple[Division | None, Division | None, Division | None]:
        """Return province, city and district of a region, or three times nothing."""
        known = self._lines.get(place)
        if known is None:
            line = self.lines[place] if place >= 0 else (-1, -1, -1)
            province, city, district = (self.division(p) if p >= 0 else None for p in line)
            known = self._lines[place] = (province, city, district)
        return known

    def _make(self, place: int) -> Division:
        if place < self.regions:
            level = _LEVELS[self.levels[place] - 1]
            return Division(self.codes[place], self.names[place], level, place in self.own)
        number = place - self.regions
        parent = self.town_parents[number]
        area = self.codes[parent]
        code = self.town_codes[area].split(" ")[number - self.town_spans[parent][0]]
        name = self.town_names[number]
        full = code if len(code) == 9 else area + code
        return Division(full, self.respelt.get(name, name), Level.TOWN, parent in self.own)

    def town_of_code(self, code: str, place: int) -> tuple[int, int]:
        """Return the region and the town of a nine-digit code; no town when it is not known."""
        for area, short in ((code[:6], code[6:]), (self.codes[place], code)):
            codes = self.town_codes.get(area, "").split(" ")
            for wanted in (short, code):
                if wanted in codes:
                    region = self.place_of[area]
                    return region, self.regions + self.town_spans[region][0] + codes.index(wanted)
        return place, -1

    def stems(self, place: int) -> dict[str, int]:
        """Return the towns of a region by their names without suffix, and by full name."""
        known = self._stems.get(place)
        if known is None:
            known = self._stems[place] = self._make_stems(place)
        return known

    def _make_stems(self, place: int) -> dict[str, int]:

        start, end = self.town_spans.get(place, (0, 0))
        whole = {self.town_names[number]: number + self.regions for number in range(start, end)}
        found: dict[str, int] = {}
        twice = set()
        for name, town in whole.items():
            stem = town_stem(name)
            if len(stem) > 1 and stem not in whole:
                if stem in found:
                    twice.add(stem)
                found[stem] = town
        return whole | {stem: town for stem, town in found.items() if stem not in twice}


@lru_cache(maxsize=1)
def table() -> Table:
    """Return the division table, loading it the first time."""
    was_enabled = gc.isenabled()
    gc.disable()  # all that is made here stays; looking through it again and again takes long
    try:
        return Table(json.loads(zlib.decompress(FILE.read_bytes())))
    finally:
        if was_enabled:
            gc.enable()
