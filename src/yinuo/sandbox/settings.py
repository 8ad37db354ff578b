"""Where the sandbox listens, where the hub is, and the made-up keys of each stand-in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pydantic

from yinuo.core import config


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)


class WechatPaySettings(_Part):
    """The made-up merchant of the WeChat Pay stand-in; missing keys are made once and kept."""

    appid: str = "wx00000000000000aa"
    mchid: str = "1900000001"
    apiv3_key: str = "yinuo-sandbox-apiv3-key-32-bytes"
    public_key_id: str = "PUB_KEY_ID_0000000000000000000000000000001"
    merchant_serial: str = "5A0D0000000000000000000000000000000000A1"
    platform_private_key: str | None = None
    merchant_private_key: str | None = None


class AlipaySettings(_Part):
    """The made-up merchant of the Alipay stand-in; missing keys are made once and kept."""

    app_id: str = "2021000000000001"
    seller_id: str = "2088000000000009"
    alipay_private_key: str | None = None
    app_private_key: str | None = None


class ShopSettings(_Part):
    """The merchant's own mini-program back end; `secret` signs both directions."""

    shop_id: str = "mini"
    name: str = "一诺家居"
    secret: str = "yinuo-sandbox-shop-secret-0000001"
    payment_account: str = "main"


class KingdeeSettings(_Part):
    """The made-up account set of the K3 WISE stand-in; seconds of a save are real ones."""

    authority_code: str = "yinuo-sandbox-authority-code"
    token_seconds: int = 3600
    bridge_secret: str = "yinuo-sandbox-bridge-secret-001"
    customers: dict[str, str] = {"MINI": "自有小程序商城", "DY01": "抖音小店", "PDD01": "拼多多店"}
    components: int = pydantic.Field(default=2, ge=1, le=16)
    save_seconds_least: float = pydantic.Field(default=0.0, ge=0, le=60)
    save_seconds_most: float = pydantic.Field(default=0.0, ge=0, le=60)
    booking_delay_seconds: float = pydantic.Field(default=60.0, ge=0)


class QimenSettings(_Part):
    """The made-up customer of the WMS stand-in; its seconds run on the vendors' clock."""

    app_key: str = "33000001"
    secret: str = "yinuo-sandbox-qimen-secret"
    customer_id: str = "c1000001"
    owner_code: str = "OWNER1"
    callback_path: str = "/callbacks/qimen"
    step_seconds: float = pydantic.Field(default=20.0, ge=0)
    hold_seconds: float | None = None


class AmapSettings(_Part):
    """The made-up key of the map stand-in, and how much it may be used."""

    key: str = "yinuo-sandbox-amap-key"
    private_key: str = "yinuo-sandbox-amap-private-key"
    calls_a_day: int = pydantic.Field(default=5000, ge=0)
    calls_per_second: int = pydantic.Field(default=50, ge=1)


class PinduoduoSettings(_Part):
    """The made-up shop on Pinduoduo; a change is told of up to `late_seconds` after it was made.

    A token that was renewed ends after `token_seconds`, None for never; the first one does not end.
    """

    client_id: str = "yinuo-sandbox-pdd-client"
    client_secret: str = "yinuo-sandbox-pdd-client-secret-01"
    access_token: str = "yinuo-sandbox-pdd-access-token"
    refresh_token: str = "yinuo-sandbox-pdd-refresh-token"
    mall_id: str = "100200300"
    name: str = "一诺家居拼多多店"
    token_seconds: float | None = pydantic.Field(default=None, gt=0)
    late_seconds: float = pydantic.Field(default=0.0, ge=0, le=600)
    lists_a_minute: int = pydantic.Field(default=3000, ge=1)
    openings_a_day: int = pydantic.Field(default=100_000, ge=0)


class DouyinSettings(_Part):
    """The made-up shop on Douyin; `hub_shop_id` is the hub's own name of it, empty for no pushes.

    `odd_share` of the addresses lack levels or have them drifted.
    """

    app_key: str = "7000000000000000009"
    app_secret: str = "yinuo-sandbox-douyin-app-secret-01"
    shop_id: str = "12345"
    name: str = "一诺家居抖音店"
    hub_shop_id: str = "dy"
    code: str = "yinuo-sandbox-douyin-code"
    push_sign_method: Literal["md5", "hmac-sha256"] = "md5"
    token_seconds: float = pydantic.Field(default=7 * 86_400.0, gt=0)
    openings_a_day: int = pydantic.Field(default=100_000, ge=0)
    odd_share: float = pydantic.Field(default=0.12, ge=0, le=1)


class WecomSettings(_Part):
    """The made-up bot of WeCom; `hub_shop_id` is the shop that its groups order from."""

    token: str = "yinuo-sandbox-wecom-token"
    encoding_aes_key: str = "yinuoSandboxWecomAesKeyMadeUpForTestsOnly01"
    receive_id: str = ""
    bot_id: str = "AIBOT0001"
    bot_name: str = "一诺"
    hub_shop_id: str = "group"


class RobotsSettings(_Part):
    """The made-up group robots of WeCom, DingTalk and Feishu, one each."""

    wecom_key: str = "yinuo-sandbox-wecom-robot-key"
    dingtalk_token: str = "yinuo-sandbox-dingtalk-robot-token"
    dingtalk_secret: str = "SECyinuo-sandbox-dingtalk-robot"
    feishu_token: str = "yinuo-sandbox-feishu-robot-token"
    feishu_secret: str = "yinuo-sandbox-feishu-robot-secret"


class SandboxSettings(_Part):
    """The section `[sandbox]`; each system has a table of its own inside it."""

    host: str = "127.0.0.1"
    port: int = 8701
    address: str = "http://127.0.0.1:8701"
    hub_address: str = "http://127.0.0.1:8700"
    database_url: str | None = None
    catalog_path: Path | None = None
    clock_scale: float = pydantic.Field(default=1.0, gt=0, le=100_000)
    # The vendors make the bill of a day in the morning after, and none of a running day.
    bills_at_hour: int = pydantic.Field(default=10, ge=0, le=23)
    bills_of_today: bool = False
    wechat_pay: WechatPaySettings = WechatPaySettings()
    alipay: AlipaySettings = AlipaySettings()
    shop: ShopSettings = ShopSettings()
    kingdee: KingdeeSettings = KingdeeSettings()
    qimen: QimenSettings = QimenSettings()
    amap: AmapSettings = AmapSettings()
    pinduoduo: PinduoduoSettings = PinduoduoSettings()
    douyin: DouyinSettings = DouyinSettings()
    wecom: WecomSettings = WecomSettings()
    robots: RobotsSettings = RobotsSettings()


def load() -> SandboxSettings:
    """Return the settings of the sandbox from file and environment.

    `YINUO_SANDBOX__PORT` sets a field, `YINUO_SANDBOX__SHOP__SECRET` one of a system.
    """
    whole = config.section("sandbox", SandboxSettings)
    parts: dict[str, pydantic.BaseModel] = {}
    for name, field in SandboxSettings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, _Part):
            parts[name] = config.section(f"sandbox.{name}", field.annotation)
    return whole.model_copy(update=parts)
