"""Which sections of the settings connect what, and what each cannot do without."""

from __future__ import annotations

from collections.abc import Mapping

import pydantic

from yinuo.core import config

# What a shop's section cannot do without, by the kind of its channel.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "shop": ("address", "secret"),
    "douyin": ("app_key", "app_secret", "shop_id"),
    "pinduoduo": ("client_id", "client_secret", "access_token", "mall_id"),
}


def shop_section(shop_id: str, channel: str) -> str:
    """Return the name of the settings' section that connects a shop of a channel."""
    return f"{channel if channel in NEEDED else 'shop'}.{shop_id}"


class Anything(pydantic.BaseModel):
    """A section whatever stands in it."""

    model_config = pydantic.ConfigDict(extra="allow")


def is_there(section: str) -> bool:
    """Tell whether a section of the settings says anything."""
    return bool(config.section(section, Anything).model_extra)
