"""A file becomes a table of texts: CSV in the encodings Excel writes, and XLSX; pure.

Whatever the bytes are, the answer is a table or one of the documented refusals.
"""

from __future__ import annotations

import codecs
import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

import openpyxl

from yinuo.channels.model.imports.types import (
    MOST_CELL,
    MOST_COLUMNS,
    MOST_FILE_BYTES,
    MOST_ROWS,
    BadFile,
    EmptyFile,
    FileTooLarge,
    ImportSheet,
    LockedWorkbook,
    OldWorkbook,
    TooManyRows,
)
from yinuo.channels.model.imports.values import clean_cell
from yinuo.core.errors import YinuoError

_OLD_XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # also the envelope of a workbook with a password
_ZIP = b"PK\x03\x04"
# Unpacked, a sheet of 50,000 full rows takes about 60 MB; what goes far beyond is no sheet.
MOST_UNPACKED = 200 * 1024 * 1024
_MOST_PARTS = 2_000
_DELIMITERS = (",", "\t", ";", "；", "|")
_LOOKED_AT = 10
_DIGITS_KEPT = 15  # Excel keeps no more of a number


def decode_file(content: bytes) -> ImportSheet:
    """Return the table in a file, its first row of headings found.

    Raises FileTooLarge, TooManyRows, EmptyFile, OldWorkbook, LockedWorkbook or BadFile.
    """
    if len(content) > MOST_FILE_BYTES:
        raise FileTooLarge(limit="20 MB")
    if content.startswith(_OLD_XLS):
        if b"E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d" in content:
            raise LockedWorkbook
        raise OldWorkbook
    if content.startswith(_ZIP):
        return _sheet(_workbook_rows(content))
    return _sheet(_text_rows(_text(content)))


def _text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            found = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in found:
            return found
    raise BadFile(reason="encoding")


def _text_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        raise BadFile(reason="quotes") from None


def _workbook_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        _check_archive(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            sheets = [one for one in book.worksheets if one.sheet_state == "visible"]
            for sheet in sheets[:1]:
                sheet.reset_dimensions()  # what the file says of its size may be wrong
                rows = sheet.iter_rows(
                    max_row=MOST_ROWS + _LOOKED_AT + 2, max_col=MOST_COLUMNS, values_only=True
                )
                for number, row in enumerate(rows, start=1):
                    # Rows come as wide as they may be: most of their cells are none.
                    width = next(
                        (at for at in range(len(row), 0, -1) if row[at - 1] is not None), 0
                    )
                    yield number, [_cell_text(value) for value in row[:width]]
    except YinuoError:
        raise
    except Exception:  # noqa: BLE001 - the edge to a foreign reader of foreign bytes: told as one refusal
        raise BadFile(reason="workbook") from None


def _check_archive(content: bytes) -> None:
    """Refuse an archive that unpacks to far more than a sheet can be."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise FileTooLarge(limit="20 MB")
        if any(part.flag_bits & 1 for part in parts):
            raise LockedWorkbook


def _cell_text(value: object) -> str:
    """Return what a cell says; a number of more digits than Excel keeps stays an exponent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return _number_text(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _number_text(value: float) -> str:
    if abs(value) >= 10**_DIGITS_KEPT:
        return f"{value:.5E}"
    return str(int(value)) if value == int(value) else f"{value:.{_DIGITS_KEPT}g}"


def _sheet(found: Iterable[tuple[int, list[str]]]) -> ImportSheet:
    """Return the rows under the headings; blank ones go, cells are bounded."""
    kept: list[tuple[int, tuple[str, ...]]] = []
    for line, row in found:
        cells = tuple(clean_cell(cell[: MOST_CELL * 2])[:MOST_CELL] for cell in row[:MOST_COLUMNS])
        if any(cells):
            kept.append((line, cells))
        if len(kept) > MOST_ROWS + _LOOKED_AT:
            raise TooManyRows(most=MOST_ROWS)
    place = _heading_place([cells for _, cells in kept[:_LOOKED_AT]])
    if len(kept) < place + 2:
        raise EmptyFile
    if len(kept) - place - 1 > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    width = max(_filled(cells) for _, cells in kept[place:])
    rows = [(line, (*cells, *[""] * width)[:width]) for line, cells in kept[place:]]
    return ImportSheet(
        header=rows[0][1],
        rows=tuple(cells for _, cells in rows[1:]),
        lines=tuple(line for line, _ in rows[1:]),
    )


def _filled(cells: tuple[str, ...]) -> int:
    """Return how many columns a row has up to its last cell that says something."""
    return max((place for place, cell in enumerate(cells, start=1) if cell), default=0)


def _heading_place(rows: list[tuple[str, ...]]) -> int:
    """Return which row has the headings: a title may stand above them."""
    filled = [sum(1 for cell in cells if cell) for cells in rows]
    most = max(filled, default=0)
    return next((place for place, count in enumerate(filled) if count * 2 > most), 0)
