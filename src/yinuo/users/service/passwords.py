"""Argon2id hashes of passwords."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 32 MiB and three passes: above OWASP's least (19 MiB, two passes), some 40 ms on one core.
_hasher = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
# At most this many at once: a crowd at the sign-in page must not take all memory and cores.
_room = threading.BoundedSemaphore(4)
# Checked when there is no such user, so that the answer takes as long as for one that exists.
_nobody = _hasher.hash("the password of nobody")


def hash_password(password: str) -> str:
    """Return the hash to store."""
    with _room:
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether the password is right; takes as long when there is no hash to compare with."""
    with _room:
        try:
            is_right = _hasher.verify(password_hash or _nobody, password)
        except (VerificationError, InvalidHashError):
            return False
    return is_right and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(password_hash)
