"""The signature between shop and hub."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from yinuo.connectors.shop.signing import (
    ShopBadSignature,
    ShopStale,
    SignedRequest,
    sign,
    signed_headers,
    verify_request,
)

SECRET = "yinuo-example-shop-secret"  # made up
NOW = datetime.fromtimestamp(1795312800, UTC)
PATH = "/api/shop/v1/mini/orders?a=%20b"
BODY = b'{"number":"M1"}'


def verify(
    headers: dict[str, str],
    *,
    method: str = "POST",
    path: str = PATH,
    body: bytes = BODY,
    now: datetime = NOW,
    secret: str = SECRET,
) -> SignedRequest:
    return verify_request(method, path, headers=headers, body=body, now=now, secret=secret)


def headers() -> dict[str, str]:
    return signed_headers("POST", PATH, body=BODY, now=NOW, secret=SECRET)


def test_the_signature_is_the_documented_one() -> None:
    text = "POST\n/api/shop/v1/mini/orders\n1795312800\n0123456789abcdef\n"
    text += hashlib.sha256(BODY).hexdigest()
    expected = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    signed = sign(
        "post",
        "/api/shop/v1/mini/orders",
        timestamp="1795312800",
        nonce="0123456789abcdef",
        body=BODY,
        secret=SECRET,
    )
    assert signed == expected
    assert signed == "ef8e812293dcbf2da7a86f6a7ad377aacc1f470fbfb0af2effe3012bcdb51667"


def test_a_signed_request_gives_its_nonce_and_how_long_to_keep_it() -> None:
    made = headers()
    verified = verify({name.lower(): value for name, value in made.items()})
    assert verified.nonce == made["X-Yinuo-Nonce"]
    assert verified.signed_at == NOW
    assert verified.nonce_expires_at == NOW + timedelta(seconds=300)


def test_nonces_differ() -> None:
    assert headers()["X-Yinuo-Nonce"] != headers()["X-Yinuo-Nonce"]


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"path": PATH + "c"},
        {"body": BODY + b" "},
        {"secret": "another-made-up-secret"},
    ],
)
def test_any_change_breaks_it(change: dict[str, object]) -> None:
    with pytest.raises(ShopBadSignature):
        verify(headers(), **change)  # type: ignore[arg-type]  # one change at a time


@pytest.mark.parametrize(
    "change",
    [
        {"X-Yinuo-Nonce": "short"},
        {"X-Yinuo-Nonce": "x" * 65},
        {"X-Yinuo-Nonce": "space in the nonce"},
        {"X-Yinuo-Timestamp": ""},
        {"X-Yinuo-Timestamp": "-1"},
        {"X-Yinuo-Timestamp": "1" * 30},
        {"X-Yinuo-Timestamp": "１７９５３１２８００"},
        {"X-Yinuo-Signature": ""},
        {"X-Yinuo-Signature": "签名"},
        {"X-Yinuo-Signature": "0" * 64},
    ],
)
def test_misshapen_headers_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(ShopBadSignature):
        verify(headers() | change)


def test_no_headers_are_refused() -> None:
    with pytest.raises(ShopBadSignature):
        verify({})


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_right_signature_out_of_time_is_stale(seconds: int) -> None:
    with pytest.raises(ShopStale):
        verify(headers(), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_fine(seconds: int) -> None:
    verify(headers(), now=NOW + timedelta(seconds=seconds))
