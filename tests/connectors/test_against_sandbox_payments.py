"""Alipay and the daily bills of both providers against their stand-ins, faults included."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sandbox.alipay_merchant import NUMBER, AlipayMerchant, answers_success
from tests.sandbox.conftest import FakeHub, Sandbox, until
from tests.sandbox.merchant import Merchant
from yinuo.connectors.protocols import (
    BadSignature,
    Malformed,
    NoticeKind,
    PaymentState,
    RefundState,
    Rejected,
    StaleCallback,
    Unavailable,
)
from yinuo.connectors.registry import PaymentAccount, Registry
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI

ALIPAY = PaymentAccount("alipay", "main")
WECHAT = PaymentAccount("wechat_pay", "main")


@pytest.fixture
def merchant(sandbox: Sandbox, hub: FakeHub) -> AlipayMerchant:
    answers_success(hub)
    return AlipayMerchant(sandbox, hub)


def heard(registry: Registry, hub: FakeHub, number: int) -> object:
    until(lambda: len(hub.at("/callbacks/alipay/main")) > number)
    one = hub.at("/callbacks/alipay/main")[number]
    account = registry.payments(ALIPAY)
    return account.verify_callback(one.headers, one.body, remote_address="", now=clock.now())


def test_payment_refund_and_query_agree(
    registry: Registry, merchant: AlipayMerchant, hub: FakeHub
) -> None:
    merchant.pay(coupon=990)
    account = registry.payments(ALIPAY)
    paid = heard(registry, hub, 0)
    assert (paid.kind, paid.payment.amount_fen) == (NoticeKind.PAYMENT, 25990)
    seen = account.query_payment(NUMBER)
    assert seen == paid.payment
    merchant.refund("R-1", "50.00")
    told = heard(registry, hub, 1)
    assert (told.kind, told.refund.so_far_fen) == (NoticeKind.REFUND, 5000)
    exact = account.query_refund("R-1", payment_number=NUMBER)
    assert (exact.state, exact.amount_fen, exact.refund_id) == (
        RefundState.DONE,
        5000,
        told.refund.refund_id,
    )
    assert exact.refunded_at == told.refund.refunded_at
    assert account.query_refund("R-9", payment_number=NUMBER) is None
    assert account.query_payment("YN-NOBODY") is None
    merchant.refund("R-2", "209.90")
    assert account.query_payment(NUMBER).state is PaymentState.REFUNDED


def test_a_closed_payment_is_seen_as_closed(registry: Registry, merchant: AlipayMerchant) -> None:
    merchant.create()
    account = registry.payments(ALIPAY)
    assert account.query_payment(NUMBER).state is PaymentState.UNPAID
    merchant.node("alipay.trade.close", {"out_trade_no": NUMBER})
    assert account.query_payment(NUMBER).state is PaymentState.CLOSED


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("BAD_SIGN", BadSignature),
        ("WRONG_KEY", BadSignature),
        ("MALFORMED", BadSignature),
        ("STALE", StaleCallback),
        ("OTHER_APP", Malformed),
        ("OTHER_SELLER", Malformed),
    ],
)
def test_damaged_notices_are_refused(
    registry: Registry,
    merchant: AlipayMerchant,
    hub: FakeHub,
    code: str,
    expected: type[Exception],
) -> None:
    fault = {"operation": "notify/TRADE_SUCCESS", "kind": "error", "times": 1, "code": code}
    merchant.sandbox.set_faults("alipay", fault)
    merchant.pay()
    with pytest.raises(expected):
        heard(registry, hub, 0)


def test_a_busy_gateway_is_asked_again_and_a_refusal_is_not(
    registry: Registry, merchant: AlipayMerchant
) -> None:
    merchant.pay()
    account = registry.payments(ALIPAY)
    busy = {"operation": "trade/query", "kind": "error", "times": 2}
    merchant.sandbox.set_faults("alipay", busy)
    assert account.query_payment(NUMBER).state is PaymentState.PAID
    refused = busy | {"code": "isv.insufficient-isv-permissions"}
    merchant.sandbox.set_faults("alipay", refused)
    with pytest.raises(Rejected):
        account.query_payment(NUMBER)


@pytest.mark.parametrize("account", [ALIPAY, WECHAT])
def test_a_day_is_read_from_its_bill(
    registry: Registry,
    sandbox: Sandbox,
    merchant: AlipayMerchant,
    hub: FakeHub,
    account: PaymentAccount,
) -> None:
    wechat = Merchant(sandbox, hub)
    merchant.pay()
    merchant.pay("YN20261122000003", amount="1.01")
    merchant.refund("R-1", "50.00")
    wechat.pay()
    wechat.refund("R-1", 5000)
    payments = registry.payments(account)
    now = clock.now()
    day = now.astimezone(SHANGHAI).date()
    assert payments.fetch_bill(day) is None
    sandbox.client.put("/control/clock", json={"scale": 100})
    until(
        lambda: (
            sandbox.client.get("/control/systems/wechat-pay/state").json()["state"]["refunds"][
                "R-1"
            ]["status"]
            == "SUCCESS"
        )
    )
    sandbox.client.put("/control/clock", json={"scale": 1})
    with clock.fixed(now + timedelta(days=2)):
        bill = payments.fetch_bill(day)
        quiet = payments.fetch_bill(day - timedelta(days=3))
    found = sorted((line.is_refund, line.payment_number, line.amount_fen) for line in bill.lines)
    if account is WECHAT:
        assert found == [(False, "YN20261122000001", 25990), (True, "YN20261122000001", 5000)]
    else:
        assert found == [
            (False, "YN20261122000002", 25990),
            (False, "YN20261122000003", 101),
            (True, "YN20261122000002", 5000),
        ]
    refund = next(line for line in bill.lines if line.is_refund)
    seen = payments.query_refund("R-1", payment_number=refund.payment_number)
    assert (refund.refund_id, refund.refund_number) == (seen.refund_id, "R-1")
    assert abs(refund.at - now) < timedelta(minutes=1)
    assert quiet.lines == ()


@pytest.mark.parametrize("account", [ALIPAY, WECHAT])
def test_a_bill_that_is_cut_off_or_lost_is_not_believed(
    registry: Registry,
    sandbox: Sandbox,
    merchant: AlipayMerchant,
    hub: FakeHub,
    account: PaymentAccount,
) -> None:
    merchant.pay()
    Merchant(sandbox, hub).pay()
    now = clock.now()
    day = now.astimezone(SHANGHAI).date()
    name = account.provider.replace("_", "-")
    with clock.fixed(now + timedelta(days=2)):
        sandbox.set_faults(name, {"operation": "bill/content", "kind": "error", "times": 1})
        with pytest.raises(Malformed):
            registry.payments(account).fetch_bill(day)
        sandbox.set_faults(name, {"operation": "bill/file", "kind": "drop"})
        with pytest.raises(Unavailable):
            registry.payments(account).fetch_bill(day)
        sandbox.set_faults(name, {"operation": "bill/line", "kind": "error", "times": 1})
        bill = registry.payments(account).fetch_bill(day)
    assert [line.amount_fen for line in bill.lines] == [25991]
