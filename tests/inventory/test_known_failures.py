"""What went wrong in other systems, each under its name; none of it happens here."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.inventory import racers
from tests.inventory.builders import (
    HZ,
    NT,
    RUG,
    T0,
    assert_no_drift,
    count_by_erp,
    level_of,
    photograph,
    reserve,
    set_up,
    wish,
)
from yinuo.core.db import Session
from yinuo.inventory import service
from yinuo.inventory.model import (
    NotHeld,
    PhotoSource,
    ReservationState,
    Reserved,
    Shortage,
    StockChange,
    StockLine,
)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
ERP, WMS = PhotoSource.ERP, PhotoSource.WMS
PLACE = (RUG, HZ)


def posted(session: Session, owner: str, units: int, *, at: datetime, system=ERP) -> None:
    """Let an owner claim rugs and the system confirm it."""
    reserve(session, wish(owner, {RUG: units}), now=at)
    service.note_pushed(session, owner, system=system, now=at)
    service.note_posted(session, owner, system=system, now=at)


def erp_shows(session: Session, units: int, *, claims: int, at: datetime, now=None) -> None:
    photograph(session, {PLACE: units}, at=at, now=now, source=ERP, claims={PLACE: claims})


def atp(session: Session, *, now: datetime = T0) -> int:
    assert_no_drift(session)
    return level_of(session, now=now).atp


def test_two_payers_one_unit(database):
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 1})
    answers = racers.race(database.url, [wish("first"), wish("second")], threads=2)
    assert sorted(isinstance(answer, str) for answer in answers.values()) == [False, True]


def test_bundle_plus_its_part(session):
    set_up(session, {(RUG, HZ): 3})
    request = replace(wish("a"), lines=(StockLine(RUG, 2), StockLine(RUG, 2)))
    (answer,) = reserve(session, request)
    assert answer.short == {RUG: 1}


def test_payment_after_the_soft_hold_lapsed(session):
    set_up(session, {(RUG, HZ): 1})
    (unpaid,) = reserve(session, wish("a", is_paid=False, ttl_seconds=60))
    later = T0 + 2 * MINUTE
    (paid,) = reserve(session, wish("a"), now=later)
    assert not paid.is_repeat
    assert paid.reservation_id != unpaid.reservation_id
    (other,) = reserve(session, wish("b", is_paid=False), now=later)
    assert isinstance(other, Shortage)
    assert_no_drift(session)


def test_own_hold_blocks_own_retry(session):
    """Who holds the last unit and asks again is not refused for the unit that it holds itself."""
    set_up(session, {PLACE: 1})
    (unpaid,) = reserve(session, wish("a", is_paid=False, ttl_seconds=60))
    for is_paid in (False, True, True):
        (again,) = reserve(session, wish("a", is_paid=is_paid), now=T0 + 30 * SECOND)
        assert (again.reservation_id, again.is_repeat) == (unpaid.reservation_id, True)
    service.allocate(session, "a", now=T0 + MINUTE)
    (firm,) = reserve(session, wish("a"), now=T0 + MINUTE)
    assert (firm.reservation_id, firm.is_repeat) == (unpaid.reservation_id, True)
    assert atp(session) == 0


def test_own_expired_hold_blocks_own_retry(session):
    set_up(session, {PLACE: 1})
    (first,) = reserve(session, wish("a", is_paid=False, ttl_seconds=60))
    (anew,) = reserve(session, wish("a", is_paid=False, ttl_seconds=60), now=T0 + 2 * MINUTE)
    assert isinstance(anew, Reserved)
    assert anew.reservation_id != first.reservation_id
    assert atp(session, now=T0 + 2 * MINUTE) == 0


def test_own_hold_blocks_own_retry_in_another_process(database):
    """The retry waits for the first call, finds too little left, and that it holds it itself."""
    with database.transaction() as session:
        set_up(session, {PLACE: 4})

    def again() -> list[object]:
        # Too much for the other owner, so that both are decided in order, with locks.
        with database.transaction() as second:
            return reserve(second, wish("a", {RUG: 3}), wish("b", {RUG: 9}))

    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as first:
            (mine,) = reserve(first, wish("a", {RUG: 3}))
            answers = pool.submit(again)
            racers.wait_for_a_lock(database)
        retry, other = answers.result(20)
    assert (retry.reservation_id, retry.is_repeat) == (mine.reservation_id, True)
    assert isinstance(other, Shortage)
    with database.read() as session:
        assert atp(session) == 1


def test_failed_change_must_not_extend_ttl(session):
    set_up(session, {PLACE: 2, ("PIL-1", HZ): 0})
    (held,) = reserve(session, wish("a", is_paid=False, ttl_seconds=60))
    ends = held.expires_at
    # Refused: more than there is for another owner; nonsense from the same one.
    (short,) = reserve(session, wish("b", {RUG: 9}), now=T0 + 10 * SECOND)
    (bad,) = reserve(session, replace(wish("a"), lines=()), now=T0 + 10 * SECOND)
    assert (short.code, bad.code) == ("inventory.shortage", "inventory.bad_reservation")
    # Asked again, unpaid, or for other lines: the claim stays as it was.
    reserve(session, wish("a", is_paid=False, ttl_seconds=9000), now=T0 + 20 * SECOND)
    reserve(session, wish("a", {"PIL-1": 1}, is_paid=False), now=T0 + 20 * SECOND)
    with pytest.raises(NotHeld):
        service.renew(session, "nobody", until=ends + MINUTE, now=T0 + 20 * SECOND)
    kept = service.find_reservation(session, "a", now=T0 + 20 * SECOND)
    assert (kept.expires_at, kept.is_paid) == (ends, False)
    # A change that is undone half-way leaves the end where it was, too.
    half_way = session.begin_nested()
    service.renew(session, "a", until=ends + MINUTE, now=T0 + 30 * SECOND)
    half_way.rollback()
    assert service.find_reservation(session, "a", now=T0 + 30 * SECOND).expires_at == ends
    with pytest.raises(NotHeld):
        service.renew(session, "a", until=ends + MINUTE, now=ends)
    assert service.find_reservation(session, "a", now=ends).state is ReservationState.LAPSED


def test_one_corrupt_row_stops_the_sweeper(session):
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


def test_erp_photograph_older_than_claims(session):
    """Asked for before the claims were made, arriving after them: nothing is put back."""
    set_up(session, {})
    count_by_erp(session, HZ)
    erp_shows(session, 10, claims=0, at=T0)
    posted(session, "a", 3, at=T0 + 5 * MINUTE)
    reserve(session, wish("b", {RUG: 2}), now=T0 + 5 * MINUTE)
    assert atp(session) == 5
    erp_shows(session, 10, claims=0, at=T0 + 4 * MINUTE, now=T0 + 6 * MINUTE)
    assert atp(session) == 5
    service.allocate(session, "a", now=T0 + 7 * MINUTE)
    shipped = T0 + 8 * MINUTE
    service.deduct(session, "a", key="r1", effective_at=shipped, now=shipped)
    erp_shows(session, 10, claims=0, at=T0 + 4 * MINUTE + SECOND, now=T0 + 9 * MINUTE)
    assert atp(session) == 5


def test_refund_then_reship_returns_the_ledger_to_zero(session):
    """Sold, taken back, sold again, shipped and returned: no unit is lost or made."""
    set_up(session, {PLACE: 5})
    posted(session, "a", 2, at=T0 + MINUTE, system=WMS)
    service.allocate(session, "a", now=T0 + MINUTE)
    service.note_withdrawn(session, "a", system=WMS, now=T0 + 2 * MINUTE)
    service.release(session, "a", cause="refunded", now=T0 + 2 * MINUTE)
    assert atp(session) == 5
    posted(session, "a", 2, at=T0 + 3 * MINUTE, system=WMS)
    at = T0 + 4 * MINUTE
    service.deduct(session, "a", key="r1", effective_at=at, now=at)
    assert service.find_reservation(session, "a", now=at).state is ReservationState.DEDUCTED
    photograph(session, {PLACE: 3}, at=T0 + 5 * MINUTE)
    back = T0 + 6 * MINUTE
    service.apply_change(session, [StockChange("r2", RUG, HZ, 2, back, owner="a")], now=back)
    assert atp(session) == 5
    records = service.ledger(session, RUG)
    assert sum(record.entry.reserved for record in records) == 0
    assert sum(record.entry.allocated for record in records) == 0
    assert sum(record.entry.on_hand for record in records) == 5
    assert sum(record.entry.moved for record in records) == 0


def test_two_shops_one_warehouse(database):
    """Orders of two shops for the last units of the warehouse that serves both."""
    with database.transaction() as session:
        set_up(session, {PLACE: 7, (RUG, NT): 2})
    requests = [
        wish(f"{shop}-{n}", warehouses=(HZ,) if shop == "douyin" else (HZ, NT))
        for n in range(10)
        for shop in ("douyin", "mini")
    ]
    answers = racers.race(database.url, requests, threads=8)
    served = [owner for owner, answer in answers.items() if not isinstance(answer, str)]
    assert len(served) == 9
    with database.read() as session:
        assert [one.atp for one in service.level(session, RUG, now=T0)] == [0, 0]
        assert service.reconcile(session, repair=False, now=T0) == []
        at = {owner: service.find_reservation(session, owner, now=T0).warehouse for owner in served}
    assert sum(code == NT for code in at.values()) == 2
    assert not any(owner.startswith("douyin") for owner, code in at.items() if code == NT)
