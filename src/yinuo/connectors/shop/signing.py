"""The signature between shop and hub: who sent these bytes, when, and that they come once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from yinuo.connectors.protocols import BadSignature, StaleCallback

FRESH = timedelta(seconds=300)
TIMESTAMP, NONCE, SIGNATURE = "X-Yinuo-Timestamp", "X-Yinuo-Nonce", "X-Yinuo-Signature"
_NONCE = re.compile(r"[\x21-\x7e]{16,64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class ShopBadSignature(BadSignature):
    """The signature does not fit, or one of its headers is missing or misshapen."""

    code = "shop.bad_signature"


class ShopStale(StaleCallback):
    """The timestamp is more than five minutes from now."""

    code = "shop.stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request whose signature is right; the caller still sees to it that the nonce is new.

    After `nonce_expires_at` the timestamp alone refuses it, so the nonce may be forgotten.
    """

    nonce: str
    signed_at: datetime
    nonce_expires_at: datetime


def verify_request(
    method: str,
    path_query: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    secret: str,
) -> SignedRequest:
    """Return the nonce of a request that carries the shop's signature.

    `path_query` is the target as it came, not decoded. Header names may be in any case. Raises
    ShopBadSignature or ShopStale.
    """
    given = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce, signature = (
        given.get(name.lower(), "") for name in (TIMESTAMP, NONCE, SIGNATURE)
    )
    if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
        raise ShopBadSignature
    expected = sign(method, path_query, timestamp=timestamp, nonce=nonce, body=body, secret=secret)
    if not hmac.compare_digest(expected.encode(), signature.lower().encode()):
        raise ShopBadSignature
    signed_at = datetime.fromtimestamp(int(timestamp), UTC)
    if abs(now - signed_at) > FRESH:
        raise ShopStale
    return SignedRequest(nonce=nonce, signed_at=signed_at, nonce_expires_at=signed_at + FRESH)


def signed_headers(
    method: str, path_query: str, *, body: bytes, now: datetime, secret: str
) -> dict[str, str]:
    """Return the three headers for a request, with a fresh nonce."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    return {
        TIMESTAMP: timestamp,
        NONCE: nonce,
        SIGNATURE: sign(
            method, path_query, timestamp=timestamp, nonce=nonce, body=body, secret=secret
        ),
    }


def sign(
    method: str, path_query: str, *, timestamp: str, nonce: str, body: bytes, secret: str
) -> str:
    """Return the lower-case hexadecimal HMAC-SHA256 over method, target, time, nonce and body."""
    text = f"{method.upper()}\n{path_query}\n{timestamp}\n{nonce}\n"
    text += hashlib.sha256(body).hexdigest()
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
