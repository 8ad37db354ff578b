"""What is said in chat groups, as a bot in them hears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSaid:
    """One message of a group or of a person; what is no text is only named in `left_out`."""

    message_id: str
    group: str
    sender: str
    text: str
    left_out: tuple[str, ...] = ()


class GroupListener(Protocol):
    """A bot that its vendor tells of each message said to it."""

    def prove_address(self, query: Mapping[str, str]) -> str:
        """Return what the vendor wants to read when an address is entered; raises BadSignature."""
        ...

    def read_message(self, query: Mapping[str, str], body: bytes) -> GroupSaid | None:
        """Return what was said, or None for an event; raises BadSignature, Malformed."""
        ...
