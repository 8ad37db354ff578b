"""Which names of a text belong together: chains from province down, and the place they mean."""

from __future__ import annotations

import re
from typing import NamedTuple

from yinuo.addresses.model.scan import Hit
from yinuo.addresses.model.table import GENERIC, SHORT, SPLIT, SWAPPED, Table

# What may stand between two names of one chain without parting them.
_BETWEEN = re.compile(
    r"(?:[\W_]|中国|中华人民共和国|市辖区|市区|城区|县$|郊县|省直辖县级行政区划|省直辖县级行政单位|省直辖县|省直辖|省直管"
    r"|自治区直辖县级行政区划|自治区直辖县级行政单位|直辖县级行政区划|直辖县级行政单位|直辖县级|直辖县|直辖|其它区|其他区"
    r"|新疆生产建设兵团|生产建设兵团|建设兵团|兵团|null|None|undefined|所在地区|所在地|地区|详细地址|收货地址|地址|省份|城市|区县|市县|省$|市$|区$|州$|境内|下辖|所属|的)*"
)
_START = re.compile(
    r"(?:.*[\W_\d]|.*(?:中国|地址|住址|地区|位于|家住|住在|寄到|寄往|发到|发往|送到|送往|寄至|送至|收货|收件|坐标|来自|在))?$",
    re.DOTALL,
)
ADJACENT = 2.5
NEAR = 0.6
MOST_HITS = 64
TOO_FAR = 60
_ALONE = 0.1
_CLEAR = 3.6


class Link(NamedTuple):
    """The best chain that ends in one hit."""

    score: float
    hit: Hit
    before: Link | None


def is_between(text: str, start: int, end: int) -> bool:
    """Tell whether what stands from start to end parts nothing: separators and empty words."""
    return start >= end or _BETWEEN.fullmatch(text, start, end) is not None


def is_at_start(text: str, start: int) -> bool:
    """Tell whether a word begins here: at the beginning, after a separator, a number or a label."""
    return start == 0 or _START.match(text, max(0, start - 8), start) is not None


def best_links(table: Table, text: str, hits: list[Hit]) -> list[Link]:
    """Return for every hit the best chain of larger areas that leads to it."""
    links: list[Link] = []
    for hit in hits[:MOST_HITS]:
        best, before, is_adjacent = _best_before(table, text, hit, links)
        if not is_adjacent and _needs_parent(table, hit):
            links.append(Link(_ALONE, hit, None))
        else:
            links.append(Link(_own(text, hit, before) + best, hit, before))
    return links


def _best_before(
    table: Table, text: str, hit: Hit, links: list[Link]
) -> tuple[float, Link | None, bool]:
    """Return the best chain that may stand before a hit, what it brings, and whether it touches."""
    start, _, place, _, weight = hit
    higher = table.above[place]
    best, before, is_adjacent = 0.0, None, False
    for link in reversed(links):
        other = link.hit
        gap = start - other.end
        if gap < 0:
            continue
        if gap > TOO_FAR:
            break
        same = other.place == place
        if not same and other.place not in higher:
            continue
        touches = gap == 0 or is_between(text, other.end, start)
        if same:
            gain = link.score + (0.4 if touches else 0.0) - weight
        else:
            gain = link.score + (ADJACENT if touches else NEAR if gap <= 8 else 0.0)
        if gain > best:
            best, before, is_adjacent = gain, link, touches
    return best, before, is_adjacent


def _needs_parent(table: Table, hit: Hit) -> bool:
    """Tell whether a name says nothing unless it stands right after a larger area's."""
    if table.levels[hit.place] != 3:
        return False
    return hit.kind in {GENERIC, SWAPPED, SHORT} and not (hit.kind == SHORT and hit.weight > 1)


def _own(text: str, hit: Hit, before: Link | None) -> float:
    """Return what a hit adds by itself: a weak name not at the start of a word adds little."""
    if hit.kind == GENERIC and before is not None:
        return _CLEAR
    if before is None and hit.weight < 3 and not is_at_start(text, hit.start):
        return hit.weight - 1.6
    return hit.weight


def chain_of(link: Link) -> list[Hit]:
    """Return the hits of a chain from the smallest area to the largest."""
    hits = []
    now: Link | None = link
    while now is not None:
        hits.append(now.hit)
        now = now.before
    return hits


def support_after(table: Table, text: str, link: Link, links: list[Link]) -> float:
    """Return what larger areas named after the place add: addresses written backwards."""
    places = {hit.place for hit in chain_of(link)}
    higher = table.above[link.hit.place] - places
    if not higher:
        return 0.0
    gained: dict[int, float] = {}
    end = link.hit.end
    for other in links:
        hit = other.hit
        if hit.start >= end and hit.place in higher and hit.kind != SPLIT:
            near = is_between(text, end, hit.start)
            worth = hit.weight * (0.8 if near else 0.4) + (1.0 if near else 0.0)
            if hit.kind == SHORT and not near:
                worth = 0.3
            elif near and link.hit.kind == GENERIC and link.before is None:
                worth += _CLEAR
            gained[hit.place] = max(gained.get(hit.place, 0.0), worth)
            if near:
                end = hit.end
    return sum(gained.values())
