"""`yinuo stock` against a real database."""

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from tests.inventory.builders import HZ, RUG, set_up, wish
from yinuo.cli import stock
from yinuo.core import clock
from yinuo.inventory import service as inventory
from yinuo.inventory.model import UnknownStock


@pytest.fixture
def run(database, database_url, monkeypatch, tmp_path):
    monkeypatch.setenv("YINUO_DATABASE_URL", database_url)
    monkeypatch.setenv("YINUO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    now = clock.now()
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 10}, at=now)
        inventory.reserve_batch(session, [wish("ord_1", {RUG: 4})], now=now)
    return lambda *words: CliRunner().invoke(stock.app, words)


def test_reconcile_finds_nothing_then_drift_then_repairs_it(run, database):
    clean = run("reconcile")
    assert (clean.exit_code, clean.output.strip()) == (0, "Compared 1 places; 0 differences.")
    with database.transaction() as session:
        session.execute(sa.text("UPDATE stock_levels SET reserved = 9"))
    found = run("reconcile")
    assert found.exit_code == 1
    assert "Compared 1 places; 2 differences." in found.output
    assert run("reconcile", "--repair").exit_code == 0
    assert run("reconcile").exit_code == 0


def test_show_tells_numbers_and_changes(run):
    shown = run("show", RUG)
    assert shown.exit_code == 0
    assert HZ in shown.output
    assert "ord_1" in shown.output
    refusal = run("show", "GONE").exception
    assert isinstance(refusal, UnknownStock)
    assert refusal.details == {"sku": "GONE"}
