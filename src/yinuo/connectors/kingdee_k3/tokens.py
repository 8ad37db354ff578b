"""The token of one process: fetched when needed, renewed before it ends, dropped when refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from yinuo.core import clock

EARLY_SECONDS = 120


class TokenCache:
    """Holds one token; several threads that need a new one fetch it once."""

    def __init__(self, fetch: Callable[[], tuple[str, int]]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._token = ""
        self._until: datetime | None = None

    def get(self) -> str:
        """Return a token that is valid for a while yet; raises what fetching raises."""
        with self._lock:
            if self._until is None or clock.now() >= self._until:
                asked_at = clock.now()
                self._token, validity = self._fetch()
                early = min(EARLY_SECONDS, validity // 2)
                self._until = asked_at + timedelta(seconds=validity - early)
            return self._token

    def drop(self, token: str) -> None:
        """Forget this token, unless another thread has already fetched a newer one."""
        with self._lock:
            if token == self._token:
                self._until = None
