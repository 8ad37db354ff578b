"""The usual address: larger areas first, each written plainly, then a county and perhaps a town.

Half of all texts and more begin so. They are answered from one scan and two look-ups; whatever
is not exactly so is left to the thorough way, which gives the same answer for these, too.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from yinuo.addresses.model.chains import is_between
from yinuo.addresses.model.scan import GOES_ON, Span
from yinuo.addresses.model.table import (
    CUSTOMARY,
    FORMER,
    FULL,
    GENERIC,
    KNOWN,
    SHORT,
    SPLIT,
    SWAPPED,
    Table,
)
from yinuo.addresses.model.towns import Town, town_in, whole_name
from yinuo.addresses.model.typos import may_be_region
from yinuo.addresses.model.zones import zone_at

_SEPARATED = re.compile(r"[\W_]+|市辖区|市区|自治区直辖县级行政区划|省直辖县级行政区划")
_SPLIT_TOWN = re.compile(r"[一-鿿]{1,6}(?:[ \t\n]+[一-鿿]{0,5}){1,3}(?:镇|乡|道|办)")
_GAP = re.compile(r"[一-鿿][ \t\n]+[一-鿿]")
_LONGEST_HEAD = 40
_SURE = {
    FULL: 0.999,
    GENERIC: 0.995,
    CUSTOMARY: 0.995,
    FORMER: 0.99,
    SWAPPED: 0.98,
    SHORT: 0.985,
    KNOWN: 0.985,
}
_SURE_ALONE = 0.99


# A gap that parts nothing begins with a sign or with one of these characters.
_MAY_BE_NOTHING = frozenset("中市县省自直其所详收地区城境下的新生建兵郊州nNu")


class Quick(NamedTuple):
    """A county, its town, how sure, and the words that are used up."""

    place: int
    town: int
    sure: float
    used: tuple[tuple[int, int], ...]


class County(NamedTuple):
    """A county at the beginning of a text: by what name, its end, whether alone, the hits used."""

    place: int
    kind: int
    end: int
    is_alone: bool
    used_hits: int


_NO_COUNTY = County(-1, 0, 0, False, 0)
_NOTHING = Quick(-1, -1, 0.0, ())


def quick(table: Table, text: str) -> Quick | None:
    """Return where a usual address lies, None when the text is not plainly one."""
    hits = table.find(text, overlapping=True)
    if not hits:
        return _NOTHING if _names_nothing(text) else None
    start = hits[0][1]
    if start and not _is_front(text, start):
        return None
    county = _county(table, text, start, hits)
    if county.place < 0:
        return _quick_city(table, text, start, hits)
    if not _is_whole(text, county.kind, county.end):
        return None
    return _with_town(table, text, start, county, hits)


def _names_nothing(text: str) -> bool:
    """Tell whether a text without any known name has no word that may be a misspelt one."""
    return not text.isascii() and not may_be_region(text, 0) and not _GAP.search(text)


def _with_town(
    table: Table, text: str, start: int, county: County, hits: list[Span]
) -> Quick | None:
    """Return the county with its town, None when something after it may say otherwise."""
    place, kind, end, is_alone, index = county
    size = len(hits)
    while index < size and hits[index][2] <= end:
        index += 1
    tail = hits[index:]
    town, is_open = _next_town(table, text, place, end, tail)
    if is_open:
        return None
    if town is None and place in table.town_spans:
        towns = [(s, e, p) for p, s, e in tail if table.towns[p] and not text.startswith("口", e)]
        town = town_in(table, text, place, (start, end), towns)
        if town is None and (place in table.transfers or _SPLIT_TOWN.match(text, end)):
            return None
    last = town.end if town is not None and town.start >= end else end
    is_short = kind in (SHORT, KNOWN)
    if tail and not _is_quiet(table, text, place, last, tail, is_short=is_short):
        return None
    sure = _SURE_ALONE if is_alone else _SURE[kind]
    if town is None:
        return Quick(place, -1, sure, ((start, end),))
    if town.start == end:
        return Quick(place, town.place, sure, ((start, town.end),))
    return Quick(place, town.place, sure, ((start, end), (town.start, town.end)))


def _quick_city(table: Table, text: str, start: int, hits: list[Span]) -> Quick | None:
    """Return where an address lies that names a prefecture and plainly nothing below."""
    place, end, has_parent = -1, 0, False
    for pattern, s, e in hits:
        if place >= 0 and s >= end:
            break
        if table.is_full_city[pattern]:
            head = _head(table, text, start, e)
            if head >= 0:
                place, end, has_parent = head, e, s > start
    if place < 0 or table.levels[place] != 2:
        return None
    if place in table.town_spans and town_in(table, text, place, (start, end), []) is not None:
        return None
    if any(e > end and (s <= end or _tells(table, p)) for p, s, e in hits):
        return None
    if may_be_region(text, end) or zone_at(text, end) or _GAP.search(text, end):
        return None
    if text.startswith("场", end) or text[end + 1 : end + 2] in ("镇", "乡"):
        return None
    return Quick(place, -1, _SURE[FULL] if has_parent else _SURE_ALONE, ((start, end),))


def _tells(table: Table, pattern: int) -> bool:
    """Tell whether a name in the rest of a text may say where in a prefecture it lies."""
    return bool(table.is_strong[pattern] or table.towns[pattern])


def _is_front(text: str, start: int) -> bool:
    """Tell whether what stands before is nothing that could belong to the first name."""
    return (
        not "一" <= text[start - 1] <= "鿿"
        or (start == 2 and text.startswith("中国"))
        or (start == 7 and text.startswith("中华人民共和国"))
    )


def _is_whole(text: str, kind: int, end: int) -> bool:
    """Tell whether the county's name ends where it seems to, and is not the start of a word."""
    if kind in (SHORT, KNOWN):
        return GOES_ON.match(text, end) is None and not text[end : end + 1].isspace()
    return not (text.startswith("场", end) and text[end - 1] == "市")


