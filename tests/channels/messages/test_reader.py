"""What is read in group messages: the hand-written sets, and the corners one by one."""

from __future__ import annotations

import pytest

from tests.channels.messages.grading import Marks, grade, messages, reader, shown
from yinuo.channels.model.messages import (
    ChangeKind,
    MessageKind,
    MissingKind,
    difference,
    reply_to,
)

READER = reader()


def marks_of(*files: str) -> Marks:
    marks = Marks()
    for _, row in messages(*files):
        grade(marks, READER, row)
    return marks


def lines_of(text: str) -> list[tuple[str, int]]:
    return [shown(line) for draft in READER.read(text).drafts for line in draft.lines]


def test_every_tuned_order_that_passes_is_right():
    marks = marks_of("orders", "second", "others")
    assert marks.passed_right == marks.passed >= 120
    assert marks.drafts_right >= 139


def test_lists_and_what_changed_in_them_are_read_right():
    marks = marks_of("lists")
    assert marks.wrong == []


def test_every_span_points_at_the_words_it_came_from():
    for _, row in messages("orders", "second", "held_out"):
        for draft in READER.read(row.get("text")).drafts:
            for found in (draft.name, *draft.remarks):
                if found is not None:
                    assert row["text"][found.span.start : found.span.end] == found.value
            if draft.phone is not None:
                said = row["text"][draft.phone.span.start : draft.phone.span.end]
                digits = "".join(c for c in said if c.isdigit()).removeprefix("86")
                assert digits == draft.phone.value.replace("-", "")
            if draft.address is not None:
                span = draft.address.span
                assert row["text"][span.start : span.end] == draft.address.value.text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("要2盒 LOVE-2026", [("LOVE-2026", 2)]),
        ("LOVE-2026两盒", [("LOVE-2026", 2)]),
        ("要十二套LOVE-2026", [("LOVE-2026", 12)]),
        ("来半打白色毛巾", [("TWL-34-WH", 6)]),
        ("要一对白色枕头套", [("PLC-48-WH", 2)]),
        ("要love2026 x3", [("LOVE-2026", 3)]),
        ("要LOVE-2026×3", [("LOVE-2026", 3)]),
        ("要LOVE-2026*2", [("LOVE-2026", 2)]),
        ("要情人节礼盒1箱", [("LOVE-2026", 6)]),
        ("长绒棉四件套 1米8 灰色 一套", [("BED4-CTN-18-GY", 1)]),
        ("要蓝色毛巾贰条", [("TWL-34-BL", 2)]),
        ("要整箱白毛巾一箱", [("TWL-34-WH", 50)]),
    ],
)
def test_quantities_are_read_as_people_write_them(text: str, lines: list[tuple[str, int]]):
    assert lines_of(text) == lines


@pytest.mark.parametrize(
    "text",
    [
        "还有货吗",
        "LOVE-2026多少钱一盒?",
        "@小诺 在吗",
        "「小诺:要2盒LOVE-2026」\n- - - - - - - - -\n哈哈",
        "",
        "😀😀😀",
        "19900000001",
    ],
)
def test_talk_is_no_order(text: str):
    assert READER.read(text).kind is MessageKind.TALK


def test_a_phone_a_house_and_a_size_are_no_quantities():
    text = "1.8米天丝四件套雾灰1套 张三 19900000001 浙江省杭州市西湖区文三路2号3幢4单元5层"
    (draft,) = READER.read(text).drafts
    assert [shown(line) for line in draft.lines] == [("BED4-TNC-18-GY", 1)]
    assert draft.missing == ()


def test_what_is_missing_is_asked_for_and_nothing_else():
    (draft,) = READER.read("要2盒LOVE-2026 张晓梅 19900000001").drafts
    assert [one.kind for one in draft.missing] == [MissingKind.ADDRESS]
    assert reply_to(draft) == (
        "张晓梅您好！情人节礼盒×2已记下，还请告诉我们：详细收货地址（省市区和门牌号）。"
    )
    (vague,) = READER.read("大豆被1.8一条 张晓梅 19900000001 浙江省杭州市西湖区文三路1号").drafts
    assert reply_to(vague) == (
        "张晓梅您好！收到您的订单，还请告诉我们：大豆纤维被芯的颜色（本白、藕粉）。"
    )
    (whole,) = READER.read("要2盒LOVE-2026 张晓梅 19900000001 浙江省杭州市西湖区文三路1号").drafts
    assert (whole.passes, reply_to(whole)) == (True, "")


def test_a_keyword_of_the_merchants_own_becomes_a_tag_unless_it_is_negated():
    own = type(READER)(
        [sku for style in READER.vocabulary.styles for sku in style.skus],
        keywords={"以旧换新": "换新"},
    )
    (draft,) = own.read("要2盒LOVE-2026 以旧换新 不急").drafts
    assert [tag.value for tag in draft.tags] == ["换新"]


def test_a_change_says_what_it_changes():
    change = READER.read("刚才的情人节礼盒改成3盒").change
    assert change is not None
    assert change.kind is ChangeKind.QUANTITY
    assert change.quantity is not None
    assert change.quantity.value == 3


def test_a_list_posted_again_unchanged_changes_nothing():
    text = "#接龙\nLOVE-2026\n1. 王芳 2盒\n2. 李敏 1盒"
    again = "#接龙\nLOVE-2026\n1. 李敏 1盒\n2. 王芳 2盒\n"
    before, after = READER.read(text).list, READER.read(again).list
    assert before is not None
    assert after is not None
    done = difference(before, after)
    assert (done.added, done.changed, done.withdrawn) == ((), (), ())


def test_a_very_long_message_is_read_up_to_a_limit():
    text = "要2盒LOVE-2026 " + "哈" * 10_000
    assert READER.read(text).kind is MessageKind.ORDER
