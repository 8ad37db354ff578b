"""Tokens of the WebAPI: issued for the authority code, valid for a while, forgotten on restart."""

from __future__ import annotations

import hmac
import secrets
import threading
from datetime import datetime, timedelta

from yinuo.core.clock import SHANGHAI


class Tokens:
    """The tokens that stand; a new one leaves the earlier ones valid."""

    def __init__(self, *, authority_code: str, validity_seconds: int) -> None:
        self.validity_seconds = validity_seconds
        self._authority_code = authority_code
        self._lock = threading.Lock()
        self._expires: dict[str, datetime] = {}

    def create(self, authority_code: str, *, now: datetime) -> str | None:
        """Return a new token, or None for a wrong authority code."""
        if not hmac.compare_digest(authority_code.encode(), self._authority_code.encode()):
            return None
        token = secrets.token_hex(16)
        with self._lock:
            self._expires = {one: end for one, end in self._expires.items() if end > now}
            self._expires[token] = now + timedelta(seconds=self.validity_seconds)
        return token

    def is_valid(self, token: str, *, now: datetime) -> bool:
        """Tell whether the token was issued here and has not expired."""
        with self._lock:
            expires = self._expires.get(token)
        return expires is not None and expires > now

    def forget(self) -> None:
        """Make every token unknown, as a restart of the vendor's web server does."""
        with self._lock:
            self._expires.clear()


def local_text(at: datetime) -> str:
    """Return a moment as the vendor writes it: local time of Shanghai, no zone."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
