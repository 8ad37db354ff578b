"""Messages from outside: what may be kept of them, and what follows a failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from yinuo.core.errors import Conflict, Invalid, NotFound, TooLarge

MOST_BODY_BYTES = 2 * 1024 * 1024
MOST_KEY = 200
MOST_ATTEMPTS = 8
MOST_DETAIL = 500


class UnknownMessage(NotFound):
    """There is no such message in the inbox."""

    code = "channels.unknown_message"


class BadKey(Invalid):
    """The key of a message is empty, too long, or holds what no key holds."""

    code = "channels.bad_key"


class MessageTooLarge(TooLarge):
    """The body is beyond MOST_BODY_BYTES; nothing of it was kept."""

    code = "channels.message_too_large"


class MessageDone(Conflict):
    """The message was worked off already; it cannot fail or be parked any more."""

    code = "channels.message_done"


# What stays in the inbox of a message's headers: what proves it and what reads it. Everything
# else may be a secret (cookies, tokens, keys) and is not written.
_KEPT_HEADERS = frozenset(
    {"content-type", "content-length", "content-encoding", "date", "user-agent", "request-id"}
)
_KEPT_PREFIXES = ("wechatpay-", "x-yinuo-")


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that may be kept, names in lower case, values of at most 1,000 characters."""
    return {
        name.lower(): "".join(filter(str.isprintable, value))[:1000]
        for name, value in headers.items()
        if name.lower() in _KEPT_HEADERS or name.lower().startswith(_KEPT_PREFIXES)
    }


class InboxState(StrEnum):
    """Where a message stands: waiting, worked off, waiting for another try, put aside."""

    RECEIVED = "received"
    DONE = "done"
    FAILED = "failed"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A verified message from outside; `key` is what makes a second one the same message."""

    source: str
    key: str
    shop_id: str | None
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What became of a message that came in.

    `has_same_body` is False when the sender used a key again for something else.
    """

    id: str
    is_new: bool
    state: InboxState
    has_same_body: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """A message in the inbox with its raw body; `body` is None after retention took it."""

    id: str
    source: str
    key: str
    shop_id: str | None
    headers: Mapping[str, str]
    body: bytes | None
    received_at: datetime
    state: InboxState
    attempts: int
    next_attempt_at: datetime
    outcome: str | None = None
    error_code: str | None = None
    error_detail: str | None = field(default=None, repr=False)


def check_message(message: InboxMessage) -> None:
    """Return nothing for a message that can be kept; raises MessageTooLarge or BadKey."""
    if len(message.body) > MOST_BODY_BYTES:
        raise MessageTooLarge(limit="2 MB", source=message.source)
    for part in (message.source, message.key):
        if not 1 <= len(part) <= MOST_KEY or not part.isprintable():
            raise BadKey(source=message.source[:40], most=MOST_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTry:
    """What follows a failure: another try at a time, or putting the message aside."""

    state: InboxState
    at: datetime


def after_failure(*, attempts: int, now: datetime) -> NextTry:
    """Return what follows the failure of the `attempts`-th try: 4 s, 8 s … 5 min, then parked."""
    if attempts >= MOST_ATTEMPTS:
        return NextTry(state=InboxState.PARKED, at=now)
    wait = timedelta(seconds=min(2 ** (attempts + 1), 300))
    return NextTry(state=InboxState.FAILED, at=now + wait)
