"""`yinuo`: everything that can be done from a terminal, in commands that teach themselves."""

from __future__ import annotations

import sys

import typer

from yinuo.cli import (
    address,
    audit,
    catalog,
    connectors,
    database,
    demo,
    payments,
    sandbox,
    shops,
    stock,
    up,
    user,
    web,
    worker,
)
from yinuo.core import logs
from yinuo.core.errors import Kind, YinuoError
from yinuo.core.texts import Language, text

app = typer.Typer(
    name="yinuo",
    help="一诺 · an order hub that keeps promises. Start with `yinuo demo`, or `yinuo up` with your"
    " own settings (docs/operating/settings.md).",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("web")(web.web)
app.command("worker")(worker.worker)
app.command("sandbox")(sandbox.sandbox)
app.command("migrate")(database.migrate)
app.add_typer(user.app, name="user")
app.add_typer(stock.app, name="stock")
app.add_typer(shops.app, name="shops")
app.add_typer(catalog.app, name="catalog")
app.add_typer(connectors.app, name="connectors")
app.add_typer(payments.app, name="payments")
app.add_typer(audit.app, name="audit")
app.add_typer(address.app, name="address")

# What a shell script may rely on: 2 wrong input, 3 not found, 4 not now, 5 a system is away.
EXIT_CODES = {
    Kind.INVALID: 2,
    Kind.UNAUTHENTICATED: 2,
    Kind.FORBIDDEN: 2,
    Kind.NOT_FOUND: 3,
    Kind.CONFLICT: 4,
    Kind.TOO_LARGE: 2,
    Kind.TOO_MANY: 4,
    Kind.UNAVAILABLE: 5,
}


def run() -> None:
    """Run the command line; a refusal is one clear line and an exit code, never a traceback."""
    logs.configure(level="WARNING", as_json=False)
    try:
        app()
    except YinuoError as error:
        words = " / ".join(
            dict.fromkeys(text(error.code, language, **error.details) for language in Language)
        )
        print(f"{error.code}: {words}", file=sys.stderr)  # noqa: T201 - the terminal is the edge
        sys.exit(EXIT_CODES[error.kind])
