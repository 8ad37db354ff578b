"""Fixtures shared by all tests: a real PostgreSQL, a fresh migrated database for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from yinuo.core import migrate, postgres
from yinuo.core.config import CoreSettings
from yinuo.core.db import Database, Session

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a throw-away PostgreSQL with a migrated template database."""
    given = os.environ.get("YINUO_TEST_DATABASE_URL")
    directory = tmp_path_factory.mktemp("pg")
    for part in [directory, *directory.parents][:3]:
        part.chmod(part.stat().st_mode | 0o011)  # the unprivileged account passes through
    settings = CoreSettings(data_dir=Path(directory), database_url=given)
    with postgres.running(settings, fast_and_unsafe=True) as url:
        database = Database(_with_name(url, "yinuo"), pool_size=1)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS yinuo_template WITH (FORCE)")
            connection.execute("CREATE DATABASE yinuo_template")
        database.dispose()
        template = Database(_with_name(url, "yinuo_template"), pool_size=1)
        migrate.upgrade(template)
        template.dispose()
        yield url


def _with_name(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """Give the address of a fresh database, dropped after the test."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE yinuo_template STRATEGY FILE_COPY")
    yield _with_name(postgres_url, name)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give a fresh migrated database."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Give an open transaction that is undone at the end."""
    with Session(database.engine, expire_on_commit=False, autoflush=False) as session:
        yield session
        session.rollback()
