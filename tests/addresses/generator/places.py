"""The divisions as the generator sees them: chains of names, and which names mean one place only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NONE = "-"
_ENDS = (
    "特别行政区",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "林区",
    "新区",
    "省",
    "市",
    "区",
    "县",
    "盟",
    "旗",
    "州",
)
_PEOPLE_NAMES = (
    "蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 拉祜 水 东乡 纳西"
    " 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 塔吉克 怒 鄂温克 保安 裕固 独龙 鄂伦春 各"
)
_PEOPLES = sorted(_PEOPLE_NAMES.split(), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Place:
    """A district or a city without districts, with its parents and towns; `-` where there is none."""

    province: str
    city: str
    district: str
    code: str
    towns: tuple[str, ...]

    def levels(self, town: str = NONE) -> tuple[str, str, str, str]:
        """Return the four names as a label gives them."""
        return (self.province, self.city, self.district, town)


@dataclass(frozen=True, slots=True)
class Former:
    """The names that a place had before, as they stood on parcels."""

    province: str
    city: str
    district: str
    place: Place


class World:
    """All places, and what can be told from a few of their names."""

    def __init__(
        self,
        places: Iterable[Place],
        formers: Iterable[Former] = (),
        once_elsewhere: Iterable[str] = (),
    ) -> None:
        self.places: Sequence[Place] = tuple(places)
        self.formers: Sequence[Former] = tuple(formers)
        self.once_elsewhere = frozenset(once_elsewhere)
        self.usual = tuple(p for p in self.places if NONE not in p.levels()[:3])
        self.by_district: dict[str, list[Place]] = defaultdict(list)
        self.by_town: dict[str, list[Place]] = defaultdict(list)
        self.of_city: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for place in self.places:
            self.by_district[place.district].append(place)
            self.of_city[place.province, place.city].append(place)
            for town in place.towns:
                self.by_town[town].append(place)
        self.names = {
            name
            for p in self.places
            for full in (p.province, p.city, p.district)
            for name in (full, short(full))
        }

    def lonely_towns(self, place: Place) -> list[str]:
        """Return the place's towns whose names no other place has."""
        return [town for town in place.towns if len(self.by_town[town]) == 1]

    def lonely_in_city(self, place: Place) -> list[str]:
        """Return the place's towns whose names no other place of its city has."""
        home = (place.province, place.city)
        return [
            town
            for town in place.towns
            if sum((p.province, p.city) == home for p in self.by_town[town]) == 1
        ]


def short(name: str) -> str:
    """Return a name as people shorten it: without its kind, and without the peoples it honours."""
    for end in _ENDS:
        if name.endswith(end) and len(name) - len(end) >= 2:
            stem = name[: -len(end)]
            return _without_peoples(stem) if end.startswith("自治") else stem
    return name


def _without_peoples(stem: str) -> str:
    while True:
        for people in _PEOPLES:
            for honoured in (f"{people}族", people):
                if stem.endswith(honoured) and len(stem) - len(honoured) >= 2:
                    stem = stem[: -len(honoured)]
                    break
            else:
                continue
            break
        else:
            return stem


def ethnic_short(name: str) -> str | None:
    """Return 前郭县 for 前郭尔罗斯蒙古族自治县; None for a name that honours no people."""
    for kind in ("县", "旗", "州"):
        if name.endswith(f"自治{kind}"):
            stem = _without_peoples(name[:-3])
            return None if stem == name[:-3] else stem + kind
    return None
