"""Reserving in groups, against SELECT … FOR UPDATE and one guarded UPDATE a line.

    python bench/reservations.py [seconds per measurement]

All ways run in one go on the same embedded PostgreSQL with durable commits, called from one process,
in turns of a second or so, so that a busy machine is busy for all. The callers are threads, and the
same number of tasks of an event loop, as in the web process. The two others are given two sizes of
pool and both kinds of callers, and their best counts. Beside them stand what the machine can do at
all: flushes of the disk, threads that wake each other, and pgbench updating a single row.
"""

from __future__ import annotations

import asyncio
import gc
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

import psycopg
import sqlalchemy as sa

from reserve_ways import (
    WAREHOUSE,
    Pool,
    Reserve,
    ReserveSoon,
    group_commit,
    group_commit_soon,
    guarded_update,
    guarded_update_soon,
    select_for_update,
    select_for_update_soon,
)
from yinuo.core import migrate, postgres
from yinuo.core.config import CoreSettings
from yinuo.core.db import Database
from yinuo.inventory import service
from yinuo.web.app import GC_THRESHOLD

SKUS = 1_000
CALLERS = (1, 16, 64, 256)
POOLS = (4, 64)
WARM_SECONDS = 0.3
ROUNDS = 3
ZIPF = [1 / rank for rank in range(1, SKUS + 1)]


@dataclass(frozen=True, slots=True)
class Load:
    """What is ordered: of how many SKUs, how many lines each."""

    title: str
    skus: int
    lines: int


