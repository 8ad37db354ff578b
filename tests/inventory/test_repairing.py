"""A SKU is set right as the preview showed it, once, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.inventory.builders import (
    HZ,
    NT,
    RUG,
    T0,
    assert_no_drift,
    level_of,
    photograph,
    reserve,
    set_up,
    wish,
)
from yinuo.inventory import service
from yinuo.inventory.model import (
    ChangedMeanwhile,
    PhotoSource,
    Place,
    UnknownPhotograph,
    UnknownStock,
)

MINUTE = timedelta(minutes=1)
ERP, WMS = PhotoSource.ERP, PhotoSource.WMS
PLACE = Place(RUG, HZ)


def spoil(session, reserved: int) -> None:
    session.execute(
        sa.text("UPDATE stock_levels SET reserved = :n WHERE sku = :sku AND warehouse = :code"),
        {"n": reserved, "sku": RUG, "code": HZ},
    )


def kinds(session) -> list[str]:
    return [record.entry.kind.value for record in service.ledger(session, RUG)]


def test_recomputing_shows_the_change_then_does_it_once(session):
    set_up(session, {PLACE: 10, (RUG, NT): 5, ("PIL-1", HZ): 1})
    reserve(session, wish("a", {RUG: 2}))
    spoil(session, 7)
    plan = service.plan_recompute(session, RUG)
    assert [(one.warehouse, one.reserved) for one in plan.before] == [(HZ, 7)]
    assert [(one.reserved, one.atp) for one in plan.after] == [(2, 8)]
    assert level_of(session).reserved == 7
    done = service.recompute(session, RUG, token=plan.token, now=T0 + MINUTE)
    assert (done.after, done.is_repeat) == (plan.after, False)
    again = service.recompute(session, RUG, token=plan.token, now=T0 + MINUTE)
    assert (again.after, again.is_repeat) == ((), True)
    assert kinds(session).count("repaired") == 1
    assert level_of(session).reserved == 2
    assert_no_drift(session)
    assert service.plan_recompute(session, RUG).before == ()


def test_the_same_drift_once_more_is_another_repair(session):
    set_up(session, {PLACE: 10})
    for times in (1, 2):
        spoil(session, 3)
        plan = service.plan_recompute(session, RUG)
        done = service.recompute(session, RUG, token=plan.token, now=T0 + times * MINUTE)
        assert not done.is_repeat
        assert_no_drift(session)


def test_orders_between_preview_and_confirmation_do_not_keep_a_hot_sku_from_repair(session):
    set_up(session, {PLACE: 10})
    spoil(session, 3)
    plan = service.plan_recompute(session, RUG)
    reserve(session, wish("a", {RUG: 2}))
    service.recompute(session, RUG, token=plan.token, now=T0)
    assert level_of(session).reserved == 2
    assert_no_drift(session)


def test_a_newer_change_between_preview_and_confirmation_is_refused(session):
    set_up(session, {PLACE: 10})
    spoil(session, 3)
    plan = service.plan_recompute(session, RUG)
    spoil(session, 4)
    with pytest.raises(ChangedMeanwhile):
        service.recompute(session, RUG, token=plan.token, now=T0)
    assert level_of(session).reserved == 4
    photograph(session, {PLACE: 8}, at=T0, source=ERP)
    accepting = service.plan_accept(session, PLACE, ERP)
    photograph(session, {PLACE: 9}, at=T0 + MINUTE, source=WMS)
    with pytest.raises(ChangedMeanwhile):
        service.accept(session, PLACE, ERP, token=accepting.token, now=T0 + MINUTE)
    assert level_of(session).on_hand == 9


def test_an_accepted_photograph_counts_until_the_counting_system_sends_its_next(session):
    set_up(session, {PLACE: 10})
    reserve(session, wish("a", {RUG: 3}))
    service.deduct(session, "a", key="r1", effective_at=T0 + MINUTE, now=T0 + MINUTE)
    photograph(session, {PLACE: 6}, at=T0 + 2 * MINUTE, source=ERP, claims={PLACE: 1})
    plan = service.plan_accept(session, PLACE, ERP)
    (before,), (after,) = plan.before, plan.after
    # The ERP may not have booked the shipment, for which it has no document: off once more.
    assert (before.on_hand, before.atp) == (7, 7)
    assert (after.on_hand, after.claimed_elsewhere, after.atp) == (3, 1, 2)
    assert level_of(session).on_hand == 7
    reserve(session, wish("b"))
    now = T0 + 3 * MINUTE
    for is_repeat in (False, True):
        done = service.accept(session, PLACE, ERP, token=plan.token, now=now)
        assert done.is_repeat is is_repeat
    assert (level_of(session).on_hand, level_of(session).photo_source) == (3, ERP)
    assert kinds(session).count("accepted") == 1
    assert_no_drift(session)
    photograph(session, {PLACE: 6}, at=T0 + 3 * MINUTE, source=ERP)
    assert level_of(session).on_hand == 3
    photograph(session, {PLACE: 7}, at=T0 + 4 * MINUTE)
    assert (level_of(session).on_hand, level_of(session).photo_source) == (7, WMS)
    assert_no_drift(session)


def test_nothing_can_be_accepted_that_nobody_photographed(session):
    set_up(session, {PLACE: 10})
    with pytest.raises(UnknownPhotograph):
        service.plan_accept(session, PLACE, ERP)
    with pytest.raises(UnknownStock):
        service.plan_accept(session, Place("GONE", HZ), ERP)
    with pytest.raises(UnknownStock):
        service.plan_recompute(session, "GONE")


def test_a_double_click_repairs_once(database):
    with database.transaction() as session:
        set_up(session, {PLACE: 10})
        spoil(session, 3)
        token = service.plan_recompute(session, RUG).token

    def press(_: int) -> bool:
        with database.transaction() as session:
            return service.recompute(session, RUG, token=token, now=T0).is_repeat

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(press, range(4))) == [False, True, True, True]
    with database.read() as session:
        assert kinds(session).count("repaired") == 1
