"""Seeded, realistic, noisy addresses with gold labels, class by class.

`generate(seed=1, each=200)` gives the same cases for the same seed. The weights say how many of a
thousand real rows show that noise, so that a sum over classes speaks of real text: provinces are
stated in 43 % of texts, cities in 54 %, districts in 66 %, towns in 44 %; about a tenth of those in
short; a quarter has a piece said twice or without meaning, 15 % separators, 4 % a zone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from tests.addresses.generator import chains, mixtures, pasted, surroundings
from tests.addresses.generator.places import World
from tests.addresses.generator.table import world
from tests.addresses.grading import Case

_MOST_TRIES = 400


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of noise: how it is drawn, and how many of a thousand rows are so."""

    draw: Callable[[World, Random], Case | None]
    weight: float


KINDS: dict[str, Kind] = {
    "partial": Kind(mixtures.partial, 120),
    "market_row": Kind(mixtures.market_row, 50),
    "company": Kind(mixtures.company, 25),
    "doubled": Kind(mixtures.doubled, 25),
    "clean": Kind(chains.clean, 100),
    "only_levels": Kind(chains.only_levels, 15),
    "no_province": Kind(chains.no_province, 70),
    "no_city": Kind(chains.no_city, 40),
    "district_alone": Kind(chains.district_alone, 40),
    "shared_district": Kind(chains.shared_district, 10),
    "city_alone": Kind(chains.city_alone, 40),
    "no_district": Kind(chains.no_district, 35),
    "town_alone": Kind(chains.town_alone, 15),
    "short_forms": Kind(chains.short_forms, 80),
    "beheaded": Kind(surroundings.beheaded, 20),
    "ethnic": Kind(chains.ethnic, 6),
    "overlap": Kind(chains.overlap, 3),
    "few_levels": Kind(chains.few_levels, 25),
    "former": Kind(chains.former, 20),
    "swapped_kind": Kind(chains.swapped_kind, 4),
    "typo": Kind(chains.typo, 4),
    "city_typo": Kind(chains.city_typo, 2),
    "missing_character": Kind(chains.missing_character, 2),
    "wrong_province": Kind(chains.wrong_province, 3),
    "backwards": Kind(chains.backwards, 6),
    "repeated": Kind(surroundings.repeated, 60),
    "meaningless": Kind(surroundings.meaningless, 30),
    "separated": Kind(surroundings.separated, 60),
    "spaced": Kind(surroundings.spaced, 8),
    "country": Kind(surroundings.country, 20),
    "bracketed": Kind(surroundings.bracketed, 30),
    "decorated": Kind(surroundings.decorated, 5),
    "zoned": Kind(surroundings.zoned, 20),
    "traditional": Kind(surroundings.traditional, 2),
    "look_alike": Kind(surroundings.look_alike, 2),
    "wide": Kind(surroundings.wide, 5),
    "place_like_rest": Kind(surroundings.place_like_rest, 30),
    "regionless": Kind(surroundings.regionless, 15),
    "separated_line": Kind(pasted.separated_line, 25),
    "labelled_line": Kind(pasted.labelled_line, 15),
    "glued_line": Kind(pasted.glued_line, 6),
    "typed_phone": Kind(pasted.typed_phone, 6),
    "virtual_phone": Kind(pasted.virtual_phone, 10),
    "masked": Kind(pasted.masked, 10),
    "place_named": Kind(pasted.place_named, 1),
    "market": Kind(pasted.market, 50),
    "drifted": Kind(pasted.drifted, 20),
    "contradictory": Kind(pasted.contradictory, 5),
}


def generate(*, seed: int, each: int, kinds: tuple[str, ...] = ()) -> Iterator[Case]:
    """Give so many cases of each class; a class's cases do not depend on the other classes."""
    for name in kinds or tuple(KINDS):
        chance = Random(seed * 1_000_003 + zlib.crc32(name.encode()))
        for _ in range(each):
            yield replace(_drawn(KINDS[name], chance), kind=name)


def _drawn(kind: Kind, chance: Random) -> Case:
    for _ in range(_MOST_TRIES):
        case = kind.draw(world(), chance)
        if case is not None:
            return case
    raise LookupError(kind.draw.__name__)
