"""A shop that is only observed: everything comes in, nothing goes out, and what would have been."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import SHOP
from tests.workflows.world import World
from yinuo.channels import service as channels
from yinuo.core import clock, durable
from yinuo.core.ids import new_id
from yinuo.inventory import service as inventory
from yinuo.inventory.model import ReserveRequest, StockLine
from yinuo.observing import service as observing
from yinuo.observing.model import AlreadyDecided, ObservedOrder, ObservedState, Outcome
from yinuo.users.model import SYSTEM
from yinuo.workflows import (
    cancel_order,
    expire_reservations,
    observe_shop,
    pull_orders,
    sync_stock,
    watch_shops,
)
from yinuo.workflows.observe_shop import OpenOrders, ShopStillObserved

HZ = "WH-HZ"
# What the hub may ask of others while it only watches: it reads, and changes nothing.
READING = {
    "shop:orders.list",
    "shop:orders.get",
    "qimen:inventory.query",
    "kingdee:bridge/stock",
    "wechat-pay:pay/query",
}
# What buyers, the shop and the payment provider do among themselves and tell the hub.
NOT_THE_HUBS = {
    "shop:buyer/order",
    "shop:buyer/cancel",
    "wechat-pay:buyer/pay",
    "shop:orders.push",
    "wechat-pay:pay/jsapi",
    "wechat-pay:pay/close",
    "wechat-pay:notify/TRANSACTION.SUCCESS",
}
# The same by the hub's own record of its calls.
READS = {"orders.list", "orders.get", "inventory.query", "bridge/stock", "pay/query"}


@pytest.fixture(autouse=True)
def nothing_drifts(shared_world: World) -> Iterator[None]:
    """See after each test that stock and ledger agree, and leave the shop live."""
    yield
    assert shared_world.drift() == []
    go_live(shared_world, OpenOrders.CLOSE)


def version(world: World) -> int:
    with world.database.read() as session:
        return channels.load_record(session, SHOP).version


def begin(world: World) -> None:
    with world.database.transaction() as session:
        observe_shop.begin(session, SHOP, version=version(world), actor=SYSTEM)


def go_live(world: World, open_orders: OpenOrders) -> list[str]:
    with world.database.transaction() as session:
        return observe_shop.end(
            session, SHOP, version=version(world), open_orders=open_orders, actor=SYSTEM
        )


def count(world: World, sku: str, **units: int) -> None:
    """Let the WMS count so many units, and read them from there: `HZ=1, GZ=0`."""
    lines = [
        {"warehouseCode": f"WH-{code}", "itemCode": sku, "quantity": many}
        for code, many in units.items()
    ]
    world.sandbox.put("/control/qimen/stock", json=lines).raise_for_status()
    keys = [f"test-{new_id('syn')}" for _ in units]
    for key, code in zip(keys, units, strict=True):
        with world.database.transaction() as session:
            durable.start(session, sync_stock.sync_stock, "wms", f"WH-{code}", key=key)
    for key in keys:
        world.until(lambda one=key: ended(world, one), what="for the count")


def ended(world: World, key: str) -> bool:
    found = durable.state(world.database, key)
    return found is not None and found.status == "SUCCESS"


def paid(world: World, number: str, sku: str, quantity: int, price: int) -> str:
    """Let the shop send an order and the buyer pay it; returns its id."""
    world.place(number, lines=[(sku, quantity)])
    notice = notices.paid(f"PAY{number}", quantity * price)
    assert notices.send(world, notice).status_code == 204
    return world.order(number).id


def observed(world: World, order_id: str) -> ObservedOrder:
    with world.database.read() as session:
        return observing.load_observed(session, order_id)


def shortages(world: World, order_id: str) -> list[tuple[object, ...]]:
    """Return SKU, missing units, their worth and who would have had the last unit."""
    with world.database.read() as session:
        rows = session.execute(
            sa.text(
                "SELECT sku, missing, worth_fen, last_owner FROM observed_shortages"
                " WHERE order_id = :order_id AND is_paid ORDER BY sku"
            ),
            {"order_id": order_id},
        )
        return [tuple(row) for row in rows]


def called(world: World) -> dict[str, int]:
    """Return how often each stand-in was called, per operation: every call is counted there."""
    items = world.sandbox.get("/control/systems").json()["items"]
    return {
        f"{item['name']}:{operation}": many
        for item in items
        for operation, many in item["calls"].items()
    }


def newest_call(world: World) -> int:
    with world.database.read() as session:
        found = session.execute(sa.text("SELECT coalesce(max(id), 0) FROM connector_calls"))
        return int(found.scalar_one())


def made_by_hub(world: World, newest: int) -> set[str]:
    """Return the operations that the hub recorded as its own since a call."""
    with world.database.read() as session:
        found = session.execute(
            sa.text("SELECT DISTINCT operation FROM connector_calls WHERE id > :newest"),
            {"newest": newest},
        )
        return set(found.scalars())


def settled(world: World) -> None:
    """Wait until no process and no event is under way."""

    def is_quiet() -> bool:
        with world.database.read() as session:
            waiting = session.execute(
                sa.text("SELECT count(*) FROM events WHERE delivered_at IS NULL")
            ).scalar_one()
            at_work = session.execute(
                sa.text(
                    "SELECT count(*) FROM dbos.workflow_status"
                    " WHERE status IN ('PENDING', 'ENQUEUED')"
                )
            ).scalar_one()
        return (waiting, at_work) == (0, 0)

    world.until(is_quiet, what="for quiet", seconds=40)


def test_an_observed_shop_makes_no_call_that_changes_anything(shop: World):
    world = shop
    count(world, "VASE-20", HZ=2, GZ=0)
    settled(world)
    begin(world)
    settled(world)
    sync_stock.push_stock()
    before, newest, atp = called(world), newest_call(world), world.atp("VASE-20")

    first, second, third = (world.buy(("VASE-20", 1)) for _ in range(3))
    for number in (first, second, third):
        world.pay(number)
    world.until(
        lambda: all(observed(world, world.order(one).id).is_paid for one in (first, second, third))
    )
    unpaid = world.buy(("VASE-20", 1))
    world.sandbox.post(f"/shop/api/orders/{unpaid}/cancel").raise_for_status()
    cancel_order.request(
        world.database, world.order(second).id, reason="workflows.reason.buyer", actor="admin"
    )
    world.until_status(second, "cancelled")
    world.until_status(unpaid, "cancelled")
    settled(world)
    # Everything that a worker does again and again is done once more, whatever its time.
    pull_orders.pull(SHOP)
    sync_stock.push_stock()
    expire_reservations.renew_paid()
    expire_reservations.lapse_expired()
    watch_shops.watch_lag()
    settled(world)

    since = {name for name, many in called(world).items() if many > before.get(name, 0)}
    assert since - NOT_THE_HUBS - READING == set()
    assert made_by_hub(world, newest) <= READS
    for number in (first, second, third, unpaid):
        assert world.documents(number) == {}
        assert world.erp_documents(number) == 0
        assert world.wms(number) == {"order": None, "hold": None}
        assert world.claimed(number) == {}
        assert world.items_of(world.order(number).id) == []
    assert world.atp("VASE-20") == atp == 2


def test_what_would_have_been_is_told_with_who_had_the_last_unit(shop: World):
    world = shop
    count(world, "MAT-50", HZ=3, GZ=0)
    begin(world)
    first = paid(world, "OBS1", "MAT-50", 2, 4900)
    second = paid(world, "OBS2", "MAT-50", 1, 4900)
    third = paid(world, "OBS3", "MAT-50", 2, 4900)
    assert [observed(world, one).outcome for one in (first, second, third)] == [
        Outcome.RESERVED,
        Outcome.RESERVED,
        Outcome.SHORT,
    ]
    assert shortages(world, third) == [("MAT-50", 2, 9800, second)]
    assert world.order("OBS3").tags == ("旁观",)
    assert "workflows.timeline.observed_short" in world.timeline("OBS3")
    assert world.timeline("OBS1").count("workflows.timeline.observed_reserved") == 1
    assert world.atp("MAT-50") == 3
    # The old way ships the first order: its units leave the shelf, and its claim with them.
    count(world, "MAT-50", HZ=1, GZ=0)
    fourth = paid(world, "OBS4", "MAT-50", 1, 4900)
    assert shortages(world, fourth) == [("MAT-50", 1, 4900, second)]


def test_another_shop_sells_as_if_the_observed_one_were_not_there(shop: World):
    world = shop
    count(world, "THROW-130", HZ=1, GZ=0)
    begin(world)
    watched = paid(world, "OBS5", "THROW-130", 1, 12900)
    assert observed(world, watched).outcome is Outcome.RESERVED
    assert world.atp("THROW-130") == 1
    with world.database.transaction() as session:
        inventory.reserve_batch(
            session,
            [
                ReserveRequest(
                    owner="ord_of_another_shop",
                    lines=(StockLine("THROW-130", 1),),
                    warehouses=(HZ,),
                    is_paid=True,
                    ttl_seconds=900,
                    cause="test",
                )
            ],
            now=clock.now(),
        )
    assert world.atp("THROW-130") == 0
    late = paid(world, "OBS6", "THROW-130", 1, 12900)
    assert shortages(world, late) == [("THROW-130", 1, 12900, "ord_of_another_shop")]
    with world.database.transaction() as session:
        inventory.release(session, "ord_of_another_shop", cause="test", now=clock.now())


def test_orders_from_before_are_carried_out_and_no_figure_is_told_meanwhile(shop: World):
    world = shop
    world.place("OBS7", lines=[("RUG-160", 1)])
    begin(world)
    assert notices.send(world, notices.paid("PAYOBS7", 39900)).status_code == 204
    world.until_status("OBS7", "in_warehouse")
    assert world.claimed("OBS7") == {"RUG-160": 1}
    with world.database.read() as session:
        assert SHOP not in channels.stock_lags(session, now=clock.now())
        told = channels.load_stock(session, SHOP, skus=["RUG-160"])
        assert told["RUG-160"].quantity != world.atp("RUG-160") or told["RUG-160"].is_acknowledged


def test_going_live_closes_open_orders_or_leaves_them_to_people(shop: World):
    world = shop
    begin(world)
    closed = paid(world, "OBS8", "LOVE-2026", 1, 25990)
    assert closed in go_live(world, OpenOrders.CLOSE)
    assert observed(world, closed).state is ObservedState.CLOSED
    begin(world)
    first = paid(world, "OBS9", "LOVE-2026", 1, 25990)
    second = paid(world, "OBS10", "LOVE-2026", 1, 25990)
    with world.database.transaction() as session, pytest.raises(ShopStillObserved):
        observe_shop.take_over(session, first, actor=SYSTEM)
    assert go_live(world, OpenOrders.ONE_BY_ONE) == []
    settled(world)
    assert (world.documents("OBS9"), world.documents("OBS10")) == ({}, {})

    with world.database.transaction() as session:
        observe_shop.take_over(session, first, actor=SYSTEM)
        observe_shop.close(session, second, actor=SYSTEM)

    world.until_status("OBS9", "in_warehouse")
    assert world.erp_documents("OBS9") == 1
    assert world.claimed("OBS9") == {"LOVE-2026": 1}
    for order_id in (first, second, closed):
        with world.database.transaction() as session, pytest.raises(AlreadyDecided):
            observe_shop.take_over(session, order_id, actor=SYSTEM)
    assert world.documents("OBS10") == {}
    # The shop is live again: its next order is carried out.
    paid(world, "OBS11", "LOVE-2026", 1, 25990)
    world.until_status("OBS11", "in_warehouse")
