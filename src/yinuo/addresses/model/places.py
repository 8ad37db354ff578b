"""Where a text lies: region, town and the words that said so."""

from __future__ import annotations

from typing import NamedTuple

from yinuo.addresses.model.chains import chain_of, is_between
from yinuo.addresses.model.decide import Decision, decide
from yinuo.addresses.model.latin import by_pinyin
from yinuo.addresses.model.scan import Found, Hit, Span, scan
from yinuo.addresses.model.table import KNOWN, SHORT, WEAK, Table
from yinuo.addresses.model.towns import Town, region_of, town_in, within
from yinuo.addresses.model.typos import Typo, misheard, misspelt, preferred, unclear
from yinuo.addresses.model.views import View, has_gaps, squeezed
from yinuo.addresses.model.zones import district_of_zone, known_zone, zone_at


class Located(NamedTuple):
    """A region (-1 for none) and town, the names behind them, and the words that are used up."""

    place: int
    town: Town | None
    decision: Decision
    found: Found
    hits: tuple[Hit, ...]
    used: tuple[tuple[int, int], ...]
    run: tuple[int, int] = (0, 0)
    typo: Typo | None = None
    zone: tuple[int, int] | None = None
    is_by_zone: bool = False
    is_moved: bool = False
    unknown: tuple[int, int] | None = None
    strange_town: Town | None = None


class Read(NamedTuple):
    """A text as it was read best, where it lies, and the way back when gaps were closed."""

    text: str
    located: Located
    view: View | None


def read(table: Table, text: str) -> Read:
    """Return where a folded text lies; gaps inside its words are closed when that tells more."""
    located = locate(table, text)
    if _is_settled(table, located) or not has_gaps(text):
        return Read(text, located, None)
    view = squeezed(text)
    other = locate(table, view.text)
    if other.place >= 0 and _worth(table, other) > _worth(table, located):
        return Read(view.text, other, view)
    return Read(text, located, None)


def _is_settled(table: Table, located: Located) -> bool:
    return (
        located.place >= 0
        and table.levels[located.place] == 3
        and located.town is not None
        and located.town.is_full
        and all(hit.kind not in {SHORT, KNOWN, WEAK} for hit in located.hits)
    )


def _worth(table: Table, located: Located) -> float:
    if located.place < 0:
        return 0.5
    full = located.town is not None and located.town.is_full
    return located.decision.score + table.levels[located.place] + full


def locate(table: Table, text: str) -> Located:
    """Return where a folded text lies, read as it stands."""
    found = scan(table, text)
    decision = decide(table, text, found)
    if decision.is_tied:
        decision = _untied(table, text, decision, found)
    if decision.place < 0:
        typo = by_pinyin(table, text) if text.isascii() else misheard(table, text)
        if typo is None:
            return Located(-1, None, decision, found, (), ())
        return _misheard(table, text, typo, decision, found)
    if decision.lone_town is not None:
        town = decision.lone_town
        span = (town.start, town.end)
        return Located(decision.place, town, decision, found, (), (span,), span)
    return _around(table, text, decision, found)


def _untied(table: Table, text: str, decision: Decision, found: Found) -> Decision:
    """Settle between namesakes by a misspelt prefecture in front: 深训市南山区."""
    best = decision.rivals[0][1]
    tied = [place for place, score in decision.rivals if score > best - 0.3]
    start = min((h.start for h in found.regions if h.place in tied), default=0)
    place = preferred(table, text, start, tied)
    if place < 0:
        return decision
    link = next(link for link in decision.links if link.hit.place == place)
    return decision._replace(place=place, link=link, is_tied=False, rivals=())


def _misheard(table: Table, text: str, typo: Typo, decision: Decision, found: Found) -> Located:
    """Take the word a text begins with for the region that sounds like it."""
    place, end = _after_typo(table, text, typo, found)
    town = town_in(table, text, place, (typo.start, end), found.towns)
    used = [(typo.start, end)]
    if town is not None:
        place = region_of(table, town)
        used.append((town.start, town.end))
    return Located(place, town, decision, found, (), tuple(used), (typo.start, end), typo)


def _after_typo(table: Table, text: str, typo: Typo, found: Found) -> tuple[int, int]:
    """Return the smallest region named from a misspelt one on, and where its name ends."""
    place, end = typo.place, typo.end
    below = _next_below(table, text, place, end, found)
    if below is not None:
        return below
    if table.levels[place] < 3:
        lower = misspelt(table, text, place, end)
        if lower is not None:
            return lower.place, lower.end
    return place, end


