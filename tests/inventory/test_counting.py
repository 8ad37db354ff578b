"""Shipments, photographs, reported changes and reconciling, in any order of arrival."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.inventory.builders import (
    GZ,
    HZ,
    NT,
    RUG,
    T0,
    assert_no_drift,
    events,
    level_of,
    photograph,
    reserve,
    set_up,
    wish,
)
from yinuo.inventory import service
from yinuo.inventory.model import (
    NotHeld,
    PhotographLine,
    PhotoSource,
    ReservationState,
    StockChange,
    UnknownStock,
    UnknownWarehouse,
)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def test_deduction_is_in_flight_until_a_photograph_contains_it(session):
    set_up(session, {(RUG, HZ): 10})
    reserve(session, wish("a", {RUG: 3}))
    service.allocate(session, "a", now=T0)
    shipped = T0 + 10 * MINUTE
    done = service.deduct(session, "a", key="r1", effective_at=shipped, now=shipped)
    assert (done.units, done.beyond_claim, done.is_final, done.is_repeat) == (
        {RUG: 3},
        {},
        True,
        False,
    )
    assert service.deduct(session, "a", key="r1", effective_at=shipped, now=shipped).is_repeat
    assert service.deduct(session, "a", key="r2", effective_at=shipped, now=shipped).is_repeat
    level = level_of(session)
    assert (level.on_hand, level.in_flight, level.allocated, level.atp) == (7, 3, 0, 7)
    # Taken before the shipment, arrives after it: nothing goes back on the shelf.
    photograph(session, {(RUG, HZ): 10}, at=shipped - MINUTE, now=shipped + MINUTE)
    assert (level_of(session).on_hand, level_of(session).in_flight) == (7, 3)
    # Contains the shipment: not taken off twice.
    photograph(session, {(RUG, HZ): 7}, at=shipped, now=shipped + MINUTE)
    assert (level_of(session).on_hand, level_of(session).in_flight) == (7, 0)
    # Older ones and repeats change nothing.
    late = photograph(session, {(RUG, HZ): 10}, at=shipped - SECOND, now=shipped + MINUTE)
    same = photograph(session, {(RUG, HZ): 99}, at=shipped, now=shipped + MINUTE)
    assert (late.applied, same.applied) == (0, 0)
    assert (level_of(session).on_hand, level_of(session).in_flight) == (7, 0)
    assert_no_drift(session)


def test_shipment_reported_after_the_photograph_that_contains_it(session):
    set_up(session, {(RUG, HZ): 5})
    reserve(session, wish("a", {RUG: 2}))
    shipped = T0 + MINUTE
    photograph(session, {(RUG, HZ): 3}, at=shipped + MINUTE)
    assert level_of(session).atp == 1
    service.deduct(session, "a", key="r1", effective_at=shipped, now=shipped + 5 * MINUTE)
    level = level_of(session)
    assert (level.on_hand, level.in_flight, level.atp) == (3, 0, 3)
    assert_no_drift(session)


def test_partial_shipments_and_goods_beyond_the_claim(session):
    set_up(session, {(RUG, HZ): 10, ("PIL-1", HZ): 4})
    reserve(session, wish("a", {RUG: 3, "PIL-1": 1}))
    at = T0 + MINUTE
    first = service.deduct(session, "a", key="r1", lines={RUG: 1}, effective_at=at, now=at)
    assert not first.is_final
    level = level_of(session)
    assert (level.reserved, level.allocated, level.on_hand) == (0, 2, 9)
    second = service.deduct(
        session, "a", key="r2", lines={RUG: 3, "PIL-1": 1, "NEW": 1}, effective_at=at, now=at
    )
    assert (second.units, second.beyond_claim) == (
        {"NEW": 0, "PIL-1": 1, RUG: 2},
        {"NEW": 1, RUG: 1},
    )
    assert second.is_final
    assert (level_of(session).on_hand, level_of(session).in_flight) == (6, 4)
    assert service.release(session, "a", cause="x", now=at).state is ReservationState.DEDUCTED
    assert_no_drift(session)


def test_release_after_a_partial_shipment_keeps_what_left(session):
    set_up(session, {(RUG, HZ): 10})
    reserve(session, wish("a", {RUG: 3}))
    service.deduct(
        session, "a", key="r1", lines={RUG: 1}, effective_at=T0 + SECOND, now=T0 + SECOND
    )
    released = service.release(session, "a", cause="cancelled", now=T0 + MINUTE)
    assert (released.state, released.units) == (ReservationState.DEDUCTED, {RUG: 2})
    level = level_of(session)
    assert (level.on_hand, level.allocated, level.atp) == (9, 0, 9)
    assert_no_drift(session)


def test_goods_shipped_for_a_released_claim_leave_the_shelf_all_the_same(session):
    set_up(session, {(RUG, HZ): 2})
    reserve(session, wish("a", {RUG: 2}))
    service.release(session, "a", cause="cancelled", now=T0)
    at = T0 + MINUTE
    with pytest.raises(NotHeld):
        service.deduct(session, "a", key="r1", effective_at=at, now=at)
    with pytest.raises(NotHeld):
        service.deduct(session, "nobody", key="r1", effective_at=at, now=at)
    gone = service.deduct(session, "a", key="r1", lines={RUG: 2}, effective_at=at, now=at)
    assert (gone.units, gone.beyond_claim, gone.is_final) == ({RUG: 0}, {RUG: 2}, False)
    assert level_of(session).on_hand == 0
    assert service.find_reservation(session, "a", now=at).state is ReservationState.RELEASED
    assert_no_drift(session)


def test_photograph_below_the_claims_is_recorded_and_heals_by_itself(session):
    set_up(session, {(RUG, HZ): 10})
    reserve(session, wish("a", {RUG: 4}), wish("b", {RUG: 4}))
    photograph(session, {(RUG, HZ): 5}, at=T0 + MINUTE)
    level = level_of(session)
    assert (level.on_hand, level.shortfall, level.missing, level.atp) == (5, 3, 3, -3)
    (told,) = events(session, "inventory.stock_fell_short")
    assert (told["sku"], told["warehouse"], told["missing"]) == (RUG, HZ, 3)
    assert service.sellable(session, [RUG], now=T0) == {RUG: 0}
    (refused,) = reserve(session, wish("c"), now=T0 + MINUTE)
    assert refused.short == {RUG: 1}
    photograph(session, {(RUG, HZ): 5}, at=T0 + 2 * MINUTE)
    assert len(events(session, "inventory.stock_fell_short")) == 1
    service.release(session, "b", cause="refunded", now=T0 + 3 * MINUTE)
    level = level_of(session)
    assert (level.shortfall, level.atp) == (0, 1)
    assert_no_drift(session)


def test_safety_stock_is_never_promised_and_no_shortage_of_promises(session):
    set_up(session, {(RUG, HZ): 10})
    reserve(session, wish("a", {RUG: 8}))
    level = service.set_safety_stock(
        session, RUG, warehouse=HZ, quantity=5, cause="ops", now=T0 + SECOND
    )
    assert (level.shortfall, level.missing, level.atp) == (3, 0, -3)
    assert events(session, "inventory.stock_fell_short") == []
    with pytest.raises(UnknownWarehouse):
        service.set_safety_stock(session, RUG, warehouse="WH-X", quantity=1, cause="ops", now=T0)
    with pytest.raises(UnknownStock):
        service.level(session, "GONE", now=T0)
    assert_no_drift(session)


def test_reported_changes_and_photographs_agree_in_any_order(session):
    set_up(session, {(RUG, HZ): 10})
    found = StockChange("k1", RUG, HZ, 5, T0 + MINUTE)
    done = service.apply_change(session, [found], now=T0 + 2 * MINUTE)
    assert (done.applied, done.repeats) == (1, 0)
    assert level_of(session).on_hand == 15
    again = service.apply_change(session, [replace(found, quantity_delta=7)], now=T0 + 3 * MINUTE)
    assert (again.applied, again.repeats) == (0, 1)
    photograph(session, {(RUG, HZ): 15}, at=T0 + 3 * MINUTE)
    assert level_of(session).on_hand == 15
    late = StockChange("k2", RUG, HZ, -2, T0 + 2 * MINUTE)
    service.apply_change(session, [late], now=T0 + 4 * MINUTE)
    level = level_of(session)
    assert (level.on_hand, level.changed) == (15, 0)
    two_batches = [StockChange("k3", RUG, HZ, -1, T0 + 5 * MINUTE)] * 2
    service.apply_change(session, two_batches, now=T0 + 5 * MINUTE)
    assert level_of(session).on_hand == 13
    assert_no_drift(session)


def test_a_reported_change_that_is_a_shipment_of_ours_counts_once(session):
    set_up(session, {(RUG, HZ): 10})
    reserve(session, wish("a", {RUG: 2}))
    at = T0 + MINUTE
    report = StockChange("k1", RUG, HZ, -2, at, owner="a")
    unknown = StockChange("k2", RUG, "WH-X", -2, at)
    other = StockChange("k3", RUG, HZ, -1, at, owner="somebody")
    done = service.apply_change(session, [report, unknown, other], now=at)
    assert (done.applied, done.shipments, done.unknown_warehouses) == (1, 1, ["WH-X"])
    service.deduct(session, "a", key="r1", effective_at=at, now=at)
    assert level_of(session).on_hand == 7
    assert_no_drift(session)


def test_erp_photographs_count_only_until_the_wms_has_counted(session):
    set_up(session, {(RUG, HZ): 10})
    at = T0 + MINUTE
    reserve(session, wish("a", {RUG: 4}))
    service.deduct(session, "a", key="r1", effective_at=at, now=at)
    photograph(session, {(RUG, HZ): 10}, at=at + MINUTE, source=PhotoSource.ERP)
    assert level_of(session).on_hand == 6
    shown = service.photographs(session, RUG)[HZ]
    assert {(photo.source, photo.quantity) for photo in shown} == {
        (PhotoSource.ERP, 10),
        (PhotoSource.WMS, 10),
    }
    photograph(session, {(RUG, GZ): 8}, at=at, source=PhotoSource.ERP)
    assert level_of(session, warehouse=GZ).on_hand == 8
    photograph(session, {(RUG, GZ): 7}, at=at - MINUTE, now=at)
    assert level_of(session, warehouse=GZ).on_hand == 7
    assert_no_drift(session)


def test_a_photograph_from_the_future_swallows_nothing(session):
    set_up(session, {(RUG, HZ): 10})
    reserve(session, wish("a", {RUG: 2}))
    photograph(session, {(RUG, HZ): 10}, at=T0 + timedelta(hours=1), now=T0 + SECOND)
    at = T0 + MINUTE
    service.deduct(session, "a", key="r1", effective_at=at, now=at)
    assert level_of(session).on_hand == 8


def test_photograph_lines_of_one_place_add_up_and_unknown_warehouses_are_told(session):
    set_up(session, {})
    done = service.apply_photograph(
        session,
        source=PhotoSource.WMS,
        as_of=T0,
        lines=[
            PhotographLine(RUG, HZ, 3, locked=1),
            PhotographLine(RUG, HZ, 4),
            PhotographLine(RUG, "WH-X", 9),
            PhotographLine("OWED", HZ, -2),
        ],
        now=T0,
    )
    assert (done.applied, done.ignored, done.unknown_warehouses) == (2, 0, ["WH-X"])
    assert level_of(session).on_hand == 7
    assert (level_of(session, "OWED").on_hand, level_of(session, "OWED").photo_quantity) == (0, -2)
    assert_no_drift(session)


def test_ledger_pages_backwards_and_is_append_only(session):
    set_up(session, {(RUG, HZ): 10})
    reserve(session, wish("a"), wish("b"))
    newest, second = service.ledger(session, RUG, limit=2)
    assert (newest.entry.owner, newest.entry.reserved, second.entry.owner) == ("b", 1, "a")
    (first,) = service.ledger(session, RUG, before=second.id)
    assert (first.entry.kind, first.entry.on_hand) == ("photographed", 10)
    assert [r.owner for r in service.reservations_of(session, RUG, now=T0)] == ["b", "a"]
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.execute(sa.text("DELETE FROM stock_ledger"))


def test_reconcile_finds_drift_and_repairs_it_once(session):
    set_up(session, {(RUG, HZ): 10, (RUG, NT): 5})
    reserve(session, wish("a", {RUG: 2}))
    session.execute(
        sa.text("UPDATE stock_levels SET reserved = 5, in_flight = 1 WHERE warehouse = :w"),
        {"w": HZ},
    )
    found = service.reconcile(session, repair=False, now=T0)
    assert {(d.counter, d.stored, d.recomputed, d.against) for d in found} == {
        ("reserved", 5, 2, "claims"),
        ("reserved", 5, 2, "ledger"),
        ("in_flight", 1, 0, "movements"),
        ("in_flight", 1, 0, "ledger"),
    }
    assert service.reconcile(session, repair=True, now=T0) == found
    assert_no_drift(session)
    assert level_of(session).reserved == 2
    assert service.count_levels(session) == 2
