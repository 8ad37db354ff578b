"""What every stand-in is given, and what it gives: the two nouns of the sandbox's own frame."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.routing import BaseRoute, Route

from yinuo.core.errors import JsonValue
from yinuo.sandbox.calls import CallLog
from yinuo.sandbox.clock import ScaledClock
from yinuo.sandbox.exchange import Answer, Exchange, FaultAnswer, Incoming, Kit
from yinuo.sandbox.faults import FaultBook
from yinuo.sandbox.outbound import Outbound
from yinuo.sandbox.settings import SandboxSettings
from yinuo.sandbox.state import State


class System(Protocol):
    """One stand-in: a name for people and for the control API, its operations and its routes."""

    name: str
    label: str
    operations: Sequence[str]

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes, with whole paths."""

    def summary(self) -> dict[str, JsonValue]:
        """Return what it remembers, for people and tests: counts, and documents by number."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """The shared parts, made once per process.

    What a system appends to `background` runs from the start of the application to its end;
    what is in `closing` is called then.
    """

    settings: SandboxSettings
    state: State
    clock: ScaledClock
    faults: FaultBook
    calls: CallLog
    outbound: Outbound
    systems: dict[str, System] = field(default_factory=dict)
    background: list[Callable[[], Coroutine[None, None, None]]] = field(default_factory=list)
    closing: list[Callable[[], None]] = field(default_factory=list)

    def kit(self, system: str, *, failure: FaultAnswer) -> Kit:
        """Return what the exchanges of one system share; `failure` makes its error answers."""
        return Kit(system=system, faults=self.faults, calls=self.calls, failure=failure)


def route(
    kit: Kit,
    path: str,
    operation: str | Callable[[Incoming], str],
    handler: Callable[[Incoming], Answer],
    *,
    methods: Sequence[str] = ("POST",),
) -> Route:
    """Return a route whose calls can be struck by faults and are noted in the call log."""
    return Route(path, Exchange(kit, operation, handler), methods=list(methods))


def make_kernel(settings: SandboxSettings, state: State) -> Kernel:
    """Return the shared parts over one state."""
    scaled = ScaledClock(state, scale=settings.clock_scale)
    faults = FaultBook(state)
    calls = CallLog()
    outbound = Outbound(state, clock=scaled, faults=faults, calls=calls)
    return Kernel(
        settings=settings, state=state, clock=scaled, faults=faults, calls=calls, outbound=outbound
    )
