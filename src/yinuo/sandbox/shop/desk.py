"""What the shop does: sells, takes money, gives it back, and keeps the hub told."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TypeVar

import httpx
import msgspec

from yinuo.core import clock, tls
from yinuo.core.clock import SHANGHAI
from yinuo.sandbox.alipay import gate as alipay_gate
from yinuo.sandbox.kernel import Kernel
from yinuo.sandbox.outbound import HubAnswer, Letter, OutgoingRequest, Post
from yinuo.sandbox.shop import signing
from yinuo.sandbox.shop.alipay_payments import AlipayPayments
from yinuo.sandbox.shop.model import (
    Basket,
    Catalog,
    GivenBack,
    Parcel,
    Product,
    ShopOrder,
    ShopRefusal,
    check_receiver,
    freight_of,
    lines_of,
    needs_of,
    told_order,
)
from yinuo.sandbox.shop.payments import (
    MerchantPayments,
    PaymentDown,
    WechatPayments,
    new_client,
)
from yinuo.sandbox.wechat_pay.gate import load_keys

T = TypeVar("T")
NAME = "shop"
PUSH = "orders.push"
# The hub may be down for a while: the shop tries for about a day.
PUSH_SCHEDULE: tuple[float, ...] = (1, 2, 5, 10, 20, 30, *[60] * 10, *[300] * 20, *[1800] * 45)
FINAL_REFUSALS = frozenset({400, 409, 413, 422})


class Figure(msgspec.Struct, frozen=True):
    """Sellable units of a SKU as of one version of the hub's figures."""

    version: int
    quantity: int


class Figures(msgspec.Struct, frozen=True):
    """All figures that the hub has pushed, and the highest version among the pushes."""

    version: int = 0
    by_sku: dict[str, Figure] = {}


class HubView(msgspec.Struct, frozen=True):
    """What the hub says of an order."""

    status: str
    order_id: str | None = None


class _Taken(msgspec.Struct, frozen=True):
    order_id: str | None = None


class _Error(msgspec.Struct, frozen=True):
    code: str = ""


class _Refused(msgspec.Struct, frozen=True):
    error: _Error = _Error()


