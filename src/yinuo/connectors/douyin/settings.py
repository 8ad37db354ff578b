"""The sections `[douyin.<id>]`."""

from __future__ import annotations

from typing import Literal

import pydantic

from yinuo.connectors.douyin.signing import SignMethod


class DouyinSettings(pydantic.BaseModel):
    """One shop's authorisation of one app.

    Without `code` and `refresh_token` the app is the merchant's own, and `shop_id` alone gives a
    token. `account_id` names who opens receivers. `carriers` gives a carrier's code at Douyin where
    its own list does not know the hub's.
    """

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    address: str = "https://openapi-fxg.jinritemai.com"
    app_key: str = pydantic.Field(min_length=1)
    app_secret: pydantic.SecretStr = pydantic.Field(min_length=1)
    shop_id: str = pydantic.Field(pattern=r"^[0-9]{1,20}$")
    code: pydantic.SecretStr | None = None
    refresh_token: pydantic.SecretStr | None = None
    push_sign_method: SignMethod = "md5"
    account_id: str = ""
    account_type: Literal["main_account", "sub_account"] = "main_account"
    carriers: dict[str, str] = {}
    connect_seconds: float = pydantic.Field(default=5, gt=0)
    read_seconds: float = pydantic.Field(default=10, gt=0)
    page_size: int = pydantic.Field(default=100, ge=1, le=100)
