"""The order desk on 100,000 orders, against the obvious way (OFFSET, ILIKE, OR, exact counts).

    python bench/order_desk.py [orders]

Loads synthetic orders into a throw-away database, times each list query with warm caches, and
prints percentiles, the ratio to the obvious way in the same run, and whether the plan walks
indexes. Every name and phone is made up.
"""

from __future__ import annotations

import math
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from yinuo.core import migrate, postgres
from yinuo.core.config import CoreSettings
from yinuo.core.db import Database, Session
from yinuo.reports.order_desk import DeskFilter, Sort, View, count_views, list_orders

ROUNDS = 40
LOAD = [
    """
    INSERT INTO warehouses (code, name, province, is_active, serves, counted_by) VALUES
      ('WH-HZ', '杭州仓', '浙江省', true, '["浙江省"]', 'wms'),
      ('WH-GZ', '广州仓', '广东省', true, '["广东省"]', 'wms')
    """,
    """
    INSERT INTO shops (id, channel, name, reserve_on, ttl_seconds, is_active) VALUES
      ('mini', 'mini_program', '小程序旗舰店', 'payment', 900, true),
      ('dy', 'douyin', '抖音店', 'payment', 900, true)
    """,
    """
    INSERT INTO orders (id, shop_id, channel, raw_number, number, unique_id, payment_number,
      buyer_id, buyer_nick, total_fen, freight_fen, discount_fen, payment_status,
      fulfillment_status, hold_count, status, placed_at, paid_at, reserved_at, shipped_at,
      updated_at, channel_version, remark, masked_name, masked_phone, phone_tail, province, city,
      district, town)
    SELECT 'ord_' || lpad(n::text, 26, '0'), shop, channel, number, number, md5(number),
      'P' || number, 'buyer' || n % 9000, '', 1000 + (n * 7919) % 90000, 0, 0, payment,
      fulfillment, holds, status, at, CASE WHEN payment <> 'unpaid' THEN at END,
      CASE WHEN fulfillment IN ('reserved', 'shipped') THEN at + interval '1 second' END,
      CASE WHEN fulfillment = 'shipped' THEN at + interval '1 day' END, at, 1, '', '张**',
      '138****' || tail, tail, '浙江省', '杭州市', '西湖区', ''
    FROM generate_series(1, CAST(:orders AS bigint)) n
    CROSS JOIN LATERAL (SELECT
      now() - n * interval '25 seconds' AS at,
      to_char(now() - n * interval '25 seconds', 'YYYYMMDD') || lpad(n::text, 8, '0') AS number,
      lpad(((n * 31337) % 10000)::text, 4, '0') AS tail,
      CASE WHEN n % 5 = 0 THEN 'dy' ELSE 'mini' END AS shop,
      CASE WHEN n % 5 = 0 THEN 'douyin' ELSE 'mini_program' END AS channel,
      CASE WHEN n % 40 = 0 THEN 'unpaid' ELSE 'paid' END AS payment,
      CASE WHEN n % 40 = 0 OR n % 211 = 0 THEN 'waiting' WHEN n <= 2000 THEN 'reserved'
        ELSE 'shipped' END AS fulfillment,
      CASE WHEN n % 211 = 0 THEN 1 ELSE 0 END AS holds
    ) a
    CROSS JOIN LATERAL (SELECT CASE WHEN fulfillment = 'shipped' THEN 'shipped'
      WHEN holds > 0 THEN 'held' WHEN payment = 'unpaid' THEN 'unpaid'
      ELSE fulfillment END AS status) b
    """,
    """
    INSERT INTO order_receivers (order_id, name, phone, detail)
    SELECT id, '张三', '138' || lpad((row_number() OVER ())::text, 4, '0') || phone_tail, '某路 1 号'
    FROM orders
    """,
    # Line one follows a steep popularity: SKU-0001 is in a tenth of all orders.
    """
    INSERT INTO order_lines (id, order_id, place, sku, listing_code, name, quantity,
      unit_price_fen, amount_fen, is_gift, placed_at)
    SELECT o.id || '-' || place, o.id, place, 'SKU-' || lpad(
        (CASE place WHEN 0 THEN (CASE WHEN k % 10 = 0 THEN 1 ELSE 2 + k % 300 END)
          ELSE 310 + k % 90 END)::text, 4, '0'),
      'L', '地毯', 1 + k % 3, 1000, 1000, false, o.placed_at
    FROM (SELECT id, placed_at, row_number() OVER (ORDER BY id)::int AS k FROM orders) o
    CROSS JOIN generate_series(0, 1) place
    """,
    """
    INSERT INTO order_tags (order_id, tag, placed_at, tagged_at, tagged_by)
    SELECT id, CASE WHEN k % 20 = 0 THEN 'VIP-LOVE' ELSE '急单' END, placed_at, placed_at, 'rule'
    FROM (SELECT id, placed_at, row_number() OVER (ORDER BY id) AS k FROM orders) o
    WHERE k % 20 = 0 OR k % 997 = 0
    """,
    """
    INSERT INTO order_holds (id, order_id, reason, owner_role, note, placed_at, placed_by)
    SELECT 'hold' || id, id, 'shortage', 'operations', '', placed_at, 'system'
    FROM orders WHERE hold_count > 0
    """,
    """
    INSERT INTO reservations (id, owner, warehouse, state, is_paid, expires_at, created_at, changed_at)
    SELECT 'res' || id, id, 'WH-HZ', CASE WHEN status = 'shipped' THEN 'deducted' ELSE 'reserved' END,
      true, placed_at + interval '15 minutes', placed_at, placed_at
    FROM orders WHERE status IN ('reserved', 'shipped')
    """,
    """
    INSERT INTO shipments (id, order_id, warehouse, carrier, waybill, weight_grams, lines,
      shipped_at, report_key, created_at)
    SELECT 'shp' || id, id, 'WH-HZ', 'SF', 'SF' || id, 900, '[]', shipped_at, id, shipped_at
    FROM orders WHERE status = 'shipped'
    """,
]
CASES: dict[str, tuple[DeskFilter, Sort]] = {
    "newest": (DeskFilter(), Sort.NEWEST),
    "view held": (DeskFilter(view=View.HELD), Sort.NEWEST),
    "view shipped, largest": (DeskFilter(view=View.SHIPPED), Sort.LARGEST),
    "view held, smallest": (DeskFilter(view=View.HELD), Sort.TOTAL),
    "shop": (DeskFilter(shop="dy"), Sort.NEWEST),
    "shop, view unpaid, oldest": (DeskFilter(shop="dy", view=View.UNPAID), Sort.PLACED_AT),
    "popular SKU": (DeskFilter(sku="SKU-0001"), Sort.NEWEST),
    "popular SKU, view held": (DeskFilter(sku="SKU-0001", view=View.HELD), Sort.NEWEST),
    "popular SKU, largest": (DeskFilter(sku="SKU-0001"), Sort.LARGEST),
    "rare SKU": (DeskFilter(sku="SKU-0222"), Sort.NEWEST),
    "unknown SKU": (DeskFilter(sku="SKU-9999"), Sort.NEWEST),
    "common tag": (DeskFilter(tag="VIP-LOVE"), Sort.NEWEST),
    "rare tag, largest": (DeskFilter(tag="急单"), Sort.LARGEST),
    "search whole number": (DeskFilter(q="{number}"), Sort.NEWEST),
    "search number's start": (DeskFilter(q="{day}"), Sort.NEWEST),
    "search all numbers' start": (DeskFilter(q="20"), Sort.NEWEST),
    "search phone tail": (DeskFilter(q="5678"), Sort.NEWEST),
    "search SKU": (DeskFilter(q="sku-0222"), Sort.NEWEST),
    "search tag": (DeskFilter(q="急单"), Sort.LARGEST),
    "search nothing": (DeskFilter(q="nothing here"), Sort.NEWEST),
    "reservation ends first": (DeskFilter(), Sort.EXPIRES_AT),
    "reserved, ends first": (DeskFilter(view=View.RESERVED), Sort.EXPIRES_AT),
}


