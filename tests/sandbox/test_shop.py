"""The mini-program shop: buyers, their pages, and the push to the hub."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time

import pytest

from tests.sandbox.conftest import FakeHub, Heard, Sandbox, running, until
from tests.sandbox.shopping import (
    CATALOG,
    RECEIVER,
    SECRET,
    order,
    pay,
    pushes,
    ship,
    signed,
    state,
)
from yinuo.core.db import Database
from yinuo.sandbox.settings import SandboxSettings
from yinuo.sandbox.shop.system import Shop


@pytest.fixture
def shop(sandbox: Sandbox) -> Sandbox:
    assert sandbox.client.put("/shop/backend/catalog", json=CATALOG).json() == {"products": 2}
    return sandbox


def test_order_is_prepaid_and_pushed_signed(shop: Sandbox, hub: FakeHub) -> None:
    hub.answer = lambda _heard: (201, b'{"order_id":"ord_1","status":"unpaid","is_new":true}')
    made = order(shop)
    assert made.status_code == 201
    told = made.json()
    assert told["total_fen"] == 51980
    assert told["prepay_id"].startswith("wx")
    until(lambda: len(hub.heard) == 1)
    heard: Heard = hub.heard[0]
    assert heard.target == "/api/shop/v1/mini/orders"
    digest = hashlib.sha256(heard.body).hexdigest()
    text = (
        f"POST\n{heard.target}\n{heard.headers['x-yinuo-timestamp']}"
        f"\n{heard.headers['x-yinuo-nonce']}\n{digest}"
    )
    expected = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert heard.headers["x-yinuo-signature"] == expected
    body = json.loads(heard.body)
    assert body["number"] == told["number"]
    assert body["payment_number"] == told["payment_number"]
    assert (body["items_fen"], body["freight_fen"], body["total_fen"]) == (51980, 0, 51980)
    assert [(line["listing"], line["quantity"], line["is_gift"]) for line in body["lines"]] == [
        ("P-LOVE-2026", 2, False),
        ("G-CARD", 2, True),
    ]
    assert body["receiver"] == RECEIVER | {"town": ""}
    until(lambda: state(shop)["orders"][told["number"]]["told"] == "taken")


def test_small_order_costs_freight(shop: Sandbox) -> None:
    assert order(shop, listing="P-TOWEL", quantity=1).json()["total_fen"] == 1990 + 800


def test_push_is_repeated_until_the_hub_is_back(shop: Sandbox, hub: FakeHub) -> None:
    shop.client.put("/control/clock", json={"scale": 20})
    hub.answer = lambda _heard: (503, b"")
    number = order(shop).json()["number"]
    until(lambda: len(pushes(hub)) >= 3)
    hub.answer = lambda _heard: (201, b'{"order_id":"ord_1"}')
    until(lambda: state(shop)["orders"][number]["told"] == "taken")
    assert {push["number"] for push in pushes(hub)} == {number}
    nonces = [heard.headers["x-yinuo-nonce"] for heard in hub.at("/api/shop/v1/mini/orders")]
    assert len(set(nonces)) == len(nonces)


def test_refused_push_is_not_repeated(shop: Sandbox, hub: FakeHub) -> None:
    hub.answer = lambda _heard: (422, b'{"error":{"code":"connectors.bad_order"}}')
    number = order(shop).json()["number"]
    until(lambda: state(shop)["orders"][number]["told"] == "refused:connectors.bad_order")
    assert shop.kernel.outbound.pending("shop") == []


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"lines": []}, "bad_basket", 422),
        ({"lines": [{"listing": "NONE", "quantity": 1}]}, "unknown_product", 404),
        ({"lines": [{"listing": "P-TOWEL", "quantity": 0}]}, "bad_quantity", 422),
        ({"lines": [{"listing": "P-TOWEL", "quantity": 10**9}]}, "bad_quantity", 422),
        ({"lines": [{"listing": "P-TOWEL", "quantity": "1"}]}, "bad_body", 422),
        ({"receiver": RECEIVER | {"phone": "12"}}, "bad_phone", 422),
        ({"receiver": RECEIVER | {"detail": " "}}, "bad_receiver", 422),
        ({"receiver": None}, "bad_body", 422),
    ],
)
def test_impossible_order_is_refused_and_nothing_is_kept(
    shop: Sandbox, hub: FakeHub, change: dict[str, object], code: str, status: int
) -> None:
    body = {"lines": [{"listing": "P-TOWEL", "quantity": 1}], "receiver": RECEIVER} | change
    answer = shop.client.post("/shop/api/orders", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert state(shop)["order_count"] == 0
    assert hub.heard == []


def test_order_survives_a_payment_provider_that_is_down(shop: Sandbox, hub: FakeHub) -> None:
    shop.set_faults("wechat-pay", {"kind": "drop", "operation": "pay/jsapi"})
    told = order(shop).json()
    assert told["prepay_id"] is None
    until(lambda: len(pushes(hub)) == 1)
    shop.set_faults("wechat-pay")
    page = shop.client.get(f"/shop/o/{told['number']}").text
    assert 'id="pay-now"' in page
    assert shop.client.get(f"/shop/api/orders/{told['number']}").json()["prepay_id"]


def test_payment_tells_the_hub_and_the_shop_asks_the_provider(shop: Sandbox, hub: FakeHub) -> None:
    told = order(shop).json()
    pay(shop, told["prepay_id"])
    until(lambda: len(hub.at("/callbacks/wechat-pay/main")) == 1)
    assert shop.client.get(f"/shop/api/orders/{told['number']}").json()["is_paid"] is True


def test_a_buyer_may_choose_alipay_from_ordering_to_money_back(shop: Sandbox, hub: FakeHub) -> None:
    hub.answer = lambda _heard: (200, b"success")
    body = {
        "lines": [{"listing": "P-TOWEL", "quantity": 1}],
        "receiver": RECEIVER,
        "pays_with": "alipay",
    }
    told = shop.client.post("/shop/api/orders", json=body).json()
    assert told["pays_with"] == "alipay"
    page = shop.client.get(f"/shop/o/{told['number']}").text
    assert 'data-way="alipay"' in page
    assert "支付宝 ¥" in page
    answer = shop.client.post("/alipay/buyer/pay", json={"trade_no": told["prepay_id"]})
    assert answer.status_code == 200
    until(lambda: len(hub.at("/callbacks/alipay/main")) == 1)
    assert hub.at("/callbacks/wechat-pay") == []
    assert shop.client.get(f"/shop/api/orders/{told['number']}").json()["is_paid"] is True
    cancelled = shop.client.post(f"/shop/api/orders/{told['number']}/cancel").json()
    assert cancelled["refunded_fen"] == told["total_fen"]
    wrong = shop.client.post("/shop/api/orders", json=body | {"pays_with": "cash"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "bad_body")


def test_unpaid_order_is_cancelled_and_can_no_longer_be_paid(shop: Sandbox, hub: FakeHub) -> None:
    told = order(shop).json()
    for _ in range(2):
        assert shop.client.post(f"/shop/api/orders/{told['number']}/cancel").json()["status"] == (
            "cancelled"
        )
    until(lambda: [push["version"] for push in pushes(hub)] == [1, 2])
    assert pushes(hub)[1]["status"] == "cancelled"
    answer = shop.client.post("/wechat-pay/buyer/pay", json={"prepay_id": told["prepay_id"]})
    assert answer.status_code == 400


def test_paid_order_is_cancelled_with_all_its_money_back_once(shop: Sandbox, hub: FakeHub) -> None:
    told = order(shop).json()
    pay(shop, told["prepay_id"])
    threads = [
        threading.Thread(
            target=lambda: shop.client.post(f"/shop/api/orders/{told['number']}/cancel")
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown = shop.client.get(f"/shop/api/orders/{told['number']}").json()
    assert (shown["status"], shown["refunded_fen"]) == ("cancelled", 51980)
    payments = shop.client.get("/control/systems/wechat-pay/state").json()["state"]
    assert payments["refund_count"] == 1
    assert payments["payments"][told["payment_number"]]["refunded"] == 51980


def test_shipped_order_is_not_cancelled(shop: Sandbox) -> None:
    number = order(shop).json()["number"]
    ship(shop, number, "SF1")
    answer = shop.client.post(f"/shop/api/orders/{number}/cancel")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_shipped")


def test_pages_show_the_products_and_escape_their_names(shop: Sandbox) -> None:
    page = shop.client.get("/shop/").text
    assert "/shop/p/P-LOVE-2026" in page
    assert "&lt;毛巾&gt;" in page
    assert "<毛巾>" not in page
    product = shop.client.get("/shop/p/P-LOVE-2026").text
    assert 'data-sku="LOVE-2026"' in product
    assert f'data-hub="{shop.kernel.settings.hub_address}"' in product
    for path, status in (
        ("/shop/p/NONE", 404),
        ("/shop/o/NONE", 404),
        ("/shop/static/shop.py", 404),
        ("/shop/static/shop.js", 200),
        ("/shop/?category=%E7%A4%BC%E7%9B%92&page=99999999999", 200),
    ):
        assert shop.client.get(path).status_code == status, path


def test_order_page_follows_the_hub(shop: Sandbox, hub: FakeHub) -> None:
    hub.answer = lambda _heard: (200, b'{"order_id":"ord_1","status":"reserved"}')
    told = order(shop).json()
    path = f"/shop/o/{told['number']}"
    assert "等待付款" in shop.client.get(path).text
    assert shop.client.post(f"{path}/pay").status_code == 303
    assert "库存已锁定" in shop.client.get(path).text
    ship(shop, told["number"], "SF1")
    assert "已发货" in shop.client.get(path).text
    assert 'data-final="true"' in shop.client.get(path).text


def test_restart_keeps_catalogue_orders_and_waiting_pushes(
    settings: SandboxSettings, database: Database, hub: FakeHub
) -> None:
    hub.answer = lambda _heard: (503, b"")
    with running(settings, database) as sandbox:
        sandbox.client.put("/shop/backend/catalog", json=CATALOG)
        number = order(sandbox).json()["number"]
        signed(sandbox, "POST", "/stock", {"version": 3, "lines": [{"sku": "A", "quantity": 9}]})
        until(lambda: len(pushes(hub)) >= 1)
    hub.heard.clear()
    hub.answer = lambda _heard: (201, b'{"order_id":"ord_1"}')
    with running(settings, database) as sandbox:
        until(lambda: [push["number"] for push in pushes(hub)] == [number])
        until(lambda: state(sandbox)["orders"][number]["told"] == "taken")
        assert state(sandbox)["stock"] == {"A": 9}
        assert sandbox.client.get("/shop/p/P-TOWEL").status_code == 200


def test_buyers_come_at_the_set_rate_and_stop(shop: Sandbox, hub: FakeHub) -> None:
    answer = shop.client.put(
        "/control/traffic", json={"orders_per_minute": 1200, "is_running": True, "seed": 7}
    )
    assert answer.json()["is_running"] is True
    system = shop.kernel.systems["shop"]
    assert isinstance(system, Shop)
    until(lambda: system.traffic.counts["placed"] >= 20, seconds=60)
    until(lambda: system.traffic.counts["paid"] >= 5, seconds=60)
    shop.client.put("/control/traffic", json={"is_running": False})
    time.sleep(0.2)
    placed = system.traffic.counts["buyers"]
    time.sleep(0.5)
    assert system.traffic.counts["buyers"] == placed
    until(lambda: len(hub.at("/callbacks/wechat-pay/main")) >= 5)
    assert system.traffic.counts["failed"] == 0
    for wrong in (b"{", b'{"orders_per_minute":-1}', b'{"is_running":"yes"}'):
        assert shop.client.put("/control/traffic", content=wrong).status_code == 422
