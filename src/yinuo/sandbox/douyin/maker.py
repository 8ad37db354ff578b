"""Make-believe buyers on Douyin: the same dice make the same baskets and people."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from yinuo.sandbox import people
from yinuo.sandbox.douyin.model import DyOrder, Line, article
from yinuo.sandbox.shop.model import GiftPart, Product, Receiver

SHIP_WITHIN = timedelta(hours=48)
ODD_KINDS = ("no_city", "no_city", "no_province", "drifted", "short_names", "all_in_text")


def make_order(
    chance: random.Random,
    products: Sequence[Product],
    *,
    at: datetime,
    odd_share: float,
    has: Callable[[Line], bool] = lambda _line: True,
) -> DyOrder | None:
    """Return an unpaid order of one to three products; pure but for `chance`.

    `odd_share` of the addresses lack a level or have it elsewhere. None when nothing that the buyer
    wants can be sold, as `has` says of each line.
    """
    serial = 69 * 10**17 + chance.randrange(10**14) * 1000
    lines = _basket(chance, products, serial, has)
    receiver = people.receiver(chance)
    place = _odd(receiver, chance) if chance.random() < odd_share else receiver
    is_virtual = chance.random() < 0.5
    extension = f"{chance.randrange(10_000):04d}" if is_virtual else ""
    goods = sum(line.price_fen * line.count for line in lines if not line.is_gift)
    platform = chance.choice((0, 0, 300, 500, 1234)) if goods > 5000 else 0
    own = chance.choice((0, 0, 200, 1000)) if goods > 5000 else 0
    postage = chance.choice((0, 0, 0, 0, 600, 890))
    is_text, words = chance.random() < 0.05, people.remark(chance)
    if not lines:
        return None
    at = at.replace(microsecond=0)
    return DyOrder(
        number=str(serial),
        created_at=at,
        changed_at=at,
        ship_by=at + SHIP_WITHIN,
        lines=lines,
        shop_discount_fen=own,
        platform_discount_fen=platform,
        postage_fen=postage,
        receiver=receiver,
        place=place,
        is_text=is_text,
        extension=extension,
        buyer_words=words,
    )


def _odd(receiver: Receiver, chance: random.Random) -> Receiver:
    """Return the same address as a channel's fields may hold it."""
    once = "".join(dict.fromkeys((receiver.province, receiver.city, receiver.district)))
    match chance.choice(ODD_KINDS):
        case "no_city":
            return msgspec.structs.replace(receiver, city="")
        case "no_province":
            return msgspec.structs.replace(receiver, province="")
        case "drifted":
            return msgspec.structs.replace(
                receiver,
                province="中国",
                city=receiver.province,
                district=receiver.city,
                town=receiver.district,
            )
        case "short_names":
            return msgspec.structs.replace(
                receiver, province=receiver.province[:2], city=receiver.city.removesuffix("市")
            )
        case _:
            return msgspec.structs.replace(
                receiver, province="", city="", district="", detail=once + receiver.detail
            )


def _basket(
    chance: random.Random,
    products: Sequence[Product],
    serial: int,
    has: Callable[[Line], bool],
) -> list[Line]:
    """Return the lines with their gifts; popular products come more often, sold-out ones never."""
    lines: list[Line] = []
    taken: set[str] = set()
    for _ in range(chance.choices((1, 2, 3), (80, 15, 5))[0]):
        at = min(int(chance.paretovariate(1.1) - 1), len(products) - 1)
        product = products[at] if chance.random() < 0.6 else chance.choice(products)
        count = chance.choices((1, 2, 3), (82, 14, 4))[0]
        line = article(product, number=str(serial + len(lines) + 1), count=count)
        if product.listing in taken or not has(line):
            continue
        taken.add(product.listing)
        lines.append(line)
        for gift in product.gifts:
            lines.append(_gift(gift, number=str(serial + len(lines) + 1), count=count))
    return lines


def _gift(gift: GiftPart, *, number: str, count: int) -> Line:
    product = Product(listing=gift.listing, sku=gift.sku, name=gift.name, price_fen=0)
    line = article(product, number=number, count=gift.quantity * count)
    return msgspec.structs.replace(line, is_gift=True)
