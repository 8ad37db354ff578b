"""The signature between shop and hub, both directions, written apart from the hub's own."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Mapping

from yinuo.core import clock

FRESH_SECONDS = 300
_NONCE = re.compile(r"[!-~]{16,64}")


def signature(
    secret: str, method: str, target: str, *, timestamp: str, nonce: str, body: bytes
) -> str:
    """Return hex HMAC-SHA256 over method, target, time, nonce and the digest of the body."""
    digest = hashlib.sha256(body).hexdigest()
    text = "\n".join([method, target, timestamp, nonce, digest])
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def headers(secret: str, method: str, target: str, *, body: bytes) -> dict[str, str]:
    """Return the three headers of a request that is signed now."""
    timestamp = str(int(clock.now().timestamp()))
    nonce = secrets.token_urlsafe(24)
    return {
        "X-Yinuo-Timestamp": timestamp,
        "X-Yinuo-Nonce": nonce,
        "X-Yinuo-Signature": signature(
            secret, method, target, timestamp=timestamp, nonce=nonce, body=body
        ),
    }


class Doorkeeper:
    """Lets in what the hub signed, five minutes fresh, and each nonce once."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}

    def objection(
        self, method: str, target: str, *, headers: Mapping[str, str], body: bytes
    ) -> str | None:
        """Return the code of what is wrong with a request, or None when it may come in."""
        timestamp = headers.get("x-yinuo-timestamp", "")
        nonce = headers.get("x-yinuo-nonce", "")
        if not timestamp.isascii() or not timestamp.isdigit() or not _NONCE.fullmatch(nonce):
            return "bad_signature"
        expected = signature(
            self._secret, method, target, timestamp=timestamp, nonce=nonce, body=body
        )
        given = headers.get("x-yinuo-signature", "")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            return "bad_signature"
        now = clock.now().timestamp()
        if abs(now - int(timestamp[:12])) > FRESH_SECONDS:
            return "stale"
        return None if self._is_new(nonce, now) else "repeated_nonce"

    def _is_new(self, nonce: str, now: float) -> bool:
        with self._lock:
            if nonce in self._seen:
                return False
            if len(self._seen) > 10_000:
                limit = now - 2 * FRESH_SECONDS
                self._seen = {key: at for key, at in self._seen.items() if at > limit}
            self._seen[nonce] = now
            return True
