"""Showing and verifying the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Query

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.core.texts import Language, has_text, text
from yinuo.users import service as users
from yinuo.users.model import SYSTEM, Actor, AuditEntry, Permission
from yinuo.web.deps import Lang, Reading, Writing, require

router = APIRouter(tags=["audit"])


class AuditFacts(pydantic.BaseModel):
    """Who did what to what, when; personal data is masked."""

    id: str
    position: int
    at: datetime
    actor: str
    actor_label: str
    action: str
    action_label: str
    object: str
    before: pydantic.JsonValue
    after: pydantic.JsonValue
    hash_short: str


class AuditList(pydantic.BaseModel):
    """A page of entries, newest first."""

    items: list[AuditFacts]
    next_cursor: str | None


class VerificationFacts(pydantic.BaseModel):
    """Whether the chain holds; keep `head` elsewhere to notice later if newest entries vanish."""

    ok: bool
    entries: int
    broken_at: int | None
    head: str


class Anchor(pydantic.BaseModel):
    """The head that an earlier verification told."""

    model_config = pydantic.ConfigDict(extra="forbid")

    head: str | None = pydantic.Field(default=None, pattern=r"^\d{1,18}:[0-9a-f]{64}$")


def _facts(entry: AuditEntry, language: Language) -> AuditFacts:
    fact = entry.fact
    code = f"users.action.{fact.action}"
    is_system = fact.actor_id == SYSTEM.id
    return AuditFacts(
        id=fact.id,
        position=entry.position,
        at=fact.at,
        actor=fact.actor_id,
        actor_label=text("users.actor.system", language) if is_system else fact.actor_name,
        action=fact.action,
        action_label=text(code, language) if has_text(code) else fact.action,
        object=fact.object,
        before=_json(fact.before),
        after=_json(fact.after),
        hash_short=entry.hash.hex()[:12],
    )


def _json(value: JsonValue) -> pydantic.JsonValue:
    if isinstance(value, list):
        return [_json(part) for part in value]
    if isinstance(value, dict):
        return {key: _json(part) for key, part in value.items()}
    return value


@router.get("/audit", dependencies=[Depends(require(Permission.AUDIT_READ))])
def list_audit(
    *,
    session: Reading,
    language: Lang,
    actor: Annotated[str | None, Query(max_length=100)] = None,
    action: Annotated[str | None, Query(max_length=100)] = None,
    object: Annotated[str | None, Query(max_length=200)] = None,  # noqa: A002 - the query's word
    since: Annotated[pydantic.AwareDatetime | None, Query(alias="from")] = None,
    until: pydantic.AwareDatetime | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditList:
    """List entries, newest first; an actor is an id or a name."""
    page = users.list_entries(
        session,
        users.AuditFilter(actor=actor, action=action, object=object, since=since, until=until),
        cursor=cursor,
        limit=limit,
    )
    return AuditList(
        items=[_facts(entry, language) for entry in page.items], next_cursor=page.next_cursor
    )


@router.post("/audit/verify")
def verify_audit(
    actor: Annotated[Actor, Depends(require(Permission.AUDIT_VERIFY))],
    session: Writing,
    body: Anchor | None = None,
) -> VerificationFacts:
    """Verify the whole chain; with an earlier `head`, missing newest entries show too."""
    found = users.verify_chain(session, anchor=body.head if body else None)
    users.record(
        session,
        actor=actor,
        action="audit.verify",
        object="audit",
        after={"is_whole": found.is_whole, "entries": found.entries},
        now=clock.now(),
    )
    return VerificationFacts(
        ok=found.is_whole, entries=found.entries, broken_at=found.broken_at, head=found.head
    )
