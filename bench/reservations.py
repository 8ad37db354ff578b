"""Reserving through the lane, against SELECT … FOR UPDATE with a pool of connections.

    python bench/reservations.py [seconds per measurement]

Both run in one go on the same embedded PostgreSQL with durable commits, called by the same
threads of one process, in turns of a second or so, so that a busy machine is busy for both. The
baseline locks the level, checks it, updates it and writes
reservation, line and ledger entry, each caller in a transaction of its own; it is given two
sizes of pool and the better one counts. The lane writes the same rows and, beside them, an event
for each reservation and a live hint for each SKU.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from yinuo.core import migrate, postgres
from yinuo.core.config import CoreSettings
from yinuo.core.db import Database
from yinuo.core.ids import new_id
from yinuo.inventory import service
from yinuo.inventory.model import ReserveRequest, StockLine

WAREHOUSE = "WH-HZ"
SKUS = 1_000
CALLERS = (1, 16, 64)
BASELINE_POOLS = (4, 64)
LANE = 0
WARM_SECONDS = 0.3
ROUNDS = 3
ZIPF = [1 / rank for rank in range(1, SKUS + 1)]


@dataclass(frozen=True, slots=True)
class Measured:
    """Reservations per second, and milliseconds that callers waited."""

    per_second: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"{self.per_second:>8,.0f}/s  p50 {self.p50:>7.2f}  p99 {self.p99:>8.2f} ms"


Reserve = Callable[[str, str], None]


def baseline(database: Database) -> Reserve:
    """Return the usual way: lock, look, update, insert, commit, each order for itself."""

    def reserve(owner: str, sku: str) -> None:
        now = datetime.now(UTC)
        reservation = new_id("rsv")
        place = {"sku": sku, "warehouse": WAREHOUSE}
        with database.transaction() as session:
            free = session.execute(_LOCK, place).scalar_one()
            if free < 1:
                raise RuntimeError
            session.execute(_UPDATE, place)
            session.execute(
                _RESERVATION,
                place
                | {"id": reservation, "owner": owner, "at": now, "until": now + timedelta(hours=1)},
            )
            session.execute(_LINE, place | {"id": reservation})
            session.execute(_LEDGER, place | {"owner": owner, "at": now})

    return reserve


_LOCK = sa.text(
    "SELECT on_hand - allocated - reserved - safety_stock FROM stock_levels"
    " WHERE sku = :sku AND warehouse = :warehouse FOR UPDATE"
)
_UPDATE = sa.text(
    "UPDATE stock_levels SET reserved = reserved + 1, version = version + 1"
    " WHERE sku = :sku AND warehouse = :warehouse"
)
_RESERVATION = sa.text(
    "INSERT INTO reservations (id, owner, warehouse, state, is_paid, expires_at, created_at,"
    " changed_at) VALUES (:id, :owner, :warehouse, 'reserved', true, :until, :at, :at)"
)
_LINE = sa.text(
    "INSERT INTO reservation_lines (reservation_id, sku, warehouse, quantity, open)"
    " VALUES (:id, :sku, :warehouse, 1, 1)"
)
_LEDGER = sa.text(
    "INSERT INTO stock_ledger (at, kind, sku, warehouse, reserved_delta, effective_at, cause,"
    " owner) VALUES (:at, 'reserved', :sku, :warehouse, 1, :at, 'bench', :owner)"
)


def summed(waits: list[float], *, seconds: float) -> Measured:
    """Return what came of all rounds together."""
    waits.sort()
    return Measured(
        per_second=len(waits) / seconds,
        p50=statistics.median(waits) * 1000,
        p99=waits[int(len(waits) * 0.99)] * 1000,
    )


def waits_of(
    reserve: Reserve, *, callers: int, skus: Sequence[str], seconds: float, tag: str
) -> list[float]:
    """Return how long each request of so many threads took; each asks again when answered."""
    waits: list[list[float]] = [[] for _ in range(callers)]
    begin = time.perf_counter() + WARM_SECONDS
    end = begin + seconds

    def call(number: int) -> None:
        chance = random.Random(number)
        wanted = chance.choices(skus, weights=ZIPF[: len(skus)], k=4096)
        mine = waits[number]
        count = 0
        while (start := time.perf_counter()) < end:
            reserve(f"{tag}-{number}-{count}", wanted[count % 4096])
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


def compare(url: str, seconds: float) -> None:
    """Print both ways beside each other."""
    lane_database = Database(url)
    pools = {size: Database(url, pool_size=size) for size in BASELINE_POOLS}
    lane = service.reserving_lane(lane_database)

    def through_lane(owner: str, sku: str) -> None:
        request = ReserveRequest(
            owner=owner,
            lines=(StockLine(sku, 1),),
            warehouses=(WAREHOUSE,),
            is_paid=True,
            ttl_seconds=3600,
            cause="bench",
        )
        lane.ask(request, timeout=30)

    for title, skus in (
        ("one hot SKU", ["S0"]),
        (f"{SKUS:,} SKUs (zipf)", [f"S{n}" for n in range(SKUS)]),
    ):
        print(f"\n{title}")
        for callers in CALLERS:
            ways: dict[int, Reserve] = {
                size: baseline(database)
                for size, database in pools.items()
                if size == BASELINE_POOLS[0] or callers > BASELINE_POOLS[0]
            }
            ways[LANE] = through_lane
            waits: dict[int, list[float]] = {way: [] for way in ways}
            for turn in range(ROUNDS):
                for way, reserve in ways.items():
                    waits[way] += waits_of(
                        reserve,
                        callers=callers,
                        skus=skus,
                        seconds=seconds / ROUNDS,
                        tag=f"{len(skus)}-{callers}-{way}-{turn}",
                    )
            found = {way: summed(all_of, seconds=seconds) for way, all_of in waits.items()}
            ours = found.pop(LANE)
            usual = max(found.values(), key=lambda one: one.per_second)
            ratio = ours.per_second / usual.per_second
            print(f"  {callers:>3} callers  select for update {usual}")
            print(f"               group commit      {ours}   {ratio:.1f}×")
    lane.close()
    with lane_database.read() as session:
        counted = session.execute(_COUNTED).one()
    print(
        f"\nreserved units {counted.counters:,}, in reservations {counted.claims:,},"
        f" in the ledger {counted.ledger:,}"
    )
    for database in (lane_database, *pools.values()):
        database.dispose()


_COUNTED = sa.text(
    "SELECT (SELECT sum(reserved) FROM stock_levels) AS counters,"
    " (SELECT sum(open) FROM reservation_lines) AS claims,"
    " (SELECT sum(reserved_delta) FROM stock_ledger) AS ledger"
)


def main() -> None:
    """Start a PostgreSQL of its own, measure, and take it away."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
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
                f" {flushes_per_second(home):,.0f} flushes/s"
            )
            compare(url, seconds)
            print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
