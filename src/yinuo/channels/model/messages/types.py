"""What a group message says: drafts of orders, changes, lists; each piece with where it stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from yinuo.addresses.model import Resolved

T = TypeVar("T")
# From here up a complete draft may become an order without a person.
GATE = 0.9


class Span(NamedTuple):
    """A piece of the message, from the first character up to, without, the last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value, the piece of the message that it came from, and how sure it is (0 to 1)."""

    value: T
    span: Span
    confidence: float


class MessageKind(StrEnum):
    """What a message is: orders, a change of earlier ones, a list people re-post, or talk."""

    ORDER = "order"
    CHANGE = "change"
    LIST = "list"
    TALK = "talk"


class MissingKind(StrEnum):
    """What an order cannot do without."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    PRODUCT = "product"
    SIZE = "size"
    COLOUR = "colour"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing to ask for; of which goods, and what there is to choose from."""

    kind: MissingKind
    goods: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasTarget:
    """What a word of the group means: a SKU, a bundle or a family of SKUs.

    `factor` is how many units one of it is; `units` says that by the counting word (箱 is 6).
    """

    sku: str
    factor: int = 1
    units: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """Goods of a draft: the words that name them, the SKU they settle, and how many units.

    `sku` and `quantity` are None while the message does not settle them; `missing` says why.
    """

    goods: Found[str]
    sku: Found[str] | None
    quantity: Found[int] | None
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAddress:
    """An address as written, with what the resolver reads in it; `detail` is town and rest."""

    text: str
    detail: str
    resolved: Resolved

    @property
    def is_enough(self) -> bool:
        """Tell whether a courier can find it: a city, and something beyond the divisions."""
        return self.resolved.city is not None and bool(self.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One order as far as the message states it."""

    span: Span
    name: Found[str] | None
    phone: Found[str] | None
    address: Found[DraftAddress] | None
    lines: tuple[DraftLine, ...]
    tags: tuple[Found[str], ...] = ()
    remarks: tuple[Found[str], ...] = ()
    missing: tuple[Missing, ...] = ()
    confidence: float = 0.0

    @property
    def passes(self) -> bool:
        """Tell whether it may become an order without a person."""
        return not self.missing and self.confidence >= GATE


class ChangeKind(StrEnum):
    """What a message wants changed."""

    CANCEL = "cancel"
    QUANTITY = "quantity"
    ADD = "add"
    ADDRESS = "address"
    PHONE = "phone"
    VARIANT = "variant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A wish to change what was said before; always for a person to match and confirm."""

    kind: ChangeKind
    name: Found[str] | None = None
    phone: Found[str] | None = None
    address: Found[DraftAddress] | None = None
    lines: tuple[DraftLine, ...] = ()
    quantity: Found[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """One numbered line of a list; `position` counts the entries of one name, from 0."""

    number: int
    name: str
    position: int
    draft: Draft
    is_withdrawn: bool = False

    @property
    def key(self) -> str:
        """Return what makes it the same entry when the list is posted again."""
        return f"{self.name}#{self.position}"

    @property
    def said(self) -> tuple[tuple[str, int], ...]:
        """Return its goods and quantities, sorted: what counts as a change."""
        return tuple(
            sorted(
                (
                    line.sku.value if line.sku else f"?{line.goods.value}",
                    line.quantity.value if line.quantity else 0,
                )
                for line in self.draft.lines
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageList:
    """A list people re-post: what its head offers, and its entries in order."""

    head: str
    entries: tuple[ListEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDifference:
    """What a list did since the one before; of a changed entry the new state."""

    added: tuple[ListEntry, ...]
    changed: tuple[ListEntry, ...]
    withdrawn: tuple[ListEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessage:
    """Everything a message says."""

    kind: MessageKind
    drafts: tuple[Draft, ...] = ()
    change: Change | None = None
    list: MessageList | None = None
