"""Stock with years of history behind it: 5 million ledger rows and 1 million reservations.

    python bench/stock_at_scale.py [reservations]

Two databases in one throw-away server (fsync on): a small one and one with the history of years,
made by the server itself. In turns, so that both see the same machine: reservations through the
lane by 1 and by 64 callers, and the queries of the stock page. Prints both and their ratio; the
history should cost less than 20 %.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import sqlalchemy as sa

from reservations import LOADS, prepare, waits_of
from reserve_ways import WAREHOUSE, group_commit
from yinuo.core import clock, migrate, postgres
from yinuo.core.config import CoreSettings
from yinuo.core.db import Database, with_database
from yinuo.inventory import service
from yinuo.reports.stock import StockFilter, StockSort, list_stock

SMALL, LARGE = 10_000, 1_000_000
OPEN = 2_000  # reservations that still hold units: the same in both
TURNS, SECONDS, READS = 6, 2.0, 60
SKU = "'S' || (n * 7919) % 1000"
HISTORY = (
    f"""
    INSERT INTO reservations (id, owner, warehouse, state, is_paid, expires_at, created_at, changed_at)
    SELECT 'rsv_h' || n, 'ord_h' || n, '{WAREHOUSE}',
      CASE WHEN n <= :open THEN 'allocated' ELSE 'deducted' END, true, at, at, at
    FROM generate_series(1, CAST(:many AS bigint)) n
    CROSS JOIN LATERAL (SELECT now() - n * interval '90 days' / :many AS at)
    """,
    f"""
    INSERT INTO reservation_lines (reservation_id, sku, warehouse, quantity, open, deducted)
    SELECT 'rsv_h' || n, {SKU}, '{WAREHOUSE}', 1,
      CASE WHEN n <= :open THEN 1 ELSE 0 END, CASE WHEN n <= :open THEN 0 ELSE 1 END
    FROM generate_series(1, CAST(:many AS bigint)) n
    """,
    # Oldest first, as a ledger grows: claimed, made firm, gone, its units come again, counted.
    f"""
    INSERT INTO stock_ledger (at, kind, sku, warehouse, on_hand_delta, reserved_delta,
      allocated_delta, moved, effective_at, cause, owner)
    SELECT at + step * interval '1 minute', kind, {SKU}, '{WAREHOUSE}', hand, res, allo, hand,
      at + step * interval '1 minute', 'bench', CASE WHEN step < 3 THEN 'ord_h' || n END
    FROM (SELECT CAST(:many AS bigint) + 1 - g AS n FROM generate_series(1, CAST(:many AS bigint)) g) h
    CROSS JOIN LATERAL (SELECT now() - n * interval '90 days' / :many AS at)
    CROSS JOIN (VALUES (0, 'reserved', 0, 1, 0), (1, 'allocated', 0, -1, 1),
      (2, 'deducted', -1, 0, -1), (3, 'changed', 1, 0, 0), (4, 'photographed', 0, 0, 0))
      AS s (step, kind, hand, res, allo)
    WHERE step < 2 OR n > :open
    """,
    """
    UPDATE stock_levels l SET allocated = c.units FROM (
      SELECT sku, sum(open) AS units FROM reservation_lines GROUP BY sku) c WHERE c.sku = l.sku
    """,
    f"""
    INSERT INTO stock_photographs (sku, warehouse, source, quantity, open, locked, as_of)
    SELECT sku, '{WAREHOUSE}', 'wms', photo_quantity, 0, 0, now() FROM stock_levels
    """,
)


@dataclass(slots=True)
class Case:
    """A database of one size, and what was measured of it, in milliseconds."""

    name: str
    database: Database
    waits: dict[str, list[float]] = field(default_factory=dict)

    def note(self, what: str, waits: list[float]) -> None:
        """Keep some more waits, given in seconds."""
        self.waits.setdefault(what, []).extend(wait * 1000 for wait in waits)


def build(url: str, name: str, *, reservations: int) -> Case:
    """Return a database with so many reservations behind it, and say how long that took."""
    begin = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    database = Database(with_database(url, name), pool_size=4)
    migrate.upgrade(database)
    prepare(database)
    for statement in HISTORY:
        with database.transaction() as session:
            session.execute(sa.text(statement), {"many": reservations, "open": OPEN})
    with database.engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        plain.execute(sa.text("VACUUM ANALYZE"))
        rows = plain.execute(sa.text("SELECT count(*) FROM stock_ledger")).scalar_one()
        size = plain.execute(
            sa.text("SELECT pg_size_pretty(pg_database_size(current_database()))")
        ).scalar_one()
    print(
        f"{name}: {reservations:,} reservations, {rows:,} ledger rows, {size},"
        f" made in {time.perf_counter() - begin:.0f} s",
        flush=True,
    )
    return Case(name, database)


def reads(database: Database) -> dict[str, Callable[[str], object]]:
    """Return what the stock page asks, by name; each takes a SKU."""

    def page(_sku: str) -> object:
        with database.read() as session:
            return list_stock(session, StockFilter(), limit=50, now=clock.now())

    def low(_sku: str) -> object:
        with database.read() as session:
            wanted = StockFilter(low=True)
            return list_stock(session, wanted, sort=StockSort.LEAST_ATP, limit=50, now=clock.now())

    def explained(sku: str) -> object:
        with database.read() as session:
            return service.explanations(session, sku, now=clock.now())

    def changes(sku: str) -> object:
        with database.read() as session:
            return service.ledger(session, sku, limit=50)

    return {
        "list": page,
        "list, low first": low,
        "one SKU explained": explained,
        "its ledger": changes,
    }


def read_waits(read: Callable[[str], object]) -> list[float]:
    """Return how long reads of different SKUs took."""
    waits = []
    for number in range(READS):
        begin = time.perf_counter()
        read(f"S{(number * 37) % 1000}")
        waits.append(time.perf_counter() - begin)
    return waits


def measure(cases: list[Case]) -> None:
    """Measure all cases in turns."""
    lanes = {case.name: service.reserving_lane(case.database) for case in cases}
    for turn in range(TURNS):
        for case in cases if turn % 2 else reversed(cases):
            for callers in (1, 64):
                waits = waits_of(
                    group_commit(lanes[case.name]),
                    LOADS[1],
                    callers=callers,
                    seconds=SECONDS / TURNS * 2,
                    tag=f"{case.name}-{callers}-{turn}",
                )
                case.note(f"reserving, {callers} callers", waits)
            for name, read in reads(case.database).items():
                case.note(name, read_waits(read))
    for lane in lanes.values():
        lane.close()


def show(small: Case, large: Case) -> None:
    """Print both cases beside each other with the ratio of their medians."""
    for what, waits in small.waits.items():
        other = large.waits[what]
        ratio = statistics.median(other) / statistics.median(waits)
        print(
            f"  {what:<24} {_told(waits)}   {_told(other)}   {ratio:.2f}×"
            f"{'' if ratio <= 1.2 else '   more than 20 % slower'}"
        )


def _told(waits: list[float]) -> str:
    waits = sorted(waits)
    return f"p50 {statistics.median(waits):>7.2f}  p99 {waits[int(len(waits) * 0.99)]:>7.2f} ms"


def main() -> None:
    """Build both databases, measure, and take them away."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else LARGE
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        home.chmod(0o711)  # the unprivileged account of the database passes through
        with postgres.running(CoreSettings(data_dir=home / "data")) as url:
            print(
                f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f},"
                f" Python {platform.python_version()}"
            )
            small = build(url, "small", reservations=SMALL)
            large = build(url, "large", reservations=many)
            measure([small, large])
            show(small, large)
            for case in (small, large):
                case.database.dispose()
            print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
