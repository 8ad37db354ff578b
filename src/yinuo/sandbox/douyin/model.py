"""What is sold on Douyin, and an order there: as it is kept, and as it is told."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from yinuo.core.errors import JsonValue
from yinuo.sandbox.shop.model import Product, Receiver

TO_PAY, TO_SHIP, SHIPPED, CANCELLED, FINISHED, PART_SHIPPED = 1, 2, 3, 4, 5, 101
NO_SALE, SALE_ASKED, SALE_DONE, SALE_CLOSED = 0, 6, 12, 28
NO_REFUND, REFUND_WAITS, REFUNDED = 0, 1, 3
ADDRESS, NAME, PHONE = 1, 2, 3
# Number, code and name of each carrier; the codes are made up after the carriers' own.
CARRIERS: tuple[tuple[int, str, str], ...] = (
    (12, "shunfeng", "顺丰速运"),
    (7, "yuantong", "圆通快递"),
    (15, "zhongtong", "中通快递"),
    (8, "shentong", "申通快递"),
    (9, "yunda", "韵达快递"),
    (17, "ems", "EMS"),
    (29, "jd", "京东物流"),
    (1131, "jtexpress", "极兔速递"),
)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one article; a gift's price is what it would cost. `gone` units have left."""

    number: str
    product_id: int
    sku_id: int
    code: str
    name: str
    price_fen: int
    count: int
    is_gift: bool = False
    gone: int = 0


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel on its way: units by the line's number."""

    company_code: str
    tracking_no: str
    shipped_at: datetime
    units: dict[str, int]


class DyOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order with its buyer's plain receiver, which is told to nobody who does not ask for it.

    `place` is the address as the platform tells it, which may be odd; `is_text` tells it as a JSON
    text. `changed_at` are whole seconds, later ones with each change.
    """

    number: str
    created_at: datetime
    changed_at: datetime
    paid_at: datetime | None = None
    ship_by: datetime | None = None
    refunded_at: datetime | None = None
    status: int = TO_PAY
    after_sale: int = NO_SALE
    refund: int = NO_REFUND
    lines: list[Line]
    shop_discount_fen: int = 0
    platform_discount_fen: int = 0
    postage_fen: int = 0
    receiver: Receiver
    place: Receiver
    is_text: bool = False
    extension: str = ""
    buyer_words: str = ""
    seller_words: str = ""
    stars: int = 0
    parcels: list[Parcel] = []

    @property
    def goods_fen(self) -> int:
        """Return what the articles cost."""
        return sum(line.price_fen * line.count for line in self.lines if not line.is_gift)

    @property
    def discount_fen(self) -> int:
        """Return what Douyin and the merchant take off together."""
        return self.shop_discount_fen + self.platform_discount_fen

    @property
    def pay_fen(self) -> int:
        """Return what the buyer pays."""
        return self.goods_fen - self.discount_fen + self.postage_fen


def article(product: Product, *, number: str = "", count: int = 1) -> Line:
    """Return so many of a product as Douyin lists it; its ids are the same for one listing."""
    dice = int.from_bytes(hashlib.sha256(product.listing.encode()).digest()[:6], "big")
    return Line(
        number=number,
        product_id=35 * 10**17 + dice,
        sku_id=17 * 10**14 + dice,
        code=product.sku,
        name=product.name,
        price_fen=product.price_fen,
        count=count,
    )


def sealed(order: DyOrder, kind: int) -> str:
    """Return the ciphertext of one part of an order's receiver: the same each time."""
    dice = hashlib.sha256(f"{order.number}/{kind}/sealed".encode()).hexdigest()
    return f"$${dice[:24]}${dice[24:40]}$1$" if kind == PHONE else f"##{dice[:40]}##{dice[40:48]}"


def plain(order: DyOrder, kind: int) -> str:
    """Return what one ciphertext stands for."""
    if kind == NAME:
        return order.receiver.name
    if kind == PHONE:
        phone = order.receiver.phone
        return f"{phone}-{order.extension}" if order.extension else phone
    return order.place.detail


def seconds(moment: datetime | None) -> int:
    """Return a moment in unix seconds, 0 for none."""
    return 0 if moment is None else int(moment.timestamp())


