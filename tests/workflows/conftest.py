"""The running world of the workflow tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core.db import Database, with_database


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world of its own in which orders are carried out."""
    with make_world(database, tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture(scope="module")
def module_database(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """Give a migrated database that the tests of one file share."""
    name = request.module.__name__.rpartition(".")[2]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE yinuo_template STRATEGY FILE_COPY")
    database = Database(with_database(postgres_url, name))
    yield database
    database.dispose()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def shared_world(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Give a world that the tests of one file share: each looks at its own orders only."""
    with (
        pytest.MonkeyPatch.context() as patch,
        make_world(module_database, tmp_path_factory.mktemp("world"), patch) as running,
    ):
        yield running


@pytest.fixture
def shop(shared_world: World) -> Iterator[World]:
    """Give the shared world without the faults that an earlier test left."""
    yield shared_world
    for system in ("kingdee", "qimen", "shop", "wechat-pay", "alipay"):
        shared_world.faults(system)
