"""The inbox: what came from outside, kept raw, worked off once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from yinuo.channels.events import MessageParked
from yinuo.channels.model import (
    MOST_DETAIL,
    InboxEntry,
    InboxMessage,
    InboxState,
    MessageDone,
    NextTry,
    Received,
    UnknownMessage,
    after_failure,
    check_message,
)
from yinuo.channels.store import inbox as store
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.outbox import announce

GAVE_UP = "channels.gave_up"


def receive(session: Session, message: InboxMessage, *, take_after_seconds: int = 5) -> Received:
    """Return the message's place in the inbox; idempotent by (source, key).

    The message is left to the caller for `take_after_seconds` before a worker takes it. Raises
    MessageTooLarge or BadKey, and then keeps nothing.
    """
    check_message(message)
    due_at = message.received_at + timedelta(seconds=take_after_seconds)
    return store.insert(session, message, message_id=new_id("msg"), due_at=due_at)


def receive_done(
    session: Session, messages: Sequence[InboxMessage], *, outcome: str
) -> list[str | None]:
    """Return for each message its id in the inbox, None for one whose key is there already.

    They are kept as worked off: for what the same transaction books. Raises MessageTooLarge or
    BadKey, and then keeps nothing.
    """
    for message in messages:
        check_message(message)
    ids = [new_id("msg") for _ in messages]
    new = store.insert_done(session, messages, ids=ids, outcome=outcome)
    return [one if one in new else None for one in ids]


def pending(
    session: Session,
    *,
    limit: int,
    now: datetime,
    source: str | None = None,
    lease_seconds: int = 60,
) -> list[InboxEntry]:
    """Return due messages that no other process works on, oldest first, one try spent on each.

    They stay with the caller for `lease_seconds` after the commit, then they are due again: a
    process that died gives its messages back. What had all its tries is parked on the way.
    """
    for entry in store.park_exhausted(session, code=GAVE_UP, now=now):
        _tell_parked(session, entry, code=entry.error_code or GAVE_UP)
    return store.take(
        session, source=source, limit=limit, now=now, lease=timedelta(seconds=lease_seconds)
    )


def unfinished(session: Session, *, source: str, shop_id: str, limit: int = 50) -> list[InboxEntry]:
    """Return a shop's messages that are not worked off yet, in the order in which they came.

    For messages of which a later one may change what an earlier one said; nobody else is kept off
    them.
    """
    return store.unfinished(session, source=source, shop_id=shop_id, limit=limit)


def settled(session: Session, *, source: str, keys: Collection[str], unless: str = "") -> set[str]:
    """Return those of the keys whose message is worked off, but for those with an outcome."""
    if not keys:
        return set()
    return store.settled(session, source=source, keys=keys, unless=unless)


def mark_done(session: Session, message_id: str, *, outcome: str) -> None:
    """Keep that the message is worked off; a repeat changes nothing. Raises UnknownMessage."""
    if not store.mark_done(session, message_id, outcome=outcome, now=clock.now()):
        load_message(session, message_id)


def mark_each_done(session: Session, message_ids: Sequence[str], *, outcome: str) -> None:
    """Keep that messages are worked off; those that are already stay as they are."""
    if message_ids:
        store.mark_each_done(session, message_ids, outcome=outcome, now=clock.now())


def mark_failed(session: Session, message_id: str, *, code: str, detail: str = "") -> InboxState:
    """Return whether the message is tried again (FAILED) or was put aside (PARKED).

    `detail` holds no personal data. A message that another process has finished stays DONE.
    """
    entry = _lock(session, message_id)
    following = after_failure(attempts=max(entry.attempts, 1), now=clock.now())
    return _fail(session, entry, following, code=code, detail=detail)


def park(session: Session, message_id: str, *, code: str, detail: str = "") -> InboxState:
    """Put a message aside that no further try can help; a finished one stays DONE."""
    following = NextTry(state=InboxState.PARKED, at=clock.now())
    return _fail(session, _lock(session, message_id), following, code=code, detail=detail)


def retry_message(session: Session, message_id: str) -> None:
    """Make a message due at once with all its tries; raises MessageDone for a finished one."""
    if _lock(session, message_id).state is InboxState.DONE:
        raise MessageDone(message_id=message_id)
    store.start_over(session, message_id, now=clock.now())


def load_message(session: Session, message_id: str) -> InboxEntry:
    """Return a message with its raw body; raises UnknownMessage."""
    entry = store.find(session, message_id) if message_id.isprintable() else None
    if entry is None:
        raise UnknownMessage(message_id=message_id[:40])
    return entry


def forget_bodies(session: Session, *, before: datetime, limit: int = 1000) -> int:
    """Return how many messages that were done before then lost body and headers now.

    Their keys stay, so that a late repeat is still known as one.
    """
    return store.forget_bodies(session, before=before, limit=limit)


def inbox_counts(session: Session) -> dict[InboxState, int]:
    """Return how many messages stand in each state, with zeros."""
    found = store.counts(session)
    return {state: found.get(state, 0) for state in InboxState}


def _lock(session: Session, message_id: str) -> InboxEntry:
    entry = store.lock(session, message_id) if message_id.isprintable() else None
    if entry is None:
        raise UnknownMessage(message_id=message_id[:40])
    return entry


def _fail(
    session: Session, entry: InboxEntry, following: NextTry, *, code: str, detail: str
) -> InboxState:
    if entry.state is InboxState.DONE:
        return entry.state
    if entry.state is InboxState.PARKED:
        following = NextTry(state=InboxState.PARKED, at=following.at)
    store.save_failure(
        session,
        entry.id,
        state=following.state,
        at=following.at,
        code=code,
        detail="".join(filter(str.isprintable, detail))[:MOST_DETAIL],
    )
    if following.state is InboxState.PARKED and entry.state is not InboxState.PARKED:
        _tell_parked(session, entry, code=code)
    return following.state


def _tell_parked(session: Session, entry: InboxEntry, *, code: str) -> None:
    announce(
        session,
        MessageParked(
            message_id=entry.id,
            source=entry.source,
            key=entry.key,
            shop_id=entry.shop_id,
            error_code=code,
            attempts=entry.attempts,
        ),
    )
