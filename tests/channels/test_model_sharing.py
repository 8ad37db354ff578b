"""What a shop may be told: never more than there is, rounded down, the narrowest rule alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.channels.model import (
    EVERYTHING,
    Goods,
    Limit,
    RuleScope,
    ShareRule,
    Sharing,
    ShopSettings,
    Shown,
    share,
    sharing_problems,
    shown,
)

units = st.integers(min_value=-50, max_value=5_000)
rules = st.builds(
    ShareRule,
    percent=st.integers(0, 100),
    buffer=st.integers(0, 500),
    most=st.none() | st.integers(0, 500),
)


@pytest.mark.parametrize(
    ("sellable", "rule", "expected"),
    [
        (10, EVERYTHING, 10),
        (10, ShareRule(percent=50), 5),
        (11, ShareRule(percent=50), 5),
        (1, ShareRule(percent=99), 0),
        (10, ShareRule(buffer=3), 7),
        (10, ShareRule(buffer=20), 0),
        (100, ShareRule(buffer=10, percent=50), 45),
        (100, ShareRule(most=30), 30),
        (20, ShareRule(most=30), 20),
        (100, ShareRule(buffer=10, percent=50, most=40), 40),
        (100, ShareRule(percent=0), 0),
        (100, ShareRule(most=0), 0),
        (-5, EVERYTHING, 0),
    ],
)
def test_buffer_then_percent_rounded_down_then_the_cap(sellable, rule, expected):
    assert share(sellable, rule) == expected


@given(units, rules)
def test_never_more_than_there_is_and_never_negative(sellable, rule):
    assert 0 <= share(sellable, rule) <= max(0, sellable)


@given(units, units, rules)
def test_more_stock_never_shows_less(one, other, rule):
    assert share(min(one, other), rule) <= share(max(one, other), rule)


@given(units, st.lists(st.integers(0, 100), min_size=1, max_size=6))
def test_shops_that_share_all_of_it_show_no_more_together_than_there_is(sellable, percents):
    parts = [percent * 100 // max(1, sum(percents)) for percent in percents]
    told = [share(sellable, ShareRule(percent=part)) for part in parts]
    assert sum(told) <= max(0, sellable)


def test_the_narrowest_rule_counts_alone():
    sharing = Sharing(
        rule=ShareRule(buffer=5),
        by_category={"地毯": ShareRule(percent=50)},
        by_sku={"RUG-160": ShareRule(most=3)},
    )
    stock = {sku: {"WH-HZ": 40} for sku in ("RUG-160", "RUG-200", "PILW-45")}

    def told(sku: str, category: str) -> Shown:
        goods = Goods(sku=sku, category=category)
        return shown(goods, sharing=sharing, warehouses=["WH-HZ"], stock=stock, known={})

    assert told("RUG-160", "地毯") == Shown(
        quantity=3, sellable=40, limit=Limit.MOST, scope=RuleScope.SKU
    )
    assert told("RUG-200", "地毯") == Shown(
        quantity=20, sellable=40, limit=Limit.PERCENT, scope=RuleScope.CATEGORY
    )
    assert told("PILW-45", "抱枕") == Shown(
        quantity=35, sellable=40, limit=Limit.BUFFER, scope=RuleScope.SHOP
    )


def test_only_the_shops_warehouses_count_and_none_below_zero():
    stock = {"RUG-160": {"WH-HZ": 4, "WH-GZ": 7, "WH-NT": -3}}

    def told(*warehouses: str) -> int:
        return shown(
            Goods(sku="RUG-160"), sharing=Sharing(), warehouses=warehouses, stock=stock, known={}
        ).quantity

    assert (told("WH-HZ"), told("WH-GZ", "WH-GZ"), told("WH-HZ", "WH-GZ", "WH-NT")) == (4, 7, 11)
    assert told() == 0


def test_what_no_warehouse_counted_is_not_known_to_be_nothing():
    def told(stock: dict[str, dict[str, int]], **parts: int) -> tuple[int, bool]:
        one = shown(
            Goods(sku="A", parts=parts),
            sharing=Sharing(),
            warehouses=["WH-HZ"],
            stock=stock,
            known={},
        )
        return one.quantity, one.is_counted

    assert told({}) == (0, False)
    assert told({"A": {}}) == (0, False)
    assert told({"A": {"WH-GZ": 3}}) == (0, True)
    assert told({"B": {"WH-HZ": 3}}, B=1, C=1) == (0, False)
    assert told({"B": {"WH-HZ": 3}, "C": {"WH-HZ": 0}}, B=1, C=1) == (0, True)


SET = Goods(sku="SET-1", parts={"RUG-160": 1, "PILW-45": 2})


def bundle(stock: dict[str, dict[str, int]], sharing: Sharing) -> Shown:
    return shown(
        SET,
        sharing=sharing,
        warehouses=["WH-HZ", "WH-GZ"],
        stock=stock,
        known={"RUG-160": Goods(sku="RUG-160"), "PILW-45": Goods(sku="PILW-45", category="抱枕")},
    )


def test_a_bundle_counts_where_all_its_parts_lie_together():
    apart = {"RUG-160": {"WH-HZ": 9}, "PILW-45": {"WH-GZ": 9}}
    assert bundle(apart, Sharing()).quantity == 0
    together = {"RUG-160": {"WH-HZ": 9, "WH-GZ": 1}, "PILW-45": {"WH-HZ": 5, "WH-GZ": 9}}
    assert bundle(together, Sharing()) == Shown(quantity=3, sellable=3)


def test_no_rule_of_a_part_is_shown_past_by_its_bundle():
    stock = {"RUG-160": {"WH-HZ": 9}, "PILW-45": {"WH-HZ": 10}}
    kept = Sharing(by_category={"抱枕": ShareRule(buffer=7)})
    assert bundle(stock, kept) == Shown(
        quantity=1, sellable=5, limit=Limit.PART, scope=RuleScope.CATEGORY, part="PILW-45"
    )
    own = Sharing(by_sku={"SET-1": ShareRule(most=2)})
    assert bundle(stock, own) == Shown(
        quantity=2, sellable=5, limit=Limit.MOST, scope=RuleScope.SKU
    )


levels = st.dictionaries(st.sampled_from(["WH-HZ", "WH-GZ"]), st.integers(-5, 60), max_size=2)


@given(levels, levels, rules, rules, rules)
def test_a_bundle_never_shows_more_than_any_part_allows(rugs, pillows, shop, part, whole):
    sharing = Sharing(rule=shop, by_category={"抱枕": part}, by_sku={"SET-1": whole})
    stock = {"RUG-160": rugs, "PILW-45": pillows}
    told = bundle(stock, sharing)
    rug_units = share(sum(max(0, one) for one in rugs.values()), shop)
    pillow_units = share(sum(max(0, one) for one in pillows.values()), part)
    assert 0 <= told.quantity <= told.sellable
    assert told.quantity <= share(told.sellable, whole)
    assert told.quantity <= rug_units
    assert told.quantity * 2 <= pillow_units
    assert (told.limit is Limit.NONE) == (told.quantity == told.sellable)


def test_every_wrong_field_of_the_rules_is_named():
    wrong = Sharing(
        rule=ShareRule(percent=101),
        by_category={" ": ShareRule(buffer=-1)},
        by_sku={"RUG-160": ShareRule(most=-1)},
    )
    assert sharing_problems(wrong) == [
        "rule.percent",
        "category: .buffer",
        "sku:RUG-160.most",
        "key: ",
    ]
    many = Sharing(by_sku={f"S{number}": EVERYTHING for number in range(2_001)})
    assert sharing_problems(many) == ["exceptions"]


def test_a_shop_without_named_warehouses_is_served_by_all():
    assert ShopSettings().may_serve("WH-HZ")
    assert not ShopSettings(warehouses=("WH-GZ",)).may_serve("WH-HZ")
