"""What became of an order's address: read by the resolver, decided by it or by a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yinuo.addresses.model.aliases import conflicts_of, place_of_code
from yinuo.addresses.model.picking import Line, line_of
from yinuo.addresses.model.resolver import Resolver
from yinuo.addresses.model.table import table
from yinuo.addresses.model.types import (
    Alias,
    AliasScope,
    EvidenceKind,
    Level,
    Resolved,
    StatedAddress,
)
from yinuo.core.errors import Conflict, Invalid, JsonValue, NotFound

# At this confidence an address passes without a person; see the reliability table of the bench.
PASS = 0.95
MOST_ALIAS = 40
# So many digits are a phone, a postal code or a waybill, and none of them belongs in an alias.
_NUMBER = re.compile(r"\d{5}")


class ReadingState(StrEnum):
    """Who decided where an address lies, or that nobody has yet."""

    PASSED = "passed"
    DOUBTFUL = "doubtful"
    CORRECTED = "corrected"
    CONFIRMED = "confirmed"


class Doubt(StrEnum):
    """Why an address did not pass by itself."""

    CONTRADICTION = "contradiction"
    UNKNOWN = "unknown"
    UNSURE = "unsure"
    INCOMPLETE = "incomplete"
    NO_STREET = "no_street"


class ReadingNotFound(NotFound):
    """No address was read for this order."""

    code = "addresses.reading_not_found"


class AlreadyDecided(Conflict):
    """Another person has decided about this address meanwhile; load it again."""

    code = "addresses.already_decided"


class AliasNotFound(NotFound):
    """There is no such alias."""

    code = "addresses.alias_not_found"


class AliasKnown(Conflict):
    """The same alias stands already, or was taken back before."""

    code = "addresses.alias_known"


class AliasConflicts(Conflict):
    """Other aliases say something else of the same text, or known cases would come out wrong."""

    code = "addresses.alias_conflicts"


class AliasWithoutEffect(Conflict):
    """With the alias the address would still be read otherwise than the person says."""

    code = "addresses.alias_without_effect"


class BadCorrection(Invalid):
    """A division, an alias or a scope cannot be as it is; `problems` name the fields."""

    code = "addresses.bad_correction"


@dataclass(frozen=True, slots=True)
class Judged:
    """What the resolver made of a stated address, and whether a person must look."""

    resolved: Resolved
    doubt: Doubt | None
    detail: str = field(repr=False)

    @property
    def line(self) -> Line:
        """Return the resolved divisions."""
        found = self.resolved
        return Line(found.province, found.city, found.district, found.town)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReading:
    """What was read of the address of an order that is new."""

    order_id: str
    shop_id: str
    channel: str
    stated: StatedAddress
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One order's address as it stands; `stated` is personal data.

    `code` and `line` are the decision: of the resolver, or of the person who corrected it.
    `revision` counts its changes, so that nobody decides about an older one unawares.
    """

    order_id: str
    shop_id: str
    channel: str
    stated: StatedAddress = field(repr=False)
    code: str
    line: Line
    confidence: float
    doubt: Doubt | None
    contradictions: tuple[tuple[str, str, str], ...]
    evidence: tuple[EvidenceLine, ...]
    alias_id: str | None
    table_date: str
    state: ReadingState
    revision: int
    read_at: datetime
    decided_by_name: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One reason for one level: what was read, where in the detail, and how it was recognised."""

    level: str
    code: str
    text: str
    kind: str
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasWish:
    """An alias that a person wants a correction to become."""

    text: str
    scope: AliasScope
    scope_value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAlias:
    """An alias with its story."""

    alias: Alias
    line: Line
    made_by_name: str
    made_at: datetime
    order_id: str
    rolled_back_at: datetime | None
    rolled_back_by_name: str
    rolled_back_why: str
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A regression test that a correction became: a text without person, and where it lies."""

    id: str
    text: str
    shop_id: str
    code: str
    alias_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A kept case that would come out otherwise, and as what."""

    case: Case
    expected: Line
    found: Line


def judge(resolver: Resolver, stated: StatedAddress, *, shop: str, text: str = "") -> Judged:
    """Return what a stated address means and why a person must look at it, if one must.

    `text` is what was typed beside the fields, or in place of them.
    """
    found = resolver.resolve(text, stated=stated, shop=shop)
    detail = found.rest if text else _detail(stated, found)
    return Judged(found, _doubt(found, detail), detail)


def _doubt(found: Resolved, detail: str) -> Doubt | None:
    if found.contradictions:
        return Doubt.CONTRADICTION
    if found.province is None:
        return Doubt.UNKNOWN
    if found.confidence < PASS:
        return Doubt.UNSURE
    if found.city is None or (
        found.district is None and not is_whole_without_district(found.city.code)
    ):
        return Doubt.INCOMPLETE
    return None if detail.strip() else Doubt.NO_STREET


def is_whole_without_district(city: str) -> bool:
    """Tell whether a city has no districts (东莞, 中山, 儋州, 嘉峪关): its towns lie right below."""
    known = table()
    place = known.place_of.get(city, -1)
    return place >= 0 and not known.children.get(place)


def _detail(stated: StatedAddress, found: Resolved) -> str:
    """Return the street and house without the divisions in front; nothing else is left out.

    Only where name and phone stood in the text they are cut off with the divisions.
    """
    if not stated.name.strip() or not stated.phone.strip():
        return found.rest
    text = stated.detail
    end = 0
    for start, stop in sorted(one.span for one in found.evidence if one.span is not None):
        if text[end:start].strip(" ,，、/-|·"):
            break
        end = max(end, stop)
    return text[end:].lstrip(" ,，、/-|·")


def stays(before: Reading, stated: StatedAddress, judged: Judged) -> bool:
    """Tell whether a kept reading stands when the address is read again; `stated` as it is kept."""
    if before.stated != stated:
        return False
    is_by_person = before.state in {ReadingState.CORRECTED, ReadingState.CONFIRMED}
    return is_by_person or (before.code, before.doubt) == (judged.line.code, judged.doubt)


def evidence_lines(found: Resolved) -> tuple[EvidenceLine, ...]:
    """Return the reasons of an answer in the shape in which they are kept."""
    return tuple(
        EvidenceLine(
            level=one.level.name.lower(),
            code=one.code,
            text=one.text[:60],
            kind=one.kind.value,
            start=one.span[0] if one.span else None,
            end=one.span[1] if one.span else None,
        )
        for one in found.evidence
    )


def applied_alias(found: Resolved, aliases: Iterable[Alias], *, shop: str) -> str | None:
    """Return the id of the alias that decided an answer, None where none did."""
    aliases = tuple(aliases)
    if not aliases:
        return None
    used = {one.text for one in found.evidence if one.kind is EvidenceKind.ALIAS}
    fold = table().folding.fold
    order = {AliasScope.SHOP: 0, AliasScope.CITY: 1, AliasScope.EVERYWHERE: 2}
    fitting = [
        alias
        for alias in aliases
        if fold(alias.text).strip() in used
        and (alias.scope is not AliasScope.SHOP or alias.scope_value == shop)
    ]
    return min(fitting, key=lambda one: (order[one.scope], one.id)).id if fitting else None


def check_code(code: str) -> Line:
    """Return the line of a code that a person chose; raises BadCorrection below a district."""
    line = line_of(code)
    if line is None or line.city is None:
        raise BadCorrection(problems=["code"])
    if line.district is None and not is_whole_without_district(line.city.code):
        raise BadCorrection(problems=["code"])
    return line


def check_alias(wish: AliasWish, *, alias_id: str, code: str) -> Alias:
    """Return the alias that a person wishes; raises BadCorrection with every problem."""
    text = table().folding.fold(wish.text).strip()
    wrong: list[JsonValue] = []
    is_name = any(character.isalpha() for character in text)
    is_short = 2 <= len(text) <= MOST_ALIAS
    if not is_short or not is_name or not text.isprintable() or _NUMBER.search(text):
        wrong.append("alias.text")
    if wish.scope is AliasScope.EVERYWHERE:
        is_placed = wish.scope_value == ""
    elif wish.scope is AliasScope.CITY:
        is_placed = place_of_code(table(), wish.scope_value)[0] >= 0 and len(wish.scope_value) == 6
    else:
        is_placed = bool(wish.scope_value)
    if not is_placed:
        wrong.append("alias.scope_value")
    if wrong:
        raise BadCorrection(problems=wrong)
    return Alias(alias_id, wish.text.strip(), code, wish.scope, wish.scope_value)


def case_texts(alias: Alias) -> tuple[str, ...]:
    """Return texts for a regression test: the alias alone, and in its city; nothing of a person."""
    line = line_of(alias.code) or Line()
    above = "".join(one.name for one in (line.province, line.city) if one)
    return (f"{alias.text}1号", f"{above}{alias.text}1号")


def broken_by(new: Alias, standing: Sequence[Alias], cases: Iterable[Case]) -> tuple[Broken, ...]:
    """Return the cases that a new alias makes come out wrong; not those that are wrong already."""
    found = _wrong((*standing, new), cases)
    already = {one.case.id for one in _wrong(standing, [one.case for one in found])}
    return tuple(one for one in found if one.case.id not in already)


def is_right(aliases: Sequence[Alias], case: Case) -> bool:
    """Tell whether a case comes out as it should with these aliases."""
    return not _wrong(aliases, [case])


def _wrong(aliases: Sequence[Alias], cases: Iterable[Case]) -> tuple[Broken, ...]:
    resolver = Resolver(aliases)
    broken = []
    for case in cases:
        found = resolver.resolve(case.text, shop=case.shop_id)
        line = Line(found.province, found.city, found.district, found.town)
        expected = line_of(case.code)
        if expected is None or not is_within(line, expected):
            broken.append(Broken(case=case, expected=expected or Line(), found=line))
    return tuple(broken)


def is_within(found: Line, expected: Line) -> bool:
    """Tell whether a line agrees with another in every level that the other names."""
    return all(want is None or want == got for want, got in zip(expected, found, strict=True))


def conflicts(new: Alias, aliases: Iterable[Alias]) -> tuple[Alias, ...]:
    """Return the aliases that say something else of the same text where the new one holds, too."""
    return conflicts_of(new, aliases)


LEVEL_WORDS = {level: level.name.lower() for level in Level}