LOADS = (
    Load("one hot SKU", 1, 1),
    Load(f"{SKUS:,} SKUs (zipf)", SKUS, 1),
    Load(f"{SKUS:,} SKUs (zipf), 3 lines an order", SKUS, 3),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Reservations per second, and milliseconds that callers waited."""

    per_second: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.per_second:>8,.0f}/s  p50 {self.p50:>7.2f}  p99 {self.p99:>8.2f} ms"


Measure = Callable[[Load, int, float, str], list[float]]


def summed(waits: list[float], *, seconds: float) -> Measured:
    """Return what came of all rounds together."""
    if not waits:  # not one was done in the time
        return Measured(0.0, seconds * 1000, seconds * 1000)
    waits.sort()
    return Measured(
        per_second=len(waits) / seconds,
        p50=statistics.median(waits) * 1000,
        p99=waits[int(len(waits) * 0.99)] * 1000,
    )


def waits_of(
    reserve: Reserve, load: Load, *, callers: int, seconds: float, tag: str
) -> list[float]:
    """Return how long each request of so many threads took; each asks again when answered."""
    waits: list[list[float]] = [[] for _ in range(callers)]
    wishes = [orders(load, number) for number in range(callers)]
    begin = time.perf_counter() + WARM_SECONDS
    end = begin + seconds

    def call(number: int) -> None:
        wanted = wishes[number]
        mine = waits[number]
        count = 0
        while (start := time.perf_counter()) < end:
            reserve(f"{tag}-{number}-{count}", wanted[count % len(wanted)])
            done = time.perf_counter()
            if start >= begin and done <= end:
                mine.append(done - start)
            count += 1

    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [wait for mine in waits for wait in mine]


async def waits_soon(
    reserve: ReserveSoon, load: Load, *, callers: int, seconds: float, tag: str
) -> list[float]:
    """Return how long each request of so many tasks took; each asks again when answered."""
    waits: list[float] = []
    wishes = [orders(load, number) for number in range(callers)]
    begin = time.perf_counter() + WARM_SECONDS
    end = begin + seconds

    async def call(number: int) -> None:
        wanted = wishes[number]
        count = 0
        while (start := time.perf_counter()) < end:
            await reserve(f"{tag}-{number}-{count}", wanted[count % len(wanted)])
            done = time.perf_counter()
            if start >= begin and done <= end:
                waits.append(done - start)
            count += 1

    await asyncio.gather(*(call(number) for number in range(callers)))
    return waits


def in_a_pool(url: str, way: Callable[[Pool], ReserveSoon], *, size: int) -> Measure:
    """Return how to measure a way that takes connections from a pool of its loop."""

    async def measured(load: Load, callers: int, seconds: float, tag: str) -> list[float]:
        plain = url.replace("+psycopg", "")
        async with Pool(plain, min_size=size, max_size=size, open=False, timeout=60) as pool:
            await pool.wait()
            return await waits_soon(way(pool), load, callers=callers, seconds=seconds, tag=tag)

    return lambda *wanted: asyncio.run(measured(*wanted))


def by_threads(reserve: Reserve) -> Measure:
    """Return how to measure a way that threads call."""
    return lambda load, callers, seconds, tag: waits_of(
        reserve, load, callers=callers, seconds=seconds, tag=tag
    )


def by_tasks(reserve: ReserveSoon) -> Measure:
    """Return how to measure a way that tasks await."""
    return lambda load, callers, seconds, tag: asyncio.run(
        waits_soon(reserve, load, callers=callers, seconds=seconds, tag=tag)
    )


@lru_cache(maxsize=1024)
def orders(load: Load, caller: int) -> list[list[str]]:
    """Return what one caller orders, one order after the other; worked out before the clock runs."""
    weights = list(accumulate(ZIPF[: load.skus]))
    chance = random.Random(caller)
    found = []
    for _ in range(1024):
        picked: dict[int, None] = {}
        while len(picked) < load.lines:
            picked[chance.choices(range(load.skus), cum_weights=weights)[0]] = None
        found.append([f"S{number}" for number in picked])
    return found


def prepare(database: Database) -> None:
    """Make stock that never runs out."""
    with database.transaction() as session:
        session.execute(
            sa.text(
                "INSERT INTO warehouses (code, name, province, is_active, serves, counted_by)"
                " VALUES (:code, '杭州仓', '浙江', true, '[]', 'wms')"
            ),
            {"code": WAREHOUSE},
        )
        session.execute(
            sa.text(
                "INSERT INTO stock_levels (sku, warehouse, photo_quantity, on_hand)"
                " SELECT 'S' || n, :code, 1000000000, 1000000000 FROM generate_series(0, 999) n"
            ),
            {"code": WAREHOUSE},
        )
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))


def flushes_per_second(directory: Path, *, seconds: float = 1.0) -> float:
    """Return how often this disk takes 8 kB for good, one after the other."""
    count = 0
    page = b"\0" * 8192
    with (directory / "flush").open("wb", buffering=0) as file:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            file.seek(0)
            file.write(page)
            os.fdatasync(file.fileno())
            count += 1
    return count / seconds


def wakings_per_second(*, seconds: float = 1.0) -> float:
    """Return how often one thread wakes another and is woken in turn: what each caller needs."""
    there, back = threading.Lock(), threading.Lock()
    there.acquire()
    back.acquire()
    is_over = False

    def answer() -> None:
        while not is_over:
            there.acquire()
            back.release()

    thread = threading.Thread(target=answer)
    thread.start()
    count = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        there.release()
        back.acquire()
        count += 1
    is_over = True
    there.release()
    thread.join()
    return 2 * count / seconds


def single_row_updates(url: str, home: Path, *, callers: int, seconds: float) -> float:
    """Return how many single-row updates of one table pgbench commits per second."""
    programs = postgres.bundled_binaries()
    script = home / "update.sql"
    script.write_text(
        "\\set n random(1, 1000)\nUPDATE bench_rows SET units = units + 1 WHERE id = :n;\n"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_rows")
        connection.execute(
            "CREATE TABLE bench_rows AS SELECT n AS id, 0 AS units FROM generate_series(1, 1000) n"
        )
        connection.execute("ALTER TABLE bench_rows ADD PRIMARY KEY (id)")
    command = [programs / "pgbench", "-n", "-M", "prepared", "-f", script, "-j", "2"]
    done = subprocess.run(
        [*command, "-c", str(callers), "-T", str(max(1, round(seconds))), url],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stderr)
    return float(found[1])


OURS = ("group commit, threads", "group commit, tasks")


def compare(url: str, seconds: float) -> None:
    """Print all ways beside each other."""
    lane_database = Database(url)
    pools = {size: Database(url, pool_size=size) for size in POOLS}
    lane = service.reserving_lane(lane_database)
    for load in LOADS:
        print(f"\n{load.title}")
        for callers in CALLERS:
            ways: dict[str, Measure] = {}
            for size in POOLS:
                if size > POOLS[0] >= callers:
                    continue
                ways[f"select for update/{size}"] = by_threads(select_for_update(pools[size]))
                ways[f"guarded update/{size}"] = by_threads(guarded_update(pools[size]))
                for name, way in (
                    ("select for update", select_for_update_soon),
                    ("guarded update", guarded_update_soon),
                ):
                    ways[f"{name}/{size} tasks"] = in_a_pool(url, way, size=size)
            ways[OURS[0]] = by_threads(group_commit(lane))
            ways[OURS[1]] = by_tasks(group_commit_soon(lane))
            waits: dict[str, list[float]] = {way: [] for way in ways}
            for turn in range(ROUNDS):
                for way, measure in ways.items():
                    tag = f"{load.skus}-{load.lines}-{callers}-{way}-{turn}"
                    waits[way] += measure(load, callers, seconds / ROUNDS, tag)
            show(callers, {way: summed(all_of, seconds=seconds) for way, all_of in waits.items()})
    lane.close()
    with lane_database.read() as session:
        counted = session.execute(_COUNTED).one()
    print(
        f"\nreserved units {counted.counters:,}, in reservations {counted.claims:,},"
        f" in the ledger {counted.ledger:,}"
    )
    for database in (lane_database, *pools.values()):
        database.dispose()


def show(callers: int, found: dict[str, Measured]) -> None:
    """Print the best of each other way, ours, and how many times as fast ours is."""
    ours = {way: found.pop(way) for way in OURS}
    best: dict[str, Measured] = {}
    for way, measured in found.items():
        name = way.partition("/")[0]
        if name not in best or best[name].per_second < measured.per_second:
            best[name] = measured
    for number, (name, measured) in enumerate(best.items()):
        who = f"{callers:>3} callers" if number == 0 else " " * 11
        print(f"  {who}  {name:<21} {measured}")
    for way, our in ours.items():
        ratios = ", ".join(
            f"{our.per_second / max(measured.per_second, 1):.1f}× {name}"
            for name, measured in best.items()
        )
        print(f"  {' ' * 11}  {way:<21} {our}   {ratios}", flush=True)


_COUNTED = sa.text(
    "SELECT (SELECT sum(reserved) FROM stock_levels) AS counters,"
    " (SELECT sum(open) FROM reservation_lines) AS claims,"
    " (SELECT sum(reserved_delta) FROM stock_ledger) AS ledger"
)


def main() -> None:
    """Start a PostgreSQL of its own, measure, and take it away."""
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)  # as in the web process
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        home.chmod(0o711)  # the unprivileged account of the database passes through
        settings = CoreSettings(data_dir=home / "data")
        with postgres.running(settings) as url:
            database = Database(url)
            migrate.upgrade(database)
            prepare(database)
            with database.read() as session:
                version = session.execute(sa.text("SHOW server_version")).scalar_one()
                is_durable = session.execute(
                    sa.text(
                        "SELECT current_setting('fsync') || '/' || "
                        "current_setting('synchronous_commit')"
                    )
                ).scalar_one()
            database.dispose()
            print(
                f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f},"
                f" Python {platform.python_version()}, PostgreSQL {version},"
                f" fsync/synchronous_commit {is_durable},"
                f" {flushes_per_second(home):,.0f} flushes/s,"
                f" a thread wakes another {wakings_per_second():,.0f} times/s"
            )
            rates = ", ".join(
                f"{single_row_updates(url, home, callers=callers, seconds=2):,.0f}/s"
                f" with {callers} clients"
                for callers in (1, 16, 64)
            )
            print(f"pgbench, one row updated and committed: {rates}")
            compare(url, seconds)
            print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
