"""What a work item stands for is tried again, and the item closes once its cause is gone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.workflows.merchant import UNITS, WAREHOUSES, order_body
from tests.workflows.world import World
from yinuo.catalog import service as catalog
from yinuo.catalog.model import Sku
from yinuo.core import clock
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter, NewItem, NoRetry, Resolution, WorkItem, WorkItemKind
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotographLine, PhotoSource
from yinuo.orders.model import OrderNotFound
from yinuo.users.model import SYSTEM
from yinuo.workflows.retry_work_item import can_retry, retry_work_item


def only_item(world: World) -> WorkItem:
    with world.database.read() as session:
        (item,) = exceptions.list_items(session, ItemFilter()).items
    return item


def raised(world: World, kind: WorkItemKind, **more: object) -> WorkItem:
    given = {"subject_type": "order", "subject_id": "ord_none", "code": "workflows.failed"} | more
    with world.database.transaction() as session:
        return exceptions.raise_item(session, NewItem(kind=kind, **given), now=clock.now()).item


def load(world: World, item: WorkItem) -> WorkItem:
    with world.database.read() as session:
        return exceptions.load_item(session, item.id)


def test_an_order_with_an_unknown_sku_is_placed_once_the_sku_is_there(world: World):
    world.send(order_body("YNUNKNOWN1", lines=[("NEW-SKU", 2)]))
    item = only_item(world)
    assert (item.kind, item.params["codes"]) == (WorkItemKind.UNKNOWN_SKU, ["NEW-SKU"])

    retry_work_item(world.database, item, actor=SYSTEM)
    assert only_item(world).id == item.id
    assert world.find("YNUNKNOWN1") is None

    with world.database.transaction() as session:
        catalog.save_skus(session, [Sku(code="NEW-SKU", name="新品")])
    retry_work_item(world.database, item, actor=SYSTEM)

    assert world.order("YNUNKNOWN1").lines[0].sku == "NEW-SKU"
    assert load(world, item).resolution is Resolution.FIXED


def test_a_short_order_goes_on_once_there_is_stock(world: World):
    # 99 and 2 in bundles: one more than any warehouse has.
    number = world.buy(("RUG-160", UNITS - 1), ("SET-RUG-01", 2))
    world.pay(number)
    world.until(lambda: ("shortage", "open") in world.items(), what="for the shortage")
    item = only_item(world)
    delivered = [
        {"warehouseCode": one.code, "itemCode": "RUG-160", "quantity": 2 * UNITS}
        for one in WAREHOUSES
    ]
    world.sandbox.put("/control/qimen/stock", json=delivered).raise_for_status()
    with world.database.transaction() as session:
        inventory.apply_photograph(
            session,
            source=PhotoSource.WMS,
            as_of=clock.now(),
            lines=[
                PhotographLine(sku="RUG-160", warehouse=one.code, quantity=2 * UNITS)
                for one in WAREHOUSES
            ],
            now=clock.now(),
        )

    retry_work_item(world.database, item, actor=SYSTEM)

    world.until_status(number, "in_warehouse")
    assert load(world, item).resolution is Resolution.RETRIED
    assert world.erp_documents(number) == 1


def test_an_undelivered_event_is_delivered_again(world: World):
    with world.database.transaction() as session:
        seq = session.execute(
            sa.text(
                "INSERT INTO events (name, subject, at, body, next_attempt_at, delivered_at,"
                " attempts) VALUES ('nobody.hears', 'x', now(), '{}', now(), now(), 12)"
                " RETURNING seq"
            )
        ).scalar_one()
    item = raised(
        world, WorkItemKind.EVENT_UNDELIVERABLE, subject_type="event", subject_id=str(seq)
    )

    retry_work_item(world.database, item, actor=SYSTEM)

    assert load(world, item).resolution is Resolution.RETRIED
    with world.database.read() as session:
        attempts = sa.text("SELECT attempts FROM events WHERE seq = :seq")
        assert session.execute(attempts, {"seq": seq}).scalar_one() < 12


def test_a_shipped_orders_failed_notice_is_sent_again(world: World):
    number = world.buy(("P-LOVE", 1))
    world.pay(number)
    world.until_status(number, "in_warehouse")
    world.faults("shop", {"kind": "error", "operation": "*", "probability": 1.0, "code": "400"})
    world.ship(number)
    order = world.order(number)
    item = raised(world, WorkItemKind.SHIP_NOTICE_FAILED, subject_id=order.id)
    world.faults("shop")

    retry_work_item(world.database, item, actor=SYSTEM)

    world.until(lambda: "workflows.timeline.notice_sent" in world.timeline(number))
    assert load(world, item).resolution in {Resolution.RETRIED, Resolution.VANISHED}


def test_a_process_that_broke_off_is_started_again(world: World):
    number = world.buy(("P-LOVE", 1))
    order = world.order(number)
    item = raised(
        world,
        WorkItemKind.WORKFLOW_FAILED,
        subject_id=order.id,
        params={"process": "cancel_order"},
    )
    retry_work_item(world.database, item, actor=SYSTEM)
    world.until_status(number, "cancelled")
    assert load(world, item).resolution is Resolution.RETRIED


def test_what_cannot_begin_leaves_the_item_standing(world: World):
    item = raised(world, WorkItemKind.CANCEL_REFUSED_BY_WAREHOUSE)
    with pytest.raises(OrderNotFound):
        retry_work_item(world.database, item, actor=SYSTEM)
    assert load(world, item) == item


def test_there_is_not_always_something_to_try_again(world: World):
    for item in (
        raised(world, WorkItemKind.STOCK_FELL_SHORT),
        raised(world, WorkItemKind.WORKFLOW_FAILED, params={"process": "sync_stock"}),
        raised(world, WorkItemKind.WORKFLOW_FAILED, subject_type="workflow"),
        raised(world, WorkItemKind.INBOX_FAILED, params={"source": "workflows.system.warehouse"}),
    ):
        assert not can_retry(item)
        with pytest.raises(NoRetry):
            retry_work_item(world.database, item, actor=SYSTEM)
