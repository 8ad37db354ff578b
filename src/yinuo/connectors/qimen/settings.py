"""The section `[qimen]`."""

from __future__ import annotations

from typing import Literal

import pydantic


class QimenSettings(pydantic.BaseModel):
    """How to reach a Qimen gateway, and as whom."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    address: str = "http://qimen.api.taobao.com/router/qimen/service"
    app_key: str
    secret: pydantic.SecretStr
    customer_id: str
    owner_code: str
    sign_method: Literal["md5", "hmac", "hmac-sha256"] = "md5"
    method_prefix: Literal["", "taobao.qimen."] = ""
    order_source: str = "OTHER"
    source_platform_code: str = "OTHER"
    warehouses: list[str] = []
    fresh_seconds: int = pydantic.Field(default=600, ge=30, le=3600)
    connect_seconds: float = pydantic.Field(default=15, gt=0)
    read_seconds: float = pydantic.Field(default=30, gt=0)
    at_once: int = pydantic.Field(default=8, ge=1, le=64)
