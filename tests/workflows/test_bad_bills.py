"""Bills that are late, damaged, wrong in their sums, or come twice: nothing is believed in part."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.workflows.test_reconcile_payments import (
    KIND,
    NAMES,
    PRICE,
    PROVIDERS,
    bought,
    days_later,
    differences,
    each,
    kinds,
    open_items,
    reconciled,
    rows,
    today,
)
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.connectors.protocols import Malformed
from yinuo.core.db import Database
from yinuo.orders.model import BillDay
from yinuo.sandbox.alipay import bills as alipay_bills
from yinuo.sandbox.wechat_pay import bills as wechat_pay_bills
from yinuo.users.model import SYSTEM
from yinuo.workflows import reconcile_payments
from yinuo.workflows.retry_work_item import retry_work_item


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with make_world(database, tmp_path, monkeypatch, works=False) as running:
        yield running


@each
def test_a_bill_is_asked_for_until_it_is_there_and_a_person_is_told_when_it_stays_away(
    world: World, provider: str
) -> None:
    number = bought(world, provider, is_silent=True)
    name = NAMES[provider]
    world.faults(name, {"operation": "bill/content", "kind": "error"})
    hours = (11, 12, 13, 15, 18, 22)
    for hour in hours:
        with days_later(1, hour=hour):
            reconcile_payments.reconcile_due()
    (row,) = [row for row in rows(world) if row["provider"] == provider]
    assert (row["state"], row["attempts"]) == ("waiting", 6)
    assert row["last_error"] == f"{provider}.malformed"
    (item,) = open_items(world)
    assert (item.subject_type, item.code) == ("payment_bill", "payments.bill_missing")
    assert world.order(number).paid_fen == 0
    world.faults(name)
    with days_later(1, hour=23):
        retry_work_item(world.database, item, actor=SYSTEM)
    assert open_items(world) == []
    assert world.order(number).paid_fen == PRICE


def test_a_bill_whose_sum_line_is_wrong_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {provider: bought(world, provider, is_silent=True) for provider in PROVIDERS}
    table, details = wechat_pay_bills.table, alipay_bills._details
    with monkeypatch.context() as patched:
        patched.setattr(
            wechat_pay_bills,
            "table",
            lambda *given: b"`259.91".join(table(*given).rsplit(b"`259.90", 1)),
        )
        patched.setattr(
            alipay_bills,
            "_details",
            lambda *given, **named: details(*given, **named).replace("共259.90元", "共259.91元"),
        )
        for provider in PROVIDERS:
            with pytest.raises(Malformed) as caught:
                reconciled(provider)
            assert caught.value.details == {"problem": "bill_sums"}
    assert (rows(world), differences(world)) == ([], [])
    for provider, number in numbers.items():
        assert world.order(number).paid_fen == 0
        assert reconciled(provider).open == ()
        assert world.order(number).paid_fen == PRICE


@each
def test_a_bill_that_arrives_twice_books_and_tells_everything_once(
    world: World, provider: str
) -> None:
    number = bought(world, provider, is_silent=True)
    bought(world, provider)
    world.faults(NAMES[provider], {"operation": "bill/line", "kind": "drop", "times": 2})
    first = reconciled(provider)
    assert kinds(first) == [KIND.NOT_IN_BILL]
    world.faults(NAMES[provider])
    with ThreadPoolExecutor(3) as pool, days_later(1):
        bill = BillDay(provider=provider, account="main", day=today() - timedelta(days=1))
        again = list(pool.map(reconcile_payments.reconcile_day, [bill] * 3))
    assert [one.open for one in again] == [()] * 3
    assert world.order(number).paid_fen == PRICE
    (row,) = rows(world)
    assert (row["bill_payments"], row["hub_payments"]) == (2, 2)
    with world.database.read() as session:
        counted = session.execute(sa.text("SELECT count(*) FROM payments")).scalar_one()
        lines = session.execute(sa.text("SELECT count(*) FROM payment_bill_lines")).scalar_one()
    assert (counted, lines) == (2, 2)
    assert open_items(world) == []
