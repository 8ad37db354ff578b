"""Observed orders on real stock: judged once, apart from real claims, and ended by people."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.inventory.builders import GZ, HZ, RUG, T0, photograph, set_up, wish
from tests.racing import race
from yinuo.core.db import Database, Session
from yinuo.inventory import service as inventory
from yinuo.observing import service
from yinuo.observing.model import (
    AlreadyDecided,
    Demand,
    DemandLine,
    NotObserved,
    ObservedState,
    Outcome,
    Verdict,
)

PILLOW = "PILW-45"


def later(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def demand(
    order_id: str,
    units: dict[str, int] | None = None,
    *,
    is_paid: bool = True,
    warehouses: tuple[str, ...] = (HZ, GZ),
) -> Demand:
    return Demand(
        order_id=order_id,
        lines=tuple(
            DemandLine(sku=sku, quantity=many, amount_fen=many * 1000)
            for sku, many in (units or {RUG: 1}).items()
        ),
        warehouses=warehouses,
        is_paid=is_paid,
        ttl_seconds=600,
    )


def observe(session: Session, wanted: Demand, *, now: datetime = T0) -> Verdict:
    service.begin(session, wanted.order_id, shop_id="mini", now=now)
    return service.observe(session, wanted, now=now)


def shortages(session: Session) -> list[tuple[object, ...]]:
    rows = session.execute(
        sa.text(
            "SELECT order_id, sku, is_paid, missing, worth_fen, last_owner FROM observed_shortages"
            " ORDER BY at, order_id, sku"
        )
    )
    return [tuple(row) for row in rows]


def open_units(session: Session) -> dict[str, int]:
    rows = session.execute(sa.text("SELECT order_id, open FROM shadow_claims ORDER BY order_id"))
    return {row.order_id: row.open for row in rows}


@pytest.fixture
def stocked(session: Session) -> Session:
    set_up(session, {(RUG, HZ): 3, (RUG, GZ): 1, (PILLOW, HZ): 9})
    return session


def test_observed_orders_take_from_each_other_and_the_last_holder_is_named(stocked: Session):
    assert observe(stocked, demand("ord_1", {RUG: 2})).warehouse == HZ
    assert observe(stocked, demand("ord_2", {RUG: 1}), now=later(1)).warehouse == HZ
    assert observe(stocked, demand("ord_3", {RUG: 1}), now=later(2)).warehouse == GZ

    verdict = observe(stocked, demand("ord_4", {RUG: 1, PILLOW: 1}), now=later(3))

    assert (verdict.outcome, verdict.worth_fen) == (Outcome.SHORT, 1000)
    assert shortages(stocked) == [("ord_4", RUG, True, 1, 1000, "ord_3")]


def test_observing_leaves_stock_and_its_ledger_alone(stocked: Session):
    before = inventory.levels(stocked, [RUG], now=T0), inventory.ledger(stocked, RUG)
    for number in range(6):
        observe(stocked, demand(f"ord_{number}"))
    assert (inventory.levels(stocked, [RUG], now=T0), inventory.ledger(stocked, RUG)) == before
    assert inventory.sellable(stocked, [RUG], now=T0) == {RUG: 4}
    assert inventory.reservations_of(stocked, RUG, now=T0) == []
    assert inventory.reconcile(stocked, repair=False, now=T0) == []


def test_real_claims_count_and_may_be_the_last_holder(stocked: Session):
    inventory.reserve_batch(stocked, [wish("ord_live", {RUG: 3})], now=later(5))
    verdict = observe(stocked, demand("ord_1", {RUG: 2}, warehouses=(HZ,)), now=later(6))
    assert verdict.missing[0].missing == 2
    assert shortages(stocked)[0][-1] == "ord_live"


def test_nobody_is_named_where_there_was_nothing(stocked: Session):
    observe(stocked, demand("ord_1", {"VASE-20": 1}))
    assert shortages(stocked) == [("ord_1", "VASE-20", True, 1, 1000, None)]


def test_a_verdict_on_a_paid_order_stands(stocked: Session):
    first = observe(stocked, demand("ord_1", {RUG: 9}))
    photograph(stocked, {(RUG, HZ): 50}, at=later(60))
    again = service.observe(stocked, demand("ord_1", {RUG: 9}), now=later(61))
    assert (first.outcome, again.outcome) == (Outcome.SHORT, Outcome.SHORT)
    assert (first.is_new, again.is_new) == (True, False)
    assert len(shortages(stocked)) == 1


def test_a_payment_confirms_what_an_unpaid_order_would_hold(stocked: Session):
    unpaid = demand("ord_1", {RUG: 3}, is_paid=False)
    assert observe(stocked, unpaid).outcome is Outcome.RESERVED
    assert service.observe(stocked, unpaid, now=later(1)).is_new is False
    paid = service.observe(stocked, demand("ord_1", {RUG: 3}), now=later(599))
    assert (paid.outcome, paid.is_paid, paid.is_new) == (Outcome.RESERVED, True, False)
    assert observe(stocked, demand("ord_2", {RUG: 2}), now=later(9000)).outcome is Outcome.SHORT


def test_payment_after_the_shadow_claim_ran_out_is_judged_anew(stocked: Session):
    observe(stocked, demand("ord_1", {RUG: 3}, is_paid=False))
    assert observe(stocked, demand("ord_2", {RUG: 3}), now=later(601)).warehouse == HZ
    late = service.observe(stocked, demand("ord_1", {RUG: 3}), now=later(602))
    assert (late.outcome, late.missing[0].missing) == (Outcome.SHORT, 2)
    assert shortages(stocked) == [("ord_1", RUG, True, 2, 2000, "ord_2")]


def test_an_unpaid_shortage_is_not_an_oversell_until_it_is_paid(stocked: Session):
    observe(stocked, demand("ord_1", {RUG: 9}, is_paid=False))
    assert shortages(stocked)[0][2] is False
    service.observe(stocked, demand("ord_1", {RUG: 9}), now=later(1))
    assert [row[2] for row in shortages(stocked)] == [True]


def test_an_order_that_changes_is_judged_for_what_it_says_now(stocked: Session):
    observe(stocked, demand("ord_1", {RUG: 9}, is_paid=False))
    service.forget_verdict(stocked, "ord_1")
    assert shortages(stocked) == []
    assert service.load_observed(stocked, "ord_1").outcome is Outcome.UNDECIDED
    fewer = service.observe(stocked, demand("ord_1", {RUG: 1}, is_paid=False), now=later(1))
    assert fewer.outcome is Outcome.RESERVED


def test_what_others_ship_is_taken_off_the_oldest_claims(stocked: Session):
    observe(stocked, demand("ord_1", {RUG: 2}))
    observe(stocked, demand("ord_2", {RUG: 1}), now=later(1))
    applied = photograph(stocked, {(RUG, HZ): 1}, at=later(60))
    assert applied.fell == {(RUG, HZ): 2}
    service.note_outflow(stocked, applied.fell, now=later(60))
    assert open_units(stocked) == {"ord_1": 0, "ord_2": 1}
    # One unit is on the shelf and ord_2 would hold it; the other warehouse has one more.
    third = demand("ord_3", {RUG: 1}, warehouses=(HZ,))
    assert observe(stocked, third, now=later(61)).outcome is Outcome.SHORT


def test_a_claim_that_nobody_ships_ends_after_three_days(stocked: Session):
    observe(stocked, demand("ord_1", {RUG: 3}, warehouses=(HZ,)))
    wanted = demand("ord_2", {RUG: 3}, warehouses=(HZ,))
    assert observe(stocked, wanted, now=later(72 * 3600)).outcome is Outcome.RESERVED


def test_a_cancelled_order_would_hold_nothing(stocked: Session):
    observe(stocked, demand("ord_1", {RUG: 3}, warehouses=(HZ,)))
    service.cancelled(stocked, "ord_1", now=later(1))
    service.cancelled(stocked, "ord_1", now=later(2))
    assert service.load_observed(stocked, "ord_1").state is ObservedState.CANCELLED
    second = demand("ord_2", {RUG: 3}, warehouses=(HZ,))
    assert observe(stocked, second, now=later(3)).outcome is Outcome.RESERVED
    service.cancelled(stocked, "ord_unknown", now=later(3))


def test_an_order_is_decided_once_and_by_name(stocked: Session):
    observe(stocked, demand("ord_1"))
    observe(stocked, demand("ord_2"))
    taken = service.take_over(stocked, "ord_1", by="小王", now=later(9))
    assert (taken.state, taken.ended_by, taken.ended_at) == (
        ObservedState.TAKEN_OVER,
        "小王",
        later(9),
    )
    assert not service.is_observed(stocked, "ord_1")
    closed = service.close(stocked, "ord_2", by="小王", now=later(9))
    assert closed.state is ObservedState.CLOSED
    assert service.is_observed(stocked, "ord_2")
    assert open_units(stocked) == {"ord_1": 0, "ord_2": 0}
    for order_id in ("ord_1", "ord_2"):
        with pytest.raises(AlreadyDecided):
            service.take_over(stocked, order_id, by="小李", now=later(10))
    with pytest.raises(NotObserved):
        service.close(stocked, "ord_none", by="小李", now=later(10))
    assert service.is_observed(stocked, "ord_none") is False
    ended = service.observe(stocked, replace(demand("ord_2"), is_paid=True), now=later(11))
    assert ended.is_new is False


def test_all_open_orders_of_one_shop_are_closed(stocked: Session):
    for number in (1, 2):
        observe(stocked, demand(f"ord_{number}"))
    service.begin(stocked, "ord_other", shop_id="second", now=T0)
    assert service.count_open(stocked) == {"mini": 2, "second": 1}
    assert service.close_all(stocked, "mini", by="小王", now=later(1)) == ["ord_1", "ord_2"]
    assert service.count_open(stocked) == {"second": 1}
    assert service.close_all(stocked, "mini", by="小王", now=later(1)) == []


def test_of_racing_observed_orders_only_as_many_get_units_as_there_are(database: Database):
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 5})
    outcomes: list[Outcome] = []

    def buy(number: int) -> None:
        with database.transaction() as session:
            one = demand(f"ord_{number:02}", {RUG: 1}, warehouses=(HZ,))
            outcomes.append(observe(session, one).outcome)

    race(12, buy)

    assert outcomes.count(Outcome.RESERVED) == 5
    assert outcomes.count(Outcome.SHORT) == 7
