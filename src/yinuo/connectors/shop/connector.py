"""Talks to the back end of the merchant's own shop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from yinuo.connectors.http import Answer, Operation, Outside, Request, clean_message
from yinuo.connectors.protocols import (
    ChannelOrder,
    Health,
    OrderPage,
    OutcomeUnknown,
    RawOrder,
    Rejected,
    ShipNotice,
    StockFigures,
)
from yinuo.connectors.shop.mapping import read_order
from yinuo.connectors.shop.settings import ShopSettings
from yinuo.connectors.shop.signing import signed_headers
from yinuo.core import clock

T = TypeVar("T")

PULL = Operation(name="orders.list", is_repeatable=True)
FIND = Operation(name="orders.get", is_repeatable=True)
SHIP = Operation(name="shipments.put", is_repeatable=True)
STOCK = Operation(name="stock.put", is_repeatable=True)


class _Page(msgspec.Struct, frozen=True):
    orders: list[msgspec.Raw]
    next_cursor: str | None = None


class _Head(msgspec.Struct, frozen=True):
    number: str = ""
    version: int = 1


class _Acknowledged(msgspec.Struct, frozen=True):
    version: int


class _Refusal(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _Error(msgspec.Struct, frozen=True):
    error: _Refusal = _Refusal()


class ShopConnector:
    """One shop of the merchant's own."""

    def __init__(self, settings: ShopSettings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside

    def pull_orders(
        self, since: datetime, until: datetime, *, cursor: str | None = None
    ) -> OrderPage:
        """Return orders changed in the window, oldest first; an unreadable one has no number."""
        query = {
            "since": since.isoformat(),
            "until": until.isoformat(),
            "limit": str(self.settings.page_size),
        }
        if cursor:
            query["cursor"] = cursor

        def read(answer: Answer) -> OrderPage:
            page = _decoded(answer, _Page)
            return OrderPage(
                orders=tuple(_raw(bytes(order)) for order in page.orders),
                next_cursor=page.next_cursor,
            )

        return self._call(PULL, "GET", f"/orders?{urlencode(query)}", read)

    def find_order(self, number: str) -> bytes | None:
        """Return the order as the shop holds it, or None when it knows no such number."""

        def read(answer: Answer) -> bytes | None:
            return None if answer.status == 404 else answer.body

        path = f"/orders/{quote(number, safe='')}"
        return self._call(FIND, "GET", path, read, fine=(404,), reference=number)

    def read_order(self, body: bytes) -> ChannelOrder:
        """Return the order in a body; raises BadOrder with all its problems."""
        return read_order(body)

    def notify_shipment(self, notice: ShipNotice) -> None:
        """Tell the shop of a shipment; the same waybill again changes nothing there."""
        body = msgspec.json.encode(
            {
                "carrier": notice.carrier,
                "waybill": notice.waybill,
                "shipped_at": notice.shipped_at.isoformat(),
                "lines": [{"sku": line.sku, "quantity": line.quantity} for line in notice.lines],
            }
        )
        path = f"/orders/{quote(notice.number, safe='')}/shipments"
        self._call(SHIP, "POST", path, lambda _answer: None, body=body, reference=notice.number)

    def push_stock(self, figures: StockFigures) -> int:
        """Return the version that the shop shows now: ours, or a later one it had already."""
        body = msgspec.json.encode(
            {
                "version": figures.version,
                "lines": [{"sku": line.sku, "quantity": line.quantity} for line in figures.lines],
            }
        )

        def read(answer: Answer) -> int:
            shown = _decoded(answer, _Acknowledged).version
            if shown < figures.version:
                raise OutcomeUnknown(reason="not_acknowledged")
            return shown

        return self._call(STOCK, "POST", "/stock", read, body=body)

    def check(self) -> Health:
        """Return how the shop does, by asking for the orders of the last second."""
        now = clock.now()
        return self.outside.healthy(lambda: self.pull_orders(now - timedelta(seconds=1), now))

    def _call(
        self,
        operation: Operation,
        method: str,
        path: str,
        read: Callable[[Answer], T],
        *,
        body: bytes = b"",
        fine: tuple[int, ...] = (),
        reference: str | None = None,
    ) -> T:
        url = self.settings.address.rstrip("/") + path
        target = urlsplit(url)
        path_query = target.path + (f"?{target.query}" if target.query else "")

        def build() -> Request:
            headers = signed_headers(
                method,
                path_query,
                body=body,
                now=clock.now(),
                secret=self.settings.secret.get_secret_value(),
            )
            if body:
                headers["content-type"] = "application/json"
            return Request(method=method, url=url, headers=headers, body=body)

        def understand(answer: Answer) -> T:
            if answer.status >= 400 and answer.status not in fine:
                raise Rejected(**_refusal(answer))
            return read(answer)

        return self.outside.call(operation, build, understand, reference=reference)


def _decoded(answer: Answer, of: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.body, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise OutcomeUnknown(reason="bad_json") from None


def _raw(body: bytes) -> RawOrder:
    try:
        head = msgspec.json.decode(body, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError):
        head = _Head()
    return RawOrder(number=head.number, version=head.version, body=body)


def _refusal(answer: Answer) -> dict[str, str]:
    try:
        told = msgspec.json.decode(answer.body, type=_Error).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        told = _Refusal()
    return {
        "outside_code": clean_message(told.code)[:60] or f"HTTP {answer.status}",
        "outside_message": clean_message(told.message),
    }
