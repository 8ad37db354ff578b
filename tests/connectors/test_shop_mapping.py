"""A shop's raw order becomes a typed one, or all its problems at once."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinuo.connectors.orders import BadOrder
from yinuo.connectors.protocols import (
    ChannelOrder,
    ChannelOrderLine,
    ChannelOrderStatus,
    Receiver,
)
from yinuo.connectors.shop.mapping import read_order
from yinuo.core.money import Fen
from yinuo.core.texts import has_text

ORDER: dict[str, Any] = {
    "number": "M2026112200001",
    "version": 2,
    "placed_at": "2026-11-22T10:00:00+08:00",
    "payment_number": "YN20261122000001",
    "buyer": {"id": "oSANDBOX0001", "nick": "小李"},
    "lines": [
        {
            "listing": "LOVE-2026",
            "name": "情人节礼盒",
            "quantity": 2,
            "unit_price_fen": 25990,
            "amount_fen": 50980,
        },
        {"listing": "CARD", "quantity": 1, "unit_price_fen": 0, "amount_fen": 0, "is_gift": True},
    ],
    "items_fen": 50980,
    "discount_fen": 980,
    "freight_fen": 600,
    "total_fen": 50600,
    "receiver": {
        "name": "李四",
        "phone": "13800000000",
        "province": "上海",
        "city": "上海市",
        "district": "浦东新区",
        "town": "",
        "detail": "世纪大道100号",
    },
    "remark": "请包装好",
    "status": "placed",
}


def problems(order: object) -> list[tuple[str, str]]:
    with pytest.raises(BadOrder) as caught:
        read_order(json.dumps(order).encode())
    found = [(one.code.value, one.path) for one in caught.value.problems]
    assert caught.value.details == {
        "problems": [{"code": code, "path": path} for code, path in found]
    }
    assert all(has_text(code) for code, _ in found)
    return [(code.removeprefix("connectors.problem."), path) for code, path in found]


def changed(path: str, value: object) -> dict[str, Any]:
    order: Any = deepcopy(ORDER)
    part = order
    *steps, last = path.split(".")
    for step in steps:
        part = part[int(step)] if step.isdigit() else part[step]
    if value is ...:
        del part[last]
    else:
        part[int(last) if last.isdigit() else last] = value
    return order


def test_an_order_is_read_whole() -> None:
    assert read_order(json.dumps(ORDER | {"something_new": 1}).encode()) == ChannelOrder(
        number="M2026112200001",
        version=2,
        placed_at=datetime(2026, 11, 22, 2, 0, tzinfo=UTC),
        payment_number="YN20261122000001",
        buyer_id="oSANDBOX0001",
        buyer_nick="小李",
        lines=(
            ChannelOrderLine(
                listing="LOVE-2026",
                name="情人节礼盒",
                quantity=2,
                unit_price_fen=Fen(25990),
                amount_fen=Fen(50980),
                is_gift=False,
            ),
            ChannelOrderLine(
                listing="CARD",
                name="",
                quantity=1,
                unit_price_fen=Fen(0),
                amount_fen=Fen(0),
                is_gift=True,
            ),
        ),
        items_fen=Fen(50980),
        discount_fen=Fen(980),
        freight_fen=Fen(600),
        total_fen=Fen(50600),
        receiver=Receiver(
            name="李四",
            phone="13800000000",
            province="上海",
            city="上海市",
            district="浦东新区",
            town="",
            detail="世纪大道100号",
        ),
        remark="请包装好",
        status=ChannelOrderStatus.PLACED,
    )


def test_what_is_optional_may_be_left_out() -> None:
    order = deepcopy(ORDER)
    for name in ["version", "buyer", "remark", "status"]:
        del order[name]
    read = read_order(json.dumps(order).encode())
    assert (read.version, read.buyer_id, read.remark) == (1, "", "")
    assert read.status is ChannelOrderStatus.PLACED


def test_a_town_stands_for_a_district() -> None:
    order = changed("receiver.district", "")
    order["receiver"]["town"] = "虎门镇"
    assert read_order(json.dumps(order).encode()).receiver.town == "虎门镇"


def test_a_cancelled_order_says_so() -> None:
    read = read_order(json.dumps(changed("status", "cancelled")).encode())
    assert read.status is ChannelOrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("number", ..., ("missing", "$.number")),
        ("number", "  ", ("missing", "$.number")),
        ("number", 5, ("wrong_type", "$.number")),
        ("number", "x" * 65, ("too_long", "$.number")),
        ("number", "a\x00b", ("bad_characters", "$.number")),
        ("remark", "\ud800", ("bad_characters", "$.remark")),
        ("version", 0, ("bad_value", "$.version")),
        ("version", True, ("wrong_type", "$.version")),
        ("placed_at", "2026-11-22T10:00:00", ("bad_time", "$.placed_at")),
        ("placed_at", "yesterday", ("bad_time", "$.placed_at")),
        ("placed_at", "0001-01-01T00:00:00+14:00", ("bad_time", "$.placed_at")),
        ("placed_at", "9999-12-31T23:59:59-12:00", ("bad_time", "$.placed_at")),
        ("lines", [], ("no_lines", "$.lines")),
        ("lines", ..., ("no_lines", "$.lines")),
        ("lines", {}, ("wrong_type", "$.lines")),
        ("lines", [{}] * 201, ("too_many_lines", "$.lines")),
        ("lines.0", "LOVE", ("wrong_type", "$.lines[0]")),
        ("lines.0.listing", None, ("missing", "$.lines[0].listing")),
        ("lines.0.quantity", 0, ("bad_quantity", "$.lines[0].quantity")),
        ("lines.0.quantity", -2, ("bad_quantity", "$.lines[0].quantity")),
        ("lines.0.quantity", 10_000, ("huge_quantity", "$.lines[0].quantity")),
        ("lines.0.quantity", 10**30, ("huge_quantity", "$.lines[0].quantity")),
        ("lines.0.quantity", 2.0, ("wrong_type", "$.lines[0].quantity")),
        ("lines.0.quantity", "2", ("wrong_type", "$.lines[0].quantity")),
        ("lines.0.quantity", True, ("wrong_type", "$.lines[0].quantity")),
        ("lines.0.is_gift", 1, ("wrong_type", "$.lines[0].is_gift")),
        ("lines.0.amount_fen", -1, ("negative_amount", "$.lines[0].amount_fen")),
        ("freight_fen", 10**12, ("huge_amount", "$.freight_fen")),
        ("discount_fen", 9.8, ("wrong_type", "$.discount_fen")),
        ("lines.0.unit_price_fen", 25489, ("line_amount", "$.lines[0].amount_fen")),
        ("total_fen", 50601, ("total_amount", "$.total_fen")),
        ("receiver", ..., ("missing", "$.receiver")),
        ("receiver", "上海", ("wrong_type", "$.receiver")),
        ("receiver.detail", ..., ("missing", "$.receiver.detail")),
        ("receiver.phone", 13800000000, ("wrong_type", "$.receiver.phone")),
        ("buyer", "oX", ("wrong_type", "$.buyer")),
        ("status", "paid", ("bad_value", "$.status")),
    ],
)
def test_each_problem_has_its_code_and_path(
    path: str, value: object, expected: tuple[str, str]
) -> None:
    assert problems(changed(path, value)) == [expected]


def test_sums_that_disagree_are_both_named() -> None:
    assert problems(changed("items_fen", 50000)) == [
        ("items_amount", "$.items_fen"),
        ("total_amount", "$.total_fen"),
    ]


def test_all_but_the_detail_of_an_address_may_stand_in_its_text() -> None:
    order = changed("receiver.detail", "浙江杭州西湖区文三路1号 李四 13800000000")
    order["receiver"] = {"detail": order["receiver"]["detail"]}
    assert read_order(json.dumps(order).encode()).receiver == Receiver(
        name="",
        phone="",
        province="",
        city="",
        district="",
        detail="浙江杭州西湖区文三路1号 李四 13800000000",
    )


def test_all_problems_come_at_once() -> None:
    order = changed("lines.0.quantity", -1)
    order["receiver"] = {"name": "李四", "phone": "", "city": None, "detail": "x" * 301}
    del order["number"]
    order["freight_fen"] = "6.00"
    assert problems(order) == [
        ("missing", "$.number"),
        ("bad_quantity", "$.lines[0].quantity"),
        ("wrong_type", "$.freight_fen"),
        ("too_long", "$.receiver.detail"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"a": NaN}',
        b"\xff",
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "null", "list", "broken", "nan", "bytes", "deep", "huge_number"],
)
def test_what_is_no_json_object_is_one_problem(body: bytes) -> None:
    with pytest.raises(BadOrder) as caught:
        read_order(body)
    assert [one.path for one in caught.value.problems] == ["$"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


@given(st.sampled_from(sorted(ORDER)), JSON)
def test_any_value_in_any_field_is_read_or_refused_and_nothing_else(
    name: str, value: object
) -> None:
    try:
        order = read_order(json.dumps(ORDER | {name: value}).encode())
    except BadOrder:
        return
    assert order.total_fen == order.items_fen - order.discount_fen + order.freight_fen


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_nothing_else(body: bytes) -> None:
    with pytest.raises(BadOrder):
        read_order(body)


def test_personal_data_stays_out_of_repr() -> None:
    told = repr(read_order(json.dumps(ORDER).encode()))
    for value in ["李四", "13800000000", "世纪大道", "小李", "oSANDBOX0001", "请包装好"]:
        assert value not in told
