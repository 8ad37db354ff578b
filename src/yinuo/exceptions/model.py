"""Work items: what kinds there are, who clears them by when, and what may be done with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeGuard

from yinuo.core.errors import Conflict, Invalid, JsonValue, NotFound
from yinuo.users.model import Role

MOST_NOTE = 1000
MOST_SUBJECT = 200
MOST_PARAM = 500
MOST_ALIKE = 1000


class UnknownWorkItem(NotFound):
    """There is no such work item."""

    code = "exceptions.unknown_work_item"


class AlreadyClaimed(Conflict):
    """Another person has claimed the work item."""

    code = "exceptions.already_claimed"


class AlreadyResolved(Conflict):
    """The work item was resolved before, in another way."""

    code = "exceptions.already_resolved"


class AnotherOpen(Conflict):
    """A newer work item about the same thing is open; go on there."""

    code = "exceptions.another_open"


class NoRetry(Conflict):
    """There is nothing to try again for a work item of this kind."""

    code = "exceptions.no_retry"


class BadWorkItem(Invalid):
    """A work item, a note or a filter cannot be as it is; `problems` name the fields."""

    code = "exceptions.bad_work_item"


class WorkItemKind(StrEnum):
    """What went wrong, as far as it decides who clears it and how."""

    SHORTAGE = "shortage"
    UNKNOWN_SKU = "unknown_sku"
    BAD_ORDER = "bad_order"
    PAYMENT_UNMATCHED = "payment_unmatched"
    PAYMENT_AMOUNT_MISMATCH = "payment_amount_mismatch"
    PAYMENT_AFTER_CANCEL = "payment_after_cancel"
    ORDER_CHANGED_AFTER_PAYMENT = "order_changed_after_payment"
    ERP_REJECTED = "erp_rejected"
    ERP_OUTCOME_UNKNOWN = "erp_outcome_unknown"
    WMS_REJECTED = "wms_rejected"
    WMS_OUTCOME_UNKNOWN = "wms_outcome_unknown"
    CANCEL_REFUSED_BY_WAREHOUSE = "cancel_refused_by_warehouse"
    RESERVATION_ENDING = "reservation_ending"
    EVENT_UNDELIVERABLE = "event_undeliverable"
    INBOX_FAILED = "inbox_failed"
    STOCK_FELL_SHORT = "stock_fell_short"
    SHIPPED_BEYOND_CLAIM = "shipped_beyond_claim"
    RESERVATION_CORRUPT = "reservation_corrupt"
    ADDRESS_DOUBTFUL = "address_doubtful"
    ADDRESS_LATE = "address_late"
    SHIP_NOTICE_FAILED = "ship_notice_failed"
    REFUND_UNMATCHED = "refund_unmatched"
    REFUND_TO_DECIDE = "refund_to_decide"
    REFUND_FAILED = "refund_failed"
    PAYMENT_DIFFERENCE = "payment_difference"
    WORKFLOW_FAILED = "workflow_failed"
    SHOP_BEHIND = "shop_behind"
    ROBOT_FAILED = "robot_failed"
    GROUP_ORDER_EDITED = "group_order_edited"
    GROUP_MESSAGE_UNREAD = "group_message_unread"
    RECEIVER_SEALED = "receiver_sealed"
    CHANNEL_REVIEW = "channel_review"
    CHANNEL_REFUND_ASKED = "channel_refund_asked"
    CHANNEL_ADDRESS_ASKED = "channel_address_asked"


class WorkItemState(StrEnum):
    """Where a work item stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """How a work item ended."""

    RETRIED = "retried"
    FIXED = "fixed"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    IGNORED = "ignored"
    VANISHED = "vanished"  # the cause went away by itself; set by the product, not by people


class Action(StrEnum):
    """What a person may do with a work item."""

    CLAIM = "claim"
    RETRY = "retry"
    RESOLVE = "resolve"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """Who clears a kind of work item, within how long, and whether trying again makes sense."""

    owner_role: Role
    within: timedelta
    can_retry: bool


def _facts(owner_role: Role, *, minutes: int, can_retry: bool) -> KindFacts:
    return KindFacts(owner_role=owner_role, within=timedelta(minutes=minutes), can_retry=can_retry)


