"""Make-believe buyers on Pinduoduo: the same dice make the same baskets and people."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from yinuo.core.clock import SHANGHAI
from yinuo.sandbox import people
from yinuo.sandbox.pinduoduo.model import (
    CONFIRMED,
    GROUPED,
    Line,
    PddOrder,
    line_of,
)
from yinuo.sandbox.shop.model import Product

SHIP_WITHIN = timedelta(hours=48)
REMARKS = ("", "", "", "", "老客户，送小样", "加急")


def make_order(
    chance: random.Random,
    products: Sequence[Product],
    *,
    at: datetime,
    has: Callable[[Line], bool] = lambda _line: True,
) -> PddOrder | None:
    """Return a paid and confirmed order of one to three products; pure but for `chance`.

    `has` says whether a line can be sold; None when nothing that the buyer
    wants can be sold.
    """
    lines, gifts = _basket(chance, products, has)
    serial = chance.randrange(10**15)
    receiver = people.receiver(chance)
    extension = f"{chance.randrange(10_000):04d}" if chance.random() < 0.5 else ""
    memo, remark = people.remark(chance), chance.choice(REMARKS)
    goods = sum(line.price_fen * line.count for line in lines)
    lowered = chance.choice((0, 0, 0, 0, 0, 0, 100)) if goods > 1000 else 0
    platform = chance.choice((0, 0, 300, 500, 1234)) if goods > 5000 else 0
    seller = chance.choice((0, 0, 200, 1000)) if goods > 5000 else 0
    postage = chance.choice((0, 0, 0, 0, 600, 890))
    service = chance.choice((0, 0, 0, 0, 0, 0, 0, 1200))
    if not lines:
        return None
    at = at.replace(microsecond=0)
    return PddOrder(
        number=f"{at.astimezone(SHANGHAI):%y%m%d}-{serial:015d}",
        created_at=at,
        changed_at=at,
        paid_at=at,
        confirmed_at=at,
        ship_by=at + SHIP_WITHIN,
        confirm_status=CONFIRMED,
        group_status=GROUPED,
        lines=lines,
        gifts=gifts,
        lowered_fen=lowered,
        platform_discount_fen=platform,
        seller_discount_fen=seller,
        postage_fen=postage,
        service_fen=service,
        receiver=receiver,
        extension=extension,
        buyer_memo=memo,
        remark=remark,
    )


def _basket(
    chance: random.Random, products: Sequence[Product], has: Callable[[Line], bool]
) -> tuple[list[Line], list[Line]]:
    """Return the lines and their gifts; popular products come more often, sold-out ones never."""
    lines: dict[str, Line] = {}
    gifts: list[Line] = []
    for _ in range(chance.choices((1, 2, 3), (80, 15, 5))[0]):
        at = min(int(chance.paretovariate(1.1) - 1), len(products) - 1)
        product = products[at] if chance.random() < 0.6 else chance.choice(products)
        count = chance.choices((1, 2, 3), (82, 14, 4))[0]
        line = line_of(
            product.listing,
            sku=product.sku,
            name=product.name,
            price_fen=product.price_fen,
            count=count,
        )
        if product.listing in lines or not has(line):
            continue
        lines[product.listing] = line
        gifts.extend(
            line_of(
                gift.listing,
                sku=gift.sku,
                name=gift.name,
                price_fen=0,
                count=gift.quantity * count,
            )
            for gift in product.gifts
        )
    return list(lines.values()), gifts
