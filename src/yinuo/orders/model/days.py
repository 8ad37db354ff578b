"""A day's orders and what it brought, as others compare and tell them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yinuo.core.money import Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOrder:
    """An order with what it costs, what its lines cost, what was paid, and what holds it."""

    id: str
    number: str
    raw_number: str
    total_fen: Fen
    goods_fen: Fen
    paid_fen: Fen
    is_paid: bool
    is_cancelled: bool
    paid_at: datetime | None
    held_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopDay:
    """The orders of one shop that were placed on a day, as they stand now; and what left that day.

    `waiting_long` counts open paid orders of whatever day that wait for more than 72 hours.
    """

    shop_id: str
    channel: str
    placed: int
    placed_fen: Fen
    paid: int
    paid_fen: Fen
    refunded_fen: Fen
    cancelled: int
    held: int
    shipped: int
    waiting_long: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuDay:
    """What was sold of one SKU on a day, in paid orders that stand."""

    sku: str
    name: str
    orders: int
    units: int
    amount_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDay:
    """Money that came and went on a day through one account."""

    provider: str
    account: str
    payments: int
    paid_fen: Fen
    refunds: int
    refunded_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySummary:
    """All of a day."""

    shops: tuple[ShopDay, ...]
    skus: tuple[SkuDay, ...]
    accounts: tuple[AccountDay, ...]
