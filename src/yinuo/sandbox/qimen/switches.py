"""What can be changed while the WMS stand-in runs, kept over restarts."""

from __future__ import annotations

from typing import Annotated

import msgspec

from yinuo.sandbox.settings import QimenSettings
from yinuo.sandbox.state import State

Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """The values in force; seconds run on the vendors' clock.

    `hold_seconds` None means that a hold never ends by itself; `refuse_cancel` names orders whose
    cancellation the warehouse refuses, `*` all of them.
    """

    step_seconds: float
    hold_seconds: float | None
    refuse_cancel: list[str]


class SwitchChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of some of them."""

    step_seconds: Seconds | msgspec.UnsetType = msgspec.UNSET
    hold_seconds: Seconds | msgspec.UnsetType | None = msgspec.UNSET
    refuse_cancel: list[str] | msgspec.UnsetType = msgspec.UNSET


class Switches:
    """The values of the settings until somebody changes them."""

    def __init__(self, state: State, settings: QimenSettings) -> None:
        self._kept = state.collection("qimen", "switches", Switch)
        self._now = self._kept.get("all") or Switch(
            step_seconds=settings.step_seconds,
            hold_seconds=settings.hold_seconds,
            refuse_cancel=[],
        )

    def now(self) -> Switch:
        """Return the values in force."""
        return self._now

    def change(self, change: SwitchChange) -> Switch:
        """Return the values after a change."""
        wanted = msgspec.structs.asdict(change)
        given = {key: one for key, one in wanted.items() if one is not msgspec.UNSET}
        self._now = msgspec.structs.replace(self._now, **given)
        self._kept.put("all", self._now)
        return self._now
