"""Processes killed in the middle of a batch: what was answered stands, nothing is done twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from tests.inventory import racers
from tests.inventory.builders import HZ, RUG, T0, level_of, set_up, wish
from yinuo.core.db import Database
from yinuo.inventory import service

ROOT = Path(__file__).parents[2]
UNITS, OWNERS = 3000, 5000


def start(url: str, prefix: str, said: Path) -> subprocess.Popen[bytes]:
    """Start a process that reserves one rug after the other and says so in a file."""
    with said.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.inventory.dying", url, prefix, str(OWNERS)],
            cwd=ROOT,
            stdout=out,
        )


def lines_of(said: Path) -> list[list[str]]:
    """Return code and owner of each answer; a line cut short does not count."""
    lines = said.read_text().splitlines(keepends=True)
    return [line.split() for line in lines if line.endswith("\n")]


def wait_for(said: Path, many: int) -> None:
    """Return when a process has said so many lines."""
    end = time.monotonic() + 60
    while len(lines_of(said)) < many:
        assert time.monotonic() < end, said
        time.sleep(0.01)


def reserved_of(database: Database) -> dict[str, int]:
    """Return how many claims each owner holds."""
    with database.read() as session:
        rows = session.execute(
            sa.text("SELECT owner, count(*) AS many FROM reservations GROUP BY owner")
        )
        return {row.owner: int(row.many) for row in rows}


def test_processes_killed_in_mid_batch(database, database_url, tmp_path):
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): UNITS})
    said = {prefix: tmp_path / prefix for prefix in "abc"}
    started = {prefix: start(database_url, prefix, said[prefix]) for prefix in "abc"}
    try:
        for prefix in "abc":
            wait_for(said[prefix], 20)
        for prefix in "ab":
            started[prefix].send_signal(signal.SIGKILL)
        assert [started[prefix].wait(120) for prefix in "abc"] == [-9, -9, 0]
    finally:
        for process in started.values():
            process.kill()
            process.wait(10)
    answers = {prefix: lines_of(said[prefix]) for prefix in "abc"}
    claims = reserved_of(database)
    # Every answer stands; each owner holds one claim; the survivor went on to the last unit.
    promised = {owner for told in answers.values() for code, owner in told if code == "held"}
    assert promised <= claims.keys()
    assert set(claims.values()) == {1}
    assert len(claims) == UNITS
    assert len(answers["c"]) == OWNERS
    with database.read() as session:
        level = level_of(session)
        assert (level.on_hand, level.reserved, level.atp) == (UNITS, UNITS, 0)
        assert service.reconcile(session, repair=False, now=T0) == []
    # Whoever got no answer asks again: who holds a unit keeps that one, and no other is taken.
    unheard = sorted(owner for owner in claims if owner not in promised and owner[0] in "ab")
    again = racers.race(database_url, [wish(owner) for owner in unheard], threads=4)
    assert all(is_repeat for _, is_repeat in again.values())
    assert reserved_of(database) == claims


def test_a_session_killed_while_it_holds_the_locks_frees_them(database, database_url):
    """The server may notice a dead client late; it holds nobody longer than that."""
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 5})
    script = (
        "import sys, time\n"
        "from tests.inventory.builders import T0, wish\n"
        "from yinuo.core.db import Database\n"
        "from yinuo.inventory import service\n"
        "with Database(sys.argv[1]).transaction() as session:\n"
        "    service.reserve_batch(session, [wish('dead')], now=T0)\n"
        "    print('locked', flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, database_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    lane = service.reserving_lane(database)
    waiting = lane.submit(wish("living"))
    racers.wait_for_a_lock(database)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    assert waiting.result(30).owner == "living"
    lane.close()
    with database.read() as session:
        assert service.find_reservation(session, "dead", now=T0) is None
        assert level_of(session).reserved == 1
        assert service.reconcile(session, repair=False, now=T0) == []
