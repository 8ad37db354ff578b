"""Builders and racing threads that the tests of the exception queue share."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.exceptions import service
from yinuo.exceptions.model import (
    ItemFilter,
    NewItem,
    WorkItem,
    WorkItemKind,
    WorkItemState,
)
from yinuo.users.model import Actor, ActorKind, Role

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
RESOLVED = ItemFilter(states=frozenset({WorkItemState.RESOLVED}))


def person(number: int) -> Actor:
    return Actor(
        id=f"usr_{number}",
        name=f"员工{number}",
        role=Role.OPERATIONS,
        permissions=frozenset(),
        kind=ActorKind.USER,
    )


ANNA, BO = person(1), person(2)


def new(subject_id: str = "ord_1", **changes: object) -> NewItem:
    item = NewItem(
        kind=WorkItemKind.SHORTAGE,
        subject_type="order",
        subject_id=subject_id,
        subject_label="YN1",
        code="inventory.shortage",
        params={"short": {"RUG-160": 2}},
    )
    return replace(item, **changes)


def put(session: Session, subject_id: str = "ord_1", **changes: object) -> WorkItem:
    return service.raise_item(session, new(subject_id, **changes), now=NOW).item


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def events(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(sa.text("SELECT name, subject FROM events ORDER BY seq"))
    return [(row.name.removeprefix("exceptions.work_item_"), row.subject) for row in rows]
