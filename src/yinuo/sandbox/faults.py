"""Faults on demand: what shall go wrong, where, how often; kept over restarts.

`delay` answers `seconds` late; `error` answers an error of the vendor's own (`code` says which);
`duplicate` does the work twice; `reorder` lets the next call pass first; `drop` breaks the
connection before the work (after hanging `seconds`); `lose_answer` breaks it after the work.
For callbacks to the hub the same words mean: sent late, sent damaged, sent twice, overtaken,
never sent, and sent without taking notice of the hub's answer.
"""

from __future__ import annotations

import fnmatch
import random
import threading
from enum import StrEnum

import msgspec

from yinuo.core.errors import Invalid
from yinuo.core.ids import new_id
from yinuo.sandbox.state import State


class FaultKind(StrEnum):
    """The six ways in which a call can go wrong."""

    DELAY = "delay"
    ERROR = "error"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DROP = "drop"
    LOSE_ANSWER = "lose_answer"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that shall go wrong.

    `operation` may hold `*` ("SO/*"); `times` counts down with every hit and None means always;
    `seconds` are real seconds; `code` names the error in the vendor's own words.
    """

    id: str = ""
    operation: str = "*"
    kind: FaultKind
    probability: float = 1.0
    times: int | None = None
    seconds: float = 0.0
    code: str | None = None


class BadFault(Invalid):
    """A fault's probability is outside 0..1, or its times or seconds are negative or too large."""

    code = "sandbox.bad_fault"


class UnknownSystem(Invalid):
    """There is no stand-in of that name."""

    code = "sandbox.unknown_system"


class FaultBook:
    """The faults of every system; drawing one is atomic, so `times: 1` hits exactly one call."""

    def __init__(self, state: State, *, seed: int | None = None) -> None:
        self._kept = state.collection("kernel", "faults", list[Fault])
        self._lock = threading.Lock()
        self._chance = random.Random(seed)  # noqa: S311 - dice, not secrets
        self._faults: dict[str, list[Fault]] = {}

    def faults(self, system: str) -> list[Fault]:
        """Return the faults that still stand, in the order in which they are tried."""
        with self._lock:
            return list(self._load(system))

    def replace(self, system: str, faults: list[Fault]) -> list[Fault]:
        """Return the faults as kept, each with an id, in place of all earlier ones.

        Raises BadFault, and then keeps the earlier ones.
        """
        for fault in faults:
            if not 0 <= fault.probability <= 1:
                raise BadFault(field="probability")
            if fault.times is not None and not 0 <= fault.times <= 1_000_000:
                raise BadFault(field="times")
            if not 0 <= fault.seconds <= 3600:
                raise BadFault(field="seconds")
        named = [msgspec.structs.replace(fault, id=fault.id or new_id("flt")) for fault in faults]
        with self._lock:
            self._save(system, named)
            return list(named)

    def draw(self, system: str, operation: str) -> list[Fault]:
        """Return the faults that hit this one call; each with `times` has one less afterwards."""
        with self._lock:
            standing = self._load(system)
            if not standing:
                return []
            hit = [fault for fault in standing if self._hits(fault, operation)]
            if any(fault.times is not None for fault in hit):
                self._save(system, _counted_down(standing, {fault.id for fault in hit}))
            return hit

    def _hits(self, fault: Fault, operation: str) -> bool:
        return fnmatch.fnmatchcase(operation, fault.operation) and (
            fault.probability >= 1 or self._chance.random() < fault.probability
        )

    def _load(self, system: str) -> list[Fault]:
        if system not in self._faults:
            self._faults[system] = self._kept.get(system) or []
        return self._faults[system]

    def _save(self, system: str, faults: list[Fault]) -> None:
        self._kept.put(system, faults)
        self._faults[system] = faults


def _counted_down(faults: list[Fault], hit: set[str]) -> list[Fault]:
    left: list[Fault] = []
    for fault in faults:
        if fault.id not in hit or fault.times is None:
            left.append(fault)
        elif fault.times > 1:
            left.append(msgspec.structs.replace(fault, times=fault.times - 1))
    return left


def first(faults: list[Fault], *kinds: FaultKind) -> Fault | None:
    """Return the first fault of one of these kinds, or None."""
    return next((fault for fault in faults if fault.kind in kinds), None)
