"""What the warehouse tells, twice and out of order, is booked once and told to the shop."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import UNITS
from tests.workflows.wms_reports import changed, confirmed, is_taken, progressed, report
from tests.workflows.world import World, outside_number
from yinuo.connectors.qimen import signing
from yinuo.core import clock
from yinuo.inventory import service as inventory
from yinuo.inventory.model import MARGIN, PhotographLine, PhotoSource
from yinuo.workflows import cancel_order

CONFIRM, PROGRESS, CHANGE = "deliveryorder.confirm", "orderprocess.report", "stockchange.report"
PRICE = {"LOVE-2026": 25990, "PILW-45": 5900, "RUG-160": 39900, "THROW-130": 12900}


@pytest.fixture(scope="module", autouse=True)
def nothing_drifted(shared_world: World) -> Iterator[None]:
    """See at the end that the counters are what the ledger says."""
    yield
    assert shared_world.drift() == []


def sent_order(world: World, number: str, **units: int) -> str:
    """Place, pay and carry out an order, and return its id; SKUs are written with `_`."""
    lines = [(sku.replace("_", "-"), many) for sku, many in units.items()]
    world.place(number, lines=lines)
    total = sum(PRICE[sku] * many for sku, many in lines)
    assert notices.send(world, notices.paid(f"PAY{number}", total)).status_code == 204
    return world.until_status(number, "in_warehouse").id


def deducted(world: World, order_id: str) -> dict[str, int]:
    """Return units per SKU that left the shelf for an order."""
    with world.database.read() as session:
        found = sa.text(
            "SELECT sku, -sum(on_hand_delta) AS units FROM stock_ledger"
            " WHERE owner = :id AND kind = 'deducted' GROUP BY sku"
        )
        return {row.sku: int(row.units) for row in session.execute(found, {"id": order_id})}


def told_about(world: World, order_id: str) -> list[tuple[str, str]]:
    """Return the work items of an order; the shop's stand-in does not know orders it did not make."""
    return [one for one in world.items_of(order_id) if one[0] != "ship_notice_failed"]


def on_hand(world: World, sku: str) -> int:
    with world.database.read() as session:
        return sum(one.on_hand for one in inventory.levels(session, [sku], now=clock.now())[sku])


def parcels(world: World, number: str) -> list[str]:
    """Return the waybills that the shop was told of, as the shop shows them."""
    shown = world.sandbox.get(f"/shop/api/orders/{number}").json()
    return [parcel["waybill"] for parcel in shown.get("parcels", [])]


def test_a_shipment_told_twice_counts_once(shop: World):
    before = on_hand(shop, "LOVE-2026")
    order_id = sent_order(shop, "YNS1", LOVE_2026=2)
    told = confirmed(shop, "YNS1", ("SF1001", {"LOVE-2026": 2}), key="DC-YNS1")
    other = confirmed(shop, "YNS1", ("SF1001", {"LOVE-2026": 2}), key="DC-YNS1-again")
    for body in (told, told, other, told):
        assert is_taken(report(shop, CONFIRM, body))
    assert shop.order("YNS1").status.value == "shipped"
    assert deducted(shop, order_id) == {"LOVE-2026": 2}
    assert (on_hand(shop, "LOVE-2026"), shop.claimed("YNS1")) == (before - 2, {})
    assert shop.timeline("YNS1").count("workflows.timeline.shipped") == 1


def past_the_margin(world: World, sku: str) -> None:
    """Wait until what is told in whole seconds is later than any photograph, beyond doubt."""
    with world.database.read() as session:
        photos = inventory.photographs(session, sku)
    newest = max(photo.as_of for of_place in photos.values() for photo in of_place)
    left = newest + MARGIN + timedelta(seconds=1) - clock.now()
    time.sleep(max(left.total_seconds(), 0))


def test_a_photograph_of_the_second_before_the_goods_left_does_not_show_them_gone(shop: World):
    before = on_hand(shop, "THROW-130")
    sent_order(shop, "YNS0", THROW_130=2)
    told = confirmed(shop, "YNS0", ("SF1000", {"THROW-130": 2}), key="DC-YNS0")
    past_the_margin(shop, "THROW-130")
    # The report names the second; the photograph was taken within it, before the goods left.
    second = clock.now().replace(microsecond=0)
    body = re.sub("<operateTime>.*?<", f"<operateTime>{signing.to_local_text(second)}<", told)
    with shop.database.transaction() as session:
        shown = [PhotographLine(sku="THROW-130", warehouse="WH-HZ", quantity=before - UNITS)]
        inventory.apply_photograph(
            session,
            source=PhotoSource.WMS,
            as_of=second + timedelta(microseconds=1),
            lines=shown,
            now=clock.now(),
        )
    assert is_taken(report(shop, CONFIRM, body))
    assert on_hand(shop, "THROW-130") == before - 2


