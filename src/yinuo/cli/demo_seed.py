"""What the demo begins with: catalog, shop, warehouses, opening stock, accounts, faults, buyers.

Everything goes the way it goes in earnest: stock is put into the WMS and ERP stand-ins, and the
hub reads it from there.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path

import httpx

from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.cli.demo_catalog import DemoCatalog, StockLine
from yinuo.cli.demo_settings import DOUYIN, GROUP, PDD, SHOP
from yinuo.core import clock, config
from yinuo.core.db import Database
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Warehouse
from yinuo.users import service as users
from yinuo.users.model import SYSTEM, Role

ACCOUNTS = (
    ("admin", "系统管理员", Role.IT_ADMIN),
    ("ops", "运营主管", Role.OPERATIONS),
    ("cs", "客服小李", Role.CUSTOMER_SERVICE),
    ("manager", "店长", Role.STORE_MANAGER),
)
# Of a hundred addresses that come through other channels, as many are wrong as merchants tell of.
ODD_ADDRESSES = 0.127
# A little of what goes wrong in earnest, so that the console has something to show.
FAULTS = {
    "kingdee": [
        {"operation": "SO/Save", "kind": "lose_answer", "probability": 0.01, "seconds": 8},
        {"operation": "SO/Save", "kind": "error", "probability": 0.02},
        {"operation": "SO/Save", "kind": "delay", "probability": 0.05, "seconds": 2},
    ],
    "qimen": [
        {"operation": "*", "kind": "drop", "probability": 0.01},
        {"operation": "*", "kind": "delay", "probability": 0.03, "seconds": 1},
    ],
    "wechat-pay": [
        {"operation": "notify/TRANSACTION.SUCCESS", "kind": "duplicate", "probability": 0.1},
        {"operation": "notify/TRANSACTION.SUCCESS", "kind": "drop", "probability": 0.03},
    ],
    "alipay": [
        {"operation": "notify/TRADE_SUCCESS", "kind": "duplicate", "probability": 0.1},
        {"operation": "notify/TRADE_SUCCESS", "kind": "drop", "probability": 0.03},
    ],
}


def seed_hub(database: Database, merchant: DemoCatalog) -> None:
    """Write the merchant into the hub; a repeat writes the same again."""
    with database.transaction() as session:
        catalog.save_skus(session, merchant.skus)
        for bundle in merchant.bundles:
            catalog.save_bundle(session, bundle)
        for listing in merchant.listings:
            catalog.save_listing(session, shop_id=SHOP, listing_code=listing.code, sku=listing.sku)
        channels.save_shop(
            session, Shop(id=SHOP, channel=Channel.MINI_PROGRAM, name="一诺家居小程序")
        )
        if PDD in config.section_names("pinduoduo"):
            channels.save_shop(
                session, Shop(id=PDD, channel=Channel.PINDUODUO, name="一诺家居拼多多店")
            )
        if DOUYIN in config.section_names("douyin"):
            channels.save_shop(
                session, Shop(id=DOUYIN, channel=Channel.DOUYIN, name="一诺家居抖音店")
            )
        if GROUP in config.section_names("wecom"):
            channels.save_shop(
                session, Shop(id=GROUP, channel=Channel.WECHAT_GROUP, name="一诺家居微信群")
            )
        inventory.save_warehouses(
            session,
            [
                Warehouse(code=one.code, name=one.name, province=one.province, serves=one.serves)
                for one in merchant.warehouses
            ],
        )


def add_accounts(database: Database, kept: Path) -> dict[str, str]:
    """Return user names with passwords; made once and kept in a file only its owner reads."""
    if kept.exists():
        passwords: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    else:
        passwords = {name: f"yn-{secrets.token_hex(5)}" for name, _, _ in ACCOUNTS}
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(passwords), encoding="utf-8")
    with database.transaction() as session:
        there = {user.username for user in users.list_users(session)}
        for username, name, role in ACCOUNTS:
            if username not in there:
                users.add_user(
                    session,
                    username=username,
                    name=name,
                    role=role,
                    password=passwords[username],
                    actor=SYSTEM,
                    now=clock.now(),
                )
    return passwords


def seed_sandbox(address: str, merchant: DemoCatalog, stock: Sequence[StockLine]) -> None:
    """Give the stand-ins what the merchant has: goods on shelves, items, the shop's products."""
    names = {sku.code: sku.name for sku in merchant.skus}
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        _put(
            client,
            "/control/kingdee/stock",
            [
                {
                    "itemCode": line.sku,
                    "stockCode": line.warehouse,
                    "onHand": line.quantity,
                    "name": names[line.sku],
                }
                for line in stock
            ],
        )
        _put(
            client,
            "/control/qimen/stock",
            [
                {
                    "warehouseCode": line.warehouse,
                    "itemCode": line.sku,
                    "quantity": line.quantity,
                }
                for line in stock
            ],
        )
        _put(client, "/shop/backend/catalog", {"products": _products(merchant)})


def _products(merchant: DemoCatalog) -> list[dict[str, object]]:
    names = {sku.code: sku.name for sku in merchant.skus}
    bundles = {bundle.code: bundle for bundle in merchant.bundles}
    return [
        {
            "listing": product.listing,
            "sku": product.sku,
            "name": product.name,
            "price_fen": product.price_fen,
            "original_fen": product.original_fen,
            "category": product.category,
            "tag": product.tag,
            "is_bundle": product.is_bundle,
            "parts": [
                {"sku": part.sku, "quantity": part.quantity}
                for part in (bundles[product.sku].parts if product.is_bundle else ())
            ],
            "gifts": [{"listing": product.gift, "sku": product.gift, "name": names[product.gift]}]
            if product.gift
            else [],
        }
        for product in merchant.products
    ]


def sprinkle_faults(address: str) -> None:
    """Make the stand-ins fail a little, as outside systems do."""
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        for system, faults in FAULTS.items():
            _put(client, f"/control/systems/{system}/faults", {"faults": faults})


def start_buyers(address: str, *, orders_per_minute: float, goods: Sequence[str]) -> None:
    """Let buyers come to the own shop, and a quarter as many to each marketplace and the groups.

    `goods` are the words by which the groups order.
    """
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
        _put(
            client,
            "/control/traffic",
            {
                "orders_per_minute": orders_per_minute,
                "is_running": True,
                "odd_addresses": ODD_ADDRESSES,
            },
        )
        for system in ("pinduoduo", "douyin"):
            _put(
                client,
                f"/control/{system}/traffic",
                {"orders_per_minute": orders_per_minute / 4, "is_running": True},
            )
        _put(
            client,
            "/control/wecom/traffic",
            {
                "messages_per_minute": orders_per_minute / 4,
                "is_running": True,
                "goods": list(goods),
            },
        )


def _put(client: httpx.Client, path: str, body: object) -> None:
    client.put(path, json=body).raise_for_status()
