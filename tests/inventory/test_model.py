"""The pure decisions about stock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.inventory.builders import HZ, NT, RUG, T0, wish
from yinuo.inventory.model import (
    MARGIN,
    NO_MOVEMENTS,
    Because,
    LedgerKind,
    Level,
    Movements,
    OutsideClaim,
    Photograph,
    PhotographLine,
    PhotoSource,
    Place,
    Reservation,
    ReservationLine,
    ReservationState,
    Sheet,
    Stage,
    StockLine,
    Tried,
    Warehouse,
    choose_photograph,
    fill_partly,
    find_problems,
    lag_of,
    lay_claims,
    refuse,
    split_deduction,
    stage_of,
    stock_lines,
    sum_lines,
)

MINUTE = timedelta(minutes=1)
WMS = lag_of(Warehouse(HZ, "杭州仓", "浙江"), PhotoSource.WMS)
ERP = lag_of(Warehouse(HZ, "杭州仓", "浙江"), PhotoSource.ERP)


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
    level = a_level(allocated=3).shipping(3, claimed=3, at=at, is_contained=False, lag=WMS)
    assert (level.on_hand, level.in_flight, level.allocated) == (on_hand, in_flight, 0)


def test_a_level_without_photograph_contains_nothing():
    level = Level(RUG, HZ).changing(5, at=T0 - timedelta(days=900), lag=WMS)
    assert (level.on_hand, level.changed) == (5, 5)


def test_changes_in_the_photograph_do_not_count_again():
    assert a_level().changing(-4, at=T0 - MINUTE, lag=WMS).on_hand == 10
    assert a_level().changing(-4, at=T0 + MINUTE, lag=WMS).on_hand == 6
    assert a_level().changing(4, at=T0 + MINUTE, lag=WMS).on_hand == 14


def test_a_change_too_near_to_a_photograph_to_tell_counts_on_the_safe_side():
    assert a_level().changing(-4, at=T0 - MARGIN / 2, lag=WMS).on_hand == 6
    assert a_level().changing(4, at=T0 + MARGIN / 2, lag=WMS).on_hand == 10


def test_a_photograph_starts_anew_from_what_moved_after_it():
    photo = Photograph(PhotoSource.WMS, 8, T0 + MINUTE)
    later = Movements(shipped=1, changed=-2, contained=1)
    level = a_level(in_flight=5, changed=2).photographed(photo, later, claims=3)
    assert (level.on_hand, level.in_flight, level.changed, level.photo_at) == (
        5,
        1,
        -2,
        T0 + MINUTE,
    )
    assert (level.photo_claims, level.contained, level.claimed_elsewhere) == (3, 1, 2)
    assert level.photographed(photo, NO_MOVEMENTS, claims=0).on_hand == 8


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
    less = a_level(reserved=8).changing(-5, at=T0 + MINUTE, lag=WMS)
    sheet.put(less, Because(LedgerKind.CHANGED, "x"), at=T0)
    assert sheet.fell_short() == [less]


def test_a_claim_that_the_counters_do_not_hold_is_corrupt():
    sheet = Sheet({Place(RUG, HZ): a_level(reserved=2, allocated=1)})
    assert sheet.covers({RUG: 2}, HZ, ReservationState.RESERVED)
    assert not sheet.covers({RUG: 2}, HZ, ReservationState.ALLOCATED)
    assert not sheet.covers({RUG: 1}, NT, ReservationState.RESERVED)


def test_what_others_claim_outside_is_not_ours_to_promise():
    level = a_level(reserved=2, photo_claims=5, contained=1)
    assert (level.claimed_elsewhere, level.atp) == (4, 4)
    assert a_level(photo_claims=1, contained=3).claimed_elsewhere == 0


@pytest.mark.parametrize(
    ("at", "is_contained", "in_flight", "contained"),
    [
        (T0 + MINUTE, True, 2, 2),  # left after the photograph, which shows unit and claim
        (T0 - MINUTE, True, 0, 0),  # the ERP shows neither, or both: booked or not
        (T0 - MINUTE, False, 2, 2),  # no document in the ERP: it may take long to book it
        (T0 - 2 * timedelta(days=1), False, 0, 2),
    ],
)
def test_an_erp_shows_a_shipment_by_its_document_or_late(at, is_contained, in_flight, contained):
    level = a_level(allocated=2, photo_claims=2, contained=2, photo_source=PhotoSource.ERP)
    after = level.shipping(2, claimed=2, at=at, is_contained=is_contained, lag=ERP)
    assert (after.in_flight, after.contained, after.allocated) == (in_flight, contained, 0)
    # A unit that may be in the photograph's quantity is taken off by exactly one counter.
    assert after.atp == (level.atp if at > T0 - timedelta(days=1) else level.atp + 2)


def test_units_beyond_the_claim_are_in_flight_by_their_own_lag():
    level = a_level(allocated=1).shipping(
        3, claimed=1, at=T0 - MARGIN / 2, is_contained=False, lag=WMS
    )
    assert (level.in_flight, level.on_hand) == (2, 8)


def test_a_claim_given_back_while_the_photograph_was_taken_stays_claimed_until_the_next():
    level = a_level(allocated=2, photo_claims=2, contained=2)
    allocated = ReservationState.ALLOCATED
    unsure = level.giving_back(2, allocated, at=T0 + MARGIN, is_contained=True)
    assert (unsure.claimed_elsewhere, unsure.atp) == (2, level.atp)
    sure = level.giving_back(2, allocated, at=T0 + MINUTE, is_contained=True)
    assert (sure.claimed_elsewhere, sure.atp) == (0, level.atp + 2)


def an_outside_claim(**facts) -> OutsideClaim:
    return replace(OutsideClaim(owner="a", system=PhotoSource.ERP, pushed_at=T0), **facts)


@pytest.mark.parametrize(
    ("facts", "as_of", "stage"),
    [
        ({}, T0 + MINUTE, Stage.PUSHED),
        ({"posted_at": T0}, None, Stage.POSTED),
        ({"posted_at": T0}, T0 - MINUTE, Stage.POSTED),
        ({"posted_at": T0}, T0 + MARGIN / 2, Stage.POSTED),
        ({"posted_at": T0}, T0 + MARGIN, Stage.CONTAINED),
        ({"posted_at": T0, "withdrawn_at": T0 + MINUTE}, T0 + MARGIN, Stage.RESERVED),
    ],
)
def test_a_claim_goes_from_pushed_to_posted_to_contained(facts, as_of, stage):
    assert an_outside_claim(**facts).stage(as_of) is stage
    assert stage_of(None, as_of) is Stage.RESERVED


def test_a_photograph_contains_what_was_confirmed_before_and_withdrawn_after_it():
    claim = an_outside_claim(posted_at=T0, withdrawn_at=T0 + 2 * MINUTE)
    assert claim.is_contained(T0 + MINUTE)
    assert not claim.is_contained(T0 + 2 * MINUTE - MARGIN)
    assert not claim.is_contained(T0 + 3 * MINUTE)


def test_a_wms_freezes_where_the_units_lie():
    lines = [PhotographLine(RUG, HZ, 10, locked=3), PhotographLine(RUG, NT, 5)]
    ours = {Place(RUG, NT): 2}
    laid = lay_claims(lines, ours, PhotoSource.WMS)
    assert laid == {Place(RUG, HZ): 3, Place(RUG, NT): 0}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [(2, (0, 2)), (5, (3, 2)), (14, (10, 4)), (30, (10, 20)), (1, (0, 1)), (0, (0, 0))],
)
def test_an_erp_does_not_say_where_its_documents_ship_from(shown, expected):
    """Ours where we know them, the rest on the fullest place first, the last one takes the rest."""
    lines = [PhotographLine(RUG, HZ, 10, open=shown), PhotographLine(RUG, NT, 5)]
    laid = lay_claims(lines, {Place(RUG, NT): 2}, PhotoSource.ERP)
    assert (laid[Place(RUG, HZ)], laid[Place(RUG, NT)]) == expected


def test_partial_wishes_are_filled_in_order_from_where_most_is_free():
    wishes = {
        3: wish("a", {RUG: 4, "PIL-1": 1}, warehouses=(HZ, NT)),
        7: wish("b", {RUG: 2}, warehouses=(HZ, NT)),
        9: wish("c", {RUG: 1}),
    }
    free = {Place(RUG, HZ): 2, Place(RUG, NT): 3, Place("PIL-1", HZ): -4}
    filled = fill_partly(wishes, free)
    assert filled == {
        3: (NT, {RUG: 3}, {RUG: 1, "PIL-1": 1}),
        7: (HZ, {RUG: 2}, {}),
    }