def _next_below(
    table: Table, text: str, place: int, end: int, found: Found
) -> tuple[int, int] | None:
    """Return the region inside another one whose name stands next, and where it ends."""
    for hit in found.regions:
        if (
            hit.start >= end
            and place in table.above[hit.place]
            and is_between(text, end, hit.start)
        ):
            return hit.place, hit.end
    return None


def _around(table: Table, text: str, decision: Decision, found: Found) -> Located:
    """Look around the names of the chain: repeats, a town, a zone, a misspelt district."""
    place, link = decision.place, decision.link
    hits = tuple(chain_of(link)) if link else ()
    spans = [(hit.start, hit.end) for hit in hits]
    start, end = extent(table, text, place, found, (spans[-1][0], spans[0][1]) if spans else (0, 0))
    typo = zone = unknown = None
    is_by_zone = is_moved = False
    if table.levels[place] < 3 and not decision.is_tied:
        typo = misspelt(table, text, place, end)
        if typo is not None:
            place, end = _after_typo(table, text, typo, found)
        else:
            zone = known_zone(table, place, text, end)
            if zone is None and table.levels[place] == 2:
                zone = zone_at(text, end)
            unknown = None if zone else unclear(table, text, place, end)
            if zone is not None:
                place, end = _next_below(table, text, place, zone[1], found) or (place, end)
    town = town_in(table, text, place, (start, end), found.towns)
    if town is None:
        town, is_moved = _moved_town(table, text, place, (start, end), found.towns)
    strange = _strange_town(table, text, place, end, found.towns) if town is None else None
    if zone and (town is None or table.levels[region_of(table, town)] < 3):
        city = table.names[place].removesuffix("市")
        district = district_of_zone(table, place, text[zone[0] : zone[1]], city)
        if district >= 0:
            place, is_by_zone = district, True
            town = town or town_in(table, text, place, (start, zone[1]), found.towns)
    if town is not None:
        place = place if is_by_zone else region_of(table, town)
        start, end = _with_town(table, text, place, found, (start, end), town)
    used = [*spans, (start, end)]
    if town is not None:
        used.append((town.start, town.end))
    return Located(
        place, town, decision, found, hits, tuple(used), (start, end), typo, zone, is_by_zone, is_moved,
        None if town is not None else unknown, strange,
    )  # fmt: skip


def extent(
    table: Table, text: str, place: int, found: Found, around: tuple[int, int]
) -> tuple[int, int]:
    """Return the run of words that name a region and its parents, repeats included."""
    start, end = around
    line = {place, *table.above[place], *table.given_by.get(place, ())}
    related = [
        h
        for h in found.regions
        if h.place in line and not any(s <= h.start and h.end < e for s, e, _ in found.towns)
    ]
    grown = True
    while grown:
        grown = False
        for hit in related:
            follows = hit.start >= end and is_between(text, end, hit.start)
            if follows or (start <= hit.start < end < hit.end):
                end, grown = hit.end, True
            elif hit.end <= start and is_between(text, hit.end, start):
                start, grown = hit.start, True
    return start, end


def _with_town(
    table: Table,
    text: str,
    place: int,
    found: Found,
    around: tuple[int, int],
    town: Town,
) -> tuple[int, int]:
    """Return the run again when the town follows it, with what is repeated after the town."""
    start, end = around
    if town.start < end or not is_between(text, end, town.start):
        return around
    end = town.end
    after = extent(table, text, place, found, (start, end))[1]
    if after > end:
        again = town_in(table, text, place, (start, after), found.towns)
        if again is not None and again.place == town.place and is_between(text, after, again.start):
            return start, again.end
    return start, after


def _moved_town(
    table: Table, text: str, place: int, around: tuple[int, int], towns: list[Span]
) -> tuple[Town | None, bool]:
    """Return a town that the region gave away to another one."""
    for other in table.transfers.get(place, ()):
        town = town_in(table, text, other, around, towns)
        if town is not None and town.is_full:
            return town, True
    return None, False


def _strange_town(table: Table, text: str, place: int, end: int, towns: list[Span]) -> Town | None:
    """Return a town written right after a county that lies in another county of the prefecture."""
    if table.levels[place] < 3:
        return None
    city = table.lines[place][1]
    for start, last, pattern in towns:
        if start >= end and is_between(text, end, start):
            numbers = within(table, city, table.towns[pattern])
            if len(numbers) == 1:
                return Town(numbers[0] + table.regions, start, last, True)
    return None
