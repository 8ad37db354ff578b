"""What the hub asks of a group robot: to say something in the group that it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from yinuo.connectors.protocols.nouns import Health


class NoticeForm(StrEnum):
    """How a notice looks in the group."""

    TEXT = "text"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a group is told: plain words without marks; nothing personal belongs in here."""

    title: str
    lines: tuple[str, ...]
    link: str = ""
    link_label: str = ""
    form: NoticeForm = NoticeForm.MARKDOWN


class Robot(Protocol):
    """A robot in a group of WeCom, DingTalk or Feishu."""

    def send(self, notice: Notice, *, reference: str | None = None) -> None:
        """Say something in the group; returns when the vendor has acknowledged it.

        What is too long loses whole lines at its end, and says how many. A robot knows no
        idempotency key: saying it twice shows it twice. Raises Rejected, Busy (`details` may have
        `retry_after_seconds`), Unavailable, OutcomeUnknown.
        """

    def check(self) -> Health:
        """Return how the robot does, by an empty message that is never shown; never raises."""
