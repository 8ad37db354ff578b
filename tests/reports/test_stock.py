"""The stock page: what it lists, in what order, page by page."""

from datetime import timedelta

import pytest

from tests.inventory.builders import HZ, NT, T0, set_up, wish
from yinuo.core.paging import BadCursor, encode_cursor
from yinuo.inventory import service as inventory
from yinuo.reports import stock as report
from yinuo.reports.stock import StockFilter, StockSort


def listed(session, *, sort=StockSort.SKU, limit=50, now=T0, **wanted):
    found, cursor = [], None
    while True:
        page = report.list_stock(
            session, StockFilter(**wanted), sort=sort, cursor=cursor, limit=limit, now=now
        )
        found += [row.sku for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.fixture
def stocked(session):
    set_up(
        session,
        {("A", HZ): 50, ("A", NT): 1, ("B%", HZ): 5, ("C_1", NT): 30, ("C21", HZ): 30},
    )
    return session


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (StockSort.SKU, ["A", "B%", "C21", "C_1"]),
        (StockSort.LEAST_ATP, ["B%", "C21", "C_1", "A"]),
        (StockSort.MOST_ATP, ["A", "C21", "C_1", "B%"]),
        (StockSort.MOST_ON_HAND, ["A", "C21", "C_1", "B%"]),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_pages_join_to_the_whole_list_in_every_order(stocked, sort, expected, limit):
    assert sorted(listed(stocked, sort=sort, limit=limit)) == sorted(expected)
    values = {"A": 51, "B%": 5, "C_1": 30, "C21": 30}
    got = listed(stocked, sort=sort, limit=limit)
    if sort is not StockSort.SKU:
        assert [values[sku] for sku in got] == [values[sku] for sku in expected]


def test_a_search_takes_its_characters_literally(stocked):
    assert listed(stocked, q="%") == ["B%"]
    assert listed(stocked, q="c_1") == ["C_1"]
    assert listed(stocked, q="nothing") == []


def test_low_and_warehouse_filters(stocked):
    assert listed(stocked, low=True) == ["B%"]
    assert listed(stocked, warehouse=NT, low=True) == ["A"]
    assert sorted(listed(stocked, warehouse=NT)) == ["A", "C_1"]


def test_expired_unpaid_reservations_are_free_on_the_page(stocked):
    inventory.reserve_batch(
        stocked, [wish("o", {"C21": 25}, is_paid=False, ttl_seconds=60)], now=T0
    )
    assert listed(stocked, low=True) == ["B%", "C21"]
    assert listed(stocked, low=True, now=T0 + timedelta(minutes=1)) == ["B%"]


def test_foreign_cursors_are_refused(stocked):
    with pytest.raises(BadCursor):
        report.list_stock(stocked, StockFilter(), cursor=encode_cursor(["x", 1]), now=T0)


def test_unknown_skus_have_no_name_and_unknown_owners_no_number(stocked):
    assert report.sku_row(stocked, "A").name == ""
    assert report.order_numbers(stocked, {"ord_none"}) == {}
