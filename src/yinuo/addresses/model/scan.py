"""All names of regions and towns in a text, without those that are parts of other words."""

from __future__ import annotations

import re
from typing import NamedTuple

from yinuo.addresses.model.table import (
    CUSTOMARY,
    FORMER,
    FULL,
    GENERIC,
    KNOWN,
    SHORT,
    SPLIT,
    SWAPPED,
    WEAK,
    Table,
)

Span = tuple[int, int, int]


class Hit(NamedTuple):
    """A region's name in the text: where, which place, by what kind of name, how telling it is."""

    start: int
    end: int
    place: int
    kind: int
    weight: float


class Found(NamedTuple):
    """What one scan found: regions in order, and towns as (start, end, pattern number)."""

    regions: list[Hit]
    towns: list[Span]


# How much a kind of name tells at each level: province, prefecture, county.
WEIGHTS: dict[int, tuple[float, float, float]] = {
    FULL: (5.0, 5.0, 4.2),
    SHORT: (2.6, 2.6, 0.8),
    SWAPPED: (2.0, 2.0, 1.6),
    FORMER: (4.5, 4.5, 3.8),
    CUSTOMARY: (4.0, 4.0, 3.6),
    GENERIC: (4.0, 4.0, 0.4),
    SPLIT: (2.5, 2.5, 2.5),
    KNOWN: (2.6, 2.6, 2.6),
    WEAK: (1.2, 1.2, 0.8),
}
_AMBIGUOUS = 0.6
_LONG_STEM = 1.0

# After a short name these make it part of a road, an estate or a company.
GOES_ON = re.compile(
    r"(?!八一)[东西南北中上下前后内外老新]?[一二三四五六七八九十\d]{0,2}[东西南北中]?"
    r"(?:路(?!桥)|街|大道|大街|道(?![外里县真孚])|巷|弄(?!堂口)|胡同|公路|高速|支路|干道)|环路"
    r"|区(?![域间])|县|(?:镇|乡|村|庄|屯|社区|小区|新村|花园|家园|家苑|公寓|大厦|广场|大楼|酒店|宾馆|饭店|饭庄|商厦"
    r"|人家|公馆|银行|大学(?![城路])|学院(?![路街])|医院(?![路街])|日报|晚报|律师|证券|保险|人寿|啤酒|印象|公园(?!路)|会馆|商会|同乡会)"
    r"|[一-鿿]{0,2}?(?:商贸城|商城|皮革城|服装城|家具城|建材城|灯饰城|小商品|商场|市场|菜馆|餐厅|餐馆|饭馆|烤鸭|烧烤|拉面|面馆|米线|米粉"
    r"|小面|凉皮|泡馍|小吃|火锅|串串|包子|小笼|馄饨|水饺|烧饼|板鸭|烧鸭|烤肉|抓饭|料理|便利店|超市|特产|土特产|酒家|酒楼)"
    r"|牌|[一-鿿]{0,4}?(?:豆腐|煎饼|肠粉|大枣|红枣|苹果|香梨|脐橙|柚子|芒果|荔枝|葡萄|核桃|茶叶|白酒|黄酒|米酒|腊肉|火腿|海鲜|牛肉|羊肉"
    r"|鸭脖|热干面|刀削面|螺蛳粉|米粉|辣条|豆瓣|手表|服装|女装|男装|丝绸|瓷器)(?:$|[\W\d])"
)
_FOOD = re.compile(r"小吃|拌面|驴肉")


def scan(table: Table, text: str) -> Found:
    """Return the names in a folded text that stand for themselves, in order of place."""
    hits = table.find(text, overlapping=True)
    limit, is_strong, is_solid = table.region_patterns, table.is_strong, table.is_solid
    strong = [hit for hit in hits if is_strong[hit[0]]]
    solid = [hit for hit in strong if is_solid[hit[0]]]
    regions: list[Hit] = []
    towns: list[Span] = []
    for hit in hits:
        pattern, start, end = hit
        if pattern >= limit:
            if not _is_inside(start, end, solid) and not text.startswith("口", end):
                towns.append((start, end, pattern))
            continue
        if is_strong[pattern]:
            if _is_part(text, hit, solid, hits):
                continue
        elif not _stands_alone(table, text, hit, strong):
            continue
        _expand(table, text, hit, regions)
        if table.towns[pattern]:
            towns.append((start, end, pattern))
    regions.sort()
    return Found(regions, towns)


def _is_inside(start: int, end: int, strong: list[Span]) -> bool:
    """Tell whether a longer name covers this span."""
    return any(s <= start and end <= e and e - s > end - start for _, s, e in strong)


def _is_part(text: str, hit: Span, solid: list[Span], hits: list[Span]) -> bool:
    """Tell whether a whole name is part of a longer one, or of a dish (沙县小吃).

    陇南 + 康县 is not part of 南康县: another name ends where it begins.
    """
    _, start, end = hit
    if end - start == 2 and _FOOD.match(text, end):
        return True
    return _is_inside(start, end, solid) and not any(e == start for _, _, e in hits)


def _stands_alone(table: Table, text: str, hit: Span, strong: list[Span]) -> bool:
    """Tell whether a short name is a region here, not the beginning or middle of something else."""
    own, start, end = hit
    follows = False
    for _, s, _ in strong:
        if s == end:
            follows = True
            break
    for pattern, s, e in strong:
        if s <= start and end <= e and e - s > end - start:
            if not follows or s != start or pattern >= table.region_patterns:
                return False
            places = {place for place, _ in table.entries[pattern]}
            if not any(place in places for place, _ in table.entries[own]):
                return False
    return follows or not GOES_ON.match(text, end)


def _expand(table: Table, text: str, hit: Span, regions: list[Hit]) -> None:
    """Add one hit for every place the name may mean."""
    pattern, start, end = hit
    is_market = text.startswith("场", end) and text[end - 1] == "市"
    weights = table.weights.get(pattern)
    if weights is None:
        weights = table.weights[pattern] = _weights(table, table.patterns[pattern], pattern)
    for (place, kind), weight in zip(table.entries[pattern], weights, strict=True):
        regions.append(Hit(start, end, place, kind, 0.8 if is_market else weight))


def _weights(table: Table, name: str, pattern: int) -> tuple[float, ...]:
    """Return how telling a name is for each place that it may mean."""
    entries = table.entries[pattern]
    several = len(entries) > 1
    weights = []
    for place, kind in entries:
        level = table.levels[place]
        weight = WEIGHTS[kind][level - 1]
        if level == 3:
            if kind == SHORT:
                weight += _LONG_STEM if len(name) > 2 else 0.0
            elif kind == SPLIT and name[-1] not in "区县市":
                weight = 0.8
            elif several and kind != GENERIC:
                weight -= _AMBIGUOUS
        weights.append(weight)
    return tuple(weights)
