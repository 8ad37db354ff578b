"""Douyin's signatures are as others compute them."""

from __future__ import annotations

import json

from tests.connectors.vectors import VECTORS
from yinuo.connectors.douyin.signing import is_signed, param_json, sign_call, sign_push, sign_spi


def test_a_call_is_signed_as_computed() -> None:
    vector = VECTORS["douyin_api"]
    params = param_json(json.loads(vector["param_json"]))
    assert params == vector["param_json"]
    sign = sign_call(
        vector["method"],
        params,
        timestamp=vector["timestamp"],
        app_key=vector["app_key"],
        secret=vector["app_secret"],
    )
    assert sign == vector["sign"]


def test_parameters_are_one_text_whatever_their_order() -> None:
    params = {"b": {"z": "a/b<&>", "a": [{"y": 1, "x": "诺"}]}, "a": True}
    assert param_json(params) == '{"a":true,"b":{"a":[{"x":"诺","y":1}],"z":"a/b<&>"}}'


def test_a_push_is_signed_as_computed() -> None:
    vector, key = VECTORS["douyin_push"], VECTORS["douyin_api"]["app_key"]
    secret = VECTORS["douyin_api"]["app_secret"]
    body = vector["body_raw"].encode()
    sign = sign_push(body, app_key=key, secret=secret, method="md5")
    assert is_signed(sign, vector["headers"]["event-sign"].upper())
    assert not is_signed(sign, "")
    assert not is_signed(sign, "签名")
    assert sign_push(body + b" ", app_key=key, secret=secret, method="md5") != sign
    assert len(sign_push(body, app_key=key, secret=secret, method="hmac-sha256")) == 64


def test_a_call_to_us_is_signed_as_computed() -> None:
    vector, secret = VECTORS["douyin_spi"], VECTORS["douyin_api"]["app_secret"]
    named = {"timestamp": vector["timestamp"], "app_key": vector["app_key"], "secret": secret}
    params = vector["param_json"]
    assert sign_spi(params, **named, method="md5") == vector["sign_md5"]
    assert sign_spi(params, **named, method="hmac-sha256") == vector["sign_v2_hmac_sha256"]
