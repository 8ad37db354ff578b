"""Classes of noise in how the divisions themselves are written."""

from __future__ import annotations

from random import Random

from tests.addresses.generator import confusions, streets
from tests.addresses.generator.places import NONE, Place, World, ethnic_short, short
from tests.addresses.grading import Case

MUNICIPALITIES = ("北京市", "上海市", "天津市", "重庆市")


def labelled(
    text: str,
    place: Place | None,
    *,
    town: str = NONE,
    name: str = "",
    phone: str = "",
    is_contradictory: bool = False,
) -> Case:
    """Return a case whose label is a place, or no place at all."""
    return Case(
        kind="",
        text=text,
        stated=None,
        levels=place.levels(town) if place else (NONE, NONE, NONE, NONE),
        code=place.code if place else "",
        name=name,
        phone=phone,
        is_contradictory=is_contradictory,
    )


def written(place: Place) -> list[str]:
    """Return the place's names from large to small as one writes them: nothing said twice."""
    names = [place.province, place.city, place.district]
    if place.province in MUNICIPALITIES:
        names = names[1:]
    return [name for name in names if name != NONE]


def town_of(place: Place, chance: Random, *, share: float = 0.44) -> str:
    """Return one of the place's towns as often as people state one, else `-`."""
    return chance.choice(place.towns) if place.towns and chance.random() < share else NONE


def _shown(town: str) -> str:
    return "" if town == NONE else town


def clean(world: World, chance: Random) -> Case:
    """Every level in full, in order, with or without a town."""
    place = chance.choice(world.places)
    town = town_of(place, chance)
    return labelled("".join(written(place)) + _shown(town) + streets.rest(chance), place, town=town)


def only_levels(world: World, chance: Random) -> Case:
    """Nothing but the divisions."""
    place = chance.choice(world.places)
    return labelled("".join(written(place)), place)


def no_province(world: World, chance: Random) -> Case:
    """City and district, the province left out."""
    place = chance.choice(world.usual)
    town = town_of(place, chance)
    return labelled(
        place.city + place.district + _shown(town) + streets.rest(chance), place, town=town
    )


def no_city(world: World, chance: Random) -> Case | None:
    """Province and district, the city left out."""
    place = chance.choice(world.usual)
    if sum(p.province == place.province for p in world.by_district[place.district]) > 1:
        return None
    town = town_of(place, chance)
    text = place.province + place.district + _shown(town) + streets.rest(chance)
    return labelled(text, place, town=town)


def district_alone(world: World, chance: Random) -> Case | None:
    """A district whose name no other place has or had, no parent stated."""
    place = chance.choice(world.usual)
    if len(world.by_district[place.district]) > 1 or place.district in world.by_town:
        return None
    if place.district in world.once_elsewhere:
        return None
    town = town_of(place, chance)
    return labelled(place.district + _shown(town) + streets.rest(chance), place, town=town)


def shared_district(world: World, chance: Random) -> Case | None:
    """A district whose name several places of different provinces have: nothing can be told."""
    name = chance.choice([d for d, ps in world.by_district.items() if len(ps) > 1 and d != NONE])
    if len({p.province for p in world.by_district[name]}) < 2:
        return None
    return labelled(name + streets.rest(chance), None)


def city_alone(world: World, chance: Random) -> Case:
    """Province and city, or the city alone, and no district."""
    place = chance.choice(world.usual)
    bare = Place(place.province, place.city, NONE, "", ())
    names = written(bare) if chance.random() < 0.5 else [place.city]
    return labelled("".join(names) + streets.rest(chance), bare)


def no_district(world: World, chance: Random) -> Case | None:
    """City and a town that only one of its districts has."""
    place = chance.choice(world.usual)
    towns = world.lonely_in_city(place)
    if not towns:
        return None
    town = chance.choice(towns)
    names = [place.province, place.city] if chance.random() < 0.5 else [place.city]
    return labelled("".join(names) + town + streets.rest(chance), place, town=town)


def town_alone(world: World, chance: Random) -> Case | None:
    """A town whose name stands once in the country, and nothing above it."""
    place = chance.choice(world.places)
    towns = [town for town in world.lonely_towns(place) if len(town) > 3]
    if not towns:
        return None
    town = chance.choice(towns)
    return labelled(town + streets.rest(chance), place, town=town)


def short_forms(world: World, chance: Random) -> Case:
    """Province, city or district without its 省, 市, 区."""
    place = chance.choice(world.usual)
    town = town_of(place, chance)
    names = written(place)
    which = chance.choice(([0], [1], [0, 1], [0, 1], list(range(len(names)))))
    said = [short(name) if n in which else name for n, name in enumerate(names)]
    return labelled("".join(said) + _shown(town) + streets.rest(chance), place, town=town)


