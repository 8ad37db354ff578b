"""The verdict on an observed order: as a real reservation would be decided, told too seldom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from yinuo.inventory.model import Level, Place
from yinuo.observing.model import (
    Demand,
    DemandLine,
    Missing,
    Outcome,
    ShadowClaim,
    consume,
    decide,
    free_units,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HZ, GZ = "WH-HZ", "WH-GZ"


def demand(*lines: tuple[str, int, int], warehouses: tuple[str, ...] = (HZ, GZ)) -> Demand:
    return Demand(
        order_id="ord_1",
        lines=tuple(DemandLine(sku=sku, quantity=n, amount_fen=fen) for sku, n, fen in lines),
        warehouses=warehouses,
        is_paid=True,
        ttl_seconds=900,
    )


def test_the_first_warehouse_that_holds_everything_serves():
    free = {Place("A", HZ): 1, Place("A", GZ): 9, Place("B", HZ): 9, Place("B", GZ): 9}
    assert decide(demand(("B", 1, 100)), free).warehouse == HZ
    verdict = decide(demand(("A", 2, 100), ("B", 1, 100)), free)
    assert (verdict.outcome, verdict.warehouse, verdict.missing) == (Outcome.RESERVED, GZ, ())


def test_a_shortage_is_told_where_the_least_is_missing_with_what_was_paid_for_it():
    free = {Place("A", HZ): 1, Place("A", GZ): 3}
    verdict = decide(demand(("A", 5, 5001), ("B", 1, 700)), free)
    assert (verdict.outcome, verdict.warehouse) == (Outcome.SHORT, GZ)
    assert verdict.missing == (
        Missing(sku="A", wanted=5, missing=2, worth_fen=2000),
        Missing(sku="B", wanted=1, missing=1, worth_fen=700),
    )
    assert verdict.worth_fen == 2700


def test_lines_of_one_sku_are_one_demand_and_gifts_are_worth_nothing():
    verdict = decide(demand(("A", 1, 900), ("A", 1, 0), ("G", 1, 0)), {Place("A", HZ): 1})
    assert verdict.missing == (
        Missing(sku="A", wanted=2, missing=1, worth_fen=450),
        Missing(sku="G", wanted=1, missing=1, worth_fen=0),
    )


def test_a_shop_without_an_open_warehouse_is_short_of_everything():
    verdict = decide(demand(("A", 2, 900), warehouses=()), {Place("A", HZ): 9})
    assert (verdict.outcome, verdict.warehouse) == (Outcome.SHORT, None)
    assert verdict.missing == (Missing(sku="A", wanted=2, missing=2, worth_fen=900),)


def test_units_that_erp_or_wms_show_as_claimed_are_not_taken_off_twice():
    level = Level(sku="A", warehouse=HZ, on_hand=10, reserved=1)
    assert free_units(level, 0) == 9
    assert free_units(level, 4) == 5
    assert free_units(level, 20) == 0
    seen = Level(sku="A", warehouse=HZ, on_hand=10, reserved=1, claimed_elsewhere=3)
    assert (seen.atp, free_units(seen, 0)) == (6, 6)
    assert free_units(seen, 2) == 6  # both are among the three that the WMS holds
    assert free_units(seen, 4) == 5


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 60))
def test_shadow_claims_never_free_units_and_never_take_more_than_they_are(
    on_hand, elsewhere, shadow
):
    level = Level(sku="A", warehouse=HZ, on_hand=on_hand, claimed_elsewhere=elsewhere)
    free = free_units(level, shadow)
    assert max(0, level.atp - shadow) <= free <= max(0, level.atp)


def claim(order_id: str, units: int, minute: int) -> ShadowClaim:
    at = NOW + timedelta(minutes=minute)
    return ShadowClaim(order_id=order_id, sku="A", warehouse=HZ, open=units, claimed_at=at)


def test_what_left_the_shelf_was_the_oldest_claims():
    claims = [claim("ord_2", 2, 5), claim("ord_1", 3, 1), claim("ord_3", 1, 9)]
    assert consume(claims, 4) == {"ord_1": 0, "ord_2": 1}
    assert consume(claims, 99) == {"ord_1": 0, "ord_2": 0, "ord_3": 0}
    assert consume(claims, 0) == {}
