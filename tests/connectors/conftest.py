"""A running sandbox and a registry whose connectors point at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization

from tests.connectors.wechat_pay_keys import private_pem
from tests.sandbox.conftest import FakeHub, Sandbox, hub, running
from yinuo.connectors.alipay.settings import AlipaySettings
from yinuo.connectors.kingdee_k3.settings import KingdeeSettings
from yinuo.connectors.qimen.settings import QimenSettings
from yinuo.connectors.registry import Registry
from yinuo.connectors.shop.settings import ShopSettings
from yinuo.connectors.wechat_pay.settings import WechatPaySettings
from yinuo.core.db import Database
from yinuo.sandbox.alipay.system import Alipay
from yinuo.sandbox.settings import SandboxSettings
from yinuo.sandbox.wechat_pay.system import WechatPay

__all__ = ["hub"]


@pytest.fixture
def sandbox(hub: FakeHub, database: Database) -> Iterator[Sandbox]:
    with running(SandboxSettings(hub_address=hub.address), database) as started:
        for system, stock in (("kingdee", "stockCode"), ("qimen", "warehouseCode")):
            amount = "onHand" if system == "kingdee" else "quantity"
            lines = [{stock: "WH-HZ", "itemCode": item, amount: 10} for item in ("LOVE-2026", "A")]
            answer = started.client.put(f"/control/{system}/stock", json=lines)
            assert answer.status_code == 200, answer.text
        yield started


@pytest.fixture
def registry(sandbox: Sandbox, database: Database) -> Iterator[Registry]:
    registry = Registry(database)
    registry.add_kingdee(kingdee_settings(sandbox))
    registry.add_qimen(
        QimenSettings.model_validate(
            {
                "address": f"{sandbox.address}/qimen/router/qimen/service",
                "app_key": "33000001",
                "secret": "yinuo-sandbox-qimen-secret",
                "customer_id": "c1000001",
                "owner_code": "OWNER1",
                "read_seconds": 8,
                "warehouses": ["WH-HZ"],
            }
        )
    )
    registry.add_shop(
        "mini",
        ShopSettings.model_validate(
            {
                "address": f"{sandbox.address}/shop/backend",
                "secret": "yinuo-sandbox-shop-secret-0000001",
                "page_size": 2,
            }
        ),
    )
    registry.add_wechat_pay(wechat_pay_settings(sandbox))
    registry.add_alipay(alipay_settings(sandbox))
    yield registry
    registry.close()


def kingdee_settings(sandbox: Sandbox, **changes: object) -> KingdeeSettings:
    values: dict[str, object] = {
        "address": f"{sandbox.address}/kingdee/K3API",
        "authority_code": "yinuo-sandbox-authority-code",
        "department": "01",
        "employee": "E01",
        "customers": {"mini": "MINI"},
        "bridge_address": f"{sandbox.address}/kingdee/bridge/stock",
        "bridge_secret": "yinuo-sandbox-bridge-secret-001",
        "read_seconds": 8,
    }
    return KingdeeSettings.model_validate(values | changes)


def alipay_settings(sandbox: Sandbox) -> AlipaySettings:
    system = sandbox.kernel.systems["alipay"]
    assert isinstance(system, Alipay)
    told = sandbox.client.get("/alipay/public-key").json()
    return AlipaySettings.model_validate(
        {
            "address": f"{sandbox.address}/alipay/gateway.do",
            "app_id": system.settings.app_id,
            "seller_id": system.settings.seller_id,
            "app_private_key": private_pem(system.keys.app),
            "alipay_public_keys": [told["alipay_public_key"]],
        }
    )


def wechat_pay_settings(sandbox: Sandbox) -> WechatPaySettings:
    system = sandbox.kernel.systems["wechat-pay"]
    assert isinstance(system, WechatPay)
    told = sandbox.client.get("/wechat-pay/public-key").json()
    return WechatPaySettings.model_validate(
        {
            "address": f"{sandbox.address}/wechat-pay",
            "mchid": system.settings.mchid,
            "appids": [system.settings.appid],
            "merchant_serial": system.settings.merchant_serial,
            "merchant_private_key": system.keys.merchant.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ).decode(),
            "apiv3_key": system.settings.apiv3_key,
            "platform_keys": {told["public_key_id"]: told["public_key"]},
            "allowed_addresses": ["127.0.0.0/8"],
        }
    )
