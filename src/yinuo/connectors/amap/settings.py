"""The section `[amap]`."""

from __future__ import annotations

from typing import Literal

import pydantic


class AmapSettings(pydantic.BaseModel):
    """How to reach Amap, and as whom; without `private_key` requests are not signed."""

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    address: str = "https://restapi.amap.com"
    key: pydantic.SecretStr = pydantic.Field(min_length=1)
    private_key: pydantic.SecretStr | None = None
    connect_seconds: float = pydantic.Field(default=5, gt=0)
    read_seconds: float = pydantic.Field(default=5, gt=0)
    calls_per_second: float = pydantic.Field(default=3, gt=0, le=1000)
