"""Corners of the resolver: sounds, gaps, zones, scopes of aliases, codes, what is kept private."""

from __future__ import annotations

import pytest

from yinuo.addresses.model import (
    Alias,
    AliasScope,
    ContradictionKind,
    EvidenceKind,
    Resolved,
    Resolver,
    StatedAddress,
    resolve,
)


def levels(answer: Resolved) -> str:
    found = (answer.province, answer.city, answer.district, answer.town)
    return "/".join(division.name if division else "" for division in found).rstrip("/")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("余航区文一西路", "浙江省/杭州市/余杭区"),
        ("鱼航区仓前街道", "浙江省/杭州市/余杭区/仓前街道"),
        ("沧周市海兴县香坊乡", "河北省/沧州市/海兴县/香坊乡"),
        ("深训市南山区科技园", "广东省/深圳市/南山区"),
        ("湖北省荆周市洪湖市", "湖北省/荆州市/洪湖市"),
        ("辽宁省大连市普兰区金山路", "辽宁省/大连市/普兰店区"),
        ("重庆市大渡区建设路", "重庆市/重庆市/大渡口区"),
    ],
)
def test_a_name_is_known_by_its_sound_or_by_what_is_left_of_it(text: str, place: str):
    assert levels(resolve(text)) == place


def test_what_was_written_wrong_is_told():
    kinds = {one.text: one.kind for one in resolve("鱼航区仓前街道").evidence}
    assert kinds["鱼航区"] is EvidenceKind.TYPO


@pytest.mark.parametrize(
    ("text", "confident"),
    [
        ("浙江省杭州市西湖区文三路", True),
        ("浙江省杭州市半城区文三路", False),
        ("鼓楼区中山路", False),
        ("苏州高新区狮山路", False),
        ("江干区庆春路", False),
        ("中山火炬开发区", False),
        ("浙江省杭州市西湖区江苏省南京市玄武区", False),
    ],
)
def test_what_is_doubtful_is_not_confident(text: str, *, confident: bool):
    assert (resolve(text).confidence >= 0.95) is confident


def test_a_zone_answers_the_district_it_lies_in_with_less_confidence():
    answer = resolve("江苏省苏州市高新区狮山路1号")
    assert levels(answer) == "江苏省/苏州市/虎丘区"
    assert EvidenceKind.ZONE in {one.kind for one in answer.evidence}
    assert 0.8 <= answer.confidence < 0.95
    assert "高新区" in answer.rest


def test_a_repeated_address_is_used_up_once():
    answer = resolve("杭州市余杭区五常街道杭州市余杭区五常街道文一西路969号")
    assert levels(answer) == "浙江省/杭州市/余杭区/五常街道"
    assert answer.rest == "文一西路969号"


def test_spans_survive_closed_gaps():
    text = "浙 江 省 杭 州 市 西 湖 区 文三路1号"
    answer = resolve(text)
    assert levels(answer) == "浙江省/杭州市/西湖区"
    spans = [text[slice(*one.span)] for one in answer.evidence if one.span]
    assert spans == ["浙 江 省", "杭 州 市", "西 湖 区"]
    assert answer.rest == "文三路1号"


def test_a_trace_tells_nothing_personal_when_it_is_printed():
    answer = resolve("张三 13800000000 浙江省杭州市西湖区文三路1号")
    assert "文三路" not in repr(answer.trace)


@pytest.mark.parametrize(
    ("codes", "kinds"),
    [
        (("330106",), []),
        (("330110",), [ContradictionKind.CODE_NAME]),
        (("3301",), []),
        (("abc", "", "99", "1234567"), []),
        (("330106012000",), []),
    ],
)
def test_codes_beside_names(codes: tuple[str, ...], kinds: list[ContradictionKind]):
    stated = StatedAddress(province="浙江省", city="杭州市", district="西湖区", codes=codes)
    assert [one.kind for one in resolve(stated=stated).contradictions] == kinds


def test_either_city_code_of_chongqing_goes_with_its_counties():
    for code in ("500100", "500200"):
        stated = StatedAddress(province="重庆市", district="云阳县", codes=(code,))
        assert resolve(stated=stated).contradictions == ()


def test_a_town_that_is_stated_but_lies_elsewhere_is_told():
    stated = StatedAddress(province="浙江省", city="杭州市", district="余杭区", town="花桥镇")
    found = resolve(stated=stated)
    assert [one.kind for one in found.contradictions] == [ContradictionKind.DISTRICT_TOWN]
    assert found.confidence < 0.95


def test_a_phone_that_is_not_understood_is_handed_on():
    assert resolve(stated=StatedAddress(phone=" 内线 5 ")).phone == "内线 5"


def test_aliases_without_text_or_with_unknown_codes_do_nothing():
    resolver = Resolver([Alias("a", " ", "330110"), Alias("b", "老地方", "999999")])
    assert resolver.resolve("老地方3号").province is None


def test_an_alias_of_a_city_needs_the_city():
    resolver = Resolver([Alias("a", "老地方", "330110", AliasScope.CITY, "330100")])
    assert resolver.resolve("老地方3号").province is None
    assert levels(resolver.resolve("杭州市老地方3号")) == "浙江省/杭州市/余杭区"


def test_the_nearest_scope_wins():
    everywhere = Alias("a", "老地方", "330106")
    shop = Alias("b", "老地方", "330110", AliasScope.SHOP, "shop_1")
    resolver = Resolver([everywhere, shop])
    assert resolver.resolve("老地方3号").district_code == "330106"
    assert resolver.resolve("老地方3号", shop="shop_1").district_code == "330110"


def test_a_usual_address_beside_aliases_is_answered_as_without():
    text = "浙江省杭州市余杭区五常街道文一西路969号"
    assert Resolver([Alias("a", "老地方", "330106")]).resolve(text)[:9] == resolve(text)[:9]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Zhejiang Hangzhou Yuhang Wenyi West Road 969", "浙江省/杭州市/余杭区"),
        ("No. 969 Wenyi Road, Yuhang District, Hangzhou, Zhejiang", "浙江省/杭州市/余杭区"),
        ("guangdong sheng shenzhen shi nanshan qu", "广东省/深圳市/南山区"),
        ("Beijing Chaoyang", "北京市/北京市/朝阳区"),
        ("Xi'an, Shaanxi", "陕西省/西安市"),
        ("Shi Jia Zhuang, Hebei", "河北省/石家庄市"),
        ("hello world", ""),
        ("Chaoyang Road 5", ""),
        ("12345 67890", ""),
    ],
)
def test_pinyin_is_read_when_two_levels_agree(text: str, place: str):
    answer = resolve(text)
    assert levels(answer) == place
    assert answer.confidence < 0.95
