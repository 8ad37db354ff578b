"""`yinuo payments`: the books beside the payment providers' daily bills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from yinuo.cli.common import operator, spoken
from yinuo.core import clock, config, postgres
from yinuo.core.money import Fen, fen_to_yuan
from yinuo.core.texts import Language, has_text, text
from yinuo.orders.model import Difference, last_billed_day
from yinuo.workflows import reconcile_payments, start_up
from yinuo.workflows.reconcile_payments import Started

app = typer.Typer(
    help="收款 / Payments: the books compared with the providers' daily bills.",
    no_args_is_help=True,
)


@app.callback()
def payments() -> None:
    """收款 / Payments: the books compared with the providers' daily bills."""


@app.command("reconcile")
def reconcile(
    day: Annotated[
        datetime | None,
        typer.Option(
            "--date",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="the day in Beijing time; without it the newest day whose bill should be there",
        ),
    ] = None,
) -> None:
    r"""Compare a day's payments and refunds with the bill of every merchant account.

    \b
    1. Each provider is asked for its bill of the day (made in the morning after, about 10:00).
    2. Bill and books are compared line by line; amounts are exact, in fen.
    3. What the bill has and the books lack is taken in by asking the provider, as if its notice
       had come: the order goes on. Money is never sent back, amounts are never overwritten.
    4. What still differs is listed here, and becomes a work item and a line on the page 对账.

    A repeat is safe: it compares anew and doubles nothing. Workers do the same by themselves
    every day, also for days on which nothing ran; this command does it now.

    \b
    Exit code: 0 all equal; 1 something differs; 4 a bill is not there (yet); 2 a wrong date.

    \b
    Examples:
      yinuo payments reconcile                      yesterday, from 10:15 on
      yinuo payments reconcile --date 2026-11-11    one day, at most 90 days ago
    """
    language = spoken()
    wanted = (
        day.date()
        if day is not None
        else last_billed_day(clock.now(), made_at=reconcile_payments.MADE_AT)
    )
    with _hub():
        started = reconcile_payments.reconcile_now(wanted, actor=operator())
    if not started:
        typer.echo(text("payments.cli.no_accounts", language))
        raise typer.Exit(4)
    _show(started, language)
    found = [one for each in started if each.compared for one in each.compared.open]
    missing = sum(each.compared is None for each in started)
    typer.echo(
        text(
            "payments.cli.compared",
            language,
            day=wanted.isoformat(),
            compared=len(started) - missing,
            open=len(found),
            missing=missing,
        )
    )
    if found or missing:
        raise typer.Exit(1 if found else 4)


@contextmanager
def _hub() -> Iterator[None]:
    """Give the processes what they need, over the configured database."""
    settings = config.settings()
    with postgres.running(settings) as url:
        shared = start_up.open_hub(
            settings.model_copy(update={"database_url": url}), application_name="yinuo-cli"
        )
        try:
            yield
        finally:
            start_up.close_hub(shared)


def _show(started: list[Started], language: Language) -> None:
    console = Console()
    sides = Table("account", "side", "payments", "paid ¥", "refunds", "refunded ¥", "result")
    for one in started:
        name = text(f"orders.provider.{one.bill.provider}", language)
        account = f"{name} {one.bill.account}"
        if one.compared is None:
            sides.add_row(account, *[""] * 5, _problem(one, language))
            continue
        stamp = "different" if one.compared.open else "equal"
        for side, sums in (("bill", one.compared.billed), ("hub", one.compared.booked)):
            sides.add_row(
                account if side == "bill" else "",
                side,
                str(sums.payments),
                fen_to_yuan(sums.paid_fen),
                str(sums.refunds),
                fen_to_yuan(sums.refunded_fen),
                text(f"payments.stamp.{stamp}", language) if side == "bill" else "",
            )
    console.print(sides)
    found = [one for each in started if each.compared for one in each.compared.open]
    if found:
        console.print(_differences(found, language))


def _differences(found: list[Difference], language: Language) -> Table:
    table = Table()
    for name in ("difference", "number", "refund", "id"):
        table.add_column(name, overflow="fold")
    for name in ("bill ¥", "hub ¥"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        table.add_row(
            text(f"payments.difference.{one.found.kind}", language),
            one.found.payment_number or one.found.transaction_id,
            one.found.refund_number,
            one.id,
            _yuan(one.found.bill_fen),
            _yuan(one.found.hub_fen),
        )
    return table


def _yuan(amount: Fen | None) -> str:
    return "—" if amount is None else fen_to_yuan(amount)


def _problem(one: Started, language: Language) -> str:
    code = one.error or ""
    return text(code, language, day=one.bill.day.isoformat()) if has_text(code) else code