def test_the_shipments_own_stock_change_is_not_counted_again(shop: World):
    before = on_hand(shop, "LOVE-2026")
    order_id = sent_order(shop, "YNS2", LOVE_2026=1)
    change = changed("LOVE-2026", -1, key="SC-YNS2", order_code=outside_number(shop, "YNS2"))
    assert is_taken(report(shop, CHANGE, change))
    told = confirmed(shop, "YNS2", ("SF1002", {"LOVE-2026": 1}), key="DC-YNS2")
    assert is_taken(report(shop, CONFIRM, told))
    assert is_taken(report(shop, CHANGE, change))
    assert deducted(shop, order_id) == {"LOVE-2026": 1}
    assert on_hand(shop, "LOVE-2026") == before - 1


def test_partial_parcels_add_up_and_the_last_one_ends_the_order(shop: World):
    order_id = sent_order(shop, "YNS3", LOVE_2026=2, PILW_45=1)
    first = confirmed(shop, "YNS3", ("SF2001", {"LOVE-2026": 1}), key="DC-YNS3-1", is_final=False)
    for _ in range(2):
        assert is_taken(report(shop, CONFIRM, first))
    assert shop.order("YNS3").status.value == "in_warehouse"
    assert deducted(shop, order_id) == {"LOVE-2026": 1}
    assert shop.claimed("YNS3") == {"LOVE-2026": 1, "PILW-45": 1}
    assert shop.timeline("YNS3").count("workflows.timeline.partly_shipped") == 1
    last = confirmed(
        shop, "YNS3", ("SF2002", {"LOVE-2026": 1, "PILW-45": 1}), key="DC-YNS3-2", is_final=False
    )
    assert is_taken(report(shop, CONFIRM, last))
    assert is_taken(report(shop, CONFIRM, first))
    assert shop.order("YNS3").status.value == "shipped"
    assert deducted(shop, order_id) == {"LOVE-2026": 2, "PILW-45": 1}
    assert told_about(shop, order_id) == []


def test_a_final_report_with_too_little_ships_and_tells_a_person(shop: World):
    order_id = sent_order(shop, "YNS4", PILW_45=3)
    told = confirmed(shop, "YNS4", ("SF3001", {"PILW-45": 2}), key="DC-YNS4")
    assert is_taken(report(shop, CONFIRM, told))
    assert shop.order("YNS4").status.value == "shipped"
    assert told_about(shop, order_id) == [("shortage", "open")]
    assert deducted(shop, order_id) == {"PILW-45": 2}


def test_units_that_nobody_claimed_are_deducted_and_a_person_is_told(shop: World):
    before = on_hand(shop, "PILW-45")
    order_id = sent_order(shop, "YNS8", PILW_45=1)
    told = confirmed(shop, "YNS8", ("SF8001", {"PILW-45": 3}), key="DC-YNS8")
    for _ in range(2):
        assert is_taken(report(shop, CONFIRM, told))
    assert on_hand(shop, "PILW-45") == before - 3
    shop.until(lambda: told_about(shop, order_id) == [("shipped_beyond_claim", "open")])
    with shop.database.read() as session:
        found = sa.text("SELECT params FROM work_items WHERE subject_id = :id AND kind = :kind")
        values = {"id": order_id, "kind": "shipped_beyond_claim"}
        params = session.execute(found, values).scalar_one()
    assert params == {"warehouse": "WH-HZ", "units": "PILW-45×2"}


def test_a_parcel_told_without_its_content_holds_what_was_picked(shop: World):
    order_id = sent_order(shop, "YNS5", PILW_45=2)
    told = confirmed(shop, "YNS5", ("SF4001", {}), key="DC-YNS5").replace(
        "</request>",
        "<orderLines><orderLine><orderLineNo>1</orderLineNo><itemCode>PILW-45</itemCode>"
        "<actualQty>2</actualQty></orderLine></orderLines></request>",
    )
    assert is_taken(report(shop, CONFIRM, told))
    assert deducted(shop, order_id) == {"PILW-45": 2}
    assert told_about(shop, order_id) == []


def test_progress_that_comes_late_or_twice_does_not_take_a_shipped_order_back(shop: World):
    sent_order(shop, "YNS6", PILW_45=1)
    for status in ("PICK", "PICK"):
        assert is_taken(report(shop, PROGRESS, progressed(shop, "YNS6", status)))
    told = confirmed(shop, "YNS6", ("SF5001", {"PILW-45": 1}), key="DC-YNS6")
    assert is_taken(report(shop, CONFIRM, told))
    assert is_taken(report(shop, PROGRESS, progressed(shop, "YNS6", "PACKAGE")))
    assert shop.order("YNS6").status.value == "shipped"
    assert shop.timeline("YNS6").count("workflows.timeline.picking") <= 4


