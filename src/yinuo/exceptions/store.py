"""The SQL of work items."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from yinuo.core.arrays import array
from yinuo.core.db import Session
from yinuo.exceptions.model import (
    AnotherOpen,
    ItemFilter,
    Likeness,
    NewItem,
    Raised,
    Resolution,
    WorkItem,
    WorkItemKind,
    WorkItemState,
    deadline_of,
    owner_of,
)
from yinuo.exceptions.tables import WorkItemRow
from yinuo.users.model import Actor, Role

_FIELDS = tuple(field.name for field in fields(WorkItem))
_COLUMNS = tuple(getattr(WorkItemRow, name) for name in _FIELDS)
_OPEN = WorkItemRow.state != WorkItemState.RESOLVED.value


def _item(values: Mapping[str, Any]) -> WorkItem:
    enums = {
        "kind": WorkItemKind(values["kind"]),
        "owner_role": Role(values["owner_role"]),
        "state": WorkItemState(values["state"]),
        "resolution": None if values["resolution"] is None else Resolution(values["resolution"]),
    }
    return WorkItem(**({name: values[name] for name in _FIELDS} | enums))


# A repeat while one is open brings the newest reason and keeps everything else.
_RAISE = sa.text(
    f"""
    INSERT INTO work_items AS w (id, kind, subject_type, subject_id, subject_label, code, params,
        owner_role, assignee, assignee_name, deadline, state, resolution, note, created_at,
        resolved_at, resolved_by, resolved_by_name)
    VALUES (:id, :kind, :subject_type, :subject_id, :subject_label, :code,
        CAST(:params AS jsonb), :owner_role, NULL, '', :deadline, 'open', NULL, '', :now,
        NULL, NULL, '')
    ON CONFLICT (kind, subject_type, subject_id) WHERE state <> 'resolved'
    DO UPDATE SET code = excluded.code, params = excluded.params,
        subject_label = CASE WHEN excluded.subject_label = '' THEN w.subject_label
                             ELSE excluded.subject_label END
    RETURNING {", ".join(f"w.{name}" for name in _FIELDS)}
    """
)


def insert_or_refresh(session: Session, new: NewItem, *, item_id: str, now: datetime) -> Raised:
    """Return the open item of the kind and subject; of two raised at once one is new."""
    row = session.execute(
        _RAISE,
        {
            "id": item_id,
            "kind": new.kind.value,
            "subject_type": new.subject_type,
            "subject_id": new.subject_id,
            "subject_label": new.subject_label,
            "code": new.code,
            "params": json.dumps(dict(new.params), ensure_ascii=False),
            "owner_role": owner_of(new).value,
            "deadline": deadline_of(new, now=now),
            "now": now,
        },
    ).one()
    return Raised(item=_item(dict(row._mapping)), is_new=row.id == item_id)  # noqa: SLF001 - public by its documentation


def find(session: Session, item_id: str) -> WorkItem | None:
    """Return a work item when it exists."""
    row = session.execute(sa.select(*_COLUMNS).where(WorkItemRow.id == item_id)).mappings().first()
    return None if row is None else _item(dict(row))


def lock(session: Session, item_id: str) -> WorkItem | None:
    """Return a work item when it exists, locked until the transaction ends."""
    statement = sa.select(*_COLUMNS).where(WorkItemRow.id == item_id).with_for_update()
    row = session.execute(statement).mappings().first()
    return None if row is None else _item(dict(row))


def claim(session: Session, item_id: str, *, actor: Actor) -> WorkItem | None:
    """Return the item when it was open and is claimed now; of two at once one gets it."""
    return _change(
        session,
        sa.update(WorkItemRow)
        .where(WorkItemRow.id == item_id, WorkItemRow.state == WorkItemState.OPEN.value)
        .values(state=WorkItemState.CLAIMED.value, assignee=actor.id, assignee_name=actor.name),
    )


def resolve(
    session: Session,
    item_id: str,
    *,
    resolution: Resolution,
    note: str,
    actor: Actor,
    now: datetime,
) -> WorkItem | None:
    """Return the item when it was not resolved and is now; of two at once one does it."""
    return _change(
        session,
        sa.update(WorkItemRow)
        .where(WorkItemRow.id == item_id, _OPEN)
        .values(
            state=WorkItemState.RESOLVED.value,
            resolution=resolution.value,
            note=note,
            resolved_at=now,
            resolved_by=actor.id,
            resolved_by_name=actor.name,
        ),
    )


def reopen(session: Session, item: WorkItem) -> WorkItem:
    """Return the locked item, open again; raises AnotherOpen when a newer one stands."""
    try:
        with session.begin_nested():
            reopened = _change(
                session,
                sa.update(WorkItemRow)
                .where(WorkItemRow.id == item.id)
                .values(
                    state=WorkItemState.OPEN.value,
                    assignee=None,
                    assignee_name="",
                    resolution=None,
                    resolved_at=None,
                    resolved_by=None,
                    resolved_by_name="",
                ),
            )
    except sa.exc.IntegrityError:
        raise AnotherOpen(item_id=item.id) from None
    return reopened or item


def _change(session: Session, statement: sa.Update) -> WorkItem | None:
    row = session.execute(statement.returning(*_COLUMNS)).mappings().first()
    return None if row is None else _item(dict(row))


def close(
    session: Session,
    *,
    kind: WorkItemKind | None,
    subject_type: str,
    subject_id: str,
    resolution: Resolution,
    now: datetime,
) -> list[WorkItem]:
    """Return the items of a subject that stood and are resolved now, by id."""
    statement = (
        sa.update(WorkItemRow)
        .where(
            WorkItemRow.subject_type == subject_type, WorkItemRow.subject_id == subject_id, _OPEN
        )
        .values(state=WorkItemState.RESOLVED.value, resolution=resolution.value, resolved_at=now)
    )
    if kind is not None:
        statement = statement.where(WorkItemRow.kind == kind.value)
    rows = session.execute(statement.returning(*_COLUMNS)).mappings()
    return sorted((_item(dict(row)) for row in rows), key=lambda item: item.id)


def alike(session: Session, likeness: Likeness, *, limit: int) -> list[WorkItem]:
    """Return the items that stand and share the likeness, the most overdue first."""
    statement = (
        sa.select(*_COLUMNS)
        .where(
            _OPEN,
            WorkItemRow.kind == likeness.kind.value,
            WorkItemRow.code == likeness.code,
            WorkItemRow.params.contains(dict(likeness.equal)),
        )
        .order_by(WorkItemRow.deadline, WorkItemRow.id)
        .limit(limit)
    )
    if likeness.shared_in:
        statement = statement.where(
            sa.func.jsonb_exists_any(
                WorkItemRow.params[likeness.shared_in],
                sa.cast(list(likeness.shared), ARRAY(sa.Text)),
            )
        )
    return [_item(dict(row)) for row in session.execute(statement).mappings()]


def open_subjects(session: Session, *, subject_type: str, subject_ids: Sequence[str]) -> set[str]:
    """Return those of the subjects that an item stands for."""
    found = session.execute(
        _OPEN_SUBJECTS, {"subject_type": subject_type, "subject_ids": array(subject_ids)}
    )
    return set(found.scalars())


def open_labels(session: Session, labels: Sequence[str]) -> frozenset[str]:
    """Return those of the labels that an item stands for."""
    found = session.execute(_OPEN_LABELS, {"labels": array(labels)})
    return frozenset(found.scalars())


_OPEN_LABELS = sa.text(
    "SELECT DISTINCT subject_label FROM work_items"
    f" WHERE state <> '{WorkItemState.RESOLVED.value}'"
    " AND subject_label = ANY (CAST(:labels AS text[]))"
)
_OPEN_SUBJECTS = sa.text(
    "SELECT subject_id FROM work_items WHERE subject_type = :subject_type"
    " AND subject_id = ANY (CAST(:subject_ids AS text[]))"
    f" AND state <> '{WorkItemState.RESOLVED.value}'"
)


def _conditions(wanted: ItemFilter) -> list[sa.ColumnElement[bool]]:
    exact = {
        WorkItemRow.owner_role: wanted.owner_role and wanted.owner_role.value,
        WorkItemRow.assignee: wanted.assignee,
        WorkItemRow.subject_type: wanted.subject_type,
        WorkItemRow.subject_id: wanted.subject_id,
    }
    found = [column == value for column, value in exact.items() if value is not None]
    states = [state.value for state in sorted(wanted.states)]
    found.append(WorkItemRow.state.in_(states) if states else _OPEN)
    if wanted.query:
        found.append(
            sa.or_(
                WorkItemRow.subject_label.istartswith(wanted.query, autoescape=True),
                WorkItemRow.subject_id == wanted.query,
            )
        )
    return found


def page(
    session: Session, wanted: ItemFilter, *, after: Sequence[str | datetime] | None, limit: int
) -> list[WorkItem]:
    """Return items after a place in the list: by deadline, resolved ones newest first."""
    statement = sa.select(*_COLUMNS).where(*_conditions(wanted)).limit(limit)
    if wanted.kind is not None:
        statement = statement.where(WorkItemRow.kind == wanted.kind.value)
    at = WorkItemRow.resolved_at if wanted.is_of_resolved else WorkItemRow.deadline
    place = sa.tuple_(at, WorkItemRow.id)
    if wanted.is_of_resolved:
        statement = statement.order_by(at.desc(), WorkItemRow.id.desc())
    else:
        statement = statement.order_by(at, WorkItemRow.id)
    if after is not None:
        there = sa.tuple_(*after)
        statement = statement.where(place < there if wanted.is_of_resolved else place > there)
    return [_item(dict(row)) for row in session.execute(statement).mappings()]


def counts(session: Session, wanted: ItemFilter) -> dict[WorkItemKind, int]:
    """Return how many items of each kind there are; the filter's own kind does not count."""
    rows = session.execute(
        sa.select(WorkItemRow.kind, sa.func.count().label("items"))
        .where(*_conditions(wanted))
        .group_by(WorkItemRow.kind)
    )
    return {WorkItemKind(row.kind): row.items for row in rows}


def count_overdue(session: Session, *, now: datetime) -> int:
    """Return how many items stand beyond their deadline."""
    found: int = session.execute(
        sa.select(sa.func.count()).where(_OPEN, WorkItemRow.deadline <= now)
    ).scalar_one()
    return found
