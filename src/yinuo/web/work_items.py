"""The exception queue: list, claim, resolve, try again, put back; every change is audited."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Path, Query

from yinuo.core import clock
from yinuo.core.db import Database, Session
from yinuo.core.errors import JsonValue
from yinuo.core.texts import Language, has_text, text
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import (
    BY_PEOPLE,
    MOST_NOTE,
    Action,
    AlreadyResolved,
    ItemFilter,
    Resolution,
    WorkItem,
    WorkItemKind,
    WorkItemState,
    allowed_actions,
)
from yinuo.inventory import service as inventory
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission, Role
from yinuo.web.deps import Lang, Reading, Writing, database, require
from yinuo.web.order_facts import in_words
from yinuo.workflows.retry_work_item import can_retry, retry_work_item

router = APIRouter(tags=["work-items"])

ItemId = Annotated[str, Path(max_length=64)]
Reader = Annotated[Actor, Depends(require(Permission.EXCEPTIONS_READ))]
Resolver = Annotated[Actor, Depends(require(Permission.EXCEPTIONS_RESOLVE))]


class Asked(StrEnum):
    """Which state to list; without one, everything that is not cleared."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


class QueueQuery(pydantic.BaseModel):
    """What to list; `owner` is a role, `assignee` a user's id or `me`."""

    model_config = pydantic.ConfigDict(extra="ignore")

    state: Asked | None = None
    kind: WorkItemKind | None = None
    owner: Role | None = None
    assignee: str = pydantic.Field(default="", max_length=64)
    subject_type: str = pydantic.Field(default="", max_length=40)
    subject_id: str = pydantic.Field(default="", max_length=200)
    q: str = pydantic.Field(default="", max_length=100)
    cursor: str | None = pydantic.Field(default=None, max_length=400)
    limit: int = pydantic.Field(default=50, ge=1, le=200)


class UnknownListings(pydantic.BaseModel):
    """Products of a shop that stand for no SKU: naming the SKU clears the item and those alike."""

    shop_id: str
    codes: list[str]


class WorkItemFacts(pydantic.BaseModel):
    """One work item in the caller's words: what happened, why, and what to do next."""

    id: str
    kind: WorkItemKind
    kind_label: str
    subject_type: str
    subject_type_label: str
    subject_id: str
    subject_label: str
    code: str
    title: str
    what: str
    why: str
    next_step: str
    owner_role: Role
    owner_label: str
    assignee: str | None
    assignee_name: str
    deadline: datetime
    is_overdue: bool
    state: WorkItemState
    state_label: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by_name: str
    resolution: Resolution | None
    resolution_label: str
    note: str
    actions: list[Action]
    unknown_listings: UnknownListings | None


class ResolutionFacts(pydantic.BaseModel):
    """A way in which a person may say that an item ended."""

    code: Resolution
    label: str


class WorkItemList(pydantic.BaseModel):
    """A page of the queue; `counts` are per kind under the same filter without its kind."""

    items: list[WorkItemFacts]
    counts: dict[WorkItemKind, int]
    kind_labels: dict[WorkItemKind, str]
    resolutions: list[ResolutionFacts]
    overdue: int
    next_cursor: str | None
    as_of: datetime


class Ending(pydantic.BaseModel):
    """How an item ended, in a word and a note."""

    model_config = pydantic.ConfigDict(extra="forbid")

    resolution: Resolution
    note: str = pydantic.Field(default="", max_length=MOST_NOTE)


@router.get("/work-items")
def list_work_items(
    asked: Annotated[QueueQuery, Query()], session: Reading, actor: Reader, language: Lang
) -> WorkItemList:
    """Return a page of work items, the most overdue first; cleared ones newest first."""
    wanted = ItemFilter(
        states=frozenset({WorkItemState(asked.state)} if asked.state else ()),
        kind=asked.kind,
        owner_role=asked.owner,
        assignee=(actor.id if asked.assignee == "me" else asked.assignee) or None,
        subject_type=asked.subject_type or None,
        subject_id=asked.subject_id or None,
        query=asked.q.strip(),
    )
    now = clock.now()
    page = exceptions.list_items(session, wanted, cursor=asked.cursor, limit=asked.limit)
    names = _warehouses(session)
    return WorkItemList(
        items=[_facts(item, language, names=names, now=now) for item in page.items],
        counts=exceptions.count_items(session, wanted),
        kind_labels={kind: text(f"exceptions.kind.{kind}", language) for kind in WorkItemKind},
        resolutions=[
            ResolutionFacts(code=one, label=text(f"exceptions.resolution.{one}", language))
            for one in Resolution
            if one in BY_PEOPLE
        ],
        overdue=exceptions.count_overdue(session, now=now),
        next_cursor=page.next_cursor,
        as_of=now,
    )


@router.get("/work-items/{item_id}")
def show_work_item(
    item_id: ItemId, session: Reading, _actor: Reader, language: Lang
) -> WorkItemFacts:
    """Return one work item."""
    return _told(session, exceptions.load_item(session, item_id), language)


@router.post("/work-items/{item_id}/claim")
def claim_work_item(
    item_id: ItemId, session: Writing, actor: Resolver, language: Lang
) -> WorkItemFacts:
    """Take a work item for oneself; a repeat changes nothing."""
    before = exceptions.load_item(session, item_id)
    item = exceptions.claim(session, item_id, actor=actor)
    audit_change(session, actor, "exceptions.claim", before=before, after=item)
    return _told(session, item, language)


