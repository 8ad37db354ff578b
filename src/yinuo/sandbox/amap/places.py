"""The districts that the map knows: code, province, city, district, a line each."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_ENDING = re.compile(r"(特别行政区|自治区|自治州|自治县|省|市|区|县|旗)$")
_DIRECT = "直辖县级行政区划"
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})


@dataclass(frozen=True, slots=True)
class Place:
    """One district, or a city without districts; what does not apply is empty."""

    code: str
    province: str
    city: str
    district: str

    @property
    def location(self) -> str:
        """Return a made-up point, the same for the same place, longitude first."""
        dice = zlib.crc32(self.code.encode())
        return f"{98 + dice % 24_000 / 1000:.6f},{22 + dice // 24_000 % 20_000 / 1000:.6f}"


@cache
def places() -> tuple[Place, ...]:
    """Return all districts, in the order of their codes."""
    lines = Path(__file__).with_name("divisions.tsv").read_text("utf-8").splitlines()
    found = []
    for line in lines:
        code, province, city, district = line.split("\t")
        found.append(Place(code, province, "" if city.endswith(_DIRECT) else city, district))
    return tuple(found)


def find(address: str) -> Place | None:
    """Return the place that most words of an address name, the lowest code among equals.

    As a map search does, it takes the first of several districts of one name.
    """
    best, most = None, 0
    for place in places():
        own = place.district or place.city
        if not _names(address, own):
            continue
        above = {place.province, place.city} - {own, ""}
        score = 2 + (own in address) + sum(2 * _names(address, name) for name in above)
        if score > most:
            best, most = place, score
    return best


def _names(address: str, name: str) -> bool:
    short = _ENDING.sub("", name)
    return name in address or (len(short) > 1 and short in address)


def level_of(address: str) -> str:
    """Return the vendor's word for how exactly an address can be found."""
    if re.search(r"[路街道巷弄].*?\d+号", address):
        return "门牌号"
    if re.search(r"大厦|广场|医院|学校|大学", address):
        return "兴趣点"
    if re.search(r"小区|花园|公寓|苑|家园", address):
        return "住宅区"
    return "道路" if re.search(r"[路街巷弄]|大道", address) else "区县"
