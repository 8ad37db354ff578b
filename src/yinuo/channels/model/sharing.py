"""What a shop may be told of a SKU: which warehouses count, and how much of them it may show.

A rule shapes what is shown, never what is honoured: an order that was paid is a promise and takes
any unit that its shop's warehouses hold, whatever the rule kept from showing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

MOST_FIGURE = 1_000_000
MOST_EXCEPTIONS = 2_000
MOST_KEY_LENGTH = 200


class RuleScope(StrEnum):
    """What a rule is about; the narrowest one that is there counts alone."""

    SHOP = "shop"
    CATEGORY = "category"
    SKU = "sku"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRule:
    """How much of what is sellable a shop may show.

    First `buffer` units are kept back, then `percent` of the rest counts, rounded down, and at
    most `most` units are shown at once (None: no such limit). Since rounding goes down, shops
    whose percents add up to 100 never show more together than there is.
    """

    percent: int = 100
    buffer: int = 0
    most: int | None = None


EVERYTHING = ShareRule()


class Limit(StrEnum):
    """Why a shop is told less than what is sellable; the last one that bit."""

    NONE = "none"
    BUFFER = "buffer"
    PERCENT = "percent"
    MOST = "most"
    PART = "part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a shop may be told of a SKU, what is sellable for it, and what made the difference.

    `sellable` counts the shop's warehouses only; `part` names the part of a bundle that limits it.
    Of what no warehouse has ever counted (`is_counted`) nothing is known yet: 0 would be a lie.
    """

    quantity: int
    sellable: int
    limit: Limit = Limit.NONE
    scope: RuleScope = RuleScope.SHOP
    part: str | None = None
    is_counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """A shop's rule and its exceptions; an exception replaces the shop's rule as a whole."""

    rule: ShareRule = EVERYTHING
    by_category: Mapping[str, ShareRule] = field(default_factory=dict)
    by_sku: Mapping[str, ShareRule] = field(default_factory=dict)

    def scope_of(self, sku: str, *, category: str) -> RuleScope:
        """Return whose rule counts for a SKU: its own, else its category's, else the shop's."""
        if sku in self.by_sku:
            return RuleScope.SKU
        return RuleScope.CATEGORY if category in self.by_category else RuleScope.SHOP

    def rule_of(self, sku: str, *, category: str) -> ShareRule:
        """Return the rule that counts for a SKU."""
        match self.scope_of(sku, category=category):
            case RuleScope.SKU:
                return self.by_sku[sku]
            case RuleScope.CATEGORY:
                return self.by_category[category]
            case RuleScope.SHOP:
                return self.rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A SKU as far as sharing asks: its category, and for a bundle the units of each part."""

    sku: str
    category: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)


Stock = Mapping[str, Mapping[str, int]]
"""ATP per SKU and warehouse; what is not there is 0, what is short may be negative."""


def share(sellable: int, rule: ShareRule) -> int:
    """Return how many of the sellable units a shop may show: never more, never below 0."""
    shown = max(0, sellable - rule.buffer) * rule.percent // 100
    return shown if rule.most is None else min(shown, rule.most)


def shown(
    goods: Goods,
    *,
    sharing: Sharing,
    warehouses: Collection[str],
    stock: Stock,
    known: Mapping[str, Goods],
) -> Shown:
    """Return what a shop may be told of a SKU or bundle.

    An order leaves from one warehouse, so a bundle counts where all its parts lie together:
    summed over the shop's warehouses, the least of (part's ATP // units of it). Its own rule
    applies to that, and no part's rule is shown past: a bundle takes the parts' units.
    """
    own = _limited(goods, _sellable(goods, warehouses, stock), sharing)
    for part, units in sorted(goods.parts.items()):
        held = known.get(part, Goods(sku=part))
        allowed = _limited(held, _sellable(held, warehouses, stock), sharing).quantity // units
        if allowed < own.quantity:
            own = Shown(
                quantity=allowed,
                sellable=own.sellable,
                limit=Limit.PART,
                scope=sharing.scope_of(part, category=held.category),
                part=part,
            )
    is_counted = all(stock.get(sku) for sku in goods.parts or (goods.sku,))
    return own if is_counted else replace(own, is_counted=False)


def _sellable(goods: Goods, warehouses: Collection[str], stock: Stock) -> int:
    parts = goods.parts or {goods.sku: 1}
    return sum(
        min(max(0, stock.get(sku, {}).get(code, 0)) // units for sku, units in parts.items())
        for code in set(warehouses)
    )


def _limited(goods: Goods, sellable: int, sharing: Sharing) -> Shown:
    rule = sharing.rule_of(goods.sku, category=goods.category)
    kept = max(0, sellable - rule.buffer)
    quantity, limit = share(sellable, rule), Limit.NONE
    if quantity < sellable:
        limit = Limit.BUFFER
    if quantity < kept:
        limit = Limit.PERCENT
    if rule.most is not None and quantity < kept * rule.percent // 100:
        limit = Limit.MOST
    scope = sharing.scope_of(goods.sku, category=goods.category)
    return Shown(quantity=quantity, sellable=sellable, limit=limit, scope=scope)


def sharing_problems(sharing: Sharing) -> list[str]:
    """Return the fields of rules that are wrong, such as `sku:RUG-160.buffer`."""
    rules = {"rule": sharing.rule}
    rules |= {f"category:{key}": rule for key, rule in sharing.by_category.items()}
    rules |= {f"sku:{key}": rule for key, rule in sharing.by_sku.items()}
    wrong = [f"{name}.{field}" for name, rule in rules.items() for field in _rule_problems(rule)]
    keys = (*sharing.by_category, *sharing.by_sku)
    wrong += [f"key:{key[:40]}" for key in keys if not _is_key(key)]
    return wrong if len(keys) <= MOST_EXCEPTIONS else [*wrong, "exceptions"]


def _rule_problems(rule: ShareRule) -> list[str]:
    wrong = [
        (not 0 <= rule.percent <= 100, "percent"),
        (not 0 <= rule.buffer <= MOST_FIGURE, "buffer"),
        (rule.most is not None and not 0 <= rule.most <= MOST_FIGURE, "most"),
    ]
    return [name for is_wrong, name in wrong if is_wrong]


def _is_key(key: str) -> bool:
    return bool(key.strip()) and key.isprintable() and len(key) <= MOST_KEY_LENGTH
