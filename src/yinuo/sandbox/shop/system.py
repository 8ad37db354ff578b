"""The shop as one stand-in: its operations, its routes, its summary, and its make-believe buyers."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from yinuo.core.errors import JsonValue
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.shop import backend, storefront
from yinuo.sandbox.shop.backend import Backend, failure
from yinuo.sandbox.shop.desk import NAME, PUSH, Desk
from yinuo.sandbox.shop.storefront import Storefront
from yinuo.sandbox.traffic import Traffic


class Shop:
    """The merchant's own mini-program shop."""

    name = NAME
    label = "自有小程序商城"
    operations: Sequence[str] = (*backend.OPERATIONS, *storefront.OPERATIONS, PUSH)

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.desk = Desk(kernel)
        self.traffic = Traffic(kernel.state, self.desk)
        self._backend = Backend(self.desk)
        self._storefront = Storefront(self.desk, hub_address=kernel.settings.hub_address)
        kernel.background.append(self.traffic.run)

    def routes(self) -> Sequence[BaseRoute]:
        """Return the back end's, the buyers' and the traffic's routes."""
        kit = self._kernel.kit(NAME, failure=failure)
        return [
            *self._backend.routes(kit),
            *self._storefront.routes(kit),
            *self.traffic.routes(),
        ]

    def summary(self) -> dict[str, JsonValue]:
        """Return counts and the last orders, without receivers."""
        orders: dict[str, JsonValue] = {
            one.key: {
                "status": one.value.status,
                "version": one.value.version,
                "is_paid": one.value.is_paid,
                "total_fen": one.value.total_fen,
                "told": one.value.told,
                "waybills": [parcel.waybill for parcel in one.value.parcels],
            }
            for one in self.desk.orders.newest(50)
        }
        return {
            "order_count": self.desk.orders.count(),
            "product_count": len(self.desk.products),
            "stock_version": self.desk.figures.version,
            "stock": {sku: one.quantity for sku, one in self.desk.figures.by_sku.items()},
            "orders": orders,
        }
