"""The section `[wechat_pay]`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pydantic

from yinuo.connectors.rsa_keys import private_key, public_key
from yinuo.connectors.senders import Senders


class WechatPaySettings(pydantic.BaseModel):
    """One merchant account, in public-key mode.

    `account` is its name in the hub's own addresses and records. `platform_keys` maps what
    `Wechatpay-Serial` may say (`PUB_KEY_ID_…`, or a certificate's serial) to the PEM of a public
    key or certificate; several stand side by side while WeChat Pay changes over.
    """

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    account: str = pydantic.Field(default="main", pattern=r"^[A-Za-z0-9_-]{1,40}$")
    address: str = "https://api.mch.weixin.qq.com"
    mchid: str = pydantic.Field(pattern=r"^[0-9]{8,32}$")
    appids: list[str] = pydantic.Field(min_length=1)
    merchant_serial: str
    merchant_private_key: pydantic.SecretStr = pydantic.SecretStr("")
    merchant_private_key_file: Path | None = None
    apiv3_key: pydantic.SecretStr
    platform_keys: dict[str, str] = pydantic.Field(min_length=1)
    allowed_addresses: list[str] = []
    connect_seconds: float = pydantic.Field(default=5, gt=0)
    read_seconds: float = pydantic.Field(default=10, gt=0)

    @pydantic.field_validator("apiv3_key")
    @classmethod
    def _is_32_bytes(cls, key: pydantic.SecretStr) -> pydantic.SecretStr:
        if len(key.get_secret_value().encode()) != 32:
            msg = "the APIv3 key has 32 bytes"
            raise ValueError(msg)
        return key

    @pydantic.field_validator("platform_keys")
    @classmethod
    def _are_keys(cls, keys: dict[str, str]) -> dict[str, str]:
        for pem in keys.values():
            public_key(pem)
        return {serial.upper(): pem for serial, pem in keys.items()}

    @pydantic.field_validator("allowed_addresses")
    @classmethod
    def _are_networks(cls, addresses: list[str]) -> list[str]:
        Senders(addresses)
        return addresses

    @pydantic.model_validator(mode="after")
    def _has_a_private_key(self) -> WechatPaySettings:
        private_key(self.private_key_pem())
        return self

    def private_key_pem(self) -> str:
        """Return the merchant's private key; raises ValueError when the file cannot be read."""
        if self.merchant_private_key_file is None:
            return self.merchant_private_key.get_secret_value()
        try:
            return self.merchant_private_key_file.read_text(encoding="utf-8")
        except OSError as error:
            msg = f"merchant_private_key_file cannot be read ({type(error).__name__})"
            raise ValueError(msg) from None
