"""Shops as the API tells and takes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import pydantic

from yinuo.channels.model import (
    MOST_FIGURE,
    Channel,
    Limit,
    ReserveOn,
    RuleScope,
    ShareRule,
    Sharing,
    Shop,
    ShopRecord,
    ShopSettings,
    Shown,
    StockLag,
)
from yinuo.core.errors import JsonValue
from yinuo.core.texts import Language, text
from yinuo.reports.observed import ObservedFigures
from yinuo.reports.shops import ShopActivity

Key = Annotated[str, pydantic.Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Units = Annotated[int, pydantic.Field(ge=0, le=MOST_FIGURE)]
_TAKEN = pydantic.ConfigDict(extra="forbid")


class RuleFacts(pydantic.BaseModel):
    """Of what is sellable: `buffer` units kept back, then `percent` of the rest, at most `most`."""

    model_config = _TAKEN

    percent: int = pydantic.Field(default=100, ge=0, le=100)
    buffer: Units = 0
    most: Units | None = None


class ExceptionFacts(pydantic.BaseModel):
    """A rule of its own for a category or a SKU, in place of the shop's rule."""

    model_config = _TAKEN

    key: Key
    rule: RuleFacts


class ShopBody(pydantic.BaseModel):
    """What people set of a shop; `warehouses` empty means that all serve it."""

    model_config = _TAKEN

    name: str = pydantic.Field(min_length=1, max_length=100)
    reserve_on: ReserveOn = ReserveOn.PAYMENT
    ttl_seconds: int = pydantic.Field(default=900, ge=60, le=86_400)
    is_active: bool = True
    warehouses: list[Key] = pydantic.Field(default=[], max_length=200)
    in_order: bool = False
    rule: RuleFacts = RuleFacts()
    by_category: list[ExceptionFacts] = pydantic.Field(default=[], max_length=2000)
    by_sku: list[ExceptionFacts] = pydantic.Field(default=[], max_length=2000)


class NewShop(ShopBody):
    """A shop to add."""

    id: str = pydantic.Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    channel: Channel
    is_observing: bool = True


class ShopChange(ShopBody):
    """A shop as it shall be; `version` is the one that was read before."""

    version: int = pydantic.Field(ge=1, lt=2**63)


class LagFacts(pydantic.BaseModel):
    """How far a shop is behind with figures of stock; times in milliseconds and seconds."""

    unacknowledged: int
    oldest_since: datetime | None
    oldest_seconds: int
    last_acked_at: datetime | None
    p95_ms: int | None
    acked_last_hour: int
    is_late: bool


class ConnectionFacts(pydantic.BaseModel):
    """Whether the settings reach the shop; `missing` are their exact names, never their values."""

    state: str
    label: str
    section: str
    missing: list[str]


class ObservedFacts(pydantic.BaseModel):
    """What observing found; `prevented` are paid orders that would have been stopped."""

    orders: int
    reserved: int
    undecided: int
    open: int
    prevented: int
    prevented_units: int
    worth_fen: int
    refused: int
    findings: int
    first_at: datetime | None


class ShopItem(pydantic.BaseModel):
    """One shop with its lag; `lag` is empty for a shop that is told nothing."""

    id: str
    channel: Channel
    channel_label: str
    name: str
    reserve_on: ReserveOn
    reserve_on_label: str
    ttl_seconds: int
    is_active: bool
    is_observing: bool
    observed_from: datetime | None
    warehouses: list[str]
    in_order: bool
    rule: RuleFacts
    exceptions: int
    version: int
    changed_at: datetime | None
    changed_by: str
    lag: LagFacts | None
    connection: ConnectionFacts
    read_at: datetime | None
    read_until: datetime | None
    newest_order_id: str | None
    newest_number: str | None
    newest_placed_at: datetime | None
    observed: ObservedFacts | None


class ShopFacts(ShopItem):
    """One shop with every rule."""

    by_category: list[ExceptionFacts]
    by_sku: list[ExceptionFacts]


class ShownFacts(pydantic.BaseModel):
    """What a shop would show of a SKU now, and which part of the rules keeps it below sellable."""

    sku: str
    name: str
    category: str
    is_bundle: bool
    sellable: int
    quantity: int
    is_counted: bool
    limit: Limit
    limit_label: str
    scope: RuleScope
    scope_label: str
    part: str | None


def rule_of(facts: RuleFacts) -> ShareRule:
    """Return the rule that somebody set."""
    return ShareRule(percent=facts.percent, buffer=facts.buffer, most=facts.most)


def sharing_of(body: ShopBody) -> Sharing:
    """Return the rules that somebody set; of two for one key the later counts."""
    return Sharing(
        rule=rule_of(body.rule),
        by_category={one.key.strip(): rule_of(one.rule) for one in body.by_category},
        by_sku={one.key.strip(): rule_of(one.rule) for one in body.by_sku},
    )


