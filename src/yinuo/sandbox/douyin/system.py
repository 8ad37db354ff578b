"""Douyin Shop as one stand-in: a path for each method, its control, its stream of buyers."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from yinuo.core.errors import JsonValue
from yinuo.sandbox.douyin.control import Control
from yinuo.sandbox.douyin.desk import Desk
from yinuo.sandbox.douyin.gate import Gate, failure, operation_of
from yinuo.sandbox.douyin.methods import OPERATIONS, Methods
from yinuo.sandbox.douyin.pushes import NAME, PUSH
from yinuo.sandbox.douyin.stream import Stream
from yinuo.sandbox.kernel import Kernel, route

PATH = "/douyin"


class Douyin:
    """One shop on Douyin."""

    name = NAME
    label = "抖店"
    operations: Sequence[str] = (*OPERATIONS, PUSH)

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.desk = Desk(kernel)
        self.gate = Gate(kernel.settings.douyin, kernel.state)
        self.stream = Stream(kernel.state, self.desk)
        self._control = Control(self.desk, self.gate)
        kernel.background.append(self.stream.run)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the address of all methods, and the control routes."""
        kit = self._kernel.kit(NAME, failure=failure)
        handler = self.gate.guarded(Methods(self.desk, self.gate).handlers())
        return [
            route(kit, f"{PATH}/{{family}}/{{method}}", operation_of, handler),
            *self._control.routes(),
            *self.stream.routes(),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return counts and the last orders, without receivers."""
        return {
            "order_count": len(self.desk.ledger),
            "openings_today": self.desk.openings_today(),
            "stock": dict(sorted(self.desk.stock.items())),
            "orders": self._control.newest(50),
        }
