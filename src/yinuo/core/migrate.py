"""Bringing a database's tables to what this release needs; many processes may start at once."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from yinuo.core import durable
from yinuo.core.db import Database

LOCK = 0x59494E55  # "YINU"


def configuration() -> Config:
    """Return the Alembic settings, which live here and not in a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    return config


def upgrade(database: Database, *, to: str = "head") -> str:
    """Return the revision after all missing migrations ran; a second caller waits for the first."""
    config = configuration()
    with database.engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        try:
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            connection.commit()
            durable.migrate(database)
            return current(connection) or ""
        finally:
            connection.rollback()
            connection.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            connection.commit()


def downgrade(database: Database, *, to: str = "base") -> None:
    """Take migrations back, for tests of both directions."""
    config = configuration()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)
        connection.commit()


def current(connection: sa.Connection) -> str | None:
    """Return the revision that the database is at, or None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Tell whether the database is at the revision that this release needs."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    with database.engine.connect() as connection:
        return current(connection) == head
