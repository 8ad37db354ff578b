r"""Hand-labelled cases and how an answer is judged against a label.

A case is a row of `cases/<class>.tsv`. `levels` are the four names with slashes between; in each
place `-` is a level that must stay empty, `?` one that does not count, `a|b` a choice; levels left
out behind a `?` do not count, others must stay empty. An empty
cell for a name or phone means that none may be answered, `?` that it does not count. `\n`, `\t`
and `\uXXXX` stand for those characters. `stated` holds marketplace fields: p province, c city,
d district, t town, x detail, n name, m phone, k codes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from yinuo.addresses.model import Resolved, StatedAddress

CASES = Path(__file__).parent / "cases"
ANY, NONE = "?", "-"
_FIELDS = {
    "p": "province",
    "c": "city",
    "d": "district",
    "t": "town",
    "x": "detail",
    "n": "name",
    "m": "phone",
}
_ESCAPED = re.compile(r"\\(u[0-9a-f]{4}|n|t)")


@dataclass(frozen=True, slots=True)
class Case:
    """A text or marketplace address and what a careful person reads in it."""

    kind: str
    text: str
    stated: StatedAddress | None
    levels: tuple[str, str, str, str]
    code: str
    name: str
    phone: str
    is_contradictory: bool | None

    @property
    def shown(self) -> str:
        """Return the text and the fields in one line."""
        return f"{self.text!r}" + (f" {self.stated}" if self.stated else "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which parts of an answer are right; `is_true` when no level answered is another's."""

    levels: bool
    is_true: bool
    name: bool
    phone: bool
    contradiction: bool

    @property
    def is_right(self) -> bool:
        """Tell whether everything is."""
        return self.levels and self.name and self.phone and self.contradiction


def cases(directory: Path = CASES) -> Iterator[Case]:
    """Give every labelled case, class by class."""
    for file in sorted(directory.glob("*.tsv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""):
                yield _case(file.stem, row)


def _case(kind: str, row: dict[str, str]) -> Case:
    levels = row["levels"].split("/")
    levels += [ANY if levels[-1] == ANY else NONE] * 3
    return Case(
        kind=kind,
        text=_ESCAPED.sub(_unescape, row["text"]),
        stated=_stated(_ESCAPED.sub(_unescape, row["stated"])),
        levels=(levels[0], levels[1], levels[2], levels[3]),
        code=row["code"],
        name=row["name"],
        phone=row["phone"],
        is_contradictory=None if row["contradiction"] == ANY else row["contradiction"] == "yes",
    )


def _unescape(found: re.Match[str]) -> str:
    what = found[1]
    return {"n": "\n", "t": "\t"}.get(what) or chr(int(what[1:], 16))


def _stated(cell: str) -> StatedAddress | None:
    if not cell:
        return None
    stated = StatedAddress()
    for part in cell.split(";"):
        key, _, value = part.partition("=")
        if key == "k":
            stated = replace(stated, codes=tuple(value.split(",")))
        else:
            stated = replace(stated, **{_FIELDS[key]: value})
    return stated


def judge(case: Case, answer: Resolved) -> Verdict:
    """Return which parts of an answer agree with the label."""
    return Verdict(
        levels=levels_agree(case.levels, answer) and _code_agrees(case.code, answer),
        is_true=all(
            name is None or _fits(label, name)
            for label, name in zip(case.levels, names_of(answer), strict=True)
        ),
        name=_fits(case.name or NONE, answer.name),
        phone=_phone_agrees(case.phone, answer),
        contradiction=case.is_contradictory in {None, bool(answer.contradictions)},
    )


def names_of(answer: Resolved) -> tuple[str | None, ...]:
    """Return the names of the four levels, None where nothing is answered.

    省直辖县级行政区划 is a heading of the table, not a city: it counts as none.
    """
    return tuple(
        division.name if division and "直辖" not in division.name else None
        for division in (answer.province, answer.city, answer.district, answer.town)
    )


def levels_agree(levels: tuple[str, str, str, str], answer: Resolved) -> bool:
    """Tell whether the names of all four levels are as labelled."""
    return all(_fits(label, name) for label, name in zip(levels, names_of(answer), strict=True))


def _fits(label: str, value: str | None) -> bool:
    choices = label.split("|")
    return label == ANY or (NONE if value is None else value) in choices


def _code_agrees(code: str, answer: Resolved) -> bool:
    if not code:
        return True
    if code.endswith("0000"):
        return answer.province_code == code
    return code == (answer.city_code if code.endswith("00") else answer.district_code)


def _phone_agrees(label: str, answer: Resolved) -> bool:
    if label == ANY:
        return True
    phone = re.sub(r"[^0-9*x]", "", answer.phone or "").replace("x", "*")
    told = "+".join(part for part in (phone, answer.phone_extension or "") if part)
    return told in [choice.replace("x", "*") for choice in label.split("|")]


def told(answer: Resolved) -> str:
    """Return an answer in one line, for lists of failures."""
    levels = "/".join(name or NONE for name in names_of(answer))
    phone = "+".join(part for part in (answer.phone, answer.phone_extension) if part)
    against = ",".join(f"{c.kind.value}:{c.stated}≠{c.against}" for c in answer.contradictions)
    return f"{levels} name={answer.name} phone={phone} {answer.confidence:.3f} {against}".strip()
