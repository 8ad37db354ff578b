"""Where `yinuo address` reads from: lines of a file or pipe, or columns of a CSV."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from yinuo.core.errors import Invalid

# The names by which tables call the column, tried in this order where none is chosen.
USUAL_COLUMNS = ("地址", "收货地址", "详细地址", "收件地址", "address", "text")
_PEEK = 1 << 16


class UnreadableAddresses(Invalid):
    """The file cannot be read; `reason` says why."""

    code = "addresses.cli.unreadable"


class NoSuchColumn(Invalid):
    """The CSV lacks a column; `columns` names those it has."""

    code = "addresses.cli.no_column"


def texts(file: Path | None, *, columns: Sequence[str]) -> Iterator[str]:
    """Give the texts of a file, or of the pipe when there is none, one after the other.

    A .csv, or any input for which columns are chosen, is read as rows under a first row of names;
    everything else is a text a line, empty lines kept. Bytes that are no UTF-8 are read as GB18030
    when the file's beginning is no UTF-8, and never stop the run. Raises UnreadableAddresses and
    NoSuchColumn, before anything is given.
    """
    is_csv = bool(columns) or (file is not None and file.suffix.lower() == ".csv")
    source = _opened(file)
    if not is_csv:
        return _lines(source)
    rows = csv.reader(source)
    try:
        names = [name.strip() for name in next(rows, [])]
        chosen = _chosen(names, columns)
    except csv.Error as error:
        source.close()
        raise UnreadableAddresses(file=_name(file), reason=str(error)) from None
    except NoSuchColumn:
        source.close()
        raise
    return _cells(source, rows, chosen, file)


def _name(file: Path | None) -> str:
    return file.name if file else "-"


def _opened(file: Path | None) -> IO[str]:
    if file is None:
        stream = sys.stdin
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8-sig", errors="replace", newline="")
        return stream
    try:
        with file.open("rb") as raw:
            start = raw.read(_PEEK)
        return file.open(encoding=_encoding(start), errors="replace", newline="")
    except OSError as error:
        raise UnreadableAddresses(file=file.name, reason=error.strerror or "?") from None


def _encoding(start: bytes) -> str:
    # Excel in China writes GBK unless told otherwise; a cut may fall inside a character.
    for cut in range(4):
        try:
            start[: len(start) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return "utf-8-sig"
    return "gb18030"


def _chosen(names: Sequence[str], columns: Sequence[str]) -> list[int]:
    missing = [name for name in columns if name not in names]
    wanted = list(columns) or [name for name in USUAL_COLUMNS if name in names][:1]
    if missing or not wanted:
        raise NoSuchColumn(
            missing=", ".join(missing or USUAL_COLUMNS), columns=", ".join(names) or "-"
        )
    return [names.index(name) for name in wanted]


def _lines(source: IO[str]) -> Iterator[str]:
    with source:
        for line in source:
            yield line.rstrip("\r\n")


def _cells(
    source: IO[str], rows: Iterator[list[str]], chosen: Sequence[int], file: Path | None
) -> Iterator[str]:
    with source:
        try:
            for row in rows:
                yield " ".join(row[at] for at in chosen if at < len(row) and row[at])
        except csv.Error as error:
            raise UnreadableAddresses(file=_name(file), reason=str(error)) from None
