"""What the tests of the shop share: a catalogue, an order, and the hub's signed calls."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import httpx

from tests.sandbox.conftest import FakeHub, Sandbox
from yinuo.sandbox.settings import SandboxSettings

SECRET = SandboxSettings().shop.secret
RECEIVER = {
    "name": "陈小诺",
    "phone": "13800000001",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "detail": "示例路 1 号",
}
CATALOG = {
    "products": [
        {
            "listing": "P-LOVE-2026",
            "sku": "LOVE-2026",
            "name": "情人节礼盒",
            "price_fen": 25990,
            "category": "礼盒",
            "gifts": [{"listing": "G-CARD", "sku": "CARD", "name": "祝福卡"}],
        },
        {"listing": "P-TOWEL", "sku": "TOWEL-01", "name": "<毛巾>", "price_fen": 1990},
    ]
}


def signed(
    sandbox: Sandbox,
    method: str,
    path: str,
    body: object = None,
    *,
    secret: str = SECRET,
    age: int = 0,
    nonce: str | None = None,
) -> httpx.Response:
    """Call the back end as the hub does, signing by lines of the test's own."""
    content = b"" if body is None else json.dumps(body).encode()
    target, timestamp = f"/shop/backend{path}", str(int(time.time()) - age)
    nonce = nonce or f"nonce-{time.monotonic_ns():020d}"
    text = f"{method}\n{target}\n{timestamp}\n{nonce}\n{hashlib.sha256(content).hexdigest()}"
    headers = {
        "X-Yinuo-Timestamp": timestamp,
        "X-Yinuo-Nonce": nonce,
        "X-Yinuo-Signature": hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest(),
    }
    return sandbox.client.request(method, target, content=content, headers=headers)


def order(sandbox: Sandbox, *, quantity: int = 2, listing: str = "P-LOVE-2026") -> httpx.Response:
    body = {"lines": [{"listing": listing, "quantity": quantity}], "receiver": RECEIVER}
    return sandbox.client.post("/shop/api/orders", json=body)


def pay(sandbox: Sandbox, prepay_id: str) -> None:
    answer = sandbox.client.post("/wechat-pay/buyer/pay", json={"prepay_id": prepay_id})
    assert answer.status_code == 200


def pushes(hub: FakeHub) -> list[dict[str, object]]:
    return [json.loads(heard.body) for heard in hub.at("/api/shop/v1/mini/orders")]


def state(sandbox: Sandbox) -> dict[str, dict[str, dict[str, object]]]:
    found: dict[str, dict[str, dict[str, object]]] = sandbox.client.get(
        "/control/systems/shop/state"
    ).json()["state"]
    return found


def ship(sandbox: Sandbox, number: str, waybill: str) -> httpx.Response:
    body = {
        "carrier": "SF",
        "waybill": waybill,
        "shipped_at": "2026-11-23T10:00:00+08:00",
        "lines": [{"sku": "LOVE-2026", "quantity": 2}],
    }
    return signed(sandbox, "POST", f"/orders/{number}/shipments", body)
