"""Work items that one fix clears together: which they are, and one deed done to each of them."""

from __future__ import annotations

from typing import Annotated, Final

import pydantic
from fastapi import APIRouter, Depends

from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import MOST_NOTE, Action, BadWorkItem, Resolution, WorkItem
from yinuo.users.model import Actor
from yinuo.web import errors
from yinuo.web.deps import Lang, Reading, database
from yinuo.web.work_items import ItemId, Reader, Resolver, audit_change, try_again

router = APIRouter(tags=["work-items"])
log = logger(__name__)

MOST_AT_ONCE: Final = 50


class AlikeItems(pydantic.BaseModel):
    """The items that stand for the same cause, the most overdue first, the asked one among them."""

    ids: list[str]
    labels: list[str]


class BulkDeed(pydantic.BaseModel):
    """One deed for several items; `resolution` and `note` only with `resolve`."""

    model_config = pydantic.ConfigDict(extra="forbid")

    ids: list[Annotated[str, pydantic.Field(max_length=64)]] = pydantic.Field(
        min_length=1, max_length=MOST_AT_ONCE
    )
    action: Action
    resolution: Resolution | None = None
    note: str = pydantic.Field(default="", max_length=MOST_NOTE)


class DeedResult(pydantic.BaseModel):
    """What became of one item: done, or refused with the reason."""

    id: str
    is_done: bool
    error: errors.ErrorFacts | None


class BulkResult(pydantic.BaseModel):
    """What became of each item, in the order asked."""

    results: list[DeedResult]


@router.get("/work-items/{item_id}/alike")
def list_alike_items(item_id: ItemId, session: Reading, _actor: Reader) -> AlikeItems:
    """Return the items that one fix may clear together with this one."""
    found = exceptions.list_alike(session, exceptions.load_item(session, item_id))
    return AlikeItems(
        ids=[one.id for one in found],
        labels=[one.subject_label or one.subject_id for one in found],
    )


@router.post("/work-items/bulk")
def do_to_several(
    deed: BulkDeed,
    database: Annotated[Database, Depends(database)],
    actor: Resolver,
    language: Lang,
) -> BulkResult:
    """Do one deed to each item by itself: one that is refused or fails stops no other.

    Each change stands when the answer comes, and is on record as if done one by one.
    """
    if (deed.action is Action.RESOLVE) != (deed.resolution is not None):
        raise BadWorkItem(problems=["resolution"])
    results = []
    for item_id in dict.fromkeys(deed.ids):
        try:
            _do(database, item_id, deed, actor)
        except YinuoError as error:
            refused = errors.told(error, language)
            results.append(DeedResult(id=item_id, is_done=False, error=refused))
        else:
            results.append(DeedResult(id=item_id, is_done=True, error=None))
    done = sum(one.is_done for one in results)
    log.info("bulk_deed", action=deed.action.value, asked=len(results), done=done)
    return BulkResult(results=results)


def _do(database: Database, item_id: str, deed: BulkDeed, actor: Actor) -> None:
    if deed.action is Action.RETRY:
        try_again(database, item_id, actor=actor)
        return
    with database.transaction() as session:
        before = exceptions.load_item(session, item_id)
        after: WorkItem
        if deed.action is Action.CLAIM:
            after = exceptions.claim(session, item_id, actor=actor)
        elif deed.action is Action.REOPEN:
            after = exceptions.reopen(session, item_id, actor=actor)
        elif deed.resolution is not None:
            after = exceptions.resolve(
                session,
                item_id,
                resolution=deed.resolution,
                note=deed.note,
                actor=actor,
                now=clock.now(),
            )
        audit_change(session, actor, f"exceptions.{deed.action.value}", before=before, after=after)
