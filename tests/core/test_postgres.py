"""The embedded PostgreSQL: one owner, others join, data stays, a killed owner is survived."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from yinuo.core import postgres
from yinuo.core.config import CoreSettings

OWNER = """
import sys, time
from pathlib import Path
from yinuo.core import postgres
from yinuo.core.config import CoreSettings
with postgres.running(CoreSettings(data_dir=Path(sys.argv[1]))) as url:
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="yinuo-pg-"))
    directory.chmod(0o711)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def one(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def test_named_database_is_used_as_it_is(home: Path) -> None:
    settings = CoreSettings(data_dir=home, database_url="postgresql://somewhere/db")
    with postgres.running(settings) as url:
        assert url == "postgresql://somewhere/db"
    assert list(home.iterdir()) == []


def test_data_stays_and_password_is_asked_for_and_no_port_is_open(home: Path) -> None:
    settings = CoreSettings(data_dir=home)
    with postgres.running(settings) as url:
        one(url, "CREATE TABLE kept AS SELECT 42 AS n")
        assert one(url, "SHOW listen_addresses") == ""
        assert one(url, "SHOW fsync") == "on"
        assert one(url, "SELECT datlocprovider::text FROM pg_database LIMIT 1") == "b"
        wrong = url.replace(url.split(":")[2].split("@")[0], "wrong")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(wrong)
        if os.geteuid() == 0:
            assert (home / "postgres").stat().st_uid == postgres.NOBODY
    assert (home / "postgres.password").stat().st_mode & 0o077 == 0
    with postgres.running(settings) as url:
        assert one(url, "SELECT n FROM kept") == 42


def test_many_who_start_at_once_share_one_server(home: Path) -> None:
    settings = CoreSettings(data_dir=home)

    def start(_number: int) -> object:
        with postgres.running(settings) as url:
            told = one(url, "SELECT pg_postmaster_start_time()::text")
            time.sleep(0.5)
            return told

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(start, range(4)))) == 1


def test_server_of_a_killed_owner_is_adopted_and_then_stopped_in_order(home: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "ready\n"
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    with postgres.running(CoreSettings(data_dir=home)) as url:
        assert one(url, "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_wrong_programs_are_a_clear_refusal(home: Path) -> None:
    broken = home / "bin"
    broken.mkdir()
    (broken / "initdb").write_text("#!/bin/sh\necho no such luck >&2; exit 3\n")
    (broken / "initdb").chmod(0o755)
    with (
        pytest.raises(postgres.DatabaseMissing) as raised,
        postgres.running(CoreSettings(data_dir=home, postgres_bin=broken)),
    ):
        pass
    assert "no such luck" in str(raised.value.details["reason"])
