"""Claims on their way into ERP and WMS: no photograph takes a unit off twice or puts one back."""

from datetime import timedelta

import pytest

from tests.inventory.builders import (
    HZ,
    NT,
    RUG,
    T0,
    assert_no_drift,
    count_by_erp,
    events,
    level_of,
    photograph,
    reserve,
    set_up,
    wish,
)
from yinuo.inventory import service
from yinuo.inventory.model import PhotoSource, StockChange

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
ERP, WMS = PhotoSource.ERP, PhotoSource.WMS
PLACE = (RUG, HZ)


def erp_counts(session, units: int) -> None:
    """Let the ERP count Hangzhou, and show so many rugs, all free."""
    set_up(session, {})
    count_by_erp(session, HZ, NT)
    erp_shows(session, units, claims=0, at=T0)


def erp_shows(session, units: int, *, claims: int, at, now=None) -> None:
    photograph(session, {PLACE: units}, at=at, now=now, source=ERP, claims={PLACE: claims})


def posted(session, owner: str, units: int, *, at, system: PhotoSource = ERP) -> None:
    """Let an owner claim rugs and the system confirm it."""
    reserve(session, wish(owner, {RUG: units}), now=at)
    service.note_pushed(session, owner, system=system, now=at)
    service.note_posted(session, owner, system=system, now=at)


def atp(session) -> int:
    assert_no_drift(session)
    return level_of(session).atp


def test_an_erp_photograph_that_subtracts_our_document_takes_the_unit_off_once(session):
    erp_counts(session, 10)
    posted(session, "a", 3, at=T0 + MINUTE)
    assert atp(session) == 7
    erp_shows(session, 10, claims=3, at=T0 + 2 * MINUTE)
    level = level_of(session)
    assert (level.contained, level.claimed_elsewhere) == (3, 0)
    assert atp(session) == 7
    # The same photograph once more, and an older one that arrives late.
    erp_shows(session, 10, claims=3, at=T0 + 2 * MINUTE)
    erp_shows(session, 10, claims=0, at=T0 + MINUTE, now=T0 + 3 * MINUTE)
    assert atp(session) == 7


@pytest.mark.parametrize("is_booked", [True, False], ids=["booked", "not booked yet"])
def test_a_shipped_unit_is_gone_whether_the_erp_has_booked_it_or_not(session, is_booked):
    """Its document leaves the open demand in the moment in which the quantity falls."""
    erp_counts(session, 10)
    posted(session, "a", 3, at=T0 + MINUTE)
    erp_shows(session, 10, claims=3, at=T0 + 2 * MINUTE)
    shipped = T0 + 3 * MINUTE
    service.deduct(session, "a", key="r1", effective_at=shipped, now=shipped)
    assert atp(session) == 7
    units, claims = (7, 0) if is_booked else (10, 3)
    erp_shows(session, units, claims=claims, at=T0 + 5 * MINUTE)
    assert atp(session) == 7
    erp_shows(session, 7, claims=0, at=T0 + 9 * MINUTE)
    assert atp(session) == 7
    assert (level_of(session).on_hand, level_of(session).in_flight) == (7, 0)


@pytest.mark.parametrize("is_booked", [True, False], ids=["booked", "not booked yet"])
def test_a_shipment_told_after_the_erp_photograph_changes_nothing(session, is_booked):
    erp_counts(session, 10)
    posted(session, "a", 3, at=T0 + MINUTE)
    shipped = T0 + 2 * MINUTE
    units, claims = (7, 0) if is_booked else (10, 3)
    erp_shows(session, units, claims=claims, at=T0 + 3 * MINUTE)
    before = atp(session)
    assert before == (4 if is_booked else 7)  # booked, and not told yet: taken off on both sides
    service.deduct(session, "a", key="r1", effective_at=shipped, now=T0 + 4 * MINUTE)
    assert atp(session) == 7


def test_units_shipped_without_a_document_stay_off_until_the_erp_had_time_to_book_them(session):
    erp_counts(session, 10)
    reserve(session, wish("a", {RUG: 2}))
    shipped = T0 + MINUTE
    service.deduct(session, "a", key="r1", effective_at=shipped, now=shipped)
    erp_shows(session, 10, claims=0, at=T0 + timedelta(hours=20))
    assert atp(session) == 8
    erp_shows(session, 8, claims=0, at=T0 + timedelta(hours=25))
    assert atp(session) == 8


