"""The WMS stand-in over HTTP: the gate, holds, stock, orders, faults."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from tests.sandbox.conftest import FakeHub, Sandbox, until
from tests.sandbox.qimen_client import Gateway, order_xml, reserve_xml, seeded, success
from yinuo.core import clock
from yinuo.sandbox.qimen.signing import local_text, sign
from yinuo.sandbox.qimen.system import PATH


@pytest.fixture
def wms(sandbox: Sandbox, hub: FakeHub) -> Gateway:
    hub.answer = success
    return seeded(sandbox)


# The gate


def test_both_method_names_and_all_sign_methods_are_let_through(wms: Gateway) -> None:
    for number, (prefix, method) in enumerate(
        [("", "md5"), ("taobao.qimen.", "md5"), ("", "hmac"), ("", "hmac-sha256")]
    ):
        body = f"<request><orderCode>YN{number}</orderCode></request>".encode()
        query = wms.query(f"{prefix}orderprocess.query", body, sign_method=method, sign="x")
        query["sign"] = sign(query, body, secret="yinuo-sandbox-qimen-secret")
        assert wms.post(query, body).code == "order-not-found"


def test_a_changed_byte_breaks_the_signature(wms: Gateway) -> None:
    body = b"<request><orderCode>YN1</orderCode></request>"
    query = wms.query("orderprocess.query", body)
    reply = wms.post(query, body + b"\n")
    assert (reply.flag, reply.code) == ("failure", "sign-check-failure")
    assert wms.post(query | {"sign": query["sign"].lower()}, body).code == "sign-check-failure"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"customerId": "c2"}, "isv.invalid-parameter"),
        ({"app_key": "1"}, "isv.invalid-parameter"),
        ({"v": "1.0"}, "isv.invalid-parameter"),
        ({"timestamp": ""}, "isv.missing-parameter"),
        ({"sign_method": "sha1"}, "sign-check-failure"),
    ],
)
def test_the_gate_refuses(wms: Gateway, given: dict[str, str], code: str) -> None:
    reply = wms("orderprocess.query", "<orderCode>YN1</orderCode>", **given)
    assert (reply.flag, reply.code) == ("failure", code)


@pytest.mark.parametrize("minutes", [-11, 11])
def test_a_timestamp_too_far_from_now_is_refused(wms: Gateway, minutes: int) -> None:
    timestamp = local_text(clock.now() + timedelta(minutes=minutes))
    reply = wms("orderprocess.query", "<orderCode>YN1</orderCode>", timestamp=timestamp)
    assert (reply.flag, reply.code) == ("failure", "isv.invalid-timestamp")


def test_unknown_methods_and_bad_xml_are_refused(wms: Gateway) -> None:
    assert wms("returnorder.create", "").code == "isv.invalid-method"
    for body in (b'<!DOCTYPE r [<!ENTITY a "x">]><request>&a;</request>', b"<request>"):
        reply = wms.post(wms.query("inventoryreserve.create", body), body)
        assert (reply.flag, reply.code) == ("failure", "isv.invalid-xml")


# Holds


def test_a_hold_freezes_once_and_is_given_back_once(wms: Gateway) -> None:
    first = wms.reserve()
    assert (first.flag, first("orderCode"), first("isRetry")) == ("success", "YN1", "N")
    assert first("itemInventories/itemInventory/quantity") == "4"
    assert first("itemInventories/itemInventory/warehouseCode") == "WH-HZ"
    assert wms.stock()["WH-HZ"] == (6, 4)
    again = wms.reserve()
    assert (again.flag, "重复" in again("message")) == ("success", True)
    assert wms.stock()["WH-HZ"] == (6, 4)
    freed = wms.release()
    assert (freed.flag, freed("itemInventories/itemInventory/flag")) == ("success", "success")
    assert wms.release().flag == "success"
    assert (wms.stock()["WH-HZ"], wms.hold()) == ((10, 0), "cancelled")
    assert wms.reserve().flag == "success"
    assert wms.stock()["WH-HZ"] == (6, 4)


def test_a_shortage_freezes_nothing(wms: Gateway) -> None:
    reply = wms.reserve(LOVE_2026=4, RUG_160=4)
    assert (reply.flag, reply.code, reply("isRetry")) == ("failure", "inventory-not-enough", "N")
    assert reply("message") == "库存不足: RUG-160 需4 可用3"
    assert wms.stock()["WH-HZ"] == (10, 0)
    assert wms.release().code == "reserve-not-found"


def test_racing_holds_never_freeze_more_than_there_is(wms: Gateway) -> None:
    together = threading.Barrier(8)

    def one(number: int) -> str:
        together.wait()
        return wms.reserve(f"YN{number}", LOVE_2026=3).flag

    with ThreadPoolExecutor(8) as pool:
        flags = list(pool.map(one, range(8)))
    assert sorted(flags) == ["failure"] * 5 + ["success"] * 3
    assert wms.stock()["WH-HZ"] == (1, 9)


def test_a_hold_ends_by_itself_where_that_is_set(wms: Gateway) -> None:
    wms.set(hold_seconds=900)
    wms.reserve()
    wms.set(hold_seconds=None)
    wms.reserve("YN2", LOVE_2026=1)
    wms.sandbox.client.post("/control/clock", json={"scale": 100_000})
    until(lambda: wms.hold() == "expired")
    assert (wms.stock()["WH-HZ"], wms.hold("YN2")) == ((9, 1), "active")


# Stock queries


def test_inventory_tells_free_and_frozen(wms: Gateway) -> None:
    wms.reserve()
    criteria = "".join(
        f"<criteria><warehouseCode>WH-HZ</warehouseCode><ownerCode>OWNER1</ownerCode>"
        f"<itemCode>{item}</itemCode></criteria>"
        for item in ("LOVE-2026", "RUG-160", "UNKNOWN")
    )
    reply = wms("inventory.query", f"<criteriaList>{criteria}</criteriaList>")
    assert reply.all("items/item/itemCode") == ["LOVE-2026", "RUG-160"]
    assert reply.all("items/item/quantity") == ["6", "3"]
    assert reply.all("items/item/lockQuantity") == ["4", "0"]
    assert wms("inventory.query", "").code == "isv.invalid-parameter"
    foreign = wms(
        "inventory.query",
        "<criteriaList><criteria><ownerCode>X</ownerCode><itemCode>A</itemCode></criteria>"
        "</criteriaList>",
    )
    assert foreign.code == "owner-not-found"


def test_stock_query_pages_by_at_most_a_hundred(wms: Gateway) -> None:
    body = "<ownerCode>OWNER1</ownerCode><itemCode>LOVE-2026</itemCode>"
    reply = wms("stock.query", f"{body}<page>2</page><pageSize>1</pageSize>")
    assert (reply.all("items/item/warehouseCode"), reply("totalCount")) == (["WH-NT"], "2")
    refused = wms("stock.query", f"{body}<page>1</page><pageSize>101</pageSize>")
    assert (refused.flag, refused.code) == ("failure", "isv.invalid-parameter")


# Orders


def test_an_order_uses_the_hold_and_a_repeat_is_success(wms: Gateway) -> None:
    wms.reserve()
    first = wms.send()
    assert (first.flag, first("deliveryOrderId")) == ("success", "WMS0000000001")
    assert (first("warehouseCode"), first("logisticsCode")) == ("WH-HZ", "SF")
    again = wms.send()
    assert (again.flag, again("deliveryOrderId")) == ("success", "WMS0000000001")
    assert again("message") == "发货单号重复，已接收 (duplicate deliveryOrderCode)"
    assert (wms.stock()["WH-HZ"], wms.hold()) == ((6, 4), "used")
    assert wms.release().code == "reserve-used"
    state = wms.sandbox.client.get("/control/systems/qimen/state").json()["state"]
    assert (state["orders_total"], state["orders"]["YN1"]["status"]) == (1, "ACCEPT")
    assert state["holds"]["YN1"]["state"] == "used"
    assert state["stock"]["WH-HZ"] == {"free": 9, "frozen": 4}


def test_an_order_without_the_needed_fields_takes_nothing(wms: Gateway) -> None:
    reply = wms.send(mobile="")
    assert (reply.flag, reply("message")) == (
        "failure",
        "缺少参数: deliveryOrder/receiverInfo/mobile",
    )
    assert wms.send(quantity="11").code == "inventory-not-enough"
    assert wms.stock()["WH-HZ"] == (10, 0)


def test_cancelling_frees_stock_until_picking(wms: Gateway) -> None:
    wms.send("YN1")
    wms.send("YN2", quantity="2")
    assert wms.step("YN2") == "PRINT"
    assert wms.step("YN2") == "PICK"
    assert wms.cancel("YN1").flag == "success"
    again = wms.cancel("YN1")
    assert (again.flag, "duplicate" in again("message")) == ("success", True)
    late = wms.cancel("YN2")
    assert (late.flag, late.code) == ("failure", "already-picking")
    assert wms.cancel("YN3").code == "order-not-found"
    assert wms.stock()["WH-HZ"] == (8, 2)
    assert wms.send("YN1").code == "order-canceled"


def test_a_cancel_can_be_refused_on_demand(wms: Gateway) -> None:
    wms.send()
    wms.set(refuse_cancel=["YN1"])
    assert wms.cancel().code == "cancel-refused"
    wms.set(refuse_cancel=[])
    assert wms.cancel().flag == "success"


def test_queries_show_status_and_way(wms: Gateway) -> None:
    wms.send()
    for _ in range(4):
        wms.step()
    state = wms("deliveryorder.query", "<orderId>WMS0000000001</orderId>")
    assert (state("deliveryOrder/deliveryOrderCode"), state("deliveryOrder/status")) == (
        "YN1", "DELIVERED",
    )  # fmt: skip
    assert state("packages/package/expressCode") == "SF1000000000001"
    assert state("orderLines/orderLine/actualQty") == "4"
    way = wms("orderprocess.query", "<orderCode>YN1</orderCode>")
    assert way.all("orderProcess/processes/process/processStatus") == [
        "ACCEPT", "PRINT", "PICK", "PACKAGE", "DELIVERED",
    ]  # fmt: skip


def test_a_paused_order_waits_for_its_release(wms: Gateway) -> None:
    wms.set(step_seconds=10)
    wms.send()
    assert wms.pend("pending").flag == "success"
    wms.sandbox.client.post("/control/clock", json={"scale": 1000})
    status = "/control/qimen/orders/YN1"
    threading.Event().wait(0.5)
    assert wms.sandbox.client.get(status).json()["status"] == "ACCEPT"
    assert wms.pend("restore").flag == "success"
    until(lambda: wms.sandbox.client.get(status).json()["status"] == "DELIVERED")
    assert wms.pend("pending").code == "order-finished"


def test_a_foreign_owner_is_nobody_here(wms: Gateway) -> None:
    foreign = [
        ("inventoryreserve.create", reserve_xml("YN1", "WH-HZ")),
        ("inventoryreserve.cancel", reserve_xml("YN1", "WH-HZ")),
        ("deliveryorder.create", order_xml("YN1")),
        ("stock.query", "<ownerCode>OWNER1</ownerCode><itemCode>A</itemCode><page>1</page>"
         "<pageSize>9</pageSize>"),
        ("order.cancel", "<warehouseCode>WH-HZ</warehouseCode><ownerCode>OWNER1</ownerCode>"
         "<orderCode>YN1</orderCode>"),
    ]  # fmt: skip
    for method, content in foreign:
        assert wms(method, content.replace("OWNER1", "OWNER2")).code == "owner-not-found"
    assert wms.stock()["WH-HZ"] == (10, 0)


@pytest.mark.parametrize(
    ("method", "content", "code"),
    [
        ("inventoryreserve.create", "<orderCode>YN1</orderCode>", "isv.missing-parameter"),
        (
            "inventoryreserve.create",
            reserve_xml("YN1", "WH-HZ").replace("<quantity>4", "<quantity>-4"),
            "isv.invalid-parameter",
        ),
        (
            "inventoryreserve.create",
            reserve_xml("YN1", "WH-HZ") + "<maxWarehouseNum>x</maxWarehouseNum>",
            "isv.invalid-parameter",
        ),
        ("inventoryreserve.cancel", "<orderCode>YN1</orderCode>", "isv.missing-parameter"),
        (
            "inventoryreserve.cancel",
            reserve_xml("YN1", "").replace("<itemCode>LOVE-2026</itemCode>", ""),
            "isv.missing-parameter",
        ),
        ("deliveryorder.create", order_xml().replace("JYCK", "XX"), "isv.invalid-parameter"),
        ("deliveryorder.create", order_xml().replace(">ZP<", ">??<"), "isv.invalid-parameter"),
        ("deliveryorder.create", order_xml().replace(">Y<", ">yes<"), "isv.invalid-parameter"),
        (
            "deliveryorder.create",
            order_xml().replace("<ownerCode>OWNER1</ownerCode>", ""),
            "isv.missing-parameter",
        ),
        ("deliveryorder.query", "", "isv.missing-parameter"),
        ("deliveryorder.query", "<orderCode>NO</orderCode>", "order-not-found"),
        ("order.cancel", "<orderCode>YN1</orderCode>", "isv.missing-parameter"),
        ("order.pending", "", "isv.missing-parameter"),
    ],
)
def test_incomplete_requests_change_nothing(
    wms: Gateway, method: str, content: str, code: str
) -> None:
    reply = wms(method, content)
    assert (reply.flag, reply.code) == ("failure", code)
    assert wms.stock()["WH-HZ"] == (10, 0)


def test_an_unknown_action_neither_pauses_nor_releases(wms: Gateway) -> None:
    assert wms.pend("pending").code == "order-not-found"
    wms.send()
    assert wms.pend("stop").code == "isv.invalid-parameter"


# Faults and restarts


def test_lost_answers_and_drops_leave_one_order_and_none(wms: Gateway) -> None:
    fault = {"operation": "deliveryorder.create", "times": 1}
    wms.sandbox.set_faults("qimen", fault | {"kind": "lose_answer"})
    with pytest.raises(httpx.RemoteProtocolError):
        wms.send()
    assert "重复" in wms.send()("message")
    wms.sandbox.set_faults("qimen", fault | {"kind": "drop"})
    with pytest.raises(httpx.RemoteProtocolError):
        wms.send("YN2", quantity="2")
    assert wms.sandbox.client.get("/control/qimen/orders/YN2").status_code == 404
    assert wms.stock()["WH-HZ"] == (6, 4)


def test_error_codes_on_demand(wms: Gateway) -> None:
    wms.sandbox.set_faults("qimen", {"operation": "inventoryreserve.create", "kind": "error"})
    busy = wms.reserve()
    assert (busy.flag, busy.code, busy("isRetry")) == ("failure", "system-busy", "Y")
    wms.sandbox.set_faults("qimen", {"kind": "error", "code": "isp.remote-service-timeout"})
    gateway = wms.reserve()
    assert (gateway.root.tag, gateway("sub_code")) == (
        "error_response", "isp.remote-service-timeout",
    )  # fmt: skip
    wms.sandbox.set_faults("qimen", {"kind": "error", "code": "http503"})
    assert wms.sandbox.client.post(PATH, content=b"").status_code == 503
    wms.sandbox.set_faults("qimen")
    assert wms.stock()["WH-HZ"] == (10, 0)


def test_control_refuses_what_it_cannot_do(wms: Gateway) -> None:
    client = wms.sandbox.client
    wms.reserve()
    few = [{"warehouseCode": "WH-HZ", "itemCode": "LOVE-2026", "quantity": 3}]
    assert client.put("/control/qimen/stock", json=few).json() == {
        "kept": 0, "refused": ["WH-HZ/LOVE-2026"],
    }  # fmt: skip
    assert wms.stock()["WH-HZ"] == (6, 4)
    for method, path in (("PUT", "stock"), ("POST", "count"), ("PUT", "settings")):
        answer = client.request(method, f"/control/qimen/{path}", json={"x": 1})
        assert answer.status_code == 422
    for path in ("orders/NO", "holds/NO"):
        assert client.get(f"/control/qimen/{path}").status_code == 404
    assert client.post("/control/qimen/orders/NO/step").status_code == 404
