"""The division table as a release: its date, sources and counts, and what a newer one changes."""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import resources

from yinuo.addresses.model.table import FORMER, SPLIT, table
from yinuo.addresses.model.types import Level
from yinuo.core.errors import Invalid

_CODE = re.compile(r"[0-9]{6}([0-9]{3})?$")
_LENGTHS = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.DISTRICT, 9: Level.TOWN}
# A file of far more than all towns and villages is none of divisions.
_MOST_BYTES = 100 * 1024 * 1024


class UnreadableRelease(Invalid):
    """The file is no release of divisions; `reason` says what it lacks."""

    code = "addresses.unreadable_release"


class ChangeKind(Enum):
    """What a newer release does to a division."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    RECODED = "recoded"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Source:
    """A published package or table that ours was built from."""

    name: str
    version: str
    licence: str
    state: str
    part: str


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What the table in use holds, and of when."""

    date: str
    sources: tuple[Source, ...]
    counts: Mapping[Level, int]
    former_names: int


@dataclass(frozen=True, slots=True)
class Change:
    """One division that a newer release changes; `before` and `after` are full names with parents.

    `before` is empty for what is added, `after` for what is removed.
    """

    kind: ChangeKind
    level: Level
    code: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Division:
    code: str
    name: str
    path: str

    @property
    def level(self) -> Level:
        return _level(self.code)


def table_facts() -> TableFacts:
    """Return date, sources and counts of the table in use."""
    sources = [Source(*map(str, row)) for row in _packed()["sources"]]
    known = table()
    counts = Counter(one.level for one in _current())
    kinds = (pair[1] for entries in known.entries for pair in entries)
    return TableFacts(
        date=known.date,
        sources=tuple(sources),
        counts={level: counts[level] for level in Level},
        former_names=sum(kind in {FORMER, SPLIT} for kind in kinds),
    )


def compare(content: bytes) -> list[Change]:
    """Return what a newer release would change, by code; raises UnreadableRelease.

    The content is a table built by tools/divisions/build.py, or CSV with the columns code and name
    (six digits, nine for towns). Only levels and provinces that the newer one has are compared.
    """
    newer = _read(content)
    held = {(one.code[:2], one.level) for one in newer}
    older = [one for one in _current() if (one.code[:2], one.level) in held]
    return _changes({one.code: one for one in older}, {one.code: one for one in newer})


def _packed() -> dict[str, list[list[object]]]:
    file = resources.files("yinuo.addresses.model").joinpath("divisions.json.zlib")
    data: dict[str, list[list[object]]] = json.loads(zlib.decompress(file.read_bytes()))
    return data


def _level(code: str) -> Level:
    if len(code) == 9:
        return Level.TOWN
    return _LENGTHS[len(re.sub("(00){1,2}$", "", code))]


def _current() -> list[_Division]:
    known = table()
    rows = {
        known.codes[place]: known.names[place]
        for place in range(known.regions)
        if place not in known.heirs
    }
    for start, end in known.town_spans.values():
        for town in range(start, end):
            division = known.division(known.regions + town)
            if division.name:
                rows[division.code] = division.name
    return _divisions(rows)


def _read(content: bytes) -> list[_Division]:
    if len(content) > _MOST_BYTES:
        raise UnreadableRelease(reason="> 100 MB")
    try:
        rows = _packed_rows(json.loads(zlib.decompress(content)))
    except zlib.error:
        rows = _csv_rows(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableRelease(reason=type(error).__name__) from None
    if not rows:
        raise UnreadableRelease(reason="0")
    return _divisions(rows)


def _packed_rows(data: Mapping[str, object]) -> dict[str, str]:
    codes, names = str(data["codes"]).split(" "), str(data["names"]).split(" ")
    heirs, towns, numbers, respelt = (
        _mapping(data[key]) for key in ("heirs", "towns", "town_codes", "respelt")
    )
    rows = {
        code: name
        for place, (code, name) in enumerate(zip(codes, names, strict=True))
        if str(place) not in heirs
    }
    for area, text in towns.items():
        own = numbers[area].split(" ")
        for name, code in zip(text.split(" "), own, strict=True):
            if name:
                rows[code if len(code) == 9 else area + code] = respelt.get(name, name)
    return rows


def _mapping(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _csv_rows(content: bytes) -> dict[str, str]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        if not {"code", "name"} <= set(reader.fieldnames or ()):
            raise UnreadableRelease(reason="code, name?")
        rows = {(row["code"] or "").strip(): (row["name"] or "").strip() for row in reader}
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableRelease(reason=type(error).__name__) from None
    return {code: name for code, name in rows.items() if _CODE.match(code) and name}


def _divisions(rows: Mapping[str, str]) -> list[_Division]:
    return [_Division(code, name, _path(code, rows)) for code, name in rows.items()]


def _path(code: str, rows: Mapping[str, str]) -> str:
    """Return the names of the parents from large to small; those in force where rows lack them."""
    above = (f"{code[:2]}0000", f"{code[:4]}00", code[:6])
    known = table()
    names = []
    for parent in above:
        place = known.place_of.get(parent)
        name = rows.get(parent) or (known.names[place] if place is not None else "")
        if parent != code and name and name not in names and "直辖" not in name:
            names.append(name)
    return " ".join(names)


def _changes(older: Mapping[str, _Division], newer: Mapping[str, _Division]) -> list[Change]:
    gone = [one for code, one in older.items() if code not in newer]
    come = [one for code, one in newer.items() if code not in older]
    found = [
        _change(ChangeKind.RENAMED, before=older[code], after=after)
        for code, after in newer.items()
        if code in older and older[code].name != after.name
    ]
    by_name: dict[tuple[Level, str], list[_Division]] = defaultdict(list)
    for one in gone:
        by_name[one.level, one.name].append(one)
    for after in come:
        before = _same(by_name[after.level, after.name], after)
        if before is None:
            found.append(_change(ChangeKind.ADDED, before=None, after=after))
            continue
        by_name[after.level, after.name].remove(before)
        kind = ChangeKind.RECODED if before.path == after.path else ChangeKind.MOVED
        found.append(_change(kind, before=before, after=after))
    left: Iterable[_Division] = (one for ones in by_name.values() for one in ones)
    found += [_change(ChangeKind.REMOVED, before=one, after=None) for one in left]
    return sorted(found, key=lambda change: (change.level, change.code))


def _same(candidates: Sequence[_Division], after: _Division) -> _Division | None:
    """Return the vanished division that this one goes on: below the same parents, else the city's."""
    for width in (6, 4, 2):
        near = [one for one in candidates if one.code[:width] == after.code[:width]]
        exact = [one for one in candidates if one.path == after.path]
        if exact or near:
            return (exact or near)[0]
    return None


def _change(kind: ChangeKind, *, before: _Division | None, after: _Division | None) -> Change:
    one = after or before
    assert one is not None  # noqa: S101 - one of both is always there
    return Change(kind, one.level, one.code, _full(before), _full(after))


def _full(one: _Division | None) -> str:
    return " ".join(part for part in (one.path, one.name) if part) if one else ""
