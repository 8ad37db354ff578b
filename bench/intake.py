"""From a received push to the order on the desk, at a steady rate.

    python bench/intake.py [orders a second] [seconds]

Starts the product as a merchant would (durable commits, a web process, the sandboxes; no worker, as
carrying orders out is the pipeline's bench) and sends so many orders a second: one half are signed pushes of the merchant's own shop, answered
once the order is on the desk; the other half are changes on Douyin, whose pushes are kept, answered,
and followed by asking Douyin for the order. Every fifth push of the own shop comes a second time.
Prints p50 and p99 of both, and counts that nothing was lost or doubled.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import httpx
import sqlalchemy as sa

import pipeline
from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.cli.demo_settings import DOUYIN, SHOP
from yinuo.core import clock
from yinuo.core.db import Database

CLIENTS = 48
AGAIN_EVERY = 5


def run(secret: str, *, series: str, rate: int, seconds: int) -> tuple[list[float], int, float]:
    """Return the latencies of the own shop, how many orders Douyin made, and the rate reached."""
    latencies: list[float] = []
    made = 0
    with (
        httpx.Client(base_url=pipeline.WEB, timeout=30) as hub,
        httpx.Client(base_url=pipeline.SANDBOX, timeout=30) as sandbox,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):

        def push(number: str) -> None:
            began = time.perf_counter()
            pipeline.place(hub, number, secret=secret)
            latencies.append(time.perf_counter() - began)

        def change(seed: int) -> None:
            body = {
                "count": 1,
                "seed": int(time.time() * 1000) + seed,
                "is_paid": True,
                "odd_share": 0.0,
            }
            sandbox.post("/control/douyin/orders", json=body).raise_for_status()

        began = time.perf_counter()
        for place in range(rate * seconds):
            wait = began + place / rate - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            if place % 2:
                pool.submit(change, place)
                made += 1
                continue
            pool.submit(push, f"{series}{place:08d}")
            if place % (2 * AGAIN_EVERY) == 0:
                pool.submit(push, f"{series}{place:08d}")
        pool.shutdown(wait=True)
        took = time.perf_counter() - began
    return latencies, made, rate * seconds / took


def from_douyin(database: Database, *, since: datetime) -> list[float]:
    """Return seconds from keeping a push to its order on the desk, of each order since then."""
    with database.read() as session:
        rows = session.execute(
            sa.text(
                "SELECT extract(epoch FROM min(e.at) - min(i.received_at))"
                " FROM orders o JOIN events e ON e.subject = o.id"
                " JOIN inbox i ON i.source = 'push' AND convert_from(i.body, 'UTF8')"
                "   LIKE '%' || o.raw_number || '%'"
                " WHERE o.shop_id = :shop AND e.name = 'orders.order_placed' AND e.at > :since"
                " GROUP BY o.id"
            ),
            {"shop": DOUYIN, "since": since},
        )
        return [max(float(one), 0.0) for one in rows.scalars()]


def count(database: Database, shop: str) -> int:
    """Return how many orders of a shop are on the desk."""
    with database.read() as session:
        orders = sa.text("SELECT count(*) FROM orders WHERE shop_id = :shop")
        return int(session.execute(orders, {"shop": shop}).scalar_one())


def main() -> None:
    """Run the bench and print."""
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    print(
        f"intake: {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, load before {os.getloadavg()[0]:.1f};"
        " clients, web, sandboxes and database share the machine"
    )
    with (
        tempfile.TemporaryDirectory(prefix="yinuo-bench-") as directory,
        pipeline.product(Path(directory)) as (database, _started, tables),
    ):
        Path(directory).chmod(0o711)
        offer(database)
        time.sleep(2)
        secret = str(tables[f"shop.{SHOP}"]["secret"])
        _, warm, _ = run(secret, series="W", rate=4, seconds=5)  # first orders load much once
        since, warm_own = clock.now(), count(database, SHOP)
        latencies, made, reached = run(secret, series="I", rate=rate, seconds=seconds)
        until = time.monotonic() + 120
        while count(database, DOUYIN) < made + warm and time.monotonic() < until:
            time.sleep(0.2)
        print(f"  {rate} orders/s for {seconds} s, reached {reached:.1f}/s")
        pipeline.print_latency("own shop: push -> answered, on the desk", latencies)
        pipeline.print_latency(
            "Douyin: push kept -> on the desk       ", from_douyin(database, since=since)
        )
        own = rate * seconds - made
        print(
            f"  own shop {count(database, SHOP) - warm_own} of {own}, Douyin"
            f" {count(database, DOUYIN) - warm} of {made} on the desk; {len(latencies) - own} pushes were repeats"
        )
    print(f"load after {os.getloadavg()[0]:.1f}")


def offer(database: Database) -> None:
    """Let Douyin sell the bench's SKU, and the hub know the shop."""
    product = {
        "listing": pipeline.SKU,
        "sku": pipeline.SKU,
        "name": "bench",
        "price_fen": pipeline.PRICE,
        "original_fen": pipeline.PRICE,
        "category": "bench",
        "tag": "",
        "is_bundle": False,
        "parts": [],
        "gifts": [],
    }
    httpx.put(
        f"{pipeline.SANDBOX}/shop/backend/catalog", json={"products": [product]}
    ).raise_for_status()
    with database.transaction() as session:
        channels.save_shop(session, Shop(id=DOUYIN, channel=Channel.DOUYIN, name="bench"))
        catalog.save_listing(session, shop_id=DOUYIN, listing_code=pipeline.SKU, sku=pipeline.SKU)


if __name__ == "__main__":
    main()
