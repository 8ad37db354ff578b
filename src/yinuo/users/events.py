"""What users announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yinuo.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAdded(Event):
    """A person got an account."""

    name: ClassVar[str] = "users.user_added"
    user_id: str
    role: str

    @property
    def subject(self) -> str:
        """Return the user's id."""
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(Event):
    """A person's name, role or password changed; `changed` names the fields."""

    name: ClassVar[str] = "users.user_changed"
    user_id: str
    changed: list[str]

    @property
    def subject(self) -> str:
        """Return the user's id."""
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDisabled(Event):
    """A person's account was closed; sessions and tokens ended with it."""

    name: ClassVar[str] = "users.user_disabled"
    user_id: str

    @property
    def subject(self) -> str:
        """Return the user's id."""
        return self.user_id
