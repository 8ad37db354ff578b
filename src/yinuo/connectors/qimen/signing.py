"""The signature of the Qimen gateway, over the sorted query and the exact bytes of the body."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from yinuo.core.clock import SHANGHAI

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def sign(query: Mapping[str, str], body: bytes, *, secret: str) -> str:
    """Return the upper-case hexadecimal signature by the `sign_method` that the query names.

    md5 wraps the text in the secret; hmac and hmac-sha256 are keyed by it. An unknown method
    gives the empty text, which equals no signature.
    """
    parts = "".join(f"{key}{query[key]}" for key in sorted(query) if key != "sign" and query[key])
    text, key = parts.encode() + body, secret.encode()
    match query.get("sign_method"):
        case "md5":
            return hashlib.md5(key + text + key, usedforsecurity=False).hexdigest().upper()
        case "hmac":
            return hmac.new(key, text, hashlib.md5).hexdigest().upper()
        case "hmac-sha256":
            return hmac.new(key, text, hashlib.sha256).hexdigest().upper()
        case _:
            return ""


def is_signed(query: Mapping[str, str], body: bytes, *, secret: str) -> bool:
    """Tell whether the query carries the right signature for exactly these bytes."""
    expected = sign(query, body, secret=secret)
    given = query.get("sign", "").upper()
    return bool(expected) and hmac.compare_digest(expected.encode(), given.encode())


def to_local_text(at: datetime) -> str:
    """Return a moment as the standard writes it: Shanghai time without a zone."""
    return at.astimezone(SHANGHAI).strftime(TIME_FORMAT)


def from_local_text(text: str) -> datetime | None:
    """Return the aware moment of such a text, or None when it is none."""
    try:
        return datetime.strptime(text.strip(), TIME_FORMAT).replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