@router.post("/work-items/{item_id}/resolve")
def resolve_work_item(
    item_id: ItemId, ending: Ending, session: Writing, actor: Resolver, language: Lang
) -> WorkItemFacts:
    """Say that a work item is cleared and how; a repeat changes nothing."""
    before = exceptions.load_item(session, item_id)
    item = exceptions.resolve(
        session,
        item_id,
        resolution=ending.resolution,
        note=ending.note,
        actor=actor,
        now=clock.now(),
    )
    audit_change(session, actor, "exceptions.resolve", before=before, after=item)
    return _told(session, item, language)


@router.post("/work-items/{item_id}/reopen")
def reopen_work_item(
    item_id: ItemId, session: Writing, actor: Resolver, language: Lang
) -> WorkItemFacts:
    """Put a cleared or claimed work item back into the queue."""
    before = exceptions.load_item(session, item_id)
    item = exceptions.reopen(session, item_id, actor=actor)
    audit_change(session, actor, "exceptions.reopen", before=before, after=item)
    return _told(session, item, language)


@router.post("/work-items/{item_id}/retry")
def try_work_item_again(
    item_id: ItemId,
    database: Annotated[Database, Depends(database)],
    actor: Resolver,
    language: Lang,
) -> WorkItemFacts:
    """Begin to try again what stopped; the item closes by itself once its cause is gone."""
    try_again(database, item_id, actor=actor)
    with database.read() as session:
        return _told(session, exceptions.load_item(session, item_id), language)


def try_again(database: Database, item_id: str, *, actor: Actor) -> None:
    """Begin to try again what stopped, on record; raises what stands in the way."""
    with database.read() as session:
        item = exceptions.load_item(session, item_id)
    if item.state is WorkItemState.RESOLVED:
        raise AlreadyResolved(item_id=item.id, by=item.resolved_by_name)
    # Audited first: a retry that is refused was asked for all the same.
    with database.transaction() as session:
        users.record(
            session,
            actor=actor,
            action="exceptions.retry",
            object=item.id,
            after={"kind": item.kind.value, "subject": item.subject_id},
            now=clock.now(),
        )
    retry_work_item(database, item, actor=actor)


def audit_change(
    session: Session, actor: Actor, action: str, *, before: WorkItem, after: WorkItem
) -> None:
    """Put a change of a work item on record, unless nothing changed."""
    if before == after:
        return
    users.record(
        session,
        actor=actor,
        action=action,
        object=after.id,
        before=_audited(before),
        after=_audited(after),
        now=clock.now(),
    )


def _audited(item: WorkItem) -> JsonValue:
    return {
        "state": item.state.value,
        "assignee": item.assignee,
        "resolution": None if item.resolution is None else item.resolution.value,
        "note": item.note,
    }


def _told(session: Session, item: WorkItem, language: Language) -> WorkItemFacts:
    return _facts(item, language, names=_warehouses(session), now=clock.now())


def _warehouses(session: Session) -> dict[str, str]:
    return {one.code: one.name for one in inventory.load_warehouses(session)}


def _facts(
    item: WorkItem, language: Language, *, names: dict[str, str], now: datetime
) -> WorkItemFacts:
    kind, label = item.kind.value, item.subject_label or item.subject_id
    kind_label = text(f"exceptions.kind.{kind}", language)
    params = in_words(_spoken(dict(item.params), language), language, warehouses=names)
    what = text(f"exceptions.what.{kind}", language)
    why = f"{item.code}.why" if has_text(f"{item.code}.why") else item.code
    resolution = "" if item.resolution is None else item.resolution.value
    return WorkItemFacts(
        id=item.id,
        kind=item.kind,
        kind_label=kind_label,
        subject_type=item.subject_type,
        subject_type_label=text(f"exceptions.subject.{item.subject_type}", language),
        subject_id=item.subject_id,
        subject_label=label,
        code=item.code,
        title=f"{kind_label} · {label}",
        what=what,
        why=text(why, language, **params) if has_text(why) else what,
        next_step=text(f"exceptions.next_step.{kind}", language),
        owner_role=item.owner_role,
        owner_label=text(f"users.role.{item.owner_role.value}", language),
        assignee=item.assignee,
        assignee_name=item.assignee_name,
        deadline=item.deadline,
        is_overdue=item.is_overdue(now),
        state=item.state,
        state_label=text(f"exceptions.state.{item.state.value}", language),
        created_at=item.created_at,
        resolved_at=item.resolved_at,
        resolved_by_name=item.resolved_by_name,
        resolution=item.resolution,
        resolution_label=text(f"exceptions.resolution.{resolution}", language)
        if resolution
        else "",
        note=item.note,
        unknown_listings=_unknown_listings(item),
        actions=[
            action
            for action in allowed_actions(item)
            if action is not Action.RETRY or can_retry(item)
        ],
    )


def _unknown_listings(item: WorkItem) -> UnknownListings | None:
    shop_id, codes = item.params.get("shop_id"), item.params.get("codes")
    is_of_listings = item.kind is WorkItemKind.UNKNOWN_SKU
    if not is_of_listings or not isinstance(shop_id, str) or not isinstance(codes, list):
        return None
    return UnknownListings(shop_id=shop_id, codes=[one for one in codes if isinstance(one, str)])


def _spoken(params: dict[str, JsonValue], language: Language) -> dict[str, JsonValue]:
    # Problems carry codes of ours; a list of them is read as words with the value beside each.
    return {
        name: [_problem(one, language) for one in value] if isinstance(value, list) else value
        for name, value in params.items()
    }


def _problem(one: JsonValue, language: Language) -> JsonValue:
    if not isinstance(one, dict):
        return text(one, language) if isinstance(one, str) else one
    if "path" in one:  # a field of an order as its channel wrote it
        return f"{one['path']} {text(str(one.get('code', '')), language)}"
    words = text(str(one.get("problem", "")), language)
    about = " ".join(str(one[key]) for key in ("field", "code", "value") if one.get(key))
    return f"{about} {words}".strip()