def shop_of(body: ShopBody, shop_id: str, channel: Channel, *, is_observing: bool = False) -> Shop:
    """Return the shop that somebody set."""
    return Shop(
        id=shop_id,
        channel=channel,
        name=body.name.strip(),
        settings=ShopSettings(
            reserve_on=body.reserve_on,
            ttl_seconds=body.ttl_seconds,
            warehouses=tuple(body.warehouses),
            in_order=body.in_order,
        ),
        is_active=body.is_active,
        is_observing=is_observing,
    )


def rule_facts(rule: ShareRule) -> RuleFacts:
    """Return a rule as it is told."""
    return RuleFacts(percent=rule.percent, buffer=rule.buffer, most=rule.most)


def exception_facts(rules: Mapping[str, ShareRule]) -> list[ExceptionFacts]:
    """Return exceptions by key."""
    return [ExceptionFacts(key=key, rule=rule_facts(rule)) for key, rule in sorted(rules.items())]


def shop_item(
    record: ShopRecord,
    language: Language,
    *,
    lag: LagFacts | None,
    connection: ConnectionFacts,
    activity: ShopActivity,
    observed: ObservedFigures | None,
) -> ShopFacts:
    """Return one shop as the page shows it."""
    shop, settings, sharing = record.shop, record.shop.settings, record.sharing
    return ShopFacts(
        id=shop.id,
        channel=shop.channel,
        channel_label=text(f"channels.channel.{shop.channel.value}", language),
        name=shop.name,
        reserve_on=settings.reserve_on,
        reserve_on_label=text(f"channels.reserve_on.{settings.reserve_on.value}", language),
        ttl_seconds=settings.ttl_seconds,
        is_active=shop.is_active,
        is_observing=shop.is_observing,
        observed_from=shop.observed_from,
        warehouses=list(settings.warehouses),
        in_order=settings.in_order,
        rule=rule_facts(sharing.rule),
        exceptions=len(sharing.by_category) + len(sharing.by_sku),
        version=record.version,
        changed_at=record.changed_at,
        changed_by=record.changed_by,
        lag=lag,
        connection=connection,
        read_at=activity.read_at,
        read_until=activity.read_until,
        newest_order_id=activity.newest_order_id,
        newest_number=activity.newest_number,
        newest_placed_at=activity.newest_placed_at,
        observed=observed_facts(observed) if observed else None,
        by_category=exception_facts(sharing.by_category),
        by_sku=exception_facts(sharing.by_sku),
    )


def observed_facts(figures: ObservedFigures) -> ObservedFacts:
    """Return what observing found as it is told."""
    return ObservedFacts(
        orders=figures.orders,
        reserved=figures.reserved,
        undecided=figures.undecided,
        open=figures.open,
        prevented=figures.prevented,
        prevented_units=figures.prevented_units,
        worth_fen=figures.worth_fen,
        refused=figures.refused,
        findings=figures.findings,
        first_at=figures.first_at,
    )


def lag_facts(lag: StockLag | None, *, patience_seconds: float, now: datetime) -> LagFacts | None:
    """Return a shop's lag as it is told, late beyond the patience of the settings."""
    if lag is None:
        return None
    seconds = lag.wait(now).total_seconds()
    return LagFacts(
        unacknowledged=lag.unacknowledged,
        oldest_since=lag.oldest_since,
        oldest_seconds=int(seconds),
        last_acked_at=lag.last_acked_at,
        p95_ms=lag.p95_ms,
        acked_last_hour=lag.acked_last_hour,
        is_late=seconds > patience_seconds,
    )


def shown_facts(
    sku: str, told: Shown, *, name: str, category: str, is_bundle: bool, language: Language
) -> ShownFacts:
    """Return what a shop would show of one SKU."""
    return ShownFacts(
        sku=sku,
        name=name,
        category=category,
        is_bundle=is_bundle,
        sellable=told.sellable,
        quantity=told.quantity,
        is_counted=told.is_counted,
        limit=told.limit,
        limit_label=text(f"channels.limit.{told.limit.value}", language),
        scope=told.scope,
        scope_label=text(f"channels.scope.{told.scope.value}", language),
        part=told.part,
    )


def audited(record: ShopRecord) -> JsonValue:
    """Return what an audit entry keeps of a shop: every setting, nothing secret."""
    shop, sharing = record.shop, record.sharing

    def rule(one: ShareRule) -> JsonValue:
        return {"percent": one.percent, "buffer": one.buffer, "most": one.most}

    return {
        "title": shop.name,
        "channel": shop.channel.value,
        "is_active": shop.is_active,
        "is_observing": shop.is_observing,
        "reserve_on": shop.settings.reserve_on.value,
        "ttl_seconds": shop.settings.ttl_seconds,
        "warehouses": list(shop.settings.warehouses),
        "in_order": shop.settings.in_order,
        "rule": rule(sharing.rule),
        "by_category": {key: rule(one) for key, one in sorted(sharing.by_category.items())},
        "by_sku": {key: rule(one) for key, one in sorted(sharing.by_sku.items())},
        "version": record.version,
    }
