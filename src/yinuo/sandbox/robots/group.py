"""One group behind a robot: what it saw, and how often the robot has spoken."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from yinuo.core import clock
from yinuo.core.errors import JsonValue
from yinuo.core.ids import new_id
from yinuo.sandbox.state import State

MOST_SHOWN = 50


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One message as the group saw it; `at` in Shanghai."""

    at: str
    form: str
    text: str


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """When a robot spoke of late, and until when it may not, in seconds of the epoch."""

    moments: list[float] = []
    blocked_until: float = 0.0


class Group:
    """Keeps the messages of a group over restarts; limits hold over all processes."""

    def __init__(
        self, state: State, system: str, *, paces: Sequence[tuple[int, int]], block_seconds: float
    ) -> None:
        self._seen = state.collection(system, "messages", Seen)
        self._spoken = state.collection(system, "spoken", Spoken)
        self._paces = paces
        self._block_seconds = block_seconds

    def may_speak(self) -> bool:
        """Count one call, and tell whether it is within every limit (most, within seconds)."""
        now = clock.now().timestamp()
        told: list[bool] = []

        def count(old: Spoken | None) -> Spoken:
            spoken = old or Spoken()
            longest = max(seconds for _most, seconds in self._paces)
            recent = [moment for moment in spoken.moments if moment > now - longest]
            is_within = now >= spoken.blocked_until and all(
                sum(moment > now - seconds for moment in recent) < most
                for most, seconds in self._paces
            )
            told.append(is_within)
            if is_within:
                return Spoken(moments=[*recent, now])
            is_new = now >= spoken.blocked_until
            until = now + self._block_seconds if is_new else spoken.blocked_until
            return Spoken(moments=recent, blocked_until=until if self._block_seconds else 0.0)

        self._spoken.update("robot", count)
        return told[-1]

    def show(self, form: str, text: str) -> None:
        """Let the group see a message."""
        at = clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
        self._seen.put(new_id("msg"), Seen(at=at, form=form, text=text))

    def summary(self) -> dict[str, JsonValue]:
        """Return how many messages the group saw, and the last of them."""
        shown: list[JsonValue] = [
            {"at": one.value.at, "form": one.value.form, "text": one.value.text}
            for one in self._seen.newest(MOST_SHOWN)
        ]
        return {"message_count": self._seen.count(), "messages": shown}
