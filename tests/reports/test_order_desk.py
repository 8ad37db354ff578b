"""The order desk finds, sorts, pages and counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.orders.builders import NOON
from tests.reports.builders import put, reserve, send
from yinuo.core.paging import BadCursor, encode_cursor
from yinuo.orders import service
from yinuo.orders.model import FulfillmentStatus, OrderStatus
from yinuo.reports.order_desk import (
    BadFilter,
    DeskFilter,
    Sort,
    View,
    count_views,
    list_orders,
)

LATER = NOON + timedelta(hours=1)


def numbers(session, *, sort=Sort.NEWEST, limit=50, **wanted):
    """Return the numbers of all pages, each page asked for with the cursor of the one before."""
    found, cursor = [], None
    while True:
        page = list_orders(session, DeskFilter(**wanted), sort=sort, cursor=cursor, limit=limit)
        found += [row.number for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.fixture
def desk(session):
    """Five orders: unpaid, waiting, held, reserved, shipped."""
    put(session, "2026A1", total=500, minutes=1)
    put(session, "2026A2", total=300, minutes=2, is_paid=True, skus=("QUILT", "RUG-160"))
    held = put(session, "2026B3", total=300, minutes=3, is_paid=True, phone="13900009999")
    service.hold_order(
        session,
        held.id,
        reason="address_unclear",
        owner_role="customer_service",
        note="",
        actor="ops",
        now=LATER,
    )
    fourth = put(session, "2026B4", total=900, minutes=4, to=FulfillmentStatus.RESERVED, shop="dy")
    service.tag_order(session, fourth.id, tag="VIP", actor="ops", now=LATER)
    put(session, "2026C5", total=100, minutes=5, to=FulfillmentStatus.SHIPPED)
    return session


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.NEWEST, ["2026C5", "2026B4", "2026B3", "2026A2", "2026A1"]),
        (Sort.PLACED_AT, ["2026A1", "2026A2", "2026B3", "2026B4", "2026C5"]),
        (Sort.LARGEST, ["2026B4", "2026A1", "2026B3", "2026A2", "2026C5"]),
        (Sort.TOTAL, ["2026C5", "2026A2", "2026B3", "2026A1", "2026B4"]),
    ],
)
def test_every_order_comes_once_in_its_place(desk, sort, expected, limit):
    assert numbers(desk, sort=sort, limit=limit) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"view": View.UNPAID}, ["2026A1"]),
        ({"view": View.WAITING}, ["2026A2"]),
        ({"view": View.HELD}, ["2026B3"]),
        ({"view": View.RESERVED}, ["2026B4"]),
        ({"view": View.SHIPPED}, ["2026C5"]),
        ({"view": View.CANCELLED}, []),
        ({"shop": "dy"}, ["2026B4"]),
        ({"sku": "QUILT"}, ["2026A2"]),
        ({"tag": "VIP"}, ["2026B4"]),
        ({"tag": "VIP", "view": View.HELD}, []),
        ({"q": "2026A"}, ["2026A2", "2026A1"]),
        ({"q": " 2026A1 "}, ["2026A1"]),
        ({"q": "9999"}, ["2026B3"]),
        ({"q": "5678"}, ["2026C5", "2026B4", "2026A2", "2026A1"]),
        ({"q": "5678", "view": View.SHIPPED}, ["2026C5"]),
        ({"q": "quilt"}, ["2026A2"]),
        ({"q": "VIP"}, ["2026B4"]),
        ({"q": "026A"}, []),
        ({"q": "%"}, []),
        ({"q": "'; DROP TABLE orders; --"}, []),
        ({"q": ":status"}, []),
    ],
)
def test_filters_and_searches_find_what_they_say(desk, wanted, expected):
    assert numbers(desk, **wanted) == expected
    assert numbers(desk, **wanted, limit=1) == expected


def test_a_four_digit_search_is_a_tail_and_a_number_at_once(session):
    put(session, "2026-X", minutes=1)
    put(session, "Y", minutes=2, phone="13800002026")
    assert numbers(session, q="2026") == ["Y", "2026-X"]
    assert numbers(session, q="2026", limit=1) == ["Y", "2026-X"]


def test_an_order_with_a_sku_in_two_lines_comes_once(session):
    put(session, "A", skus=("RUG-160", "RUG-160"))
    assert numbers(session, sku="RUG-160") == ["A"]
    assert numbers(session, q="RUG-160") == ["A"]


def test_a_sku_is_searched_as_it_is_written_or_in_capitals(session):
    put(session, "A", skus=("rug-160a",))
    put(session, "B", skus=("RUG-160A",), minutes=1)
    assert numbers(session, q="rug-160a") == ["B", "A"]
    assert numbers(session, q="RUG-160A") == ["B"]


def test_orders_of_one_moment_are_paged_without_loss(session):
    for number in range(7):
        put(session, f"N{number}")
    assert sorted(numbers(session, limit=2)) == [f"N{number}" for number in range(7)]


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_what_ends_first_stands_first_and_nothing_is_lost(desk, limit):
    orders = {
        number: service.find_order(desk, shop_id=shop, number=number)
        for number, shop in [("2026A1", "mini"), ("2026A2", "mini"), ("2026B4", "dy")]
    }
    reserve(desk, orders["2026A1"], expires_at=LATER, is_paid=False)
    reserve(desk, orders["2026B4"], expires_at=LATER - timedelta(minutes=9))
    reserve(desk, orders["2026A2"], expires_at=NOON, state="lapsed")
    expected = ["2026B4", "2026A1", "2026C5", "2026B3", "2026A2"]
    assert numbers(desk, sort=Sort.EXPIRES_AT, limit=limit) == expected
    assert numbers(desk, sort=Sort.EXPIRES_AT, limit=limit, q="2026A") == ["2026A1", "2026A2"]
    assert numbers(desk, sort=Sort.EXPIRES_AT, limit=limit, view=View.RESERVED) == ["2026B4"]


def test_a_row_tells_what_people_look_for(desk):
    order = service.find_order(desk, shop_id="dy", number="2026B4")
    reserve(desk, order, expires_at=LATER)
    send(desk, order)
    (row,) = list_orders(desk, DeskFilter(q="2026B4")).items
    assert row.id == order.id
    assert row.status is OrderStatus.RESERVED
    assert row.total_fen == 900
    assert row.items_text == "RUG-160×1"
    assert row.item_count == 1
    assert (row.masked_name, row.masked_phone) == ("张**", "138****5678")
    assert row.region.label == "浙江省 杭州市 西湖区"
    assert row.tags == ("VIP",)
    assert row.reservation_expires_at == LATER
    assert (row.warehouse, row.warehouse_name) == ("WH-HZ", "杭州仓")
    assert (row.carrier, row.waybill) == ("SF", "SF1001")
    assert row.shop_name == "dy"
    (held,) = list_orders(desk, DeskFilter(view=View.HELD)).items
    assert [(one.reason, one.owner_role) for one in held.holds] == [
        ("address_unclear", "customer_service")
    ]


def test_a_claim_that_is_firm_has_no_countdown(desk):
    order = service.find_order(desk, shop_id="mini", number="2026C5")
    reserve(desk, order, expires_at=LATER, state="deducted")
    (row,) = list_orders(desk, DeskFilter(q="2026C5")).items
    assert row.reservation_expires_at is None
    assert row.warehouse == "WH-HZ"


def test_views_are_counted(desk):
    counts = {view.value: count for view, count in count_views(desk).items() if count}
    assert counts == {
        "all": 5,
        "unpaid": 1,
        "waiting": 1,
        "held": 1,
        "reserved": 1,
        "shipped": 1,
    }
    assert set(count_views(desk)) == set(View)


@pytest.mark.parametrize(
    ("cursor", "sort"),
    [
        ("!", Sort.NEWEST),
        (encode_cursor(["x", "ord_1"]), Sort.NEWEST),
        (encode_cursor(["2026-11-22T00:00:00", "ord_1"]), Sort.NEWEST),
        (encode_cursor(["2026-11-22T00:00:00+00:00", 5]), Sort.NEWEST),
        (encode_cursor(["2026-11-22T00:00:00+00:00"]), Sort.NEWEST),
        (encode_cursor(["2026-11-22T00:00:00+00:00", "ord_1"]), Sort.TOTAL),
        (encode_cursor([5, "ord_1"]), Sort.NEWEST),
        (encode_cursor([5, "ord_1"]), Sort.EXPIRES_AT),
        (encode_cursor([2, "2026-11-22T00:00:00+00:00", "ord_1"]), Sort.EXPIRES_AT),
        (encode_cursor([None, None, None]), Sort.EXPIRES_AT),
    ],
)
def test_a_cursor_of_another_list_is_refused(session, cursor, sort):
    with pytest.raises(BadCursor):
        list_orders(session, DeskFilter(), sort=sort, cursor=cursor)


@pytest.mark.parametrize("wanted", [{"q": "a\x00"}, {"sku": "a\nb"}, {"tag": "x" * 65}])
def test_a_filter_that_no_order_can_match_is_refused(session, wanted):
    with pytest.raises(BadFilter):
        list_orders(session, DeskFilter(**wanted))


def test_a_list_never_reads_personal_data(desk):
    seen = []
    connection = desk.connection()

    def note(_c, _u, statement, *_rest):
        seen.append(statement)

    sa.event.listen(connection.engine, "before_cursor_execute", note)
    try:
        rows = list_orders(desk, DeskFilter(q="5678")).items
    finally:
        sa.event.remove(connection.engine, "before_cursor_execute", note)
    assert seen
    assert not any("order_receivers" in statement for statement in seen)
    assert "13812345678" not in repr(rows)
