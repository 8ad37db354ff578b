"""What each shop may be told of a SKU now, and what a product page of no certain shop shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from yinuo.catalog import service as catalog
from yinuo.channels.model import (
    Channel,
    Goods,
    Sharing,
    Shop,
    ShopRecord,
    Shown,
    Stock,
    shown,
)
from yinuo.channels.service.shops import load_record
from yinuo.core.db import Session
from yinuo.inventory import service as inventory

# A product page of no certain shop: every active warehouse, no rule.
NOWHERE = ShopRecord(
    shop=Shop(id="", channel=Channel.MINI_PROGRAM, name=""), sharing=Sharing(), version=0
)


def shown_to(
    session: Session, records: Sequence[ShopRecord], *, skus: Collection[str], now: datetime
) -> dict[str, dict[str, Shown]]:
    """Return per shop what it may be told of each SKU or bundle, by the rules given.

    The rules need not be saved yet: a preview asks with those that somebody types.
    """
    goods = goods_of(session, skus)
    stock = stock_of(session, goods, now=now)
    active = {one.code for one in inventory.load_warehouses(session) if one.is_active}
    return {
        record.shop.id: {
            sku: shown(
                goods[sku],
                sharing=record.sharing,
                warehouses=[code for code in active if record.shop.settings.may_serve(code)],
                stock=stock,
                known=goods,
            )
            for sku in skus
        }
        for record in records
    }


def sellable(
    session: Session, skus: Collection[str], *, shop_id: str | None = None, now: datetime
) -> dict[str, int]:
    """Return the units of each SKU or bundle that a buyer may be shown: in a shop, or anywhere.

    Without a shop all active warehouses count and no rule. A shop that is switched off sells
    nothing. Raises UnknownShop.
    """
    record = NOWHERE if shop_id is None else load_record(session, shop_id)
    if not record.shop.is_active:
        return dict.fromkeys(skus, 0)
    told = shown_to(session, [record], skus=skus, now=now)
    return {sku: one.quantity for sku, one in told[record.shop.id].items()}


def with_bundles(session: Session, skus: Collection[str]) -> list[str]:
    """Return the SKUs and the bundles that hold them, sorted: what changes when their stock does."""
    return sorted({*skus, *catalog.bundles_with(session, skus)})


def goods_of(session: Session, skus: Collection[str]) -> dict[str, Goods]:
    """Return what is sold under each code, and the parts of those that are bundles."""
    bundles = catalog.load_bundles(session, skus)
    parts = {part.sku for bundle in bundles.values() for part in bundle.parts}
    known = catalog.find_skus(session, {*skus, *parts})
    return {
        sku: Goods(
            sku=sku,
            category=known[sku].category if sku in known else "",
            parts={part.sku: part.quantity for part in bundles[sku].parts}
            if sku in bundles
            else {},
        )
        for sku in {*skus, *parts}
    }


def stock_of(session: Session, skus: Collection[str], *, now: datetime) -> Stock:
    """Return the units that are free of each SKU, by warehouse."""
    return {
        sku: {level.warehouse: level.atp for level in levels}
        for sku, levels in inventory.levels(session, skus, now=now).items()
    }
