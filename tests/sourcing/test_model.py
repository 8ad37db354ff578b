"""Ranking warehouses and telling why."""

from __future__ import annotations

from yinuo.sourcing.model import (
    Serving,
    ServingWarehouse,
    explain,
    left_out,
    rank_warehouses,
)

HZ = ServingWarehouse(code="WH-HZ", name="杭州仓", province="浙江省", serves=("上海", "江苏"))
NT = ServingWarehouse(code="WH-NT", name="南通仓", province="江苏省", serves=("上海市", "山东"))
GZ = ServingWarehouse(
    code="WH-GZ", name="广州仓", province="广东省", serves=("广西", "福建", "上海")
)
OLD = ServingWarehouse(
    code="WH-OLD", name="旧仓", province="浙江省", serves=("上海",), is_active=False
)


def codes(province: str) -> list[tuple[str, str]]:
    ranked = rank_warehouses(province, [GZ, NT, HZ, OLD])
    return [(one.code, one.reason) for one in ranked]


def test_warehouse_in_the_province_comes_first_whatever_its_suffix():
    assert codes("江苏")[0] == ("WH-NT", "sourcing.same_province")
    assert codes("江苏省")[1] == ("WH-HZ", "sourcing.serves_province")


def test_sooner_named_province_is_sooner_taken_and_ties_go_by_code():
    assert codes("上海市") == [
        ("WH-HZ", "sourcing.serves_province"),
        ("WH-NT", "sourcing.serves_province"),
        ("WH-GZ", "sourcing.serves_province"),
    ]


def test_long_autonomous_region_names_are_the_same_province():
    assert codes("广西壮族自治区")[0] == ("WH-GZ", "sourcing.serves_province")


def test_unserved_province_gets_everybody_as_a_last_resort():
    assert codes("西藏自治区") == [
        ("WH-GZ", "sourcing.last_resort"),
        ("WH-HZ", "sourcing.last_resort"),
        ("WH-NT", "sourcing.last_resort"),
    ]


def test_no_province_matches_nothing():
    assert {reason for _, reason in codes("")} == {"sourcing.last_resort"}


def test_inactive_warehouse_is_never_a_candidate():
    assert "WH-OLD" not in [code for code, _ in codes("浙江省")]


def test_explain_says_who_was_short_who_was_taken_and_who_was_not_needed():
    ranked = rank_warehouses("浙江", [GZ, NT, HZ])
    told = explain(ranked, chosen="WH-GZ", short={"WH-HZ": {"RUG-160": 2, "LOVE-2026": 1}})
    assert [(one.code, one.reason, one.is_chosen) for one in told] == [
        ("WH-HZ", "sourcing.too_little", False),
        ("WH-GZ", "sourcing.last_resort", True),
        ("WH-NT", "sourcing.not_needed", False),
    ]
    assert told[0].params == {"province": "浙江", "short": "LOVE-2026×1, RUG-160×2"}


def test_only_warehouses_that_may_serve_are_candidates():
    two = Serving(codes=("WH-GZ", "WH-HZ", "WH-OLD"))
    ranked = rank_warehouses("浙江", [GZ, NT, HZ, OLD], serving=two)
    assert [(one.code, one.reason) for one in ranked] == [
        ("WH-HZ", "sourcing.same_province"),
        ("WH-GZ", "sourcing.last_resort"),
    ]
    (other,) = left_out([GZ, NT, HZ, OLD], serving=two, after=2)
    assert (other.code, other.rank, other.reason, other.is_chosen) == (
        "WH-NT",
        3,
        "sourcing.not_for_shop",
        False,
    )
    assert left_out([GZ, NT, HZ, OLD], serving=Serving(), after=3) == ()


def test_an_order_of_the_shops_own_counts_instead_of_the_region():
    own = Serving(codes=("WH-GZ", "WH-NT", "WH-HZ"), in_order=True)
    ranked = rank_warehouses("浙江", [GZ, NT, HZ], serving=own)
    assert [(one.code, one.rank, one.reason) for one in ranked] == [
        ("WH-GZ", 1, "sourcing.shops_order"),
        ("WH-NT", 2, "sourcing.shops_order"),
        ("WH-HZ", 3, "sourcing.shops_order"),
    ]


def test_an_order_of_nothing_is_the_regions():
    ranked = rank_warehouses("浙江", [GZ, HZ], serving=Serving(in_order=True))
    assert [one.code for one in ranked] == ["WH-HZ", "WH-GZ"]
