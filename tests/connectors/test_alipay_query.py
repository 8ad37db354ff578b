"""Payments and refunds are asked for, signed both ways; an unsigned word counts for nothing."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qsl

import pydantic
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.connectors import alipay_keys as keys
from tests.connectors.wechat_pay_keys import private_pem
from yinuo.connectors import http
from yinuo.connectors.alipay import signing
from yinuo.connectors.alipay.connector import AlipayConnector
from yinuo.connectors.http import Outside, Repeats, Timeouts
from yinuo.connectors.protocols import (
    Busy,
    HealthState,
    Malformed,
    PaymentState,
    RefundState,
    Rejected,
    Unavailable,
)
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server
from yinuo.core import clock

AT = datetime(2026, 11, 22, 2, 0, 1, tzinfo=UTC)
NUMBER = "YN20261122000002"
QUERY, REFUND_QUERY = "alipay.trade.query", "alipay.trade.fastpay.refund.query"
BILL = "alipay.data.dataservice.bill.downloadurl.query"
TRADE = {
    "code": "10000",
    "msg": "Success",
    "buyer_logon_id": "138****0001",
    "buyer_pay_amount": "249.90",
    "buyer_user_id": "2088000000000001",
    "invoice_amount": "0.00",
    "out_trade_no": NUMBER,
    "send_pay_date": "2026-11-22 10:00:03",
    "total_amount": "259.90",
    "trade_no": "2026112222001400000000000002",
    "trade_status": "TRADE_SUCCESS",
    "store_name": '斜杠/与 "引号" {括号}',
}
REFUND = {
    "code": "10000",
    "msg": "Success",
    "out_request_no": "R-1",
    "out_trade_no": NUMBER,
    "refund_amount": "50.00",
    "refund_status": "REFUND_SUCCESS",
    "gmt_refund_pay": "2026-11-22 12:00:00",
    "total_amount": "259.90",
    "trade_no": "2026112222001400000000000002",
}
NOT_THERE = {"code": "40004", "msg": "Business Failed", "sub_code": "ACQ.TRADE_NOT_EXIST"}


def told(node: object, method: str = QUERY, *, is_signed: bool = True) -> Reply:
    return Reply(body=keys.answer(method, node, is_signed=is_signed))


@contextmanager
def provider(
    answer: Callable[[Received], Reply] | Reply,
) -> Iterator[tuple[AlipayConnector, LocalServer]]:
    reply = (lambda _r: answer) if isinstance(answer, Reply) else answer
    with clock.fixed(AT), local_server(reply) as server, http.new_client() as client:
        outside = Outside(
            "alipay",
            client=client,
            timeouts=Timeouts(connect=5, read=1.5, total=6),
            repeats=Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002),
        )
        settings = keys.settings(address=f"{server.address}/gateway.do")
        yield AlipayConnector(settings, outside), server


def test_a_payment_is_found_in_a_signed_answer_however_it_is_written() -> None:
    with provider(told(TRADE)) as (connector, _server):
        seen = connector.query_payment(NUMBER)
    assert seen is not None
    assert (seen.state, seen.amount_fen, seen.payer_fen) == (PaymentState.PAID, 25990, 24990)
    assert seen.paid_at == datetime(2026, 11, 22, 2, 0, 3, tzinfo=UTC)
    assert (seen.transaction_id, seen.account) == ("2026112222001400000000000002", "main")


def test_the_request_is_signed_with_its_kind_of_signature() -> None:
    with provider(told(TRADE)) as (connector, server):
        connector.query_payment(NUMBER)
    (received,) = server.seen
    fields = received.query | dict(parse_qsl(received.body.decode()))
    sign = fields.pop("sign")
    text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()))
    keys.app_key().public_key().verify(
        base64.b64decode(sign), text.encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    assert (received.method, received.path) == ("POST", "/gateway.do")
    assert fields["sign_type"] == "RSA2"
    assert fields["method"] == QUERY
    assert fields["timestamp"] == "2026-11-22 10:00:01"
    assert json.loads(fields["biz_content"]) == {"out_trade_no": NUMBER}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"trade_status": "TRADE_FINISHED"}, PaymentState.PAID),
        ({"trade_status": "TRADE_CLOSED"}, PaymentState.REFUNDED),
        ({"trade_status": "TRADE_CLOSED", "send_pay_date": ""}, PaymentState.CLOSED),
        ({"trade_status": "WAIT_BUYER_PAY", "send_pay_date": ""}, PaymentState.UNPAID),
    ],
)
def test_closed_is_refunded_only_when_it_was_paid(
    changes: dict[str, str], state: PaymentState
) -> None:
    with provider(told(TRADE | changes)) as (connector, _server):
        seen = connector.query_payment(NUMBER)
    assert seen is not None
    assert seen.state is state


def test_a_refund_is_found_with_its_own_amount() -> None:
    with provider(told(REFUND, REFUND_QUERY)) as (connector, server):
        seen = connector.query_refund("R-1", payment_number=NUMBER)
    assert seen is not None
    assert (seen.state, seen.amount_fen, seen.so_far_fen) == (RefundState.DONE, 5000, None)
    assert seen.refund_id == "2026112222001400000000000002/R-1"
    assert seen.refunded_at == datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    asked = json.loads(dict(parse_qsl(server.seen[0].body.decode()))["biz_content"])
    assert (asked["out_trade_no"], asked["out_request_no"]) == (NUMBER, "R-1")


def test_a_number_that_is_not_there_is_none() -> None:
    with provider(told(NOT_THERE)) as (connector, server):
        assert connector.query_payment(NUMBER) is None
    assert len(server.seen) == 1
    empty = {"code": "10000", "msg": "Success", "trade_no": "1", "out_trade_no": NUMBER}
    with provider(told(empty, REFUND_QUERY)) as (connector, _server):
        assert connector.query_refund("R-1", payment_number=NUMBER) is None


@pytest.mark.parametrize(
    "reply",
    [
        told(TRADE, is_signed=False),
        told(NOT_THERE, is_signed=False),
        Reply(body=keys.answer(QUERY, TRADE).replace(b"259.90", b"259.91")),
        Reply(body=keys.answer(QUERY, TRADE).replace(b'"sign":"', b'"sign":"x')),
        told(TRADE, REFUND_QUERY),
        told(TRADE | {"out_trade_no": "YN20261122000009"}),
        told(TRADE | {"trade_status": "?"}),
        told(TRADE | {"total_amount": "1e2"}),
        told({"code": "20000", "msg": "Service Currently Unavailable"}),
        told({"code": "40004", "sub_code": "ACQ.SYSTEM_ERROR"}),
        told([]),
        Reply(body=b""),
        Reply(body=b"<html>busy</html>"),
        Reply(status=502),
        Reply(hangs_up=True),
    ],
)
def test_an_answer_that_is_not_believed_is_asked_for_again(reply: Reply) -> None:
    with provider(reply) as (connector, server), pytest.raises(Unavailable):
        connector.query_payment(NUMBER)
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("node", "is_signed", "expected"),
    [
        ({"code": "40004", "sub_code": "ACQ.INVALID_PARAMETER"}, True, Rejected),
        ({"code": "40002", "sub_code": "isv.invalid-app-id"}, False, Rejected),
        ({"code": "40006", "sub_code": "isv.insufficient-isv-permissions"}, False, Rejected),
        ({"code": "40005", "sub_code": "isv.app-call-limited"}, False, Busy),
    ],
)
def test_refusals_have_the_vendors_code(
    node: dict[str, str], is_signed: bool, expected: type[Exception]
) -> None:
    with (
        provider(told(node, is_signed=is_signed)) as (connector, _server),
        pytest.raises(expected) as caught,
    ):
        connector.query_payment(NUMBER)
    assert getattr(caught.value, "details")["outside_code"] == node["sub_code"]  # noqa: B009


def test_check_tells_health() -> None:
    with provider(told(NOT_THERE)) as (connector, _server):
        assert connector.check().state is HealthState.OK
    refused = told({"code": "40002", "sub_code": "isv.invalid-signature"}, is_signed=False)
    with provider(refused) as (connector, _server):
        assert connector.check().state is HealthState.DEGRADED
    with provider(Reply(hangs_up=True)) as (connector, _server):
        assert connector.check().state is HealthState.DOWN


def test_keys_and_signatures_reach_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with provider(Reply(hangs_up=True)) as (connector, _server):
        with pytest.raises(Unavailable) as caught:
            connector.query_payment(NUMBER)
        said = f"{caught.value.details} {caplog.text} {connector.settings!r}"
    assert "PRIVATE KEY" not in said
    assert "sign=" not in said


@pytest.mark.parametrize(
    "changes",
    [
        {"app_private_key": "not a key"},
        {"app_private_key_file": "/nonexistent/app_key.pem"},
        {"alipay_public_keys": []},
        {"alipay_public_keys": ["bm90IGEga2V5"]},
        {"alipay_public_keys": ["***"]},
        {"seller_id": "1"},
        {"app_id": "wx1"},
        {"allowed_addresses": ["somewhere"]},
    ],
)
def test_wrong_settings_are_named_and_not_shown(changes: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        keys.settings(**changes)
    said = str(caught.value.errors(include_input=False, include_context=False))
    assert "BEGIN" not in said
    assert caught.value.error_count() == 1


def test_the_key_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "app_key.pem"
    path.write_text(private_pem(keys.app_key()))
    settings = keys.settings(app_private_key="", app_private_key_file=path)
    assert settings.private_key_text().startswith("-----BEGIN")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"a":{"b":"}\\""},"sign":"s"}', {"a": '{"b":"}\\""}', "sign": '"s"'}),
        (b' { "sign" : "s" , "a" : { "x" : 1 } } ', {"sign": '"s"', "a": '{ "x" : 1 }'}),
        (b'{"a":1,"a":2}', None),
        (b"[]", None),
        (b'{"a":', None),
        (b"\xff", None),
        (b"{}", {}),
    ],
)
def test_members_are_given_as_they_were_written(body: bytes, found: dict[str, str] | None) -> None:
    assert signing.members(body) == found


def test_a_bill_is_fetched_from_known_hosts_only() -> None:
    def elsewhere(_received: Received) -> Reply:
        return told({"code": "10000", "bill_download_url": "http://evil.example/x"}, BILL)

    with provider(elsewhere) as (connector, server), pytest.raises(Malformed) as caught:
        connector.fetch_bill(date(2026, 11, 21))
    assert caught.value.details == {"problem": "bill_address"}
    assert len(server.seen) == 1


def test_a_bill_that_is_not_there_is_empty_only_from_noon_on() -> None:
    none = told({"code": "40004", "sub_code": "BILL_NOT_EXIST"}, BILL)
    with provider(none) as (connector, _server):
        assert connector.fetch_bill(date(2026, 11, 21)) is None  # it is ten in the morning
        with clock.fixed(datetime(2026, 11, 22, 4, 0, tzinfo=UTC)):
            bill = connector.fetch_bill(date(2026, 11, 21))
    assert bill is not None
    assert bill.lines == ()
