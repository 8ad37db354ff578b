"""`yinuo stock`: the numbers of a SKU, and counters compared with their ledgers."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from yinuo.cli.common import opened, operator, spoken
from yinuo.core import clock
from yinuo.core.texts import has_text, text
from yinuo.inventory import service as inventory
from yinuo.users import service as users

app = typer.Typer(help="库存 / Stock: numbers, and reconciling them.", no_args_is_help=True)
_SHOWN_CHANGES = 15


@app.command("reconcile")
def reconcile(
    repair: Annotated[
        bool, typer.Option("--repair", help="set counters to what claims and movements say")
    ] = False,
) -> None:
    """Compare every counter with claims, movements and the ledger; exit code 1 when some differ.

    Without --repair nothing is changed. With it, counters are set right, the ledger gets an entry
    for the difference and the audit one for the repair; a second run then finds nothing.
    """
    language = spoken()
    now = clock.now()
    with opened() as database, database.transaction() as session:
        drift = inventory.reconcile(session, repair=repair, now=now)
        checked = inventory.count_levels(session)
        users.record(
            session,
            actor=operator(),
            action="stock.reconcile",
            object="stock",
            after={"checked": checked, "drift": len(drift), "repair": repair},
            now=now,
        )
    if drift:
        table = Table("SKU", "warehouse", "counter", "stored", "recomputed", "from")
        for one in drift:
            table.add_row(
                one.sku,
                one.warehouse,
                one.counter,
                str(one.stored),
                str(one.recomputed),
                one.against,
            )
        Console().print(table)
    code = "inventory.cli.repaired" if repair else "inventory.cli.compared"
    typer.echo(text(code, language, checked=checked, drift=len(drift)))
    if drift and not repair:
        raise typer.Exit(1)


@app.command("show")
def show(sku: Annotated[str, typer.Argument(help="the SKU's code")]) -> None:
    """Show a SKU's numbers per warehouse, and the newest changes with their causes."""
    language = spoken()
    now = clock.now()
    with opened() as database, database.read() as session:
        levels = inventory.level(session, sku, now=now)
        records = inventory.ledger(session, sku, limit=_SHOWN_CHANGES)
    numbers = Table(
        "warehouse",
        "on hand",
        "reserved",
        "allocated",
        "elsewhere",
        "safety",
        "ATP",
        "in flight",
        "as of",
    )
    for level in levels:
        numbers.add_row(
            level.warehouse,
            str(level.on_hand),
            str(level.reserved),
            str(level.allocated),
            str(level.claimed_elsewhere),
            str(level.safety_stock),
            str(level.atp),
            str(level.in_flight),
            f"{level.photo_source} {level.photo_at:%Y-%m-%d %H:%M:%SZ}" if level.photo_at else "",
        )
    changes = Table(
        "at", "change", "warehouse", "on hand", "reserved", "allocated", "cause", "owner"
    )
    for record in records:
        entry = record.entry
        changes.add_row(
            f"{record.at:%m-%d %H:%M:%SZ}",
            text(f"inventory.ledger.{entry.kind}", language),
            entry.place.warehouse,
            f"{entry.on_hand:+}" if entry.on_hand else "",
            f"{entry.reserved:+}" if entry.reserved else "",
            f"{entry.allocated:+}" if entry.allocated else "",
            text(entry.cause, language) if has_text(entry.cause) else entry.cause,
            entry.owner or "",
        )
    console = Console()
    console.print(numbers)
    console.print(changes)
