"""Group messages as they are kept: their state, their drafts, and what people may do with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yinuo.channels.model.messages.replies import reply_to
from yinuo.channels.model.messages.types import (
    Change,
    Draft,
    DraftLine,
    Found,
    ListEntry,
    MessageKind,
    MessageList,
)
from yinuo.core.errors import Conflict, Invalid, NotFound

MOST_MESSAGE = 4000
MOST_WORD = 40
MOST_FACTOR = 1000


class UnknownGroupMessage(NotFound):
    """There is no such group message, or no such draft in it."""

    code = "channels.unknown_group_message"


class DraftDecided(Conflict):
    """Somebody has decided about the draft meanwhile; details: state, by."""

    code = "channels.draft_decided"


class DraftIncomplete(Invalid):
    """An order cannot be made of a draft while something is missing; details name the fields."""

    code = "channels.draft_incomplete"


class BadGroupMessage(Invalid):
    """A message to put in is empty or too long; details name the fields."""

    code = "channels.bad_group_message"


class BadGoodsAlias(Invalid):
    """A word that cannot be an alias of goods; details name the fields."""

    code = "channels.bad_goods_alias"


class MessageState(StrEnum):
    """Where a message stands: a person is to look, it became orders, it is none, put aside."""

    WAITING = "waiting"
    ORDERED = "ordered"
    TALK = "talk"
    DISCARDED = "discarded"


class DraftState(StrEnum):
    """Where a draft stands; withdrawn and replaced ones were so by a later list."""

    WAITING = "waiting"
    ORDERED = "ordered"
    DISCARDED = "discarded"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message as it came in; `key` makes a second one of the same source the same message."""

    source: str
    key: str
    shop_id: str
    group: str
    sender: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """A value read, where it stood, and how sure it is."""

    value: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """Goods of a kept draft; `quantity` holds the number as text beside its place."""

    goods: Piece
    sku: Piece | None
    quantity: Piece | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFacts:
    """What was read of one order, as it is kept."""

    name: Piece | None = None
    phone: Piece | None = None
    address: Piece | None = None
    lines: tuple[KeptLine, ...] = ()
    tags: tuple[Piece, ...] = ()
    remarks: tuple[Piece, ...] = ()
    missing: tuple[str, ...] = ()
    reply: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """A draft to keep; `entry_key` names the entry of a list, `label` whose it is."""

    facts: DraftFacts
    confidence: float
    entry_key: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDraft:
    """A draft with its story."""

    id: str
    message_id: str
    position: int
    entry_key: str
    label: str
    state: DraftState
    facts: DraftFacts
    confidence: float
    order_id: str | None
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """A message with its drafts; `repeats` is an earlier one of the same words in the group."""

    id: str
    source: str
    shop_id: str
    group: str
    sender: str
    text: str = field(repr=False)
    sent_at: datetime
    received_at: datetime
    kind: MessageKind
    state: MessageState
    change: str
    repeats: str | None
    list_id: str
    drafts: tuple[KeptDraft, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsAlias:
    """A word of the groups that people taught; `units` says how many a counting word holds."""

    id: str
    text: str
    sku: str
    factor: int
    units: dict[str, int]
    made_by: str
    made_at: datetime


def check_new_message(new: NewMessage) -> None:
    """Pass a message that can be kept; raises BadGroupMessage with the fields that are wrong."""
    wrong = [
        (not 1 <= len(new.text.strip()) <= MOST_MESSAGE or "\x00" in new.text, "text"),
        (not 1 <= len(new.key) <= 200 or not new.key.isprintable(), "key"),
        (len(new.group) > 100 or not new.group.isprintable(), "group"),
        (len(new.sender) > 100 or not new.sender.isprintable(), "sender"),
    ]
    problems = [name for is_wrong, name in wrong if is_wrong]
    if problems:
        raise BadGroupMessage(problems=", ".join(problems))


def check_alias(text: str, *, factor: int, units: dict[str, int]) -> None:
    """Pass a word that can be an alias; raises BadGoodsAlias with the fields that are wrong."""
    wrong = [
        (not 2 <= len(text) <= MOST_WORD or not text.isprintable() or text.isdigit(), "text"),
        (not 1 <= factor <= MOST_FACTOR, "factor"),
        (
            any(len(unit) != 1 or not 1 <= many <= MOST_FACTOR for unit, many in units.items()),
            "units",
        ),
    ]
    problems = [name for is_wrong, name in wrong if is_wrong]
    if problems:
        raise BadGoodsAlias(problems=", ".join(problems))


def facts_of(draft: Draft) -> DraftFacts:
    """Return what is kept of a draft."""
    address = draft.address
    return DraftFacts(
        name=_piece(draft.name),
        phone=_piece(draft.phone),
        address=Piece(address.value.text, *address.span, address.confidence) if address else None,
        lines=tuple(_line(line) for line in draft.lines),
        tags=tuple(_surely(tag) for tag in draft.tags),
        remarks=tuple(_surely(remark) for remark in draft.remarks),
        missing=tuple(dict.fromkeys(one.kind.value for one in draft.missing)),
        reply=reply_to(draft),
        start=draft.span.start,
        end=draft.span.end,
    )


def new_draft(draft: Draft, entry: ListEntry | None = None) -> NewDraft:
    """Return a draft, or an entry of a list, to keep."""
    return NewDraft(
        facts=facts_of(draft),
        confidence=draft.confidence,
        entry_key=entry.key if entry else "",
        label=entry.name if entry else "",
    )


def _line(line: DraftLine) -> KeptLine:
    quantity = line.quantity
    return KeptLine(
        goods=_surely(line.goods),
        sku=_piece(line.sku),
        quantity=Piece(str(quantity.value), *quantity.span, quantity.confidence)
        if quantity
        else None,
    )


def _piece(found: Found[str] | None) -> Piece | None:
    return None if found is None else _surely(found)


def _surely(found: Found[str]) -> Piece:
    return Piece(found.value, *found.span, found.confidence)


def state_of(
    kind: MessageKind, drafts: tuple[DraftState, ...], *, is_put_aside: bool
) -> MessageState:
    """Return where a message stands by its drafts; a change waits until somebody saw to it."""
    if kind is MessageKind.TALK:
        return MessageState.TALK
    if DraftState.WAITING in drafts or (kind is MessageKind.CHANGE and not is_put_aside):
        return MessageState.WAITING
    return MessageState.ORDERED if DraftState.ORDERED in drafts else MessageState.DISCARDED


def is_same_list(before: MessageList, after: MessageList) -> bool:
    """Tell whether two lists are one that was edited: the same head, or half of the names."""
    if before.head.split() == after.head.split():
        return True
    old, new = ({entry.name for entry in found.entries} for found in (before, after))
    return bool(old) and len(old & new) * 2 >= len(old)


def words_of_change(change: Change | None) -> str:
    """Return the kind of a change; empty for none."""
    return change.kind.value if change else ""
