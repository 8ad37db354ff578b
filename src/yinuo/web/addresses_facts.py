"""Addresses as the API tells them: divisions, evidence and readings, in the caller's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pydantic

from yinuo.addresses.model import (
    Contradiction,
    Division,
    Doubt,
    Evidence,
    EvidenceKind,
    ReadingState,
)
from yinuo.addresses.model.geocodes import Suggestion, Verdict
from yinuo.addresses.model.masking import alias_hint, masked
from yinuo.addresses.model.picking import Line, line_of
from yinuo.addresses.model.readings import EvidenceLine, Judged, Reading
from yinuo.core.texts import Language, text
from yinuo.reports.order_desk import DeskRow


class AddressDivision(pydantic.BaseModel):
    """A province, city, district or town; towns have nine digits, all others six."""

    code: str
    name: str
    level: str
    level_label: str
    is_own_code: bool


class AddressLine(pydantic.BaseModel):
    """A division with all above it; `code` is the deepest one's, `text` all names in a row."""

    province: AddressDivision | None
    city: AddressDivision | None
    district: AddressDivision | None
    town: AddressDivision | None
    code: str
    text: str


class AddressEvidence(pydantic.BaseModel):
    """One reason for one level; `start` and `end` are where it stands in the typed text."""

    level: str
    level_label: str
    code: str
    kind: str
    text: str
    start: int | None
    end: int | None
    words: str


class AddressContradiction(pydantic.BaseModel):
    """Two statements that cannot both be true."""

    kind: str
    stated: str
    against: str
    words: str


class AddressCandidate(pydantic.BaseModel):
    """A place that was considered; scores are comparable within one answer only."""

    line: AddressLine
    score: float


class TriedAddress(pydantic.BaseModel):
    """What a text means, and why; `doubt` is empty where it would pass without a person."""

    line: AddressLine
    rest: str
    name: str | None
    phone: str | None
    phone_extension: str | None
    more_phones: list[str]
    confidence: float
    doubt: Doubt | None
    doubt_label: str
    evidence: list[AddressEvidence]
    contradictions: list[AddressContradiction]
    candidates: list[AddressCandidate]
    table_date: str


class AddressReading(pydantic.BaseModel):
    """An order's address as it stands; numbers and the person's name are masked.

    The spans of `evidence` fit `masked_text`, in which every character keeps its place.
    """

    order_id: str
    order_number: str
    shop_id: str
    shop_name: str
    channel: str
    channel_label: str
    stated_region: str
    masked_text: str
    line: AddressLine
    confidence: float
    state: ReadingState
    state_label: str
    doubt: Doubt | None
    doubt_label: str
    evidence: list[AddressEvidence]
    contradictions: list[AddressContradiction]
    read_at: datetime
    revision: int
    decided_by: str
    decided_at: datetime | None


class AddressReadingDetail(AddressReading):
    """An order's address with what helps to decide about it.

    `geocoder` says in words what the map service answered, empty where it was not asked; `now` is what the resolver says at this moment, with all aliases; `alias_hint` are words of the
    text that may become an alias.
    """

    candidates: list[AddressCandidate]
    now: AddressLine
    alias_id: str | None
    alias_hint: str
    geocoder: str
    table_date: str


def division_facts(division: Division, language: Language) -> AddressDivision:
    """Return a division in words."""
    level = division.level.name.lower()
    return AddressDivision(
        code=division.code,
        name=division.name,
        level=level,
        level_label=text(f"addresses.level.{level}", language),
        is_own_code=division.is_own_code,
    )


def line_facts(line: Line, language: Language) -> AddressLine:
    """Return a line of divisions in words; a municipality is named once."""
    province, city, district, town = (
        division_facts(one, language) if one is not None else None for one in line
    )
    names = [one.name for one in line if one is not None]
    return AddressLine(
        province=province,
        city=city,
        district=district,
        town=town,
        code=line.code,
        text=" ".join(dict.fromkeys(names)),
    )


def tried_facts(judged: Judged, language: Language) -> TriedAddress:
    """Return what a text means, with everything that speaks for it."""
    found = judged.resolved
    return TriedAddress(
        line=line_facts(judged.line, language),
        rest=judged.detail,
        name=found.name,
        phone=found.phone,
        phone_extension=found.phone_extension,
        more_phones=list(found.more_phones),
        confidence=round(found.confidence, 4),
        doubt=judged.doubt,
        doubt_label=_doubt_label(judged.doubt, language),
        evidence=[_evidence(_evidence_line(one), language) for one in found.evidence],
        contradictions=[_contradiction(_told(one), language) for one in found.contradictions],
        candidates=candidate_facts(judged, language),
        table_date=found.table_date,
    )


