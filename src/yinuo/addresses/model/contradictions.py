"""Statements of one text that cannot both be true."""

from __future__ import annotations

from yinuo.addresses.model.chains import is_at_start, is_between
from yinuo.addresses.model.places import Located
from yinuo.addresses.model.scan import Hit
from yinuo.addresses.model.table import CUSTOMARY, FORMER, FULL, KNOWN, SHORT, Table
from yinuo.addresses.model.types import Contradiction, ContradictionKind

_PLAIN = frozenset({FULL, CUSTOMARY, FORMER})
_KINDS = {
    (1, 2): ContradictionKind.PROVINCE_CITY,
    (1, 3): ContradictionKind.PROVINCE_DISTRICT,
    (2, 3): ContradictionKind.CITY_DISTRICT,
}


def contradictions_in(table: Table, text: str, located: Located) -> tuple[Contradiction, ...]:
    """Return which names of the text do not go with the place it was found to mean."""
    found: list[Contradiction] = []
    if located.strange_town is not None and located.place >= 0:
        town = located.strange_town
        found.append(
            Contradiction(
                ContradictionKind.DISTRICT_TOWN,
                table.names[located.place],
                text[town.start : town.end],
            )
        )
    if located.place < 0 or len(located.found.regions) <= len(located.hits):
        return tuple(found)
    line = {located.place, *table.above[located.place], *_former(table, located)}
    fitting = {
        (hit.start, hit.end)
        for hit in located.found.regions
        if hit.place in line
        or located.place in table.above[hit.place]
        or located.place in table.transfers.get(hit.place, ())
    }
    used = [(hit.start, hit.end) for hit in located.hits]
    if located.typo is not None:
        used.append((located.typo.start, located.typo.end))
    if located.town is not None:
        used.append((located.town.start, located.town.end))
    start, end = located.run
    seen = set()
    for hit in located.found.regions:
        span = (hit.start, hit.end)
        if span in fitting or span in seen or any(s < hit.end and hit.start < e for s, e in used):
            continue
        if any(s <= hit.start and hit.end <= e for s, e in fitting):
            continue
        if _is_stated(text, hit, start, end):
            seen.add(span)
            found.append(_against(table, text, hit, located))
        elif _has_own_chain(table, text, hit, located):
            seen.add(span)
            one = _against(table, text, hit, located)
            two_places = ContradictionKind.TWO_PLACES
            found.append(Contradiction(two_places, one.stated, one.against))
    return tuple(found)


def _former(table: Table, located: Located) -> set[int]:
    """Return the regions that the chain's own names stood for, when streets decided otherwise."""
    places = {hit.place for hit in located.hits}
    return places.union(*(table.above[place] for place in places)) if places else set()


def _is_stated(text: str, hit: Hit, start: int, end: int) -> bool:
    """Tell whether a name is part of the address proper: it touches the chain."""
    if hit.end <= start:
        touches = is_between(text, hit.end, start)
        if hit.kind in _PLAIN:
            return touches or start - hit.end <= 6
        return (
            touches
            and start - hit.end <= 2
            and hit.kind in {SHORT, KNOWN}
            and hit.weight > 2
            and is_at_start(text, hit.start)
        )
    if hit.kind not in _PLAIN:
        return False
    return hit.end <= end or (hit.start >= end and is_between(text, end, hit.start))


def _has_own_chain(table: Table, text: str, hit: Hit, located: Located) -> bool:
    """Tell whether a name stands under a larger area's name of its own: a second full address."""
    if hit.kind not in _PLAIN:
        return False
    return any(
        other.kind in _PLAIN
        and other.place in table.above[hit.place]
        and other.place not in table.above[located.place]
        and other.end <= hit.start
        and is_between(text, other.end, hit.start)
        for other in located.found.regions
    )


def _against(table: Table, text: str, hit: Hit, located: Located) -> Contradiction:
    level = table.levels[hit.place]
    rivals = [h for h in located.hits if h.place not in table.above[hit.place]]
    other = min(
        rivals or located.hits,
        key=lambda h: abs(table.levels[h.place] - level) or 4,
        default=None,
    )
    place = other.place if other else located.place
    pair = (min(level, table.levels[place]), max(level, table.levels[place]))
    against = text[other.start : other.end] if other else table.names[place]
    kind = _KINDS.get(pair, ContradictionKind.TWO_PLACES)
    named = text[hit.start : hit.end]
    if level > table.levels[place]:
        return Contradiction(kind, against, named)
    return Contradiction(kind, named, against)
