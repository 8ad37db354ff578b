"""The demo's home-textile merchant: SKUs, bundles, gifts, what its shop sells, opening stock.

Everything is made up, and the same at every call: a seed stands behind what looks random.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from yinuo.catalog.model import Bundle, BundlePart, Listing, Sku
from yinuo.cli.demo_styles import (
    BOXES,
    BUNDLES,
    BY_SKU,
    COLOURS,
    GIFT_OF,
    GIFTS,
    LAMPS,
    OWN_CODES,
    SCENTS,
    STYLES,
    TAGS,
)
from yinuo.core.money import Fen
from yinuo.inventory.model import Warehouse

SHOP_ID = "mini"
SHOP_NAME = "一诺家纺小程序"
WAREHOUSES = (
    Warehouse(
        code="WH-HZ",
        name="杭州仓",
        province="浙江省",
        serves=("浙江省", "上海市", "福建省", "江西省", "安徽省"),
    ),
    Warehouse(
        code="WH-NT",
        name="南通仓",
        province="江苏省",
        serves=(
            *("江苏省", "上海市", "山东省", "安徽省", "河南省", "北京市", "天津市", "河北省"),
            *("山西省", "辽宁省", "吉林省", "黑龙江省", "内蒙古自治区"),
        ),
    ),
    Warehouse(
        code="WH-GZ",
        name="广州仓",
        province="广东省",
        serves=("广东省", "广西壮族自治区", "海南省", "湖南省", "福建省", "湖北省"),
    ),
    Warehouse(
        code="WH-CD",
        name="成都仓",
        province="四川省",
        serves=(
            *("四川省", "重庆市", "云南省", "贵州省", "陕西省", "西藏自治区", "甘肃省"),
            *("青海省", "宁夏回族自治区", "新疆维吾尔自治区", "湖北省"),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """Units of a SKU that a warehouse opens with; zero is a line too."""

    sku: str
    warehouse: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What the shop shows: a listing of a SKU or bundle; `gift` comes along for nothing."""

    listing: str
    sku: str
    name: str
    price_fen: Fen
    original_fen: Fen
    category: str
    tag: str
    is_bundle: bool
    gift: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCatalog:
    """The whole merchant; `listings` are those whose code is not the SKU's own."""

    skus: tuple[Sku, ...]
    bundles: tuple[Bundle, ...]
    listings: tuple[Listing, ...]
    warehouses: tuple[Warehouse, ...]
    stock: tuple[StockLine, ...]
    products: tuple[Product, ...]


# The best sellers of the demo's stream of orders never run out in its first hours.
_PLENTY = frozenset({"LOVE-2026", "RUG-160", "CURT-180", "PILW-45", "LAMP-03", "TWL-34-WH"})
_SHARE = {"WH-HZ": 1.0, "WH-NT": 0.8, "WH-GZ": 0.6, "WH-CD": 0.35}


@cache
def demo_catalog() -> DemoCatalog:
    """Return the demo's merchant, the same at every call."""
    skus = tuple(_numbered(_goods())) + tuple(_gifts())
    bundles = tuple(_bundle(code, parts) for code, _, _, parts in BUNDLES)
    faces = tuple(
        Sku(
            code=code,
            name=name,
            unit="套",
            price_fen=Fen(yuan * 100),
            weight_grams=_weight(bundle, {sku.code: sku for sku in skus}),
            category="组合装",
            family="SET",
        )
        for (code, name, yuan, _), bundle in zip(BUNDLES, bundles, strict=True)
    )
    products = tuple(_products({sku.code: sku for sku in (*skus, *faces)}))
    return DemoCatalog(
        skus=(*skus, *faces),
        bundles=bundles,
        listings=tuple(
            Listing(shop_id=SHOP_ID, code=product.listing, sku=product.sku)
            for product in products
            if product.listing != product.sku
        ),
        warehouses=WAREHOUSES,
        stock=tuple(_stock(skus)),
        products=products,
    )


