"""A real Chromium for tests, and a person who is signed in to the console."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import SYSTEM, Role

PASSWORD = "made-up-for-tests-8431"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser with no window; a test without one fails and says what to do."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        pytest.fail("no Chromium: run `make browser`")
    expect.set_options(timeout=30_000)  # a claim that holds is seen at once; a slow machine waits
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


def add_person(database: Database, username: str, role: Role) -> None:
    """Add a user who signs in with PASSWORD."""
    with database.transaction() as session:
        users.add_user(
            session,
            username=username,
            name=username,
            role=role,
            password=PASSWORD,
            actor=SYSTEM,
            now=clock.now(),
        )
