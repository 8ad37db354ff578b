"""The ERP and warehouse connectors against the stand-ins of their systems, faults included."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from tests.connectors.conftest import kingdee_settings
from tests.connectors.test_kingdee import DOCUMENT
from tests.connectors.test_qimen import HOLD, ORDER
from tests.sandbox.conftest import FakeHub, Sandbox, until
from yinuo.connectors.kingdee_k3 import mapping
from yinuo.connectors.kingdee_k3.mapping import DuplicateDocuments
from yinuo.connectors.protocols import (
    AlreadyPicking,
    Busy,
    HealthState,
    OutcomeUnknown,
    Rejected,
    ShipmentConfirmed,
    SkuQuantity,
    StockChanged,
    Unavailable,
)
from yinuo.connectors.registry import Registry
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Database
from yinuo.sandbox.kingdee.store.schema import reader_url


def documents(sandbox: Sandbox) -> int:
    state = sandbox.client.get("/control/systems/kingdee/state").json()["state"]
    found = state["documents"].get(DOCUMENT.number)
    return int(found["count"]) if found else 0


def wms(sandbox: Sandbox) -> dict[str, dict[str, int]]:
    state = sandbox.client.get("/control/systems/qimen/state").json()["state"]
    stock: dict[str, dict[str, int]] = state["stock"]
    return stock


def test_every_check_is_green(registry: Registry) -> None:
    assert {name: registry.check(name).state for name in registry.names()} == dict.fromkeys(
        registry.names(), HealthState.OK
    )


def test_k3_holds_one_document_after_posting_twice(registry: Registry, sandbox: Sandbox) -> None:
    first = registry.erp.post_document(DOCUMENT)
    assert registry.erp.post_document(DOCUMENT) == first
    assert registry.erp.find_document(DOCUMENT.number) == first
    assert documents(sandbox) == 1
    registry.erp.cancel_document(DOCUMENT.number)
    registry.erp.cancel_document(DOCUMENT.number)
    assert documents(sandbox) == 0


def test_two_workers_that_post_the_same_document_make_one(
    registry: Registry, sandbox: Sandbox, database_url: str
) -> None:
    switches = {"save_seconds_least": 0.2, "save_seconds_most": 0.2}
    sandbox.client.put("/control/kingdee/settings", json=switches)
    other_database = Database(database_url)
    other = Registry(other_database)
    other.add_kingdee(kingdee_settings(sandbox))
    posted: list[object] = []
    threads = [
        threading.Thread(target=lambda erp=erp: posted.append(erp.post_document(DOCUMENT)))
        for erp in (registry.erp, other.erp)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(posted) == 2
    assert posted[0] == posted[1]
    assert documents(sandbox) == 1
    other.close()
    other_database.dispose()


@pytest.mark.parametrize("kind", ["lose_answer", "drop"])
def test_k3_that_breaks_the_line_has_one_document_in_the_end(
    registry: Registry, sandbox: Sandbox, kind: str
) -> None:
    sandbox.set_faults("kingdee", {"operation": "SO/Save", "kind": kind, "times": 1})
    with pytest.raises(OutcomeUnknown):
        registry.erp.post_document(DOCUMENT)
    registry.erp.post_document(DOCUMENT)
    assert documents(sandbox) == 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [("FStatus", Rejected), ("201", Rejected), ("busy", Busy), ("boom", OutcomeUnknown)],
)
def test_k3_that_fails_inside_a_200(
    registry: Registry, sandbox: Sandbox, code: str, expected: type[Exception]
) -> None:
    fault = {"operation": "SO/Save", "kind": "error", "times": 1, "code": code}
    sandbox.set_faults("kingdee", fault)
    with pytest.raises(expected):
        registry.erp.post_document(DOCUMENT)
    assert documents(sandbox) == 0


def test_k3_that_forgot_all_tokens_is_asked_for_a_new_one(
    registry: Registry, sandbox: Sandbox
) -> None:
    registry.erp.find_document(DOCUMENT.number)
    sandbox.client.delete("/control/kingdee/tokens")
    registry.erp.post_document(DOCUMENT)
    assert documents(sandbox) == 1


def test_k3_that_doubles_a_save_is_for_people(registry: Registry, sandbox: Sandbox) -> None:
    sandbox.set_faults("kingdee", {"operation": "SO/Save", "kind": "duplicate", "times": 1})
    registry.erp.post_document(DOCUMENT)
    with pytest.raises(DuplicateDocuments):
        registry.erp.find_document(DOCUMENT.number)


def test_k3_that_does_not_know_the_customer_says_so(registry: Registry, sandbox: Sandbox) -> None:
    with pytest.raises(Rejected) as caught:
        registry.erp.post_document(replace(DOCUMENT, shop_code="nobody"))
    assert "nobody" in str(caught.value.details["outside_message"])


def test_an_unreachable_k3_opens_the_circuit(registry: Registry, sandbox: Sandbox) -> None:
    sandbox.set_faults("kingdee", {"operation": "*", "kind": "error", "code": "http503"})
    for _ in range(2):
        with pytest.raises(Unavailable):
            registry.erp.find_document("YN1")
    assert registry.circuits()["kingdee"].value == "open"
    assert registry.circuits()["qimen"].value == "closed"
    asked = len(sandbox.calls("kingdee"))
    with pytest.raises(Unavailable):
        registry.erp.find_document("YN1")
    assert len(sandbox.calls("kingdee")) == asked


def test_k3_stock_is_the_same_by_bridge_and_by_sql(
    registry: Registry, sandbox: Sandbox, database: Database
) -> None:
    registry.erp.post_document(DOCUMENT)
    by_sql = Registry(database)
    by_sql.add_kingdee(kingdee_settings(sandbox, stock="sql", sql_url=reader_url(database.url)))
    bridge = registry.erp.read_stock(["LOVE-2026", "A"])
    assert by_sql.erp.read_stock(["LOVE-2026", "A"]).lines == bridge.lines
    assert by_sql.erp.read_stock().lines == registry.erp.read_stock().lines
    love = next(line for line in bridge.lines if line.sku == "LOVE-2026")
    assert (love.warehouse, love.quantity, love.open_quantity, love.available) == (
        "WH-HZ",
        10,
        1,
        9,
    )
    by_sql.close()


def test_a_hold_a_delivery_order_and_their_repeats(registry: Registry, sandbox: Sandbox) -> None:
    warehouse = registry.warehouse("WH-HZ")
    hold = replace(HOLD, number=ORDER.number, lines=(SkuQuantity(sku="LOVE-2026", quantity=1),))
    assert not warehouse.place_hold(hold).is_repeat
    assert warehouse.place_hold(hold).number == ORDER.number
    assert wms(sandbox)["WH-HZ"]["frozen"] == 1
    sent = warehouse.send_order(ORDER)
    again = warehouse.send_order(ORDER)
    assert (sent.is_repeat, again.is_repeat) == (False, True)
    assert sent.outside_id != ""
    assert wms(sandbox)["WH-HZ"] == {"free": 19, "frozen": 1}
    cancelled = warehouse.cancel_order(
        ORDER.number, "WH-HZ", outside_id=sent.outside_id, reason="买家取消"
    )
    assert not cancelled.is_repeat
    warehouse.cancel_order(ORDER.number, "WH-HZ", outside_id="", reason="买家取消")
    assert wms(sandbox)["WH-HZ"] == {"free": 20, "frozen": 0}
    with pytest.raises(Rejected):
        warehouse.send_order(ORDER)


def test_a_released_hold_may_be_released_again(registry: Registry, sandbox: Sandbox) -> None:
    warehouse = registry.warehouse("WH-HZ")
    warehouse.place_hold(HOLD)
    assert warehouse.read_stock("WH-HZ", ["A"]).lines[0].locked == 3
    warehouse.release_hold("YN1", "WH-HZ", lines=HOLD.lines)
    warehouse.release_hold("YN1", "WH-HZ", lines=HOLD.lines)
    warehouse.release_hold("YN-NEVER", "WH-HZ", lines=HOLD.lines)
    line = warehouse.read_stock("WH-HZ", ["A"]).lines[0]
    assert (line.quantity, line.available, line.locked) == (10, 10, 0)


def test_too_little_stock_is_rejected(registry: Registry) -> None:
    huge = replace(HOLD, lines=(SkuQuantity(sku="A", quantity=11),))
    with pytest.raises(Rejected) as caught:
        registry.warehouse("WH-HZ").place_hold(huge)
    assert "库存不足" in str(caught.value.details["outside_message"])


@pytest.mark.parametrize("kind", ["lose_answer", "drop"])
def test_a_warehouse_that_breaks_the_line_ships_once(
    registry: Registry, sandbox: Sandbox, kind: str
) -> None:
    warehouse = registry.warehouse("WH-HZ")
    for operation in ("inventoryreserve.create", "deliveryorder.create"):
        sandbox.set_faults("qimen", {"operation": operation, "kind": kind, "times": 1})
        act = (
            (lambda: warehouse.place_hold(HOLD))
            if operation.startswith("inventory")
            else (lambda: warehouse.send_order(ORDER))
        )
        with pytest.raises(OutcomeUnknown):
            act()
        act()
    assert wms(sandbox)["WH-HZ"]["frozen"] == 4


def test_picking_started_cannot_be_cancelled(registry: Registry, sandbox: Sandbox) -> None:
    warehouse = registry.warehouse("WH-HZ")
    warehouse.send_order(ORDER)
    for _ in range(2):
        sandbox.client.post(f"/control/qimen/orders/{ORDER.number}/step")
    with pytest.raises(AlreadyPicking) as caught:
        warehouse.cancel_order(ORDER.number, "WH-HZ", outside_id="", reason="x")
    assert caught.value.code == "qimen.already_picking"


def test_reports_of_the_warehouse_are_verified_and_read(
    registry: Registry, sandbox: Sandbox, hub: FakeHub
) -> None:
    hub.answer = lambda _heard: (200, registry.warehouse_callbacks.reply(ok=True))
    registry.warehouse("WH-HZ").send_order(ORDER)
    for _ in range(4):
        sandbox.client.post(f"/control/qimen/orders/{ORDER.number}/step")

    def told() -> list[object]:
        found = []
        for heard in hub.at("/callbacks/qimen"):
            query = dict(parse_qsl(heard.target.partition("?")[2]))
            found.append(registry.warehouse_callbacks.parse_callback(query, heard.body))
        return found

    until(lambda: {ShipmentConfirmed, StockChanged} <= {type(one) for one in told()})
    shipment = next(one for one in told() if isinstance(one, ShipmentConfirmed))
    assert (shipment.number, shipment.is_final, shipment.warehouse) == (ORDER.number, True, "WH-HZ")
    assert shipment.packages[0].waybill != ""
    assert shipment.packages[0].lines == (SkuQuantity(sku="LOVE-2026", quantity=1),)
    assert shipment.lines[0].line_number == "1"


def test_a_days_documents_are_listed_with_the_money_of_their_lines_page_by_page(
    registry: Registry, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping, "DAY_PAGE", 2)
    goods = sum(line.amount_fen for line in DOCUMENT.lines)
    others = [replace(DOCUMENT, number=f"{DOCUMENT.number}{letter}") for letter in "ABC"]
    for document in (DOCUMENT, *others):
        registry.erp.post_document(document)
    registry.erp.cancel_document(others[2].number)
    next_day = DOCUMENT.placed_at + timedelta(days=1)
    registry.erp.post_document(replace(DOCUMENT, number=f"{DOCUMENT.number}N", placed_at=next_day))
    day = DOCUMENT.placed_at.astimezone(SHANGHAI).date()
    found = registry.erp.list_documents(day)
    assert {one.number: one.amount_fen for one in found} == dict.fromkeys(
        [DOCUMENT.number, others[0].number, others[1].number], goods
    )
    assert registry.erp.list_documents(day - timedelta(days=1)) == ()
