"""How many orders of a marketplace are read a second on one core, beside decoding their JSON alone.

    .venv/bin/python bench/mapping.py

The orders are those that the stand-in makes: one to three products, gifts, coupons, ciphertext.
"""

from __future__ import annotations

import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from yinuo.connectors.douyin import mapping as douyin
from yinuo.connectors.pinduoduo import mapping as pinduoduo
from yinuo.sandbox.douyin.maker import make_order as douyin_order
from yinuo.sandbox.douyin.model import told_order as douyin_told
from yinuo.sandbox.pinduoduo.maker import make_order
from yinuo.sandbox.pinduoduo.model import told_order
from yinuo.sandbox.shop.model import Product

ORDERS, ROUNDS = 2000, 7
PRODUCTS = [
    Product(listing=f"P{n}", sku=f"SKU-{n}", name=f"四件套 {n}", price_fen=price)
    for n, price in enumerate((25990, 39900, 12900, 5900, 4900))
]


def pinduoduo_bodies() -> list[bytes]:
    """Return orders as Pinduoduo writes them."""
    chance = random.Random(7)
    at = datetime(2026, 11, 22, 4, tzinfo=UTC)
    made = (make_order(chance, PRODUCTS, at=at) for _ in range(ORDERS))
    return [json.dumps(told_order(order), ensure_ascii=False).encode() for order in made if order]


def douyin_bodies() -> list[bytes]:
    """Return paid orders as Douyin writes them; one address in eight is odd."""
    chance = random.Random(7)
    at = datetime(2026, 11, 22, 4, tzinfo=UTC)
    made = (douyin_order(chance, PRODUCTS, at=at, odd_share=0.12) for _ in range(ORDERS))
    return [json.dumps(douyin_told(order), ensure_ascii=False).encode() for order in made if order]


def fastest(work: Callable[[bytes], object], bodies: Sequence[bytes]) -> float:
    """Return the least CPU seconds for one body, over some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for body in bodies:
            work(body)
        best = min(best, (time.process_time() - began) / len(bodies))
    return best


def main() -> None:
    """Print the figures of each marketplace."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f},"
        f" Python {platform.python_version()}"
    )
    for name, read, bodies in (
        ("Pinduoduo", pinduoduo.read_order, pinduoduo_bodies()),
        ("Douyin", douyin.read_order, douyin_bodies()),
    ):
        mapped, decoded = fastest(read, bodies), fastest(json.loads, bodies)
        size = sum(map(len, bodies)) / len(bodies)
        print(
            f"{name}: {1 / mapped:,.0f} orders/s of a core ({mapped * 1e6:.0f} µs each,"
            f" {size:,.0f} bytes), {mapped / decoded:.1f}× what decoding the JSON takes"
        )


if __name__ == "__main__":
    main()
