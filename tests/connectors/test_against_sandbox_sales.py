"""The shop and payment connectors against the stand-ins of their systems, faults included."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.sandbox.conftest import FakeHub, Sandbox, until
from tests.sandbox.test_wechat_pay import Merchant
from yinuo.connectors.protocols import (
    BadSignature,
    NoticeKind,
    PaymentState,
    RefundState,
    Rejected,
    ShipNotice,
    SkuQuantity,
    StockFigures,
)
from yinuo.connectors.registry import PaymentAccount, Registry
from yinuo.connectors.shop.mapping import read_order
from yinuo.core import clock
from yinuo.core.money import Fen
from yinuo.sandbox.shop.model import Catalog, Product
from yinuo.sandbox.shop.system import Shop

WECHAT = PaymentAccount("wechat_pay", "main")
LINES = (SkuQuantity(sku="LOVE-2026", quantity=2),)


def fill_shop(sandbox: Sandbox, count: int) -> list[str]:
    shop = sandbox.kernel.systems["shop"]
    assert isinstance(shop, Shop)
    product = Product(listing="LOVE-2026", sku="LOVE-2026", name="情人节礼盒", price_fen=25990)
    shop.desk.set_catalog(Catalog(products=[product]))
    numbers = []
    for _ in range(count):
        order = {
            "lines": [{"listing": "LOVE-2026", "quantity": 2}],
            "receiver": {
                "name": "李四",
                "phone": "13800000000",
                "province": "上海",
                "city": "上海市",
                "district": "浦东新区",
                "detail": "世纪大道100号",
            },
        }
        answer = sandbox.client.post("/shop/api/orders", json=order)
        assert answer.status_code in {200, 201}, answer.text
        numbers.append(str(answer.json()["number"]))
    return numbers


def test_orders_of_the_shop_are_pulled_page_by_page_and_can_be_read(
    registry: Registry, sandbox: Sandbox
) -> None:
    numbers = fill_shop(sandbox, 5)
    shop = registry.shop("mini")
    until_now = clock.now() + timedelta(seconds=1)
    pulled, cursor = [], None
    while True:
        page = shop.pull_orders(until_now - timedelta(minutes=1), until_now, cursor=cursor)
        pulled += page.orders
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted({one.number for one in pulled}) == sorted(numbers)
    order = read_order(pulled[0].body)
    assert order.total_fen == Fen(51980)
    assert shop.find_order(numbers[0]) is not None
    assert shop.find_order("M-NOBODY") is None


def test_shipments_and_stock_are_told_to_the_shop(registry: Registry, sandbox: Sandbox) -> None:
    number = fill_shop(sandbox, 1)[0]
    shop = registry.shop("mini")
    notice = ShipNotice(
        number=number, carrier="SF", waybill="SF1", shipped_at=clock.now(), lines=LINES
    )
    sandbox.set_faults("shop", {"operation": "shipments.put", "kind": "lose_answer", "times": 1})
    shop.notify_shipment(notice)
    assert shop.push_stock(StockFigures(version=5, lines=LINES)) == 5
    assert shop.push_stock(StockFigures(version=4, lines=LINES)) == 5
    state = sandbox.client.get("/control/systems/shop/state").json()["state"]
    assert state["orders"][number]["waybills"] == ["SF1"]
    assert state["stock"] == {"LOVE-2026": 2}
    with pytest.raises(Rejected):
        shop.notify_shipment(replace(notice, number="M-NOBODY"))


def test_a_payment_is_told_and_asked_for(
    registry: Registry, sandbox: Sandbox, hub: FakeHub
) -> None:
    merchant = Merchant(sandbox, hub)
    merchant.pay()
    until(lambda: bool(hub.at("/callbacks/wechat-pay/main")))
    heard = hub.at("/callbacks/wechat-pay/main")[0]
    account = registry.payments(WECHAT)
    notice = account.verify_callback(
        heard.headers, heard.body, remote_address="127.0.0.1", now=clock.now()
    )
    assert notice.kind is NoticeKind.PAYMENT
    assert notice.payment is not None
    assert notice.payment.amount_fen == 25990
    assert account.query_payment("YN20261122000001") == notice.payment
    assert account.query_payment("YN20261122000009") is None
    with pytest.raises(BadSignature):
        account.verify_callback(
            heard.headers, heard.body + b" ", remote_address="127.0.0.1", now=clock.now()
        )


def test_a_payment_that_nobody_told_of_is_found_by_asking(
    registry: Registry, sandbox: Sandbox, hub: FakeHub
) -> None:
    merchant = Merchant(sandbox, hub)
    merchant.prepay()
    account = registry.payments(WECHAT)
    unpaid = account.query_payment("YN20261122000001")
    assert unpaid is not None
    assert unpaid.state is PaymentState.UNPAID
    merchant.press(out_trade_no="YN20261122000001", is_silent=True)
    sandbox.set_faults("wechat-pay", {"operation": "pay/query", "kind": "error", "times": 2})
    paid = account.query_payment("YN20261122000001")
    assert paid is not None
    assert paid.state is PaymentState.PAID
    assert hub.at("/callbacks") == []


def test_a_refund_is_asked_for(registry: Registry, sandbox: Sandbox, hub: FakeHub) -> None:
    merchant = Merchant(sandbox, hub)
    merchant.pay()
    assert merchant.refund("YNR1", 5000).status_code == 200
    account = registry.payments(WECHAT)
    seen = account.query_refund("YNR1", payment_number="YN20261122000001")
    assert seen is not None
    assert (seen.amount_fen, seen.total_fen) == (5000, 25990)
    assert seen.state in {RefundState.PROCESSING, RefundState.DONE}
    assert account.query_refund("YNR2", payment_number="YN20261122000001") is None


def test_damaged_notices_and_probes_are_bad_signatures(
    registry: Registry, sandbox: Sandbox, hub: FakeHub
) -> None:
    sandbox.set_faults(
        "wechat-pay",
        {
            "operation": "notify/TRANSACTION.SUCCESS",
            "kind": "error",
            "times": 1,
            "code": "SIGNTEST",
        },
    )
    Merchant(sandbox, hub).pay()
    until(lambda: bool(hub.at("/callbacks/wechat-pay/main")))
    heard = hub.at("/callbacks/wechat-pay/main")[0]
    with pytest.raises(BadSignature):
        registry.payments(WECHAT).verify_callback(
            heard.headers, heard.body, remote_address="127.0.0.1", now=clock.now()
        )
