"""What new orders, payments and tags are checked for, and what masks show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.orders.builders import NOON, RECEIVER, line, new_order, payment, refund
from yinuo.core.money import MOST_FEN, Fen
from yinuo.orders.model import (
    BadOrder,
    BadPayment,
    BadTag,
    Receiver,
    Region,
    check_money,
    check_new_order,
    clean_tag,
    mask_name,
    mask_phone,
    mask_phones_in,
    mask_receiver,
    phone_tail,
)


def problems_of(new):
    with pytest.raises(BadOrder) as refused:
        check_new_order(new)
    return {(one["field"], one["problem"]) for one in refused.value.details["problems"]}


def test_a_right_order_passes():
    check_new_order(new_order())
    check_new_order(new_order(lines=(line(quantity=9_999), line(quantity=1))))


def test_every_problem_of_an_order_is_told_at_once():
    wrong = new_order(
        number="",
        lines=(line(quantity=0), line(sku="", quantity=10_000), line(price=-1)),
        total_fen=Fen(-1),
        freight_fen=Fen(MOST_FEN + 1),
        receiver=replace(RECEIVER, phone="12", detail=" ", name="a\x00b"),
        remark="x" * 501,
        version=0,
        placed_at=NOON.replace(tzinfo=None),
    )
    assert problems_of(wrong) == {
        ("number", "missing"),
        ("lines.0.quantity", "out_of_range"),
        ("lines.1.sku", "missing"),
        ("lines.1.quantity", "out_of_range"),
        ("lines.2.unit_price_fen", "out_of_range"),
        ("lines.2.amount_fen", "out_of_range"),
        ("total_fen", "out_of_range"),
        ("freight_fen", "out_of_range"),
        ("receiver.phone", "no_phone"),
        ("receiver.detail", "missing"),
        ("receiver.name", "control_character"),
        ("remark", "too_long"),
        ("version", "out_of_range"),
        ("placed_at", "no_time_zone"),
    }


def test_an_order_has_between_one_and_five_hundred_lines():
    assert problems_of(new_order(lines=())) == {("lines", "missing")}
    assert problems_of(new_order(lines=(line(),) * 501)) == {("lines", "too_many")}


def test_a_cancelled_first_message_needs_no_receiver():
    nobody = Receiver(name="", phone="", province="", city="", district="", detail="")
    check_new_order(new_order(is_cancelled=True, receiver=nobody))
    assert ("receiver.phone", "missing") in problems_of(new_order(receiver=nobody))


def test_money_without_numbers_is_refused():
    check_money(payment())
    check_money(refund(amount_fen=Fen(0)))
    for wrong in (
        payment(transaction_id=""),
        payment(payment_number=""),
        payment(amount_fen=Fen(-1)),
        refund(refund_id=""),
    ):
        with pytest.raises(BadPayment):
            check_money(wrong)


@pytest.mark.parametrize(
    ("phone", "masked", "tail"),
    [
        ("13812345678", "138****5678", "5678"),
        (" +86 138-1234-5678 ", "138****5678", "5678"),
        ("8613812345678", "138****5678", "5678"),
        ("17000001111-4321", "170****1111", "1111"),
        ("17000001111转4321", "170****1111", "1111"),
        ("0571-88886666", "****6666", "6666"),
        ("88886666", "****6666", "6666"),
        ("110", "****", ""),
        ("", "****", ""),
    ],
)
def test_phones_are_masked_and_found_by_their_tail(phone, masked, tail):
    assert mask_phone(phone) == masked
    assert phone_tail(phone) == tail


@given(st.from_regex(r"\+?[0-9 ()-]{5,20}", fullmatch=True))
def test_a_mask_shows_at_most_seven_digits(phone):
    assert sum(one.isdigit() for one in mask_phone(phone)) <= 7


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打 13812345678，谢谢", "请打 138****5678，谢谢"),
        ("138 1234 5678/+86-139-0000-1111", "138****5678/139****1111"),
        ("运单 SF1380000000012 第 2026112200001 号", "运单 SF1380000000012 第 2026112200001 号"),
        ("", ""),
    ],
)
def test_phones_in_free_text_are_masked(text, shown):
    assert mask_phones_in(text) == shown


def test_names_and_addresses_are_masked():
    assert mask_name("张小明") == "张**"
    assert mask_name(" 欧阳") == "欧**"
    assert mask_name("  ") == ""
    assert mask_receiver(RECEIVER) == Receiver(
        name="张**",
        phone="138****5678",
        province="浙江省",
        city="杭州市",
        district="西湖区",
        town="北山街道",
        detail="****",
    )


def test_a_receiver_is_not_shown_by_repr():
    shown = repr(new_order())
    for secret in (RECEIVER.name, RECEIVER.phone, RECEIVER.detail):
        assert secret not in shown


def test_a_region_reads_as_one_text():
    assert RECEIVER.region.label == "浙江省 杭州市 西湖区"
    assert Region(province="北京市", city="", district="海淀区").label == "北京市 海淀区"


@pytest.mark.parametrize("tag", ["VIP", " 情人节 ", "a" * 32])
def test_a_tag_is_cleaned(tag):
    assert clean_tag(tag) == tag.strip()


@pytest.mark.parametrize("tag", ["", "  ", "a" * 33, "a/b", "a\nb", "a?b"])
def test_what_is_no_tag_is_refused(tag):
    with pytest.raises(BadTag):
        clean_tag(tag)
