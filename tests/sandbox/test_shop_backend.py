"""The signed back end of the shop: orders, shipping notices, stock."""

from __future__ import annotations

import threading
import time
from urllib.parse import quote

import pytest

from tests.sandbox.conftest import FakeHub, Sandbox, until
from tests.sandbox.shopping import CATALOG, order, pushes, ship, signed, state
from yinuo.sandbox.shop import signing


@pytest.fixture
def shop(sandbox: Sandbox) -> Sandbox:
    assert sandbox.client.put("/shop/backend/catalog", json=CATALOG).json() == {"products": 2}
    return sandbox


def test_signature_is_the_documented_one() -> None:
    assert (
        signing.signature(
            "yinuo-example-shop-secret",
            "POST",
            "/api/shop/v1/mini/orders",
            timestamp="1795312800",
            nonce="0123456789abcdef",
            body=b'{"number":"M1"}',
        )
        == "ef8e812293dcbf2da7a86f6a7ad377aacc1f470fbfb0af2effe3012bcdb51667"
    )


def test_shipping_notice_is_taken_once_and_shown(shop: Sandbox) -> None:
    number = order(shop).json()["number"]
    assert ship(shop, number, "SF1").json() == {"parcels": 1}
    assert ship(shop, number, "SF1").json() == {"parcels": 1}
    assert ship(shop, number, "SF2").json() == {"parcels": 2}
    assert ship(shop, "NONE", "SF1").status_code == 404
    page = shop.client.get(f"/shop/o/{number}").text
    assert "顺丰速运 SF1" in page
    assert "13800000001" not in page
    assert "示例路" not in page


def test_older_stock_never_replaces_newer(shop: Sandbox) -> None:
    def push(version: int, **quantities: int) -> int:
        lines = [{"sku": sku, "quantity": units} for sku, units in quantities.items()]
        answer = signed(shop, "POST", "/stock", {"version": version, "lines": lines})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["version"])

    assert push(5, A=50, B=7) == 5
    assert push(4, A=40, C=3) == 5
    assert push(5, A=51) == 5
    assert state(shop)["stock"] == {"A": 50, "B": 7, "C": 3}
    assert push(6, A=60) == 6
    assert state(shop)["stock"] == {"A": 60, "B": 7, "C": 3}
    bad = {"version": 7, "lines": [{"sku": "A", "quantity": -1}]}
    assert signed(shop, "POST", "/stock", bad).status_code == 422
    assert state(shop)["stock"]["A"] == 60


def test_racing_stock_pushes_end_with_the_newest(shop: Sandbox) -> None:
    def push(version: int) -> None:
        lines = [{"sku": "A", "quantity": version}]
        signed(shop, "POST", "/stock", {"version": version, "lines": lines})

    threads = [threading.Thread(target=push, args=(version,)) for version in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state(shop)["stock"] == {"A": 20}


def test_sold_out_product_is_not_sold(shop: Sandbox, hub: FakeHub) -> None:
    lines = [{"sku": "LOVE-2026", "quantity": 1}]
    signed(shop, "POST", "/stock", {"version": 1, "lines": lines})
    answer = order(shop, quantity=2)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "sold_out")
    assert order(shop, quantity=1).status_code == 201
    until(lambda: len(hub.heard) == 1)


def test_bundle_sells_as_many_as_its_parts_allow(shop: Sandbox) -> None:
    parts = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}]
    bundle = {"listing": "P-SET", "sku": "SET", "name": "两件套", "price_fen": 9900, "parts": parts}
    shop.client.put("/shop/backend/catalog", json={"products": [bundle]})
    assert "库存加载中" in shop.client.get("/shop/p/P-SET").text
    lines = [{"sku": "A", "quantity": 7}, {"sku": "B", "quantity": 9}]
    signed(shop, "POST", "/stock", {"version": 1, "lines": lines})
    assert "仅剩 3 件" in shop.client.get("/shop/p/P-SET").text
    assert order(shop, listing="P-SET", quantity=4).json()["error"]["code"] == "sold_out"
    assert order(shop, listing="P-SET", quantity=3).status_code == 201


def test_orders_are_listed_by_change_without_gap_or_repeat(shop: Sandbox) -> None:
    numbers = {order(shop, listing="P-TOWEL").json()["number"] for _ in range(7)}
    until(lambda: shop.kernel.outbound.pending("shop") == [])
    time.sleep(0.3)  # the answers of the pushes are noted on the orders
    window = (
        f"since={quote('2020-01-01T00:00:00+00:00')}&until={quote('2100-01-01T00:00:00+00:00')}"
    )
    seen: list[str] = []
    cursor = ""
    while True:
        page = signed(shop, "GET", f"/orders?{window}&limit=3{cursor}").json()
        seen += [one["number"] for one in page["orders"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={quote(page['next_cursor'])}"
    assert len(seen) == 7
    assert set(seen) == numbers
    empty = signed(shop, "GET", "/orders?since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z")
    assert empty.json() == {"orders": [], "next_cursor": None}
    for wrong in ("since=x&until=y", f"{window}&cursor=x", f"{window}&limit=x"):
        assert signed(shop, "GET", f"/orders?{wrong}").status_code == 422


def test_order_is_answered_as_it_was_pushed(shop: Sandbox, hub: FakeHub) -> None:
    number = order(shop).json()["number"]
    until(lambda: len(pushes(hub)) == 1)
    assert signed(shop, "GET", f"/orders/{number}").json() == pushes(hub)[0]
    assert signed(shop, "GET", "/orders/NONE").status_code == 404


def test_unsigned_stale_and_repeated_calls_are_refused(shop: Sandbox) -> None:
    body = {"version": 1, "lines": [{"sku": "A", "quantity": 1}]}
    assert shop.client.post("/shop/backend/stock", json=body).status_code == 401
    for options in ({"secret": "another-secret-000001"}, {"age": 301}, {"nonce": "short"}):
        assert signed(shop, "POST", "/stock", body, **options).status_code == 401, options
    assert state(shop)["stock"] == {}
    again = "nonce-that-comes-twice"
    assert signed(shop, "POST", "/stock", body, nonce=again).status_code == 200
    refused = signed(shop, "POST", "/stock", body, nonce=again)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "repeated_nonce")
