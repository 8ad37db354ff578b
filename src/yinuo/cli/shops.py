"""`yinuo shops`: the shops with what they are behind by, and the rules of one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from yinuo.channels import service as channels
from yinuo.channels.model import ShareRule, Shop, StockLag
from yinuo.cli.common import opened, spoken
from yinuo.core import clock
from yinuo.core.texts import Language, text

app = typer.Typer(
    help="店铺 / Shops: which there are, what each may sell, how far each is behind.",
    no_args_is_help=True,
)


@app.command("list")
def list_shops() -> None:
    """List all shops: channel, state, when stock is taken, and how far their stock is behind.

    Shops are added and changed in the console (店铺), where rules are tried on real stock first.
    """
    language, now = spoken(), clock.now()
    with opened() as database, database.read() as session:
        shops = channels.list_shops(session)
        lags = channels.stock_lags(session, now=now)
    if not shops:
        typer.echo(text("channels.cli.none", language))
        return
    table = Table("id", "name", "channel", "state", "takes stock on", "TTL", "behind")
    for shop in shops:
        table.add_row(
            shop.id,
            shop.name,
            text(f"orders.channel.{shop.channel.value}", language),
            _state(shop, language),
            shop.settings.reserve_on.value,
            f"{shop.settings.ttl_seconds} s",
            _behind(lags.get(shop.id), now, language),
        )
    Console().print(table)


@app.command("show")
def show(code: Annotated[str, typer.Argument(help="the shop's id, as `list` shows it")]) -> None:
    """Show one shop: its warehouses, its rules of sharing, and what of its stock is not told yet."""
    language, now = spoken(), clock.now()
    with opened() as database, database.read() as session:
        record = channels.load_record(session, code)
        lag = channels.stock_lags(session, now=now).get(code)
    shop, sharing = record.shop, record.sharing
    every = text("channels.cli.all_warehouses", language)
    rows = [
        ("shop", f"{shop.name} ({shop.id})"),
        ("channel", text(f"orders.channel.{shop.channel.value}", language)),
        ("state", _state(shop, language)),
        ("takes stock on", f"{shop.settings.reserve_on.value}, {shop.settings.ttl_seconds} s"),
        ("warehouses", ", ".join(shop.settings.warehouses) or every),
        ("behind", _behind(lag, now, language)),
        ("changed", f"{record.changed_at:%Y-%m-%d %H:%MZ}" if record.changed_at else ""),
    ]
    facts = Table(show_header=False)
    for label, value in rows:
        facts.add_row(label, value)
    rules = Table("for", "share", "kept back", "at most")
    for name, rule in (
        ("*", sharing.rule),
        *((f"category {key}", rule) for key, rule in sorted(sharing.by_category.items())),
        *((f"SKU {key}", rule) for key, rule in sorted(sharing.by_sku.items())),
    ):
        rules.add_row(name, *_rule(rule))
    console = Console()
    console.print(facts)
    console.print(rules)


def _rule(rule: ShareRule) -> tuple[str, str, str]:
    most = "" if rule.most is None else str(rule.most)
    return f"{rule.percent} %", str(rule.buffer), most


def _state(shop: Shop, language: Language) -> str:
    state = "active" if shop.is_active else "off"
    return text(f"channels.cli.{'observing' if shop.is_observing else state}", language)


def _behind(lag: StockLag | None, now: datetime, language: Language) -> str:
    if lag is None or not lag.unacknowledged:
        return text("channels.cli.up_to_date", language)
    seconds = round(lag.wait(now).total_seconds())
    return text("channels.cli.behind", language, figures=lag.unacknowledged, seconds=seconds)
