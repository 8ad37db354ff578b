"""What is sold on Pinduoduo, and an order there: as it is kept, and as it is told."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import JsonValue
from yinuo.sandbox.shop.model import Product, Receiver

TO_SHIP, SHIPPED, SIGNED = 1, 2, 3
OPEN, CONFIRMED, CALLED_OFF = 0, 1, 2
GROUPING, GROUPED, GROUP_FAILED = 0, 1, 2
NO_REFUND, REFUND_ASKED, REFUNDING, REFUNDED = 1, 2, 3, 4
NAME, PHONE, WHOLE_ADDRESS, DETAIL = 5, 6, 7, 8
# Number, code and name of each carrier; the numbers are Pinduoduo's own where they are known.
CARRIERS: tuple[tuple[int, str, str], ...] = (
    (44, "SF", "顺丰快递"),
    (85, "YTO", "圆通快递"),
    (115, "ZTO", "中通快递"),
    (1, "STO", "申通快递"),
    (121, "YUNDA", "韵达快递"),
    (118, "EMS", "邮政EMS"),
    (120, "JD", "京东快递"),
    (384, "JTSD", "极兔速递"),
    (129, "DBL", "德邦快递"),
)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one article; a gift's price is what it would cost."""

    goods_id: int
    sku_id: int
    outer_id: str
    name: str
    price_fen: int
    count: int


class Parcel(msgspec.Struct, frozen=True):
    """One parcel on its way."""

    logistics_id: int
    tracking_number: str


class PddOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order with its buyer's plain receiver, which is told to nobody who does not ask for it.

    `changed_at` are whole seconds, and later ones with each change. `extension` is that of the
    virtual number which stands for the buyer's own, empty where there is none.
    """

    number: str
    created_at: datetime
    changed_at: datetime
    paid_at: datetime
    confirmed_at: datetime | None = None
    ship_by: datetime | None = None
    shipped_at: datetime | None = None
    refunded_at: datetime | None = None
    order_status: int = TO_SHIP
    confirm_status: int = OPEN
    group_status: int = GROUPING
    refund_status: int = NO_REFUND
    under_review: bool = False
    lines: list[Line]
    gifts: list[Line] = []
    lowered_fen: int = 0
    platform_discount_fen: int = 0
    seller_discount_fen: int = 0
    postage_fen: int = 0
    service_fen: int = 0
    receiver: Receiver
    extension: str = ""
    buyer_memo: str = ""
    remark: str = ""
    parcel: Parcel | None = None
    extra: list[Parcel] = []

    @property
    def goods_fen(self) -> int:
        """Return what the articles cost after the merchant has lowered the price."""
        return sum(line.price_fen * line.count for line in self.lines) - self.lowered_fen

    @property
    def discount_fen(self) -> int:
        """Return what Pinduoduo and the merchant take off together."""
        return self.platform_discount_fen + self.seller_discount_fen

    @property
    def pay_fen(self) -> int:
        """Return what the buyer pays."""
        return self.goods_fen - self.discount_fen + self.postage_fen + self.service_fen

    @property
    def is_shown(self) -> bool:
        """Tell whether the receiver's ciphertext is given, and may be opened."""
        return self.order_status == TO_SHIP and not self.under_review


def article(product: Product) -> Line:
    """Return one of a product as Pinduoduo lists it."""
    return line_of(product.listing, sku=product.sku, name=product.name, price_fen=product.price_fen)


def line_of(listing: str, *, sku: str, name: str, price_fen: int, count: int = 1) -> Line:
    """Return a line; Pinduoduo's own numbers are the same for the same listing, always."""
    dice = int.from_bytes(hashlib.sha256(listing.encode()).digest()[:6], "big")
    return Line(
        goods_id=10**11 + dice % 10**11,
        sku_id=10**12 + dice % 10**12,
        outer_id=sku,
        name=name,
        price_fen=price_fen,
        count=count,
    )


def sealed(order: PddOrder, kind: int) -> str:
    """Return the ciphertext of one part of an order's receiver: the same each time."""
    dice = hashlib.sha256(f"{order.number}/{kind}/sealed".encode()).hexdigest()
    return f"${dice[:20]}${dice[20:44]}$1$$" if kind == PHONE else f"~AgAAAA{dice[:40]}~{kind}~"


