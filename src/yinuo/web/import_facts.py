"""Imports as the console and other programs see them."""

from __future__ import annotations

from datetime import datetime

import pydantic

from yinuo.channels.model.imports import (
    GuessedColumn,
    ImportField,
    ImportOrder,
    ImportOutcome,
    ImportRecord,
    ImportState,
    missing_fields,
)
from yinuo.channels.service import imports
from yinuo.core.db import Session
from yinuo.core.texts import Language, text
from yinuo.reports.import_problems import NOT_TAKEN, problem_words
from yinuo.web.message_facts import shop_names

FIRST_PROBLEMS = 20


class ImportCounts(pydantic.BaseModel):
    """Orders of a file by what becomes of them."""

    new: int
    exists: int
    differs: int
    refused: int


class ImportFacts(pydantic.BaseModel):
    """A file that was put in; `repeats_at` is when the same file came before."""

    id: str
    shop_id: str
    shop: str
    file_name: str
    size: int
    state: ImportState
    state_label: str
    rows: int
    orders: int
    done: int
    expected: ImportCounts
    outcomes: ImportCounts
    repeats_at: datetime | None
    uploaded_at: datetime
    uploaded_by: str
    started_at: datetime | None
    finished_at: datetime | None
    forgotten_at: datetime | None


class ImportColumn(pydantic.BaseModel):
    """A column: its heading, its first values, and what it was taken for."""

    column: int
    heading: str
    meaning: ImportField | None
    confidence: float
    samples: list[str]


class ImportFieldFacts(pydantic.BaseModel):
    """Something that a column can mean."""

    code: ImportField
    label: str


class ImportOrderFacts(pydantic.BaseModel):
    """An order of a file: what would become of it or became, and every problem in words."""

    position: int
    number: str
    lines: list[int]
    outcome: ImportOutcome
    outcome_label: str
    is_done: bool
    order_id: str | None
    problems: list[str]


class ImportDetail(pydantic.BaseModel):
    """An import with its columns and the first orders that have problems."""

    facts: ImportFacts
    columns: list[ImportColumn]
    mapping: dict[str, int]
    is_remembered: bool
    missing: list[str]
    fields: list[ImportFieldFacts]
    problems: list[ImportOrderFacts]


class ImportList(pydantic.BaseModel):
    """Imports, the newest first; their rows are kept `keep_days` after they are done."""

    items: list[ImportFacts]
    next_cursor: str | None
    keep_days: int


class ImportOrderList(pydantic.BaseModel):
    """Orders of a file in the file's order."""

    items: list[ImportOrderFacts]
    next_cursor: str | None


def import_facts(one: ImportRecord, language: Language, *, shops: dict[str, str]) -> ImportFacts:
    """Return an import as it is listed."""
    return ImportFacts(
        id=one.id,
        shop_id=one.shop_id,
        shop=shops.get(one.shop_id, one.shop_id),
        file_name=one.file_name,
        size=one.size,
        state=one.state,
        state_label=text(f"imports.state.{one.state.value}", language),
        rows=one.rows,
        orders=one.orders,
        done=one.done,
        expected=_counts(one.expected),
        outcomes=_counts(one.outcomes),
        repeats_at=one.repeats_at,
        uploaded_at=one.uploaded_at,
        uploaded_by=one.uploaded_by,
        started_at=one.started_at,
        finished_at=one.finished_at,
        forgotten_at=one.forgotten_at,
    )


def import_detail(session: Session, one: ImportRecord, language: Language) -> ImportDetail:
    """Return an import with its columns and first problems."""
    troubled = imports.import_orders(
        session, one.id, outcomes=NOT_TAKEN, cursor=None, limit=FIRST_PROBLEMS
    )
    return ImportDetail(
        facts=import_facts(one, language, shops=shop_names(session)),
        columns=[_column(guess) for guess in one.guesses],
        mapping=one.mapping,
        is_remembered=one.is_remembered,
        missing=[text(f"imports.field.{name}", language) for name in missing_fields(one.mapping)],
        fields=[
            ImportFieldFacts(code=name, label=text(f"imports.field.{name.value}", language))
            for name in ImportField
        ],
        problems=[order_facts(order, language) for order in troubled.items],
    )


def order_facts(one: ImportOrder, language: Language) -> ImportOrderFacts:
    """Return an order of a file with its problems in words."""
    outcome = one.outcome or one.expected
    return ImportOrderFacts(
        position=one.position,
        number=one.number,
        lines=list(one.lines),
        outcome=outcome,
        outcome_label=text(f"imports.outcome.{outcome.value}", language),
        is_done=one.outcome is not None,
        order_id=one.order_id,
        problems=[problem_words(problem, language) for problem in one.problems],
    )


def _column(guess: GuessedColumn) -> ImportColumn:
    return ImportColumn(
        column=guess.column,
        heading=guess.heading,
        meaning=guess.meaning,
        confidence=guess.confidence,
        samples=list(guess.samples),
    )


def _counts(found: dict[ImportOutcome, int]) -> ImportCounts:
    return ImportCounts(**{one.value: found.get(one, 0) for one in ImportOutcome})
