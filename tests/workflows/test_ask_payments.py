"""Asking about late payments: a bounded number of times, whatever restarts or stays away."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.orders.builders import new_order
from yinuo.connectors.protocols import Unavailable
from yinuo.connectors.registry import PaymentAccount
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.orders import service as orders
from yinuo.workflows import ask_payments, start_up
from yinuo.workflows import hub as hubs


class Clockwork:
    """Accounts that never know a number, and count how often they are asked about each."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.is_away = False
        self.account = "main"

    def payment_accounts(self) -> list[PaymentAccount]:
        return [PaymentAccount("alipay", "main"), PaymentAccount("wechat_pay", "main")]

    def payments(self, _account: PaymentAccount) -> Clockwork:
        return self

    def query_payment(self, payment_number: str) -> None:
        if self.is_away:
            raise Unavailable
        self.asked[payment_number] += 1

    def close(self) -> None:
        return None


@pytest.fixture(autouse=True)
def hub_as_before() -> Iterator[None]:
    """Leave the hub of this process as it was."""
    before = list(hubs._hub)
    yield
    hubs._hub[:] = before


def started(database: Database, outside: Clockwork) -> None:
    """Start the program anew over the same database."""
    shared = start_up.share(database)
    shared.connectors.close()
    shared.lane.close(timeout=5)
    hubs.use(replace(shared, connectors=outside))


def test_asking_is_bounded_and_goes_on_after_a_restart(database: Database) -> None:
    """Every five minutes for 30 hours, started anew each hour: it ends after 25 hours."""
    placed_at = clock.now()
    with database.transaction() as session:
        orders.place_order(session, new_order(placed_at=placed_at), now=placed_at)
    outside = Clockwork()
    moments: list[float] = []
    with clock.fixed(placed_at) as now:
        for step in range(30 * 12):
            if step % 12 == 0:
                started(database, outside)
            now.advance(seconds=300)
            seen = outside.asked["P202611220001"]
            ask_payments.ask_for_late_payments()
            if outside.asked["P202611220001"] > seen:
                moments.append((now.at - placed_at).total_seconds() / 60)
    gaps = [after - first for first, after in itertools.pairwise(moments)]
    assert outside.asked == {"P202611220001": 2 * len(moments)}  # two accounts
    assert 24 <= len(moments) <= 31
    assert moments[0] == 5
    assert moments[-1] < 25 * 60
    assert gaps[:4] == [5, 5, 5, 10]  # 1, 2, 4, 8 minutes, looked at every five
    assert set(gaps[7:]) <= {60, 65}


def test_a_provider_that_is_away_uses_up_a_few_asks_and_no_more(database: Database) -> None:
    placed_at = clock.now() - timedelta(minutes=10)
    with database.transaction() as session:
        for number in range(40):
            order = new_order(f"20261122{number:04d}", placed_at=placed_at)
            orders.place_order(session, order, now=placed_at)
    outside = Clockwork()
    outside.is_away = True
    started(database, outside)
    assert ask_payments.ask_for_late_payments() == 0
    with database.read() as session:
        taken = session.execute(sa.text("SELECT count(*) FROM payment_queries")).scalar_one()
    assert taken == ask_payments.AT_ONCE
    outside.is_away = False
    ask_payments.ask_for_late_payments()
    assert len(outside.asked) == 30
