"""What the WMS stand-in reads and verifies: signature, freshness, XML, fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from tests.sandbox.qimen_client import order_xml, reserve_xml
from yinuo.sandbox.outbound import HubAnswer
from yinuo.sandbox.qimen.orders import OrderLine, SendRequest
from yinuo.sandbox.qimen.reports import is_success
from yinuo.sandbox.qimen.requests import reserve_request, send_request
from yinuo.sandbox.qimen.signing import bare_method, canonical, is_fresh, is_signed, sign
from yinuo.sandbox.qimen.stock import Refusal, ReserveRequest, Wanted
from yinuo.sandbox.qimen.xml import BadXml, parse, text

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
# The published vector of the integration notes; key and secret are made up.
VECTOR = {
    "method": "inventoryreserve.create",
    "format": "xml",
    "app_key": "33000001",
    "v": "2.0",
    "sign_method": "md5",
    "customerId": "c1000001",
    "timestamp": "2026-11-22 10:00:00",
}
VECTOR_SECRET = "yinuoqimensecret"
VECTOR_BODY = b'<?xml version="1.0" encoding="utf-8"?><request><orderCode>YN1</orderCode></request>'
# Signature


def test_signature_equals_the_vector() -> None:
    assert sign(VECTOR, VECTOR_BODY, secret=VECTOR_SECRET) == "0A259A1A0D14FDC54A7201EFD6966C8E"


def test_hmac_signatures_are_keyed_and_not_wrapped() -> None:
    assert canonical(VECTOR | {"sign": "X", "session": ""}) == (
        b"app_key33000001customerIdc1000001formatxmlmethodinventoryreserve.create"
        b"sign_methodmd5timestamp2026-11-22 10:00:00v2.0"
    )
    for method, length in (("hmac", 32), ("hmac-sha256", 64)):
        query = VECTOR | {"sign_method": method}
        signature = sign(query, VECTOR_BODY, secret=VECTOR_SECRET)
        assert (len(signature), signature) == (length, signature.upper())
        assert is_signed(query | {"sign": signature}, VECTOR_BODY, secret=VECTOR_SECRET)
        assert not is_signed(query | {"sign": signature}, VECTOR_BODY + b" ", secret=VECTOR_SECRET)


def test_an_unknown_sign_method_never_fits() -> None:
    query = VECTOR | {"sign_method": "none", "sign": ""}
    assert not is_signed(query, VECTOR_BODY, secret=VECTOR_SECRET)


def test_fresh_means_ten_minutes_either_way() -> None:
    assert is_fresh("2026-11-22 10:10:00", now=NOW)
    assert is_fresh("2026-11-22 09:50:00", now=NOW)
    assert not is_fresh("2026-11-22 10:10:01", now=NOW)
    assert not is_fresh("2026-11-22T10:00:00", now=NOW)


def test_both_spellings_of_a_method_are_one() -> None:
    assert bare_method("taobao.qimen.order.cancel") == bare_method("order.cancel") == "order.cancel"


# XML


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaa">]><request>&a;</request>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><request/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE r []><request/>'.encode("utf-16"),
        b"<request>",
        b"",
        b"<a/>" + b" " * 1_000_001,
    ],
)
def test_dtd_entities_and_broken_xml_are_refused(body: bytes) -> None:
    assert isinstance(parse(body), BadXml)


def test_text_reads_a_path_or_nothing() -> None:
    root = parse(b"<r><a><b> x </b></a></r>")
    assert not isinstance(root, BadXml)
    assert (text(root, "a/b"), text(root, "a/c"), text(None, "a")) == ("x", "", "")


def test_only_the_flag_of_an_http_200_is_success() -> None:
    good = b"<response><flag>success</flag></response>"
    for status, body, expected in (
        (200, good, True),
        (500, good, False),
        (None, b"", False),
        (200, b"<response><flag>failure</flag></response>", False),
        (200, b"success", False),
    ):
        assert is_success(HubAnswer(status=status, body=body, seconds=0.1)) is expected


# Reading requests


def test_every_missing_field_is_named_at_once() -> None:
    root = etree.fromstring("<request><deliveryOrder/></request>")
    refusal = send_request(root)
    assert isinstance(refusal, Refusal)
    assert refusal.message == (
        "缺少参数: deliveryOrder/deliveryOrderCode,deliveryOrder/orderType,"
        "deliveryOrder/warehouseCode,deliveryOrder/logisticsCode,deliveryOrder/receiverInfo/name,"
        "deliveryOrder/receiverInfo/province,deliveryOrder/receiverInfo/city,"
        "deliveryOrder/receiverInfo/detailAddress,deliveryOrder/receiverInfo/mobile"
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"quantity": "0"}, "第1行 planQty 不合法"),
        ({"quantity": "-1"}, "第1行 planQty 不合法"),
        ({"quantity": "1.5"}, "第1行 planQty 不合法"),
        ({"carrier": "XX"}, "logisticsCode 不支持: XX"),
        ({"head": "<totalAmount>1.005</totalAmount>"}, "totalAmount 金额不合法"),
        (
            {"head": "<totalAmount>9.00</totalAmount><itemAmount>10.00</itemAmount>"
             "<discountAmount>2.00</discountAmount><freight>0.50</freight>"},
            "totalAmount 应等于 itemAmount - discountAmount + freight",
        ),
        (
            {"head": "<totalAmount>8.50</totalAmount><itemAmount>10.00</itemAmount>"
             "<discountAmount>2.00</discountAmount><freight>0.50</freight>"
             "<arAmount>0.00</arAmount><gotAmount>8.00</gotAmount>"},
            "totalAmount 应等于 arAmount + gotAmount",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused(given: dict[str, str], message: str) -> None:
    refusal = send_request(etree.fromstring(f"<request>{order_xml(**given)}</request>"))
    assert refusal == Refusal("isv.invalid-parameter", message)


def test_amounts_that_agree_are_taken() -> None:
    head = (
        "<totalAmount>8.50</totalAmount><itemAmount>10.00</itemAmount><freight>0.50</freight>"
        "<discountAmount>2.00</discountAmount><arAmount>0.00</arAmount><gotAmount>8.50</gotAmount>"
    )
    request = send_request(etree.fromstring(f"<request>{order_xml(head=head)}</request>"))
    assert isinstance(request, SendRequest)
    assert (request.code, request.lines) == ("YN1", (OrderLine("7", "LOVE-2026", 4),))


def test_a_reserve_request_is_read_whole() -> None:
    root = etree.fromstring(f"<request>{reserve_xml('YN1', 'OTHER', A=2)}</request>")
    request = reserve_request(root)
    assert request == ReserveRequest(
        order_code="YN1", owner_code="OWNER1", warehouse="", most_warehouses=0,
        wanted=(Wanted("A", 2),),
    )  # fmt: skip
    empty = reserve_request(etree.fromstring("<request/>"))
    assert empty == Refusal("isv.missing-parameter", "缺少参数: orderCode,ownerCode,orderSource")
