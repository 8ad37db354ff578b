"""The access token of one process: kept until Pinduoduo refuses it, then renewed once for all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An access token, and the refresh token that gives the next one."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


class Tokens:
    """Holds the pair; several threads whose token was refused renew it once."""

    def __init__(self, pair: Pair, renew: Callable[[str], Pair]) -> None:
        self._pair = pair
        self._renew = renew
        self._lock = threading.Lock()

    @property
    def access(self) -> str:
        """Return the token to try next."""
        return self._pair.access

    @property
    def can_renew(self) -> bool:
        """Tell whether there is a refresh token."""
        return bool(self._pair.refresh)

    def instead_of(self, refused: str) -> str:
        """Return another token than the refused one; raises what renewing raises."""
        with self._lock:
            if self._pair.access == refused:
                self._pair = self._renew(self._pair.refresh)
            return self._pair.access
