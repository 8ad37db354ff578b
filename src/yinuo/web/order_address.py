"""How an order's address was read: its levels, the reasons, what is in doubt. Nothing personal."""

from __future__ import annotations

from datetime import datetime

import pydantic

from yinuo.addresses.model import ReadingState, StatedAddress
from yinuo.addresses.model.picking import Line
from yinuo.addresses.model.readings import Doubt, EvidenceLine, Reading
from yinuo.core.texts import Language, text
from yinuo.orders.model import MASK

_LEVELS = ("province", "city", "district", "town")


class LevelFacts(pydantic.BaseModel):
    """One division of an address."""

    level: str
    label: str
    code: str
    name: str


class AddressFacts(pydantic.BaseModel):
    """What was read of an order's address; `stated` is what the channel wrote, street masked."""

    state: ReadingState
    state_label: str
    confidence: float
    doubt: Doubt | None
    doubt_label: str
    stated: str
    levels: list[LevelFacts]
    evidence: list[str]
    contradictions: list[str]
    is_by_alias: bool
    table_date: str
    decided_by_name: str
    decided_at: datetime | None


def address_facts(reading: Reading | None, language: Language) -> AddressFacts | None:
    """Return what was read of an address in words; None for an order whose address never was."""
    if reading is None:
        return None
    return AddressFacts(
        state=reading.state,
        state_label=text(f"addresses.state.{reading.state.value}", language),
        confidence=reading.confidence,
        doubt=reading.doubt,
        doubt_label=text(f"addresses.doubt.{reading.doubt.value}", language)
        if reading.doubt
        else "",
        stated=stated_text(reading.stated, detail=MASK),
        levels=[
            LevelFacts(
                level=level,
                label=text(f"addresses.level.{level}", language),
                code=one.code,
                name=one.name,
            )
            for level, one in zip(_LEVELS, reading.line, strict=True)
            if one is not None
        ],
        evidence=[_evidence(one, reading.line, language) for one in reading.evidence],
        contradictions=[
            text(f"addresses.contradiction.{kind}", language, stated=stated, against=against)
            for kind, stated, against in reading.contradictions
        ],
        is_by_alias=reading.alias_id is not None,
        table_date=reading.table_date,
        decided_by_name=reading.decided_by_name,
        decided_at=reading.decided_at,
    )


def stated_text(stated: StatedAddress, *, detail: str) -> str:
    """Return a stated address on one line, with this detail in the place of its own."""
    parts = (stated.province, stated.city, stated.district, stated.town, detail)
    return " ".join(part.strip() for part in parts if part.strip())


def _evidence(one: EvidenceLine, line: Line, language: Language) -> str:
    names = {level: found.name for level, found in zip(_LEVELS, line, strict=True) if found}
    return text(
        f"addresses.evidence.{one.kind}",
        language,
        level=text(f"addresses.level.{one.level}", language),
        text=one.text or names.get(one.level, ""),
    )
