"""Whatever comes in: no error, the same answer twice, spans that point where they say, linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.addresses.generator import generate
from tests.addresses.grading import names_of
from yinuo.addresses.model import EvidenceKind, Resolved, Resolver, StatedAddress
from yinuo.addresses.model.table import table

QUIET = settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow], database=None
)
# Pieces that mean something, so that examples come near to what the code decides on.
PIECES = (
    "浙江省 杭州市 西湖区 北山街道 广东 东莞 虎门镇 鼓楼区 北京 上海市 市辖区 中国 县 区 市 镇 街道 路 号 栋"
    " 室 13800001234 138****1234 0571-88001234 转 - [ ] 【 】 ( ) ： : ， , 。 / | \\ 收货人 电话 地址 张三 王** 女士"
    " 😀 ⻄ 臺 Ａ １ null { } \" ' \t \n 1. 2、 ① (3) 收 接 请放 [12] 先生 先 爸 李·四 Li · 江干区 第八师 一团 高新区 · * # % \ud800 \u200b \ufeff \u0000 \U0010ffff"
)
words = st.one_of(
    st.sampled_from([*PIECES.split(" "), " "]),
    st.text(alphabet=st.characters(), max_size=4),
)
texts = st.lists(words, max_size=30).map("".join)
anything = st.one_of(
    texts,
    st.text(alphabet=st.characters(exclude_categories=()), max_size=200),
    st.binary(max_size=300).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.binary(max_size=300).map(lambda raw: raw.decode("gb18030", "replace")),
    st.text(alphabet="😀👍🏻👩‍👩‍👧🇨🇳❤️", max_size=60),
)
fields = st.builds(
    StatedAddress,
    province=anything,
    city=anything,
    district=anything,
    town=anything,
    detail=anything,
    name=anything,
    phone=anything,
    codes=st.lists(st.one_of(st.text(max_size=12), st.from_regex(r"[0-9]{6}")), max_size=4).map(
        tuple
    ),
)


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return Resolver()


def check(answer: Resolved, *, text: str) -> None:
    """Assert what holds for every answer."""
    assert 0 <= answer.confidence <= 1
    assert answer.table_date == table().date
    divisions = (answer.province, answer.city, answer.district, answer.town)
    if answer.town:
        assert answer.city or answer.district
    if any(divisions[1:]):
        assert answer.province
    if answer.district:
        assert answer.district.code[:2] == answer.province_code[:2]
    if answer.province is None:
        assert answer.confidence < 0.95
    for one in answer.evidence:
        if one.span is None:
            assert one.kind in {EvidenceKind.PARENT, EvidenceKind.FIELD, EvidenceKind.CODE}
        else:
            start, end = one.span
            assert 0 <= start < end <= len(text)
    assert answer.candidates is not None


@QUIET
@given(text=anything)
def test_no_text_raises_and_spans_lie_inside(resolver, text):
    answer = resolver.resolve(text)
    check(answer, text=text)
    assert resolver.resolve(text) == answer
    assert Resolver().resolve(text).evidence == answer.evidence


@QUIET
@given(text=st.one_of(st.just(""), anything), stated=fields)
def test_no_fields_raise(resolver, text, stated):
    answer = resolver.resolve(text, stated=stated)
    check(answer, text=text or stated.detail)
    assert resolver.resolve(text, stated=stated) == answer


def test_own_divisions_read_again_are_the_same(resolver):
    for case in generate(seed=11, each=25):
        answer = resolver.resolve(case.text, stated=case.stated)
        said = "".join(dict.fromkeys(name for name in names_of(answer) if name))
        again = resolver.resolve(said)
        assert names_of(again) == names_of(answer), said
        assert not again.contradictions, said


def test_every_division_reads_itself(resolver):
    for place in range(table().regions):
        # A municipality is a province and a city of one name; a heading is no place.
        is_both = table().names[place][:2] in {"北京", "天津", "上海", "重庆"}
        if place in table().heirs or is_both or "直辖" in table().names[place]:
            continue
        wanted = tuple(d.name if d else None for d in table().divisions(place))
        said = "".join(dict.fromkeys(name for name in wanted if name))
        answer = resolver.resolve(said)
        found = (answer.province, answer.city, answer.district)
        assert tuple(d.name if d else None for d in found) == wanted, said


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "\udfff" * 1000,
        "😀" * 1000,
        "浙江省" * 10_000,
        "1" * 100_000,
        "13800001234" * 10_000,
        "市" * 100_000,
        "(" * 100_000,
        " " * 1_000_000,
        "浙江省杭州市西湖区文三路100号" * 60_000,
        "\n".join(["张三 13800001234 浙江省杭州市西湖区"] * 30_000),
        "*" * 100_000,
        "0571-" * 50_000,
        "收货人：" * 50_000,
        "东" * 50_000 + "莞市",
    ],
    ids=range(18),
)
def test_extremes_are_answered(resolver, text):
    check(resolver.resolve(text), text=text)
    check(resolver.resolve(stated=StatedAddress(detail=text, name=text, phone=text)), text=text)


# What a slow way would be slow at: many hits, many phones, many separators, long runs.
UNITS = (
    "浙江省杭州市西湖区",
    "鼓楼区",
    "13800001234 ",
    "1 3 8 ",
    "张三，",
    "北京路",
    "0571-",
    "*",
    "😀",
    "市",
    " ",
    "江苏省苏州市昆山市花桥镇绿地大道1555号3栋2单元501室张三13800001234；",
)


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_no_faster_than_the_text(resolver, unit):
    """Four times the text may take ten times as long on a busy machine, not sixteen and more."""

    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        spent = []
        for _ in range(5):
            begin = time.process_time()
            resolver.resolve(text)
            spent.append(time.process_time() - begin)
        return min(spent)

    short, long = seconds(100_000), seconds(400_000)
    assert long <= 10 * short + 0.05
