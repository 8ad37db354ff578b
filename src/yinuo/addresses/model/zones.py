"""Development zones: no divisions, though written where one stands."""

from __future__ import annotations

import re

from yinuo.addresses.model.table import Table

_KINDS = (
    "高新技术产业开发区|高新技术产业园区|高新技术开发区|高新技术产业区|高新技术区|高新开发区|高新园区|高新区|高科技园区"
    "|经济技术开发区|经济开发区|技术开发区|经济技术开发试验区|经济区|经开区|开发区|综合保税区|保税港区|保税区|自贸区|自由贸易区|自由贸易试验区"
    "|工业园区|产业园区|科技园区|创业园区|农业园区|生态园区|工业园|产业园|科技园|软件园|物流园|工业区|新区|新城区|新城|示范区|度假区|旅游区|风景名胜区|风景区"
    "|管理区|合作区|试验区|实验区|生态城|科学城|科技城|大学城|航空港区|航空港|空港区|空港|港区|管委会|农高区|出口加工区|开发园区|产业集聚区|集聚区"
)
_ZONE = re.compile(rf"[一-鿿]{{0,8}}?(?:{_KINDS})")
_SKIP = re.compile(r"[\W_]*")
# What ends like a district's name and is none.
NOT_A_DISTRICT = re.compile(
    rf"(?:{_KINDS}|小区|社区|街区|景区|校区|院区|片区|库区|厂区|园区|灾区|辖区|地区|战区|军区|[一二三四五六七八九十A-Za-z\d]区"
    r"|超市|菜市|城市|都市|门市|夜市|花市|早市|集市|股市|楼市|上市|房市|车市|年画市|贫困县)$"
)


def zone_at(text: str, after: int) -> tuple[int, int] | None:
    """Return where a development zone is written directly after a position."""
    skip = _SKIP.match(text, after)
    start = skip.end() if skip else after
    found = _ZONE.match(text, start)
    return found.span() if found else None


def known_zone(table: Table, place: int, text: str, after: int) -> tuple[int, int] | None:
    """Return where a zone is written directly after a position whose district is known."""
    if place not in table.zones:
        return None
    skip = _SKIP.match(text, after)
    start = skip.end() if skip else after
    ends = [start + len(name) for name, _ in table.zones[place] if text.startswith(name, start)]
    return (start, max(ends)) if ends else None


def district_of_zone(table: Table, city: int, zone: str, city_name: str) -> int:
    """Return the district that a zone lies in, -1 when it is not one or not known."""
    for name, district in table.zones.get(city, ()):
        if zone in {name, name.removeprefix(city_name)} or (len(name) > 4 and name in zone):
            return district
    return -1