def test_what_others_ordered_in_the_erp_is_not_sold_again(session):
    erp_counts(session, 10)
    posted(session, "a", 3, at=T0 + MINUTE)
    erp_shows(session, 10, claims=7, at=T0 + 2 * MINUTE)
    level = level_of(session)
    assert (level.on_hand, level.claimed_elsewhere, level.reserved) == (10, 4, 3)
    assert atp(session) == 3
    (refused,) = reserve(session, wish("b", {RUG: 4}), now=T0 + 3 * MINUTE)
    assert refused.short == {RUG: 1}
    (taken,) = reserve(session, wish("c", {RUG: 3}), now=T0 + 3 * MINUTE)
    assert not taken.is_repeat
    assert service.sellable(session, [RUG], now=T0 + 3 * MINUTE) == {RUG: 0}


def test_an_order_of_others_bigger_than_the_stock_is_recorded_as_shortfall_of_nobody(session):
    erp_counts(session, 10)
    reserve(session, wish("a", {RUG: 3}))
    erp_shows(session, 10, claims=25, at=T0 + MINUTE)
    level = level_of(session)
    assert (level.shortfall, level.missing, atp(session)) == (18, 0, -18)
    assert events(session, "inventory.stock_fell_short") == []


def test_a_posting_that_the_photograph_may_not_show_yet_counts_on_the_safe_side(session):
    """Confirmed in the very second of the photograph: off twice for a while, never back."""
    erp_counts(session, 10)
    at = T0 + MINUTE
    posted(session, "a", 3, at=at)
    erp_shows(session, 10, claims=3, at=at + SECOND)
    assert atp(session) == 4
    erp_shows(session, 10, claims=3, at=at + 5 * MINUTE)
    assert atp(session) == 7


def test_a_cancelled_document_frees_its_units_at_once_and_only_once(session):
    erp_counts(session, 10)
    posted(session, "a", 3, at=T0 + MINUTE)
    erp_shows(session, 10, claims=3, at=T0 + 2 * MINUTE)
    cancelled = T0 + 3 * MINUTE
    service.note_withdrawn(session, "a", system=ERP, now=cancelled)
    assert atp(session) == 7
    service.release(session, "a", cause="cancelled", now=cancelled + SECOND)
    assert atp(session) == 10
    # Taken before the cancellation, arriving after it; then one that shows the document gone.
    erp_shows(session, 10, claims=3, at=cancelled - MINUTE + SECOND, now=cancelled + MINUTE)
    assert atp(session) == 10
    erp_shows(session, 10, claims=0, at=cancelled + 2 * MINUTE)
    assert atp(session) == 10


def test_a_document_that_the_erp_will_not_give_up_keeps_its_units(session):
    erp_counts(session, 10)
    posted(session, "a", 3, at=T0 + MINUTE)
    service.note_withdrawn(session, "a", system=ERP, now=T0 + 2 * MINUTE)
    service.release(session, "a", cause="cancelled", now=T0 + 2 * MINUTE)
    assert atp(session) == 10
    erp_shows(session, 10, claims=3, at=T0 + 3 * MINUTE)
    assert atp(session) == 7
    assert level_of(session).claimed_elsewhere == 3


def test_a_refused_withdrawal_is_a_claim_again(session):
    erp_counts(session, 10)
    posted(session, "a", 3, at=T0 + MINUTE)
    service.note_withdrawn(session, "a", system=ERP, now=T0 + 2 * MINUTE)
    erp_shows(session, 10, claims=3, at=T0 + 3 * MINUTE)
    assert atp(session) == 4
    service.note_posted(session, "a", system=ERP, now=T0 + 4 * MINUTE)
    erp_shows(session, 10, claims=3, at=T0 + 5 * MINUTE)
    assert atp(session) == 7


def test_a_withdrawal_in_the_second_of_the_photograph_is_read_anew(session):
    erp_counts(session, 10)
    posted(session, "a", 3, at=T0 + MINUTE)
    at = T0 + 2 * MINUTE
    erp_shows(session, 10, claims=3, at=at)
    assert level_of(session).contained == 3
    service.note_withdrawn(session, "a", system=ERP, now=at + SECOND)
    assert (level_of(session).contained, atp(session)) == (0, 4)
    kinds = [record.entry.kind.value for record in service.ledger(session, RUG, limit=1)]
    assert kinds == ["told_anew"]