def _county(table: Table, text: str, start: int, hits: list[Span]) -> County:
    """Return the county that stands right after its parents' names."""
    is_county, entries, heads = table.is_county, table.entries, table.heads
    place, best_kind, end, is_alone, index = -1, 0, 0, False, 0
    for number, (pattern, s, e) in enumerate(hits, 1):
        if not is_county[pattern]:
            continue
        if s >= end > 0:
            break
        of = entries[pattern]
        if s == start:
            if len(of) == 1 and of[0][1] == FULL:
                place, best_kind, end, is_alone, index = of[0][0], FULL, e, True, number
            continue
        head = heads.get(text[start:s], -1)
        if head < 0:
            head = _gapped_head(table, text, start, s)
            if head < 0:
                continue
        found = _child(table, head, of)
        if found is None:
            return _NO_COUNTY
        if found[0] >= 0:
            place, best_kind = found
            end, is_alone, index = e, False, number
    return County(place, best_kind, end, is_alone, index) if place >= 0 else _NO_COUNTY


def _child(table: Table, head: int, entries: tuple[tuple[int, int], ...]) -> tuple[int, int] | None:
    """Return which of some places lies in a region and by what kind of name, None for several."""
    parents = table.parents
    found = (-1, 0)
    for one in entries:
        parent = parents[one[0]]
        if parent != head and parents[parent] != head:
            continue
        if one[1] == SPLIT:
            return None
        if one[1] in _SURE and (found[0] < 0 or one[1] != SWAPPED):
            if found[0] >= 0 and found[1] != SWAPPED:
                return None
            found = one
    return found


def _head(table: Table, text: str, start: int, end: int) -> int:
    """Return the region that the words before a county mean, signs between them left out."""
    place = table.heads.get(text[start:end], -1)
    return place if place >= 0 else _gapped_head(table, text, start, end)


def _gapped_head(table: Table, text: str, start: int, end: int) -> int:
    head = text[start:end]
    if end - start > _LONGEST_HEAD or (head.isalnum() and "区" not in head):
        return -1
    return table.heads.get(_SEPARATED.sub("", head), -1)


def _next_town(
    table: Table, text: str, place: int, end: int, tail: list[Span]
) -> tuple[Town | None, bool]:
    """Return the longest town that follows directly, and whether the county's end is open.

    It is open when a name straddles it, or when another county's town follows.
    """
    towns, parents = table.towns, table.town_parents
    best: Town | None = None
    is_strange = False
    for pattern, s, e in tail:
        if s < end:
            return None, True
        of = towns[pattern]
        if not of or (s != end and (best is not None or not _touches(text, end, s))):
            continue
        if text.startswith("口", e):
            continue
        for number in of:
            if parents[number] == place:
                best = Town(number + table.regions, s, whole_name(text, e), True)
                break
        else:
            is_strange = True
    return best, is_strange and best is None


def _touches(text: str, end: int, start: int) -> bool:
    """Tell whether what stands between two names parts nothing."""
    first = text[end]
    if "一" <= first <= "鿿" and first not in _MAY_BE_NOTHING:
        return False
    return is_between(text, end, start)


def _is_quiet(
    table: Table, text: str, place: int, last: int, tail: list[Span], *, is_short: bool
) -> bool:
    """Tell whether no region after county and town repeats, continues or contradicts them."""
    limit, strong = table.region_patterns, table.is_strong
    is_strong_seen = is_short
    for pattern, s, _ in tail:
        if pattern >= limit or s < last:
            continue
        near = s == last or _touches(text, last, s)
        if strong[pattern]:
            if near or is_strong_seen:
                return False
            is_strong_seen = True
        elif near and _is_line(table, place, pattern):
            return False
    return True


def _is_line(table: Table, place: int, pattern: int) -> bool:
    above = table.above[place]
    return any(other == place or other in above for other, _ in table.entries[pattern])
