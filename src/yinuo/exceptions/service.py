"""The verbs of the exception queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.ids import new_id
from yinuo.core.outbox import announce
from yinuo.core.paging import BadCursor, Page, clamp_limit, decode_cursor, encode_cursor
from yinuo.exceptions import store
from yinuo.exceptions.events import (
    WorkItemClaimed,
    WorkItemRaised,
    WorkItemReopened,
    WorkItemResolved,
)
from yinuo.exceptions.model import (
    BY_PEOPLE,
    MOST_ALIKE,
    MOST_SUBJECT,
    AlreadyClaimed,
    AlreadyResolved,
    BadWorkItem,
    ItemFilter,
    NewItem,
    Raised,
    Resolution,
    UnknownWorkItem,
    WorkItem,
    WorkItemKind,
    WorkItemState,
    check_note,
    cleaned,
    item_problems,
    likeness_of,
)
from yinuo.users.model import Actor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def raise_item(session: Session, new: NewItem, *, now: datetime) -> Raised:
    """Return the work item that stands; idempotent by kind and subject while one is open.

    A repeat brings the newest reason and keeps owner, deadline and assignee. Raises BadWorkItem.
    """
    problems = item_problems(new)
    if problems:
        raise BadWorkItem(problems=list[JsonValue](problems))
    raised = store.insert_or_refresh(session, cleaned(new), item_id=new_id("wit"), now=now)
    if raised.is_new:
        item = raised.item
        announce(
            session,
            WorkItemRaised(
                item_id=item.id,
                kind=item.kind.value,
                subject_type=item.subject_type,
                subject_id=item.subject_id,
                code=item.code,
                owner_role=item.owner_role.value,
            ),
        )
    return raised


def load_item(session: Session, item_id: str) -> WorkItem:
    """Return a work item; raises UnknownWorkItem."""
    item = store.find(session, item_id) if item_id.isprintable() else None
    if item is None:
        raise UnknownWorkItem(item_id=item_id[:40])
    return item


def claim(session: Session, item_id: str, *, actor: Actor) -> WorkItem:
    """Return the item, which is the actor's now; a repeat by the same person changes nothing.

    Raises AlreadyClaimed with the name of the one who has it, AlreadyResolved, UnknownWorkItem.
    """
    load_item(session, item_id)
    claimed = store.claim(session, item_id, actor=actor)
    if claimed is not None:
        announce(
            session,
            WorkItemClaimed(
                item_id=claimed.id,
                kind=claimed.kind.value,
                subject_type=claimed.subject_type,
                subject_id=claimed.subject_id,
                assignee=actor.id,
            ),
        )
        return claimed
    item = load_item(session, item_id)
    if item.state is WorkItemState.RESOLVED:
        raise AlreadyResolved(item_id=item_id, by=item.resolved_by_name)
    if item.assignee != actor.id:
        raise AlreadyClaimed(item_id=item_id, by=item.assignee_name)
    return item


def resolve(
    session: Session,
    item_id: str,
    *,
    resolution: Resolution,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> WorkItem:
    """Return the item, cleared by the actor; the same again by the same person changes nothing.

    A claimed item may be cleared by another person. Raises AlreadyResolved, UnknownWorkItem, and
    BadWorkItem for a note that is too long or a resolution that is not for people.
    """
    if resolution not in BY_PEOPLE:
        raise BadWorkItem(problems=["resolution"])
    kept = check_note(note)
    load_item(session, item_id)
    resolved = store.resolve(
        session, item_id, resolution=resolution, note=kept, actor=actor, now=now
    )
    if resolved is not None:
        _tell_resolved(session, resolved)
        return resolved
    item = load_item(session, item_id)
    if (item.resolution, item.resolved_by) != (resolution, actor.id):
        raise AlreadyResolved(item_id=item_id, by=item.resolved_by_name)
    return item


def reopen(session: Session, item_id: str, *, actor: Actor) -> WorkItem:
    """Return the item, back in the queue without an assignee; an open one stays as it is.

    Raises AnotherOpen when a newer item of the kind and subject stands, and UnknownWorkItem.
    """
    load_item(session, item_id)
    item = store.lock(session, item_id)
    if item is None or item.state is WorkItemState.OPEN:
        return load_item(session, item_id)
    reopened = store.reopen(session, item)
    announce(
        session,
        WorkItemReopened(
            item_id=reopened.id,
            kind=reopened.kind.value,
            subject_type=reopened.subject_type,
            subject_id=reopened.subject_id,
            reopened_by=actor.id,
        ),
    )
    return reopened


def close_for_subject(
    session: Session,
    *,
    kind: WorkItemKind,
    subject_type: str,
    subject_id: str,
    resolution: Resolution = Resolution.VANISHED,
    now: datetime,
) -> list[WorkItem]:
    """Return the items that stood for this kind and subject and are resolved now, if any."""
    return _close(
        session,
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        resolution=resolution,
        now=now,
    )


def close_all_for_subject(
    session: Session,
    *,
    subject_type: str,
    subject_id: str,
    resolution: Resolution = Resolution.VANISHED,
    now: datetime,
) -> list[WorkItem]:
    """Return the items of every kind that stood for this subject and are resolved now."""
    return _close(
        session,
        kind=None,
        subject_type=subject_type,
        subject_id=subject_id,
        resolution=resolution,
        now=now,
    )


def list_alike(session: Session, item: WorkItem, *, limit: int = MOST_ALIKE) -> list[WorkItem]:
    """Return the items that one fix may clear together with this one, itself among them.

    The most overdue first; a resolved item has none.
    """
    if item.state is WorkItemState.RESOLVED:
        return []
    return store.alike(session, likeness_of(item), limit=limit)


def open_subjects(session: Session, *, subject_type: str, subject_ids: Sequence[str]) -> set[str]:
    """Return those of the subjects for which an item of any kind stands."""
    return store.open_subjects(session, subject_type=subject_type, subject_ids=subject_ids)


def open_labels(session: Session, *, labels: Sequence[str]) -> frozenset[str]:
    """Return those of the labels (numbers of orders) that an item stands for."""
    return store.open_labels(session, labels)


def _close(
    session: Session,
    *,
    kind: WorkItemKind | None,
    subject_type: str,
    subject_id: str,
    resolution: Resolution,
    now: datetime,
) -> list[WorkItem]:
    closed = store.close(
        session,
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        resolution=resolution,
        now=now,
    )
    for item in closed:
        _tell_resolved(session, item)
    return closed


def _tell_resolved(session: Session, item: WorkItem) -> None:
    announce(
        session,
        WorkItemResolved(
            item_id=item.id,
            kind=item.kind.value,
            subject_type=item.subject_type,
            subject_id=item.subject_id,
            resolution="" if item.resolution is None else item.resolution.value,
            resolved_by=item.resolved_by,
        ),
    )


def list_items(
    session: Session, wanted: ItemFilter, *, cursor: str | None = None, limit: int = 50
) -> Page[WorkItem]:
    """Return work items, the most overdue first; resolved ones newest first. Raises BadCursor."""
    size = clamp_limit(limit)
    after = _place(cursor) if cursor else None
    found = store.page(session, _checked(wanted), after=after, limit=size + 1)
    if len(found) <= size:
        return Page(found, None)
    last = found[size - 1]
    at = last.resolved_at if wanted.is_of_resolved else last.deadline
    return Page(found[:size], encode_cursor([_microseconds(at or last.deadline), last.id]))


def count_items(session: Session, wanted: ItemFilter) -> dict[WorkItemKind, int]:
    """Return how many items of each kind the filter finds, whatever kind it names itself."""
    return store.counts(session, _checked(wanted))


def count_overdue(session: Session, *, now: datetime) -> int:
    """Return how many work items stand beyond their deadline."""
    return store.count_overdue(session, now=now)


def _checked(wanted: ItemFilter) -> ItemFilter:
    texts = (wanted.assignee, wanted.subject_type, wanted.subject_id, wanted.query)
    if any(not text.isprintable() or len(text) > MOST_SUBJECT for text in texts if text):
        raise BadWorkItem(problems=["filter"])
    return wanted


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _place(cursor: str) -> list[str | datetime]:
    at, item_id = decode_cursor(cursor, length=2)
    if (
        not isinstance(at, int)
        or not isinstance(item_id, str)
        or not 0 <= at < 2**57
        or not item_id.isprintable()
    ):
        raise BadCursor
    return [_EPOCH + timedelta(microseconds=at), item_id]
