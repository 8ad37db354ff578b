"""API tokens for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends

from yinuo.core import clock
from yinuo.core.texts import text
from yinuo.users import service as users
from yinuo.users.model import Actor, ApiToken, Permission
from yinuo.web.deps import Lang, Reading, Writing, require

router = APIRouter(tags=["tokens"])

Manager = Annotated[Actor, Depends(require(Permission.TOKENS_MANAGE))]


class NewToken(pydantic.BaseModel):
    """A key to be made, with what it may do."""

    model_config = pydantic.ConfigDict(extra="forbid")

    name: str = pydantic.Field(min_length=1, max_length=100)
    scopes: set[Permission] = pydantic.Field(min_length=1)
    expires_at: pydantic.AwareDatetime | None = None


class TokenFacts(pydantic.BaseModel):
    """A key, without its secret."""

    id: str
    name: str
    owner_id: str
    scopes: list[Permission]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class CreatedToken(pydantic.BaseModel):
    """A new key; `secret` is shown only now."""

    secret: str
    token: TokenFacts


class Scope(pydantic.BaseModel):
    """Something that a key may be allowed to do."""

    code: Permission
    label: str


class TokenList(pydantic.BaseModel):
    """All keys, and the scopes that the caller may give."""

    items: list[TokenFacts]
    scopes: list[Scope]


def _facts(token: ApiToken) -> TokenFacts:
    return TokenFacts(
        id=token.id,
        name=token.name,
        owner_id=token.user_id,
        scopes=sorted(token.scopes, key=lambda scope: scope.value),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        revoked_at=token.revoked_at,
    )


@router.get("/tokens")
def list_tokens(actor: Manager, session: Reading, language: Lang) -> TokenList:
    """List all keys, revoked ones too, newest first."""
    return TokenList(
        items=[_facts(token) for token in users.list_tokens(session)],
        scopes=[
            Scope(code=permission, label=text(f"users.permission.{permission.value}", language))
            for permission in Permission
            if actor.may(permission)
        ],
    )


@router.post("/tokens", status_code=201)
def create_token(body: NewToken, actor: Manager, session: Writing) -> CreatedToken:
    """Make a key; its secret is in this answer and nowhere else."""
    created = users.create_token(
        session,
        actor,
        name=body.name,
        scopes=body.scopes,
        expires_at=body.expires_at,
        now=clock.now(),
    )
    return CreatedToken(secret=created.secret, token=_facts(created.token))


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(token_id: str, actor: Manager, session: Writing) -> None:
    """End a key at once; ending it again changes nothing."""
    users.revoke_token(session, token_id, actor=actor, now=clock.now())
