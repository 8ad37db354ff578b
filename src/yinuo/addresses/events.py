"""What addresses announce; none carries an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yinuo.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSettled(Event):
    """It is decided where an order's address lies: by a person, an alias or a second source."""

    name: ClassVar[str] = "addresses.reading_settled"
    topic: ClassVar[str | None] = "address"

    order_id: str
    state: str
    revision: int
    actor: str

    @property
    def subject(self) -> str:
        """Return the order's id."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasChanged(Event):
    """An alias was taught or rolled back."""

    name: ClassVar[str] = "addresses.alias_changed"
    topic: ClassVar[str | None] = "address"

    alias_id: str
    is_active: bool

    @property
    def subject(self) -> str:
        """Return the alias's id."""
        return self.alias_id
