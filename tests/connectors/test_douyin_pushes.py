"""Douyin's pushes say which orders changed, and nothing is believed that it did not sign."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.vectors import VECTORS
from yinuo.connectors.douyin.connector import DouyinConnector
from yinuo.connectors.douyin.settings import DouyinSettings
from yinuo.connectors.douyin.signing import SignMethod, sign_push
from yinuo.connectors.http import Outside
from yinuo.connectors.protocols import BadSignature, Malformed, PushedChange

KEY = VECTORS["douyin_api"]["app_key"]
SECRET = VECTORS["douyin_api"]["app_secret"]
CLIENT = httpx.Client()


def shop(**changes: object) -> DouyinConnector:
    given = {"app_key": KEY, "app_secret": SECRET, "shop_id": "12345"}
    settings = DouyinSettings.model_validate(given | changes)
    return DouyinConnector(settings, Outside("douyin.dy1", client=CLIENT))


def headers(body: bytes, *, method: SignMethod = "md5", app: str = KEY) -> dict[str, str]:
    sign = sign_push(body, app_key=KEY, secret=SECRET, method=method)
    return {"App-Id": app, "Event-Sign": sign, "Sign-Method": method}


def read(*messages: object) -> tuple[PushedChange, ...]:
    body = json.dumps(messages).encode()
    return shop().read_push(headers(body), body)


def message(tag: object, data: object, msg_id: str = "m1") -> dict[str, object]:
    return {"tag": tag, "msg_id": msg_id, "data": json.dumps(data)}


def test_the_vendors_own_push_is_read() -> None:
    vector = VECTORS["douyin_push"]
    assert shop().read_push(vector["headers"], vector["body_raw"].encode()) == (
        PushedChange(
            message_id="7300000000000000001:0:1234:101",
            number="6900000000000000001",
            topic="order.paid",
        ),
    )


def test_ids_are_numbers_or_texts_and_unknown_tags_keep_their_number() -> None:
    found = read(
        message(100, {"p_id": 2**63 - 1}),
        message("106", {"p_id": "6900000000000000002", "shop_id": "12345"}, "m2"),
        message("999", {"p_id": 5, "shop_id": 12345}, "m3"),
    )
    assert [(one.number, one.topic) for one in found] == [
        ("9223372036854775807", "order.created"),
        ("6900000000000000002", "order.cancelled"),
        ("5", "tag.999"),
    ]


def test_what_is_not_ours_or_no_order_tells_of_nothing() -> None:
    assert read({"tag": "0", "msg_id": "0", "data": "2026-11-22"}) == ()
    assert read({"tag": 0, "msg_id": "0"}) == ()
    assert read(message("101", {"p_id": 7, "shop_id": 999})) == ()
    assert read(message("400", {"product_id": 7})) == ()
    assert read({"tag": "400", "msg_id": "1", "data": "x"}) == ()
    assert read() == ()


@pytest.mark.parametrize(
    "wrong",
    [
        message("101", {"s_ids": [1]}),
        message("101", {"p_id": -1}),
        message("101", {"p_id": 7}, ""),
        {"tag": "101", "msg_id": "1", "data": "{"},
        {"tag": "101", "msg_id": "1", "data": "[]"},
        {"msg_id": "1", "data": "{}"},
        7,
    ],
)
def test_what_was_signed_and_makes_no_sense_is_malformed(wrong: object) -> None:
    with pytest.raises(Malformed):
        read(message("100", {"p_id": 1}), wrong)


def test_only_the_agreed_way_of_signing_counts() -> None:
    body = json.dumps([message("101", {"p_id": 7})]).encode()
    hmac = headers(body, method="hmac-sha256")
    assert len(shop(push_sign_method="hmac-sha256").read_push(hmac, body)) == 1
    with pytest.raises(BadSignature):
        shop().read_push(hmac, body)
    for wrong in ({}, headers(body, app="another"), headers(body + b" ")):
        with pytest.raises(BadSignature):
            shop().read_push(wrong, body)
    with pytest.raises(BadSignature):
        shop(app_secret="another").read_push(headers(body), body)


@given(body=st.binary(max_size=100))
def test_any_signed_bytes_are_understood_or_malformed(body: bytes) -> None:
    try:
        found = shop().read_push(headers(body), body)
    except Malformed:
        return
    assert found == ()
