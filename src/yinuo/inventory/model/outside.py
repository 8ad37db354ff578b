"""How far a claim got in an outside system, and whether a photograph contains it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yinuo.inventory.model.photographs import MARGIN, PhotoSource


class Stage(StrEnum):
    """Where a claim stands in one outside system; each step follows the one before."""

    RESERVED = "reserved"  # known here only
    PUSHED = "pushed"  # sent, no answer yet
    POSTED = "posted"  # confirmed, but the newest photograph is older than that
    CONTAINED = "contained"  # in the newest photograph


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideClaim:
    """What one outside system knows of an owner's claim, by our own clock.

    `posted_at` is when its confirmation reached us, which is later than the truth; `withdrawn_at`
    is when we asked it to forget the claim, which is earlier. Between the two it surely knew.
    """

    owner: str
    system: PhotoSource
    pushed_at: datetime
    posted_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def is_contained(self, as_of: datetime | None) -> bool:
        """Tell whether a photograph of that moment surely shows the claim as claimed."""
        if as_of is None or self.posted_at is None or self.posted_at + MARGIN > as_of:
            return False
        return self.withdrawn_at is None or self.withdrawn_at > as_of + MARGIN

    def stage(self, as_of: datetime | None) -> Stage:
        """Return how far the claim got, where the system's newest photograph is of that moment."""
        if self.withdrawn_at is not None:
            return Stage.RESERVED
        if self.posted_at is None:
            return Stage.PUSHED
        return Stage.CONTAINED if self.is_contained(as_of) else Stage.POSTED


def stage_of(claim: OutsideClaim | None, as_of: datetime | None) -> Stage:
    """Return how far a claim got in a system that may never have heard of it."""
    return Stage.RESERVED if claim is None else claim.stage(as_of)
