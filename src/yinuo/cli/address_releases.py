"""`yinuo address divisions` and `compare`: the division table in use, and what a newer one changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from yinuo.addresses.model.releases import Change, compare, table_facts
from yinuo.cli.address_input import UnreadableAddresses
from yinuo.cli.common import spoken
from yinuo.core.texts import text

_MOST_SHOWN = 200


def divisions() -> None:
    """Show the state of the division table, how much it holds and what it was built from."""
    language, facts = spoken(), table_facts()
    typer.echo(text("addresses.cli.table_date", language, date=facts.date))
    counts = "，".join(
        f"{text(f'addresses.level.{level.name.lower()}', language)} {count:,}"
        for level, count in facts.counts.items()
    )
    typer.echo(
        text(
            "addresses.cli.table_counts", language, counts=counts, former=f"{facts.former_names:,}"
        )
    )
    sources = Table(
        *(
            text(f"addresses.cli.source.{name}", language)
            for name in ("name", "version", "state", "licence", "part")
        )
    )
    for one in facts.sources:
        sources.add_row(one.name, one.version, one.state, one.licence, one.part)
    Console().print(sources)


def compare_file(
    file: Annotated[
        Path, typer.Argument(help="a newly built divisions file, or a CSV with code and name")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a change")] = False,
) -> None:
    """Show what a newer release of divisions would change, and change nothing.

    The exit code is 0 when it changes nothing, 1 when it does, 2 when the file is no release.
    """
    language = spoken()
    try:
        changes = compare(file.read_bytes())
    except OSError as error:
        raise UnreadableAddresses(file=file.name, reason=error.strerror or "?") from None
    if as_json:
        for change in changes:
            typer.echo(_as_json(change))
    elif changes:
        shown = Table(
            *(
                text(f"addresses.cli.change.{name}", language)
                for name in ("kind", "level", "code", "before", "after")
            )
        )
        for change in changes[:_MOST_SHOWN]:
            shown.add_row(
                text(f"addresses.change.{change.kind.value}", language),
                text(f"addresses.level.{change.level.name.lower()}", language),
                change.code,
                change.before,
                change.after,
            )
        Console().print(shown)
    if len(changes) > _MOST_SHOWN and not as_json:
        more = len(changes) - _MOST_SHOWN
        typer.echo(text("addresses.cli.more_changes", language, more=f"{more:,}"))
    code = "addresses.cli.changes" if changes else "addresses.cli.no_changes"
    date = table_facts().date
    typer.echo(text(code, language, changes=f"{len(changes):,}", date=date), err=True)
    raise typer.Exit(1 if changes else 0)


def _as_json(change: Change) -> str:
    told = {
        "kind": change.kind.value,
        "level": change.level.name.lower(),
        "code": change.code,
        "before": change.before,
        "after": change.after,
    }
    return json.dumps(told, ensure_ascii=False)
