"""The hub talks to a shop's back end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from yinuo.connectors import http
from yinuo.connectors.http import Outside, Repeats, Timeouts
from yinuo.connectors.protocols import (
    HealthState,
    OrderPage,
    RawOrder,
    Rejected,
    ShipNotice,
    SkuQuantity,
    StockFigures,
    Unavailable,
)
from yinuo.connectors.shop.connector import ShopConnector
from yinuo.connectors.shop.settings import ShopSettings
from yinuo.connectors.shop.signing import verify_request
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server
from yinuo.core import clock

SECRET = "yinuo-example-shop-secret"  # made up
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LINES = (SkuQuantity(sku="A", quantity=2),)


@contextmanager
def shop(answer: Callable[[Received], Reply]) -> Iterator[tuple[ShopConnector, LocalServer]]:
    with local_server(answer) as server, http.new_client() as client:
        outside = Outside(
            "shop.mini",
            client=client,
            timeouts=Timeouts(connect=5, read=1.5, total=6),
            repeats=Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002),
        )
        settings = ShopSettings.model_validate(
            {"address": f"{server.address}/shop/", "secret": SECRET, "page_size": 2}
        )
        yield ShopConnector(settings, outside), server


def says(value: object, status: int = 200) -> Callable[[Received], Reply]:
    return lambda _r: Reply(status=status, body=json.dumps(value).encode())


def test_pages_are_pulled_as_raw_bytes() -> None:
    body = b'{"orders":[ {"number":"M1","version":3, "x":1.50}, {"odd":true} ],"next_cursor":"c2"}'
    with clock.fixed(AT), shop(lambda _r: Reply(body=body)) as (connector, server):
        page = connector.pull_orders(AT, AT, cursor="c1")
    assert page == OrderPage(
        orders=(
            RawOrder(number="M1", version=3, body=b'{"number":"M1","version":3, "x":1.50}'),
            RawOrder(number="", version=1, body=b'{"odd":true}'),
        ),
        next_cursor="c2",
    )
    assert server.seen[0].path == "/shop/orders"
    assert server.seen[0].query == {
        "since": "2026-11-22T02:00:00+00:00",
        "until": "2026-11-22T02:00:00+00:00",
        "limit": "2",
        "cursor": "c1",
    }


def test_every_request_carries_a_signature_that_verifies_and_a_fresh_nonce() -> None:
    replies = iter([Reply(status=500), Reply(body=b'{"version":7}')])
    with clock.fixed(AT), shop(lambda _r: next(replies)) as (connector, server):
        assert connector.push_stock(StockFigures(version=7, lines=LINES)) == 7
    nonces = {
        verify_request(
            seen.method,
            seen.target,
            headers=seen.headers,
            body=seen.body,
            now=AT,
            secret=SECRET,
        ).nonce
        for seen in server.seen
    }
    assert len(nonces) == 2


def test_an_order_is_found_or_not() -> None:
    def answer(received: Received) -> Reply:
        if received.target == "/shop/orders/M%2F1":
            return Reply(body=b'{"number":"M/1"}')
        return Reply(status=404, body=b'{"error":{"code":"unknown_order"}}')

    with shop(answer) as (connector, _server):
        assert connector.find_order("M/1") == b'{"number":"M/1"}'
        assert connector.find_order("M2") is None


def test_a_shipment_is_told() -> None:
    notice = ShipNotice(number="M1", carrier="SF", waybill="SF1", shipped_at=AT, lines=LINES)
    with shop(says({})) as (connector, server):
        connector.notify_shipment(notice)
    assert server.seen[0].path == "/shop/orders/M1/shipments"
    assert json.loads(server.seen[0].body) == {
        "carrier": "SF",
        "waybill": "SF1",
        "shipped_at": "2026-11-22T02:00:00+00:00",
        "lines": [{"sku": "A", "quantity": 2}],
    }


def test_a_shop_that_shows_a_later_version_has_acknowledged() -> None:
    with shop(says({"version": 9})) as (connector, _server):
        assert connector.push_stock(StockFigures(version=7, lines=LINES)) == 9


@pytest.mark.parametrize("answer", [{"version": 6}, {}, {"version": "7"}, []])
def test_what_is_no_acknowledgement_is_tried_again(answer: object) -> None:
    with shop(says(answer)) as (connector, server), pytest.raises(Unavailable):
        connector.push_stock(StockFigures(version=7, lines=LINES))
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error":{"code":"unknown_order","message":"13800000000"}}', "unknown_order"),
        (b"<html>", "HTTP 404"),
    ],
)
def test_a_refusal_is_rejected_with_the_shops_code(body: bytes, code: str) -> None:
    notice = ShipNotice(number="M1", carrier="SF", waybill="SF1", shipped_at=AT, lines=LINES)
    reply = Reply(status=404, body=body)
    with shop(lambda _r: reply) as (connector, server), pytest.raises(Rejected) as caught:
        connector.notify_shipment(notice)
    assert caught.value.details["outside_code"] == code
    assert "13800000000" not in str(caught.value.details)
    assert len(server.seen) == 1


def test_check_tells_health() -> None:
    with shop(says({"orders": []})) as (connector, _server):
        assert connector.check().state is HealthState.OK
    with shop(says({"error": {"code": "bad_signature"}}, 401)) as (connector, _server):
        assert connector.check().state is HealthState.DEGRADED
    with shop(lambda _r: Reply(hangs_up=True)) as (connector, _server):
        assert connector.check().state is HealthState.DOWN
