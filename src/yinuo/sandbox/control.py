"""The control API: what the stand-ins know, which faults stand, how fast their clocks run.

It is for people, tests and the console of the product, and listens where the sandbox listens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from yinuo.core.errors import YinuoError
from yinuo.sandbox.faults import Fault, UnknownSystem
from yinuo.sandbox.kernel import Kernel, System

T = TypeVar("T")


class FaultList(msgspec.Struct):
    """The body of a change of faults."""

    faults: list[Fault]


class ClockChange(msgspec.Struct):
    """The body of a change of the vendors' clock."""

    scale: float


class Control:
    """The handlers of `/control`."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes of the control API."""
        one = "/control/systems/{name}"
        return [
            Route("/control/systems", self.systems, methods=["GET"]),
            Route(f"{one}/faults", self.faults, methods=["GET"]),
            Route(f"{one}/faults", self.set_faults, methods=["PUT"]),
            Route(f"{one}/calls", self.calls, methods=["GET"]),
            Route(f"{one}/state", self.state, methods=["GET"]),
            Route("/control/clock", self.clock, methods=["GET"]),
            Route("/control/clock", self.set_clock, methods=["PUT", "POST"]),
        ]

    async def systems(self, _request: Request) -> Response:
        """Answer every system with its operations, faults and state."""
        kernel = self._kernel
        items = [
            {
                "name": system.name,
                "label": system.label,
                "operations": list(system.operations),
                "faults": kernel.faults.faults(system.name),
                "calls": kernel.calls.counts(system.name),
                "pending_callbacks": len(kernel.outbound.pending(system.name)),
                "state": await run_in_threadpool(system.summary),
            }
            for system in kernel.systems.values()
        ]
        return reply({"items": items, "clock_scale": kernel.clock.scale})

    async def faults(self, request: Request) -> Response:
        """Answer the faults that still stand."""
        try:
            system = self._system(request)
        except UnknownSystem as error:
            return refusal(error, status=404)
        return reply({"faults": self._kernel.faults.faults(system.name)})

    async def set_faults(self, request: Request) -> Response:
        """Replace all faults of a system; answers them with their ids."""
        try:
            system = self._system(request)
            wanted = msgspec.json.decode(await request.body(), type=FaultList).faults
            kept = await run_in_threadpool(self._kernel.faults.replace, system.name, wanted)
        except UnknownSystem as error:
            return refusal(error, status=404)
        except YinuoError as error:
            return refusal(error)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return reply(
                {"error": {"code": "sandbox.bad_fault", "message": str(error)}}, status=422
            )
        return reply({"faults": kept})

    async def calls(self, request: Request) -> Response:
        """Answer the last 200 calls, newest first."""
        try:
            system = self._system(request)
        except UnknownSystem as error:
            return refusal(error, status=404)
        return reply({"items": self._kernel.calls.last(system.name)})

    async def state(self, request: Request) -> Response:
        """Answer what a system remembers, and the callbacks that wait for another attempt."""
        try:
            system = self._system(request)
        except UnknownSystem as error:
            return refusal(error, status=404)
        waiting = [
            {
                "operation": letter.operation,
                "reference": letter.reference,
                "attempt": letter.attempt,
                "seconds": round(letter.due - self._kernel.clock.now(), 1),
            }
            for letter in self._kernel.outbound.pending(system.name)[:200]
        ]
        state = await run_in_threadpool(system.summary)
        return reply({"state": state, "pending_callbacks": waiting})

    async def clock(self, _request: Request) -> Response:
        """Answer how many vendor seconds pass in a real second."""
        return reply({"scale": self._kernel.clock.scale})

    async def set_clock(self, request: Request) -> Response:
        """Change how fast the vendors' clocks run."""
        try:
            scale = msgspec.json.decode(await request.body(), type=ClockChange).scale
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return reply(
                {"error": {"code": "sandbox.bad_clock", "message": str(error)}}, status=422
            )
        if not 0 < scale <= 100_000:
            return reply({"error": {"code": "sandbox.bad_clock", "message": "scale"}}, status=422)
        await run_in_threadpool(self._kernel.clock.set_scale, scale)
        self._kernel.outbound.wake()
        return reply({"scale": scale})

    def _system(self, request: Request) -> System:
        name = str(request.path_params["name"])
        if name not in self._kernel.systems:
            raise UnknownSystem(name=name)
        return self._kernel.systems[name]


def reply(value: object, *, status: int = 200) -> Response:
    """Return the value as a JSON response."""
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")


def refusal(error: YinuoError, *, status: int = 422) -> Response:
    """Return an error of the control API with its code and details."""
    return reply({"error": {"code": error.code, "details": error.details}}, status=status)


async def body_of(request: Request, of: type[T]) -> T | Response:
    """Return the typed body of a control call, or the refusal to answer."""
    try:
        return msgspec.json.decode(await request.body(), type=of)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return reply({"error": {"code": "sandbox.bad_body", "message": str(error)}}, status=422)