KINDS: Mapping[WorkItemKind, KindFacts] = {
    WorkItemKind.SHORTAGE: _facts(Role.OPERATIONS, minutes=120, can_retry=True),
    WorkItemKind.UNKNOWN_SKU: _facts(Role.OPERATIONS, minutes=60, can_retry=True),
    WorkItemKind.BAD_ORDER: _facts(Role.CUSTOMER_SERVICE, minutes=60, can_retry=True),
    WorkItemKind.PAYMENT_UNMATCHED: _facts(Role.OPERATIONS, minutes=120, can_retry=True),
    WorkItemKind.PAYMENT_AMOUNT_MISMATCH: _facts(Role.STORE_MANAGER, minutes=120, can_retry=False),
    WorkItemKind.PAYMENT_AFTER_CANCEL: _facts(Role.CUSTOMER_SERVICE, minutes=60, can_retry=False),
    WorkItemKind.ORDER_CHANGED_AFTER_PAYMENT: _facts(
        Role.CUSTOMER_SERVICE, minutes=60, can_retry=False
    ),
    WorkItemKind.ERP_REJECTED: _facts(Role.OPERATIONS, minutes=120, can_retry=True),
    WorkItemKind.ERP_OUTCOME_UNKNOWN: _facts(Role.IT_ADMIN, minutes=60, can_retry=True),
    WorkItemKind.WMS_REJECTED: _facts(Role.OPERATIONS, minutes=120, can_retry=True),
    WorkItemKind.WMS_OUTCOME_UNKNOWN: _facts(Role.IT_ADMIN, minutes=60, can_retry=True),
    WorkItemKind.CANCEL_REFUSED_BY_WAREHOUSE: _facts(
        Role.CUSTOMER_SERVICE, minutes=30, can_retry=True
    ),
    WorkItemKind.RESERVATION_ENDING: _facts(Role.OPERATIONS, minutes=30, can_retry=True),
    WorkItemKind.EVENT_UNDELIVERABLE: _facts(Role.IT_ADMIN, minutes=240, can_retry=True),
    WorkItemKind.INBOX_FAILED: _facts(Role.IT_ADMIN, minutes=120, can_retry=True),
    WorkItemKind.STOCK_FELL_SHORT: _facts(Role.OPERATIONS, minutes=120, can_retry=False),
    WorkItemKind.SHIPPED_BEYOND_CLAIM: _facts(Role.OPERATIONS, minutes=120, can_retry=False),
    WorkItemKind.RESERVATION_CORRUPT: _facts(Role.IT_ADMIN, minutes=240, can_retry=False),
    WorkItemKind.ADDRESS_DOUBTFUL: _facts(Role.CUSTOMER_SERVICE, minutes=60, can_retry=False),
    WorkItemKind.GROUP_ORDER_EDITED: _facts(Role.CUSTOMER_SERVICE, minutes=60, can_retry=False),
    WorkItemKind.GROUP_MESSAGE_UNREAD: _facts(Role.CUSTOMER_SERVICE, minutes=60, can_retry=False),
    WorkItemKind.ADDRESS_LATE: _facts(Role.CUSTOMER_SERVICE, minutes=30, can_retry=False),
    WorkItemKind.SHIP_NOTICE_FAILED: _facts(Role.OPERATIONS, minutes=240, can_retry=True),
    WorkItemKind.REFUND_UNMATCHED: _facts(Role.STORE_MANAGER, minutes=240, can_retry=True),
    WorkItemKind.REFUND_TO_DECIDE: _facts(Role.CUSTOMER_SERVICE, minutes=60, can_retry=False),
    WorkItemKind.REFUND_FAILED: _facts(Role.STORE_MANAGER, minutes=240, can_retry=False),
    WorkItemKind.PAYMENT_DIFFERENCE: _facts(Role.STORE_MANAGER, minutes=480, can_retry=True),
    WorkItemKind.WORKFLOW_FAILED: _facts(Role.IT_ADMIN, minutes=60, can_retry=True),
    WorkItemKind.RECEIVER_SEALED: _facts(Role.CUSTOMER_SERVICE, minutes=120, can_retry=True),
    WorkItemKind.CHANNEL_REVIEW: _facts(Role.CUSTOMER_SERVICE, minutes=1440, can_retry=False),
    WorkItemKind.CHANNEL_REFUND_ASKED: _facts(Role.CUSTOMER_SERVICE, minutes=240, can_retry=False),
    WorkItemKind.CHANNEL_ADDRESS_ASKED: _facts(Role.CUSTOMER_SERVICE, minutes=60, can_retry=False),
    WorkItemKind.SHOP_BEHIND: _facts(Role.OPERATIONS, minutes=30, can_retry=False),
    WorkItemKind.ROBOT_FAILED: _facts(Role.IT_ADMIN, minutes=240, can_retry=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """One thing that a person must clear.

    `subject_type` and `subject_id` say about what ("order", "ord_…"), `subject_label` how people
    call it (the order's number); `code` and `params` say why, in words of the texts.
    """

    id: str
    kind: WorkItemKind
    subject_type: str
    subject_id: str
    subject_label: str
    code: str
    params: Mapping[str, JsonValue]
    owner_role: Role
    assignee: str | None
    assignee_name: str
    deadline: datetime
    state: WorkItemState
    resolution: Resolution | None
    note: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolved_by_name: str

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the deadline is past and nobody has cleared it."""
        return self.state is not WorkItemState.RESOLVED and self.deadline <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The work item that stands now, and whether it is new."""

    item: WorkItem
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which work items to list; an empty field asks nothing.

    `states` empty means all that are not resolved; `query` is the start of a subject's label or
    its whole id.
    """

    states: frozenset[WorkItemState] = frozenset()
    kind: WorkItemKind | None = None
    owner_role: Role | None = None
    assignee: str | None = None
    subject_type: str | None = None
    subject_id: str | None = None
    query: str = ""

    @property
    def is_of_resolved(self) -> bool:
        """Tell whether only resolved items are asked for; those are listed newest first."""
        return self.states == frozenset({WorkItemState.RESOLVED})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """A work item to raise; owner and deadline are those of the kind unless given."""

    kind: WorkItemKind
    subject_type: str
    subject_id: str
    subject_label: str = ""
    code: str
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    owner_role: Role | None = None
    deadline: datetime | None = None


def owner_of(new: NewItem) -> Role:
    """Return who clears the item."""
    return new.owner_role or KINDS[new.kind].owner_role


def deadline_of(new: NewItem, *, now: datetime) -> datetime:
    """Return until when the item is to be cleared."""
    return new.deadline or now + KINDS[new.kind].within


def item_problems(new: NewItem) -> list[str]:
    """Return the fields of a new item that are wrong."""
    fields = {
        "subject_type": new.subject_type,
        "subject_id": new.subject_id,
        "code": new.code,
    }
    wrong = [name for name, value in fields.items() if not _is_word(value)]
    if new.deadline is not None and new.deadline.tzinfo is None:
        wrong.append("deadline")
    return wrong


def _is_word(value: str) -> bool:
    return 1 <= len(value) <= MOST_SUBJECT and value.isprintable()


def cleaned(new: NewItem) -> NewItem:
    """Return the item with a label and params that can be kept.

    They may come from outside; a work item is never lost because of what it tells of.
    """
    label = _printable(new.subject_label)[:MOST_SUBJECT]
    params = {_printable(key)[:80]: _plain(value) for key, value in new.params.items()}
    return replace(new, subject_label=label, params=params)


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return _printable(value)[:MOST_PARAM]
    if isinstance(value, list):
        return [_plain(part) for part in value[:100]]
    if isinstance(value, dict):
        return {_printable(key)[:80]: _plain(part) for key, part in value.items()}
    return value


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def check_note(note: str) -> str:
    """Return the note without blanks around it; raises BadWorkItem when it cannot be kept."""
    kept = note.strip()
    if len(kept) > MOST_NOTE or not all(part.isprintable() for part in kept.splitlines()):
        raise BadWorkItem(problems=["note"])
    return kept


def allowed_actions(item: WorkItem) -> list[Action]:
    """Return what may be done with the item, in the order in which buttons stand.

    A claimed item may be cleared by others too, or put back: people go home.
    """
    if item.state is WorkItemState.RESOLVED:
        return [Action.REOPEN]
    actions = []
    if KINDS[item.kind].can_retry:
        actions.append(Action.RETRY)
    actions.append(Action.RESOLVE)
    is_claimed = item.state is WorkItemState.CLAIMED
    actions.append(Action.REOPEN if is_claimed else Action.CLAIM)
    return actions


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What items must have in common to be cleared by one fix.

    `equal` are params with the same value; of the param `shared_in` at least one of `shared`.
    """

    kind: WorkItemKind
    code: str
    equal: Mapping[str, JsonValue]
    shared_in: str = ""
    shared: tuple[str, ...] = ()


_EQUAL: Mapping[WorkItemKind, tuple[str, ...]] = {
    WorkItemKind.UNKNOWN_SKU: ("shop_id",),
    WorkItemKind.ERP_REJECTED: ("outside_code",),
    WorkItemKind.WMS_REJECTED: ("outside_code",),
    WorkItemKind.INBOX_FAILED: ("source",),
    WorkItemKind.WORKFLOW_FAILED: ("process",),
}
_SHARED: Mapping[WorkItemKind, str] = {
    WorkItemKind.UNKNOWN_SKU: "codes",
    WorkItemKind.SHORTAGE: "short",
}


def likeness_of(item: WorkItem) -> Likeness:
    """Return what other items must have in common with this one to be cleared with it."""
    shared_in = _SHARED.get(item.kind, "")
    shared = item.params.get(shared_in)
    words = [one for one in shared if isinstance(one, str)] if _holds(shared) else []
    return Likeness(
        kind=item.kind,
        code=item.code,
        equal={
            name: item.params[name] for name in _EQUAL.get(item.kind, ()) if name in item.params
        },
        shared_in=shared_in if words else "",
        shared=tuple(sorted(words)),
    )


def _holds(value: JsonValue) -> TypeGuard[list[JsonValue] | dict[str, JsonValue]]:
    return isinstance(value, list | dict)


# By people: VANISHED is left out, it means that nobody had to do anything.
BY_PEOPLE = frozenset(Resolution) - {Resolution.VANISHED}
