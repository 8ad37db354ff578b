"""Which place a text means: the best chain, its rivals, and what the towns say about them."""

from __future__ import annotations

import re
from typing import NamedTuple

from yinuo.addresses.model.chains import Link, best_links, is_at_start, is_between, support_after
from yinuo.addresses.model.names import town_stem
from yinuo.addresses.model.scan import Found
from yinuo.addresses.model.table import WEAK, Table
from yinuo.addresses.model.towns import Town, town_in
from yinuo.addresses.model.zones import zone_at

ENOUGH = 2.3
_ROAD = re.compile(r"[一-鿿]{2,5}(?:路|大道|大街|街|巷)[\d一二三四五六七八九十]{1,5}号")
_TIE = 0.3
_TOWN_WORTH = 2.0
_TOWN_NEXT = 3.5
_LONGEST_LIST = 12


class Decision(NamedTuple):
    """A place for a text: a region (-1 for none), how it was found, and what else it could be."""

    place: int
    link: Link | None
    score: float
    rivals: tuple[tuple[int, float], ...]
    is_tied: bool
    links: list[Link]
    lone_town: Town | None


def decide(table: Table, text: str, found: Found) -> Decision:
    """Return the place that the names in a text mean together."""
    links = best_links(table, text, found.regions)
    scores = _total_scores(table, text, links, found)
    if not scores or max(scores.values()) < ENOUGH:
        return _by_town_alone(table, text, found, links, scores)
    best_by_place: dict[int, Link] = {}
    for link in links:
        known = best_by_place.get(link.hit.place)
        if known is None or link.score > known.score:
            best_by_place[link.hit.place] = link
    ranked = sorted(scores.items(), key=lambda one: (-one[1], best_by_place[one[0]].hit.start))
    place, score = ranked[0]
    rivals = tuple(one for one in ranked[1:_LONGEST_LIST] if not _is_related(table, place, one[0]))
    link = best_by_place[place]
    tied = [p for p, s in rivals if s > score - _TIE]
    if not tied:
        return Decision(place, link, score, rivals, False, links, None)
    same = [p for p in tied if _same_words(best_by_place[p], link)]
    if not same:
        return Decision(place, link, score, rivals, False, links, None)
    common = _common(table, [place, *same])
    rivals = ((place, score), *rivals)
    return Decision(common, link if common >= 0 else None, score, rivals, True, links, None)


def _total_scores(table: Table, text: str, links: list[Link], found: Found) -> dict[int, float]:
    """Return for every place its best score, with what follows it and what towns add."""
    scores: dict[int, float] = {}
    several = len(links) > 1
    for link in links:
        score = link.score
        if several:
            score += support_after(table, text, link, links)
        place = link.hit.place
        if score > scores.get(place, -9.0):
            scores[place] = score
    if found.towns and scores and (several or max(scores.values()) < ENOUGH):
        for link in links:
            place = link.hit.place
            if table.levels[place] == 3:
                worth = _town_worth(table, text, link, found)
                scores[place] = max(scores[place], link.score + worth)
    return scores


def _town_worth(table: Table, text: str, link: Link, found: Found) -> float:
    """Return what a town of the place adds: more when it follows the place's name directly."""
    worth = 0.0
    for start, _, pattern in found.towns:
        numbers = table.towns[pattern]
        if any(table.town_parents[number] == link.hit.place for number in numbers):
            if start >= link.hit.end and is_between(text, link.hit.end, start):
                return _TOWN_NEXT
            worth = _TOWN_WORTH
    return worth


def _is_related(table: Table, one: int, other: int) -> bool:
    return one == other or other in table.above[one] or one in table.above[other]


def _same_words(one: Link, other: Link) -> bool:
    """Tell whether two chains read the same words in two ways."""
    return one.hit.start < other.hit.end and other.hit.start < one.hit.end


def _common(table: Table, places: list[int]) -> int:
    """Return the smallest region that holds all of some places, -1 when there is none."""
    for level in (1, 0):
        above = {table.lines[place][level] for place in places}
        if len(above) == 1 and -1 not in above:
            return above.pop()
    return -1


def _by_town_alone(
    table: Table, text: str, found: Found, links: list[Link], scores: dict[int, float]
) -> Decision:
    """Return the region of the only town of its name, when the text names no region."""
    rivals = tuple(sorted(scores.items(), key=lambda one: -one[1])[:_LONGEST_LIST])
    for link in links:
        if link.hit.kind == WEAK and _is_meant(table, text, link, found):
            return Decision(link.hit.place, link, ENOUGH, (), False, links, None)
    for start, end, pattern in found.towns:
        numbers = table.towns[pattern]
        weak = {place for place, score in scores.items() if score > -1}
        if len(numbers) > 1 and weak:
            near = [n for n in numbers if weak & {*table.lines[table.town_parents[n]]}]
            numbers = near if len(near) == 1 else numbers
        if len(numbers) != 1 or not _is_telling(table.town_names[numbers[0]]):
            continue
        if not is_at_start(text, start) and end - start < 4:
            continue
        town = Town(numbers[0] + table.regions, start, end, True)
        place = table.town_parents[numbers[0]]
        return Decision(place, None, 3.0, rivals, False, links, town)
    return Decision(-1, None, 0.0, rivals, False, links, None)


def _is_meant(table: Table, text: str, link: Link, found: Found) -> bool:
    """Tell whether an everyday word is a prefecture: its town, a zone or a numbered road follows."""
    start, end, place = link.hit.start, link.hit.end, link.hit.place
    if not is_at_start(text, start) or text[end : end + 1].isspace():
        return False
    if place not in table.children and (
        town_in(table, text, place, (start, end), found.towns) or zone_at(text, end)
    ):
        return True
    several = sum(hit.start == start and hit.end == end for hit in found.regions) > 1
    return not several and (_ROAD.match(text, end) or zone_at(text, end)) is not None


def _is_telling(name: str) -> bool:
    """Tell whether a town's name can be nothing else when it stands alone."""
    return name.endswith(("街道", "镇", "乡", "苏木")) and len(town_stem(name)) > 1
