"""Payments and refunds are asked for, signed both ways."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pydantic
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.connectors import wechat_pay_keys as keys
from tests.connectors.test_wechat_pay_callback import PAYMENT, REFUND, SEEN
from yinuo.connectors import http
from yinuo.connectors.http import Outside, Repeats, Timeouts
from yinuo.connectors.protocols import (
    Busy,
    HealthState,
    PaymentState,
    RefundState,
    Rejected,
    Unavailable,
)
from yinuo.connectors.testing import LocalServer, Received, Reply, local_server
from yinuo.connectors.wechat_pay.connector import WechatPayConnector
from yinuo.connectors.wechat_pay.settings import WechatPaySettings
from yinuo.core import clock

AT = datetime(2026, 11, 22, 2, 0, 1, tzinfo=UTC)
NUMBER = "YN20261122000001"
NOT_THERE = Reply(
    status=404, body=b'{"code":"ORDER_NOT_EXIST","message":"\xe8\xae\xa2\xe5\x8d\x95"}'
)


@contextmanager
def provider(
    answer: Callable[[Received], Reply] | Reply,
) -> Iterator[tuple[WechatPayConnector, LocalServer]]:
    reply = (lambda _r: answer) if isinstance(answer, Reply) else answer
    with clock.fixed(AT), local_server(reply) as server, http.new_client() as client:
        outside = Outside(
            "wechat_pay",
            client=client,
            timeouts=Timeouts(connect=5, read=1.5, total=6),
            repeats=Repeats(first_pause_seconds=0.001, longest_pause_seconds=0.002),
        )
        yield (
            WechatPayConnector(keys.settings(address=f"{server.address}/wechat-pay"), outside),
            server,
        )


def answer(value: object, at: datetime = AT, **changes: str) -> Reply:
    body = json.dumps(value).encode()
    return Reply(body=body, headers=keys.signed(body, at, **changes))


def test_a_payment_is_found() -> None:
    with provider(answer(PAYMENT)) as (connector, server):
        assert connector.query_payment(NUMBER) == SEEN
    assert server.seen[0].target == (
        f"/wechat-pay/v3/pay/transactions/out-trade-no/{NUMBER}?mchid=1900000001"
    )
    assert server.seen[0].headers["wechatpay-serial"] == keys.KEY_ID


def test_the_request_is_signed_over_the_vendors_own_path() -> None:
    with provider(answer(PAYMENT)) as (connector, server):
        connector.query_payment(NUMBER)
    header = server.seen[0].headers["authorization"]
    scheme, _, rest = header.partition(" ")
    parts = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    assert scheme == "WECHATPAY2-SHA256-RSA2048"
    assert (parts["mchid"], parts["serial_no"]) == ("1900000001", keys.MERCHANT_SERIAL)
    assert parts["timestamp"] == str(int(AT.timestamp()))
    path = f"/v3/pay/transactions/out-trade-no/{NUMBER}?mchid=1900000001"
    text = f"GET\n{path}\n{parts['timestamp']}\n{parts['nonce_str']}\n\n"
    keys.merchant_key().public_key().verify(
        base64.b64decode(parts["signature"]), text.encode(), padding.PKCS1v15(), hashes.SHA256()
    )


def test_an_unpaid_payment_has_no_transaction() -> None:
    unpaid = {key: PAYMENT[key] for key in ("appid", "mchid", "out_trade_no")} | {
        "trade_state": "NOTPAY",
        "amount": {"total": 25990, "currency": "CNY"},
    }
    with provider(answer(unpaid)) as (connector, _server):
        seen = connector.query_payment(NUMBER)
    assert seen is not None
    assert (seen.state, seen.transaction_id, seen.paid_at) == (PaymentState.UNPAID, "", None)
    assert seen.amount_fen == 25990


def test_a_refund_is_found_under_its_other_name_of_status() -> None:
    shown = {key: value for key, value in REFUND.items() if key not in {"mchid", "refund_status"}}
    with provider(answer(shown | {"status": "PROCESSING", "success_time": None})) as (
        connector,
        _s,
    ):
        seen = connector.query_refund("YNR20261122000001", payment_number=NUMBER)
    assert seen is not None
    assert (seen.state, seen.amount_fen) == (RefundState.PROCESSING, 5000)


@pytest.mark.parametrize("code", ["ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"])
def test_a_number_that_is_not_there_is_none(code: str) -> None:
    reply = Reply(status=404, body=json.dumps({"code": code}).encode())
    with provider(reply) as (connector, server):
        assert connector.query_payment("YN2026") is None
        assert connector.query_refund("YNR2026", payment_number="YN2026") is None
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=json.dumps(PAYMENT).encode()),
        answer(PAYMENT, at=AT - timedelta(seconds=301)),
        answer(PAYMENT, **{"Wechatpay-Signature": "WECHATPAY/SIGNTEST/x"}),
        answer(PAYMENT | {"out_trade_no": "YN20261122000002"}),
        answer(PAYMENT | {"mchid": "1900000002"}),
        answer([]),
        Reply(status=500, body=b'{"code":"SYSTEM_ERROR"}'),
        Reply(wait_seconds=30),
        Reply(hangs_up=True),
    ],
    ids=["unsigned", "stale", "probe", "other", "mchid", "shape", "500", "timeout", "dropped"],
)
def test_an_answer_that_is_not_believed_is_asked_for_again(reply: Reply) -> None:
    with provider(reply) as (connector, server), pytest.raises(Unavailable):
        connector.query_payment(NUMBER)
    assert len(server.seen) == 3


def test_each_attempt_has_its_own_nonce() -> None:
    replies = iter([Reply(hangs_up=True), answer(PAYMENT)])
    with provider(lambda _r: next(replies)) as (connector, server):
        assert connector.query_payment(NUMBER) == SEEN
    nonces = {
        re.findall(r'nonce_str="(\w+)"', one.headers["authorization"])[0] for one in server.seen
    }
    assert len(nonces) == 2


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "SIGN_ERROR", Rejected),
        (403, "NO_AUTH", Rejected),
        (404, "SOMETHING_ELSE", Rejected),
        (429, "FREQUENCY_LIMITED", Busy),
    ],
)
def test_refusals_have_the_vendors_code(status: int, code: str, expected: type[Exception]) -> None:
    reply = Reply(status=status, body=json.dumps({"code": code, "message": "x"}).encode())
    with provider(reply) as (connector, _server), pytest.raises(expected) as caught:
        connector.query_payment(NUMBER)
    assert getattr(caught.value, "details")["outside_code"] in {code, "HTTP 429"}  # noqa: B009


def test_check_tells_health() -> None:
    with provider(NOT_THERE) as (connector, _server):
        assert connector.check().state is HealthState.OK
    with provider(Reply(status=401, body=b'{"code":"SIGN_ERROR"}')) as (connector, _server):
        assert connector.check().state is HealthState.DEGRADED
    with provider(Reply(hangs_up=True)) as (connector, _server):
        assert connector.check().state is HealthState.DOWN


def test_keys_and_signatures_reach_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with provider(Reply(hangs_up=True)) as (connector, _server):
        with pytest.raises(Unavailable) as caught:
            connector.query_payment(NUMBER)
        told = f"{caught.value.details} {caplog.text} {connector.settings!r}"
    assert keys.APIV3_KEY not in told
    assert "PRIVATE KEY" not in told
    assert "signature=" not in told


@pytest.mark.parametrize(
    "changes",
    [
        {"apiv3_key": "short"},
        {"platform_keys": {}},
        {"platform_keys": {"PUB_KEY_ID_1": "not a key"}},
        {"merchant_private_key": "not a key"},
        {"merchant_private_key_file": "/nonexistent/apiclient_key.pem"},
        {"allowed_addresses": ["somewhere"]},
        {"mchid": "m"},
        {"appids": []},
    ],
)
def test_wrong_settings_are_named_and_not_shown(changes: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        keys.settings(**changes)
    told = str(caught.value.errors(include_input=False, include_context=False))
    assert "BEGIN" not in told
    assert caught.value.error_count() == 1


def test_the_key_may_stand_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "apiclient_key.pem"
    path.write_text(keys.private_pem(keys.merchant_key()))
    settings: WechatPaySettings = keys.settings(
        merchant_private_key="", merchant_private_key_file=path
    )
    assert settings.private_key_pem().startswith("-----BEGIN")
