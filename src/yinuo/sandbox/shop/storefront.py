"""What buyers reach: pages, and the few calls their script makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files

import msgspec
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from yinuo.core.errors import JsonValue
from yinuo.sandbox.exchange import Answer, Incoming, Kit, json_answer, read_request, send_answer
from yinuo.sandbox.kernel import route
from yinuo.sandbox.shop.backend import friendly
from yinuo.sandbox.shop.desk import Desk
from yinuo.sandbox.shop.model import Basket, ShopOrder, ShopRefusal, units_of
from yinuo.sandbox.shop.order_page import order_page
from yinuo.sandbox.shop.pages import PAGE_SIZE, Frame, listing_page, product_page, whole
from yinuo.sandbox.shop.payments import PaymentDown

OPERATIONS = ("buyer/order", "buyer/cancel", "buyer/refund")
STATIC = {"shop.css": "text/css; charset=utf-8", "shop.js": "text/javascript; charset=utf-8"}
BUSY = ShopRefusal("payment_down", "支付平台繁忙，请稍后再试", status=503)


class RefundWish(msgspec.Struct, frozen=True):
    """How much to give back; all of it when not said."""

    amount_fen: int | None = None
    reason: str = "买家申请退款"


class Page:
    """An endpoint for pages: no faults, and no place in the call log."""

    def __init__(self, kit: Kit, handler: Callable[[Incoming], Answer]) -> None:
        self._kit = kit
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        incoming = await read_request(scope, receive)
        await send_answer(send, await self._kit.work(self._handler, incoming))


class Storefront:
    """The pages and the buyer's calls."""

    def __init__(self, desk: Desk, *, hub_address: str) -> None:
        self._desk = desk
        self._frame = Frame(shop=desk.settings.name, hub=hub_address)

    def routes(self, kit: Kit) -> Sequence[BaseRoute]:
        """Return the routes of buyers."""
        order, call = "/shop/o/{number}", "/shop/api/orders/{number}"

        def page(path: str, handler: Callable[[Incoming], Answer], *methods: str) -> Route:
            guarded = self._page(handler)
            return Route(path, Page(kit, guarded), methods=list(methods or ("GET",)))

        return [
            page("/shop", self.listing),
            page("/shop/", self.listing),
            page("/shop/static/{name}", self.static),
            page("/shop/p/{listing}", self.product),
            page(order, self.order),
            page(f"{order}/pay", self.pay_by_form, "POST"),
            page(f"{order}/cancel", self.cancel_by_form, "POST"),
            route(kit, "/shop/api/orders", "buyer/order", _told(self.place)),
            Route(call, Page(kit, _told(self.show)), methods=["GET"]),
            route(kit, f"{call}/cancel", "buyer/cancel", _told(self.cancel)),
            route(kit, f"{call}/refund", "buyer/refund", _told(self.refund)),
        ]

    def listing(self, incoming: Incoming) -> Answer:
        """Answer the list of products."""
        number = incoming.query.get("page", "1")
        page = max(1, int(number)) if number.isascii() and number.isdigit() else 1
        page = min(page, 1 + len(self._desk.catalog.products) // PAGE_SIZE)
        category = incoming.query.get("category", "")
        return _html(
            listing_page(
                self._frame,
                self._desk.catalog,
                category=category,
                page=page,
                figures=self._figures(),
            )
        )

    def product(self, incoming: Incoming) -> Answer:
        """Answer the page of a product."""
        product = self._desk.products.get(incoming.path["listing"])
        if product is None:
            raise ShopRefusal("unknown_product", "商品不存在或已下架", status=404)
        units = units_of(product, self._figures())
        return _html(product_page(self._frame, product, self._desk.catalog, units=units))

    def static(self, incoming: Incoming) -> Answer:
        """Answer the style sheet or the script."""
        name = incoming.path["name"]
        if name not in STATIC:
            raise ShopRefusal("unknown_page", "页面不存在", status=404)
        body = files("yinuo.sandbox.shop").joinpath("static", name).read_bytes()
        return Answer(body=body, content_type=STATIC[name], headers={"cache-control": "no-cache"})

    def order(self, incoming: Incoming) -> Answer:
        """Answer the page of an order."""
        order = self._desk.refreshed(incoming.path["number"])
        if not order.is_paid and order.status == "placed" and order.prepay_id is None:
            order = self._try_prepay(order)
        view = self._desk.hub_view(order.number) if order.is_paid and not order.parcels else None
        return _html(order_page(self._frame, order, view))

    def pay_by_form(self, incoming: Incoming) -> Answer:
        """Press "pay" without the script."""
        order = self._try_prepay(self._desk.found(incoming.path["number"]))
        self._desk.payments.press_pay(order)
        self._desk.refreshed(order.number)
        return _to(f"/shop/o/{order.number}")

    def cancel_by_form(self, incoming: Incoming) -> Answer:
        """Cancel from the page of an order."""
        order = self._desk.cancel(incoming.path["number"])
        return _to(f"/shop/o/{order.number}")

    def place(self, incoming: Incoming) -> Answer:
        """Place an order."""
        try:
            basket = msgspec.json.decode(incoming.body, type=Basket)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ShopRefusal("bad_body", str(error)) from None
        order = self._desk.place(basket)
        return json_answer(_view(order), status=201, reference=order.number)

    def show(self, incoming: Incoming) -> Answer:
        """Answer an order, asking the payment provider where it is open."""
        order = self._desk.refreshed(incoming.path["number"])
        return json_answer(_view(order), reference=order.number)

    def cancel(self, incoming: Incoming) -> Answer:
        """Cancel an order."""
        order = self._desk.cancel(incoming.path["number"])
        return json_answer(_view(order), reference=order.number)

    def refund(self, incoming: Incoming) -> Answer:
        """Give money back for an order."""
        try:
            wish = msgspec.json.decode(incoming.body or b"{}", type=RefundWish)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ShopRefusal("bad_body", str(error)) from None
        order = self._desk.found(incoming.path["number"])
        left = order.total_fen - sum(one.amount_fen for one in order.refunds)
        amount = left if wish.amount_fen is None else wish.amount_fen
        order = self._desk.refund(order.number, amount_fen=amount, reason=wish.reason)
        return json_answer(_view(order), reference=order.number)

    def _try_prepay(self, order: ShopOrder) -> ShopOrder:
        try:
            return self._desk.prepaid(order.number)
        except (PaymentDown, ShopRefusal):
            return order

    def _figures(self) -> dict[str, int]:
        return {sku: figure.quantity for sku, figure in self._desk.figures.by_sku.items()}

    def _page(self, handler: Callable[[Incoming], Answer]) -> Callable[[Incoming], Answer]:
        def answer(incoming: Incoming) -> Answer:
            try:
                return handler(incoming)
            except PaymentDown:
                return self._sorry(BUSY)
            except ShopRefusal as refusal:
                return self._sorry(refusal)

        return answer

    def _sorry(self, refusal: ShopRefusal) -> Answer:
        main = f'<p class="empty" role="alert">{refusal.message}</p><a class="more" href="/shop/">回到店铺</a>'
        return _html(whole(self._frame, title="出错了", main=main), status=refusal.status)


def _told(handler: Callable[[Incoming], Answer]) -> Callable[[Incoming], Answer]:
    def answer(incoming: Incoming) -> Answer:
        try:
            return handler(incoming)
        except PaymentDown:
            raise BUSY from None

    return friendly(answer)


def _view(order: ShopOrder) -> dict[str, JsonValue]:
    """Return the order for the buyer's script: no receiver, no buyer."""
    return {
        "number": order.number,
        "status": order.status,
        "is_paid": order.is_paid,
        "payment_number": order.payment_number,
        "pays_with": order.pays_with,
        "prepay_id": order.prepay_id,
        "total_fen": order.total_fen,
        "told": order.told,
        "refunded_fen": sum(one.amount_fen for one in order.refunds),
        "parcels": [
            {"carrier": parcel.carrier, "waybill": parcel.waybill} for parcel in order.parcels
        ],
    }


def _html(text: str, *, status: int = 200) -> Answer:
    headers = {"cache-control": "no-store", "referrer-policy": "same-origin"}
    kind = "text/html; charset=utf-8"
    return Answer(body=text.encode(), status=status, content_type=kind, headers=headers)


def _to(path: str) -> Answer:
    return Answer(status=303, headers={"location": path}, content_type="text/plain")
