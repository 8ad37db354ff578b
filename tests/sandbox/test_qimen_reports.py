"""The WMS stand-in on its own clock: what it reports, how long, and over a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sandbox.conftest import FakeHub, Heard, Sandbox, running, until
from tests.sandbox.qimen_client import Gateway, md5_sign, query_of, reports, seeded, success
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.sandbox.qimen.signing import local_text
from yinuo.sandbox.settings import SandboxSettings

BRIDGE = {"X-Bridge-Secret": "yinuo-sandbox-bridge-secret-001"}


@pytest.fixture
def wms(sandbox: Sandbox, hub: FakeHub) -> Gateway:
    hub.answer = success
    return seeded(sandbox)


def test_an_order_goes_its_way_alone_and_tells_the_hub(wms: Gateway, hub: FakeHub) -> None:
    client = wms.sandbox.client
    client.put(
        "/control/kingdee/stock",
        json=[{"itemCode": "LOVE-2026", "stockCode": "WH-HZ", "onHand": 10}],
    )
    client.put("/control/kingdee/settings", json={"booking_delay_seconds": 100_000})
    wms.set(step_seconds=20)
    wms.reserve()
    wms.send()
    client.post("/control/clock", json={"scale": 200})
    until(lambda: len(hub.at("/callbacks/qimen")) == 7)
    told = [one("process/processStatus") for one in reports(hub, "orderprocess.report")]
    assert sorted(told) == ["ACCEPT", "DELIVERED", "PACKAGE", "PICK", "PRINT"]
    (confirm,) = reports(hub, "deliveryorder.confirm")
    head = {part.tag: part.text or "" for part in confirm.root.findall("deliveryOrder/*")}
    assert head["deliveryOrderCode"] == "YN1"
    assert (head["deliveryOrderId"], head["outBizCode"]) == ("WMS0000000001", "DC-WMS0000000001")
    assert (head["status"], head["confirmType"], head["warehouseCode"]) == (
        "DELIVERED", "0", "WH-HZ",
    )  # fmt: skip
    assert confirm("packages/package/logisticsCode") == "SF"
    assert confirm("packages/package/expressCode") == "SF1000000000001"
    assert confirm("packages/package/weight") == "2.000"
    assert confirm("packages/package/items/item/quantity") == "4"
    assert confirm("orderLines/orderLine/orderLineNo") == "7"
    assert confirm("orderLines/orderLine/actualQty") == "4"
    (change,) = reports(hub, "stockchange.report")
    assert (change("items/item/quantity"), change("items/item/orderCode")) == ("-4", "YN1")
    assert change("items/item/outBizCode") == "SC-WMS0000000001"
    assert wms.stock()["WH-HZ"] == (6, 0)

    def booked() -> int:
        answer = client.get("/kingdee/bridge/stock", headers=BRIDGE).json()
        units: int = answer["items"][0]["onHand"]
        return units

    assert booked() == 10  # the ERP's photograph lags
    client.post("/control/clock", json={"scale": 100_000})
    until(lambda: booked() == 6)


def test_a_report_is_repeated_until_success(wms: Gateway, hub: FakeHub) -> None:
    answers = iter(
        [
            (500, b""),
            (200, b"<response><flag>failure</flag><code>busy</code></response>"),
            (200, b"ok"),
        ]
    )

    def stubborn(heard: Heard) -> tuple[int, bytes]:
        return next(answers, success(heard))

    hub.answer = stubborn
    wms.sandbox.client.post("/control/clock", json={"scale": 1000})
    wms.set(step_seconds=10_000_000)
    wms.send()
    until(lambda: len(hub.at("/callbacks/qimen")) == 4)
    until(lambda: not wms.sandbox.kernel.outbound.pending("qimen"))
    bodies = {heard.body for heard in hub.at("/callbacks/qimen")}
    assert (len(bodies), len(reports(hub, "orderprocess.report"))) == (1, 4)


@pytest.mark.parametrize("damage", ["bad_sign", "stale", "malformed", "customer"])
def test_a_report_can_be_damaged_on_demand(wms: Gateway, hub: FakeHub, damage: str) -> None:
    wms.sandbox.set_faults(
        "qimen",
        {"operation": "orderprocess.report", "kind": "error", "code": damage, "times": 1},
    )
    wms.send()
    until(lambda: len(hub.at("/callbacks/qimen")) == 1)
    (heard,) = hub.at("/callbacks/qimen")
    query = query_of(heard)
    assert (query["sign"] != md5_sign(query, heard.body)) is (damage == "bad_sign")
    assert (query["customerId"] != "c1000001") is (damage == "customer")
    an_hour_ago = local_text(clock.now() - timedelta(hours=1))
    assert (query["timestamp"] < an_hour_ago) is (damage == "stale")
    assert heard.body.endswith(b"</request>") is (damage != "malformed")


def test_a_counted_difference_is_reported(wms: Gateway, hub: FakeHub) -> None:
    line = {"warehouseCode": "WH-HZ", "itemCode": "RUG-160", "quantity": -2}
    answer = wms.sandbox.client.post("/control/qimen/count", json=[line])
    key = answer.json()["outBizCode"]
    until(lambda: len(reports(hub, "stockchange.report")) == 1)
    (change,) = reports(hub, "stockchange.report")
    assert (change("items/item/quantity"), change("items/item/outBizCode")) == ("-2", key)
    assert (change("items/item/orderCode"), wms.stock("RUG-160")["WH-HZ"]) == ("", (1, 0))
    too_many = wms.sandbox.client.post("/control/qimen/count", json=[line])
    assert (too_many.status_code, wms.stock("RUG-160")["WH-HZ"]) == (422, (1, 0))


def test_a_restart_goes_on_where_it_was(
    settings: SandboxSettings, database: Database, hub: FakeHub
) -> None:
    hub.answer = success
    with running(settings, database) as first:
        wms = seeded(first)
        wms.reserve("YN2", LOVE_2026=1)
        wms.send()
        assert wms.step() == "PRINT"
    with running(settings, database) as second:
        wms = Gateway(second)
        assert wms.stock()["WH-HZ"] == (5, 5)
        assert "重复" in wms.reserve("YN2", LOVE_2026=1)("message")
        assert wms.step() == "PICK"
        second.client.post("/control/clock", json={"scale": 100_000})
        until(lambda: wms.stock()["WH-HZ"] == (5, 1))
        until(lambda: len(reports(hub, "deliveryorder.confirm")) == 1)
