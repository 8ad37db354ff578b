"""Group messages read: orders, changes and lists, with the place and sureness of every piece."""

from yinuo.channels.model.messages.lists import difference
from yinuo.channels.model.messages.reader import Reader
from yinuo.channels.model.messages.replies import reply_to
from yinuo.channels.model.messages.types import (
    GATE,
    AliasTarget,
    Change,
    ChangeKind,
    Draft,
    DraftAddress,
    DraftLine,
    Found,
    ListDifference,
    ListEntry,
    MessageKind,
    MessageList,
    Missing,
    MissingKind,
    ReadMessage,
    Span,
)

__all__ = [
    "GATE",
    "AliasTarget",
    "Change",
    "ChangeKind",
    "Draft",
    "DraftAddress",
    "DraftLine",
    "Found",
    "ListDifference",
    "ListEntry",
    "MessageKind",
    "MessageList",
    "Missing",
    "MissingKind",
    "ReadMessage",
    "Reader",
    "Span",
    "difference",
    "reply_to",
]
