"""The resolver on hand-written addresses, one class of difficulty after another."""

from __future__ import annotations

import pytest

from tests.addresses.classes import CASES, written
from yinuo.addresses.model import (
    Alias,
    AliasScope,
    ContradictionKind,
    EvidenceKind,
    Level,
    Resolved,
    Resolver,
    StatedAddress,
    resolve,
)


def levels(answer: Resolved) -> tuple[str, ...]:
    found = (answer.province, answer.city, answer.district, answer.town)
    return tuple(division.name if division else "" for division in found)


@pytest.mark.parametrize(
    ("text", "place"),
    [pytest.param(*row, id=f"{kind}-{row[0][:20]!r}") for kind in CASES for row in CASES[kind]],
)
def test_it_finds_the_place(text: str, place: str):
    answer = levels(resolve(text))
    wanted = written(place)
    assert answer[:3] == wanted[:3]
    assert not wanted[3] or answer[3] == wanted[3]


def test_codes_are_six_digits_down_to_the_district():
    answer = resolve("浙江省杭州市余杭区五常街道文一西路969号")
    assert (answer.province_code, answer.city_code, answer.district_code) == (
        "330000",
        "330100",
        "330110",
    )
    assert answer.town is not None
    assert answer.town.code == "330110005"
    assert answer.rest == "文一西路969号"
    assert answer.table_date == "2026-04"


def test_own_codes_are_marked():
    answer = resolve("台北市信義區")
    assert answer.district is not None
    assert answer.district.is_own_code
    assert not resolve("重庆市两江新区").district.is_own_code  # type: ignore[union-attr]


def test_evidence_points_into_the_raw_text():
    text = "收货人：张三 浙江 省杭州市余杭区五常街道文一西路"
    spans = {(e.level, e.kind): text[slice(*e.span)] for e in resolve(text).evidence if e.span}
    assert spans[Level.CITY, EvidenceKind.FULL] == "杭州市"
    assert spans[Level.TOWN, EvidenceKind.FULL] == "五常街道"


def test_a_parent_that_is_not_written_is_marked_as_such():
    kinds = {e.level: e.kind for e in resolve("余杭区文一西路").evidence}
    assert kinds == {
        Level.PROVINCE: EvidenceKind.PARENT,
        Level.CITY: EvidenceKind.PARENT,
        Level.DISTRICT: EvidenceKind.FULL,
    }


def test_a_former_name_is_marked_as_such():
    kinds = {e.level: e.kind for e in resolve("上海市闸北区天目西路").evidence}
    assert kinds[Level.DISTRICT] is EvidenceKind.FORMER


def test_namesakes_are_candidates_and_nothing_is_answered():
    answer = resolve("鼓楼区中山路")
    assert levels(answer) == ("", "", "", "")
    assert answer.confidence == 0
    assert {c.district.code for c in answer.candidates if c.district} == {
        "320106",
        "320302",
        "350102",
        "410204",
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("江苏省杭州市西湖区文三路", ContradictionKind.PROVINCE_CITY),
        ("浙江省海淀区中关村", ContradictionKind.PROVINCE_DISTRICT),
        ("杭州市鼓楼区中山路1号", ContradictionKind.CITY_DISTRICT),
        ("浙江省宁波市西湖区文三路1号", ContradictionKind.CITY_DISTRICT),
        ("浙江省宁波市义乌市北苑街道", ContradictionKind.CITY_DISTRICT),
        ("浙江省杭州市西湖区五常街道", ContradictionKind.DISTRICT_TOWN),
        (
            "浙江省杭州市西湖区文三路1号 江苏省南京市鼓楼区中山路1号",
            ContradictionKind.TWO_PLACES,
        ),
    ],
)
def test_contradictions_are_told_and_never_confident(text: str, kind: ContradictionKind):
    answer = resolve(text)
    assert kind in {c.kind for c in answer.contradictions}
    assert answer.confidence < 0.95


@pytest.mark.parametrize(
    "text",
    [
        "浙江省杭州市西湖区南京路1号",
        "安徽省六安市寿县",
        "浙江省杭州市余杭区临平街道",
        "浙江省杭州市西湖区浙江省杭州市西湖区文三路",
        "上海市静安区北京西路 重庆大厦",
        "吴江 13800000000 上海市静安区南京西路",
        "甘肃兰州城关区甘南路",
    ],
)
def test_what_does_not_contradict_is_not_told(text: str):
    assert resolve(text).contradictions == ()


