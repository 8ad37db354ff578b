"""Fixtures shared by all tests: a real PostgreSQL, a fresh migrated database for each test."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from yinuo.core import migrate, postgres
from yinuo.core.config import CoreSettings
from yinuo.core.db import Database, Session, with_database

_numbers = itertools.count()
# Files go to workers one by one; the longest come first, so that no worker ends long after another.
LONGEST = (
    "workflows/test_crashes.py",
    "browser/test_console.py",
    "browser/test_addresses.py",
    "workflows/test_races.py",
    "web/test_openapi.py",
    "browser/test_shops.py",
    "browser/test_messages.py",
    "workflows/test_outside_faults.py",
    "browser/test_payments.py",
    "sandbox/test_product_page.py",
    "inventory/test_promise_machine.py",
    "scenarios/test_storefront.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; within a file the order stays."""

    def place(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((at for at, name in enumerate(LONGEST) if path.endswith(name)), len(LONGEST))

    items.sort(key=place)


def _memory() -> str | None:
    """Return a file system in memory where there is room: a database per test copies much."""
    place = Path("/dev/shm")
    is_there = place.is_dir() and os.access(place, os.W_OK)
    return str(place) if is_there and shutil.disk_usage(place).free > 4 * 2**30 else None


@pytest.fixture(scope="session")
def postgres_directory() -> Iterator[Path]:
    """Give a directory that the unprivileged account can reach.

    Not pytest's own: every other run of pytest closes that one to others while we use it.
    """
    with tempfile.TemporaryDirectory(prefix="yinuo-pg-", dir=_memory()) as directory:
        Path(directory).chmod(0o711)
        yield Path(directory)


@pytest.fixture(scope="session")
def postgres_url(postgres_directory: Path) -> Iterator[str]:
    """Give the address of a throw-away PostgreSQL with a migrated template database."""
    given = os.environ.get("YINUO_TEST_DATABASE_URL")
    settings = CoreSettings(data_dir=postgres_directory, database_url=given)
    with postgres.running(settings, fast_and_unsafe=True) as url:
        database = Database(with_database(url, "yinuo"), pool_size=1)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS yinuo_template WITH (FORCE)")
            connection.execute("CREATE DATABASE yinuo_template")
        database.dispose()
        template = Database(with_database(url, "yinuo_template"), pool_size=1)
        migrate.upgrade(template)
        template.dispose()
        yield url


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """Give the address of a fresh database, dropped after the test."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE yinuo_template STRATEGY FILE_COPY")
    yield with_database(postgres_url, name)
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