def ethnic(world: World, chance: Random) -> Case | None:
    """前郭县 for 前郭尔罗斯蒙古族自治县, and so on."""
    place = chance.choice(world.places)
    said = ethnic_short(place.district)
    if said is None or said in world.by_district:
        return None
    town = town_of(place, chance)
    names = [*written(place)[:-1], said]
    return labelled("".join(names) + _shown(town) + streets.rest(chance), place, town=town)


def overlap(world: World, chance: Random) -> Case | None:
    """济南市中区: one 市 for the city's end and the district's beginning."""
    place = chance.choice([p for p in world.usual if p.city[-1] == p.district[0]])
    names = [place.province, place.city + place.district[1:]]
    return labelled("".join(names[chance.randrange(2) :]) + streets.rest(chance), place)


def few_levels(world: World, chance: Random) -> Case:
    """Cities without districts and counties directly below the province."""
    place = chance.choice([p for p in world.places if NONE in p.levels()[:3]])
    town = town_of(place, chance, share=0.7)
    names = written(place)
    if chance.random() < 0.3:
        names = [short(names[0]), *names[1:]]
    return labelled("".join(names) + _shown(town) + streets.rest(chance), place, town=town)


def former(world: World, chance: Random) -> Case | None:
    """Names that are no longer in the table."""
    if not world.formers:
        return None
    old = chance.choice(world.formers)
    names = [old.province, old.city, old.district]
    if old.province in MUNICIPALITIES:
        names = names[1:]
    if chance.random() < 0.3:
        names = names[1:]
    text = "".join(name for name in names if name != NONE) + streets.rest(chance)
    place = old.place
    return labelled(text, place)


def swapped_kind(world: World, chance: Random) -> Case | None:
    """神木县 for 神木市: 区, 县 and 市 put for one another."""
    place = chance.choice(world.usual)
    if place.district[-1] not in "区县市" or len(place.district) != 3:
        return None
    said = place.district[:-1] + chance.choice("区县市".replace(place.district[-1], ""))
    stems = [p for p in world.of_city[place.province, place.city] if p.district[:2] == said[:2]]
    if said in world.names or len(stems) > 1 or said[:2] == place.city[:2]:
        return None
    return labelled("".join([*written(place)[:-1], said]) + streets.rest(chance), place)


def typo(world: World, chance: Random) -> Case | None:
    """One character of the district wrong by sound or shape."""
    place = chance.choice(world.usual)
    table = chance.choice((confusions.SOUNDS, confusions.SHAPES))
    said = confusions.one_swapped(place.district, table, chance)
    siblings = world.of_city[place.province, place.city]
    if said is None or len(place.district) < 3 or said in world.names or _near(said, siblings) > 1:
        return None
    text = "".join([*written(place)[:-1], said]) + streets.rest(chance)
    return labelled(text, place)


def _near(said: str, siblings: list[Place]) -> int:
    return sum(
        len(p.district) == len(said)
        and sum(a != b for a, b in zip(p.district, said, strict=True)) < 2
        for p in siblings
    )


def city_typo(world: World, chance: Random) -> Case | None:
    """One character of the city wrong by sound or shape, the district right."""
    place = chance.choice(world.usual)
    table = chance.choice((confusions.SOUNDS, confusions.SHAPES))
    said = confusions.one_swapped(place.city, table, chance)
    if said is None or said in world.names or place.province in MUNICIPALITIES:
        return None
    if sum(p.province == place.province for p in world.by_district[place.district]) > 1:
        return None
    return labelled(place.province + said + place.district + streets.rest(chance), place)


def missing_character(world: World, chance: Random) -> Case | None:
    """One character of the district missing, never its first."""
    place = chance.choice(world.usual)
    if len(place.district) < 4:
        return None
    at = chance.randrange(1, len(place.district) - 1)
    said = place.district[:at] + place.district[at + 1 :]
    if (
        said in world.names
        or sum(
            p.district[:2] == place.district[:2] for p in world.of_city[place.province, place.city]
        )
        > 1
    ):
        return None
    return labelled("".join([*written(place)[:-1], said]) + streets.rest(chance), place)


def wrong_province(world: World, chance: Random) -> Case | None:
    """Another province in front of city and district: the answer stands, the row is flagged."""
    place, other = chance.choice(world.usual), chance.choice(world.usual)
    if place.province == other.province or place.province in MUNICIPALITIES:
        return None
    if any(p.province == other.province for p in world.by_district[place.district]):
        return None
    text = other.province + place.city + place.district + streets.rest(chance)
    return labelled(text, place, is_contradictory=True)


def backwards(world: World, chance: Random) -> Case:
    """Detail first, then from small to large."""
    place = chance.choice(world.usual)
    between = chance.choice((" ", ",", "，"))
    names = [streets.road(chance), *reversed(written(place))]
    return labelled(between.join(names), place)
