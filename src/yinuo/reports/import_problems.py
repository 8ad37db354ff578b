"""The rows of a file that were not taken, with the problem beside each, for people to put right."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

import xlsxwriter

from yinuo.channels.model.imports import (
    ImportOrder,
    ImportOutcome,
    ImportProblem,
)
from yinuo.channels.service import imports
from yinuo.core.db import Session
from yinuo.core.texts import Language, text

NOT_TAKEN = (ImportOutcome.REFUSED, ImportOutcome.DIFFERS)
_HEADING: Mapping[Language, str] = {Language.ZH: "问题", Language.EN: "Problem"}
# What a spreadsheet would take for a formula; the apostrophe goes again when the file comes back.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def problem_words(problem: ImportProblem, language: Language) -> str:
    """Return what is wrong, in words."""
    field = f"imports.field.{problem.field}" if problem.field else ""
    return text(problem.code.value, language, field=field, value=problem.value)


def problems_csv(session: Session, import_id: str, language: Language) -> bytes:
    """Return a CSV that Excel opens as UTF-8; raises UnknownImport or RowsForgotten."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    for row in _rows(session, import_id, language):
        writer.writerow([_harmless(cell) for cell in row])
    return b"\xef\xbb\xbf" + kept.getvalue().encode()


def problems_workbook(session: Session, import_id: str, language: Language) -> bytes:
    """Return an XLSX of text cells, so that long numbers stay whole; raises as `problems_csv`."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True, "constant_memory": True})
    sheet = book.add_worksheet()
    for place, row in enumerate(_rows(session, import_id, language)):
        for column, cell in enumerate(row):
            sheet.write_string(place, column, cell)
    book.close()
    return kept.getvalue()


def _rows(session: Session, import_id: str, language: Language) -> Iterator[Sequence[str]]:
    sheet = imports.load_sheet(session, import_id)
    told = dict(_told(session, import_id, language))
    yield (*sheet.header, _HEADING[language])
    for cells, line in zip(sheet.rows, sheet.lines, strict=True):
        if line in told:
            yield (*cells, told[line])


def _told(session: Session, import_id: str, language: Language) -> Iterator[tuple[int, str]]:
    """Yield what to say beside each row of an order that was not taken."""
    cursor: str | None = None
    while True:
        page = imports.import_orders(
            session, import_id, outcomes=NOT_TAKEN, cursor=cursor, limit=1000
        )
        for one in page.items:
            for line in one.lines:
                yield line, _beside(one, line, language)
        cursor = page.next_cursor
        if cursor is None:
            return


def _beside(one: ImportOrder, line: int, language: Language) -> str:
    """Return the row's own problems and the order's; else that another row of it is wrong."""
    own = [problem for problem in one.problems if problem.line in {0, line}]
    words = [problem_words(problem, language) for problem in own or one.problems]
    return "；".join(dict.fromkeys(words))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