def test_the_stages_of_a_claim_are_kept_by_our_own_clock_and_once(session):
    erp_counts(session, 10)
    reserve(session, wish("a", {RUG: 3}), now=T0)
    for seconds in (1, 2):
        service.note_pushed(session, "a", system=WMS, now=T0 + seconds * SECOND)
    for seconds in (3, 4):
        service.note_posted(session, "a", system=WMS, now=T0 + seconds * SECOND)
    service.note_posted(session, "a", system=ERP, now=T0 + 5 * SECOND)
    found = service.outside_claims(session, ["a", "nobody"])
    assert found["nobody"] == []
    erp, wms = found["a"]
    assert (erp.system, erp.pushed_at, erp.posted_at) == (ERP, T0 + 5 * SECOND, T0 + 5 * SECOND)
    assert (wms.system, wms.pushed_at, wms.posted_at) == (WMS, T0 + SECOND, T0 + 3 * SECOND)
    for seconds in (6, 7):
        service.note_withdrawn(session, "a", system=WMS, now=T0 + seconds * SECOND)
    assert service.outside_claims(session, ["a"])["a"][1].withdrawn_at == T0 + 6 * SECOND
    service.note_pushed(session, "a", system=WMS, now=T0 + 8 * SECOND)
    anew = service.outside_claims(session, ["a"])["a"][1]
    assert (anew.pushed_at, anew.posted_at, anew.withdrawn_at) == (T0 + 8 * SECOND, None, None)


def test_the_erps_documents_are_laid_where_our_claims_are(session):
    """K3 does not say from which stock a document ships; the connector lays it on the fullest."""
    set_up(session, {})
    count_by_erp(session, HZ, NT)
    both = {(RUG, HZ): 100, (RUG, NT): 50}
    photograph(session, both, at=T0, source=ERP)
    reserve(session, wish("a", {RUG: 10}, warehouses=(NT,)))
    service.note_posted(session, "a", system=ERP, now=T0)
    photograph(session, both, at=T0 + MINUTE, source=ERP, claims={(RUG, HZ): 10})
    assert [one.atp for one in service.level(session, RUG, now=T0)] == [100, 40]
    photograph(session, both, at=T0 + 2 * MINUTE, source=ERP, claims={(RUG, HZ): 13})
    assert [one.atp for one in service.level(session, RUG, now=T0)] == [97, 40]
    assert_no_drift(session)


def test_a_wms_photograph_shows_our_holds_as_frozen_and_takes_nothing_off_twice(session):
    set_up(session, {PLACE: 10})
    posted(session, "a", 3, at=T0 + MINUTE, system=WMS)
    service.allocate(session, "a", now=T0 + MINUTE)
    photograph(session, {PLACE: 10}, at=T0 + 2 * MINUTE, claims={PLACE: 5})
    level = level_of(session)
    assert (level.allocated, level.contained, level.claimed_elsewhere) == (3, 3, 2)
    assert atp(session) == 5
    shipped = T0 + 3 * MINUTE
    service.deduct(session, "a", key="r1", effective_at=shipped, now=shipped)
    assert (level_of(session).on_hand, atp(session)) == (7, 5)
    photograph(session, {PLACE: 7}, at=T0 + 4 * MINUTE, claims={PLACE: 2})
    assert (level_of(session).on_hand, atp(session)) == (7, 5)


def test_a_wms_that_does_not_tell_what_it_froze_is_read_by_time(session):
    set_up(session, {PLACE: 10})
    posted(session, "a", 3, at=T0 + MINUTE, system=WMS)
    photograph(session, {PLACE: 10}, at=T0 + 2 * MINUTE)
    assert atp(session) == 7
    shipped = T0 + 3 * MINUTE
    service.deduct(session, "a", key="r1", effective_at=shipped, now=shipped)
    photograph(session, {PLACE: 10}, at=shipped - SECOND, now=T0 + 4 * MINUTE)
    assert atp(session) == 7
    photograph(session, {PLACE: 7}, at=T0 + 5 * MINUTE)
    assert atp(session) == 7


def test_wms_changes_and_full_snapshots_agree_where_the_erp_counts(session):
    erp_counts(session, 10)
    at = T0 + MINUTE
    service.apply_change(session, [StockChange("k1", RUG, HZ, -4, at)], now=at)
    assert atp(session) == 6
    erp_shows(session, 10, claims=0, at=T0 + 2 * MINUTE)  # not booked yet
    assert atp(session) == 6
    erp_shows(session, 6, claims=0, at=at + timedelta(days=1))
    assert atp(session) == 6
