"""Pinduoduo as one stand-in: its one address, its control, its stream of buyers."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from yinuo.core.errors import JsonValue
from yinuo.sandbox.kernel import Kernel, route
from yinuo.sandbox.pinduoduo.control import Control
from yinuo.sandbox.pinduoduo.desk import NAME, Desk
from yinuo.sandbox.pinduoduo.gate import Gate, failure, operation_of
from yinuo.sandbox.pinduoduo.methods import OPERATIONS, Methods, quotas
from yinuo.sandbox.pinduoduo.stream import Stream

PATH = "/pinduoduo/api/router"


class Pinduoduo:
    """One shop on Pinduoduo."""

    name = NAME
    label = "拼多多"
    operations: Sequence[str] = OPERATIONS

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        settings = kernel.settings.pinduoduo
        self.desk = Desk(kernel)
        self.gate = Gate(settings, kernel.state, quotas(settings))
        self.stream = Stream(kernel.state, self.desk)
        self._control = Control(self.desk, self.gate)
        kernel.background.append(self.stream.run)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the one address of all methods, and the control routes."""
        kit = self._kernel.kit(NAME, failure=failure)
        handler = self.gate.guarded(Methods(self.desk, self.gate).handlers())
        return [
            route(kit, PATH, operation_of, handler),
            *self._control.routes(),
            *self.stream.routes(),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return counts and the last orders, without receivers."""
        return {
            "order_count": len(self.desk.ledger),
            "openings_today": self.desk.openings_today(),
            "stock": {
                one.outer_id: self.desk.stock[str(sku_id)]
                for sku_id, one in self.desk.articles().items()
                if str(sku_id) in self.desk.stock
            },
            "orders": self._control.newest(50),
        }
