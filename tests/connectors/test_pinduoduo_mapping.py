"""Pinduoduo's order becomes a typed one, or all its problems at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.pinduoduo_orders import ORDER, changed
from tests.connectors.vectors import VECTORS
from yinuo.connectors.orders import BadOrder
from yinuo.connectors.pinduoduo.mapping import read_order
from yinuo.connectors.pinduoduo.signing import sign
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
NO_RECEIVER = {"receiver_name": "", "receiver_phone": "", "receiver_address": "", "address": ""}


def read(order: object) -> ChannelOrder:
    return read_order(json.dumps(order).encode())


def problems(order: object) -> list[tuple[str, str]]:
    with pytest.raises(BadOrder) as caught:
        read(order)
    found = [(one.code.value, one.path) for one in caught.value.problems]
    assert all(has_text(code) for code, _ in found)
    return [(code.removeprefix("connectors.problem."), path) for code, path in found]


def test_parameters_are_signed_as_computed() -> None:
    vector = VECTORS["pdd"]
    assert sign(vector["params"], vector["client_secret"]) == vector["sign"]
    assert sign({**vector["params"], "sign": "x"}, vector["client_secret"]) == vector["sign"]
    assert sign({**vector["params"], "page": "2"}, vector["client_secret"]) != vector["sign"]


def test_an_order_is_read_whole() -> None:
    assert read(ORDER | {"something_new": 1}) == ChannelOrder(
        number="261122-123456789012345",
        version=1795312802,
        placed_at=datetime(2026, 11, 22, 1, 58, tzinfo=UTC),
        payment_number="PDD261122123456789012345",
        buyer_id="",
        buyer_nick="",
        lines=(
            ChannelOrderLine(
                listing="LOVE-2026",
                name="情人节礼盒 红色,大号",
                quantity=2,
                unit_price_fen=Fen(25990),
                amount_fen=Fen(51980),
                is_gift=False,
            ),
            ChannelOrderLine(
                listing="400500601",
                name="贺卡",
                quantity=2,
                unit_price_fen=Fen(0),
                amount_fen=Fen(0),
                is_gift=True,
            ),
        ),
        items_fen=Fen(51980),
        discount_fen=Fen(3000),
        freight_fen=Fen(2600),
        total_fen=Fen(51580),
        receiver=Receiver(
            name="李*",
            phone="138****0000",
            province="上海市",
            city="上海市",
            district="浦东新区",
            detail="世纪大道***",
        ),
        remark="请包装好",
        status=PLACED,
        payment=ChannelPayment(
            transaction_id="261122-123456789012345",
            amount_fen=Fen(51580),
            paid_at=datetime(2026, 11, 22, 1, 58, 31, tzinfo=UTC),
        ),
        sealed=SealedReceiver(
            name="~AgAAAAM+name==~1~",
            phone="$phone==$aGVsbG8=$1$$",
            detail="~AgAAAAM+address==~1~",
        ),
        obstacles=frozenset(),
        seller_remark="老客户",
        ship_by=datetime(2026, 11, 24, 2, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("states", "status", "is_paid", "obstacles"),
    [
        ({}, PLACED, True, set()),
        ({"confirm_status": 0, "confirm_time": None, "group_status": 0}, PLACED, False, set()),
        ({"risk_control_status": 1} | NO_RECEIVER, PLACED, True, {Obstacle.RISK_REVIEW}),
        ({"refund_status": 2}, PLACED, True, {Obstacle.REFUND_ASKED}),
        ({"refund_status": 3} | NO_RECEIVER, PLACED, True, {Obstacle.REFUND_ASKED}),
        (
            {"refund_status": 2, "risk_control_status": 1} | NO_RECEIVER,
            PLACED,
            True,
            {Obstacle.REFUND_ASKED, Obstacle.RISK_REVIEW},
        ),
        ({"refund_status": 4} | NO_RECEIVER, CANCELLED, True, set()),
        ({"order_status": 2} | NO_RECEIVER, PLACED, True, set()),
        ({"order_status": 3, "refund_status": 4} | NO_RECEIVER, PLACED, True, set()),
        ({"confirm_status": 2} | NO_RECEIVER, CANCELLED, True, set()),
        (
            {"confirm_status": 2, "confirm_time": "", "group_status": 2} | NO_RECEIVER,
            CANCELLED,
            False,
            set(),
        ),
        ({"confirm_status": 0, "group_status": 2} | NO_RECEIVER, CANCELLED, False, set()),
    ],
)
def test_states_are_told_in_the_hubs_words(
    states: dict[str, Any], status: ChannelOrderStatus, is_paid: bool, obstacles: set[Obstacle]
) -> None:
    order = read(ORDER | states)
    assert (order.status, order.payment is not None) == (status, is_paid)
    assert order.obstacles == obstacles
    assert bool(order.sealed) == ("receiver_name" not in states)


def test_without_a_time_of_payment_the_confirmation_counts() -> None:
    payment = read(ORDER | {"pay_time": None}).payment
    assert payment is not None
    assert payment.paid_at == datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("515.80", 51580),
        ("515.8", 51580),
        (515.8, 51580),
        (515.8000000000001, 51580),
        ("0.29", 29),
        (0.29, 29),
        (0.57, 57),
        (1.15, 115),
        (1.1, 110),
        (8, 800),
        ("8", 800),
    ],
)
def test_yuan_become_fen_exactly(written: object, fen: int) -> None:
    sums = {"postage": None, "service_fee_detail": None, "discount_amount": 0}
    amounts = {"goods_amount": written, "pay_amount": written}
    line = ORDER["item_list"][0] | {"goods_count": 1, "goods_price": written}
    order = read(ORDER | sums | amounts | {"item_list": [line]})
    assert (order.items_fen, order.total_fen, order.lines[0].unit_price_fen) == (fen, fen, fen)


@given(st.integers(min_value=0, max_value=10**9))
def test_every_amount_survives_as_a_double_and_as_text(fen: int) -> None:
    yuan = Decimal(fen) / 100
    sums = {"postage": 0, "service_fee_detail": [], "discount_amount": "0.00"}
    line = ORDER["item_list"][0] | {"goods_count": 1, "goods_price": float(yuan)}
    amounts = {"goods_amount": f"{yuan:.2f}", "pay_amount": float(yuan)}
    order = read(ORDER | sums | amounts | {"item_list": [line]})
    assert (order.items_fen, order.total_fen) == (fen, fen)


def test_a_price_lowered_by_the_merchant_is_a_discount() -> None:
    lowered = {"goods_amount": "509.80", "order_change_amount": 10, "pay_amount": "505.80"}
    order = read(ORDER | lowered)
    assert (order.items_fen, order.discount_fen, order.total_fen) == (51980, 4000, 50580)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("order_sn", ..., [("missing", "$.order_sn")]),
        ("order_sn", "261122123456789012345", [("bad_value", "$.order_sn")]),
        ("order_sn", 261122, [("wrong_type", "$.order_sn")]),
        ("order_status", ..., [("missing", "$.order_status")]),
        ("order_status", 9, [("bad_value", "$.order_status")]),
        ("confirm_status", "x", [("wrong_type", "$.confirm_status")]),
        ("group_status", 7, [("bad_value", "$.group_status")]),
        ("refund_status", None, [("missing", "$.refund_status")]),
        ("refund_status", True, [("wrong_type", "$.refund_status")]),
        ("risk_control_status", 3, [("bad_value", "$.risk_control_status")]),
        ("created_time", "2026-11-22T10:00:00", [("bad_time", "$.created_time")]),
        ("created_time", "2026-02-30 10:00:00", [("bad_time", "$.created_time")]),
        ("updated_at", ..., [("missing", "$.updated_at")]),
        ("updated_at", "1999-11-22 10:00:00", [("bad_time", "$.updated_at")]),
        ("confirm_time", None, [("missing", "$.confirm_time")]),
        ("pay_time", "soon", [("bad_time", "$.pay_time")]),
        ("last_ship_time", 1795312802, [("wrong_type", "$.last_ship_time")]),
        ("pay_amount", ..., [("missing", "$.pay_amount")]),
        ("pay_amount", "", [("missing", "$.pay_amount")]),
        ("pay_amount", "515.805", [("bad_value", "$.pay_amount")]),
        ("pay_amount", 515.805, [("bad_value", "$.pay_amount")]),
        ("pay_amount", "¥515.80", [("bad_value", "$.pay_amount")]),
        ("pay_amount", "5e2", [("bad_value", "$.pay_amount")]),
        ("pay_amount", [], [("wrong_type", "$.pay_amount")]),
        ("pay_amount", True, [("wrong_type", "$.pay_amount")]),
        ("pay_amount", -1, [("negative_amount", "$.pay_amount")]),
        ("pay_amount", 10_000_000.01, [("huge_amount", "$.pay_amount")]),
        ("pay_amount", 1e200, [("huge_amount", "$.pay_amount")]),
        ("pay_amount", 515.81, [("total_amount", "$.pay_amount")]),
        ("goods_amount", 519.81, [("items_amount", "$.goods_amount")]),
        ("discount_amount", ..., [("missing", "$.discount_amount")]),
        ("postage", "x", [("bad_value", "$.postage")]),
        ("service_fee_detail", {}, [("wrong_type", "$.service_fee_detail")]),
        (
            "service_fee_detail",
            [{"service_fee": "x"}],
            [("bad_value", "$.service_fee_detail[0].service_fee")],
        ),
        ("item_list", [], [("no_lines", "$.item_list")]),
        ("item_list", ..., [("no_lines", "$.item_list")]),
        ("item_list.0", 5, [("wrong_type", "$.item_list[0]"), ("no_lines", "$.item_list")]),
        ("item_list.0.goods_count", 0, [("bad_quantity", "$.item_list[0].goods_count")]),
        ("item_list.0.goods_count", 1.5, [("wrong_type", "$.item_list[0].goods_count")]),
        ("item_list.0.goods_count", 10_000, [("huge_quantity", "$.item_list[0].goods_count")]),
        ("item_list.0.goods_price", None, [("missing", "$.item_list[0].goods_price")]),
        ("item_list.0.outer_id", 7, [("wrong_type", "$.item_list[0].outer_id")]),
        ("gift_list.0.sku_id", 0, [("missing", "$.gift_list[0].outer_id")]),
        ("gift_list", "x", [("wrong_type", "$.gift_list")]),
        ("receiver_name", "", [("missing", "$.receiver_name")]),
        ("receiver_address", ..., [("missing", "$.receiver_address")]),
        ("receiver_phone", "x" * 2001, [("too_long", "$.receiver_phone")]),
        ("province", "", [("missing", "$.province")]),
        ("town", ["x"], [("wrong_type", "$.town")]),
        ("buyer_memo", "\x00", [("bad_characters", "$.buyer_memo")]),
    ],
)
def test_a_wrong_field_is_named(path: str, value: object, expected: list[tuple[str, str]]) -> None:
    assert problems(changed(path, value)) == expected


def test_all_problems_are_told_at_once() -> None:
    order = changed("item_list.0.goods_price", "x") | {"pay_amount": None, "updated_at": "x"}
    assert problems(order) == [
        ("bad_time", "$.updated_at"),
        ("bad_value", "$.item_list[0].goods_price"),
        ("missing", "$.pay_amount"),
    ]


def test_more_lines_than_an_order_can_have_are_refused() -> None:
    lines = [ORDER["item_list"][0]] * 150
    assert ("too_many_lines", "$.item_list") in problems(
        ORDER | {"item_list": lines, "gift_list": lines}
    )


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"NaN", b'{"pay_amount":NaN}', b"1"])
def test_what_is_no_object_is_one_problem(body: bytes) -> None:
    with pytest.raises(BadOrder) as caught:
        read_order(body)
    assert [(one.code.value, one.path) for one in caught.value.problems] == [
        ("connectors.problem.not_json", "$")
    ]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=8), parts),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(ORDER)), ANYTHING))
def test_whatever_stands_in_the_fields_is_an_order_or_problems(fields: dict[str, object]) -> None:
    body = json.dumps(ORDER | fields, allow_nan=True).encode()
    order, found = None, ()
    try:
        order = read_order(body)
    except BadOrder as error:
        found = error.problems
    assert (order is None) == bool(found)
    assert all(one.path.startswith("$") for one in found)
    if order is not None:
        assert order.total_fen == order.items_fen - order.discount_fen + order.freight_fen
        assert order.items_fen == sum(line.amount_fen for line in order.lines)
        assert order.discount_fen >= 0


@given(st.binary(max_size=200))
def test_any_bytes_are_an_order_or_problems(body: bytes) -> None:
    with pytest.raises(BadOrder):
        read_order(body)


def test_persons_are_not_shown() -> None:
    shown = repr(read(ORDER))
    for text in ("李*", "138****", "世纪大道", "AgAAAAM", "$phone"):
        assert text not in shown