def _goods() -> Iterator[Sku]:
    for style in STYLES:
        for size in style.sizes:
            for letter in style.colours or ".":
                suffix, colour = COLOURS[letter]
                yield Sku(
                    code="-".join(filter(None, (style.code, size.code, suffix))),
                    name=" ".join(filter(None, (style.name, size.name, colour))),
                    unit=style.unit,
                    price_fen=Fen(size.yuan * 100 - 10 if size.yuan < 100 else size.yuan * 100),
                    weight_grams=size.grams,
                    needs_erp_check=style.erp,
                    category=style.category,
                    family=style.code,
                    variant=" ".join(filter(None, (size.name, colour))),
                )
    for number, name in enumerate(LAMPS, 1):
        yield Sku(
            code=f"LAMP-{number:02}",
            name=name,
            unit="盏",
            price_fen=Fen(8900 + 1000 * (number * 7 % 9)),
            weight_grams=900 + 130 * number,
            category="灯具",
            family="LAMP",
        )
    for number, name in enumerate(SCENTS, 1):
        yield Sku(
            code=f"AROM-{number:02}",
            name=name,
            unit="瓶",
            price_fen=Fen(6900),
            weight_grams=480,
            category="香薰",
            family="AROM",
        )
    for code, name, fen, grams in BOXES:
        yield Sku(
            code=code,
            name=name,
            unit="盒",
            price_fen=Fen(fen),
            weight_grams=grams,
            category="礼盒",
            family="BOXED",
        )


def _gifts() -> Iterator[Sku]:
    for number, name in enumerate(GIFTS, 1):
        yield Sku(
            code=f"GIFT-{number:02}",
            name=f"赠品 {name}",
            weight_grams=60,
            is_gift=True,
            category="赠品",
            family="GIFT",
        )


def _numbered(skus: Iterator[Sku]) -> Iterator[Sku]:
    """Give each SKU a barcode: EAN-13 under one made-up company number."""
    for number, sku in enumerate(skus, 1):
        digits = f"6970001{number:05}"
        odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
        yield replace(sku, barcode=f"{digits}{-(odd + 3 * even) % 10}")


def _bundle(code: str, parts: str) -> Bundle:
    found = [part.partition("*") for part in parts.split()]
    return Bundle(
        code=code,
        parts=tuple(BundlePart(sku=sku, quantity=int(units or 1)) for sku, _, units in found),
    )


def _weight(bundle: Bundle, skus: dict[str, Sku]) -> int:
    return sum(skus[part.sku].weight_grams * part.quantity for part in bundle.parts)


def _products(skus: dict[str, Sku]) -> Iterator[Product]:
    bundles = [code for code, _, _, _ in BUNDLES]
    own = set(OWN_CODES)
    for code in (*OWN_CODES, *BY_SKU, *(code for code in bundles if code not in own)):
        sku = skus[code]
        yield Product(
            listing=f"P-{code}" if code in own else code,
            sku=code,
            name=sku.name,
            price_fen=sku.price_fen,
            original_fen=Fen(sku.price_fen * 5 // 4 // 100 * 100),
            category=sku.category,
            tag=TAGS.get(code, ""),
            is_bundle=code in bundles,
            gift=GIFT_OF.get(code),
        )


def _stock(skus: tuple[Sku, ...]) -> Iterator[StockLine]:
    chance = random.Random(20260214)  # noqa: S311 - made-up figures, the same each time
    for sku in skus:
        wanted = 900 if sku.is_gift or sku.code in _PLENTY else chance.choice((40, 80, 120, 200))
        is_out = chance.random() < 0.03 and sku.code not in _PLENTY
        for warehouse in WAREHOUSES:
            lot = chance.random()
            quantity = round(wanted * _SHARE[warehouse.code] * (0.7 + 0.6 * chance.random()))
            if sku.code not in _PLENTY and lot < 0.14:
                quantity = 0 if lot < 0.06 else chance.randint(1, 5)
            yield StockLine(
                sku=sku.code, warehouse=warehouse.code, quantity=0 if is_out else quantity
            )
