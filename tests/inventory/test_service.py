"""Inventory against a real PostgreSQL: given, when, then."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.inventory.builders import GZ, HZ, NT, RUG, T0, level_of, photograph, set_up, wish
from yinuo.inventory import service
from yinuo.inventory.model import (
    BadReservation,
    NotHeld,
    PhotographLine,
    PhotoSource,
    ReservationState,
    Reserved,
    Shortage,
    StockChange,
    StockLine,
    Tried,
    UnknownStock,
    UnknownWarehouse,
)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def events(session, name):
    rows = session.execute(
        sa.text("SELECT body FROM events WHERE name = :name ORDER BY seq"), {"name": name}
    )
    return [row.body for row in rows]


def reserve(session, *requests, now=T0):
    return service.reserve_batch(session, requests, now=now)


def assert_no_drift(session, now=T0):
    assert service.reconcile(session, repair=False, now=now) == []


def test_everything_that_fits_is_reserved_at_the_first_candidate(session):
    set_up(session, {(RUG, HZ): 3, ("PIL-1", HZ): 2})
    first, second = reserve(
        session, wish("a", {RUG: 2, "PIL-1": 1}, warehouses=(HZ, NT)), wish("b", warehouses=(HZ,))
    )
    assert isinstance(first, Reserved)
    assert (first.warehouse, first.is_repeat, first.tried) == (HZ, False, ())
    assert first.expires_at == T0 + timedelta(minutes=15)
    assert second.reservation_id != first.reservation_id
    level = level_of(session)
    assert (level.on_hand, level.reserved, level.atp, level.shortfall) == (3, 3, 0, 0)
    assert level_of(session, "PIL-1").atp == 1
    assert [e["owner"] for e in events(session, "inventory.stock_reserved")] == ["a", "b"]
    assert_no_drift(session)


def test_scarce_stock_goes_to_who_came_first_and_says_what_was_tried(session):
    set_up(session, {(RUG, HZ): 2, (RUG, NT): 1, ("PIL-1", NT): 5})
    a, b, c, d = reserve(
        session,
        wish("a", {RUG: 2}, warehouses=(HZ, NT)),
        wish("b", {RUG: 1, "PIL-1": 2}, warehouses=(HZ, NT)),
        wish("c", {RUG: 4}, warehouses=(HZ, NT)),
        wish("d", {RUG: 1}, warehouses=(NT,)),
    )
    assert a.warehouse == HZ
    assert b.warehouse == NT
    assert b.tried == (Tried(HZ, {RUG: 1, "PIL-1": 2}),)
    assert isinstance(c, Shortage)
    assert c.tried == (Tried(HZ, {RUG: 4}), Tried(NT, {RUG: 4}))
    assert isinstance(d, Shortage)
    assert (d.short, d.best_warehouse) == ({RUG: 1}, NT)
    assert level_of(session, "PIL-1", NT).reserved == 2
    assert_no_drift(session)


def test_all_lines_or_none(session):
    set_up(session, {(RUG, HZ): 5, ("PIL-1", HZ): 0})
    (answer,) = reserve(session, wish("a", {RUG: 1, "PIL-1": 1, "GONE": 2}))
    assert answer.short == {"PIL-1": 1, "GONE": 2}
    assert answer.details["short"] == "GONE×2、PIL-1×1"
    assert level_of(session).reserved == 0
    assert service.find_reservation(session, "a", now=T0) is None


def test_bundle_plus_its_part_is_one_demand(session):
    set_up(session, {(RUG, HZ): 3})
    request = replace(wish("a"), lines=(StockLine(RUG, 2), StockLine(RUG, 2)))
    (answer,) = reserve(session, request)
    assert answer.short == {RUG: 1}


def test_bad_requests_are_refused_alone_with_all_their_problems(session):
    set_up(session, {(RUG, HZ): 1})
    bad = replace(wish("", {RUG: 0}), warehouses=(), ttl_seconds=0)
    refused, good = reserve(session, bad, wish("b"))
    assert isinstance(refused, BadReservation)
    assert refused.details["problems"] == "no_owner; no_warehouses; bad_ttl; bad_quantity:RUG-160"
    assert isinstance(good, Reserved)


def test_closed_warehouses_serve_nobody(session):
    set_up(session, {(RUG, HZ): 5, (RUG, NT): 5})
    warehouses = {one.code: one for one in service.load_warehouses(session)}
    service.save_warehouses(session, [replace(warehouses[HZ], is_active=False)])
    (answer,) = reserve(session, wish("a", warehouses=(HZ, NT)))
    assert answer.warehouse == NT
    assert service.sellable(session, [RUG, "GONE"], now=T0) == {RUG: 4, "GONE": 0}


def test_same_owner_gets_what_it_holds(session):
    set_up(session, {(RUG, HZ): 1})
    first, twin, other = reserve(session, wish("a"), wish("a"), wish("b"))
    assert twin == replace(first, is_repeat=True)
    assert isinstance(other, Shortage)
    (again,) = reserve(session, wish("a", {RUG: 9}), now=T0 + MINUTE)
    assert again == replace(first, is_repeat=True)
    assert level_of(session).reserved == 1


def test_payment_makes_an_unpaid_reservation_paid_and_renews_it(session):
    set_up(session, {(RUG, HZ): 1})
    (unpaid,) = reserve(session, wish("a", is_paid=False, ttl_seconds=60))
    (paid,) = reserve(session, wish("a", ttl_seconds=900), now=T0 + 30 * SECOND)
    assert paid.is_repeat
    assert paid.reservation_id == unpaid.reservation_id
    assert paid.expires_at == T0 + 30 * SECOND + 15 * MINUTE
    kept = service.find_reservation(session, "a", now=T0 + MINUTE)
    assert (kept.is_paid, kept.expires_at) == (True, paid.expires_at)
    (again,) = reserve(session, wish("a", ttl_seconds=9000), now=T0 + MINUTE)
    assert again.expires_at == paid.expires_at


def test_expired_unpaid_reservation_frees_stock_without_a_sweeper(session):
    set_up(session, {(RUG, HZ): 1, ("PIL-1", HZ): 1})
    reserve(session, wish("a", {RUG: 1, "PIL-1": 1}, is_paid=False, ttl_seconds=60))
    later = T0 + 60 * SECOND
    assert level_of(session, now=later - SECOND).atp == 0
    assert level_of(session, now=later).atp == 1
    assert service.sellable(session, [RUG], now=later) == {RUG: 1}
    assert service.find_reservation(session, "a", now=later).state is ReservationState.LAPSED
    assert service.reservations_of(session, RUG, now=later) == []
    (answer,) = reserve(session, wish("b"), now=later)
    assert isinstance(answer, Reserved)
    assert level_of(session, "PIL-1", now=later).reserved == 0
    assert [e["owner"] for e in events(session, "inventory.reservation_lapsed")] == ["a"]
    assert_no_drift(session)


def test_payment_after_the_soft_hold_lapsed_reserves_again_or_tells_the_shortage(session):
    set_up(session, {(RUG, HZ): 1})
    (unpaid,) = reserve(session, wish("a", is_paid=False, ttl_seconds=60))
    later = T0 + 2 * MINUTE
    (paid,) = reserve(session, wish("a"), now=later)
    assert not paid.is_repeat
    assert paid.reservation_id != unpaid.reservation_id
    (other,) = reserve(session, wish("b", is_paid=False), now=later)
    assert isinstance(other, Shortage)
    assert_no_drift(session)


def test_paid_reservation_never_lapses_silently(session):
    set_up(session, {(RUG, HZ): 1})
    reserve(session, wish("a", ttl_seconds=60))
    later = T0 + timedelta(hours=2)
    (other,) = reserve(session, wish("b"), now=later)
    assert isinstance(other, Shortage)
    assert service.lapse_expired(session, now=later).owners == []
    assert [r.owner for r in service.ending_soon(session, now=T0, within_seconds=60)] == ["a"]
    assert service.ending_soon(session, now=T0, within_seconds=59) == []
    assert service.renew(session, "a", until=later + MINUTE, now=later) == later + MINUTE
    assert service.renew(session, "a", until=later, now=later) == later + MINUTE
    assert service.ending_soon(session, now=later, within_seconds=30) == []


def test_sweeper_gives_back_in_batches_and_a_corrupt_row_does_not_stop_it(session):
    set_up(session, {(RUG, HZ): 10, ("PIL-1", HZ): 10})
    reserve(session, wish("corrupt", {"PIL-1": 2}, is_paid=False, ttl_seconds=10))
    reserve(session, *[wish(f"o{n}", is_paid=False, ttl_seconds=20) for n in range(3)])
    session.execute(sa.text("UPDATE stock_levels SET reserved = 1 WHERE sku = 'PIL-1'"))
    later = T0 + MINUTE
    first = service.lapse_expired(session, now=later, limit=2)
    assert len(first.stuck) == 1
    assert len(first.owners) == 1
    second = service.lapse_expired(session, now=later, limit=2)
    assert (len(second.owners), second.stuck) == (2, [])
    assert service.lapse_expired(session, now=later) == type(first)([], [])
    assert level_of(session, now=later).reserved == 0
    (answer,) = reserve(session, wish("next", {"PIL-1": 9}), now=later)
    assert isinstance(answer, Reserved)


def test_allocate_makes_firm_and_refuses_what_is_not_held(session):
    set_up(session, {(RUG, HZ): 2})
    (held,) = reserve(session, wish("a"))
    reserve(session, wish("b", is_paid=False, ttl_seconds=60))
    assert service.allocate(session, "a", now=T0) == held.reservation_id
    assert service.allocate(session, "a", now=T0) == held.reservation_id
    level = level_of(session)
    assert (level.reserved, level.allocated, level.atp) == (1, 1, 0)
    with pytest.raises(NotHeld):
        service.allocate(session, "b", now=T0 + MINUTE)
    with pytest.raises(NotHeld):
        service.renew(session, "b", until=T0 + 5 * MINUTE, now=T0 + MINUTE)
    with pytest.raises(NotHeld):
        service.allocate(session, "nobody", now=T0)
    kept = service.find_reservation(session, "b", now=T0)
    assert kept.expires_at == T0 + MINUTE
    assert service.renew(session, "a", until=T0 + timedelta(days=1), now=T0) == held.expires_at
    assert_no_drift(session)


@pytest.mark.parametrize("is_firm", [True, False])
def test_release_gives_back_once(session, is_firm):
    set_up(session, {(RUG, HZ): 2})
    reserve(session, wish("a", {RUG: 2}))
    if is_firm:
        service.allocate(session, "a", now=T0)
    first = service.release(session, "a", cause="cancelled", now=T0)
    assert (first.state, first.units) == (ReservationState.RELEASED, {RUG: 2})
    again = service.release(session, "a", cause="cancelled", now=T0)
    assert (again.state, again.units) == (ReservationState.RELEASED, {})
    assert service.release(session, "nobody", cause="x", now=T0).state is None
    assert level_of(session).atp == 2
    (anew,) = reserve(session, wish("a", {RUG: 2}))
    assert not anew.is_repeat
    assert_no_drift(session)


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
