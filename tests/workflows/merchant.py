"""The small merchant of the workflow tests: what it sells, where, and how an order looks."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from yinuo.catalog import service as catalog
from yinuo.catalog.model import Bundle, BundlePart, Sku
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, ReserveOn, Shop, ShopSettings
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.core.money import Fen
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotographLine, PhotoSource, Warehouse

SHOP = "mini"
WAREHOUSES = (
    Warehouse(code="WH-HZ", name="杭州仓", province="浙江省", serves=("浙江省", "上海市")),
    Warehouse(code="WH-GZ", name="广州仓", province="广东省", serves=("广东省", "福建省")),
)
SKUS = (
    Sku(code="LOVE-2026", name="情人节礼盒", price_fen=Fen(25990)),
    Sku(code="RUG-160", name="北欧风地毯", price_fen=Fen(39900)),
    Sku(code="PILW-45", name="抱枕", price_fen=Fen(5900)),
    Sku(code="ASK-ERP", name="定制窗帘", price_fen=Fen(88000), needs_erp_check=True),
    Sku(code="SET-RUG-01", name="客厅组合", price_fen=Fen(42900), unit="套"),
    Sku(code="THROW-130", name="针织盖毯", price_fen=Fen(12900)),
    Sku(code="MAT-50", name="浴室地垫", price_fen=Fen(4900)),
    Sku(code="MAT-60", name="厨房地垫", price_fen=Fen(4900)),
    Sku(code="VASE-20", name="花瓶", price_fen=Fen(5900)),
)
BUNDLE = Bundle(
    code="SET-RUG-01",
    parts=(BundlePart(sku="RUG-160", quantity=1), BundlePart(sku="PILW-45", quantity=2)),
)
UNITS = 100


_PLACES = {
    "浙江省": ("杭州市", "西湖区"),
    "上海市": ("上海市", "徐汇区"),
    "广东省": ("广州市", "天河区"),
    "福建省": ("厦门市", "思明区"),
    "四川省": ("成都市", "武侯区"),
    "北京市": ("北京市", "朝阳区"),
    "新疆维吾尔自治区": ("乌鲁木齐市", "天山区"),
    "黑龙江省": ("哈尔滨市", "南岗区"),
    "江苏省": ("南京市", "鼓楼区"),
}


def receiver(province: str = "浙江省") -> dict[str, str]:
    """Return a made-up receiver."""
    city, district = _PLACES[province]
    return {
        "name": "测试收件人",
        "phone": "19900000001",
        "province": province,
        "city": city,
        "district": district,
        "town": "",
        "detail": "测试路1号",
    }


def order_body(
    number: str, *, lines: list[tuple[str, int]] | None = None, **more: object
) -> dict[str, object]:
    """Return an order as the storefront sends it."""
    price = {sku.code: int(sku.price_fen) for sku in SKUS} | {"P-LOVE": 25990}
    sold = [
        {
            "listing": listing,
            "quantity": many,
            "unit_price_fen": price.get(listing, 1000),
            "amount_fen": price.get(listing, 1000) * many,
            "is_gift": False,
        }
        for listing, many in lines or [("LOVE-2026", 1)]
    ]
    items = sum(line["amount_fen"] for line in sold)
    return {
        "number": number,
        "version": 1,
        "placed_at": datetime.now(UTC).isoformat(),
        "payment_number": f"PAY{number}",
        "buyer": {"id": "oSANDBOX0001", "nick": "测试买家"},
        "lines": sold,
        "items_fen": items,
        "discount_fen": 0,
        "freight_fen": 0,
        "total_fen": items,
        "receiver": receiver(),
        "remark": "",
        "status": "placed",
        **more,
    }


def seed(database: Database, sandbox: httpx.Client, *, reserve_on: ReserveOn) -> None:
    """Put the small merchant into the hub and the stand-ins."""
    with database.transaction() as session:
        catalog.save_skus(session, SKUS)
        catalog.save_bundle(session, BUNDLE)
        catalog.save_listing(session, shop_id=SHOP, listing_code="P-LOVE", sku="LOVE-2026")
        channels.save_shop(
            session,
            Shop(
                id=SHOP,
                channel=Channel.MINI_PROGRAM,
                name="测试店铺",
                settings=ShopSettings(reserve_on=reserve_on),
            ),
        )
        inventory.save_warehouses(session, WAREHOUSES)
    stocked = [sku for sku in SKUS if sku.code != BUNDLE.code]
    sandbox.put(
        "/control/kingdee/stock",
        json=[
            {"itemCode": s.code, "stockCode": w.code, "onHand": UNITS, "name": s.name}
            for s in stocked
            for w in WAREHOUSES
        ],
    ).raise_for_status()
    sandbox.put(
        "/control/qimen/stock",
        json=[
            {"warehouseCode": w.code, "itemCode": s.code, "quantity": UNITS}
            for s in stocked
            for w in WAREHOUSES
        ],
    ).raise_for_status()
    products = [
        {"listing": "P-LOVE", "sku": "LOVE-2026", "name": "情人节礼盒", "price_fen": 25990},
        *(
            {"listing": s.code, "sku": s.code, "name": s.name, "price_fen": int(s.price_fen)}
            for s in SKUS[1:]
        ),
    ]
    sandbox.put(
        "/shop/backend/catalog",
        json={"products": products, "freight_fen": 0, "free_over_fen": 0},
    ).raise_for_status()
    with database.transaction() as session:
        inventory.apply_photograph(
            session,
            source=PhotoSource.WMS,
            as_of=clock.now(),
            lines=[
                PhotographLine(sku=s.code, warehouse=w.code, quantity=UNITS)
                for s in stocked
                for w in WAREHOUSES
            ],
            now=clock.now(),
        )