def main() -> None:
    """Print the table."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        settings = CoreSettings(data_dir=Path(directory) / "data")
        with postgres.running(settings) as url:
            database = Database(url, pool_size=2)
            migrate.upgrade(database)
            load(database, orders)
            report(database)
            database.dispose()


def load(database: Database, orders: int) -> None:
    """Fill the tables and let the planner know."""
    began = time.perf_counter()
    with database.transaction() as session:
        for statement in LOAD:
            session.execute(sa.text(statement), {"orders": orders})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    print(f"{orders:,} orders loaded in {time.perf_counter() - began:.1f} s")


def report(database: Database) -> None:
    """Print one line for each case."""
    load_average = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load_average}, {ROUNDS} rounds")
    print(f"{'query':<28}{'p50 ms':>8}{'p95 ms':>8}{'obvious':>9}{'ratio':>7}  plan")
    with database.read() as session:
        row = session.execute(
            sa.text("SELECT number, left(number, 8) AS day FROM orders OFFSET 700 LIMIT 1")
        ).one()
    slowest = 0.0
    for name, (wanted, sort) in CASES.items():
        asked = DeskFilter(
            **{**fields(wanted), "q": wanted.q.format(number=row.number, day=row.day)}
        )
        with database.read() as session:
            cursor = deep_cursor(session, asked, sort)
            listing = partial(list_orders, session, asked, sort=sort, cursor=cursor)
            ours = timed(listing)
            plan = plan_of(session, listing)
            theirs = timed(partial(obvious, session, asked, sort), rounds=5)
        slowest = max(slowest, line(name, ours, theirs, plan))
    with database.read() as session:
        exactly = sa.text("SELECT status, count(*) FROM orders GROUP BY status")
        ours = timed(partial(count_views, session))
        theirs = timed(lambda: session.execute(exactly).all())
        slowest = max(slowest, line("counts of the views", ours, theirs, ""))
    print(
        f"slowest p95 {slowest:.1f} ms; on a machine with nothing else to do it stays below 50 ms"
    )


def fields(wanted: DeskFilter) -> dict[str, object]:
    """Return the fields of a filter."""
    return {name: getattr(wanted, name) for name in ("view", "q", "sku", "tag", "shop")}


def deep_cursor(session: Session, wanted: DeskFilter, sort: Sort) -> str | None:
    """Return the cursor a few pages in, where the result is that long."""
    cursor = None
    for _ in range(3):
        page = list_orders(session, wanted, sort=sort, cursor=cursor)
        if page.next_cursor is None:
            return cursor
        cursor = page.next_cursor
    return cursor


def timed(call: Callable[[], object], *, rounds: int = ROUNDS) -> list[float]:
    """Return the milliseconds of each round, after two to warm up."""
    taken = []
    for number in range(rounds + 2):
        began = time.perf_counter()
        call()
        if number >= 2:
            taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def line(name: str, ours: list[float], theirs: list[float], plan: str) -> float:
    """Print one case and return its p95."""
    p50, p95 = statistics.median(ours), ours[math.ceil(len(ours) * 0.95) - 1]
    other = statistics.median(theirs)
    print(f"{name:<28}{p50:>8.2f}{p95:>8.2f}{other:>9.1f}{other / p50:>6.1f}×  {plan}")
    return p95


def plan_of(session: Session, call: Callable[[], object]) -> str:
    """Return "index" when no statement reads a big table from end to end, else which it reads."""
    seen: list[tuple[str, object]] = []

    def note(_c: object, _u: object, statement: str, parameters: object, *_rest: object) -> None:
        seen.append((statement, parameters))

    connection = session.connection()
    sa.event.listen(connection.engine, "before_cursor_execute", note)
    try:
        call()
    finally:
        sa.event.remove(connection.engine, "before_cursor_execute", note)
    read_whole: set[str] = set()
    for statement, parameters in seen:
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        for (text,) in rows:
            if "Seq Scan on" in text and any(big in text for big in BIG):
                read_whole.add(text.strip().removeprefix("->").strip().split("  ")[0])
    return "index" if not read_whole else "; ".join(sorted(read_whole))


BIG = ("orders", "order_lines", "order_receivers", "reservations", "shipments")


def obvious(session: Session, wanted: DeskFilter, sort: Sort) -> object:
    """List page four as one would first write it: joins, OR, ILIKE, OFFSET."""
    conditions, params = ["TRUE"], {"q": f"%{wanted.q}%", "sku": wanted.sku, "tag": wanted.tag}
    if wanted.view is not View.ALL:
        conditions.append(f"o.status = '{wanted.view.value}'")
    if wanted.shop:
        conditions.append(f"o.shop_id = '{wanted.shop}'")
    if wanted.sku:
        conditions.append("l.sku = :sku")
    if wanted.tag:
        conditions.append("t.tag = :tag")
    if wanted.q:
        conditions.append(
            "(o.number ILIKE :q OR v.phone LIKE :q OR l.sku ILIKE :q OR t.tag ILIKE :q)"
        )
    by = {
        Sort.NEWEST: "max(o.placed_at) DESC",
        Sort.PLACED_AT: "max(o.placed_at)",
        Sort.TOTAL: "max(o.total_fen)",
        Sort.LARGEST: "max(o.total_fen) DESC",
        Sort.EXPIRES_AT: "max(r.expires_at)",
    }[sort]
    statement = f"""
        SELECT o.id, o.number, o.status, string_agg(DISTINCT l.sku, ' '), max(v.phone)
        FROM orders o
        JOIN order_lines l ON l.order_id = o.id
        JOIN order_receivers v ON v.order_id = o.id
        LEFT JOIN order_tags t ON t.order_id = o.id
        LEFT JOIN reservations r ON r.owner = o.id AND r.state = 'reserved'
        WHERE {" AND ".join(conditions)}
        GROUP BY o.id ORDER BY {by} LIMIT 50 OFFSET 150
    """
    return session.execute(sa.text(statement), params).all()


if __name__ == "__main__":
    main()
