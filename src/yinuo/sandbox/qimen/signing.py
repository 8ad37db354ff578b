"""Signature, query and freshness rules of the Qimen gateway, written from its specification."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

GMT8 = ZoneInfo("Asia/Shanghai")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
FRESH = timedelta(minutes=10)  # the open platform takes ten minutes of difference
METHOD_PREFIX = "taobao.qimen."


def canonical(query: Mapping[str, str]) -> bytes:
    """Return the signed part of the query: keys in ordinal order, `sign` and empty ones left out."""
    return "".join(
        f"{key}{query[key]}" for key in sorted(query) if key != "sign" and query[key]
    ).encode()


def sign(query: Mapping[str, str], body: bytes, *, secret: str) -> str:
    """Return the upper-case hexadecimal signature for the `sign_method` that the query names.

    md5 wraps the text in the secret, hmac (MD5) and hmac-sha256 are keyed by it.
    An unknown method gives the empty text, which equals no signature.
    """
    text, key = canonical(query) + body, secret.encode()
    match query.get("sign_method", ""):
        case "md5":
            return hashlib.md5(key + text + key).hexdigest().upper()  # noqa: S324 - the vendor's choice
        case "hmac":
            return hmac.new(key, text, hashlib.md5).hexdigest().upper()
        case "hmac-sha256":
            return hmac.new(key, text, hashlib.sha256).hexdigest().upper()
        case _:
            return ""


def is_signed(query: Mapping[str, str], body: bytes, *, secret: str) -> bool:
    """Tell whether the query carries the right signature for exactly these bytes."""
    expected = sign(query, body, secret=secret)
    return bool(expected) and hmac.compare_digest(expected, query.get("sign", ""))


def is_fresh(timestamp: str, *, now: datetime) -> bool:
    """Tell whether the GMT+8 timestamp is within ten minutes of now."""
    try:
        at = datetime.strptime(timestamp, TIME_FORMAT).replace(tzinfo=GMT8)
    except ValueError:
        return False
    return abs(now - at) <= FRESH


def bare_method(method: str) -> str:
    """Return the classic name of a method: both spellings name the same one."""
    return method.removeprefix(METHOD_PREFIX)


def local_text(at: datetime) -> str:
    """Return a moment as the standard writes it: local time of Shanghai without a zone."""
    return at.astimezone(GMT8).strftime(TIME_FORMAT)
