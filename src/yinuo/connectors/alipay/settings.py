"""The section `[alipay]`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pydantic

from yinuo.connectors.rsa_keys import private_key, public_key
from yinuo.connectors.senders import Senders


class AlipaySettings(pydantic.BaseModel):
    """One app of one merchant, in public-key mode.

    `account` is its name in the hub's own addresses and records. `alipay_public_keys` are Alipay's
    (not those of the app); several stand side by side while keys are changed over. Keys are PEM or
    the bare base64 of Alipay's own pages.
    """

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    account: str = pydantic.Field(default="main", pattern=r"^[A-Za-z0-9_-]{1,40}$")
    address: str = "https://openapi.alipay.com/gateway.do"
    app_id: str = pydantic.Field(pattern=r"^[0-9]{8,32}$")
    seller_id: str = pydantic.Field(pattern=r"^2088[0-9]{12}$")
    app_private_key: pydantic.SecretStr = pydantic.SecretStr("")
    app_private_key_file: Path | None = None
    alipay_public_keys: list[str] = pydantic.Field(min_length=1)
    # Bills are fetched from another host than calls are made to.
    bill_hosts: list[str] = ["dwbillcenter.alipay.com"]
    allowed_addresses: list[str] = []
    connect_seconds: float = pydantic.Field(default=5, gt=0)
    read_seconds: float = pydantic.Field(default=10, gt=0)

    @pydantic.field_validator("alipay_public_keys")
    @classmethod
    def _are_keys(cls, keys: list[str]) -> list[str]:
        for key in keys:
            public_key(key)
        return keys

    @pydantic.field_validator("allowed_addresses")
    @classmethod
    def _are_networks(cls, addresses: list[str]) -> list[str]:
        Senders(addresses)
        return addresses

    @pydantic.model_validator(mode="after")
    def _has_a_private_key(self) -> AlipaySettings:
        private_key(self.private_key_text())
        return self

    def private_key_text(self) -> str:
        """Return the app's private key; raises ValueError when the file cannot be read."""
        if self.app_private_key_file is None:
            return self.app_private_key.get_secret_value()
        try:
            return self.app_private_key_file.read_text(encoding="utf-8")
        except OSError as error:
            msg = f"app_private_key_file cannot be read ({type(error).__name__})"
            raise ValueError(msg) from None
