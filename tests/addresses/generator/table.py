"""The product's division table, as the generator's places and former names."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from tests.addresses.generator.places import NONE, Former, Place, World

_FORMER = 3
_PEOPLE_CALL_TOWNS = ("镇", "乡", "街道")
# Places of which only names, and no towns, stand in the table; texts name them otherwise.
_BEYOND = ("71", "81", "82")


@lru_cache(maxsize=1)
def world() -> World:
    """Return all places with their towns and the names they had."""
    packed = resources.files("yinuo.addresses.model").joinpath("divisions.json.zlib").read_bytes()
    table = json.loads(zlib.decompress(packed))
    codes, names = table["codes"].split(), table["names"].split()
    parents: list[int] = table["parents"]
    heirs = {int(place) for place in table["heirs"]}
    towns = {area: list(_towns(packed)) for area, packed in table["towns"].items()}
    found: dict[int, Place] = {}
    with_children = set(parents)
    for number, code in enumerate(codes):
        is_leaf = number not in with_children and not code.endswith("0000")
        if is_leaf and number not in heirs and code[:2] not in _BEYOND:
            found[number] = _place(number, codes, names, parents, tuple(towns.get(code, ())))
    return World(found.values(), _formers(table["patterns"], found, codes))


def _towns(packed: str) -> Iterator[str]:
    for word in packed.split():
        name = word.lstrip("0123456789")
        if name.endswith(_PEOPLE_CALL_TOWNS):
            yield name


def _place(
    number: int, codes: list[str], names: list[str], parents: list[int], towns: tuple[str, ...]
) -> Place:
    above = parents[number]
    if codes[number].endswith("00"):
        city, district, province = names[number], NONE, names[above]
    else:
        is_heading = "直辖" in names[above]
        city, district = NONE if is_heading else names[above], names[number]
        province = names[parents[above]]
    return Place(province, city, district, codes[number], towns)


def _formers(
    patterns: dict[str, list[int]], places: dict[int, Place], codes: list[str]
) -> Iterator[Former]:
    """Give the full names that lead to one place only and that no place has today."""
    for text, pairs in patterns.items():
        if len(pairs) == 2 and pairs[1] == _FORMER and pairs[0] in places and len(text) > 2:
            place = places[pairs[0]]
            if text[-1] in "县市区" and not codes[pairs[0]].endswith("00"):
                yield Former(place.province, place.city, text, place)
