"""Douyin's signatures: over our calls, over its pushes, and over its own calls (SPI).

The key goes around the text on both sides, also where it keys an HMAC.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Literal, TypeAlias

from yinuo.core.errors import JsonValue

SignMethod: TypeAlias = Literal["md5", "hmac-sha256"]
VERSION = "2"


def param_json(params: Mapping[str, JsonValue]) -> str:
    """Return parameters as they are signed and sent: keys sorted at every depth, no blanks."""
    return json.dumps(
        params, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sign_call(method: str, params: str, *, timestamp: str, app_key: str, secret: str) -> str:
    """Return the `sign` of a call; `params` is the body's text and `timestamp` the query's."""
    text = f"app_key{app_key}method{method}param_json{params}timestamp{timestamp}v{VERSION}"
    return _digest(f"{secret}{text}{secret}".encode(), secret=secret, method="hmac-sha256")


def sign_push(body: bytes, *, app_key: str, secret: str, method: SignMethod) -> str:
    """Return the `event-sign` of a push, over its body as it came."""
    return _digest(app_key.encode() + body + secret.encode(), secret=secret, method=method)


def sign_spi(params: str, *, timestamp: str, app_key: str, secret: str, method: SignMethod) -> str:
    """Return the signature of a call that Douyin makes to us: `sign` by MD5, `sign_v2` by HMAC."""
    text = f"app_key{app_key}param_json{params}timestamp{timestamp}"
    return _digest(f"{secret}{text}{secret}".encode(), secret=secret, method=method)


def is_signed(expected: str, given: str) -> bool:
    """Tell whether a signature is the expected one, in a time that tells nothing of it."""
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode())


def _digest(text: bytes, *, secret: str, method: SignMethod) -> str:
    if method == "md5":
        return hashlib.md5(text, usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
