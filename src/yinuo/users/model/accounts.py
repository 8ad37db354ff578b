"""Users, API tokens and sessions, and what makes a user name and a password acceptable."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from yinuo.users.model.errors import BadUsername, WeakPassword
from yinuo.users.model.roles import ROLE_PERMISSIONS, Actor, ActorKind, Permission, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person with an account."""

    id: str
    username: str
    name: str
    role: Role
    created_at: datetime
    last_sign_in_at: datetime | None
    disabled_at: datetime | None

    @property
    def is_disabled(self) -> bool:
        """Tell whether the account is closed."""
        return self.disabled_at is not None

    def as_actor(self) -> Actor:
        """Return the user as the one who acts."""
        return Actor(
            id=self.id,
            name=self.name,
            role=self.role,
            permissions=ROLE_PERMISSIONS[self.role],
            kind=ActorKind.USER,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A key for a program; it never may more than the user it belongs to."""

    id: str
    user_id: str
    name: str
    scopes: frozenset[Permission]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def as_actor(self, owner: Role) -> Actor:
        """Return the token as the one who acts, within what its owner's role may."""
        return Actor(
            id=self.id,
            name=self.name,
            role=None,
            permissions=self.scopes & ROLE_PERMISSIONS[owner],
            kind=ActorKind.TOKEN,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSession:
    """One sign-in that is still good, as its owner sees it."""

    id: str
    user_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    remote_address: str
    device: str


IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
TOUCH = timedelta(minutes=1)


def needs_touch(last_seen_at: datetime | None, now: datetime) -> bool:
    """Tell whether the last use is old enough to be written again; saves a write per request."""
    return last_seen_at is None or now - last_seen_at >= TOUCH


def secret_hash(secret: str) -> bytes:
    """Return what is stored of a random session or API token.

    A plain hash is enough: the tokens have 256 random bits, so there is nothing to guess.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
_COMMON = frozenset(
    {
        "1234567890",
        "0123456789",
        "12345678910",
        "123456789a",
        "a123456789",
        "aa12345678",
        "qwertyuiop",
        "1q2w3e4r5t",
        "password12",
        "password123",
        "passw0rd123",
        "woaini1314",
        "woaini520",
        "5201314520",
        "1111111111",
        "admin12345",
        "admin123456",
        "yinuo12345",
        "yinuo123456",
    }
)


def clean_username(text: str) -> str:
    """Return a user name as it is stored and compared: trimmed, lower case.

    Raises BadUsername when it is not 2 to 40 letters, digits, dots, dashes or underscores.
    """
    username = text.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise BadUsername
    return username


def check_password(password: str, *, username: str) -> None:
    """Accept a password that is hard enough to guess; raises WeakPassword with every problem."""
    plain = password.lower()
    problems = [
        name
        for name, is_so in (
            ("too_short", len(password) < SHORTEST_PASSWORD),
            ("too_long", len(password) > LONGEST_PASSWORD),
            ("too_common", plain in _COMMON or len(set(plain)) < 4),
            ("is_username", username in plain and len(plain) < len(username) + 6),
        )
        if is_so
    ]
    if problems:
        raise WeakPassword(problems=list(problems), shortest=SHORTEST_PASSWORD)
