"""Stock is read as photographs and told to the shop as figures; neither brings sold units back.

Each test has a SKU of its own, so that their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import SHOP, SKUS, UNITS, WAREHOUSES
from tests.workflows.world import World
from yinuo.channels import service as channels
from yinuo.core import clock, durable
from yinuo.core.ids import new_id
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotographLine, PhotoSource
from yinuo.workflows import sync_stock

HZ = WAREHOUSES[0].code


@pytest.fixture(scope="module", autouse=True)
def nothing_drifted(shared_world: World) -> Iterator[None]:
    """See at the end that the counters are what the ledger says."""
    yield
    assert shared_world.drift() == []


def sync(world: World, source: PhotoSource, warehouse: str = "") -> str:
    """Run one sync to its end and return its status."""
    key = f"sync-test:{new_id('syn')}"
    with world.database.transaction() as session:
        durable.start(session, sync_stock.sync_stock, source.value, warehouse, key=key)

    def status() -> str:
        found = durable.state(world.database, key)
        return found.status if found else ""

    world.until(lambda: status() in {"SUCCESS", "ERROR"}, what="for the sync")
    return status()


def count(world: World, sku: str, units: int) -> None:
    """Let the WMS find so many units of a SKU in Hangzhou, without telling anybody."""
    line = {"warehouseCode": HZ, "itemCode": sku, "quantity": units}
    world.sandbox.put("/control/qimen/stock", json=[line]).raise_for_status()


def on_hand(world: World, sku: str) -> int:
    """Return units on hand in Hangzhou."""
    with world.database.read() as session:
        found = inventory.levels(session, [sku], now=clock.now())[sku]
    return next(one.on_hand for one in found if one.warehouse == HZ)


def photograph(world: World, sku: str, units: int, *, as_of: datetime) -> None:
    with world.database.transaction() as session:
        inventory.apply_photograph(
            session,
            source=PhotoSource.WMS,
            as_of=as_of,
            lines=[PhotographLine(sku=sku, warehouse=HZ, quantity=units)],
            now=clock.now(),
        )


def shown(world: World, sku: str) -> int | None:
    """Return the figure that the shop shows of a SKU."""
    items = world.sandbox.get("/control/systems").json()["items"]
    state = next(item["state"] for item in items if item["name"] == "shop")
    figures: dict[str, int] = state["stock"]
    return figures.get(sku)


def acknowledged(world: World, sku: str) -> bool:
    with world.database.read() as session:
        return channels.load_stock(session, SHOP, skus=[sku])[sku].is_acknowledged


def test_what_the_wms_counts_becomes_on_hand_and_is_told_to_the_shop(shop: World):
    count(shop, "THROW-130", 70)
    assert sync(shop, PhotoSource.WMS, HZ) == "SUCCESS"
    assert on_hand(shop, "THROW-130") == 70
    shop.until(lambda: shown(shop, "THROW-130") == 70 + UNITS, what="for the shop")
    shop.until(lambda: acknowledged(shop, "THROW-130"))
    assert sync(shop, PhotoSource.WMS, HZ) == "SUCCESS"
    assert on_hand(shop, "THROW-130") == 70


def test_the_erp_is_read_too_and_kept_beside_the_wms_where_that_one_counts(shop: World):
    lines = [
        {"itemCode": sku.code, "stockCode": HZ, "onHand": 55, "name": sku.name} for sku in SKUS[:1]
    ]
    shop.sandbox.put("/control/kingdee/stock", json=lines).raise_for_status()
    before = on_hand(shop, "LOVE-2026")
    assert sync(shop, PhotoSource.ERP) == "SUCCESS"
    with shop.database.read() as session:
        photos = inventory.photographs(session, "LOVE-2026")[HZ]
    assert {photo.source.value: photo.quantity for photo in photos}["erp"] == 55
    assert on_hand(shop, "LOVE-2026") == before


def test_a_late_photograph_does_not_put_sold_units_back(shop: World):
    taken = clock.now()
    before = on_hand(shop, "RUG-160")
    shop.place("YNP1", lines=[("RUG-160", 4)])
    assert notices.send(shop, notices.paid("PAYYNP1", 4 * 39900)).status_code == 204
    shop.until_status("YNP1", "in_warehouse")
    sellable = shop.atp("RUG-160")
    photograph(shop, "RUG-160", before, as_of=taken)  # before the sale, arriving after it
    assert shop.atp("RUG-160") == sellable
    shop.ship("YNP1")
    assert (on_hand(shop, "RUG-160"), shop.atp("RUG-160")) == (before - 4, sellable)
    photograph(shop, "RUG-160", before, as_of=taken + timedelta(milliseconds=1))
    assert (on_hand(shop, "RUG-160"), shop.atp("RUG-160")) == (before - 4, sellable)
    assert sync(shop, PhotoSource.WMS, HZ) == "SUCCESS"
    assert (on_hand(shop, "RUG-160"), shop.atp("RUG-160")) == (before - 4, sellable)


def test_a_sale_is_told_to_the_shop(shop: World):
    shop.place("YNP2", lines=[("ASK-ERP", 1)])
    assert notices.send(shop, notices.paid("PAYYNP2", 88000)).status_code == 204
    shop.until(lambda: shown(shop, "ASK-ERP") == 2 * UNITS - 1, what="for the shop")


def test_a_shop_that_is_away_is_told_the_newest_figure_when_it_is_back(shop: World):
    shop.faults("shop", {"operation": "stock.put", "kind": "error", "code": "429"})
    photograph(shop, "LOVE-2026", 40, as_of=clock.now())
    with shop.database.transaction() as session:
        sync_stock.want_stock(session, ["LOVE-2026"])
    shop.until(lambda: pushes(shop, "LOVE-2026") >= 1, what="for an attempt")
    photograph(shop, "LOVE-2026", 30, as_of=clock.now())
    with shop.database.transaction() as session:
        sync_stock.want_stock(session, ["LOVE-2026"])
    assert not acknowledged(shop, "LOVE-2026")
    shop.faults("shop")
    with clock.fixed(clock.now() + timedelta(minutes=1)):
        sync_stock.push_stock()
        shop.until(lambda: acknowledged(shop, "LOVE-2026"), what="for the shop")
    assert shown(shop, "LOVE-2026") == 30 + UNITS


def pushes(world: World, sku: str) -> int:
    """Return how often the present figure was pushed without an answer."""
    with world.database.read() as session:
        found = sa.text("SELECT attempts FROM channel_stock WHERE sku = :sku AND shop_id = :shop")
        return int(session.execute(found, {"sku": sku, "shop": SHOP}).scalar_one())


def test_a_system_that_is_away_leaves_the_figures_and_the_next_round_reads(shop: World):
    before = on_hand(shop, "MAT-50")
    count(shop, "MAT-50", before + 3)
    shop.faults("qimen", {"operation": "inventory.query", "kind": "error"})
    assert sync(shop, PhotoSource.WMS, HZ) == "SUCCESS"
    assert on_hand(shop, "MAT-50") == before
    shop.faults("qimen")
    assert sync(shop, PhotoSource.WMS, HZ) == "SUCCESS"
    assert on_hand(shop, "MAT-50") == before + 3


def test_less_than_is_promised_is_told_to_a_person(shop: World):
    shop.place("YNP3", lines=[("VASE-20", 20)])
    assert notices.send(shop, notices.paid("PAYYNP3", 20 * 5900)).status_code == 204
    shop.until_status("YNP3", "in_warehouse")
    photograph(shop, "VASE-20", 5, as_of=clock.now())
    subject = f"VASE-20@{HZ}"
    shop.until(lambda: shop.items_of(subject) == [("stock_fell_short", "open")])
    assert shop.claimed("YNP3") == {"VASE-20": 20}
