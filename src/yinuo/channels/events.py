"""What channels announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from yinuo.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSaved(Event):
    """A shop was added or changed."""

    name: ClassVar[str] = "channels.shop_saved"
    topic: ClassVar[str | None] = "shop"

    shop_id: str
    channel: str
    is_active: bool

    @property
    def subject(self) -> str:
        """Return the id of the shop."""
        return self.shop_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParked(Event):
    """A message could not be worked off and was put aside; a person must look."""

    name: ClassVar[str] = "channels.message_parked"

    message_id: str
    source: str
    key: str
    shop_id: str | None
    error_code: str
    attempts: int

    @property
    def subject(self) -> str:
        """Return the id of the message."""
        return self.message_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMessageChanged(Event):
    """A group message came in, or something was decided about it; carries no words of it."""

    name: ClassVar[str] = "channels.group_message_changed"
    topic: ClassVar[str | None] = "message"

    message_id: str
    state: str

    @property
    def subject(self) -> str:
        """Return the id of the message."""
        return self.message_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateChanged(Event):
    """A completeness certificate is being made, or was made anew."""

    name: ClassVar[str] = "channels.certificate_changed"
    topic: ClassVar[str | None] = "certificate"

    shop_id: str
    day: str

    @property
    def subject(self) -> str:
        """Return shop and day."""
        return f"{self.shop_id}:{self.day}"
