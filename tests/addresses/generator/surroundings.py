"""Classes of noise around the divisions: pieces said twice, separators, marks, other characters."""

from __future__ import annotations

import json
from random import Random

from tests.addresses.generator import confusions, streets
from tests.addresses.generator.chains import MUNICIPALITIES, labelled, town_of, written
from tests.addresses.generator.places import NONE, Place, World, short
from tests.addresses.grading import Case

_EMOJI = "🏠📦🌸❤😀🎉📮✨"
_ZONES = (
    "高新区",
    "经济开发区",
    "经济技术开发区",
    "高新技术产业开发区",
    "开发区",
    "经开区",
    "工业园区",
    "产业集聚区",
    "保税区",
)


def _drawn(world: World, chance: Random) -> tuple[Place, str, list[str], str]:
    place = chance.choice(world.usual)
    town = town_of(place, chance)
    names = written(place) + ([] if town == NONE else [town])
    return place, town, names, streets.rest(chance)


def repeated(world: World, chance: Random) -> Case:
    """The chain, a part of it or each name said twice."""
    place, town, names, rest = _drawn(world, chance)
    chain = written(place)
    whole = "".join(chain)
    text = chance.choice(
        (
            whole + "".join(names) + rest,
            "".join(name * 2 for name in chain) + "".join(names[len(chain) :]) + rest,
            "".join(short(name) for name in chain[:-1]) + "".join(names) + rest,
            "".join(names) + chain[-1] + rest,
            "".join(names) + rest + "".join(names) + rest,
            f"{short(chain[0])}{'' if place.province in MUNICIPALITIES else chain[0]}"
            + "".join(names[1:] if place.province not in MUNICIPALITIES else names)
            + rest,
        )
    )
    return labelled(text, place, town=town)


def meaningless(world: World, chance: Random) -> Case:
    """市辖区, 其他, 城区, 全境 and the like between the levels."""
    place, town, names, rest = _drawn(world, chance)
    word = chance.choice(("市辖区", "城区", "其他", "其它", "全境", "null", "市区"))
    at = len(written(place)) - (1 if word in {"市辖区", "市区"} else 0)
    return labelled("".join([*names[:at], word, *names[at:]]) + rest, place, town=town)


def separated(world: World, chance: Random) -> Case:
    """Levels apart by spaces, commas, slashes, tabs or line ends."""
    place, town, names, rest = _drawn(world, chance)
    between = chance.choice((" ", "  ", ",", "，", "/", "-", "|", "\t", "\n", "·", "_", "　", "、"))
    return labelled(between.join([*names, rest]), place, town=town)


def spaced(world: World, chance: Random) -> Case:
    """A space inside a name, or between all characters."""
    place, town, names, rest = _drawn(world, chance)
    whole = "".join(names)
    if chance.random() < 0.3:
        return labelled(" ".join(whole) + rest, place, town=town)
    for _ in range(chance.randrange(1, 3)):
        at = chance.randrange(1, len(whole))
        whole = whole[:at] + " " + whole[at:]
    return labelled(whole + rest, place, town=town)


def country(world: World, chance: Random) -> Case:
    """中国 in front, apart or not, with the province short sometimes."""
    place, town, names, rest = _drawn(world, chance)
    mark = chance.choice(("中国", "中国 ", "中华人民共和国", "中国-"))
    if chance.random() < 0.3:
        names = [short(names[0]), *names]
    return labelled(mark + "".join(names) + rest, place, town=town)


def bracketed(world: World, chance: Random) -> Case:
    """【】 or other brackets around chain, detail or a remark, 附近 at the end."""
    place, town, names, rest = _drawn(world, chance)
    whole, remark = "".join(names), chance.choice(streets.REMARKS)
    text = chance.choice(
        (
            f"【{whole}】{rest}",
            f"{whole}【{rest}】",
            f"{whole}{rest}({remark})",
            f"{whole}{rest}附近",
            f"（{remark}）{whole}{rest}",
            f"{whole}（{rest}）附近",
            f"{whole}{rest}，{remark}",
        )
    )
    return labelled(text, place, town=town)


def decorated(world: World, chance: Random) -> Case:
    """Emoji, labels, JSON or markup around."""
    place, town, names, rest = _drawn(world, chance)
    whole = "".join(names)
    mark = chance.choice(_EMOJI)
    fields = {"province": place.province, "city": place.city, "district": place.district}
    detail = whole.removeprefix("".join(written(place))) + rest
    text = chance.choice(
        (
            f"{mark}{whole}{rest}{mark}",
            mark.join(names) + mark + rest,
            f"收货地址：{whole}{rest}",
            f"地址: {whole}{rest}",
            f"所在地区：{' '.join(names)} 详细地址：{rest}",
            json.dumps({**fields, "detail": detail}, ensure_ascii=False),
            f"<p>{whole}{rest}</p>",
            f"“{whole}{rest}”",
        )
    )
    return labelled(text, place, town=town)


def zoned(world: World, chance: Random) -> Case:
    """A development zone between the levels, the district stated."""
    place, town, names, rest = _drawn(world, chance)
    count = len(written(place))
    zone = chance.choice(_ZONES)
    at = chance.choice((count, count, count - 1))
    own = chance.choice(("", "", short(names[at - 1]) if at else ""))
    return labelled("".join([*names[:at], own + zone, *names[at:]]) + rest, place, town=town)


def traditional(world: World, chance: Random) -> Case:
    """The chain in traditional characters."""
    place, town, names, rest = _drawn(world, chance)
    text = "".join(names) + rest
    return labelled(confusions.swapped(text, confusions.TRADITIONAL, chance), place, town=town)


def look_alike(world: World, chance: Random) -> Case:
    """Radicals put for characters, 巿 for 市, as copied from PDFs."""
    place, town, names, rest = _drawn(world, chance)
    text = confusions.swapped("".join(names), confusions.RADICALS, chance, share=0.8)
    if chance.random() < 0.3:
        text = text.replace("市", "巿")
    return labelled(text + rest, place, town=town)


def wide(world: World, chance: Random) -> Case:
    """Full-width digits, letters and spaces."""
    place, town, names, rest = _drawn(world, chance)
    between = chance.choice(("", "　"))
    return labelled(between.join(names) + rest.translate(confusions.WIDE), place, town=town)


def place_like_rest(world: World, chance: Random) -> Case:
    """A road, house or firm that carries the name of another place."""
    place, town, names, _ = _drawn(world, chance)
    if chance.random() < 0.3:
        names = names[1:]
    return labelled("".join(names) + streets.place_like_rest(chance), place, town=town)


def regionless(world: World, chance: Random) -> Case:
    """A text that names no division at all."""
    del world
    return labelled(streets.regionless(chance), None, name="?")


def beheaded(world: World, chance: Random) -> Case:
    """The province's or city's kind lost: 浙江杭州市, 广东省深圳南山区."""
    place, town, names, rest = _drawn(world, chance)
    at = chance.randrange(len(written(place)) - 1)
    names = [short(name) if n == at else name for n, name in enumerate(names)]
    return labelled("".join(names) + rest, place, town=town)
