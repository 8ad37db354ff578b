"""Signing in: a try is taken, the password is compared, and the try is finished.

Three beats, because comparing takes some 40 ms of one core and must hold no lock meanwhile: the
first and the last need a transaction each, the middle none. A try counts as a failure from the
moment it is taken, so tries side by side are all counted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from yinuo.core.db import Session
from yinuo.core.logs import logger
from yinuo.users.model import (
    SYSTEM,
    TooManyTries,
    TryScope,
    User,
    WrongCredentials,
    after_success,
    count_try,
    seconds_locked,
)
from yinuo.users.model.audit import clean
from yinuo.users.service import passwords
from yinuo.users.service.audit import record
from yinuo.users.store import accounts as store

log = logger(__name__)
_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try to sign in, already counted."""

    user: User | None
    password_hash: str | None
    keys: tuple[tuple[TryScope, str], ...]
    remote_address: str
    will_lock: bool

    def matches(self, password: str) -> bool:
        """Tell whether the password is right; takes as long for a user who does not exist."""
        return passwords.matches(self.password_hash, password)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The password was right and the account is open."""

    user: User


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """The password or the user name was wrong, or the account is closed; raise `error`.

    An answer and not an exception, so that the failure is recorded before it is raised.
    """

    error: WrongCredentials


def take_try(session: Session, username: str, *, remote_address: str, now: datetime) -> Try:
    """Return a counted try; raises TooManyTries, which counts nothing, while locked."""
    username = clean(username.strip().lower())
    keys = _keys(username, remote_address)
    tries = store.lock_tries(session, keys, now=now)
    seconds = seconds_locked(tries, now)
    if seconds > 0:
        log.warning("sign_in_locked", seconds=seconds)
        raise TooManyTries(seconds=seconds)
    counted = [count_try(one, now) for one in tries]
    store.save_tries(session, counted)
    store.forget_tries(session, before=now - _KEPT)
    user = store.find_user(session, username)
    return Try(
        user=user,
        password_hash=store.password_hash(session, user.id) if user else None,
        keys=keys,
        remote_address=remote_address,
        will_lock=seconds_locked(counted, now) > 0,
    )


def finish_try(
    session: Session, attempt: Try, *, password: str, is_right: bool, now: datetime
) -> SignedIn | SignInRefused:
    """Return what the try came to; records it, and on success forgets the person's failures.

    A password hashed with older parameters is hashed again.
    """
    user = attempt.user
    if user is None or user.is_disabled or not is_right:
        _record_refusal(session, attempt, now=now)
        return SignInRefused(WrongCredentials())
    tries = store.lock_tries(session, attempt.keys, now=now)
    store.save_tries(session, [after_success(one) for one in tries])
    if attempt.password_hash is not None and passwords.is_outdated(attempt.password_hash):
        store.save_password(session, user.id, password_hash=passwords.hash_password(password))
    record(
        session,
        actor=user.as_actor(),
        action="users.sign_in",
        object=user.id,
        after={"remote": attempt.remote_address},
        now=now,
    )
    return SignedIn(user)


def authenticate(
    session: Session, *, username: str, password: str, remote_address: str, now: datetime
) -> SignedIn | SignInRefused:
    """Return whether this signs in, in one transaction; for commands and tests, not for the web.

    Raises TooManyTries.
    """
    attempt = take_try(session, username, remote_address=remote_address, now=now)
    is_right = attempt.matches(password)
    return finish_try(session, attempt, password=password, is_right=is_right, now=now)


def _record_refusal(session: Session, attempt: Try, *, now: datetime) -> None:
    # What was typed as a user name is not kept when nobody is called so: it may be a password.
    record(
        session,
        actor=SYSTEM,
        action="users.sign_in_failed",
        object=attempt.user.id if attempt.user else "unknown",
        after={"remote": attempt.remote_address, "is_locked_now": attempt.will_lock},
        now=now,
    )
    log.warning(
        "sign_in_failed",
        user_id=attempt.user.id if attempt.user else None,
        is_locked_now=attempt.will_lock,
    )


def _keys(username: str, remote_address: str) -> tuple[tuple[TryScope, str], ...]:
    return tuple(
        (scope, hashlib.sha256(f"{scope.value}|{what}".encode("utf-8", "replace")).hexdigest())
        for scope, what in (
            (TryScope.PAIR, f"{username}|{remote_address}"),
            (TryScope.USER, username),
            (TryScope.ADDRESS, remote_address),
        )
    )


__all__ = [
    "SignInRefused",
    "SignedIn",
    "Try",
    "authenticate",
    "finish_try",
    "take_try",
]
