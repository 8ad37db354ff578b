"""`yinuo address`: what a text means, one or a million; the division table and what would change."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from typer.core import TyperGroup

from yinuo.addresses.model import Resolved, Resolver
from yinuo.cli import address_input, address_output, address_releases
from yinuo.cli.common import spoken
from yinuo.core.texts import text

_SHOW_EVERY = 500
_INTERRUPTED = 130


class TextFirst(TyperGroup):
    """A group of commands whose first word may as well be a text to resolve."""

    def parse_args(  # type: ignore[override]  # typer's own context is the one that is given
        self, ctx: typer.Context, args: list[str]
    ) -> list[str]:
        """Take whatever is no command's name for something to resolve."""
        is_help = args[:1] in (["--help"], [])
        if not is_help and args[0] not in self.commands:
            args = ["resolve", *args]
        elif not args and not sys.stdin.isatty():
            args = ["resolve"]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=TextFirst,
    help='地址 / Addresses: yinuo address "张三 13800001234 杭州西湖区文三路100号"',
    no_args_is_help=True,
)
app.command("divisions")(address_releases.divisions)
app.command("compare")(address_releases.compare_file)


@dataclass(slots=True)
class Tally:
    """How many texts of a long run went which way."""

    total: int = 0
    sure: int = 0
    empty: int = 0
    contradictory: int = 0

    def add(self, found: Resolved) -> None:
        """Count an answer."""
        self.total += 1
        self.sure += address_output.is_sure(found)
        self.empty += found.province is None
        self.contradictory += bool(found.contradictions)


@app.command("resolve")
def resolve(
    words: Annotated[
        list[str] | None, typer.Argument(help="the text; without it, lines are read from a pipe")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="a .csv with a first row of names, or lines")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", "-c", help="the CSV's column with the text; several are joined"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a text")] = False,
) -> None:
    """Resolve a text, the lines of a file or a pipe, or a column of a CSV.

    Works without the network and the database. For one text the exit code tells whether it can be
    used as it is (0) or a person should look (1). For many it is 0 when all lines were read; 2 when
    the file or the column cannot be; 130 when it was stopped.
    """
    if words:
        found = Resolver().resolve(" ".join(words))
        typer.echo(address_output.as_json(found) if as_json else address_output.shown(found))
        raise typer.Exit(0 if address_output.is_sure(found) else 1)
    if file is None and sys.stdin.isatty():
        typer.echo(text("addresses.cli.nothing_to_read", spoken()), err=True)
        raise typer.Exit(2)
    resolve_many(address_input.texts(file, columns=tuple(column or ())), as_json=as_json)


def resolve_many(texts: Iterator[str], *, as_json: bool) -> None:
    """Write a line for every text, with progress and a summary on standard error."""
    tally, begin = Tally(), monotonic()
    is_stopped = False
    try:
        _resolve_each(texts, tally, as_json=as_json)
    except KeyboardInterrupt:
        is_stopped = True
    except BrokenPipeError:
        # Whoever read has enough (`| head`); nothing may be written there at the end, either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    seconds = max(monotonic() - begin, 1e-6)
    code = "addresses.cli.stopped" if is_stopped else "addresses.cli.done"
    typer.echo(
        text(
            code,
            spoken(),
            total=f"{tally.total:,}",
            sure=f"{tally.sure:,}",
            share=f"{100 * tally.sure / max(tally.total, 1):.1f}",
            doubtful=f"{tally.total - tally.sure:,}",
            empty=f"{tally.empty:,}",
            contradictory=f"{tally.contradictory:,}",
            seconds=f"{seconds:.1f}",
            rate=f"{tally.total / seconds:,.0f}",
        ),
        err=True,
    )
    if is_stopped:
        raise typer.Exit(_INTERRUPTED)


def _resolve_each(texts: Iterator[str], tally: Tally, *, as_json: bool) -> None:
    resolver = Resolver()
    write = sys.stdout.write
    line = address_output.as_json if as_json else address_output.one_line
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task, begin = progress.add_task("", total=None), monotonic()
        for one in texts:
            found = resolver.resolve(one)
            tally.add(found)
            write(line(found) + "\n")
            if tally.total % _SHOW_EVERY == 0:
                rate = tally.total / max(monotonic() - begin, 1e-6)
                said = text(
                    "addresses.cli.progress",
                    spoken(),
                    total=f"{tally.total:,}",
                    rate=f"{rate:,.0f}",
                )
                progress.update(task, description=said)
        sys.stdout.flush()
