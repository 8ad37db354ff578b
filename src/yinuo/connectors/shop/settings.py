"""The sections `[shop.<id>]`."""

from __future__ import annotations

from typing import Literal

import pydantic


class ShopSettings(pydantic.BaseModel):
    """How to reach one shop's back end, and the secret that both sides sign with."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    address: str
    secret: pydantic.SecretStr = pydantic.Field(min_length=16)
    connect_seconds: float = pydantic.Field(default=5, gt=0)
    read_seconds: float = pydantic.Field(default=10, gt=0)
    page_size: int = pydantic.Field(default=100, ge=1, le=500)
