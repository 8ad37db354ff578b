"""The pure decisions about stock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.inventory.builders import HZ, NT, RUG, T0, wish
from yinuo.inventory.model import (
    NO_MOVEMENTS,
    Because,
    LedgerKind,
    Level,
    Movements,
    Photograph,
    PhotographLine,
    PhotoSource,
    Place,
    Reservation,
    ReservationLine,
    ReservationState,
    Sheet,
    StockLine,
    Tried,
    choose_photograph,
    find_problems,
    refuse,
    split_deduction,
    stock_lines,
    sum_lines,
)

MINUTE = timedelta(minutes=1)


def a_level(**counters) -> Level:
    return replace(
        Level(RUG, HZ, photo_quantity=10, photo_at=T0, photo_source=PhotoSource.WMS), **counters
    ).settled()


def a_claim(**facts) -> Reservation:
    standard = Reservation(
        id="rsv_1",
        owner="a",
        warehouse=HZ,
        state=ReservationState.RESERVED,
        is_paid=False,
        expires_at=T0,
        created_at=T0 - MINUTE,
        lines=(ReservationLine(RUG, 3, 2, 1), ReservationLine("PIL-1", 1, 0, 1)),
    )
    return replace(standard, **facts)


def test_atp_is_on_hand_less_claims_and_safety():
    level = a_level(reserved=2, allocated=3, safety_stock=1)
    assert (level.on_hand, level.atp, level.shortfall, level.missing) == (10, 4, 0, 0)


def test_less_than_promised_is_shortfall():
    level = a_level(reserved=6, allocated=6, safety_stock=1)
    assert (level.atp, level.shortfall, level.missing) == (-3, 3, 2)


def test_on_hand_is_never_below_zero():
    assert a_level(in_flight=12).on_hand == 0
    assert a_level(in_flight=12).atp == 0


@pytest.mark.parametrize(
    ("at", "on_hand", "in_flight"), [(T0, 10, 0), (T0 - MINUTE, 10, 0), (T0 + MINUTE, 7, 3)]
)
def test_shipping_falls_once_whatever_the_photograph_shows(at, on_hand, in_flight):
    level = a_level(allocated=3).shipping(3, claimed=3, at=at)
    assert (level.on_hand, level.in_flight, level.allocated) == (on_hand, in_flight, 0)


def test_a_level_without_photograph_contains_nothing():
    level = Level(RUG, HZ).changing(5, at=T0 - timedelta(days=900))
    assert (level.on_hand, level.changed) == (5, 5)


def test_changes_in_the_photograph_do_not_count_again():
    assert a_level().changing(-4, at=T0).on_hand == 10
    assert a_level().changing(-4, at=T0 + MINUTE).on_hand == 6


def test_a_photograph_starts_anew_from_what_moved_after_it():
    photo = Photograph(PhotoSource.WMS, 8, T0 + MINUTE)
    level = a_level(in_flight=5, changed=2).photographed(photo, Movements(shipped=1, changed=-2))
    assert (level.on_hand, level.in_flight, level.changed, level.photo_at) == (
        5,
        1,
        -2,
        T0 + MINUTE,
    )
    assert level.photographed(photo, NO_MOVEMENTS).on_hand == 8


def test_giving_back_heals_a_shortfall():
    level = a_level(reserved=8, allocated=4)
    assert level.shortfall == 2
    assert level.giving_back(4, ReservationState.ALLOCATED).shortfall == 0
    assert level.giving_back(1, ReservationState.RESERVED).shortfall == 1


def test_lapsed_units_are_free_when_read():
    level = a_level(reserved=4)
    assert level.without_lapsed(0) is level
    assert level.without_lapsed(3).atp == 9


def test_the_system_that_counts_goes_before_a_newer_photograph_of_the_other():
    wms = Photograph(PhotoSource.WMS, 5, T0)
    erp = Photograph(PhotoSource.ERP, 9, T0 + MINUTE)
    newer = Photograph(PhotoSource.ERP, 7, T0 + 2 * MINUTE)
    assert choose_photograph([erp, wms], PhotoSource.WMS) == wms
    assert choose_photograph([newer, erp], PhotoSource.WMS) == newer
    assert choose_photograph([erp, wms], PhotoSource.ERP) == erp
    assert choose_photograph([], PhotoSource.WMS) is None


def test_unpaid_claims_lapse_and_paid_ones_do_not():
    assert a_claim().has_lapsed(T0)
    assert not a_claim().has_lapsed(T0 - timedelta(microseconds=1))
    assert not a_claim(is_paid=True).has_lapsed(T0)
    assert not a_claim(state=ReservationState.ALLOCATED).has_lapsed(T0)
    assert a_claim(state=ReservationState.DEDUCTED).is_held(T0)
    assert not a_claim(state=ReservationState.RELEASED).is_held(T0)
    assert not a_claim().is_held(T0)


def test_open_units_are_what_is_still_claimed():
    assert a_claim().open_units() == {RUG: 2}


def test_lines_of_one_sku_are_one_demand():
    request = replace(wish("a"), lines=(StockLine(RUG, 2), StockLine("P", 1), StockLine(RUG, 3)))
    assert request.units() == {RUG: 5, "P": 1}
    assert wish("a", {RUG: 4}).units() == {RUG: 4}
    assert stock_lines({RUG: 4}) == (StockLine(RUG, 4),)


def test_every_problem_of_a_request_is_told_at_once():
    bad = replace(
        wish("", {RUG: -1, "P": 10**9 + 1, "": 1}), lines=(), warehouses=(), ttl_seconds=0
    )
    assert find_problems(bad) == ["no_owner", "no_lines", "no_warehouses", "bad_ttl"]
    assert find_problems(wish("a", {RUG: -1, "P": 10**9 + 1, "": 1, "Q": 1})) == [
        "bad_quantity:RUG-160",
        "bad_quantity:P",
        "bad_quantity:",
    ]


def test_a_refusal_is_measured_where_the_least_is_missing():
    tried = (Tried(HZ, {RUG: 4, "P": 1}), Tried(NT, {RUG: 2}))
    shortage = refuse(wish("a"), tried)
    assert (shortage.short, shortage.best_warehouse, shortage.tried) == ({RUG: 2}, NT, tried)
    assert shortage.details == {
        "owner": "a",
        "short": "RUG-160×2",
        "short_units": {RUG: 2},
        "best_warehouse": NT,
    }


def test_shipped_goods_are_taken_from_the_claim_first():
    assert split_deduction({RUG: 2}, {RUG: 3, "NEW": 1, "P": 0}) == (
        {"NEW": 0, RUG: 2},
        {RUG: 1, "NEW": 1},
    )


def test_photograph_lines_of_one_place_add_up():
    assert sum_lines(
        [
            PhotographLine("B", HZ, 1),
            PhotographLine("A", NT, 2, 1, 1),
            PhotographLine("A", NT, 3, 2),
        ]
    ) == [PhotographLine("A", NT, 5, 3, 1), PhotographLine("B", HZ, 1)]


def test_a_sheet_notes_differences_and_nothing_without_one():
    sheet = Sheet({Place(RUG, HZ): a_level(reserved=2)})
    why = Because(LedgerKind.RELEASED, "x", "a")
    sheet.put(a_level(reserved=2), why, at=T0)
    assert sheet.entries == []
    sheet.put(a_level(reserved=1), why, at=T0)
    (entry,) = sheet.entries
    assert (entry.reserved, entry.on_hand, entry.owner, entry.cause) == (-1, 0, "a", "x")
    sheet.put(a_level(reserved=1), Because(LedgerKind.CHANGED, "x", key="k"), at=T0, moved=0)
    assert len(sheet.entries) == 2


def test_a_sheet_knows_where_more_is_missing_than_before():
    sheet = Sheet({Place(RUG, HZ): a_level(reserved=8)})
    less = a_level(reserved=8).changing(-5, at=T0 + MINUTE)
    sheet.put(less, Because(LedgerKind.CHANGED, "x"), at=T0)
    assert sheet.fell_short() == [less]


def test_a_claim_that_the_counters_do_not_hold_is_corrupt():
    sheet = Sheet({Place(RUG, HZ): a_level(reserved=2, allocated=1)})
    assert sheet.covers({RUG: 2}, HZ, ReservationState.RESERVED)
    assert not sheet.covers({RUG: 2}, HZ, ReservationState.ALLOCATED)
    assert not sheet.covers({RUG: 1}, NT, ReservationState.RESERVED)
