"""API tokens: keys for programs, with scopes out of the permission table."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.ids import new_id
from yinuo.users.model import (
    Actor,
    ActorKind,
    ApiToken,
    NoScope,
    Permission,
    PersonRequired,
    ScopeNotHeld,
    SignInRequired,
    UnknownToken,
    needs_touch,
    secret_hash,
)
from yinuo.users.model.audit import clean
from yinuo.users.service.audit import record
from yinuo.users.store import accounts as store

PREFIX = "yinuo_"


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """A new token; `secret` is told only here."""

    secret: str
    token: ApiToken


@dataclass(frozen=True, slots=True)
class TokenActor:
    """Who an API token stands for; `is_due` asks for `touch_token`."""

    actor: Actor
    is_due: bool


def create_token(
    session: Session,
    actor: Actor,
    *,
    name: str,
    scopes: Collection[Permission],
    expires_at: datetime | None,
    now: datetime,
) -> CreatedToken:
    """Return a new token that belongs to the actor; its scopes are within what the actor may.

    Raises NoScope, ScopeNotHeld with every such scope, or PersonRequired: a token makes no token.
    """
    if actor.kind is not ActorKind.USER:
        raise PersonRequired
    if not scopes:
        raise NoScope
    beyond = sorted(scope.value for scope in set(scopes) - actor.permissions)
    if beyond:
        raise ScopeNotHeld(scopes=list[JsonValue](beyond))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        id=new_id("tok"),
        user_id=actor.id,
        name=clean(name.strip()),
        scopes=frozenset(scopes),
        created_at=now,
        expires_at=expires_at,
        last_used_at=None,
        revoked_at=None,
    )
    store.insert_token(session, token, token_hash=secret_hash(secret))
    record(
        session,
        actor=actor,
        action="users.token_created",
        object=token.id,
        after={
            "label": token.name,
            "scopes": [scope.value for scope in sorted(scopes, key=lambda one: one.value)],
            "expires_at": expires_at.isoformat() if expires_at else None,
        },
        now=now,
    )
    return CreatedToken(secret, token)


def actor_for_token(session: Session, secret: str, *, now: datetime) -> TokenActor:
    """Return who this token stands for; raises SignInRequired when it is no longer good."""
    owner = store.find_token(session, secret_hash(secret), now=now)
    if owner is None:
        raise SignInRequired
    return TokenActor(
        owner.token.as_actor(owner.role), is_due=needs_touch(owner.token.last_used_at, now)
    )


def touch_token(session: Session, token_id: str, *, now: datetime) -> None:
    """Write that the token was used; a repeat within a minute is not asked for."""
    store.touch_token(session, token_id, now=now)


def list_tokens(session: Session) -> list[ApiToken]:
    """Return all tokens, revoked ones too, newest first."""
    return store.list_tokens(session)


def revoke_token(session: Session, token_id: str, *, actor: Actor, now: datetime) -> None:
    """End a token; ending it again changes nothing. Raises UnknownToken."""
    ended = store.revoke_token(session, token_id, now=now)
    if ended is not None:
        record(
            session,
            actor=actor,
            action="users.token_revoked",
            object=token_id,
            before={"label": ended.name},
            now=now,
        )
    elif not store.token_exists(session, token_id):
        raise UnknownToken
