"""What commands share: an open, migrated database, the terminal's language, who acts."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from yinuo.core import config, migrate, postgres
from yinuo.core.db import Database
from yinuo.core.texts import Language
from yinuo.users.model import SYSTEM, Actor


@contextmanager
def opened() -> Iterator[Database]:
    """Give the configured database, brought to this release's tables."""
    with postgres.running(config.settings()) as url:
        database = Database(url, pool_size=2, application_name="yinuo-cli")
        try:
            migrate.upgrade(database)
            yield database
        finally:
            database.dispose()


def spoken() -> Language:
    """Return the terminal's language; Chinese unless it says English."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return Language.EN if named.lower().startswith("en") else Language.ZH


def operator() -> Actor:
    """Return the actor of a command: the product, on behalf of the machine's account."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = str(os.getuid())
    return replace(SYSTEM, name=f"cli ({account})")
