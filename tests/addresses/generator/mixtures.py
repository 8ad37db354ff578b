"""Classes that mix what real rows mix, each feature as often as it was counted there."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.addresses.generator import chains, confusions, people, streets, surroundings
from tests.addresses.generator.chains import MUNICIPALITIES, labelled, town_of, written
from tests.addresses.generator.places import NONE, Place, World, short
from tests.addresses.grading import Case

# How often each level is stated in real texts, and how often in short where it is.
_STATED = (0.43, 0.54, 0.66, 0.44)
_SHORT = (0.09, 0.12, 0.07)


def partial(world: World, chance: Random) -> Case | None:
    """Levels stated or not as people do; the label is what all places that fit have in common."""
    place = chance.choice(world.places)
    town = chance.choice(place.towns) if place.towns else NONE
    wanted = [
        name if name != NONE and chance.random() < often else NONE
        for name, often in zip(place.levels(town), _STATED, strict=True)
    ]
    if place.province in MUNICIPALITIES:
        wanted[0] = NONE if wanted[1] != NONE else wanted[0]
    if _is_unfair(world, wanted):
        return None
    fitting = _fitting(world, wanted)
    said = [
        short(name) if number < 3 and chance.random() < _SHORT[number] else name
        for number, name in enumerate(wanted)
        if name != NONE
    ]
    if wanted[:2] == [NONE, NONE]:
        said = [name for name in wanted if name != NONE]
    if len(set(map(short, said))) < len(said):
        return None
    between = chance.choice(" ,/") if chance.random() < 0.15 else ""
    text = between.join([*said, streets.rest(chance)])
    levels = _common(fitting, wanted[3])
    case = labelled(text, fitting[0])
    return replace(case, levels=levels, code=case.code if len(fitting) == 1 else "")


def _is_unfair(world: World, wanted: list[str]) -> bool:
    """Tell whether nothing is stated, or something that a former name makes undecidable."""
    province, city, district, town = wanted
    if {*wanted} == {NONE}:
        return True
    is_alone = province == city == NONE
    if is_alone and district in world.once_elsewhere:
        return True
    return district == NONE and town != NONE and (len(town) < 4 or is_alone)


def _fitting(world: World, wanted: list[str]) -> list[Place]:
    return [
        place
        for place in world.places
        if all(
            told in (NONE, name) for told, name in zip(wanted[:3], place.levels()[:3], strict=True)
        )
        and (wanted[3] == NONE or wanted[3] in place.towns)
    ]


def _common(fitting: list[Place], town: str) -> tuple[str, str, str, str]:
    columns = zip(*(place.levels()[:3] for place in fitting), strict=True)
    levels = [column[0] if len(set(column)) == 1 else NONE for column in columns]
    if levels[0] == NONE:
        return (NONE, NONE, NONE, NONE)
    if len(fitting) > 1:
        return (levels[0], levels[1], NONE, NONE)
    return (levels[0], levels[1], levels[2], town)


def market_row(world: World, chance: Random) -> Case:
    """A marketplace's row in one text: 中国, 【】, 附近, blanks, Latin letters, a buyer's note."""
    place = chance.choice(world.usual)
    town = town_of(place, chance)
    names = written(place)
    if chance.random() < 0.25:
        names = [short(names[0]), *names]
    between = chance.choice((" ", "\t", "  ")) if chance.random() < 0.46 else ""
    detail = ("" if town == NONE else town) + streets.road(chance)
    estate = streets.estate(chance) + streets.house(chance)
    if chance.random() < 0.48:
        estate = f"【{estate}】"
    if chance.random() < 0.06:
        estate += chance.choice((" Tower B", "SOHO", " No.8", "CBD"))
    parts = ["中国" if chance.random() < 0.62 else "", *names, detail, estate]
    if chance.random() < 0.52:
        parts.append("附近")
    if chance.random() < 0.02:
        parts.append(chance.choice(streets.REMARKS))
    return labelled(between.join(part for part in parts if part), place, town=town)


def company(world: World, chance: Random) -> Case:
    """A company's address: the chain, a zone or road, then the firm with a place in its name."""
    place = chance.choice(world.usual)
    town = town_of(place, chance, share=0.3)
    names = written(place)[chance.choice((0, 0, 1)) :]
    where = streets.road(chance) + streets.house(chance)
    firm = chance.choice(
        (short(place.city), short(place.province), chance.choice(streets.PLACE_ROADS))
    )
    name = f"{firm}{streets.firm(chance)}"
    said = "" if town == NONE else town
    text = chance.choice(
        (
            f"{''.join(names)}{said}{where}{name}",
            f"{''.join(names)}{said}{where}（{name}）",
            f"{''.join(names)}{said}{where} {name}",
        )
    )
    return labelled(text, place, town=town)


_BASES = (
    chains.no_province,
    chains.no_city,
    chains.no_district,
    chains.short_forms,
    chains.ethnic,
    chains.few_levels,
    chains.former,
    chains.swapped_kind,
    chains.typo,
    chains.backwards,
    surroundings.zoned,
    surroundings.meaningless,
    surroundings.place_like_rest,
)


def doubled(world: World, chance: Random) -> Case | None:
    """Two noises at once: one in how the chain is written, one in its characters or around it."""
    base = chance.choice(_BASES)(world, chance)
    if base is None:
        return None
    text = base.text
    match chance.randrange(6):
        case 0:
            text = confusions.swapped(text, confusions.TRADITIONAL, chance)
        case 1:
            text = confusions.swapped(text, confusions.RADICALS, chance, share=0.8)
        case 2:
            text = text.translate(confusions.WIDE)
        case 3:
            text = f"中国{text}附近"
        case 4:
            text = f"【{text}】"
        case _:
            who, phone = people.plain_name(chance), people.mobile(chance)
            text = f"{who} {phone.typed} {text}"
            return replace(base, text=text, name=who, phone=phone.label)
    return replace(base, text=text)
