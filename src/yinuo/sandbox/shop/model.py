"""What the shop sells and what it sold, and the arithmetic of an order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from yinuo.core.errors import JsonValue

MOST_LINES = 20
MOST_UNITS = 99
_PHONE = re.compile(r"1\d{10}")


class ShopRefusal(Exception):
    """The shop does not do this; `code` says why, `message` in the buyer's words."""

    def __init__(self, code: str, message: str, *, status: int = 422) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status


class GiftPart(msgspec.Struct, frozen=True):
    """What comes along with a product for nothing."""

    listing: str
    sku: str
    name: str
    quantity: int = 1


class Part(msgspec.Struct, frozen=True):
    """So many of a SKU inside a bundle."""

    sku: str
    quantity: int = 1


class Product(msgspec.Struct, frozen=True):
    """One product of the shop under its own code; `sku` is the hub's code for live stock.

    A bundle has no stock of its own: as many can be sold as its `parts` allow.
    """

    listing: str
    sku: str
    name: str
    price_fen: int
    category: str = "家居"
    description: str = ""
    points: list[str] = []
    original_fen: int = 0
    tag: str = ""
    is_bundle: bool = False
    parts: list[Part] = []
    gifts: list[GiftPart] = []


class Catalog(msgspec.Struct, frozen=True):
    """Everything the shop sells; parcels above `free_over_fen` cost no freight."""

    products: list[Product]
    freight_fen: int = 800
    free_over_fen: int = 9900


class Receiver(msgspec.Struct, frozen=True):
    """Where an order goes."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    detail: str
    town: str = ""


class Wanted(msgspec.Struct, frozen=True):
    """One product and how many of it."""

    listing: str
    quantity: int = 1


class Basket(msgspec.Struct, frozen=True):
    """What a buyer sends when placing an order."""

    lines: list[Wanted]
    receiver: Receiver
    remark: str = ""
    buyer_id: str = "oSANDBOX0001"
    nick: str = "微信用户"
    pays_with: Literal["wechat_pay", "alipay"] = "wechat_pay"
    is_as_written: bool = False  # the address comes from elsewhere, as somebody wrote it there


class Line(msgspec.Struct, frozen=True):
    """One line of an order; a gift costs nothing."""

    listing: str
    name: str
    quantity: int
    unit_price_fen: int
    amount_fen: int
    is_gift: bool = False


class Parcel(msgspec.Struct, frozen=True):
    """What the hub told of a shipment."""

    carrier: str
    waybill: str
    shipped_at: str
    lines: list[ParcelLine]


class ParcelLine(msgspec.Struct, frozen=True):
    """So many of a SKU in a parcel."""

    sku: str
    quantity: int


class GivenBack(msgspec.Struct, frozen=True):
    """One refund that the shop asked for."""

    number: str
    amount_fen: int


class ShopOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the shop keeps it; `version` grows with each change that the hub must know.

    `told` says how the hub answered the last time: "pending", "taken", or "refused:<code>".
    """

    number: str
    version: int = 1
    status: str = "placed"
    placed_at: datetime
    payment_number: str
    pays_with: str = "wechat_pay"
    prepay_id: str | None = None
    is_paid: bool = False
    buyer_id: str
    nick: str
    lines: list[Line]
    items_fen: int
    freight_fen: int
    total_fen: int
    receiver: Receiver
    remark: str = ""
    parcels: list[Parcel] = []
    refunds: list[GivenBack] = []
    told: str = "pending"
    hub_order: str | None = None


def lines_of(basket: Basket, products: dict[str, Product]) -> list[Line]:
    """Return the order lines, gifts included; raises ShopRefusal for what is not sold."""
    if not 1 <= len(basket.lines) <= MOST_LINES:
        raise ShopRefusal("bad_basket", "请选择商品")
    lines: list[Line] = []
    for wanted in basket.lines:
        product = products.get(wanted.listing)
        if product is None:
            raise ShopRefusal("unknown_product", "商品不存在或已下架", status=404)
        if not 1 <= wanted.quantity <= MOST_UNITS:
            raise ShopRefusal("bad_quantity", f"数量应在 1 到 {MOST_UNITS} 之间")
        lines.append(
            Line(
                listing=product.listing,
                name=product.name,
                quantity=wanted.quantity,
                unit_price_fen=product.price_fen,
                amount_fen=product.price_fen * wanted.quantity,
            )
        )
        lines.extend(
            Line(
                listing=gift.listing,
                name=gift.name,
                quantity=gift.quantity * wanted.quantity,
                unit_price_fen=0,
                amount_fen=0,
                is_gift=True,
            )
            for gift in product.gifts
        )
    return lines


def needs_of(product: Product) -> dict[str, int]:
    """Return how many of which SKU one product takes from stock."""
    if not product.parts:
        return {product.sku: 1}
    needs: dict[str, int] = {}
    for part in product.parts:
        needs[part.sku] = needs.get(part.sku, 0) + part.quantity
    return needs


def units_of(product: Product, figures: Mapping[str, int]) -> int | None:
    """Return how many can be sold by these figures, or None where one is not known."""
    needs = needs_of(product)
    if not all(sku in figures for sku in needs):
        return None
    return min(figures[sku] // quantity for sku, quantity in needs.items())


def freight_of(items_fen: int, catalog: Catalog) -> int:
    """Return the freight of an order."""
    return 0 if items_fen >= catalog.free_over_fen else catalog.freight_fen


def check_receiver(receiver: Receiver) -> None:
    """Raise ShopRefusal unless the receiver has a name, a mobile number and an address."""
    needed = (receiver.name, receiver.province, receiver.city, receiver.detail)
    if not all(part.strip() for part in needed):
        raise ShopRefusal("bad_receiver", "请填写完整的收货人和地址")
    if not (receiver.district.strip() or receiver.town.strip()):
        raise ShopRefusal("bad_receiver", "请填写区县")
    if not _PHONE.fullmatch(receiver.phone.replace(" ", "")):
        raise ShopRefusal("bad_phone", "请填写 11 位手机号")


def told_order(order: ShopOrder) -> dict[str, JsonValue]:
    """Return the order as the hub is told of it, in a push and in a query alike."""
    receiver = order.receiver
    return {
        "number": order.number,
        "version": order.version,
        "placed_at": order.placed_at.isoformat(timespec="seconds"),
        "payment_number": order.payment_number,
        "buyer": {"id": order.buyer_id, "nick": order.nick},
        "lines": [
            {
                "listing": line.listing,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price_fen": line.unit_price_fen,
                "amount_fen": line.amount_fen,
                "is_gift": line.is_gift,
            }
            for line in order.lines
        ],
        "items_fen": order.items_fen,
        "discount_fen": 0,
        "freight_fen": order.freight_fen,
        "total_fen": order.total_fen,
        "receiver": {
            "name": receiver.name,
            "phone": receiver.phone,
            "province": receiver.province,
            "city": receiver.city,
            "district": receiver.district,
            "town": receiver.town,
            "detail": receiver.detail,
        },
        "remark": order.remark,
        "status": order.status,
    }
