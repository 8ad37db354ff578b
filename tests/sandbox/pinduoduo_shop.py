"""What the tests of Pinduoduo share: a catalogue, orders on demand, and the hub's connector."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from tests.sandbox.conftest import Sandbox
from yinuo.connectors.http import Outside, Repeats, Timeouts
from yinuo.connectors.pinduoduo.connector import PinduoduoConnector
from yinuo.connectors.pinduoduo.settings import PinduoduoSettings
from yinuo.connectors.protocols import OrderPage
from yinuo.core import clock
from yinuo.sandbox.pinduoduo.system import Pinduoduo

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
PATH = "/pinduoduo/api/router"


def connector(sandbox: Sandbox, **changes: object) -> PinduoduoConnector:
    made_up = sandbox.kernel.settings.pinduoduo
    given = {
        "address": f"{sandbox.address}{PATH}",
        "client_id": made_up.client_id,
        "client_secret": made_up.client_secret,
        "access_token": made_up.access_token,
        "refresh_token": made_up.refresh_token,
        "mall_id": made_up.mall_id,
    }
    outside = Outside(
        "pinduoduo.pdd1",
        client=sandbox.client,
        timeouts=Timeouts(connect=5, read=10, total=20),
        repeats=Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002),
    )
    return PinduoduoConnector(PinduoduoSettings.model_validate(given | changes), outside)


def system(sandbox: Sandbox) -> Pinduoduo:
    found = sandbox.kernel.systems["pinduoduo"]
    assert isinstance(found, Pinduoduo)
    return found


def sell(sandbox: Sandbox) -> None:
    answer = sandbox.client.put("/shop/backend/catalog", json=CATALOG)
    assert answer.status_code == 200, answer.text


def make(sandbox: Sandbox, count: int = 1, **wish: object) -> list[str]:
    body = {"count": count, "seed": 7} | wish
    answer = sandbox.client.post("/control/pinduoduo/orders", json=body)
    assert answer.status_code == 201, answer.text
    numbers: list[str] = answer.json()["numbers"]
    return numbers


def do(sandbox: Sandbox, number: str, deed: str) -> dict[str, object]:
    answer = sandbox.client.post(f"/control/pinduoduo/orders/{number}/{deed}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, object] = answer.json()
    return shown


def window(minutes: float = 29) -> tuple[datetime, datetime]:
    """Return a window around the present moment, changes of the next seconds included."""
    until = clock.now() + timedelta(seconds=50)
    return until - timedelta(minutes=minutes), until


def pull(shop: PinduoduoConnector) -> list[OrderPage]:
    """Return all pages of a window around the present moment, in the order in which they came."""
    since, until = window()
    pages = [shop.pull_orders(since, until)]
    while pages[-1].next_cursor is not None:
        pages.append(shop.pull_orders(since, until, cursor=pages[-1].next_cursor))
    return pages


def numbers_of(pages: list[OrderPage]) -> list[str]:
    return [order.number for page in pages for order in page.orders]


def call(sandbox: Sandbox, method: str, **params: object) -> dict[str, object]:
    """Return the answer to a call that is signed as the vendor says, without our own signer."""
    made_up = sandbox.kernel.settings.pinduoduo
    common: dict[str, object] = {
        "type": f"pdd.{method}",
        "client_id": made_up.client_id,
        "access_token": made_up.access_token,
        "timestamp": int(datetime.now(UTC).timestamp()),
        "data_type": "JSON",
        "version": "V1",
    }
    sent = {name: str(value) for name, value in (common | params).items() if value != ""}
    joined = "".join(name + sent[name] for name in sorted(sent))
    text = made_up.client_secret + joined + made_up.client_secret
    sent.setdefault("sign", hashlib.md5(text.encode()).hexdigest().upper())
    answer = sandbox.client.post(PATH, data=sent)
    assert answer.status_code == 200
    body: dict[str, object] = answer.json()
    assert len(body) == 1
    return body


def refusal(answer: dict[str, object]) -> tuple[int, str]:
    error = answer["error_response"]
    assert isinstance(error, dict)
    return error["error_code"], error["sub_msg"]
