"""The running world of the workflow tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core.db import Database


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world in which orders are carried out."""
    with make_world(database, tmp_path, monkeypatch) as running:
        yield running
