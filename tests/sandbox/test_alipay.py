"""Alipay's stand-in: signatures, payments, refunds, notifications and bills as the vendor does them."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.connectors.vectors import VECTORS
from tests.sandbox.alipay_merchant import NUMBER, AlipayMerchant, answers_success
from tests.sandbox.conftest import FakeHub, Sandbox, until
from yinuo.core import clock
from yinuo.sandbox.alipay.gate import signed_text
from yinuo.sandbox.alipay.model import SCHEDULE

QUERY = "alipay.trade.query"
BILL = "alipay.data.dataservice.bill.downloadurl.query"


@pytest.fixture
def merchant(sandbox: Sandbox, hub: FakeHub) -> AlipayMerchant:
    answers_success(hub)
    return AlipayMerchant(sandbox, hub)


def test_own_code_writes_the_vectors_text() -> None:
    vector = VECTORS["alipay_notify"]
    text = signed_text(vector["params"], without=("sign", "sign_type"))
    assert text.decode() == vector["string_to_sign"]


def test_schedule_is_the_vendors() -> None:
    assert [round(gap / 60) for gap in SCHEDULE] == [4, 10, 10, 60, 120, 360, 900]


@pytest.mark.parametrize(
    ("changes", "code", "sub_code"),
    [
        ({"sign": "c2ln"}, "40002", "isv.invalid-signature"),
        ({"charset": "gbk"}, "40002", "isv.invalid-signature"),
        ({"sign_type": "RSA"}, "40002", "isv.invalid-signature"),
        ({"app_id": "1"}, "40002", "isv.invalid-app-id"),
    ],
)
def test_a_call_that_the_app_did_not_sign_is_refused_unsigned(
    merchant: AlipayMerchant, changes: dict[str, str], code: str, sub_code: str
) -> None:
    answer = merchant.call(QUERY, {"out_trade_no": NUMBER}, **changes).json()
    node = answer["alipay_trade_query_response"]
    assert (node["code"], node["sub_code"]) == (code, sub_code)
    assert "sign" not in answer


def test_answers_are_signed_over_their_very_bytes(merchant: AlipayMerchant) -> None:
    merchant.create()
    body = merchant.call(QUERY, {"out_trade_no": NUMBER}).content
    start = body.index(b":") + 1
    node = body[start : body.index(b',"sign":')]
    merchant.keys.alipay.public_key().verify(
        base64.b64decode(json.loads(body)["sign"]), node, padding.PKCS1v15(), hashes.SHA256()
    )
    assert json.loads(node)["trade_status"] == "WAIT_BUYER_PAY"


def test_creating_is_repeatable_and_a_changed_amount_is_refused(merchant: AlipayMerchant) -> None:
    assert merchant.create() == merchant.create()
    content = {"out_trade_no": NUMBER, "total_amount": "1.00", "subject": "x", "buyer_id": "2"}
    assert merchant.node("alipay.trade.create", content)["sub_code"] == "ACQ.CONTEXT_INCONSISTENT"


@pytest.mark.parametrize("amount", ["0.00", "-1", "1.001", "1e2", "", "x"])
def test_amounts_are_yuan_with_two_places(merchant: AlipayMerchant, amount: str) -> None:
    content = {"out_trade_no": NUMBER, "total_amount": amount, "subject": "x", "buyer_id": "2"}
    assert merchant.node("alipay.trade.create", content)["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_a_payment_is_told_once_it_is_made_and_pays_once(
    merchant: AlipayMerchant, hub: FakeHub
) -> None:
    merchant.pay(coupon=1000)
    until(lambda: len(hub.heard) == 1)
    told = merchant.fields(hub.heard[0])
    assert hub.heard[0].target == "/callbacks/alipay/main"
    assert told["trade_status"] == "TRADE_SUCCESS"
    assert (told["total_amount"], told["buyer_pay_amount"]) == ("259.90", "249.90")
    assert told["out_trade_no"] == NUMBER
    assert "gmt_refund" not in told
    again = merchant.press(out_trade_no=NUMBER)
    assert (again.status_code, again.json()["code"]) == (409, "ACQ.TRADE_HAS_SUCCESS")


def test_refunds_are_told_with_the_sum_so_far_and_the_last_one_closes(
    merchant: AlipayMerchant, hub: FakeHub
) -> None:
    merchant.pay()
    assert merchant.refund("R-1", "50.00")["fund_change"] == "Y"
    assert merchant.refund("R-1", "50.00")["fund_change"] == "N"
    assert merchant.refund("R-1", "51.00")["sub_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert merchant.refund("R-2", "209.91")["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert merchant.refund("R-2", "209.90")["refund_fee"] == "259.90"
    until(lambda: len(hub.heard) == 3)
    told = [merchant.fields(heard) for heard in hub.heard]
    by_number = {one.get("out_biz_no"): one for one in told}
    assert {
        number: (one["trade_status"], one.get("refund_fee")) for number, one in by_number.items()
    } == {
        None: ("TRADE_SUCCESS", None),
        "R-1": ("TRADE_SUCCESS", "50.00"),
        "R-2": ("TRADE_CLOSED", "259.90"),
    }
    asked = {"out_trade_no": NUMBER, "out_request_no": "R-2", "query_options": ["gmt_refund_pay"]}
    shown = merchant.node("alipay.trade.fastpay.refund.query", asked)
    assert (shown["refund_amount"], shown["refund_status"]) == ("209.90", "REFUND_SUCCESS")
    unknown = merchant.node("alipay.trade.fastpay.refund.query", asked | {"out_request_no": "R-9"})
    assert unknown == {"code": "10000", "msg": "Success"}


def test_a_closed_payment_cannot_be_paid_and_is_told(
    merchant: AlipayMerchant, hub: FakeHub
) -> None:
    merchant.create()
    assert merchant.node("alipay.trade.close", {"out_trade_no": NUMBER})["code"] == "10000"
    again = merchant.node("alipay.trade.close", {"out_trade_no": NUMBER})
    assert again["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    assert merchant.press(out_trade_no=NUMBER).json()["code"] == "ACQ.TRADE_HAS_CLOSE"
    until(lambda: len(hub.heard) == 1)
    told = merchant.fields(hub.heard[0])
    assert told["trade_status"] == "TRADE_CLOSED"
    assert "gmt_payment" not in told


def test_finished_payments_take_no_refund(merchant: AlipayMerchant, hub: FakeHub) -> None:
    merchant.pay()
    assert merchant.sandbox.client.post(f"/alipay/trades/{NUMBER}/finish").status_code == 200
    assert merchant.refund("R-1", "1.00")["sub_code"] == "ACQ.TRADE_STATUS_ERROR"
    until(lambda: len(hub.heard) == 2)
    assert merchant.fields(hub.heard[1])["trade_status"] == "TRADE_FINISHED"


@pytest.mark.parametrize("answer", [(200, b"SUCCESS"), (200, b"success\n"), (500, b"success")])
def test_anything_but_the_seven_characters_is_sent_again_with_the_same_id(
    merchant: AlipayMerchant, hub: FakeHub, answer: tuple[int, bytes]
) -> None:
    hub.answer = lambda _heard: answer
    merchant.sandbox.client.put("/control/clock", json={"scale": 10_000})
    merchant.pay()
    until(lambda: len(hub.heard) >= 3)
    told = [merchant.fields(heard) for heard in hub.heard[:3]]
    assert told[0] == told[1] == told[2]


def test_eight_attempts_and_no_more(merchant: AlipayMerchant, hub: FakeHub) -> None:
    hub.answer = lambda _heard: (200, b"fail")
    merchant.sandbox.client.put("/control/clock", json={"scale": 100_000})
    merchant.pay()
    until(lambda: len(hub.heard) == 8)
    until(lambda: merchant.sandbox.kernel.outbound.pending("alipay") == [])
    assert len(hub.heard) == 8


@pytest.mark.parametrize("code", ["BAD_SIGN", "WRONG_KEY"])
def test_faults_damage_the_signature(merchant: AlipayMerchant, hub: FakeHub, code: str) -> None:
    fault = {"operation": "notify/TRADE_SUCCESS", "kind": "error", "times": 1, "code": code}
    merchant.sandbox.set_faults("alipay", fault)
    merchant.pay()
    until(lambda: len(hub.heard) == 1)
    with pytest.raises(InvalidSignature):
        merchant.fields(hub.heard[0])


def bill_text(merchant: AlipayMerchant, day: str) -> str:
    node = merchant.node(BILL, {"bill_type": "trade", "bill_date": day})
    assert node["code"] == "10000", node
    answer = merchant.sandbox.client.get(node["bill_download_url"])
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        return opened.read(opened.infolist()[1]).decode("gbk")


def test_the_bill_of_a_day_is_made_in_the_morning_after(merchant: AlipayMerchant) -> None:
    merchant.pay()
    merchant.pay("YN20261122000003", amount="0.01")
    merchant.create("YN20261122000004")
    merchant.refund("R-1", "50.00")
    now = clock.now().astimezone(ZoneInfo("Asia/Shanghai"))
    day = now.date().isoformat()
    asked = {"bill_type": "trade", "bill_date": day}
    assert merchant.node(BILL, asked)["sub_code"] == "BILL_NOT_EXIST"
    ten = now.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=1)
    with clock.fixed(ten - timedelta(seconds=1)):
        assert merchant.node(BILL, asked)["sub_code"] == "BILL_NOT_EXIST"
    with clock.fixed(ten):
        rows = bill_text(merchant, day).splitlines()
        other = (now.date() - timedelta(days=1)).isoformat()
        assert merchant.node(BILL, asked | {"bill_date": other})["sub_code"] == "BILL_NOT_EXIST"
    lines = [row.split(",") for row in rows if row.startswith("20")]
    told = [(one[1].strip(), one[2], one[-14], one[-4].strip()) for one in lines]
    assert sorted(told) == [
        ("YN20261122000002", "交易", "259.90", ""),
        ("YN20261122000002", "退款", "-50.00", "R-1"),
        ("YN20261122000003", "交易", "0.01", ""),
    ]
    assert "#交易合计：2笔，商家实收共259.91元，商家优惠共0.00元" in rows
    assert "#退款合计：1笔，商家实收退款共-50.00元，商家优惠退款共0.00元" in rows


def test_where_a_bill_lies_is_good_for_half_a_minute(merchant: AlipayMerchant) -> None:
    merchant.pay()
    day = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    with clock.fixed(clock.now() + timedelta(days=2)) as now:
        node = merchant.node(BILL, {"bill_type": "trade", "bill_date": day.isoformat()})
        fetch = merchant.sandbox.client.get
        now.advance(seconds=30)
        assert fetch(node["bill_download_url"]).status_code == 200
        now.advance(seconds=1)
        assert fetch(node["bill_download_url"]).status_code == 404
