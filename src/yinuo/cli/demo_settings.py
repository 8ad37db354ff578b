"""The settings of the demo: written once with keys made on the spot, then kept."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

WEB_PORT, SANDBOX_PORT = 8700, 8701
SHOP, PDD, DOUYIN, GROUP = "mini", "pdd", "dy", "group"
PUBLIC_KEY_ID = "PUB_KEY_ID_0000000000000000000000000000001"
# Half of the vendors' schedules are minutes and hours; the demo's clocks run faster.
CLOCK_SCALE = 20
Table = dict[str, object]


def write_settings(path: Path, *, web_port: int, sandbox_port: int, sandbox_url: str) -> None:
    """Write the demo's settings file, secrets made anew; readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    tables = demo_tables(
        web=f"http://127.0.0.1:{web_port}",
        sandbox=f"http://127.0.0.1:{sandbox_port}",
        sandbox_port=sandbox_port,
        sandbox_url=sandbox_url,
    )
    head = "# Settings of the demo, made at its first start. Keys are made up and open nothing.\n"
    path.write_text(head + f"port = {web_port}\n" + as_toml(tables), encoding="utf-8")


def as_toml(tables: dict[str, Table]) -> str:
    """Return tables as TOML; its basic strings are JSON's."""
    lines = []
    for name, table in tables.items():
        lines.append(f"\n[{name}]")
        lines += [f"{key} = {_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, dict):
        parts = ", ".join(f"{json.dumps(key)} = {_value(part)}" for key, part in value.items())
        return "{ " + parts + " }"
    return json.dumps(value, ensure_ascii=False)


def demo_tables(
    *, web: str, sandbox: str, sandbox_port: int, sandbox_url: str, scale: float = CLOCK_SCALE
) -> dict[str, Table]:
    """Return the sections that point every connector at the sandbox, both sides' keys included."""
    platform, merchant, alipay, app = _key(), _key(), _key(), _key()
    apiv3, shop_secret = secrets.token_hex(16), secrets.token_hex(24)
    authority, bridge, qimen, amap, amap_private = (secrets.token_hex(12) for _ in range(5))
    pdd = {
        "client_id": "yinuo-sandbox-pdd-client",
        "client_secret": secrets.token_hex(20),
        "access_token": secrets.token_hex(20),
        "refresh_token": secrets.token_hex(20),
        "mall_id": "100200300",
    }
    douyin = {
        "app_key": "7000000000000000001",
        "app_secret": secrets.token_hex(20),
        "shop_id": "12345",
    }
    wecom = {
        "token": secrets.token_hex(16),
        "encoding_aes_key": base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="),
        "bot_name": "一诺",
    }
    keys = {
        "wecom_key": secrets.token_hex(16),
        "dingtalk_token": secrets.token_hex(16),
        "dingtalk_secret": "SEC" + secrets.token_hex(16),
        "feishu_token": secrets.token_hex(16),
        "feishu_secret": secrets.token_hex(16),
    }
    return {
        "processes": {
            "settle_seconds": 8.0,
            "stock_every_seconds": 60.0,
            "late_payment_seconds": 30.0,
        },
        "wechat_pay": {
            "mode": "sandbox",
            "account": "main",
            "address": f"{sandbox}/wechat-pay",
            "mchid": "1900000001",
            "appids": ["wx00000000000000aa"],
            "merchant_serial": "5A0D0000000000000000000000000000000000A1",
            "merchant_private_key": _private(merchant),
            "apiv3_key": apiv3,
            "platform_keys": {PUBLIC_KEY_ID: _public(platform)},
            "allowed_addresses": ["127.0.0.0/8"],
        },
        "alipay": {
            "mode": "sandbox",
            "account": "main",
            "address": f"{sandbox}/alipay/gateway.do",
            "app_id": "2021000000000001",
            "seller_id": "2088000000000009",
            "app_private_key": _private(app),
            "alipay_public_keys": [_public(alipay)],
            "allowed_addresses": ["127.0.0.0/8"],
        },
        f"shop.{SHOP}": {
            "mode": "sandbox",
            "address": f"{sandbox}/shop/backend",
            "secret": shop_secret,
        },
        f"douyin.{DOUYIN}": {"mode": "sandbox", "address": f"{sandbox}/douyin", **douyin},
        f"pinduoduo.{PDD}": {
            "mode": "sandbox",
            "address": f"{sandbox}/pinduoduo/api/router",
            **pdd,
        },
        f"wecom.{GROUP}": {
            "mode": "sandbox",
            **wecom,
            "groups": {"CHAT0001": "幸福里一群", "CHAT0002": "幸福里二群"},
        },
        **_robots(sandbox, keys),
        "kingdee": {
            "mode": "sandbox",
            "address": f"{sandbox}/kingdee/K3API",
            "authority_code": authority,
            "customers": {SHOP: "MINI", PDD: "PDD01", DOUYIN: "DY01", GROUP: "GRP01"},
            "department": "01",
            "employee": "E01",
            "bridge_address": f"{sandbox}/kingdee/bridge/stock",
            "bridge_secret": bridge,
            "read_seconds": 6,
        },
        "qimen": {
            "mode": "sandbox",
            "address": f"{sandbox}/qimen/router/qimen/service",
            "app_key": "33000001",
            "secret": qimen,
            "customer_id": "c1000001",
            "owner_code": "OWNER1",
            "read_seconds": 6,
        },
        "amap": {
            "mode": "sandbox",
            "address": f"{sandbox}/amap",
            "key": amap,
            "private_key": amap_private,
        },
        "sandbox": {
            "port": sandbox_port,
            "address": sandbox,
            "hub_address": web,
            "database_url": sandbox_url,
            "clock_scale": scale,
            # No provider has a bill of a running day; here one can be looked at on the first day.
            "bills_of_today": True,
        },
        "sandbox.wechat_pay": {
            "apiv3_key": apiv3,
            "platform_private_key": _private(platform),
            "merchant_private_key": _private(merchant),
        },
        "sandbox.alipay": {
            "alipay_private_key": _private(alipay),
            "app_private_key": _private(app),
        },
        "sandbox.shop": {"shop_id": SHOP, "secret": shop_secret},
        "sandbox.kingdee": {
            "authority_code": authority,
            "bridge_secret": bridge,
            "save_seconds_least": 0.3,
            "save_seconds_most": 0.8,
        },
        "sandbox.qimen": {"secret": qimen, "step_seconds": 60.0},
        "sandbox.pinduoduo": dict(pdd),
        "sandbox.douyin": {**douyin, "hub_shop_id": DOUYIN},
        "sandbox.wecom": {**wecom, "hub_shop_id": GROUP},
        "sandbox.robots": dict(keys),
        "sandbox.amap": {"key": amap, "private_key": amap_private},
    }


def _robots(sandbox: str, keys: dict[str, str]) -> dict[str, Table]:
    """Return a robot of each kind; their groups are lists on the page of outside systems."""
    wecom, dingtalk, feishu = (
        f"{sandbox}/{kind}-robot" for kind in ("wecom", "dingtalk", "feishu")
    )
    return {
        "robots.wecom": {
            "mode": "sandbox",
            "kind": "wecom",
            "url": f"{wecom}/cgi-bin/webhook/send?key={keys['wecom_key']}",
        },
        "robots.dingtalk": {
            "mode": "sandbox",
            "kind": "dingtalk",
            "url": f"{dingtalk}/robot/send?access_token={keys['dingtalk_token']}",
            "secret": keys["dingtalk_secret"],
        },
        "robots.feishu": {
            "mode": "sandbox",
            "kind": "feishu",
            "url": f"{feishu}/open-apis/bot/v2/hook/{keys['feishu_token']}",
            "secret": keys["feishu_secret"],
        },
    }


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _private(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _public(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
