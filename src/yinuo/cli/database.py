"""`yinuo migrate`: the tables brought to this release."""

from __future__ import annotations

import typer

from yinuo.cli.common import opened
from yinuo.core import migrate as migrations


def migrate() -> None:
    """Bring the database's tables to this release. Safe to repeat and to run on several machines.

    The other commands do this by themselves when they start.
    """
    with opened() as database:
        revision = migrations.upgrade(database)
    typer.echo(f"数据库已是最新版本 / tables are current: {revision}")
