"""The pure decisions of orders."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.orders.builders import NOON, RECEIVER, line, new_order, payment, refund
from yinuo.core.money import MOST_FEN, Fen
from yinuo.orders.model import (
    HOLD_OWNERS,
    AlreadyShipped,
    BadOrder,
    BadPayment,
    BadTag,
    BundlePiece,
    FulfillmentStatus,
    HoldReason,
    IllegalTransition,
    Money,
    OrderIsHeld,
    OrderState,
    OrderStatus,
    PaymentOutcome,
    PaymentStatus,
    PlaceOutcome,
    Receiver,
    RefundStatus,
    Region,
    SoldLine,
    can_cancel,
    can_retry,
    check_money,
    check_new_order,
    check_not_held,
    clean_tag,
    derive_status,
    is_step,
    items_text,
    judge_payment,
    judge_version,
    mask_name,
    mask_phone,
    mask_phones_in,
    mask_receiver,
    order_lines,
    payment_status_of,
    phone_tail,
    refund_after,
    share_amount,
    with_books,
)

F = FulfillmentStatus
P = PaymentStatus
S = OrderStatus


@pytest.mark.parametrize(
    ("payment_status", "fulfillment", "holds", "expected"),
    [
        (P.UNPAID, F.WAITING, 0, S.UNPAID),
        (P.UNPAID, F.RESERVED, 0, S.UNPAID),
        (P.UNPAID, F.WAITING, 1, S.HELD),
        (P.PAID, F.WAITING, 0, S.WAITING),
        (P.PAID, F.WAITING, 2, S.HELD),
        (P.PAID, F.RESERVED, 0, S.RESERVED),
        (P.PARTLY_REFUNDED, F.RESERVED, 0, S.RESERVED),
        (P.PAID, F.SENDING, 0, S.SENDING),
        (P.PAID, F.SENDING, 1, S.HELD),
        (P.UNPAID, F.SENDING, 0, S.SENDING),
        (P.PAID, F.IN_WAREHOUSE, 0, S.IN_WAREHOUSE),
        (P.PAID, F.SHIPPED, 0, S.SHIPPED),
        (P.PAID, F.SHIPPED, 1, S.SHIPPED),
        (P.REFUNDED, F.WAITING, 1, S.REFUNDED),
        (P.REFUNDED, F.SHIPPED, 0, S.REFUNDED),
        (P.REFUNDED, F.CANCELLED, 0, S.CANCELLED),
        (P.CLOSED, F.CANCELLED, 0, S.CANCELLED),
        (P.CLOSED, F.WAITING, 0, S.UNPAID),
    ],
)
def test_status_is_derived(payment_status, fulfillment, holds, expected):
    assert derive_status(payment_status, fulfillment, holds=holds) is expected


def test_every_combination_has_a_status():
    for payment_status, fulfillment, holds in itertools.product(P, F, (0, 1, 3)):
        assert derive_status(payment_status, fulfillment, holds=holds) in S


STEPS = {
    (F.WAITING, F.RESERVED),
    (F.WAITING, F.CANCELLED),
    (F.RESERVED, F.SENDING),
    (F.RESERVED, F.WAITING),
    (F.RESERVED, F.CANCELLED),
    (F.SENDING, F.IN_WAREHOUSE),
    (F.SENDING, F.SHIPPED),
    (F.SENDING, F.CANCELLED),
    (F.IN_WAREHOUSE, F.SHIPPED),
    (F.IN_WAREHOUSE, F.CANCELLED),
}
REPEATS = {(one, one) for one in F} | {
    (F.SENDING, F.RESERVED),
    (F.IN_WAREHOUSE, F.RESERVED),
    (F.IN_WAREHOUSE, F.SENDING),
    (F.SHIPPED, F.RESERVED),
    (F.SHIPPED, F.SENDING),
    (F.SHIPPED, F.IN_WAREHOUSE),
}


@pytest.mark.parametrize(("current", "to"), list(itertools.product(F, F)))
def test_fulfillment_moves_only_along_its_table(current, to):
    if (current, to) in STEPS:
        assert is_step(current, to) is True
    elif (current, to) in REPEATS:
        assert is_step(current, to) is False
    elif (current, to) == (F.SHIPPED, F.CANCELLED):
        with pytest.raises(AlreadyShipped):
            is_step(current, to)
    else:
        with pytest.raises(IllegalTransition) as refused:
            is_step(current, to)
        assert refused.value.details == {"current": current.value, "to": to.value}


def test_a_held_order_is_not_sent_but_facts_are_told():
    with pytest.raises(OrderIsHeld):
        check_not_held(F.SENDING, holds=1)
    check_not_held(F.SENDING, holds=0)
    check_not_held(F.SHIPPED, holds=1)


@pytest.mark.parametrize(
    ("amount", "payment_status", "fulfillment", "expected"),
    [
        (100, P.UNPAID, F.WAITING, PaymentOutcome.ACCEPTED),
        (99, P.UNPAID, F.WAITING, PaymentOutcome.AMOUNT_MISMATCH),
        (101, P.UNPAID, F.RESERVED, PaymentOutcome.AMOUNT_MISMATCH),
        (100, P.PAID, F.WAITING, PaymentOutcome.OVERPAID),
        (7, P.REFUNDED, F.SHIPPED, PaymentOutcome.OVERPAID),
        (100, P.CLOSED, F.CANCELLED, PaymentOutcome.ORDER_CANCELLED),
        (100, P.PAID, F.CANCELLED, PaymentOutcome.ORDER_CANCELLED),
    ],
)
def test_a_payment_is_judged(amount, payment_status, fulfillment, expected):
    outcome = judge_payment(
        amount_fen=Fen(amount),
        total_fen=Fen(100),
        payment=payment_status,
        fulfillment=fulfillment,
    )
    assert outcome is expected


def money(outcome, amount, refunded=0):
    return Money(outcome=outcome, amount_fen=Fen(amount), refunded_fen=Fen(refunded))


@pytest.mark.parametrize(
    ("books", "is_cancelled", "expected"),
    [
        ([], False, P.UNPAID),
        ([], True, P.CLOSED),
        ([money(PaymentOutcome.AMOUNT_MISMATCH, 90, 90)], False, P.UNPAID),
        ([money(PaymentOutcome.ACCEPTED, 100)], False, P.PAID),
        ([money(PaymentOutcome.ACCEPTED, 100, 1)], False, P.PARTLY_REFUNDED),
        ([money(PaymentOutcome.ACCEPTED, 100, 100)], True, P.REFUNDED),
        (
            [money(PaymentOutcome.ACCEPTED, 100), money(PaymentOutcome.OVERPAID, 100, 100)],
            False,
            P.PAID,
        ),
        ([money(PaymentOutcome.ORDER_CANCELLED, 100)], True, P.PAID),
        ([money(PaymentOutcome.ORDER_CANCELLED, 100, 100)], True, P.REFUNDED),
    ],
)
def test_payment_status_comes_from_the_books(books, is_cancelled, expected):
    assert payment_status_of(books, is_cancelled=is_cancelled) is expected


def test_sums_and_status_come_from_the_books():
    state = OrderState(
        id="ord_1",
        shop_id="mini",
        channel="mini_program",
        number="1",
        payment_number=None,
        total_fen=Fen(100),
        paid_fen=Fen(0),
        refunded_fen=Fen(0),
        payment_status=P.UNPAID,
        fulfillment_status=F.WAITING,
        hold_count=0,
        placed_at=NOON,
        paid_at=None,
        reserved_at=None,
        shipped_at=None,
        cancelled_at=None,
        channel_version=1,
        version=1,
    )
    books = [money(PaymentOutcome.ACCEPTED, 100, 30), money(PaymentOutcome.OVERPAID, 100)]
    after = with_books(state, books)
    assert (after.paid_fen, after.refunded_fen) == (200, 30)
    assert after.payment_status is P.PARTLY_REFUNDED


def test_a_refund_that_succeeded_stays_so():
    assert refund_after(RefundStatus.SUCCESS, RefundStatus.PROCESSING) is RefundStatus.SUCCESS
    assert refund_after(RefundStatus.PROCESSING, RefundStatus.SUCCESS) is RefundStatus.SUCCESS
    assert refund_after(RefundStatus.PROCESSING, RefundStatus.CLOSED) is RefundStatus.CLOSED


@pytest.mark.parametrize(
    ("told", "is_cancelled", "has_changed", "payment_status", "fulfillment", "expected"),
    [
        (2, False, True, P.UNPAID, F.WAITING, PlaceOutcome.UNCHANGED),
        (1, True, True, P.UNPAID, F.WAITING, PlaceOutcome.STALE),
        (3, False, True, P.UNPAID, F.WAITING, PlaceOutcome.UPDATED),
        (3, False, True, P.UNPAID, F.RESERVED, PlaceOutcome.UPDATED),
        (3, False, False, P.UNPAID, F.WAITING, PlaceOutcome.UNCHANGED),
        (3, False, True, P.PAID, F.WAITING, PlaceOutcome.CHANGED_AFTER_PAYMENT),
        (3, False, True, P.UNPAID, F.SENDING, PlaceOutcome.CHANGED_AFTER_PAYMENT),
        (3, False, False, P.PAID, F.RESERVED, PlaceOutcome.UNCHANGED),
        (3, True, True, P.PAID, F.RESERVED, PlaceOutcome.CANCEL_ASKED),
        (3, True, True, P.CLOSED, F.CANCELLED, PlaceOutcome.STALE),
    ],
)
def test_a_further_message_is_judged(
    told, is_cancelled, has_changed, payment_status, fulfillment, expected
):
    outcome = judge_version(
        known=2,
        told=told,
        is_cancelled=is_cancelled,
        has_changed=has_changed,
        payment=payment_status,
        fulfillment=fulfillment,
    )
    assert outcome is expected


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


def test_a_shipped_or_unpaid_order_is_not_carried_out_anew():
    assert [one for one in F if not can_cancel(one)] == [F.SHIPPED, F.CANCELLED]
    assert [one for one in F if can_retry(P.PAID, one)] == [F.WAITING, F.RESERVED, F.SENDING]
    assert not can_retry(P.UNPAID, F.WAITING)
    assert not can_retry(P.REFUNDED, F.WAITING)


def test_every_reason_of_people_has_an_owner():
    assert set(HOLD_OWNERS) == set(HoldReason)


def sold(amount, quantity=1, **changes):
    made = SoldLine(
        sku="SET",
        listing_code="L-SET",
        name="四件套",
        quantity=quantity,
        unit_price_fen=Fen(amount),
        amount_fen=Fen(amount * quantity),
        is_gift=False,
    )
    return replace(made, **changes)


def test_a_plain_line_stays_as_it_was_sold():
    (only,) = order_lines(sold(500, 2), pieces=[])
    assert (only.sku, only.quantity, only.amount_fen) == ("SET", 2, 1000)
    assert only.bundle_of is None


def test_the_parts_of_a_bundle_add_up_to_the_fen():
    pieces = [
        BundlePiece(sku="QUILT", name="被套", quantity=1, price_fen=Fen(200)),
        BundlePiece(sku="PILLOW", name="枕套", quantity=2, price_fen=Fen(50)),
    ]
    quilt, pillow = order_lines(sold(100, 1), pieces=pieces)
    assert (quilt.sku, quilt.quantity, quilt.amount_fen) == ("QUILT", 1, 66)
    assert (pillow.sku, pillow.quantity, pillow.amount_fen) == ("PILLOW", 2, 34)
    assert pillow.unit_price_fen == 17
    assert {quilt.bundle_of, pillow.bundle_of} == {"SET"}
    assert [one.quantity for one in order_lines(sold(100, 3), pieces=pieces)] == [3, 6]


@given(
    st.integers(min_value=0, max_value=10**9),
    st.lists(st.integers(min_value=0, max_value=10**7), min_size=1, max_size=9),
)
def test_shares_are_never_negative_and_add_up(amount, weights):
    shares = share_amount(Fen(amount), weights)
    assert sum(shares) == amount
    assert min(shares) >= 0


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


def test_items_are_told_in_short():
    items = [("RUG-160", 3), ("LOVE-2026", 1), ("GIFT", 1), ("X", 9)]
    assert items_text(items) == "RUG-160×3 LOVE-2026×1 GIFT×1 …"
    assert items_text(items[:1]) == "RUG-160×3"
    assert NOON.tzinfo is not None
