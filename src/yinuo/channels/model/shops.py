"""Channels and shops."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yinuo.channels.model.sharing import Sharing
from yinuo.core.errors import Conflict, Invalid, NotFound

MOST_WAREHOUSES = 200
_SHOP_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class UnknownShop(NotFound):
    """There is no such shop, or it is switched off."""

    code = "channels.unknown_shop"


class BadShop(Invalid):
    """A shop cannot be kept as it is; `problems` name the fields."""

    code = "channels.bad_shop"


class ShopExists(Conflict):
    """There is a shop of this id already."""

    code = "channels.shop_exists"


class ShopChanged(Conflict):
    """The shop was changed since the editor read it; details: version, changed_by."""

    code = "channels.shop_changed"


class Channel(StrEnum):
    """A kind of place that orders come from."""

    MINI_PROGRAM = "mini_program"
    DOUYIN = "douyin"
    PINDUODUO = "pinduoduo"
    WECHAT_STORE = "wechat_store"
    WECHAT_GROUP = "wechat_group"

    @property
    def has_platform(self) -> bool:
        """Tell whether there is a system behind it that is asked for orders and told its stock."""
        return self is not Channel.WECHAT_GROUP

    @property
    def takes_money(self) -> bool:
        """Tell whether the channel takes the buyer's money and tells of it in the order."""
        return self in {Channel.DOUYIN, Channel.PINDUODUO}

    @property
    def seals(self) -> bool:
        """Tell whether the channel gives receivers as ciphertext."""
        return self in {Channel.DOUYIN, Channel.PINDUODUO}


class ReserveOn(StrEnum):
    """When an order of a shop takes its stock."""

    PAYMENT = "payment"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings:
    """What a shop does its own way; `ttl_seconds` is the life of its reservations.

    `warehouses` are those that may serve it, all where none is named; with `in_order` the first
    named is tried first, otherwise the nearest to the receiver.
    """

    reserve_on: ReserveOn = ReserveOn.PAYMENT
    ttl_seconds: int = 900
    warehouses: tuple[str, ...] = ()
    in_order: bool = False

    def may_serve(self, warehouse: str) -> bool:
        """Tell whether a warehouse may fill the shop's orders."""
        return not self.warehouses or warehouse in self.warehouses


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One account on a channel.

    While it `is_observing`, its orders come in and nothing goes out: others carry them out, and
    Yinuo notes what it would have done. `observed_from` stays after that, so that orders of that
    time are known.
    """

    id: str
    channel: Channel
    name: str
    settings: ShopSettings = ShopSettings()
    is_active: bool = True
    is_observing: bool = False
    observed_from: datetime | None = None

    @property
    def is_told(self) -> bool:
        """Tell whether the shop is told its figures of stock."""
        return self.is_active and not self.is_observing and self.channel.has_platform


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopRecord:
    """A shop with its rules of sharing, as it was last saved; `version` grows with each change."""

    shop: Shop
    sharing: Sharing
    version: int
    changed_at: datetime | None = None
    changed_by: str = ""


def shop_problems(shop: Shop) -> list[str]:
    """Return the fields of a shop that are wrong."""
    wrong = [
        (not _SHOP_ID.fullmatch(shop.id), "id"),
        (not 1 <= len(shop.name.strip()) <= 100 or not shop.name.isprintable(), "name"),
        (not 60 <= shop.settings.ttl_seconds <= 86_400, "ttl_seconds"),
        (_are_bad(shop.settings), "warehouses"),
    ]
    return [name for is_wrong, name in wrong if is_wrong]


def _are_bad(settings: ShopSettings) -> bool:
    codes = settings.warehouses
    is_odd = len(set(codes)) < len(codes) or len(codes) > MOST_WAREHOUSES
    return is_odd or not all(code.strip() and code.isprintable() for code in codes)
