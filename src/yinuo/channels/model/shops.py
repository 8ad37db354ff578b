"""Channels and shops."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from yinuo.core.errors import Invalid, NotFound

_SHOP_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class UnknownShop(NotFound):
    """There is no such shop, or it is switched off."""

    code = "channels.unknown_shop"


class BadShop(Invalid):
    """A shop cannot be kept as it is; `problems` name the fields."""

    code = "channels.bad_shop"


class Channel(StrEnum):
    """A kind of place that orders come from."""

    MINI_PROGRAM = "mini_program"
    DOUYIN = "douyin"
    PINDUODUO = "pinduoduo"
    WECHAT_STORE = "wechat_store"
    WECHAT_GROUP = "wechat_group"


class ReserveOn(StrEnum):
    """When an order of a shop takes its stock."""

    PAYMENT = "payment"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """What a shop does its own way; `ttl_seconds` is the life of its reservations."""

    reserve_on: ReserveOn = ReserveOn.PAYMENT
    ttl_seconds: int = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One account on a channel."""

    id: str
    channel: Channel
    name: str
    settings: ShopSettings = ShopSettings()
    is_active: bool = True


def shop_problems(shop: Shop) -> list[str]:
    """Return the fields of a shop that are wrong."""
    wrong = [
        (not _SHOP_ID.fullmatch(shop.id), "id"),
        (not 1 <= len(shop.name.strip()) <= 100 or not shop.name.isprintable(), "name"),
        (not 60 <= shop.settings.ttl_seconds <= 86_400, "ttl_seconds"),
    ]
    return [name for is_wrong, name in wrong if is_wrong]
