"""Several shops sell from the same warehouses: who may take from where, and what each is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import SHOP, UNITS, WAREHOUSES, order_body
from tests.workflows.world import World
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, ReserveOn, ShareRule, Sharing, Shop, ShopSettings
from yinuo.connectors.shop.settings import ShopSettings as ShopAddress
from yinuo.core import clock
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotographLine, PhotoSource
from yinuo.orders import service as orders
from yinuo.workflows import intake_order, sync_stock, watch_shops

SECOND = "second"
HZ, GZ = "WH-HZ", "WH-GZ"


@pytest.fixture
def two_shops(shop: World) -> Iterator[World]:
    """Give the shared world with a second shop, whose back end nobody reaches."""
    shop.hub.connectors.add_shop(
        SECOND, ShopAddress(address="http://127.0.0.1:9/shop", secret="made-up-secret-0001")
    )
    yield shop
    for shop_id in (SHOP, SECOND):
        change(shop, shop_id, settings=ShopSettings(), sharing=Sharing())


def change(
    world: World, shop_id: str, *, settings: ShopSettings, sharing: Sharing | None = None
) -> None:
    """Let a person save a shop."""
    with world.database.transaction() as session:
        if shop_id not in {one.id for one in channels.list_shops(session)}:
            new = Shop(id=shop_id, channel=Channel.MINI_PROGRAM, name="第二个店铺")
            channels.add_shop(session, new, sharing=Sharing(), by="测试", now=clock.now())
        before = channels.load_record(session, shop_id)
        channels.change_shop(
            session,
            replace(before.shop, settings=settings),
            sharing=before.sharing if sharing is None else sharing,
            version=before.version,
            by="测试",
            now=clock.now(),
        )


def count(world: World, sku: str, **units: int) -> None:
    """Let the WMS have counted so many units: `HZ=1, GZ=0`."""
    lines = [
        {"warehouseCode": f"WH-{code}", "itemCode": sku, "quantity": many}
        for code, many in units.items()
    ]
    world.sandbox.put("/control/qimen/stock", json=lines).raise_for_status()
    with world.database.transaction() as session:
        inventory.apply_photograph(
            session,
            source=PhotoSource.WMS,
            as_of=clock.now(),
            lines=[PhotographLine(sku, f"WH-{code}", many) for code, many in units.items()],
            now=clock.now(),
        )
        sync_stock.want_stock(session, [sku])


def place(world: World, shop_id: str, number: str, sku: str, quantity: int = 1) -> str:
    """Let a shop send an order, and return its id."""
    body = json.dumps(order_body(number, lines=[(sku, quantity)])).encode()
    taken = intake_order.take_order(shop_id, body, headers={})
    assert taken.order_id is not None
    return taken.order_id


def pay(world: World, number: str, amount_fen: int) -> None:
    assert notices.send(world, notices.paid(f"PAY{number}", amount_fen)).status_code == 204


def status(world: World, order_id: str) -> str:
    with world.database.read() as session:
        return orders.load_order(session, order_id).status.value


def claimed(world: World, order_id: str) -> tuple[str, dict[str, int]] | None:
    """Return from which warehouse an order holds which units."""
    with world.database.read() as session:
        found = inventory.find_reservation(session, order_id, now=clock.now())
    return (found.warehouse, found.open_units()) if found is not None else None


def wanted(world: World, shop_id: str, sku: str) -> int | None:
    """Return the figure that a shop is to be told of a SKU."""
    with world.database.read() as session:
        found = channels.load_stock(session, shop_id, skus=[sku]).get(sku)
    return None if found is None else found.quantity


def test_two_shops_one_warehouse(two_shops: World):
    """The last unit goes to one of two shops whose buyers pay at once; the other is told."""
    world = two_shops
    change(world, SECOND, settings=ShopSettings())
    count(world, "VASE-20", HZ=1, GZ=0)
    ids = {
        SHOP: place(world, SHOP, "TWO1", "VASE-20"),
        SECOND: place(world, SECOND, "TWO2", "VASE-20"),
    }
    gate = threading.Barrier(2)

    def buy(number: str) -> None:
        gate.wait()
        pay(world, number, 5900)

    buyers = [threading.Thread(target=buy, args=(number,)) for number in ("TWO1", "TWO2")]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()

    world.until(lambda: sum(claimed(world, one) is not None for one in ids.values()) == 1)
    (winner,) = [one for one in ids.values() if claimed(world, one) is not None]
    (loser,) = set(ids.values()) - {winner}
    assert claimed(world, winner) == (HZ, {"VASE-20": 1})
    assert world.atp("VASE-20") == 0
    world.until(lambda: world.items_of(loser) == [("shortage", "open")], what="for the case")
    for shop_id in ids:
        world.until(lambda one=shop_id: wanted(world, one, "VASE-20") == 0, what=shop_id)
    assert world.drift() == []


def test_an_order_is_filled_from_its_shops_warehouses_only(two_shops: World):
    world = two_shops
    change(world, SECOND, settings=ShopSettings(warehouses=(GZ,)))
    count(world, "MAT-50", HZ=5, GZ=1)
    first = place(world, SECOND, "ONLY1", "MAT-50")  # to Zhejiang, where Hangzhou is nearest
    pay(world, "ONLY1", 4900)
    world.until(lambda: claimed(world, first) == (GZ, {"MAT-50": 1}))
    second = place(world, SECOND, "ONLY2", "MAT-50")
    pay(world, "ONLY2", 4900)
    world.until(lambda: world.items_of(second) == [("shortage", "open")], what="for the case")
    with world.database.read() as session:
        tried = orders.load_order(session, second).sourcing.candidates
    assert [(one.warehouse, one.reason) for one in tried] == [
        (GZ, "sourcing.too_little"),
        (HZ, "sourcing.not_for_shop"),
    ]
    assert world.atp("MAT-50") == 5


def test_a_shops_own_order_of_warehouses_comes_before_the_region(two_shops: World):
    world = two_shops
    change(world, SHOP, settings=ShopSettings(warehouses=(GZ, HZ), in_order=True))
    order_id = place(world, SHOP, "OWN1", "THROW-130")
    pay(world, "OWN1", 12900)
    world.until(lambda: claimed(world, order_id) is not None)
    assert claimed(world, order_id) == (GZ, {"THROW-130": 1})


def test_closing_a_warehouse_tells_the_shops_and_opening_it_again(two_shops: World):
    count(two_shops, "MAT-60", HZ=4, GZ=6)
    gz = next(one for one in WAREHOUSES if one.code == "WH-GZ")
    two_shops.until(lambda: wanted(two_shops, SHOP, "MAT-60") == 10, what="for the count")
    for is_active, figure in ((False, 4), (True, 10)):
        with two_shops.database.transaction() as session:
            inventory.save_warehouses(session, [replace(gz, is_active=is_active)])
        two_shops.until(
            lambda figure=figure: wanted(two_shops, SHOP, "MAT-60") == figure,
            what=f"for {figure}",
        )


def test_a_shop_whose_warehouses_are_closed_is_short_of_everything(two_shops: World):
    world = two_shops
    with world.database.transaction() as session:
        (gz,) = [one for one in inventory.load_warehouses(session) if one.code == GZ]
        inventory.save_warehouses(session, [replace(gz, is_active=False)])
    change(world, SECOND, settings=ShopSettings(warehouses=(GZ,)))
    try:
        order_id = place(world, SECOND, "SHUT1", "THROW-130", 2)
        pay(world, "SHUT1", 2 * 12900)
        world.until(lambda: world.items_of(order_id) == [("shortage", "open")], what="for the case")
        assert claimed(world, order_id) is None
    finally:
        with world.database.transaction() as session:
            inventory.save_warehouses(session, [gz])


def test_a_paid_order_takes_what_a_rule_keeps_from_showing(two_shops: World):
    """Percent, buffer and cap shape what is shown; what was paid for is promised."""
    world = two_shops
    count(world, "LOVE-2026", HZ=3, GZ=0)
    assert world.atp("LOVE-2026") == 3
    hidden = Sharing(rule=ShareRule(percent=50, buffer=2, most=0))
    change(world, SHOP, settings=ShopSettings(), sharing=hidden)
    world.until(lambda: wanted(world, SHOP, "LOVE-2026") == 0)
    order_id = place(world, SHOP, "HID1", "LOVE-2026", 3)
    pay(world, "HID1", 3 * 25990)
    world.until(lambda: claimed(world, order_id) == (HZ, {"LOVE-2026": 3}))
    assert world.items_of(order_id) == []


def test_a_rule_that_changes_is_told_at_once_bundles_too(two_shops: World):
    world = two_shops
    count(world, "RUG-160", HZ=20, GZ=0)
    count(world, "PILW-45", HZ=UNITS, GZ=0)
    world.until(lambda: wanted(world, SHOP, "SET-RUG-01") == 20)
    rules = Sharing(rule=ShareRule(percent=50), by_sku={"SET-RUG-01": ShareRule(buffer=17)})
    change(world, SHOP, settings=ShopSettings(), sharing=rules)
    world.until(lambda: wanted(world, SHOP, "RUG-160") == 10)
    assert wanted(world, SHOP, "SET-RUG-01") == 3
    change(world, SHOP, settings=ShopSettings(warehouses=(GZ,)), sharing=rules)
    world.until(lambda: wanted(world, SHOP, "RUG-160") == 0)
    assert wanted(world, SHOP, "SET-RUG-01") == 0


def test_what_was_never_counted_is_not_told_as_nothing(two_shops: World):
    change(two_shops, SECOND, settings=ShopSettings(reserve_on=ReserveOn.ORDER))
    two_shops.until(lambda: wanted(two_shops, SECOND, "ASK-ERP") == 2 * UNITS)
    assert wanted(two_shops, SECOND, "NEVER-SEEN") is None


def test_a_shop_that_is_away_does_not_hold_the_others(two_shops: World):
    world = two_shops
    change(world, SECOND, settings=ShopSettings())
    count(world, "LOVE-2026", HZ=61, GZ=0)

    def is_known(shop_id: str) -> bool:
        with world.database.read() as session:
            found = channels.load_stock(session, shop_id, skus=["LOVE-2026"]).get("LOVE-2026")
        if found is None or found.quantity != world.atp("LOVE-2026"):
            return False
        return found.is_acknowledged

    world.until(lambda: is_known(SHOP), what="for the first shop")
    assert not is_known(SECOND)


def test_a_shop_that_stays_behind_becomes_a_case_that_closes_when_it_caught_up(two_shops: World):
    world = two_shops
    change(world, SECOND, settings=ShopSettings())
    world.until(lambda: wanted(world, SECOND, "ASK-ERP") is not None)
    assert watch_shops.watch_lag() == 0
    in_ten_minutes = clock.now() + timedelta(minutes=10)
    with clock.fixed(in_ten_minutes):
        assert watch_shops.watch_lag() >= 1
        assert watch_shops.watch_lag() >= 1
        assert world.items_of(SECOND) == [("shop_behind", "open")]
        with world.database.transaction() as session:
            for push in channels.due_pushes(session, now=in_ten_minutes + timedelta(hours=1)):
                channels.acknowledge(
                    session,
                    push.shop_id,
                    version=push.version,
                    skus=[figure.sku for figure in push.figures],
                    now=in_ten_minutes,
                )
        assert watch_shops.watch_lag() == 0
        assert world.items_of(SECOND) == [("shop_behind", "resolved")]
    with world.database.read() as session:
        code = session.execute(sa.text("SELECT code FROM work_items WHERE subject_id = 'second'"))
        assert code.scalar_one() == "workflows.shop_behind"
    metrics = world.client.get("/metrics").text
    assert 'yinuo_shop_stock_unacknowledged{shop="second"}' in metrics