class Desk:
    """The shop behind its pages; every method may be called from any thread."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.settings = kernel.settings.shop
        providers = new_client()
        self.payments = MerchantPayments(
            wechat_pay=WechatPayments(kernel.settings, load_keys(kernel).merchant, providers),
            alipay=AlipayPayments(kernel.settings, alipay_gate.load_keys(kernel).app, providers),
        )
        self.orders = kernel.state.collection(NAME, "orders", ShopOrder)
        self._catalogs = kernel.state.collection(NAME, "catalog", Catalog)
        self._kept_figures = kernel.state.collection(NAME, "figures", Figures)
        self.figures = self._kept_figures.get("all") or Figures()
        self._hub = httpx.Client(
            base_url=kernel.settings.hub_address,
            timeout=2,
            trust_env=False,
            verify=tls.trust(),
            limits=httpx.Limits(max_keepalive_connections=8, keepalive_expiry=2),
        )
        self.catalog = self._first_catalog()
        self.products: dict[str, Product] = {}
        self._index()
        post = Post(
            build=self._write_push,
            accepted=_is_settled,
            schedule=PUSH_SCHEDULE,
            answer_within=10.0,
            settled=self._push_settled,
        )
        kernel.outbound.register(NAME, PUSH, post)
        kernel.closing.extend((self._hub.close, providers.close))

    def set_catalog(self, catalog: Catalog) -> None:
        """Sell what the catalogue lists from now on, and nothing else."""
        self._catalogs.put("current", catalog)
        self.catalog = catalog
        self._index()

    def place(self, basket: Basket) -> ShopOrder:
        """Return the new order; the hub is told of it, and the provider asked for a payment.

        A provider that does not answer does not stop the order: it is asked again at paying.
        """
        if not basket.is_as_written:
            check_receiver(basket.receiver)
        lines = lines_of(basket, self.products)
        self._check_figures(basket)
        items = sum(line.amount_fen for line in lines)
        freight = freight_of(items, self.catalog)
        moment = clock.now()
        order: ShopOrder | None = None
        while order is None:
            number = f"M{moment.astimezone(SHANGHAI):%Y%m%d}{secrets.randbelow(10**8):08d}"
            fresh = ShopOrder(
                number=number,
                placed_at=moment,
                payment_number=f"P{number}",
                pays_with=basket.pays_with,
                buyer_id=basket.buyer_id[:64] or "oSANDBOX0001",
                nick=basket.nick[:32],
                lines=lines,
                items_fen=items,
                freight_fen=freight,
                total_fen=items + freight,
                receiver=basket.receiver,
                remark=basket.remark[:200],
            )
            if self.orders.insert(number, fresh):
                order = fresh
        self._push(order)
        try:
            return self.prepaid(order.number)
        except PaymentDown:
            return order

    def prepaid(self, number: str) -> ShopOrder:
        """Return the order with a prepay id, asking for it where there is none yet."""
        order = self.found(number)
        if order.prepay_id is not None or order.is_paid or order.status == "cancelled":
            return order
        prepay_id = self.payments.of(order).prepay(order)
        return self._change(number, lambda old: msgspec.structs.replace(old, prepay_id=prepay_id))

    def refreshed(self, number: str) -> ShopOrder:
        """Return the order after asking the provider whether it was paid, where that is open."""
        order = self.found(number)
        if order.is_paid or order.prepay_id is None or order.status == "cancelled":
            return order
        try:
            if not self.payments.of(order).is_paid(order.payment_number):
                return order
        except (PaymentDown, ShopRefusal):
            return order
        return self._change(number, lambda old: msgspec.structs.replace(old, is_paid=True))

    def cancel(self, number: str) -> ShopOrder:
        """Return the cancelled order: its payment closed, or given back when it was paid.

        Raises ShopRefusal once it was shipped. A repeat changes nothing.
        """
        order = self.refreshed(number)
        if order.status == "cancelled":
            return order
        if order.parcels:
            raise ShopRefusal("already_shipped", "订单已发货，不能取消", status=409)
        if not order.is_paid and order.prepay_id is not None:
            order = self._closed(order)

        def change(old: ShopOrder) -> ShopOrder:
            if old.status == "cancelled":
                return old
            return msgspec.structs.replace(old, status="cancelled", version=old.version + 1)

        cancelled = self._change(number, change)
        self._push(cancelled)
        if order.is_paid:
            left = cancelled.total_fen - sum(one.amount_fen for one in cancelled.refunds)
            if left > 0:
                return self.refund(number, amount_fen=left, reason="买家取消订单")
        return cancelled

    def refund(self, number: str, *, amount_fen: int, reason: str) -> ShopOrder:
        """Return the order with one more refund; raises ShopRefusal beyond what was paid."""
        order = self.refreshed(number)
        if not order.is_paid:
            raise ShopRefusal("not_paid", "订单未支付", status=409)
        refund_number = f"R{number}-{len(order.refunds) + 1}"
        self.payments.of(order).refund(
            order, number=refund_number, amount_fen=amount_fen, reason=reason
        )
        given = GivenBack(number=refund_number, amount_fen=amount_fen)

        def change(old: ShopOrder) -> ShopOrder:
            if any(one.number == refund_number for one in old.refunds):
                return old
            return msgspec.structs.replace(old, refunds=[*old.refunds, given])

        return self._change(number, change)

    def ship(self, number: str, parcel: Parcel) -> ShopOrder:
        """Return the order with the parcel; the same waybill again changes nothing."""

        def change(old: ShopOrder) -> ShopOrder:
            if any(known.waybill == parcel.waybill for known in old.parcels):
                return old
            return msgspec.structs.replace(old, parcels=[*old.parcels, parcel])

        return self._change(number, change)

    def take_stock(self, version: int, quantities: dict[str, int]) -> int:
        """Return the highest version shown; a figure is never replaced by an older one."""

        def change(old: Figures | None) -> Figures:
            figures = dict((old or Figures()).by_sku)
            for sku, quantity in quantities.items():
                known = figures.get(sku)
                if known is None or known.version < version:
                    figures[sku] = Figure(version, quantity)
            return Figures(max(version, (old or Figures()).version), figures)

        self.figures = self._kept_figures.update("all", change)
        return self.figures.version

    def hub_view(self, number: str) -> HubView | None:
        """Return what the hub says of an order, or None when it does not know or answer."""
        target = f"/api/shop/v1/{self.settings.shop_id}/orders/{number}"
        headers = signing.headers(self.settings.secret, "GET", target, body=b"")
        try:
            answer = self._hub.get(target, headers=headers)
            if answer.status_code != 200:
                return None
            return msgspec.json.decode(answer.content, type=HubView)
        except (httpx.HTTPError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def found(self, number: str) -> ShopOrder:
        """Return the order; raises ShopRefusal when there is none."""
        order = self.orders.get(number)
        if order is None:
            raise ShopRefusal("unknown_order", "订单不存在", status=404)
        return order

    def _closed(self, order: ShopOrder) -> ShopOrder:
        """Close the payment; one that was paid at the last moment gives a paid order."""
        try:
            self.payments.of(order).close(order.payment_number)
        except ShopRefusal:
            return self.refreshed(order.number)
        return order

    def _change(self, number: str, change: Callable[[ShopOrder], ShopOrder]) -> ShopOrder:
        def checked(old: ShopOrder | None) -> ShopOrder:
            if old is None:
                raise ShopRefusal("unknown_order", "订单不存在", status=404)
            return change(old)

        return self.orders.update(number, checked)

    def _check_figures(self, basket: Basket) -> None:
        wanted: dict[str, int] = {}
        for line in basket.lines:
            for sku, quantity in needs_of(self.products[line.listing]).items():
                wanted[sku] = wanted.get(sku, 0) + quantity * line.quantity
        for sku, quantity in wanted.items():
            figure = self.figures.by_sku.get(sku)
            if figure is not None and figure.quantity < quantity:
                raise ShopRefusal("sold_out", "库存不足，请减少数量或稍后再来", status=409)

    def _push(self, order: ShopOrder) -> None:
        shop = self.settings.shop_id
        self._kernel.outbound.send(
            NAME,
            PUSH,
            address=f"{self._kernel.settings.hub_address}/api/shop/v1/{shop}/orders",
            content={"number": order.number},
            reference=order.number,
        )

    def _write_push(self, letter: Letter, damage: str | None) -> OutgoingRequest:
        order = self.found(letter.content["number"])
        body = msgspec.json.encode(told_order(order))
        target = httpx.URL(letter.address).raw_path.decode()
        headers = signing.headers(self.settings.secret, "POST", target, body=body)
        if damage is not None:
            headers["X-Yinuo-Signature"] = "0" * 64
        return OutgoingRequest(body=body, headers=headers | {"Content-Type": "application/json"})

    def _push_settled(self, letter: Letter, answer: HubAnswer) -> None:
        told, hub_order = "given_up", None
        if answer.status is not None and answer.status < 300:
            told, hub_order = "taken", _read(answer.body, _Taken).order_id
        elif answer.status in FINAL_REFUSALS:
            told = f"refused:{_read(answer.body, _Refused).error.code[:80]}"

        def change(old: ShopOrder) -> ShopOrder:
            return msgspec.structs.replace(old, told=told, hub_order=hub_order or old.hub_order)

        self._change(letter.content["number"], change)

    def _first_catalog(self) -> Catalog:
        path = self._kernel.settings.catalog_path
        if path is not None and path.is_file():
            return msgspec.json.decode(path.read_bytes(), type=Catalog)
        return self._catalogs.get("current") or Catalog(products=[])

    def _index(self) -> None:
        self.products = {product.listing: product for product in self.catalog.products}


def _is_settled(answer: HubAnswer) -> bool:
    """Return whether another attempt would change nothing: taken, or refused for good."""
    return answer.status is not None and (answer.status < 300 or answer.status in FINAL_REFUSALS)


def _read(body: bytes, of: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return of()
