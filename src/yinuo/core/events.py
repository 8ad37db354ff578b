"""Events: past-tense facts that a module announces in the same transaction as the change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(ABC):
    """The base of all events.

    `name` is stable ("orders.order_paid"); `topic` is the live hint it gives ("order", "stock")
    or None; `subject` is the id that the hint carries.
    """

    name: ClassVar[str]
    topic: ClassVar[str | None] = None

    @property
    @abstractmethod
    def subject(self) -> str:
        """Return the id of the thing that this happened to."""
