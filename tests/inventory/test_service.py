"""Inventory against a real PostgreSQL: given, when, then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.inventory.builders import (
    HZ,
    NT,
    RUG,
    T0,
    assert_no_drift,
    events,
    level_of,
    reserve,
    set_up,
    wish,
)
from yinuo.inventory import service
from yinuo.inventory.model import (
    BadReservation,
    NotHeld,
    ReservationState,
    Reserved,
    Shortage,
    Tried,
)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


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


def test_a_partial_request_gets_what_there_is_and_names_what_is_short(session):
    set_up(session, {(RUG, HZ): 2, ("PIL-1", HZ): 9, (RUG, NT): 3, ("PIL-1", NT): 1})
    partial = replace(wish("a", {RUG: 4, "PIL-1": 3}, warehouses=(NT, HZ)), all_or_none=False)
    (got,) = reserve(session, partial)
    assert (got.warehouse, got.short) == (HZ, {RUG: 2})
    assert [one.missing for one in got.tried] == [{RUG: 1, "PIL-1": 2}, {RUG: 2}]
    kept = service.find_reservation(session, "a", now=T0)
    assert kept.open_units() == {RUG: 2, "PIL-1": 3}
    (again,) = reserve(session, partial)
    assert (again.is_repeat, again.reservation_id) == (True, got.reservation_id)
    (event,) = events(session, "inventory.stock_reserved")
    assert event["units"] == {RUG: 2, "PIL-1": 3}
    assert_no_drift(session)


def test_a_partial_request_takes_nothing_from_whole_ones_or_closed_warehouses(session):
    set_up(session, {(RUG, HZ): 5, (RUG, NT): 9})
    warehouses = {one.code: one for one in service.load_warehouses(session)}
    service.save_warehouses(session, [replace(warehouses[NT], is_active=False)])
    part = [
        replace(wish(owner, {RUG: 7}, warehouses=(HZ, NT)), all_or_none=False) for owner in "ab"
    ]
    first, whole, second = reserve(session, part[0], wish("c", {RUG: 3}), part[1])
    assert (first.warehouse, first.short, whole.short) == (HZ, {RUG: 5}, {})
    assert isinstance(second, Shortage)
    assert level_of(session).atp == 0
    (fits,) = reserve(session, replace(wish("d", {"PIL-1": 1}), all_or_none=False))
    assert isinstance(fits, Shortage)
    assert_no_drift(session)


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
