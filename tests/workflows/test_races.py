"""A thousand paid callbacks at once for a hundred units: a hundred orders get them, no more."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import SHOP, SKUS, UNITS, WAREHOUSES, receiver
from tests.workflows.world import World, working
from tests.workflows.world import world as make_world
from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.core.money import Fen
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotographLine, PhotoSource
from yinuo.orders import service as orders
from yinuo.orders.model import NewLine, NewOrder, Receiver

pytestmark = pytest.mark.timeout(300)

PAYMENTS = 1000
CALLERS = 40
TOLD = 20
SKU = SKUS[0]
PRICE = int(SKU.price_fen)


def place_many(world: World) -> list[str]:
    """Place the orders without the web, in one go, and leave units in one warehouse only."""
    numbers = [f"YNRACE{number:04d}" for number in range(PAYMENTS)]
    there = receiver()
    empty = {"warehouseCode": WAREHOUSES[1].code, "itemCode": SKU.code, "quantity": 0}
    world.sandbox.put("/control/qimen/stock", json=[empty]).raise_for_status()
    with world.database.transaction() as session:
        inventory.apply_photograph(
            session,
            source=PhotoSource.WMS,
            as_of=clock.now(),
            lines=[
                PhotographLine(sku=SKU.code, warehouse=WAREHOUSES[0].code, quantity=UNITS),
                PhotographLine(sku=SKU.code, warehouse=WAREHOUSES[1].code, quantity=0),
            ],
            now=clock.now(),
        )
        shop = channels.load_shop(session, SHOP)
        assert SKU.code in catalog.load_skus(session, [SKU.code])
        for number in numbers:
            orders.place_order(
                session,
                NewOrder(
                    shop_id=shop.id,
                    channel=shop.channel.value,
                    raw_number=number,
                    number=number,
                    unique_id=f"race-{number}",
                    payment_number=f"PAY{number}",
                    buyer_id="oSANDBOX0001",
                    buyer_nick="",
                    lines=(
                        NewLine(
                            sku=SKU.code,
                            listing_code=SKU.code,
                            name=SKU.name,
                            quantity=1,
                            unit_price_fen=Fen(PRICE),
                            amount_fen=Fen(PRICE),
                            is_gift=False,
                        ),
                    ),
                    total_fen=Fen(PRICE),
                    freight_fen=Fen(0),
                    discount_fen=Fen(0),
                    receiver=Receiver(**there),
                    placed_at=clock.now(),
                    remark="",
                    version=1,
                    is_cancelled=False,
                ),
                now=clock.now(),
            )
    return numbers


def deliver(world: World, told: list[notices.Notice]) -> Counter[int]:
    """Deliver all notices at once from many callers; return how many got which answer."""
    begin, local = threading.Barrier(CALLERS), threading.local()

    def one(share: list[notices.Notice]) -> list[int]:
        with httpx.Client(base_url=world.web, timeout=60) as local.client:
            begin.wait()
            return [
                local.client.post(
                    notices.PATH, content=each.body, headers=notices.signed(each.body)
                ).status_code
                for each in share
            ]

    with ThreadPoolExecutor(CALLERS) as pool:
        shares = [told[start::CALLERS] for start in range(CALLERS)]
        return Counter(status for statuses in pool.map(one, shares) for status in statuses)


def counted(world: World) -> dict[tuple[str, str], int]:
    """Return how many orders stand in each payment and fulfillment status."""
    with world.database.read() as session:
        rows = session.execute(
            sa.text(
                "SELECT payment_status, fulfillment_status, count(*) AS orders"
                " FROM orders GROUP BY 1, 2"
            )
        )
        return {(row.payment_status, row.fulfillment_status): row.orders for row in rows}


def held(world: World) -> int:
    """Return how many orders wait, held for want of stock and for nothing else."""
    with world.database.read() as session:
        found = sa.text(
            "SELECT count(*) FROM orders WHERE status = 'held' AND hold_count = 1"
            " AND fulfillment_status = 'waiting'"
        )
        return int(session.execute(found).scalar_one())


def short(world: World) -> int:
    """Return how many shortages people were told of."""
    return world.items().count(("shortage", "open"))


def level(world: World) -> tuple[int, int, int]:
    """Return on hand, reserved and allocated of the SKU in all warehouses."""
    with world.database.read() as session:
        found = inventory.levels(session, [SKU.code], now=clock.now())[SKU.code]
    return (
        sum(one.on_hand for one in found),
        sum(one.reserved for one in found),
        sum(one.allocated for one in found),
    )


def reconcile(world: World) -> subprocess.CompletedProcess[str]:
    """Run `yinuo stock reconcile`."""
    return subprocess.run(
        [sys.executable, "-m", "yinuo.cli", "stock", "reconcile"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "YINUO_DATABASE_URL": world.database.url},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_thousand_racing_payments_for_a_hundred_units_reserve_exactly_a_hundred(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with make_world(database, tmp_path, monkeypatch, works=False) as world:
        numbers = place_many(world)
        told = [notices.paid(f"PAY{number}", PRICE) for number in numbers]

        assert deliver(world, told) == {204: PAYMENTS}

        # With no worker: the callbacks themselves have claimed everything there is.
        assert counted(world) == {
            ("paid", "reserved"): UNITS,
            ("paid", "waiting"): PAYMENTS - UNITS,
        }
        assert level(world) == (UNITS, UNITS, 0)
        assert world.drift() == []

        # Some of them once more: nothing is booked or claimed twice.
        assert deliver(world, told[::5]) == {204: PAYMENTS // 5}
        assert level(world) == (UNITS, UNITS, 0)

        # A worker tells people of each order that got nothing, and claims nothing more.
        with working(world.hub):
            world.until(lambda: short(world) >= TOLD, seconds=120, what="for the worker")
        world.until(lambda: held(world) == short(world), what="for what was begun to end")
        on_hand, reserved, allocated = level(world)
        assert (on_hand, reserved + allocated) == (UNITS, UNITS)
        assert world.drift() == []
        done = reconcile(world)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert done.stdout.rstrip().endswith("差异 0 处。")
