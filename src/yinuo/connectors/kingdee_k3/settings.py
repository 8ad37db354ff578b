"""The section `[kingdee]`."""

from __future__ import annotations

from typing import Literal

import pydantic

_FIELD = r"^[A-Za-z][A-Za-z0-9_]{0,40}$"


class KingdeeSettings(pydantic.BaseModel):
    """How to reach one K3 WISE account set, and how our words are called there.

    `customers` maps a shop's code to a K3 customer, `units` a unit to a K3 unit, `warehouses` a K3
    stock to one of ours; what is not named there is taken as it is.
    """

    model_config = pydantic.ConfigDict(extra="ignore", frozen=True)

    mode: Literal["sandbox", "vendor"] = "vendor"
    address: str
    authority_code: pydantic.SecretStr
    number_field: str = pydantic.Field(default="FHeadSelfS0155", pattern=_FIELD)
    remark_field: str = pydantic.Field(default="", pattern=rf"{_FIELD}|^$")
    customers: dict[str, str] = {}
    units: dict[str, str] = {}
    warehouses: dict[str, str] = {}
    department: str
    employee: str
    stock: Literal["bridge", "sql"] = "bridge"
    bridge_address: str = ""
    bridge_secret: pydantic.SecretStr = pydantic.SecretStr("")
    sql_url: pydantic.SecretStr = pydantic.SecretStr("")
    connect_seconds: float = pydantic.Field(default=5, gt=0)
    read_seconds: float = pydantic.Field(default=60, gt=0)
    at_once: int = pydantic.Field(default=2, ge=1, le=4)

    @pydantic.model_validator(mode="after")
    def _has_a_stock_reader(self) -> KingdeeSettings:
        needed = self.bridge_address if self.stock == "bridge" else self.sql_url.get_secret_value()
        if not needed:
            msg = f"stock = {self.stock!r} needs " + (
                "bridge_address" if self.stock == "bridge" else "sql_url"
            )
            raise ValueError(msg)
        return self
