"""Receivers that a channel gives as ciphertext: opened once an order is paid, and once only.

Channels count every opening and allow only so many; so the ciphertext is kept, and told again it
is known to be the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from yinuo.connectors.protocols import SealedReceiver

LONGEST_WAIT = timedelta(hours=1)


class SealState(StrEnum):
    """Where a sealed receiver stands: not needed yet, to be opened, open, or not to be opened."""

    SEALED = "sealed"
    WAITING = "waiting"
    OPEN = "open"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A receiver's ciphertext as it was told last, and what became of it."""

    shop_id: str
    number: str
    raw_number: str
    sealed: SealedReceiver
    state: SealState
    tries: int = 0

    def is_open_for(self, sealed: SealedReceiver) -> bool:
        """Tell whether just this ciphertext was opened before."""
        return self.state is SealState.OPEN and digest(self.sealed) == digest(sealed)


def digest(sealed: SealedReceiver) -> str:
    """Return what tells two ciphertexts apart."""
    text = "\x00".join((sealed.name, sealed.phone, sealed.detail))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def next_try(tries: int, *, now: datetime) -> datetime:
    """Return when to try again after so many tries: 1, 2, 4 … 60 minutes."""
    return now + min(timedelta(minutes=2 ** min(tries, 10)), LONGEST_WAIT)
