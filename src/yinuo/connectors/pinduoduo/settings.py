"""The sections `[pinduoduo.<id>]`."""

from __future__ import annotations

from typing import Literal

import pydantic


class PinduoduoSettings(pydantic.BaseModel):
    """One shop's authorisation of one app.

    `mall_id` is the shop's own number there: a renewed token for another one is refused. `carriers`
    gives a carrier's number at Pinduoduo where its own list does not know the hub's code.
    """

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    address: str = "https://gw-api.pinduoduo.com/api/router"
    client_id: str = pydantic.Field(min_length=1)
    client_secret: pydantic.SecretStr = pydantic.Field(min_length=1)
    access_token: pydantic.SecretStr = pydantic.Field(min_length=1)
    refresh_token: pydantic.SecretStr | None = None
    mall_id: str = pydantic.Field(pattern=r"^[0-9]{1,20}$")
    carriers: dict[str, int] = {}
    connect_seconds: float = pydantic.Field(default=5, gt=0)
    read_seconds: float = pydantic.Field(default=10, gt=0)
    page_size: int = pydantic.Field(default=100, ge=1, le=100)
