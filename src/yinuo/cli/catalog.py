"""`yinuo catalog`: take a file of SKUs and bundles, and look at what there is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from yinuo.catalog import service as catalog
from yinuo.catalog.model import BadImport, CatalogRows, RowProblem, read_rows
from yinuo.cli.common import opened, operator, spoken
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.core.errors import Invalid
from yinuo.core.money import fen_to_yuan
from yinuo.core.texts import text
from yinuo.users import service as users

app = typer.Typer(help="商品资料 / SKUs, bundles and listings.", no_args_is_help=True)
_SHOWN_PROBLEMS = 200
_MOST_BYTES = 50 * 1024 * 1024


class UnreadableFile(Invalid):
    """The file is no CSV or JSON of rows; `reason` says why."""

    code = "catalog.cli.unreadable"


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="a .csv or .json file of SKUs, first row names")],
) -> None:
    """Take SKUs and bundles from a file, all or nothing; the same file again changes nothing.

    Columns: code, name, unit, price (yuan), weight_grams, barcode, is_gift, needs_erp_check,
    is_active, category, family, variant, image, parts. A bundle lists its parts as CODE*2;CODE*1.
    A JSON file is a list of objects with the same names. All problems are told at once, each with
    its row, and then nothing is taken (exit code 2).
    """
    language = spoken()
    with opened() as database, Progress(console=Console(stderr=True)) as progress:
        reading = progress.add_task(text("catalog.cli.reading", language, file=file.name), total=1)
        try:
            rows = read_file(database, file)
        except BadImport as error:
            progress.stop()
            show_problems(error)
            raise typer.Exit(2) from None
        progress.update(reading, completed=1)
        saving = progress.add_task(text("catalog.cli.saving", language), total=len(rows.skus))
        save(database, rows, name=file.name)
        progress.update(saving, completed=len(rows.skus))
    typer.echo(
        text("catalog.cli.imported", language, skus=len(rows.skus), bundles=len(rows.bundles))
    )


def save(database: Database, rows: CatalogRows, *, name: str) -> None:
    """Write the rows of a file in one transaction, with the audit entry of who did it."""
    with database.transaction() as session:
        catalog.save_rows(session, rows)
        users.record(
            session,
            actor=operator(),
            action="catalog.write",
            object=name,
            after={"skus": len(rows.skus), "bundles": len(rows.bundles)},
            now=clock.now(),
        )


def read_file(database: Database, file: Path) -> CatalogRows:
    """Return a file's SKUs and bundles; raises UnreadableFile, or BadImport with every problem."""
    rows, first_row = _rows(file)
    with database.read() as session:
        return read_rows(
            rows,
            first_row=first_row,
            known=catalog.all_codes(session),
            standing=catalog.all_bundles(session).values(),
        )


def show_problems(error: BadImport) -> None:
    """Write every problem with its row to standard error."""
    language = spoken()
    for problem in error.problems[:_SHOWN_PROBLEMS]:
        typer.echo(_line(problem), err=True)
    if len(error.problems) > _SHOWN_PROBLEMS:
        typer.echo(f"… +{len(error.problems) - _SHOWN_PROBLEMS}", err=True)
    typer.secho(text(error.code, language, **error.details), err=True, fg="red")


def _line(problem: RowProblem) -> str:
    told = problem.problem
    words = text(told.problem.value, spoken())
    about = " ".join(filter(None, (told.code, told.value if told.value != told.code else "")))
    return f"{problem.row:>6}  {about}  {words}"


def _rows(file: Path) -> tuple[Sequence[Mapping[str, str]], int]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UnreadableFile(file=file.name, reason="> 50 MB")
        content = _decoded(file.read_bytes())
        if file.suffix.lower() == ".json":
            return _json_rows(content, file), 1
        return _csv_rows(content, file), 2
    except (OSError, csv.Error, json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFile(file=file.name, reason=type(error).__name__) from None


def _decoded(content: bytes) -> str:
    # Excel in China writes GBK unless told otherwise.
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _csv_rows(content: str, file: Path) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(content), restkey="", restval="")
    if "code" not in (reader.fieldnames or ()):
        raise UnreadableFile(file=file.name, reason="code?")
    return [
        {
            name.strip(): " ".join(value) if isinstance(value, list) else value
            for name, value in row.items()
        }
        for row in reader
    ]


def _json_rows(content: str, file: Path) -> list[dict[str, str]]:
    found: object = json.loads(content)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise UnreadableFile(file=file.name, reason="[{…}]")
    return [{str(name): _cell(value) for name, value in row.items()} for row in found]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@app.command("list")
def list_skus(
    query: Annotated[str, typer.Argument(help="part of a code or name; empty lists all")] = "",
    category: Annotated[str, typer.Option(help="one category only")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="at most so many")] = 50,
) -> None:
    """List SKUs by code, with price, weight and what each is."""
    table = Table("code", "name", "category", "price", "grams", "barcode", "")
    count, cursor = 0, None
    with opened() as database, database.read() as session:
        while count < limit:
            page = catalog.list_skus(
                session,
                query=query,
                category=category,
                cursor=cursor,
                limit=min(200, limit - count),
            )
            bundles = catalog.load_bundles(session, [sku.code for sku in page.items])
            for sku in page.items:
                flags = {
                    "bundle": sku.code in bundles,
                    "gift": sku.is_gift,
                    "off": not sku.is_active,
                    "erp": sku.needs_erp_check,
                }
                table.add_row(
                    sku.code,
                    sku.name,
                    sku.category,
                    fen_to_yuan(sku.price_fen),
                    str(sku.weight_grams),
                    sku.barcode or "",
                    " ".join(name for name, is_on in flags.items() if is_on),
                )
            count += len(page.items)
            cursor = page.next_cursor
            if cursor is None:
                break
    Console().print(table)
