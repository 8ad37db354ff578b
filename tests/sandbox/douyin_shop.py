"""What the tests of Douyin share: a catalogue, orders on demand, and the hub's connector."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.sandbox.conftest import Sandbox
from yinuo.connectors.douyin.connector import DouyinConnector
from yinuo.connectors.douyin.settings import DouyinSettings
from yinuo.connectors.http import Outside, Repeats, Timeouts
from yinuo.connectors.protocols import OrderPage
from yinuo.core import clock
from yinuo.sandbox.douyin.system import Douyin

CATALOG = {
    "products": [
        {"listing": "p1", "sku": "LOVE-2026", "name": "情人节礼盒", "price_fen": 25990},
        {
            "listing": "p2",
            "sku": "SET-4",
            "name": "四件套",
            "price_fen": 39900,
            "gifts": [{"listing": "g1", "sku": "CARD", "name": "贺卡"}],
        },
        {"listing": "p3", "sku": "PILLOW", "name": "乳胶枕", "price_fen": 12900},
    ]
}


def connector(sandbox: Sandbox, **changes: object) -> DouyinConnector:
    made_up = sandbox.kernel.settings.douyin
    given = {
        "address": f"{sandbox.address}/douyin",
        "app_key": made_up.app_key,
        "app_secret": made_up.app_secret,
        "shop_id": made_up.shop_id,
    }
    outside = Outside(
        "douyin.dy",
        client=sandbox.client,
        timeouts=Timeouts(connect=5, read=10, total=20),
        repeats=Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002),
    )
    return DouyinConnector(DouyinSettings.model_validate(given | changes), outside)


def system(sandbox: Sandbox) -> Douyin:
    found = sandbox.kernel.systems["douyin"]
    assert isinstance(found, Douyin)
    return found


def sell(sandbox: Sandbox) -> None:
    answer = sandbox.client.put("/shop/backend/catalog", json=CATALOG)
    assert answer.status_code == 200, answer.text


def make(sandbox: Sandbox, count: int = 1, **wish: object) -> list[str]:
    body = {"count": count, "seed": 7} | wish
    answer = sandbox.client.post("/control/douyin/orders", json=body)
    assert answer.status_code == 201, answer.text
    numbers: list[str] = answer.json()["numbers"]
    return numbers


def do(sandbox: Sandbox, number: str, deed: str) -> dict[str, Any]:
    answer = sandbox.client.post(f"/control/douyin/orders/{number}/{deed}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def shown(sandbox: Sandbox, number: str) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.client.get(f"/control/douyin/orders/{number}").json()
    return found


def pull(shop: DouyinConnector) -> list[OrderPage]:
    """Return all pages of a window around the present moment, in the order in which they came."""
    until = clock.now() + timedelta(seconds=90)
    since = until - timedelta(minutes=30)
    pages = [shop.pull_orders(since, until)]
    while pages[-1].next_cursor is not None:
        pages.append(shop.pull_orders(since, until, cursor=pages[-1].next_cursor))
    return pages


def token(sandbox: Sandbox) -> str:
    made_up = sandbox.kernel.settings.douyin
    answer = call(
        sandbox, "token.create", "", grant_type="authorization_self", shop_id=made_up.shop_id
    )
    access: str = answer["data"]["access_token"]
    return access


def call(
    sandbox: Sandbox,
    method: str,
    access: str,
    *,
    query: dict[str, str] | None = None,
    **params: object,
) -> dict[str, Any]:
    """Return the answer to a call that is signed as the vendor says, without our own signer."""
    made_up = sandbox.kernel.settings.douyin
    body = json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    key, secret, at = made_up.app_key, made_up.app_secret, int(datetime.now(UTC).timestamp())
    text = f"{secret}app_key{key}method{method}param_json{body}timestamp{at}v2{secret}"
    sent = {
        "app_key": key,
        "method": method,
        "access_token": access,
        "timestamp": str(at),
        "v": "2",
        "sign_method": "hmac-sha256",
        "sign": hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest(),
    }
    answer = sandbox.client.post(
        f"/douyin/{method.replace('.', '/')}", params=sent | (query or {}), content=body.encode()
    )
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told
