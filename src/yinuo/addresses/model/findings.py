"""What was found out about a text's place: the answer, how sure, and why."""

from __future__ import annotations

from typing import NamedTuple

from yinuo.addresses.model.confidence import confidence_of
from yinuo.addresses.model.contradictions import contradictions_in
from yinuo.addresses.model.places import Read, read
from yinuo.addresses.model.stated import as_fields, place_of_codes, with_code
from yinuo.addresses.model.table import Table
from yinuo.addresses.model.towns import town_in
from yinuo.addresses.model.types import (
    Contradiction,
    ContradictionKind,
    EvidenceKind,
    StatedAddress,
)

_BY_CODE = 0.97
_DOUBTFUL = 0.6
_BY_TOWN = 0.93


class Reason(NamedTuple):
    """One reason before it is put into words: a place, where it was read, by which kind."""

    place: int
    span: tuple[int, int] | None
    kind: EvidenceKind
    text: str | None = None


class Finding(NamedTuple):
    """Region and town (-1 for none), confidence, contradictions, and the words used up.

    `read` is how the text was read; None when that is worked out only on demand.
    """

    place: int
    town: int
    sure: float
    against: tuple[Contradiction, ...]
    used: tuple[tuple[int, int], ...]
    read: Read | None
    more: tuple[Reason, ...] = ()


def thorough(table: Table, text: str) -> Finding:
    """Return where a folded text lies, with everything considered."""
    found = read(table, text)
    located = found.located
    against = contradictions_in(table, found.text, located)
    used = located.used
    if found.view is not None:
        used = tuple(found.view.back(span) for span in used)
    return Finding(
        table.answered(located.place) if located.place >= 0 else -1,
        located.town.place if located.town else -1,
        confidence_of(table, found.text, located, against),
        against,
        used,
        found,
    )


def _with_stated_town(table: Table, finding: Finding, stated: StatedAddress) -> Finding:
    """Return a finding again; a stated town that is known elsewhere only contradicts the county."""
    name = table.folding.fold(stated.town.strip())
    place = finding.place
    if not name or finding.town >= 0 or place < 0 or table.levels[place] < 3 or finding.against:
        return finding
    if name not in table.towns_named or place not in table.town_spans:
        return finding
    against = Contradiction(ContradictionKind.DISTRICT_TOWN, name, table.names[place])
    return finding._replace(against=(against,), sure=min(finding.sure, _BY_TOWN))


def with_codes(
    table: Table, finding: Finding, stated: StatedAddress, text: str, body: int
) -> Finding:
    """Return a finding again with the stated codes considered."""
    if finding.against:
        finding = finding._replace(against=as_fields(finding.against, text, body))
    finding = _with_stated_town(table, finding, stated)
    code, code_town = place_of_codes(table, stated)
    if code < 0:
        return finding
    if finding.place < 0:
        answer = table.answered(code)
        town = code_town
        if town < 0 and finding.read is not None:
            towns = finding.read.located.found.towns
            inside = town_in(table, finding.read.text, code, (0, 0), towns)
            town = inside.place if inside else -1
        reason = Reason(answer, None, EvidenceKind.CODE)
        return finding._replace(place=answer, town=town, sure=_BY_CODE, more=(reason,))
    answer, contradiction = with_code(table, finding.place, code)
    if contradiction is not None:
        against = (*finding.against, contradiction)
        return finding._replace(sure=min(finding.sure, _DOUBTFUL), against=against)
    if answer == finding.place:
        town = code_town if finding.town < 0 and answer == code else finding.town
        return finding._replace(town=town)
    sure = finding.sure if finding.against else min(finding.sure, _BY_CODE)
    reason = Reason(answer, None, EvidenceKind.CODE)
    town = code_town if finding.town < 0 else finding.town
    return finding._replace(place=answer, town=town, sure=sure, more=(*finding.more, reason))