def candidate_facts(judged: Judged, language: Language) -> list[AddressCandidate]:
    """Return the places that were considered, the best first."""
    return [
        AddressCandidate(
            line=line_facts(Line(one.province, one.city, one.district, one.town), language),
            score=round(one.score, 4),
        )
        for one in judged.resolved.candidates
    ]


def reading_facts(
    reading: Reading, language: Language, *, rows: Mapping[str, DeskRow]
) -> AddressReading:
    """Return a reading as the queue shows it; `rows` has what is known of its order."""
    row = rows.get(reading.order_id)
    return AddressReading(
        order_id=reading.order_id,
        order_number=row.number if row else "",
        shop_id=reading.shop_id,
        shop_name=row.shop_name if row else reading.shop_id,
        channel=reading.channel,
        channel_label=text(f"channels.channel.{reading.channel}", language),
        stated_region=_stated_region(reading),
        masked_text=masked(reading.stated.detail),
        line=line_facts(reading.line, language),
        confidence=round(reading.confidence, 4),
        state=reading.state,
        state_label=text(f"addresses.state.{reading.state.value}", language),
        doubt=reading.doubt,
        doubt_label=_doubt_label(reading.doubt, language),
        evidence=[_evidence(one, language) for one in reading.evidence],
        contradictions=[_contradiction(one, language) for one in reading.contradictions],
        read_at=reading.read_at,
        revision=reading.revision,
        decided_by=reading.decided_by_name,
        decided_at=reading.decided_at,
    )


def detail_facts(
    reading: Reading,
    now: Judged,
    language: Language,
    *,
    rows: Mapping[str, DeskRow],
    suggestion: Suggestion | None,
) -> AddressReadingDetail:
    """Return a reading with what helps to decide about it."""
    shown = reading_facts(reading, language, rows=rows)
    return AddressReadingDetail(
        **shown.model_dump(),
        candidates=_with_suggested(candidate_facts(now, language), suggestion, language),
        geocoder=_geocoder_words(suggestion, language),
        now=line_facts(now.line, language),
        alias_id=reading.alias_id,
        alias_hint=alias_hint(now.detail),
        table_date=reading.table_date,
    )


_HELPFUL = frozenset({Verdict.PASSES, Verdict.SUGGESTS})


def _with_suggested(
    candidates: list[AddressCandidate], suggestion: Suggestion | None, language: Language
) -> list[AddressCandidate]:
    """Return the places to choose from, with the geocoder's first where it may be right."""
    geocode = suggestion.geocode if suggestion and suggestion.verdict in _HELPFUL else None
    line = line_of(geocode.code) if geocode else None
    if line is None or any(one.line.code == line.code for one in candidates):
        return candidates
    return [AddressCandidate(line=line_facts(line, language), score=0.0), *candidates]


def _geocoder_words(suggestion: Suggestion | None, language: Language) -> str:
    if suggestion is None:
        return ""
    line = line_of(suggestion.geocode.code) if suggestion.geocode else None
    verdict = suggestion.verdict if line else Verdict.NOTHING
    named = line_facts(line, language).text if line else ""
    return text(f"addresses.geocoder.{verdict.value}", language, line=named)


def _stated_region(reading: Reading) -> str:
    stated = reading.stated
    parts = (stated.province, stated.city, stated.district, stated.town, *stated.codes)
    return " ".join(masked(part) if part not in stated.codes else part for part in parts if part)


def _doubt_label(doubt: Doubt | None, language: Language) -> str:
    return text(f"addresses.doubt.{doubt.value}", language) if doubt else ""


def _evidence_line(one: Evidence) -> EvidenceLine:
    start, end = one.span or (None, None)
    return EvidenceLine(one.level.name.lower(), one.code, one.text, one.kind.value, start, end)


def _evidence(one: EvidenceLine, language: Language) -> AddressEvidence:
    label = text(f"addresses.level.{one.level}", language)
    # A parent and a code have no words of their own in the text.
    named = one.text or (one.code if one.kind == EvidenceKind.CODE.value else _name(one.code))
    return AddressEvidence(
        level=one.level,
        level_label=label,
        code=one.code,
        kind=one.kind,
        text=one.text,
        start=one.start,
        end=one.end,
        words=text(f"addresses.evidence.{one.kind}", language, level=label, text=named),
    )


def _name(code: str) -> str:
    line = line_of(code) or Line()
    names = [division.name for division in line if division is not None]
    return names[-1] if names else code


def _told(one: Contradiction) -> tuple[str, str, str]:
    return one.kind.value, one.stated, one.against


def _contradiction(one: tuple[str, str, str], language: Language) -> AddressContradiction:
    kind, stated, against = one
    return AddressContradiction(
        kind=kind,
        stated=stated,
        against=against,
        words=text(f"addresses.contradiction.{kind}", language, stated=stated, against=against),
    )