def told_order(order: DyOrder) -> dict[str, JsonValue]:
    """Return the order as the list and the detail tell of it."""
    return {
        "order_id": order.number,
        "doudian_open_id": f"1@#{hashlib.sha256(order.receiver.phone.encode()).hexdigest()[:24]}",
        "order_status": order.status,
        "order_type": 0,
        "create_time": seconds(order.created_at),
        "pay_time": seconds(order.paid_at),
        "update_time": seconds(order.changed_at),
        "exp_ship_time": seconds(order.ship_by),
        "promise_info": f'{{"exp_ship_time":{seconds(order.ship_by)}}}',
        "order_amount": order.goods_fen + order.postage_fen,
        "pay_amount": order.pay_fen,
        "post_amount": order.postage_fen,
        "promotion_amount": order.discount_fen,
        "promotion_shop_amount": order.shop_discount_fen,
        "promotion_platform_amount": order.platform_discount_fen,
        "packing_amount": 0,
        "tax_amount": 0,
        "pay_type": 1,
        "channel_payment_no": f"42{order.number}" if order.paid_at else "",
        "buyer_words": order.buyer_words,
        "seller_words": order.seller_words,
        "seller_remark_stars": order.stars,
        **_receiver(order),
        "logistics_info": [_told_parcel(order, parcel) for parcel in order.parcels],
        "sku_order_list": [_told_line(order, line) for line in order.lines],
    }


def _told_parcel(order: DyOrder, parcel: Parcel) -> dict[str, JsonValue]:
    lines = {line.number: line for line in order.lines}
    return {
        "tracking_no": parcel.tracking_no,
        "company": parcel.company_code,
        "ship_time": seconds(parcel.shipped_at),
        "product_info": [
            {
                "sku_order_id": number,
                "product_name": lines[number].name,
                "sku_id": lines[number].sku_id,
                "outer_sku_id": lines[number].code,
                "product_count": units,
            }
            for number, units in parcel.units.items()
        ],
    }


def _told_line(order: DyOrder, line: Line) -> dict[str, JsonValue]:
    whole = line.price_fen * line.count
    is_over = line.gone >= line.count and order.status == PART_SHIPPED
    return {
        "order_id": line.number,
        "parent_order_id": order.number,
        "order_status": SHIPPED if is_over else order.status,
        "product_id": line.product_id,
        "product_id_str": str(line.product_id),
        "product_name": line.name,
        "sku_id": line.sku_id,
        "out_sku_id": line.code,
        "code": line.code,
        "spec": [{"name": "规格", "value": "默认"}],
        "item_num": line.count,
        "origin_amount": line.price_fen,
        "sum_amount": whole,
        "pay_amount": 0 if line.is_gift else whole,
        "given_product_type": "FREE" if line.is_gift else "MASTER",
        "after_sale_info": {
            "after_sale_status": order.after_sale,
            "after_sale_type": 1 if order.parcels else 2,
            "refund_status": order.refund,
        },
        "exp_ship_time": seconds(order.ship_by),
        "reduce_stock_type": 1,
    }


def _receiver(order: DyOrder) -> dict[str, JsonValue]:
    """Return masks and ciphertext; of an unpaid or cancelled order there is no receiver."""
    receiver = order.receiver
    if order.status in {TO_PAY, CANCELLED}:
        return {"post_receiver": "", "post_tel": "", "post_addr": {}, "mask_post_addr": {}}
    place = _place(order.place)
    shown = place | {"detail": "", "encrypt_detail": sealed(order, ADDRESS)}
    masked = place | {"detail": f"{order.place.detail[:3]}***"}
    return {
        "post_receiver": "",
        "post_tel": "",
        "encrypt_post_receiver": sealed(order, NAME),
        "encrypt_post_tel": sealed(order, PHONE),
        "mask_post_receiver": f"{receiver.name[:1]}*",
        "mask_post_tel": f"{receiver.phone[:3]}****{receiver.phone[-4:]}",
        "post_addr": _text(shown) if order.is_text else shown,
        "mask_post_addr": _text(masked) if order.is_text else masked,
    }


def _place(place: Receiver) -> dict[str, JsonValue]:
    """Return the levels of an address; one that is missing is null, empty or not there."""
    told: dict[str, JsonValue] = {}
    if place.province:
        told["province"] = {"name": place.province, "id": "0"}
    told["city"] = {"name": place.city, "id": "0"} if place.city else None
    told["town"] = {"name": place.district, "id": "0" if place.district else ""}
    told["street"] = {"name": place.town, "id": "0"} if place.town else {}
    return told


def _text(value: JsonValue) -> str:
    return msgspec.json.encode(value).decode()
