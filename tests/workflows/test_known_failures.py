"""Failures that other order systems are known for; each test is named after one of them.

Each sends the order that breaks others amid orders that are right: those are carried out, and
what is wrong waits for a person and goes on once it is put right.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import SHOP, order_body, receiver
from tests.workflows.world import World, outside_number
from yinuo.catalog import service as catalog
from yinuo.core import clock
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter, WorkItem
from yinuo.users.model import SYSTEM
from yinuo.workflows import daily_summary, pull_orders
from yinuo.workflows.retry_work_item import retry_work_item

PRICE = 25990


@pytest.fixture
def shop(shop: World) -> World:
    shop.sandbox.put(
        "/control/kingdee/customers", json=[{"number": "MINI", "name": "小程序"}]
    ).raise_for_status()
    return shop


def items(world: World, label: str) -> list[WorkItem]:
    with world.database.read() as session:
        return exceptions.list_items(session, ItemFilter(query=label)).items


def pay(world: World, number: str, amount_fen: int = PRICE) -> None:
    assert notices.send(world, notices.paid(f"PAY{number}", amount_fen)).status_code == 204


def pulled(world: World) -> None:
    """Pull the shop's orders of the last minutes, as the round does."""
    with clock.fixed(clock.now() + timedelta(minutes=5)):
        pull_orders.pull(SHOP)


def test_one_bad_order_does_not_stop_a_batch(shop: World):
    """A page of pulled orders with one in its midst that cannot be read comes in whole."""
    shop.faults("shop", {"operation": "orders.push", "kind": "drop"})
    numbers = []
    for listing in ("P-LOVE", "RUG-160", "P-LOVE"):
        answer = shop.sandbox.post(
            "/shop/api/orders",
            json={"lines": [{"listing": listing, "quantity": 1}], "receiver": receiver()},
        )
        numbers.append(answer.json()["number"])
    with shop.database.transaction() as session:
        switch = sa.text("UPDATE skus SET is_active = :active WHERE code = 'RUG-160'")
        session.execute(switch, {"active": False})
    pulled(shop)
    assert [shop.find(number) is not None for number in numbers] == [True, False, True]
    (item,) = items(shop, numbers[1])
    assert item.kind.value == "unknown_sku"
    with shop.database.transaction() as session:
        session.execute(switch, {"active": True})
    retry_work_item(shop.database, item, actor=SYSTEM)
    assert shop.order(numbers[1]).lines[0].sku == "RUG-160"
    assert items(shop, numbers[1]) == []


def test_a_deleted_product_does_not_block_an_order(shop: World):
    """The order waits by name, others of the shop go on, and naming a SKU once lets it in."""
    for number in ("YNGONE1", "YNGONE2"):
        assert shop.send(order_body(number, lines=[("P-GONE", 1)])).status_code == 202
    shop.place("YNTHERE")
    (first,) = items(shop, "YNGONE1")
    assert (first.params["shop_id"], first.params["codes"]) == (SHOP, ["P-GONE"])
    with shop.database.transaction() as session:
        catalog.save_listing(session, shop_id=SHOP, listing_code="P-GONE", sku="MAT-50")
        alike = exceptions.list_alike(session, first)
    assert {item.subject_label for item in alike} == {"YNGONE1", "YNGONE2"}
    for item in alike:
        retry_work_item(shop.database, item, actor=SYSTEM)
    assert [shop.order(number).lines[0].sku for number in ("YNGONE1", "YNGONE2")] == ["MAT-50"] * 2


def test_a_payment_that_arrives_before_the_order_is_created_is_not_lost(shop: World):
    pay(shop, "YNEARLY")
    assert shop.find("YNEARLY") is None
    shop.place("YNEARLY")
    order = shop.until_status("YNEARLY", "in_warehouse")
    assert order.paid_fen == PRICE


def test_an_order_without_a_customer_is_carried_out(shop: World):
    """A guest has no account and no name: the ERP gets the shop's own customer all the same."""
    shop.place("YNGUEST", buyer={"id": "", "nick": ""})
    pay(shop, "YNGUEST")
    shop.until_status("YNGUEST", "in_warehouse")
    assert shop.erp_documents("YNGUEST") == 1


def test_an_order_without_an_address_does_not_halt_the_export(shop: World):
    """None at all is told to a person, a vague one is held; those paid after them are sent."""
    none = receiver() | {"province": "", "city": "", "district": "", "detail": ""}
    assert shop.send(order_body("YNNOWHERE", receiver=none)).status_code == 422
    assert [item.kind.value for item in items(shop, "YNNOWHERE")] == ["bad_order"]
    shop.place("YNVAGUE", receiver=none | {"detail": "示例小区11幢"})
    pay(shop, "YNVAGUE")
    shop.place("YNSOMEWHERE")
    pay(shop, "YNSOMEWHERE")
    shop.until_status("YNSOMEWHERE", "in_warehouse")
    assert [item.kind.value for item in items(shop, "YNVAGUE")] == ["address_doubtful"]
    assert shop.erp_documents("YNVAGUE") == 0


def test_sales_are_booked_on_the_day_of_the_order_not_of_its_completion(shop: World):
    """An order of last evening that ships this morning is yesterday's, in ERP and daily summary."""
    now = clock.now()
    with shop.database.read() as session:
        today = now.astimezone(clock.SHANGHAI).date()
        before = daily_summary.summarise(session, today).shops[SHOP]
        yesterday = today - timedelta(days=1)
        before_then = daily_summary.summarise(session, yesterday).shops[SHOP]
    placed_at = now - timedelta(days=1)
    shop.place("YNEVENING", placed_at=placed_at.isoformat())
    notice = notices.paid("PAYYNEVENING", PRICE, paid_at=placed_at + timedelta(minutes=1))
    assert notices.send(shop, notice).status_code == 204
    shop.until_status("YNEVENING", "in_warehouse")
    shop.ship("YNEVENING")
    with shop.database.read() as session:
        after = daily_summary.summarise(session, today).shops[SHOP]
        after_then = daily_summary.summarise(session, yesterday).shops[SHOP]
    assert (after.placed, after.paid_fen) == (before.placed, before.paid_fen)
    assert after_then.placed == before_then.placed + 1
    assert after_then.paid_fen == before_then.paid_fen + PRICE
    assert after.shipped == before.shipped + 1
    number = outside_number(shop, "YNEVENING")
    booked = {
        day: number in {one.number for one in shop.hub.connectors.erp.list_documents(day)}
        for day in (yesterday, today)
    }
    assert booked == {yesterday: True, today: False}
