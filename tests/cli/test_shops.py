"""`yinuo shops` against a real database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from yinuo.channels import service as channels
from yinuo.channels.model import (
    Channel,
    ShareRule,
    Sharing,
    Shop,
    ShopSettings,
    UnknownShop,
)
from yinuo.cli import shops
from yinuo.core import clock
from yinuo.core.db import Database

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("YINUO_DATABASE_URL", database_url)
    monkeypatch.setenv("YINUO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.delenv("LC_ALL", raising=False)
    return lambda *words: CliRunner().invoke(shops.app, words)


def add(database: Database, shop_id: str, *, is_active: bool = True) -> None:
    with database.transaction() as session:
        channels.add_shop(
            session,
            Shop(
                id=shop_id,
                channel=Channel.DOUYIN,
                name=f"Shop {shop_id}",
                settings=ShopSettings(ttl_seconds=600),
                is_active=is_active,
            ),
            sharing=Sharing(
                rule=ShareRule(percent=80, buffer=3), by_sku={"RUG-160": ShareRule(most=7)}
            ),
            by="test",
            now=clock.now(),
        )


def test_list_names_every_shop_with_its_state_and_lag(run: Run, database: Database) -> None:
    assert "no shops yet" in run("list").output
    add(database, "a")
    add(database, "b", is_active=False)
    with database.transaction() as session:
        channels.want_stock(session, "a", figures={"RUG-160": 5}, now=clock.now())
    rows = [line for line in run("list").output.splitlines() if "Shop " in line]
    assert len(rows) == 2
    assert "600 s" in rows[0]
    assert "1 figures" in rows[0]
    assert "off" in rows[1]


def test_show_tells_the_rules_and_their_exceptions(run: Run, database: Database) -> None:
    add(database, "a")
    shown = run("show", "a")
    assert shown.exit_code == 0
    rules = [line for line in shown.output.splitlines() if "%" in line]
    assert ["80 %" in rules[0], "3" in rules[0]] == [True, True]
    assert "SKU RUG-160" in rules[1]
    assert "7" in rules[1]
    assert isinstance(run("show", "gone").exception, UnknownShop)