def plain(order: PddOrder, kind: int) -> str:
    """Return what one ciphertext stands for."""
    receiver = order.receiver
    if kind == NAME:
        return receiver.name
    if kind == PHONE:
        return f"${receiver.phone}$#{order.extension}#" if order.extension else receiver.phone
    if kind == WHOLE_ADDRESS:
        return receiver.province + receiver.city + receiver.district + receiver.detail
    return receiver.detail


def told_order(order: PddOrder) -> dict[str, JsonValue]:
    """Return the order as the increment list and the detail tell of it."""
    receiver, parcel = order.receiver, order.parcel
    return {
        "order_sn": order.number,
        "order_status": order.order_status,
        "confirm_status": order.confirm_status,
        "group_status": order.group_status,
        "refund_status": order.refund_status,
        "after_sales_status": {REFUND_ASKED: 2, REFUNDING: 4, REFUNDED: 10}.get(
            order.refund_status, 0
        ),
        "risk_control_status": int(order.under_review),
        "trade_type": 0,
        "is_lucky_flag": 1,
        "is_pre_sale": 0,
        "stock_out_handle_status": -1,
        "goods_amount": yuan(order.goods_fen),
        "discount_amount": yuan(order.discount_fen),
        "platform_discount": yuan(order.platform_discount_fen),
        "seller_discount": yuan(order.seller_discount_fen),
        "capital_free_discount": 0.0,
        "order_change_amount": yuan(order.lowered_fen),
        "postage": yuan(order.postage_fen),
        "pay_amount": yuan(order.pay_fen),
        "service_fee_detail": _services(order),
        "created_time": beijing(order.created_at),
        "pay_time": beijing(order.paid_at),
        "confirm_time": beijing(order.confirmed_at),
        "updated_at": beijing(order.changed_at),
        "last_ship_time": beijing(order.ship_by),
        "shipping_time": beijing(order.shipped_at),
        "receive_time": None,
        **_receiver(order),
        "country": "中国",
        "province": receiver.province,
        "city": receiver.city,
        "town": receiver.district,
        "item_list": [_told_line(line) for line in order.lines],
        "gift_list": [_told_line(line) for line in order.gifts],
        "order_tag_list": [{"name": "delivery_one_day", "value": 0}],
        "buyer_memo": order.buyer_memo,
        "remark": order.remark,
        "logistics_id": 0 if parcel is None else parcel.logistics_id,
        "tracking_number": "" if parcel is None else parcel.tracking_number,
        "extra_delivery_list": [
            {"logistics_id": one.logistics_id, "tracking_number": one.tracking_number}
            for one in order.extra
        ],
    }


def yuan(fen: int) -> float:
    """Return yuan as the double that Pinduoduo writes."""
    return fen / 100


def beijing(moment: datetime | None) -> str | None:
    """Return a moment as a text of Beijing time, without its zone."""
    return None if moment is None else f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _services(order: PddOrder) -> list[JsonValue]:
    if not order.service_fen:
        return []
    return [{"service_name": "sf_express_fee", "service_fee": yuan(order.service_fen)}]


def _told_line(line: Line) -> dict[str, JsonValue]:
    return {
        "goods_id": line.goods_id,
        "sku_id": line.sku_id,
        "outer_id": line.outer_id,
        "outer_goods_id": "",
        "goods_name": line.name,
        "goods_spec": "默认",
        "goods_count": line.count,
        "goods_price": yuan(line.price_fen),
        "goods_img": "",
    }


def _receiver(order: PddOrder) -> dict[str, JsonValue]:
    """Return ciphertext while it is given, and masks except under review."""
    receiver, is_shown = order.receiver, order.is_shown
    masks = {
        "receiver_name_mask": f"{receiver.name[:1]}**",
        "receiver_phone_mask": f"{receiver.phone[:3]}****{receiver.phone[-4:]}",
        "receiver_address_mask": f"{receiver.detail[:2]}******",
        "address_mask": f"{receiver.province}{receiver.city}{receiver.district}******",
    }
    kinds = {
        "receiver_name": NAME,
        "receiver_phone": PHONE,
        "receiver_address": DETAIL,
        "address": WHOLE_ADDRESS,
    }
    return {
        **{name: sealed(order, kind) if is_shown else "" for name, kind in kinds.items()},
        **{name: "" if order.under_review else mask for name, mask in masks.items()},
    }
