"""Sortable ids: a prefix that says of what, then 26 characters that sort by the time of making."""

from __future__ import annotations

import secrets
import threading
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_lock = threading.Lock()
_last = 0


def new_id(prefix: str) -> str:
    """Return a new id such as `ord_01KATM…`: unique everywhere, growing within a process.

    48 bits of milliseconds, then 80 random bits; a second id in the same millisecond is the
    first plus one, so ids made by one process never sort the wrong way round.
    """
    global _last  # noqa: PLW0603 - one counter for the process, guarded by the lock
    with _lock:
        fresh = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
        _last = fresh if fresh > _last else _last + 1
        number = _last
    pairs = [_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)]
    return f"{prefix}_{''.join(pairs)}"
