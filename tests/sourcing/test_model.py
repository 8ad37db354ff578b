"""Ranking warehouses and telling why."""

from __future__ import annotations

from yinuo.sourcing.model import ServingWarehouse, explain, rank_warehouses

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
