"""Cancelled at every stage, twice, during a call, too late: everything is taken back once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workflows import notices
from tests.workflows.world import World, outside_number
from yinuo.core import clock
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter
from yinuo.fulfillment import service as fulfillment
from yinuo.fulfillment.model import DocumentKind, DocumentState
from yinuo.users.model import SYSTEM
from yinuo.workflows import cancel_order, documents
from yinuo.workflows.retry_work_item import retry_work_item


@pytest.fixture(scope="module", autouse=True)
def every_unit_is_back(shared_world: World) -> Iterator[None]:
    """See at the end that nothing drifted."""
    yield
    assert shared_world.drift() == []


def paid_order(world: World, number: str) -> str:
    """Place and pay an order of one RUG-160, and return its id."""
    world.place(number, lines=[("RUG-160", 1)])
    assert notices.send(world, notices.paid(f"PAY{number}", 39900)).status_code == 204
    return world.order(number).id


def cancel(world: World, number: str) -> None:
    cancel_order.request(
        world.database, world.order(number).id, reason="workflows.reason.buyer", actor="admin"
    )


def frozen(world: World, number: str) -> bool:
    """Tell whether the warehouse still keeps units for an order."""
    kept = world.wms(number)
    hold, order = kept["hold"], kept["order"]
    is_held = hold is not None and hold["state"].lower() == "active"
    return is_held or (order is not None and order["status"] != "CANCELED")


def assert_taken_back(world: World, number: str) -> None:
    """See that nothing of the order is left anywhere and that it was cancelled once."""
    order = world.until_status(number, "cancelled", seconds=40)
    assert world.claimed(number) == {}
    assert world.erp_documents(number) == 0
    assert not frozen(world, number)
    assert set(world.documents(number).values()) <= {"cancelled", "intended"}
    assert world.timeline(number).count("orders.timeline.cancelled") == 1
    money = [("payment_after_cancel", "open")] if order.paid_fen else []
    assert [one for one in world.items_of(order.id) if one[1] != "resolved"] == money


def stop_before(world: World, system: str, operation: str) -> None:
    """Keep orders from getting past one call."""
    world.faults(system, {"operation": operation, "kind": "error", "code": "http503"})


def test_an_unpaid_order(shop: World):
    shop.place("YNC0", lines=[("RUG-160", 1)])
    cancel(shop, "YNC0")
    cancel(shop, "YNC0")
    assert_taken_back(shop, "YNC0")
    assert shop.order("YNC0").payment_status.value == "closed"
    cancel(shop, "YNC0")
    assert_taken_back(shop, "YNC0")


@pytest.mark.parametrize(
    ("number", "system", "operation", "reached"),
    [
        ("YNC1", "qimen", "inventoryreserve.create", {"wms_hold": "intended"}),
        ("YNC2", "kingdee", "SO/Save", {"wms_hold": "done", "erp_document": "intended"}),
        (
            "YNC3",
            "qimen",
            "deliveryorder.create",
            {"wms_hold": "done", "erp_document": "done", "warehouse_order": "intended"},
        ),
    ],
)
def test_a_paid_order_that_got_as_far_as_one_call(
    shop: World, number: str, system: str, operation: str, reached: dict[str, str]
):
    before = shop.atp("RUG-160")
    stop_before(shop, system, operation)
    paid_order(shop, number)
    shop.until(
        lambda: (
            shop.documents(number) == reached
            and "workflows.timeline.put_off" in shop.timeline(number)
        ),
        what=f"for {reached}",
    )
    shop.faults(system)
    cancel(shop, number)
    assert_taken_back(shop, number)
    assert shop.atp("RUG-160") == before


def test_an_order_that_the_warehouse_has_and_does_not_pick_yet(shop: World):
    before = shop.atp("RUG-160")
    paid_order(shop, "YNC4")
    shop.until_status("YNC4", "in_warehouse")
    cancel(shop, "YNC4")
    cancel(shop, "YNC4")
    assert_taken_back(shop, "YNC4")
    assert shop.atp("RUG-160") == before
    stocked = shop.sandbox.get("/control/qimen/stock", params={"itemCodes": "RUG-160"})
    assert {item["lockQuantity"] for item in stocked.json()["items"]} == {0}


def test_a_warehouse_that_picks_refuses_and_the_order_goes_on(shop: World):
    order_id = paid_order(shop, "YNC5")
    shop.until_status("YNC5", "in_warehouse")
    while shop.wms("YNC5")["order"]["status"] != "PICK":
        shop.step_warehouse("YNC5")
    cancel(shop, "YNC5")
    shop.until(lambda: shop.items_of(order_id) == [("cancel_refused_by_warehouse", "open")])
    assert shop.order("YNC5").status.value == "in_warehouse"
    assert "workflows.timeline.cancel_refused" in shop.timeline("YNC5")
    assert (shop.erp_documents("YNC5"), shop.claimed("YNC5")) == (1, {"RUG-160": 1})
    shop.ship("YNC5")
    with pytest.raises(cancel_order.CannotCancel):
        cancel(shop, "YNC5")


def test_a_refused_cancellation_can_be_tried_again(shop: World):
    order_id = paid_order(shop, "YNC6")
    shop.until_status("YNC6", "in_warehouse")
    code = outside_number(shop, "YNC6")
    shop.sandbox.put("/control/qimen/settings", json={"refuse_cancel": [code]})
    cancel(shop, "YNC6")
    shop.until(lambda: shop.items_of(order_id) == [("cancel_refused_by_warehouse", "open")])
    shop.sandbox.put("/control/qimen/settings", json={"refuse_cancel": []})
    with shop.database.read() as session:
        (item,) = exceptions.list_items(session, ItemFilter(subject_id=order_id)).items
    retry_work_item(shop.database, item, actor=SYSTEM)
    assert_taken_back(shop, "YNC6")


@pytest.mark.parametrize(
    ("number", "system", "operation", "kind"),
    [
        ("YNC7", "kingdee", "SO/Save", "delay"),
        ("YNC8", "kingdee", "SO/Save", "lose_answer"),
        ("YNC9", "qimen", "inventoryreserve.create", "lose_answer"),
        ("YNC10", "qimen", "deliveryorder.create", "lose_answer"),
    ],
)
def test_during_a_call_or_after_one_whose_answer_was_lost(
    shop: World, number: str, system: str, operation: str, kind: str
):
    before = shop.atp("RUG-160")
    shop.faults(system, {"operation": operation, "kind": kind, "seconds": 0.7, "times": 1})
    paid_order(shop, number)
    name = {"SO/Save": "erp_document", "inventoryreserve.create": "wms_hold"}.get(
        operation, "warehouse_order"
    )
    shop.until(lambda: name in shop.documents(number), what=f"for {name}")
    cancel(shop, number)
    assert_taken_back(shop, number)
    assert shop.atp("RUG-160") == before


def test_a_system_that_is_away_puts_the_cancellation_off_and_tells_a_person(shop: World):
    order_id = paid_order(shop, "YNC11")
    shop.until_status("YNC11", "in_warehouse")
    shop.faults("qimen", {"operation": "order.cancel", "kind": "error"})  # asks to come again
    cancel(shop, "YNC11")
    shop.until(lambda: shop.items_of(order_id) == [("wms_outcome_unknown", "open")])
    assert shop.order("YNC11").status.value == "in_warehouse"
    shop.faults("qimen")
    assert_taken_back(shop, "YNC11")


def test_a_document_that_the_erp_has_audited_stays_for_a_person(shop: World):
    order_id = paid_order(shop, "YNC12")
    shop.until_status("YNC12", "in_warehouse")
    audit(shop, "YNC12")
    cancel(shop, "YNC12")
    shop.until_status("YNC12", "cancelled")
    assert shop.erp_documents("YNC12") == 1
    assert not frozen(shop, "YNC12")
    assert sorted(shop.items_of(order_id)) == [
        ("erp_rejected", "open"),
        ("payment_after_cancel", "open"),
    ]
    assert shop.claimed("YNC12") == {}


def audit(world: World, number: str) -> None:
    """Audit the order's document in K3 as the merchant's accountant does."""
    settings = world.hub.connectors.erp.settings
    code = settings.authority_code.get_secret_value()
    created = world.sandbox.get(
        "/kingdee/K3API/Token/Create", params={"authorityCode": code}
    ).json()
    bill = world.hub.connectors.erp.find_document(outside_number(world, number))
    assert bill is not None
    done = world.sandbox.post(
        "/kingdee/K3API/SO/CheckBill",
        params={"Token": created["Data"]["Token"]},
        json={"Data": {"FBillNo": bill.bill_number, "FChecker": "E01", "FCheckDirection": "1"}},
    ).json()
    assert done["StatusCode"] == 200, done


def test_a_document_whose_answer_comes_after_the_end_is_taken_back_too(shop: World):
    order_id = paid_order(shop, "YNC13")
    shop.until_status("YNC13", "in_warehouse")
    cancel(shop, "YNC13")
    assert_taken_back(shop, "YNC13")
    made = documents.erp_document(order_id).call()
    assert shop.erp_documents("YNC13") == 1
    with shop.database.transaction() as session:
        fulfillment.mark(
            session,
            order_id,
            DocumentKind.ERP_DOCUMENT,
            state=DocumentState.DONE,
            outside_number=made.outside_number,
            now=clock.now(),
        )
    shop.until(lambda: shop.documents("YNC13")["erp_document"] == "cancelled")
    assert_taken_back(shop, "YNC13")
