"""What the exception queue announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yinuo.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemEvent(Event):
    """Something happened to a work item."""

    topic: ClassVar[str | None] = "work_item"

    item_id: str
    kind: str
    subject_type: str
    subject_id: str

    @property
    def subject(self) -> str:
        """Return the id of the work item."""
        return self.item_id


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemRaised(WorkItemEvent):
    """A new work item stands in the queue."""

    name: ClassVar[str] = "exceptions.work_item_raised"

    code: str
    owner_role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemClaimed(WorkItemEvent):
    """A person took a work item."""

    name: ClassVar[str] = "exceptions.work_item_claimed"

    assignee: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemResolved(WorkItemEvent):
    """A work item was cleared, by a person or because its cause went away."""

    name: ClassVar[str] = "exceptions.work_item_resolved"

    resolution: str
    resolved_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemReopened(WorkItemEvent):
    """A cleared work item stands in the queue again."""

    name: ClassVar[str] = "exceptions.work_item_reopened"

    reopened_by: str
