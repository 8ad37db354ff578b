"""Towns and streets: which one a text names inside a known area, and where one alone leads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from yinuo.addresses.model.scan import Span
from yinuo.addresses.model.table import Table

_SKIP = re.compile(r"(?:[\W_]|市辖区|县城|城区|市区)*")
_WRITTEN_SUFFIX = re.compile(
    r"(?:街道办事处|街道办|街道|街办|地区办事处|地区|办事处|镇人民政府|镇政府|镇(?!江|海|平|宁|安|远|雄)|民族乡|乡|苏木"
    r"|(?:[一-鿿]{1,3}族)+(?:镇|乡))"
)
_GOES_ON = re.compile(
    r"[东西南北中上下前后内外老新]?[一二三四五六七八九十\d]{0,2}[东西南北中]?"
    r"(?:路|街(?!道|办)|大街|大道|道|巷|弄|胡同|公路|高速|环路|桥|河|湖|山|寺|塔|庙|站|港|湾|门|里)"
    r"|村|庄|屯|社区|小区|新村|花园|家园|苑|公寓|大厦|广场|大楼|酒店|宾馆|饭店|商城|市场|医院|学校|中学|小学|大学|学院|银行|公司|工业|国际|中心|嘉园|雅苑|名|华府|城|府"
)
_MORE = re.compile(r"办事处|办(?=[^公理])|人民政府|政府")
LONGEST_STEM = 6
_STEM_END = frozenset("路街道巷里区城园场村庄屯")
_ENDS = re.compile(r"$|[\s,;，。、|]")


class Town(NamedTuple):
    """A town found in the text: its number, where it stands, and whether written in full."""

    place: int
    start: int
    end: int
    is_full: bool


def town_in(
    table: Table, text: str, place: int, around: tuple[int, int], towns: list[Span]
) -> Town | None:
    """Return the town that the text names inside a region: the nearest after its name, or before.

    For a prefecture or province the town must be the only one of its name there.
    """
    start, after = around
    near = _by_stem(table, text, place, after)
    if near is None and table.levels[place] < 3:
        near = _of_two(table, text, place, after)
    if near is not None and near.is_full:
        return near
    earlier: Town | None = None
    for first, end, pattern in towns:
        is_before = end <= start
        if first < after and not is_before:
            continue
        if near is not None and first >= near.end:
            break
        found = within(table, place, table.towns[pattern])
        if len(found) != 1:
            continue
        town = Town(found[0] + table.regions, first, whole_name(text, end), True)
        if not is_before:
            return town
        earlier = town
    return near or earlier


def within(table: Table, place: int, numbers: Sequence[int]) -> list[int]:
    """Return those of some towns that lie in a region."""
    level = table.levels[place]
    if level == 3:
        return [n for n in numbers if table.town_parents[n] == place]
    return [n for n in numbers if table.lines[table.town_parents[n]][level - 1] == place]


def _by_stem(table: Table, text: str, place: int, after: int) -> Town | None:
    """Return the town whose name, with or without suffix, follows directly."""
    if place not in table.town_spans:
        return None
    start = _skipped(text, after)
    stems = table.stems(place)
    for length in range(LONGEST_STEM, 1, -1):
        end = start + length
        town = stems.get(text[start:end])
        if town is None or end > len(text):
            continue
        if text[start:end] == table.town_names[town - table.regions]:
            return Town(town, start, whole_name(text, end), True)
        written = _WRITTEN_SUFFIX.match(text, end)
        if written:
            return Town(town, start, whole_name(text, written.end()), True)
        if _is_bare_town(table, text, place, end):
            return Town(town, start, end, False)
    return None


def _skipped(text: str, after: int) -> int:
    """Return where the next word begins, after signs and empty words."""
    first = text[after : after + 1]
    if first.isalnum() and first not in "市县城":
        return after
    skip = _SKIP.match(text, after)
    return skip.end() if skip else after


def _of_two(table: Table, text: str, place: int, after: int) -> Town | None:
    """Return the town of two characters (润镇) that follows a prefecture, the only one there."""
    start = _skipped(text, after)
    word = text[start : start + 2]
    if not word.endswith(("镇", "乡")):
        return None
    found = within(table, place, table.towns_named.get(word, []))
    return Town(found[0] + table.regions, start, start + 2, True) if len(found) == 1 else None


def _is_bare_town(table: Table, text: str, place: int, end: int) -> bool:
    """Tell whether a town's stem stands for the town: at the end, or where towns are districts."""
    if table.levels[place] == 2 and place not in table.children:
        return not _GOES_ON.match(text, end)
    if text[end - 1] in _STEM_END:
        return False
    return _ENDS.match(text, end) is not None


def whole_name(text: str, end: int) -> int:
    """Return where a town's name ends when its office is written, too (街道 + 办事处)."""
    more = _MORE.match(text, end)
    return more.end() if more else end


def region_of(table: Table, town: Town) -> int:
    """Return the region that a town lies in."""
    return table.town_parents[town.place - table.regions]
