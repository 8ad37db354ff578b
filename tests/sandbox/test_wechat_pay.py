"""The payment provider: signatures, payments, refunds and notifications as the vendor does them."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from wechatpayv3 import SignType, WeChatPay, WeChatPayType

from tests.sandbox.conftest import FakeHub, Heard, Sandbox, running, until
from tests.sandbox.merchant import Merchant
from yinuo.core.db import Database
from yinuo.sandbox.settings import SandboxSettings
from yinuo.sandbox.wechat_pay import crypto
from yinuo.sandbox.wechat_pay.model import SCHEDULE

VECTOR = json.loads((Path(__file__).parent / "wechat_pay_vector.json").read_text(encoding="utf-8"))


@pytest.fixture
def merchant(sandbox: Sandbox, hub: FakeHub) -> Merchant:
    return Merchant(sandbox, hub)


def test_own_code_verifies_and_encrypts_the_vendors_vector() -> None:
    key = serialization.load_pem_public_key(VECTOR["platform_public_key_pem"].encode())
    assert isinstance(key, rsa.RSAPublicKey)
    headers = VECTOR["headers"]
    body = VECTOR["body_raw"].encode()
    text = crypto.signed_text(headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"], body)
    assert crypto.is_signed(key, text, headers["Wechatpay-Signature"])
    assert not crypto.is_signed(key, text + b" ", headers["Wechatpay-Signature"])
    resource = json.loads(VECTOR["body_raw"])["resource"]
    assert (
        crypto.encrypt(
            VECTOR["apiv3_key"],
            resource["nonce"],
            resource["associated_data"],
            VECTOR["resource_plaintext"].encode(),
        )
        == resource["ciphertext"]
    )
    refund = VECTOR["refund_resource"]
    assert (
        crypto.encrypt(
            VECTOR["apiv3_key"],
            refund["nonce"],
            refund["associated_data"],
            refund["plaintext"].encode(),
        )
        == refund["ciphertext"]
    )


def test_schedule_is_the_vendors() -> None:
    assert len(SCHEDULE) == 15
    assert sum(SCHEDULE) == (24 * 60 + 4) * 60


def test_prepay_is_repeatable_and_a_changed_amount_is_refused(merchant: Merchant) -> None:
    first = merchant.prepay()
    assert merchant.prepay() == first
    other = merchant.call("POST", "/v3/pay/transactions/jsapi", merchant.order(total=1))
    assert (other.status_code, other.json()["code"]) == (403, "OUT_TRADE_NO_USED")


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ("no header", {"headers": {"Authorization": ""}}),
        ("other scheme", {"headers": {"Authorization": "Bearer x"}}),
        ("broken header", {"headers": {"Authorization": f"{crypto.SCHEME} mchid=1"}}),
        ("other target", {"signed_target": "/v3/pay/transactions/native"}),
        ("other merchant", {"mchid": "1900000002"}),
        ("other serial", {"serial": "ABC"}),
        ("stale", {"age": 301}),
        ("from the future", {"age": -310}),
    ],
)
def test_request_that_the_merchant_did_not_sign_is_refused(
    merchant: Merchant, change: str, options: dict[str, object]
) -> None:
    answer = merchant.call("POST", "/v3/pay/transactions/jsapi", merchant.order(), **options)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR"), change
    assert merchant.query().status_code == 404


def test_changed_body_is_refused(merchant: Merchant, sandbox: Sandbox) -> None:
    honest = merchant.call("POST", "/v3/pay/transactions/jsapi", merchant.order())
    forged = sandbox.client.post(
        "/wechat-pay/v3/pay/transactions/jsapi",
        content=honest.request.content.replace(b"25990", b"25991"),
        headers={"Authorization": honest.request.headers["Authorization"]},
    )
    assert (forged.status_code, forged.json()["code"]) == (401, "SIGN_ERROR")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": {"total": 0}},
        {"amount": {"total": -5}},
        {"amount": {"total": "25990"}},
        {"out_trade_no": "short"},
        {"out_trade_no": "x" * 33},
        {"notify_url": "http://hub/callbacks?secret=1"},
        {"mchid": "1900000002"},
        {"payer": {}},
        {"description": ""},
    ],
)
def test_wrong_parameter_is_refused(merchant: Merchant, wrong: dict[str, object]) -> None:
    answer = merchant.call("POST", "/v3/pay/transactions/jsapi", merchant.order() | wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")


def test_answers_are_signed_by_the_provider(merchant: Merchant) -> None:
    merchant.prepay()
    answer = merchant.query()
    heard = Heard("GET", "", dict(answer.headers), answer.content, 0.0)
    assert merchant.is_genuine(heard)
    assert answer.headers["wechatpay-serial"] == merchant.settings.public_key_id
    assert answer.json()["trade_state"] == "NOTPAY"


def test_payment_is_notified_encrypted_and_signed(merchant: Merchant, hub: FakeHub) -> None:
    merchant.pay()
    until(lambda: len(hub.heard) == 1)
    heard = hub.heard[0]
    assert heard.target == "/callbacks/wechat-pay/main"
    assert merchant.is_genuine(heard)
    assert json.loads(heard.body)["event_type"] == "TRANSACTION.SUCCESS"
    payment = merchant.opened(heard)
    assert payment == merchant.query().json()
    assert payment["amount"] == {
        "total": 25990,
        "payer_total": 25990,
        "currency": "CNY",
        "payer_currency": "CNY",
    }
    assert payment["trade_state"] == "SUCCESS"
    assert len(str(payment["transaction_id"])) == 28
    assert datetime.fromisoformat(str(payment["success_time"])).utcoffset() is not None


def test_second_press_pays_nothing(merchant: Merchant, hub: FakeHub) -> None:
    merchant.prepay()
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: statuses.append(
                merchant.press(out_trade_no="YN20261122000001").status_code
            )
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 400, 400, 400, 400, 400]
    until(lambda: len(hub.heard) == 1)


def test_buyer_can_pay_another_amount_with_a_coupon_or_in_silence(
    merchant: Merchant, hub: FakeHub
) -> None:
    merchant.pay("YN20261122000001", amount=100, coupon=30)
    until(lambda: len(hub.heard) == 1)
    amount = merchant.opened(hub.heard[0])["amount"]
    assert amount == {"total": 100, "payer_total": 70, "currency": "CNY", "payer_currency": "CNY"}
    merchant.pay("YN20261122000002", is_silent=True)
    assert merchant.query("YN20261122000002").json()["trade_state"] == "SUCCESS"
    assert merchant.sandbox.kernel.outbound.pending("wechat-pay") == []
    assert len(hub.heard) == 1


def test_closed_payment_cannot_be_paid_and_a_paid_one_not_closed(merchant: Merchant) -> None:
    close = "/v3/pay/transactions/out-trade-no/{}/close"
    body = {"mchid": merchant.settings.mchid}
    merchant.prepay()
    for _ in range(2):
        answer = merchant.call("POST", close.format("YN20261122000001"), body)
        assert (answer.status_code, answer.content) == (204, b"")
    assert merchant.press(out_trade_no="YN20261122000001").status_code == 400
    merchant.pay("YN20261122000002")
    answer = merchant.call("POST", close.format("YN20261122000002"), body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    assert merchant.call("POST", close.format("UNKNOWN"), body).status_code == 404


def test_query_by_the_providers_number(merchant: Merchant) -> None:
    merchant.pay()
    number = merchant.query().json()["transaction_id"]
    target = f"/v3/pay/transactions/id/{number}?mchid={merchant.settings.mchid}"
    assert merchant.call("GET", target).json()["out_trade_no"] == "YN20261122000001"
    assert merchant.call("GET", "/v3/pay/transactions/id/1?mchid=1").status_code == 400


def test_refund_settles_later_and_is_notified(merchant: Merchant, hub: FakeHub) -> None:
    merchant.pay()
    until(lambda: len(hub.heard) == 1)
    made = merchant.refund("YNR20261122000001", 5000).json()
    assert made["status"] == "PROCESSING"
    merchant.sandbox.client.put("/control/clock", json={"scale": 30})
    until(lambda: len(hub.heard) == 2)
    told = merchant.opened(hub.heard[1])
    assert json.loads(hub.heard[1].body)["event_type"] == "REFUND.SUCCESS"
    assert (told["refund_status"], told["amount"]["refund"]) == ("SUCCESS", 5000)
    asked = merchant.call("GET", "/v3/refund/domestic/refunds/YNR20261122000001").json()
    assert (asked["status"], asked["refund_id"]) == ("SUCCESS", made["refund_id"])
    assert merchant.query().json()["trade_state"] == "REFUND"
    assert merchant.call("GET", "/v3/refund/domestic/refunds/NONE").status_code == 404


def test_refund_is_made_once_and_never_beyond_the_payment(merchant: Merchant) -> None:
    merchant.pay()
    first = merchant.refund("R1", 20000).json()
    assert merchant.refund("R1", 20000).json()["refund_id"] == first["refund_id"]
    assert merchant.refund("R1", 10000).json()["code"] == "INVALID_REQUEST"
    assert merchant.refund("R2", 5991).json()["code"] == "INVALID_REQUEST"
    assert merchant.refund("R3", 5990, total=1).json()["code"] == "INVALID_REQUEST"
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda at=index: answers.append(merchant.refund(f"S{at}", 5990).status_code)
        )
        for index in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 400, 400, 400, 400]


def test_refund_can_end_abnormally(merchant: Merchant, hub: FakeHub) -> None:
    merchant.sandbox.set_faults(
        "wechat-pay", {"kind": "error", "operation": "refund/settle", "code": "ABNORMAL"}
    )
    merchant.sandbox.client.put("/control/clock", json={"scale": 100})
    merchant.pay()
    merchant.refund("R1", 5000)
    until(lambda: len(hub.heard) == 2)
    assert json.loads(hub.heard[1].body)["event_type"] == "REFUND.ABNORMAL"
    assert "success_time" not in merchant.opened(hub.heard[1])


@pytest.mark.parametrize(
    ("code", "is_genuine"),
    [
        ("SIGNTEST", False),
        ("WRONG_KEY", False),
        ("STALE", True),
        ("MALFORMED", True),
        ("UNKNOWN_SERIAL", True),
        ("BAD_CIPHERTEXT", True),
    ],
)
def test_notification_is_damaged_on_demand_and_then_repeated_whole(
    merchant: Merchant, hub: FakeHub, code: str, is_genuine: bool
) -> None:
    merchant.sandbox.client.put("/control/clock", json={"scale": 100})
    merchant.sandbox.set_faults(
        "wechat-pay", {"kind": "error", "operation": "notify/*", "code": code, "times": 1}
    )
    merchant.pay()
    until(lambda: len(hub.heard) == 2)
    bad, good = hub.heard
    assert merchant.is_genuine(bad) is is_genuine
    if code == "SIGNTEST":
        assert bad.headers["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/")
    if code == "STALE":
        assert int(bad.headers["wechatpay-timestamp"]) < time.time() - 590
    if code == "MALFORMED":
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(bad.body)
    assert merchant.is_genuine(good)
    assert merchant.opened(good)["out_trade_no"] == "YN20261122000001"


def test_twin_may_come_with_a_new_id_or_as_a_probe(merchant: Merchant, hub: FakeHub) -> None:
    duplicate = {"kind": "duplicate", "operation": "notify/*", "times": 1}
    merchant.sandbox.set_faults("wechat-pay", duplicate | {"code": "NEW_ID"})
    merchant.pay("YN20261122000001")
    until(lambda: len(hub.heard) == 2)
    assert all(merchant.is_genuine(heard) for heard in hub.heard)
    assert len({json.loads(heard.body)["id"] for heard in hub.heard}) == 2
    assert merchant.opened(hub.heard[0]) == merchant.opened(hub.heard[1])
    hub.heard.clear()
    merchant.sandbox.set_faults("wechat-pay", duplicate | {"code": "SIGNTEST"})
    merchant.pay("YN20261122000002")
    until(lambda: len(hub.heard) == 2)
    assert sorted(merchant.is_genuine(heard) for heard in hub.heard) == [False, True]


def test_late_answer_of_the_merchant_is_refused(merchant: Merchant, hub: FakeHub) -> None:
    merchant.sandbox.client.put("/control/clock", json={"scale": 1000})
    hub.delay = 5.3
    merchant.pay()
    until(lambda: len(hub.heard) == 2, seconds=60)
    assert hub.heard[1].at - hub.heard[0].at >= 5
    assert json.loads(hub.heard[0].body)["id"] == json.loads(hub.heard[1].body)["id"]


def test_notification_goes_on_after_a_restart(
    settings: SandboxSettings, database: Database, hub: FakeHub
) -> None:
    hub.answer = lambda _heard: (500, b'{"code":"FAIL","message":"x"}')
    with running(settings, database) as sandbox:
        merchant = Merchant(sandbox, hub)
        merchant.pay()
        until(lambda: [one.attempt for one in sandbox.kernel.outbound.pending("wechat-pay")] == [1])
    hub.answer = lambda _heard: (204, b"")
    with running(settings, database) as sandbox:
        again = Merchant(sandbox, hub)
        assert again.query().json()["trade_state"] == "SUCCESS"
        sandbox.client.put("/control/clock", json={"scale": 1000})
        until(lambda: len(hub.heard) == 2)
        assert again.is_genuine(hub.heard[1])
        assert json.loads(hub.heard[0].body)["id"] == json.loads(hub.heard[1].body)["id"]


@pytest.mark.parametrize(("code", "status"), [("FREQUENCY_LIMITED", 429), ("SYSTEM_ERROR", 500)])
def test_error_fault_answers_in_the_vendors_envelope(
    merchant: Merchant, code: str, status: int
) -> None:
    merchant.sandbox.set_faults(
        "wechat-pay", {"kind": "error", "operation": "pay/query", "code": code, "times": 1}
    )
    answer = merchant.query()
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "message", "detail"}


def test_the_vendors_sdk_works_against_the_stand_in(
    merchant: Merchant, sandbox: Sandbox, hub: FakeHub
) -> None:
    private = merchant.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    shown = sandbox.client.get("/wechat-pay/public-key").json()
    sdk = WeChatPay(
        wechatpay_type=WeChatPayType.JSAPI,
        mchid=merchant.settings.mchid,
        private_key=private,
        cert_serial_no=merchant.settings.merchant_serial,
        apiv3_key=merchant.settings.apiv3_key,
        appid=merchant.settings.appid,
        notify_url=merchant.notify_url,
        public_key=shown["public_key"],
        public_key_id=shown["public_key_id"],
    )
    sdk._core._gate_way = f"{sandbox.address}/wechat-pay"
    status, body = sdk.pay(
        description="礼盒",
        out_trade_no="YN20261122000009",
        amount={"total": 100},
        payer={"openid": "o1"},
    )
    assert status == 200, body
    prepay_id = json.loads(body)["prepay_id"]
    assert sdk.sign([merchant.settings.appid, "1", "n", "p"], sign_type=SignType.RSA_SHA256)
    merchant.press(prepay_id=prepay_id)
    until(lambda: len(hub.heard) == 1)
    heard = hub.heard[0]
    result = sdk.callback(headers=heard.headers, body=heard.body)
    assert result["resource"]["out_trade_no"] == "YN20261122000009"
    assert sdk.query(out_trade_no="YN20261122000009")[0] == 200