def stated(**fields: object) -> Resolved:
    return resolve(stated=StatedAddress(**fields))  # type: ignore[arg-type]


def test_drifted_fields_are_read():
    answer = stated(province="上海市", city="浦东新区", district="张江镇", detail="祖冲之路1号")
    assert levels(answer) == ("上海市", "上海市", "浦东新区", "张江镇")
    answer = stated(province="江苏省", city="昆山市", district="其它区", detail="花桥镇绿地大道1号")
    assert levels(answer) == ("江苏省", "苏州市", "昆山市", "花桥镇")
    assert answer.rest == "绿地大道1号"


def test_fields_and_typed_text_may_contradict():
    answer = stated(
        province="浙江省", city="杭州市", district="西湖区", detail="江苏省南京市鼓楼区"
    )
    assert {c.kind for c in answer.contradictions} == {ContradictionKind.TEXT_FIELDS}
    assert answer.confidence < 0.95


def test_codes_and_names_may_contradict():
    answer = stated(province="浙江省", city="杭州市", codes=("330200",))
    assert [c.kind for c in answer.contradictions] == [ContradictionKind.CODE_NAME]
    assert answer.city_code == "330100"
    assert answer.confidence < 0.95


def test_codes_fill_what_names_leave_open():
    answer = stated(codes=("32", "320500", "320506", "320506004"), detail="东吴南路1号")
    assert (answer.district_code, answer.confidence >= 0.95) == ("320506", True)
    assert resolve("鼓楼区", stated=StatedAddress(codes=("320302",))).district_code == "320302"


def test_codes_of_former_divisions_are_understood():
    assert stated(codes=("310108",)).district_code == "310106"
    assert stated(city="杭州市", codes=("330103",)).district_code == "330105"


def test_stated_name_and_phone_come_first():
    answer = stated(
        province="北京市", detail="朝阳区建国路1号", name="王芳[1234]", phone="18400000000-1234"
    )
    assert (answer.name, answer.phone, answer.phone_extension) == ("王芳", "18400000000", "1234")


def test_an_alias_decides_within_its_scope():
    shop = Alias("a", "老厂区", "330110", AliasScope.SHOP, "shop_1")
    city = Alias("b", "未来科技城", "330110", AliasScope.CITY, "330100")
    town = Alias("c", "星光村", "330110005")
    resolver = Resolver([shop, city, town])
    assert resolver.resolve("老厂区3号楼").province is None
    assert resolver.resolve("老厂区3号楼", shop="shop_1").district_code == "330110"
    assert resolver.resolve("杭州未来科技城").district_code == "330110"
    assert resolver.resolve("武汉未来科技城").district_code is None
    answer = resolver.resolve("杭州星光村")
    assert answer.town is not None
    assert answer.town.name == "五常街道"
    assert answer.confidence >= 0.95
    assert EvidenceKind.ALIAS in {e.kind for e in answer.evidence}


def test_an_alias_gives_way_to_a_region_named_in_full():
    resolver = Resolver([Alias("a", "科技城", "330110")])
    assert resolver.resolve("四川省绵阳市涪城区科技城").district_code == "510703"


@pytest.mark.parametrize(
    "text",
    [
        "\ud800\udfff\ud800",
        "\x00\x01\x02",
        "市" * 5000,
        "浙江省" * 3000,
        "鼓楼区" * 2000,
        "1" * 10000,
        "1 " * 10000,
        "(" * 3000 + ")" * 3000,
        "地址:" * 2000,
        "张三,13800000000," * 500,
        "😀" * 3000,
        "null undefined None",
    ],
)
def test_nothing_raises(text: str):
    answer = resolve(text)
    assert 0 <= answer.confidence <= 1
    assert isinstance(answer.evidence, tuple)
    assert len(answer.candidates) <= 5


def test_what_goes_beyond_the_bound_is_handed_on():
    tail = "尾" * 5000
    answer = resolve("浙江省杭州市西湖区文三路1号" + tail)
    assert answer.district_code == "330106"
    assert answer.rest == "文三路1号" + tail
