"""The vendors' time: real time multiplied, so that a day of retries fits in a minute."""

from __future__ import annotations

import threading
import time

import msgspec

from yinuo.sandbox.state import State


class Anchor(msgspec.Struct, frozen=True):
    """At the real second `real` the vendors' clocks showed `vendor` and ran `scale` times fast."""

    real: float
    vendor: float
    scale: float


class ScaledClock:
    """Seconds as the vendors count them; only waiting times use it, never a timestamp on a wire.

    The anchor is kept, so that a waiting time goes on over a restart and over a change of scale.
    """

    def __init__(self, state: State, *, scale: float) -> None:
        self._kept = state.collection("kernel", "clock", Anchor)
        self._lock = threading.Lock()
        real = time.time()
        kept = self._kept.get("anchor")
        self._anchor = kept or Anchor(real=real, vendor=real, scale=scale)
        if kept is None:
            # Else the clocks would begin anew with the next start, before what has happened.
            self._kept.put("anchor", self._anchor)
        if self._anchor.scale != scale:
            self.set_scale(scale)

    @property
    def scale(self) -> float:
        """Return how many vendor seconds pass in one real second."""
        return self._anchor.scale

    def now(self) -> float:
        """Return the vendors' time in seconds."""
        anchor = self._anchor
        return anchor.vendor + (time.time() - anchor.real) * anchor.scale

    def real_seconds_until(self, moment: float) -> float:
        """Return how long to wait, in real seconds, until the vendors' clocks show `moment`."""
        return max(0.0, (moment - self.now()) / self._anchor.scale)

    def set_scale(self, scale: float) -> None:
        """Let the vendors' clocks run `scale` times as fast from now on; they never jump."""
        with self._lock:
            self._anchor = Anchor(real=time.time(), vendor=self.now(), scale=scale)
            self._kept.put("anchor", self._anchor)
