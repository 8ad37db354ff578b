"""A day is told once by however many workers, and again when a late order corrected it."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from tests.reports.builders import put
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.orders.model import FulfillmentStatus
from yinuo.reports.summary_workbook import workbook
from yinuo.workflows import daily_summary, start_up

DAY = date(2026, 11, 22)
EVENING = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)  # 18:30 in Shanghai


@pytest.fixture
def told(database: Database) -> Iterator[Database]:
    """Give a database with two shops, one of them new, and a day of three orders."""
    shared = start_up.share(database)
    with database.transaction() as session:
        channels.save_shop(session, Shop(id="mini", channel=Channel.MINI_PROGRAM, name="小程序店"))
        channels.save_shop(session, Shop(id="pdd", channel=Channel.PINDUODUO, name="新拼多多店"))
        put(session, "A", total=25_990, to=FulfillmentStatus.SHIPPED)
        put(session, "B", total=10_000, is_paid=True, skus=("RUG-160", "PILW-45"))
        put(session, "C", total=5_000)
        put(session, "old", minutes=-60 * 24 * 4, is_paid=True)
    yield database
    start_up.close_hub(shared)


def editions(database: Database) -> list[int]:
    with database.read() as session:
        found = session.execute(sa.text("SELECT edition FROM summaries ORDER BY edition"))
        return list(found.scalars())


def test_every_shop_is_summed_up_a_new_one_by_itself(told: Database):
    with clock.fixed(EVENING), told.read() as session:
        summary = daily_summary.summarise(session, DAY)
    mini, pdd = summary.shops["mini"], summary.shops["pdd"]
    assert (mini.placed, mini.paid, mini.paid_fen, mini.shipped) == (3, 2, 35_990, 1)
    assert mini.waiting_long == 1
    assert (pdd.shop, pdd.placed, pdd.paid_fen) == ("新拼多多店", 0, 0)
    assert [(one.provider, one.payments, one.paid_fen) for one in summary.accounts] == [
        ("wechat_pay", 2, 35_990)
    ]
    assert [(one.sku, one.orders, one.units) for one in summary.skus] == [
        ("RUG-160", 2, 2),
        ("PILW-45", 1, 1),
    ]


def test_many_workers_tell_a_day_once(told: Database):
    counts: list[int] = []
    with clock.fixed(EVENING):
        threads = [
            threading.Thread(target=lambda: counts.append(daily_summary.tell_due()))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert daily_summary.tell_due() == 0
    # The day before has ended and was never told: its evening was missed, so it is told as well.
    assert sum(counts) == 2
    assert editions(told) == [1, 1]


def test_a_late_order_makes_a_second_edition_and_nothing_new_makes_none(told: Database):
    with clock.fixed(EVENING):
        daily_summary.tell_due()
    next_morning = EVENING + timedelta(hours=15)
    with told.transaction() as session:
        put(session, "late", total=1_000, is_paid=True, minutes=1)
    with clock.fixed(next_morning), told.read() as session:
        summary = daily_summary.summarise(session, DAY)
    with clock.fixed(next_morning):
        assert daily_summary.tell_due() == 1
        assert daily_summary.tell_due() == 0
    assert editions(told) == [1, 1, 2]
    assert summary.shops["mini"].placed == 4


def test_the_workbook_holds_what_a_person_would_make_by_hand(told: Database):
    with clock.fixed(EVENING), told.read() as session:
        kept = workbook(session, daily_summary.summarise(session, DAY))
    book = openpyxl.load_workbook(io.BytesIO(kept))
    assert book.sheetnames == ["汇总", "收款", "商品", "订单", "异常", "完整性"]
    shops = list(book["汇总"].values)
    assert shops[1][:5] == ("小程序店", 3, 2, 359.9, 0)
    assert shops[-1][:4] == ("合计", 3, 2, 359.9)
    orders = list(book["订单"].values)
    assert [row[0].strip() for row in orders[1:]] == ["A", "B", "C"]
    assert "138" not in "".join(str(cell) for row in orders for cell in row)
    assert list(book["收款"].values)[1][:4] == ("微信支付", "mch-test", 2, 359.9)
