"""`yinuo connectors`: the outside systems and how they are."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

from yinuo.cli.common import opened
from yinuo.connectors.protocols import HealthState
from yinuo.connectors.registry import Registry
from yinuo.core.texts import text

app = typer.Typer(help="外部系统 / outside systems.", no_args_is_help=True)


@app.command("check")
def check() -> None:
    """Call each configured outside system once, changing nothing, and show how it answers.

    Exit code 1 when one of them is down.
    """
    with opened() as database:
        registry = Registry.from_settings(database)
        table = Table("connector", "mode", "health", "note")
        is_down = False
        for name in registry.names():
            health = registry.check(name)
            is_down |= health.state is HealthState.DOWN
            table.add_row(name, registry.mode(name), health.state.value, text(health.note))
        Console().print(table)
        registry.close()
    if is_down:
        raise typer.Exit(1)
