"""Addresses in pinyin: rare, and read only when a text has no Chinese character at all."""

from __future__ import annotations

import re
from functools import lru_cache

from yinuo.addresses.model.table import Table
from yinuo.addresses.model.typos import Typo

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
_SUFFIX = re.compile(
    r"(?:特别行政区|自治区|自治州|自治县|新区|地区|省|市|区|县|盟|旗)$|(?:壮族|回族|维吾尔)自治区$"
)
_EMPTY = frozenset(
    [
        "sheng",
        "shi",
        "qu",
        "xian",
        "province",
        "city",
        "district",
        "county",
        "prefecture",
        "china",
        "prc",
    ]
)
_ENDINGS = ("sheng", "shi", "qu", "xian")
# How the world spells what pinyin spells otherwise.
_OTHERWISE = {
    "shaanxi": "陕西省",
    "innermongolia": "内蒙古自治区",
    "neimenggu": "内蒙古自治区",
    "tibet": "西藏自治区",
    "guangxi": "广西壮族自治区",
    "ningxia": "宁夏回族自治区",
    "xinjiang": "新疆维吾尔自治区",
    "hongkong": "香港特别行政区",
    "macau": "澳门特别行政区",
    "macao": "澳门特别行政区",
    "taiwan": "台湾省",
    "taipei": "台北市",
}
_LONGEST = 3
_FEWEST = 2


def by_pinyin(table: Table, text: str) -> Typo | None:
    """Return the region that pinyin words name, when two levels or more agree; None otherwise."""
    found: list[tuple[int, int, tuple[int, ...]]] = []
    words = list(_WORD.finditer(text.lower()))
    at = 0
    while at < len(words):
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            joined = "".join(word[0].replace("'", "") for word in words[at : at + size])
            is_empty = size == 1 and words[at][0] in _EMPTY
            places = () if is_empty else _places(table, joined)
            if places:
                found.append((words[at].start(), words[at + size - 1].end(), places))
                at += size - 1
                break
        at += 1
    best = _agreed(table, [places for _, _, places in found])
    if best < 0:
        return None
    used = [one for one in found if {best, *table.above[best]} & {*one[2]}]
    return Typo(best, min(used[0][0], used[-1][0]), max(u[1] for u in used), True)


def _agreed(table: Table, groups: list[tuple[int, ...]]) -> int:
    """Return the smallest region whose larger areas are named, too; -1 when several are."""
    agreeing = {
        place: sum(bool({place, *table.above[place]} & {*group}) for group in groups)
        for group in groups
        for place in group
    }
    most = max(agreeing.values(), default=0)
    best = [place for place, count in agreeing.items() if count == most]
    deepest = max((table.levels[place] for place in best), default=0)
    best = [place for place in best if table.levels[place] == deepest]
    return best[0] if most >= _FEWEST and len(best) == 1 else -1


def _places(table: Table, word: str) -> tuple[int, ...]:
    index = _index(table)
    places = index.get(word, ())
    for ending in _ENDINGS:
        if not places and word.endswith(ending):
            places = index.get(word.removesuffix(ending), ())
    return places


@lru_cache(maxsize=1)
def _index(table: Table) -> dict[str, tuple[int, ...]]:
    """Index the regions in force by the pinyin of their stems."""
    index: dict[str, list[int]] = {}
    by_name: dict[str, int] = {}
    for place, name in enumerate(table.names):
        if place in table.heirs:
            continue
        by_name.setdefault(name, place)
        folded = table.folding.fold(name)
        stem = _SUFFIX.sub("", folded)
        sounds = [table.sounds.get(char, "") for char in (stem if len(stem) > 1 else folded)]
        if all(sounds):
            index.setdefault("".join(sounds), []).append(place)
    for word, name in _OTHERWISE.items():
        index.setdefault(word, []).append(by_name[name])
    return {word: tuple(places) for word, places in index.items()}
