"""Try again what a work item stands for, by the function that its kind has.

Each process registers what it can try again beside its own code. The function undoes what stopped
the process and starts it; the work item is closed by the process itself once its cause is gone.
"""

from __future__ import annotations

from collections.abc import Callable

from yinuo.core.db import Database
from yinuo.exceptions.model import NoRetry, WorkItem, WorkItemKind
from yinuo.users.model import Actor

Retry = Callable[[Database, WorkItem, Actor], None]
_retries: dict[WorkItemKind, Retry] = {}


def retries(*kinds: WorkItemKind) -> Callable[[Retry], Retry]:
    """Register a function that is called with (database, item, actor) to try these kinds again."""

    def register(retry: Retry) -> Retry:
        for kind in kinds:
            _retries[kind] = retry
        return retry

    return register


def can_retry(kind: WorkItemKind) -> bool:
    """Tell whether there is something to try again for a kind of work item."""
    return kind in _retries


def retry_work_item(database: Database, item: WorkItem, *, actor: Actor) -> None:
    """Begin to try again what stopped; raises NoRetry for a kind with nothing to try again."""
    if item.kind not in _retries:
        raise NoRetry(kind=item.kind.value)
    _retries[item.kind](database, item, actor)
