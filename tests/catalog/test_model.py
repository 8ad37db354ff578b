"""What the catalog decides, without a database."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.catalog.model import (
    MOST_UNITS,
    BadBundle,
    BadImport,
    Bundle,
    BundlePart,
    Demand,
    Problem,
    ProblemCode,
    Sku,
    UnknownSku,
    bundle_problems,
    explode,
    has_right_check_digit,
    is_code,
    read_rows,
    sku_problems,
)
from yinuo.core.money import Fen

RUG = Sku(code="RUG-160", name="短绒客厅地毯", price_fen=Fen(39900), weight_grams=5600)


def bundle(code: str, **parts: int) -> Bundle:
    return Bundle(
        code=code,
        parts=tuple(
            BundlePart(sku=sku.replace("_", "-"), quantity=units) for sku, units in parts.items()
        ),
    )


def demand(sku: str, quantity: int) -> Demand:
    return Demand(sku=sku, quantity=quantity)


def problems_of(error: BadBundle) -> list[tuple[str, str, str]]:
    return [(one.code, one.problem.name, one.value) for one in error.problems]


def test_a_bundle_and_its_part_in_one_order_are_summed():
    home = bundle("SET", RUG_160=1, PILW_45=2)

    needed = explode([demand("SET", 3), demand("PILW-45", 4), demand("RUG-160", 1)], {"SET": home})

    assert needed == {"PILW-45": 10, "RUG-160": 4}
    assert list(needed) == ["PILW-45", "RUG-160"]


def test_lines_of_one_sku_are_summed():
    assert explode([demand("A", 1), demand("A", 2)], {}) == {"A": 3}


def test_no_lines_need_nothing():
    assert explode([], {}) == {}


@pytest.mark.parametrize(
    ("quantity", "problem"),
    [(0, "NOT_POSITIVE"), (-3, "NOT_POSITIVE"), (MOST_UNITS + 1, "TOO_MANY_UNITS")],
)
def test_a_quantity_that_is_none_is_refused(quantity: int, problem: str):
    with pytest.raises(BadBundle) as refused:
        explode([demand("A", quantity), demand("B", 1)], {})
    assert problems_of(refused.value) == [("A", problem, str(quantity))]


def test_the_largest_quantity_is_taken_and_one_more_in_the_sum_is_not():
    assert explode([demand("A", MOST_UNITS)], {}) == {"A": MOST_UNITS}
    with pytest.raises(BadBundle) as refused:
        explode([demand("A", MOST_UNITS), demand("SET", 1)], {"SET": bundle("SET", A=1)})
    assert problems_of(refused.value) == [("A", "TOO_MANY_UNITS", str(MOST_UNITS + 1))]


def test_all_problems_of_a_demand_are_named_at_once():
    bundles = {"SET": bundle("SET", INNER=1, A=1), "INNER": bundle("INNER", A=2)}

    with pytest.raises(BadBundle) as refused:
        explode([demand("SET", 1), demand("A", 0), demand("B", -1)], bundles)

    assert problems_of(refused.value) == [
        ("SET", "NESTED_BUNDLE", "INNER"),
        ("A", "NOT_POSITIVE", "0"),
        ("B", "NOT_POSITIVE", "-1"),
    ]
    assert refused.value.details == {
        "problems": [
            {"code": "SET", "problem": "catalog.problem.nested_bundle", "value": "INNER"},
            {"code": "A", "problem": "catalog.problem.not_positive", "value": "0"},
            {"code": "B", "problem": "catalog.problem.not_positive", "value": "-1"},
        ]
    }


@given(
    lines=st.lists(
        st.tuples(st.sampled_from(["A", "B", "SET", "PAIR"]), st.integers(1, 50)), max_size=20
    )
)
def test_exploding_counts_every_unit_whatever_the_order_of_lines(lines: list[tuple[str, int]]):
    bundles = {"SET": bundle("SET", A=1, B=2), "PAIR": bundle("PAIR", A=2)}
    units = {"A": {"A": 1}, "B": {"B": 1}, "SET": {"A": 1, "B": 2}, "PAIR": {"A": 2}}
    expected: dict[str, int] = {}
    for sku, quantity in lines:
        for part, count in units[sku].items():
            expected[part] = expected.get(part, 0) + count * quantity

    there = explode([demand(*line) for line in lines], bundles)
    back = explode([demand(*line) for line in reversed(lines)], bundles)

    assert there == back == expected


@pytest.mark.parametrize("code", ["RUG-160", "a", "01.01.0001", "X/1+2#3_4", "A" * 64])
def test_a_code_is_what_an_erp_takes(code: str):
    assert is_code(code)


@pytest.mark.parametrize(
    "code", ["", " A", "A ", "-A", "地毯", "A'B", "A;B", "A\n", "A\x00", "A" * 65, "\ud800"]
)
def test_a_code_is_nothing_that_could_stand_in_a_query(code: str):
    assert not is_code(code)


@pytest.mark.parametrize("barcode", ["6901234567892", "4006381333931", "73513537", "036000291452"])
def test_a_right_check_digit_is_known(barcode: str):
    assert has_right_check_digit(barcode)


@pytest.mark.parametrize(
    "barcode", ["6901234567893", "690123456789", "", "69012345678A2", "６９０１２３４５６７８９２"]
)
def test_a_wrong_barcode_is_known(barcode: str):
    assert not has_right_check_digit(barcode)


def test_a_sku_without_fault_has_no_problems():
    assert sku_problems(replace(RUG, barcode="6901234567892")) == []


def test_every_fault_of_a_sku_is_named():
    wrong = Sku(
        code="-1",
        name=" ",
        unit="",
        price_fen=Fen(-1),
        weight_grams=1_000_001,
        barcode="1",
        category="x" * 201,
        image="a\x00",
    )
    assert [(one.problem.name, one.value) for one in sku_problems(wrong)] == [
        ("BAD_CODE", "-1"),
        ("NO_NAME", ""),
        ("NO_UNIT", ""),
        ("BAD_PRICE", "-1"),
        ("BAD_WEIGHT", "1000001"),
        ("BAD_BARCODE", "1"),
        ("TOO_LONG", "x" * 201),
        ("TOO_LONG", "a\x00"),
    ]


def test_what_an_error_shows_can_be_printed():
    shown = Problem(code="A\x00\ud800B", problem=ProblemCode.BAD_CODE, value="v" * 300).as_json()
    assert shown == {"code": "AB", "problem": "catalog.problem.bad_code", "value": "v" * 80}
    assert UnknownSku(["B\x00", "A", "A"]).details == {"codes": ["A", "B"]}


def test_every_fault_of_a_bundle_is_named():
    parts = (
        BundlePart(sku="A", quantity=0),
        BundlePart(sku="A", quantity=1),
        BundlePart(sku="SET", quantity=1),
        BundlePart(sku="OTHER", quantity=1001),
        BundlePart(sku="NEW", quantity=1),
    )
    found = bundle_problems(
        Bundle(code="SET", parts=parts),
        known=["A", "SET", "OTHER"],
        bundles=["SET", "OTHER"],
        parts=["SET"],
    )
    assert [(one.problem.name, one.value) for one in found] == [
        ("PART_OF_BUNDLE", ""),
        ("BAD_PART_QUANTITY", "A"),
        ("REPEATED", "A"),
        ("CONTAINS_ITSELF", "SET"),
        ("NESTED_BUNDLE", "OTHER"),
        ("BAD_PART_QUANTITY", "OTHER"),
        ("UNKNOWN_PART", "NEW"),
    ]


def test_a_bundle_has_between_1_and_50_parts():
    def found(count: int) -> list[str]:
        codes = [f"A{number}" for number in range(count)]
        parts = tuple(BundlePart(sku=code, quantity=1) for code in codes)
        one = Bundle(code="SET", parts=parts)
        return [p.problem.name for p in bundle_problems(one, known=codes, bundles=[], parts=[])]

    assert (found(0), found(1), found(50), found(51)) == (["NO_PARTS"], [], [], ["TOO_MANY_PARTS"])


ROW = {"code": "RUG-160", "name": "地毯", "price": "399.00"}


def test_a_row_becomes_a_sku():
    row = {
        "code": " RUG-160 ",
        "name": "短绒地毯",
        "unit": "张",
        "price": "399.90",
        "weight_grams": "5600",
        "barcode": "6901234567892",
        "is_gift": "否",
        "needs_erp_check": "是",
        "is_active": "",
        "category": "地毯",
        "family": "RUG",
        "variant": "160×230cm",
        "image": "rug.jpg",
        "parts": "",
    }
    rows = read_rows([row], first_row=2)
    assert rows.skus == (
        Sku(
            code="RUG-160",
            name="短绒地毯",
            unit="张",
            price_fen=Fen(39990),
            weight_grams=5600,
            barcode="6901234567892",
            is_gift=False,
            needs_erp_check=True,
            is_active=True,
            category="地毯",
            family="RUG",
            variant="160×230cm",
            image="rug.jpg",
        ),
    )
    assert rows.bundles == ()


def test_a_row_says_as_little_as_it_likes():
    (sku,) = read_rows([{"code": "A", "name": "甲", "is_active": "no"}], first_row=2).skus
    assert sku == Sku(code="A", name="甲", is_active=False)


def test_parts_make_a_bundle():
    rows = read_rows(
        [ROW, {"code": "SET", "name": "组合", "parts": "RUG-160*2; PILW-45 × 3 ；MAT-45"}],
        first_row=2,
        known=["PILW-45", "MAT-45"],
    )
    assert rows.bundles == (bundle("SET", RUG_160=2, PILW_45=3, MAT_45=1),)


def test_every_problem_of_a_file_is_named_with_its_row():
    rows = [
        ROW | {"price": "3.999", "farbe": "rot"},
        ROW | {"weight_grams": "2kg", "farbe": "blau"},
        {"code": "坏", "name": "", "is_gift": "vielleicht", "is_active": "?"},
        {"code": "SET", "name": "组合", "parts": "RUG-160*2;*3;OLD"},
        {"code": "NEST", "name": "套娃", "parts": "SET*1"},
    ]
    with pytest.raises(BadImport) as refused:
        read_rows(rows, first_row=2)
    assert [
        (one.row, one.problem.code, one.problem.problem.name, one.problem.value)
        for one in refused.value.problems
    ] == [
        (2, "RUG-160", "UNKNOWN_COLUMN", "farbe"),
        (2, "RUG-160", "BAD_PRICE", "3.999"),
        (3, "RUG-160", "BAD_WEIGHT", "2kg"),
        (3, "RUG-160", "REPEATED", "RUG-160"),
        (4, "坏", "BAD_FLAG", "vielleicht"),
        (4, "坏", "BAD_FLAG", "?"),
        (4, "坏", "BAD_CODE", "坏"),
        (4, "坏", "NO_NAME", ""),
        (5, "SET", "BAD_PARTS", "*3"),
        (5, "SET", "PART_OF_BUNDLE", ""),
        (5, "SET", "UNKNOWN_PART", "OLD"),
        (6, "NEST", "NESTED_BUNDLE", "SET"),
    ]
    assert refused.value.details["count"] == 12
    assert refused.value.details["problems"][0] == {
        "row": 2,
        "code": "RUG-160",
        "problem": "catalog.problem.unknown_column",
        "value": "farbe",
    }


def test_a_file_is_checked_against_the_bundles_that_stand():
    with pytest.raises(BadImport) as refused:
        read_rows(
            [{"code": "B", "name": "乙", "parts": "SET*1"}],
            first_row=2,
            known=["A", "SET"],
            standing=[bundle("SET", A=1)],
        )
    assert [one.problem.problem.name for one in refused.value.problems] == ["NESTED_BUNDLE"]


def test_a_bundle_that_a_file_brings_again_takes_the_place_of_the_old_one():
    rows = read_rows(
        [{"code": "SET", "name": "组合", "parts": "B*2"}],
        first_row=2,
        known=["A", "B", "SET"],
        standing=[bundle("SET", A=1)],
    )
    assert rows.bundles == (bundle("SET", B=2),)
