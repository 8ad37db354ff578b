"""The product's division table, as the generator's places and former names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tests.addresses.generator.places import NONE, Former, Place, World
from yinuo.addresses.model.table import FORMER, SPLIT, Table, table

_PEOPLE_CALL_TOWNS = ("镇", "乡", "街道")
# Texts name places beyond the mainland in ways of their own: they stand among the labelled cases.
_BEYOND = ("71", "81", "82")


@lru_cache(maxsize=1)
def world() -> World:
    """Return all places with their towns and the names they had."""
    known = table()
    with_children = set(known.parents)
    found = {
        number: _place(known, number)
        for number, code in enumerate(known.codes)
        if number not in with_children
        and number not in known.heirs
        and not code.endswith("0000")
        and code[:2] not in _BEYOND
    }
    return World(found.values(), _formers(known, found), _once_elsewhere(known))


def _place(known: Table, number: int) -> Place:
    code, above = known.codes[number], known.parents[number]
    if code.endswith("00"):
        city, district, province = known.names[number], NONE, known.names[above]
    else:
        is_heading = "直辖" in known.names[above]
        city, district = NONE if is_heading else known.names[above], known.names[number]
        province = known.names[known.parents[above]]
    return Place(province, city, district, code, tuple(_towns(known, number)))


def _towns(known: Table, number: int) -> Iterator[str]:
    for town in range(*known.town_spans.get(number, (0, 0))):
        name = known.division(known.regions + town).name
        if name.endswith(_PEOPLE_CALL_TOWNS):
            yield name


def _formers(known: Table, places: dict[int, Place]) -> Iterator[Former]:
    """Give the full names that lead to one place only and that no place has today."""
    for number, text in enumerate(known.patterns[: known.region_patterns]):
        entries = known.entries[number]
        place = places.get(entries[0][0])
        if len(entries) > 1 or entries[0][1] != FORMER or place is None or place.district == NONE:
            continue
        if len(text) > 2 and text[-1] in "县市区":
            yield Former(place.province, place.city, text, place)


def _once_elsewhere(known: Table) -> Iterator[str]:
    """Give the names of today that another place had before."""
    for number, text in enumerate(known.patterns[: known.region_patterns]):
        kinds = {kind for _, kind in known.entries[number]}
        if len(known.entries[number]) > 1 and kinds & {FORMER, SPLIT}:
            yield text
