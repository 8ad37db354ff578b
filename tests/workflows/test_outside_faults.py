"""Outside systems refuse, forget to answer, are away or say it twice: each document once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import UNITS, WAREHOUSES
from tests.workflows.world import World, outside_number
from yinuo.core import durable
from yinuo.users.model import SYSTEM
from yinuo.workflows import documents, fulfill_order

PRICE = {"LOVE-2026": 25990, "ASK-ERP": 88000, "PILW-45": 5900}


def paid_order(world: World, number: str, *, sku: str = "LOVE-2026", units: int = 1) -> str:
    """Place and pay an order, and return its id."""
    world.place(number, lines=[(sku, units)])
    told = notices.paid(f"PAY{number}", PRICE[sku] * units)
    assert notices.send(world, told).status_code == 204
    return world.order(number).id


def assert_done_once(world: World, number: str) -> None:
    """See that an order is with the warehouse, with one document of each kind."""
    world.until_status(number, "in_warehouse", seconds=60)
    kept = world.wms(number)
    assert kept["order"]["status"] == "ACCEPT"
    assert kept["hold"]["state"].lower() == "used"
    assert world.erp_documents(number) == 1
    assert world.documents(number) == {
        "wms_hold": "done",
        "erp_document": "done",
        "warehouse_order": "done",
    }
    assert len(world.claimed(number)) == 1
    timeline = world.timeline(number)
    assert timeline.count("workflows.timeline.erp_posted") == 1
    assert timeline.count("workflows.timeline.sent_to_warehouse") == 1


def attempts(world: World, number: str, kind: str) -> int:
    """Return how many calls went out for a document."""
    with world.database.read() as session:
        found = sa.text("SELECT attempts FROM documents WHERE order_id = :id AND kind = :kind")
        return int(
            session.execute(found, {"id": world.order(number).id, "kind": kind}).scalar_one()
        )


def retry(world: World, number: str) -> None:
    fulfill_order.retry(world.database, world.order(number).id, actor=SYSTEM)


@pytest.mark.parametrize(("number", "code"), [("YNF1", "FStatus"), ("YNF2", "201")])
def test_k3_answers_200_and_means_no(shop: World, number: str, code: str):
    shop.faults("kingdee", {"operation": "SO/Save", "kind": "error", "code": code})
    order_id = paid_order(shop, number)
    shop.until(lambda: shop.items_of(order_id) == [("erp_rejected", "open")])
    order = shop.order(number)
    assert (order.status.value, [hold.reason for hold in order.holds]) == ("held", ["erp_rejected"])
    assert shop.documents(number)["erp_document"] == "rejected"
    assert shop.erp_documents(number) == 0
    assert shop.claimed(number) == {"LOVE-2026": 1}
    shop.faults("kingdee")
    retry(shop, number)
    assert_done_once(shop, number)
    assert shop.items_of(order_id) == [("erp_rejected", "resolved")]
    assert shop.order(number).holds == ()


def test_k3_saves_and_its_answer_is_lost(shop: World):
    shop.faults("kingdee", {"operation": "SO/Save", "kind": "lose_answer", "times": 1})
    order_id = paid_order(shop, "YNF3")
    shop.until(lambda: shop.documents("YNF3").get("erp_document") == "unknown")
    assert_done_once(shop, "YNF3")
    assert attempts(shop, "YNF3", "erp_document") == 1  # found by looking, not made again
    assert shop.items_of(order_id) == []


def test_k3_is_slower_than_we_wait_and_saves_after_all(shop: World):
    shop.faults("kingdee", {"operation": "SO/Save", "kind": "delay", "seconds": 1.3, "times": 1})
    paid_order(shop, "YNF4")
    assert_done_once(shop, "YNF4")


def test_the_connection_breaks_before_k3_does_anything(shop: World):
    shop.faults("kingdee", {"operation": "SO/Save", "kind": "drop", "times": 1})
    paid_order(shop, "YNF5")
    assert_done_once(shop, "YNF5")
    assert attempts(shop, "YNF5", "erp_document") == 2  # looked up, not there, made


def test_k3_is_away_for_a_while_and_a_person_is_told_until_it_is_back(shop: World):
    shop.faults("kingdee", {"operation": "SO/Save", "kind": "error", "code": "busy"})
    order_id = paid_order(shop, "YNF6")
    shop.until(lambda: shop.items_of(order_id) == [("erp_outcome_unknown", "open")])
    order = shop.order("YNF6")
    assert (order.status.value, order.holds) == ("sending", ())
    assert "workflows.timeline.put_off" in shop.timeline("YNF6")
    shop.faults("kingdee")
    assert_done_once(shop, "YNF6")
    assert shop.items_of(order_id) == [("erp_outcome_unknown", "resolved")]


@pytest.mark.parametrize(
    ("number", "operation", "kind", "calls"),
    [
        ("YNF7", "inventoryreserve.create", "lose_answer", 2),
        ("YNF8", "inventoryreserve.create", "duplicate", 1),
        ("YNF9", "inventoryreserve.create", "drop", 2),
        ("YNF10", "deliveryorder.create", "lose_answer", 2),
        ("YNF11", "deliveryorder.create", "duplicate", 1),
        ("YNF12", "deliveryorder.create", "drop", 2),
    ],
)
def test_the_wms_loses_an_answer_or_says_duplicate(
    shop: World, number: str, operation: str, kind: str, calls: int
):
    shop.faults("qimen", {"operation": operation, "kind": kind, "times": 1})
    order_id = paid_order(shop, number)
    assert_done_once(shop, number)
    name = "wms_hold" if operation == "inventoryreserve.create" else "warehouse_order"
    assert attempts(shop, number, name) == calls
    assert shop.items_of(order_id) == []


@pytest.mark.parametrize(
    ("number", "operation"),
    [("YNF13", "inventoryreserve.create"), ("YNF14", "deliveryorder.create")],
)
def test_the_wms_asks_to_come_again(shop: World, number: str, operation: str):
    shop.faults("qimen", {"operation": operation, "kind": "error", "times": 2})
    order_id = paid_order(shop, number)
    assert_done_once(shop, number)
    assert shop.items_of(order_id) == [("wms_outcome_unknown", "resolved")]


@pytest.mark.parametrize(
    ("number", "operation"),
    [("YNF15", "inventoryreserve.create"), ("YNF16", "deliveryorder.create")],
)
def test_the_wms_refuses_and_takes_it_after_a_person_put_it_right(
    shop: World, number: str, operation: str
):
    shop.faults("qimen", {"operation": operation, "kind": "error", "code": "item-frozen"})
    order_id = paid_order(shop, number)
    shop.until(lambda: shop.items_of(order_id) == [("wms_rejected", "open")])
    assert shop.order(number).status.value == "held"
    shop.faults("qimen")
    retry(shop, number)
    assert_done_once(shop, number)
    assert shop.items_of(order_id) == [("wms_rejected", "resolved")]


def test_two_runs_of_one_order_at_once_make_each_document_once(shop: World):
    shop.faults("kingdee", {"operation": "SO/Save", "kind": "delay", "seconds": 0.4})
    paid_order(shop, "YNF17")
    for _ in range(4):
        retry(shop, "YNF17")
    assert_done_once(shop, "YNF17")
    shop.faults("kingdee")
    shop.until(lambda: durable.open_processes(shop.database) == 0)
    assert_done_once(shop, "YNF17")
    assert attempts(shop, "YNF17", "erp_document") == 1


def test_the_number_outside_survives_when_what_follows_cannot_be_noted(
    shop: World, monkeypatch: pytest.MonkeyPatch
):
    made, broken = documents._note, []

    def break_once(*args: object, **more: object) -> None:
        if not broken:
            broken.append(True)
            raise ZeroDivisionError
        made(*args, **more)

    monkeypatch.setattr(documents, "_note", break_once)
    order_id = paid_order(shop, "YNF18")
    shop.until(lambda: shop.items_of(order_id) == [("workflow_failed", "open")])
    with shop.database.read() as session:
        row = session.execute(
            sa.text(
                "SELECT state, outside_number, last_error FROM documents"
                " WHERE order_id = :id AND kind = 'erp_document'"
            ),
            {"id": order_id},
        ).one()
    assert (row.state, row.last_error) == ("unknown", "ZeroDivisionError")
    bill = shop.hub.connectors.erp.find_document(outside_number(shop, "YNF18"))
    assert bill is not None
    assert row.outside_number == bill.bill_number
    retry(shop, "YNF18")
    assert_done_once(shop, "YNF18")
    assert attempts(shop, "YNF18", "erp_document") == 1


def test_the_erp_is_asked_first_where_a_sku_wants_it(shop: World):
    order_id = paid_order(shop, "YNF19", sku="ASK-ERP")
    assert_done_once(shop, "YNF19")
    assert "workflows.timeline.erp_stock_ok" in shop.timeline("YNF19")

    has = {"stockCode": WAREHOUSES[0].code, "itemCode": "ASK-ERP", "name": "定制窗帘"}
    shop.sandbox.put("/control/kingdee/stock", json=[{**has, "onHand": 1}]).raise_for_status()
    order_id = paid_order(shop, "YNF20", sku="ASK-ERP", units=2)
    shop.until(lambda: shop.items_of(order_id) == [("shortage", "open")])
    assert shop.order("YNF20").status.value == "held"
    assert (shop.wms("YNF20"), shop.erp_documents("YNF20")) == ({"order": None, "hold": None}, 0)
    assert shop.claimed("YNF20") == {"ASK-ERP": 2}

    shop.sandbox.put("/control/kingdee/stock", json=[{**has, "onHand": UNITS}]).raise_for_status()
    retry(shop, "YNF20")
    assert_done_once(shop, "YNF20")


def test_an_erp_that_does_not_answer_the_question_puts_the_order_off(shop: World):
    shop.faults("kingdee", {"operation": "bridge/stock", "kind": "error", "code": "http429"})
    order_id = paid_order(shop, "YNF21", sku="ASK-ERP")
    shop.until(lambda: shop.items_of(order_id) == [("erp_outcome_unknown", "open")])
    assert shop.claimed("YNF21") == {"ASK-ERP": 1}
    shop.faults("kingdee")
    assert_done_once(shop, "YNF21")
    assert shop.items_of(order_id) == [("erp_outcome_unknown", "resolved")]


@pytest.fixture(scope="module", autouse=True)
def no_document_twice(shared_world: World) -> Iterator[None]:
    """See at the end that K3 holds no number twice and no counter drifted."""
    yield
    items = shared_world.sandbox.get("/control/systems").json()["items"]
    state = {item["name"]: item["state"] for item in items}
    assert state["kingdee"]["doubled"] == {}
    assert shared_world.drift() == []
