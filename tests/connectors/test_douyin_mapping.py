"""Douyin's order becomes a typed one, or all its problems at once."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.douyin_orders import ORDER, changed
from yinuo.connectors.douyin.mapping import read_order
from yinuo.connectors.orders import BadOrder
from yinuo.connectors.protocols import (
    ChannelOrder,
    ChannelOrderLine,
    ChannelOrderStatus,
    ChannelPayment,
    Obstacle,
    Receiver,
    SealedReceiver,
)
from yinuo.core.money import Fen
from yinuo.core.texts import has_text

PLACED, CANCELLED = ChannelOrderStatus.PLACED, ChannelOrderStatus.CANCELLED
LINE = "sku_order_list.0"


def read(order: object) -> ChannelOrder:
    return read_order(json.dumps(order).encode())


def problems(order: object) -> list[tuple[str, str]]:
    with pytest.raises(BadOrder) as caught:
        read(order)
    found = [(one.code.value, one.path) for one in caught.value.problems]
    assert all(has_text(code) for code, _ in found)
    return [(code.removeprefix("connectors.problem."), path) for code, path in found]


def test_an_order_is_read_whole() -> None:
    assert read(ORDER | {"something_new": 1}) == ChannelOrder(
        number="6920012345678901234",
        version=1795312802,
        placed_at=datetime(2026, 11, 22, 1, 55, tzinfo=UTC),
        payment_number="DY6920012345678901234",
        buyer_id="1@#open==",
        buyer_nick="",
        lines=(
            ChannelOrderLine(
                listing="LOVE-2026",
                name="情人节礼盒 红色 大号",
                quantity=2,
                unit_price_fen=Fen(25990),
                amount_fen=Fen(51980),
                is_gift=False,
            ),
            ChannelOrderLine(
                listing="CARD",
                name="贺卡",
                quantity=2,
                unit_price_fen=Fen(0),
                amount_fen=Fen(0),
                is_gift=True,
            ),
        ),
        items_fen=Fen(51980),
        discount_fen=Fen(3600),
        freight_fen=Fen(600),
        total_fen=Fen(48980),
        receiver=Receiver(
            name="李*",
            phone="184****0000",
            province="江苏省",
            city="苏州市",
            district="吴中区",
            town="长桥街道",
            detail="示例路***",
        ),
        remark="请包装好",
        status=PLACED,
        payment=ChannelPayment(
            transaction_id="4200002026112200000001",
            amount_fen=Fen(48980),
            paid_at=datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
        ),
        sealed=SealedReceiver(name="##name==##", phone="$$phone==$1$", detail="##detail==##"),
        seller_remark="老客户",
        ship_by=datetime(2026, 11, 24, 2, 0, tzinfo=UTC),
    )


def test_ids_may_be_numbers_or_texts() -> None:
    as_numbers = changed("order_id", 6920012345678901234) | {"order_status": "2"}
    assert read(as_numbers) == read(ORDER)
    assert read(changed("order_id", "4781320682406083640A")).number == "4781320682406083640A"
    assert problems(changed("order_id", 2**63)) == [("wrong_type", "$.order_id")]
    assert problems(changed("order_id", "69 or 1=1")) == [("bad_value", "$.order_id")]
    for nothing in (None, "", 0, "0", ...):
        assert problems(changed("order_id", nothing)) == [("missing", "$.order_id")]


@pytest.mark.parametrize("name", ["post_addr", "mask_post_addr", f"{LINE}.after_sale_info"])
def test_an_object_may_be_a_text_of_json(name: str) -> None:
    part: Any = ORDER
    for step in name.split("."):
        part = part[int(step)] if step.isdigit() else part[step]
    assert read(changed(name, json.dumps(part, ensure_ascii=False))) == read(ORDER)
    path = "$." + name.replace(".0", "[0]")
    for wrong in ("{", "[]", 7, "\ud800"):
        assert (("wrong_type", path)) in problems(changed(name, wrong))


@pytest.mark.parametrize("value", [..., None, "", " ", {}])
def test_without_an_address_an_order_is_an_order(value: object) -> None:
    order = changed("post_addr", value)
    order["mask_post_addr"] = None
    receiver = read(order).receiver
    assert (receiver.province, receiver.city, receiver.district) == ("", "", "")
    assert (receiver.town, receiver.detail) == ("", "")


@pytest.mark.parametrize(
    ("level", "field"),
    [("province", "province"), ("city", "city"), ("town", "district"), ("street", "town")],
)
@pytest.mark.parametrize("value", [..., None, "", {}, {"name": None}, {"name": "", "id": "0"}])
def test_any_level_of_an_address_may_be_missing(level: str, field: str, value: object) -> None:
    order = changed(f"post_addr.{level}", value)
    assert read(order) == read(ORDER)  # the mask still says it
    del order["mask_post_addr"][level]
    assert getattr(read(order).receiver, field) == ""


def test_what_is_stated_is_kept_as_it_is() -> None:
    order = changed("post_addr.province", {"name": "北京市"})
    order["post_addr"]["city"] = "北京市"
    order["post_addr"]["town"] = {"name": "东城区 "}
    receiver = read(order).receiver
    assert (receiver.province, receiver.city, receiver.district) == ("北京市", "北京市", "东城区")
    assert problems(changed("post_addr.city", ["苏州市"])) == [("wrong_type", "$.post_addr.city")]
    assert problems(changed("post_addr.city.name", 5)) == [("wrong_type", "$.post_addr.city.name")]


def test_a_plain_receiver_needs_no_opening() -> None:
    order = changed("post_addr.encrypt_detail", None) | {
        "mask_post_addr": None,
        "mask_post_receiver": "",
        "mask_post_tel": "",
        "encrypt_post_receiver": "",
        "encrypt_post_tel": "",
        "post_receiver": "李示例",
        "post_tel": "13800000000",
    }
    order["post_addr"]["detail"] = "示例路1号"
    found = read(order)
    assert not found.sealed
    assert (found.receiver.name, found.receiver.phone) == ("李示例", "13800000000")
    assert found.receiver.detail == "示例路1号"


@pytest.mark.parametrize(
    ("status", "is_paid", "expected"),
    [
        (1, False, PLACED),
        (105, True, PLACED),
        (2, True, PLACED),
        (101, True, PLACED),
        (3, True, PLACED),
        (5, True, PLACED),
        (4, True, CANCELLED),
    ],
)
def test_the_state_says_whether_it_is_paid(
    status: int, is_paid: bool, expected: ChannelOrderStatus
) -> None:
    found = read(changed("order_status", status))
    assert (found.payment is not None, found.status) == (is_paid, expected)


def test_a_payment_has_a_time() -> None:
    assert problems(changed("pay_time", 0)) == [("missing", "$.pay_time")]
    assert read(changed("pay_time", 0) | {"order_status": 4}).payment is None
    assert read(changed("pay_time", 0) | {"pay_type": 0}).payment is None
    payment = read(changed("channel_payment_no", "")).payment
    assert payment is not None
    assert payment.transaction_id == "6920012345678901234"


@pytest.mark.parametrize(
    ("after_sale", "obstacles"),
    [
        ({}, set()),
        ({"after_sale_status": 6, "after_sale_type": 2}, {Obstacle.REFUND_ASKED}),
        ({"after_sale_status": 7, "after_sale_type": 0}, {Obstacle.REFUND_ASKED}),
        ({"after_sale_status": 11}, {Obstacle.REFUND_ASKED}),
        ({"after_sale_status": 6, "after_sale_type": 3}, set()),
        ({"refund_status": 1}, {Obstacle.REFUND_ASKED}),
        ({"refund_status": "2"}, {Obstacle.REFUND_ASKED}),
        ({"after_sale_status": 28, "after_sale_type": 2}, set()),
        ({"after_sale_status": 27, "after_sale_type": 2, "refund_status": 4}, set()),
        ({"after_sale_status": 12, "after_sale_type": 2}, {Obstacle.REFUND_ASKED}),
        ({"refund_status": 3}, {Obstacle.REFUND_ASKED}),
    ],
)
def test_a_refund_of_any_line_holds_the_order(
    after_sale: dict[str, object], obstacles: set[Obstacle]
) -> None:
    assert read(changed("sku_order_list.1.after_sale_info", after_sale)).obstacles == obstacles


def test_a_line_that_was_given_back_holds_what_has_not_left() -> None:
    order = changed("sku_order_list.1.order_status", 4)
    assert read(order).obstacles == {Obstacle.REFUND_ASKED}
    for over in (3, 4, 5):
        assert read(order | {"order_status": over}).obstacles == set()


def test_the_merchants_code_names_a_listing() -> None:
    assert read(changed(f"{LINE}.out_sku_id", 123456)).lines[0].listing == "123456"
    for nothing in (..., None, "", "0", 0):
        order = changed(f"{LINE}.out_sku_id", nothing)
        assert read(order).lines[0].listing == "LOVE-2026-B"
        order["sku_order_list"][0]["code"] = ""
        assert read(order).lines[0].listing == "1700000000000001"
        order["sku_order_list"][0]["sku_id"] = None
        assert problems(order) == [("missing", "$.sku_order_list[0].sku_id")]


def test_a_promise_stands_in_the_order_in_its_text_or_in_a_line() -> None:
    order = changed("exp_ship_time", 0)
    assert read(order).ship_by == datetime(2026, 11, 24, 2, 0, 1, tzinfo=UTC)
    order["promise_info"] = ""
    assert read(order).ship_by == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    del order["sku_order_list"][0]["exp_ship_time"]
    assert read(order).ship_by is None
    order["promise_info"] = "soon"
    assert problems(order) == [("wrong_type", "$.promise_info")]


def test_money_fits_its_parts() -> None:
    freight = changed("packing_amount", 100) | {"tax_amount": 50, "pay_amount": 49130}
    assert (read(freight).freight_fen, read(freight).discount_fen) == (Fen(750), Fen(3600))
    lowered = read(changed(f"{LINE}.sum_amount", 50000) | {"pay_amount": 47000})
    assert (lowered.items_fen, lowered.discount_fen) == (Fen(50000), Fen(3600))
    assert read(changed(f"{LINE}.sum_amount", None)).items_fen == Fen(51980)
    assert problems(changed("pay_amount", 60000)) == [("total_amount", "$.pay_amount")]
    high = changed(f"{LINE}.sum_amount", 51981)
    assert problems(high) == [("line_amount", "$.sku_order_list[0].sum_amount")]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("order_status", 21, "bad_value"),
        ("order_status", "paid", "wrong_type"),
        ("order_status", ..., "missing"),
        ("create_time", None, "missing"),
        ("create_time", 1795312800123, "bad_time"),
        ("update_time", "2026-11-22", "wrong_type"),
        ("update_time", 12, "bad_time"),
        ("pay_amount", "48980", "wrong_type"),
        ("pay_amount", -1, "negative_amount"),
        ("post_amount", 10**12, "huge_amount"),
        ("buyer_words", "x" * 1001, "too_long"),
        ("buyer_words", "\x00", "bad_characters"),
        ("sku_order_list", [], "no_lines"),
        ("sku_order_list", {}, "wrong_type"),
        ("sku_order_list", [{}] * 201, "too_many_lines"),
        ("sku_order_list.0.item_num", 0, "bad_quantity"),
        ("sku_order_list.0.item_num", 10_000, "huge_quantity"),
        ("sku_order_list.0.given_product_type", "HALF", "bad_value"),
        ("sku_order_list.0.spec", "红", "wrong_type"),
        ("sku_order_list.0.spec.0", "红", "wrong_type"),
        ("sku_order_list.1", 5, "wrong_type"),
        ("sku_order_list.0.after_sale_info.after_sale_status", 77, "bad_value"),
        ("sku_order_list.0.after_sale_info.after_sale_type", 77, "bad_value"),
        ("sku_order_list.0.after_sale_info.refund_status", 7, "bad_value"),
        ("pay_type", -7, "bad_value"),
    ],
)
def test_a_wrong_field_is_named(path: str, value: object, problem: str) -> None:
    where = "$"
    for step in path.split("."):
        where += f"[{step}]" if step.isdigit() else f".{step}"
    assert (problem, where) in problems(changed(path, value))


def test_all_problems_come_at_once() -> None:
    order = changed("order_status", 99) | {"create_time": None, "pay_amount": "x"}
    order["sku_order_list"][0]["item_num"] = -1
    assert problems(order) == [
        ("bad_value", "$.order_status"),
        ("missing", "$.create_time"),
        ("bad_quantity", "$.sku_order_list[0].item_num"),
        ("wrong_type", "$.pay_amount"),
    ]


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"a":NaN}', b"[" * 100_000])
def test_what_is_no_object_is_one_problem(body: bytes) -> None:
    with pytest.raises(BadOrder) as caught:
        read_order(body)
    assert [one.path for one in caught.value.problems] == ["$"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_PATHS = [
    *ORDER,
    *(f"sku_order_list.0.{name}" for name in ORDER["sku_order_list"][0]),
    *(f"post_addr.{name}" for name in ORDER["post_addr"]),
    "sku_order_list.1",
    "sku_order_list.0.spec.0.value",
    "post_addr.city.name",
]


@given(path=st.sampled_from(_PATHS), value=_JSON)
def test_any_field_may_hold_anything(path: str, value: object) -> None:
    with contextlib.suppress(BadOrder):
        order = read(changed(path, value))
        assert order.total_fen == order.items_fen - order.discount_fen + order.freight_fen
        assert order.discount_fen >= 0


@given(body=st.binary(max_size=200))
def test_any_bytes_are_an_order_or_its_problems(body: bytes) -> None:
    with pytest.raises(BadOrder):
        read_order(body)
