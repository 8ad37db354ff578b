"""`yinuo audit`: whether the record of who did what is whole."""

from __future__ import annotations

from typing import Annotated

import typer

from yinuo.cli.common import opened
from yinuo.users import service as users

app = typer.Typer(help="Verify the audit's chain of hashes.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Verify the audit's chain of hashes."""


@app.command()
def verify(
    head: Annotated[
        str | None,
        typer.Option(help="A head printed by an earlier run; shows if newest entries vanished."),
    ] = None,
) -> None:
    """Check every audit entry against the hash of the one before.

    Prints the number of entries and the head; keep the head somewhere else. Ends with code 1 when
    an entry was changed, removed or put in.
    """
    with opened() as database, database.read() as session:
        found = users.verify_chain(session, anchor=head)
    if found.is_whole:
        typer.echo(f"whole: {found.entries} entries, head {found.head}")
        return
    typer.secho(f"broken at entry {found.broken_at}; whole up to {found.head}", err=True, fg="red")
    raise typer.Exit(1)
