"""Classes of pasted lines and marketplace rows: name, phone and address in any order and form."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.addresses.generator import people, streets
from tests.addresses.generator.chains import labelled, town_of, written
from tests.addresses.generator.people import Phone
from tests.addresses.generator.places import NONE, Place, World, short
from tests.addresses.grading import Case
from yinuo.addresses.model import StatedAddress


def _address(world: World, chance: Random) -> tuple[Place, str, str]:
    place = chance.choice(world.places)
    town = town_of(place, chance)
    said = "" if town == NONE else town
    return place, town, "".join(written(place)) + said + streets.rest(chance)


def _joined(who: str, phone: str, where: str, chance: Random) -> str:
    between = chance.choice((" ", " ", "，", ",", "\n", "\t", ";", "/"))
    parts = [who, phone, where]
    order = chance.choice(((0, 1, 2), (0, 1, 2), (2, 0, 1), (1, 0, 2), (2, 1, 0), (0, 2, 1)))
    return between.join(parts[n] for n in order)


def _line(world: World, chance: Random, who: str, phone: Phone) -> Case:
    place, town, where = _address(world, chance)
    text = _joined(who, phone.typed, where, chance)
    return labelled(text, place, town=town, name=who, phone=phone.label)


def separated_line(world: World, chance: Random) -> Case:
    """Name, mobile and address with something between."""
    return _line(world, chance, people.name(chance), people.mobile(chance))


def labelled_line(world: World, chance: Random) -> Case:
    """Fields with their labels, as apps copy them."""
    place, town, where = _address(world, chance)
    who, phone = people.name(chance), people.mobile(chance)
    between = chance.choice((" ", "\n", "，", ", "))
    colon = chance.choice(("：", ":", ": "))
    names = chance.choice(
        (
            ("收货人", "手机号码", "地址"),
            ("收件人", "电话", "收货地址"),
            ("姓名", "手机", "详细地址"),
            ("联系人", "联系电话", "地址"),
        )
    )
    text = between.join(
        f"{label}{colon}{value}"
        for label, value in zip(names, (who, phone.typed, where), strict=True)
    )
    return labelled(text, place, town=town, name=who, phone=phone.label)


def glued_line(world: World, chance: Random) -> Case:
    """Name, mobile and address in one piece."""
    place, town, where = _address(world, chance)
    if where[-1].isdigit():
        where += "室"  # a room's digits before a phone's could be read in more than one way
    who, phone = people.plain_name(chance), people.mobile(chance)
    text = chance.choice(
        (
            f"{who}{phone.typed}{where}",
            f"{phone.typed}{who}{where}",
            f"{where}{phone.typed}{who}",
        )
    )
    return labelled(text, place, town=town, name=who, phone=phone.label)


def typed_phone(world: World, chance: Random) -> Case:
    """A mobile with spaces, dashes, a country code, full-width digits; a landline."""
    draw = chance.choice((people.spaced_mobile, people.spaced_mobile, people.landline))
    place, town, where = _address(world, chance)
    who, phone = people.plain_name(chance), draw(chance)
    text = (
        f"{who}，{phone.typed}，{where}"
        if chance.random() < 0.5
        else f"{where} {who} {phone.typed}"
    )
    return labelled(text, place, town=town, name=who, phone=phone.label)


def virtual_phone(world: World, chance: Random) -> Case:
    """A stand-in number with extension; the extension again behind name and address."""
    place, town, where = _address(world, chance)
    who, phone = people.plain_name(chance), people.virtual(chance)
    tail = f"[{phone.extension}]" if chance.random() < 0.5 else ""
    text = f"{who}{tail} {phone.typed} {where}{tail}"
    return labelled(text, place, town=town, name=who, phone=phone.label)


def masked(world: World, chance: Random) -> Case:
    """Name and number hidden by the marketplace."""
    return _line(world, chance, people.masked_name(chance), people.masked_phone(chance))


def place_named(world: World, chance: Random) -> Case:
    """A receiver whose name is that of a place."""
    who, phone = chance.choice(people.PLACE_LIKE), people.mobile(chance)
    place, town, where = _address(world, chance)
    between = chance.choice((" ", "，", "\n"))
    text = between.join((who, phone.typed, where))
    return labelled(text, place, town=town, name=who, phone=phone.label)


def market(world: World, chance: Random) -> Case:
    """Marketplace fields as they should be, the detail with the usual additions."""
    place = chance.choice(world.usual)
    town = town_of(place, chance)
    rest = ("" if town == NONE else town) + streets.rest(chance)
    whole = "".join(written(place))
    detail = chance.choice((rest, rest, whole + rest, f"中国{whole}{rest}", f"【{rest}】附近"))
    stated = StatedAddress(
        province=place.province, city=place.city, district=place.district, detail=detail
    )
    return replace(labelled("", place, town=town), stated=stated)


def drifted(world: World, chance: Random) -> Case:
    """Marketplace fields a level off, shortened, empty or meaningless."""
    place = chance.choice([p for p in world.usual if p.towns])
    town = chance.choice(place.towns)
    rest = streets.rest(chance)
    right = StatedAddress(province=place.province, city=place.city, district=place.district)
    stated = chance.choice(
        (
            replace(right, city=place.district, district=town, detail=rest),
            replace(right, district="", detail=place.district + town + rest),
            replace(right, city="", district="", detail=place.city + place.district + town + rest),
            replace(right, district="其它区", detail=place.district + town + rest),
            replace(right, city="市辖区", town=town, detail=rest),
            replace(right, province=short(place.province), city=short(place.city), town=town),
            replace(right, province="", town=town, detail=rest),
            StatedAddress(detail=rest, town=town, codes=(place.code,)),
        )
    )
    if stated.city in {"市辖区", place.district} and _is_shared(world, place):
        stated = replace(right, town=town, detail=rest)
    return replace(labelled("", place, town=town), stated=stated)


def _is_shared(world: World, place: Place) -> bool:
    same = world.by_district[place.district]
    return sum(p.province == place.province for p in same) > 1


def contradictory(world: World, chance: Random) -> Case:
    """Fields and typed text, or name and code, that name different places."""
    place, other = chance.choice(world.usual), chance.choice(world.usual)
    while (other.province, other.city) == (place.province, place.city) or (
        other.district == place.district
    ):
        other = chance.choice(world.usual)
    rest = streets.rest(chance)
    fields = StatedAddress(province=place.province, city=place.city, district=place.district)
    stated = chance.choice(
        (
            replace(fields, detail="".join(written(other)) + rest),
            replace(fields, detail=other.city + other.district + rest),
            replace(fields, detail=rest, codes=(other.code,)),
        )
    )
    label = labelled("", place, is_contradictory=True)
    return replace(label, stated=stated, levels=("?", "?", "?", "?"), code="")
