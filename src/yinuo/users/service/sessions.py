"""The console's sessions: a random token with the browser, its hash here."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.users.model import (
    ABSOLUTE,
    IDLE,
    Actor,
    SignInRequired,
    UnknownSession,
    User,
    UserSession,
    needs_touch,
    secret_hash,
)
from yinuo.users.model.audit import clean
from yinuo.users.service.audit import record
from yinuo.users.store import accounts as store


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A new session; `token` is told only here."""

    token: str
    session: UserSession


@dataclass(frozen=True, slots=True)
class SessionActor:
    """Who a session token stands for; `is_due` asks for `touch_session`."""

    actor: Actor
    user: User
    session_id: str
    is_due: bool


def open_session(
    session: Session, user: User, *, remote_address: str, device: str, now: datetime
) -> OpenedSession:
    """Return a new session of this user, good for a week and while used every 12 hours."""
    token = secrets.token_urlsafe(32)
    opened = UserSession(
        id=new_id("ses"),
        user_id=user.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + ABSOLUTE,
        remote_address=clean(remote_address)[:64],
        device=clean(device)[:200],
    )
    store.insert_session(session, opened, token_hash=secret_hash(token))
    store.save_sign_in(session, user.id, now=now)
    return OpenedSession(token, opened)


def actor_for_session(session: Session, token: str, *, now: datetime) -> SessionActor:
    """Return who this token stands for; raises SignInRequired when it is no longer good."""
    owner = store.find_session(session, secret_hash(token), now=now, idle_since=now - IDLE)
    if owner is None:
        raise SignInRequired
    return SessionActor(
        owner.user.as_actor(),
        owner.user,
        owner.session_id,
        is_due=needs_touch(owner.last_seen_at, now),
    )


def touch_session(session: Session, session_id: str, *, now: datetime) -> None:
    """Write that the session is in use; a repeat within a minute is not asked for."""
    store.touch_session(session, session_id, now=now)


def list_sessions(session: Session, actor: Actor, *, now: datetime) -> list[UserSession]:
    """Return the actor's own sessions that are still good, newest first."""
    return store.list_sessions(session, actor.id, now=now, idle_since=now - IDLE)


def close_session(session: Session, actor: Actor, *, session_id: str, now: datetime) -> None:
    """End one of the actor's own sessions; ending it again changes nothing.

    Raises UnknownSession when it never was the actor's.
    """
    ended = store.revoke_sessions(session, actor.id, now=now, only=session_id)
    if ended:
        record(session, actor=actor, action="users.sign_out", object=actor.id, now=now)
    elif not store.owns_session(session, actor.id, session_id=session_id):
        raise UnknownSession


__all__ = [
    "OpenedSession",
    "SessionActor",
    "actor_for_session",
    "close_session",
    "list_sessions",
    "open_session",
    "touch_session",
]