def test_an_order_that_is_not_ours_is_kept_for_a_person_and_not_told_again(shop: World):
    told = confirmed(shop, "", ("SF6001", {"PILW-45": 1}), key="DC-FOREIGN", code="XX999")
    for _ in range(2):
        assert is_taken(report(shop, CONFIRM, told))
    with shop.database.read() as session:
        found = sa.text(
            "SELECT w.state, i.state AS kept FROM work_items w JOIN inbox i ON i.id = w.subject_id"
            " WHERE w.subject_label = 'shipment:DC-FOREIGN'"
        )
        assert [tuple(row) for row in session.execute(found)] == [("open", "parked")]


def test_a_counted_difference_counts_once_and_only_good_units(shop: World):
    past_the_margin(shop, "RUG-160")
    before = on_hand(shop, "RUG-160")
    for _ in range(3):
        assert is_taken(report(shop, CHANGE, changed("RUG-160", 5, key="PD-1")))
    assert on_hand(shop, "RUG-160") == before + 5
    assert is_taken(report(shop, CHANGE, changed("RUG-160", 7, key="PD-2", kind="CC")))
    assert on_hand(shop, "RUG-160") == before + 5
    assert is_taken(report(shop, CHANGE, changed("RUG-160", -5, key="PD-3")))
    assert on_hand(shop, "RUG-160") == before


@pytest.mark.parametrize(
    ("changes", "age", "code"),
    [
        ({"sign": "0" * 32}, 0, "qimen.bad_signature"),
        ({"customerId": "c2"}, 0, "qimen.bad_signature"),
        ({}, 3600, "qimen.stale"),
    ],
)
def test_a_forged_or_stale_report_changes_nothing(
    shop: World, changes: dict[str, str], age: int, code: str
):
    before = on_hand(shop, "RUG-160")
    answer = report(shop, CHANGE, changed("RUG-160", 9, key="PD-FORGED"), age=age, **changes)
    assert (answer.status_code, is_taken(answer)) == (200, False)
    assert code in answer.text
    assert on_hand(shop, "RUG-160") == before


@pytest.mark.parametrize("body", ["", "<request", "<request/>", "nonsense", "<a>&lol;</a>"])
def test_a_report_that_makes_no_sense_is_refused(shop: World, body: str):
    for method in (CONFIRM, PROGRESS, CHANGE, "no.such.method"):
        answer = report(shop, method, body)
        assert (answer.status_code, is_taken(answer)) == (200, False)


def test_goods_that_leave_after_the_cancellation_are_booked_and_told(shop: World):
    order_id = sent_order(shop, "YNS7", PILW_45=1)
    told = confirmed(shop, "YNS7", ("SF7001", {"PILW-45": 1}), key="DC-YNS7")
    before = on_hand(shop, "PILW-45")
    cancel_order.request(shop.database, order_id, reason="workflows.reason.buyer", actor="admin")
    shop.until_status("YNS7", "cancelled")
    for _ in range(2):
        assert is_taken(report(shop, CONFIRM, told))
    assert shop.order("YNS7").status.value == "cancelled"
    assert on_hand(shop, "PILW-45") == before - 1
    assert ("cancel_refused_by_warehouse", "open") in shop.items_of(order_id)


def test_a_shop_that_is_away_is_told_of_the_parcel_when_it_is_back(shop: World):
    number = shop.buy(("P-LOVE", 1))
    shop.pay(number)
    order_id = shop.until_status(number, "in_warehouse").id
    shop.faults("shop", {"operation": "shipments.put", "kind": "error", "code": "429"})
    shop.ship(number)
    shop.until(lambda: shop.items_of(order_id) == [("ship_notice_failed", "open")])
    assert parcels(shop, number) == []
    shop.faults("shop")
    shop.until(lambda: "workflows.timeline.notice_sent" in shop.timeline(number))
    assert len(parcels(shop, number)) == 1
    assert shop.items_of(order_id) == [("ship_notice_failed", "resolved")]
    assert shop.timeline(number).count("workflows.timeline.notice_sent") == 1


def test_a_stand_in_report_lost_damaged_or_doubled_on_the_way_still_arrives_once(shop: World):
    number = shop.buy(("P-LOVE", 1))
    shop.pay(number)
    order_id = shop.until_status(number, "in_warehouse").id
    shop.faults(
        "qimen",
        {"operation": CONFIRM, "kind": "lose_answer", "times": 1},
        {"operation": CONFIRM, "kind": "duplicate", "times": 2},
    )
    shop.ship(number)
    assert deducted(shop, order_id) == {"LOVE-2026": 1}
