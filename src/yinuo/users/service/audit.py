"""Recording who did what, and showing and verifying it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.ids import new_id
from yinuo.core.paging import BadCursor, Page, clamp_limit, decode_cursor, encode_cursor
from yinuo.users.model import Actor, AuditEntry, AuditFact, Verification, canonical, mask, verify
from yinuo.users.model.audit import clean
from yinuo.users.store import audit as store
from yinuo.users.store.audit import AuditFilter

__all__ = ["AuditFilter", "list_entries", "record", "record_each", "verify_chain"]


def record(
    session: Session,
    *,
    actor: Actor,
    action: str,
    object: str,  # noqa: A002 - the entry's own word
    before: JsonValue = None,
    after: JsonValue = None,
    now: datetime,
) -> str:
    """Return the id of a new audit entry, which joins the chain when the transaction commits.

    `action` is "orders.reveal" and the like (words under `users.action.<action>`), `object` the
    id of what it was done to. Phones, names, streets and secrets in `before` and `after` are
    masked first. Until the commit the entry can not be listed; a repeat is a second entry.
    """
    fact = AuditFact(
        id=new_id("aud"),
        at=now,
        actor_id=actor.id,
        actor_name=clean(actor.name),
        actor_kind=actor.kind.value,
        action=action,
        object=clean(object)[:200],
        before=mask(before),
        after=mask(after),
    )
    store.append(session, canonical(fact))
    return fact.id


def record_each(
    session: Session, *, actor: Actor, action: str, after: Mapping[str, JsonValue], now: datetime
) -> None:
    """Record the same thing done to many objects, each with what it is after; as `record` does."""
    facts = [
        AuditFact(
            id=new_id("aud"),
            at=now,
            actor_id=actor.id,
            actor_name=clean(actor.name),
            actor_kind=actor.kind.value,
            action=action,
            object=clean(done_to)[:200],
            before=None,
            after=mask(value),
        )
        for done_to, value in after.items()
    ]
    store.append(session, *map(canonical, facts))


def list_entries(
    session: Session, wanted: AuditFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[AuditEntry]:
    """Return a page of entries, newest first; raises BadCursor."""
    position: int | None = None
    if cursor is not None:
        (position,) = _positions(cursor)
    size = clamp_limit(limit)
    entries = store.page(session, wanted, before_position=position, limit=size + 1)
    is_last = len(entries) <= size
    shown = entries[:size]
    return Page(shown, None if is_last else encode_cursor([shown[-1].position]))


def _positions(cursor: str) -> list[int]:
    key = decode_cursor(cursor, length=1)
    positions = [part for part in key if isinstance(part, int)]
    if not positions:
        raise BadCursor
    return positions


def verify_chain(session: Session, *, anchor: str | None = None) -> Verification:
    """Return whether the whole chain holds, and where it first does not.

    `anchor` is the head told by an earlier verification; with it, removed newest entries show.
    """
    return verify(store.stream(session), anchor=anchor)
