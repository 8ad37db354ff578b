"""Racing threads and processes: never oversold, nothing lost, no deadlock that a caller sees."""

import multiprocessing
import random
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.inventory import racers
from tests.inventory.builders import GZ, HZ, NT, RUG, T0, level_of, photograph, set_up, wish
from yinuo.core.db import Database
from yinuo.inventory import service
from yinuo.inventory.model import NotHeld, Reserved

SKUS = [f"S{n:02}" for n in range(20)] + [RUG]


@contextmanager
def processes(many):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(many, mp_context=context) as pool:
        yield pool


def drift(database: Database):
    with database.read() as session:
        return service.reconcile(session, repair=False, now=T0)


def test_a_thousand_racing_for_a_hundred_units(database, database_url):
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 100})
    with processes(2) as pool:
        both = [pool.submit(racers.race_for_rugs, database_url, p, 500) for p in "ab"]
        answers = both[0].result(100) | both[1].result(100)
    assert len(answers) == 1000
    got = [answer for answer in answers.values() if not isinstance(answer, str)]
    assert len(got) == 100
    assert {a for a in answers.values() if isinstance(a, str)} == {"inventory.shortage"}
    with database.read() as session:
        level = level_of(session)
        assert (level.on_hand, level.reserved, level.atp) == (100, 100, 0)
        assert session.execute(sa.text("SELECT count(*) FROM reservations")).scalar_one() == 100
    assert drift(database) == []


def test_same_owners_in_two_processes_hold_one_reservation_each(database, database_url):
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 1000})
    with processes(2) as pool:
        both = [pool.submit(racers.race_as_the_same_owners, database_url, 300, n) for n in (1, 2)]
        first, second = (one.result(100) for one in both)
    for owner, (reservation_id, is_repeat) in first.items():
        other_id, other_is_repeat = second[owner]
        assert (reservation_id, is_repeat) == (other_id, not other_is_repeat)
    with database.read() as session:
        assert level_of(session).reserved == 300
    assert drift(database) == []


@pytest.mark.parametrize(
    ("units", "serves"), [({"PIL-1": 1}, "held as it comes"), ({"PIL-1": 9}, "held when scarce")]
)
def test_an_owner_served_elsewhere_meanwhile_gets_what_it_holds(database, units, serves):
    """Two processes, one owner, different SKUs: no level lock keeps them apart."""
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 5, ("PIL-1", HZ): 5, ("PIL-1", NT): 20})
    lane = service.reserving_lane(database)
    with database.transaction() as first:
        (mine,) = service.reserve_batch(first, [wish("a")], now=T0)
        other = lane.submit(wish("a", units, warehouses=(HZ, NT)))
        racers.wait_for_a_lock(database)
        assert not other.is_done
    got = other.result(20)
    assert (got.reservation_id, got.is_repeat) == (mine.reservation_id, True), serves
    lane.close()
    with database.read() as session:
        assert [one.reserved for one in service.level(session, "PIL-1", now=T0)] == [0, 0]
    assert drift(database) == []


def deadlocks(database):
    with database.read() as session:
        session.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
        return session.execute(
            sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ).scalar_one()


def test_many_skus_in_random_order_never_deadlock(database, database_url):
    with database.transaction() as session:
        set_up(session, {(sku, code): 150 for sku in SKUS for code in (HZ, NT, GZ)})
    stop = threading.Event()

    def disturb():
        """Give back, ship, photograph and sweep beside the racing processes."""
        chance = random.Random(7)
        step = 0
        while not stop.is_set():
            step += 1
            now = T0 + timedelta(seconds=chance.choice([0, 61]))
            owner = f"{chance.choice('ab')}{chance.randrange(400)}"
            with database.transaction() as session:
                if step % 20 == 0:
                    service.lapse_expired(session, now=now, limit=20)
                elif step % 7 == 0:
                    at = T0 - timedelta(hours=1) + timedelta(seconds=step)
                    photograph(session, {(sku, NT): 150 for sku in SKUS}, at=at)
                elif step % 2:
                    service.release(session, owner, cause="test", now=now)
                else:
                    try:
                        service.deduct(session, owner, key=f"k{step}", effective_at=now, now=now)
                    except NotHeld:
                        continue

    with processes(2) as pool, ThreadPoolExecutor(2) as threads:
        both = [
            pool.submit(racers.race_for_many_skus, database_url, p, 400, n)
            for n, p in enumerate("ab")
        ]
        disturbers = [threads.submit(disturb) for _ in range(2)]
        try:
            answers = both[0].result(100) | both[1].result(100)
        finally:
            stop.set()
        for disturber in disturbers:
            disturber.result(20)
    codes = {answer for answer in answers.values() if isinstance(answer, str)}
    assert codes <= {"inventory.shortage"}
    assert len(answers) == 800
    assert deadlocks(database) == 0
    assert drift(database) == []


def test_cancelled_callers_leave_no_claim(database):
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 10})
    lane = service.reserving_lane(database)
    with database.transaction() as holder:
        holder.execute(sa.text("SELECT 1 FROM stock_levels FOR UPDATE"))
        running = lane.submit(wish("running"))
        while not running.is_taken:
            pass
        cancelled, kept = lane.submit(wish("cancelled")), lane.submit(wish("kept"))
        assert cancelled.cancel()
    assert isinstance(kept.result(20), Reserved)
    lane.close()
    with database.read() as session:
        assert level_of(session).reserved == 2
        assert service.find_reservation(session, "cancelled", now=T0) is None


def test_one_poisonous_request_fails_alone(database):
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 10})
    lane = service.reserving_lane(database)
    pending = [lane.submit(wish("bad\x00owner" if n == 3 else f"o{n}")) for n in range(8)]
    with pytest.raises(sa.exc.DBAPIError):
        pending.pop(3).result(20)
    assert [isinstance(one.result(20), Reserved) for one in pending] == [True] * 7
    lane.close()
    with database.read() as session:
        assert level_of(session).reserved == 7
    assert drift(database) == []


@pytest.mark.parametrize("verb", ["release", "deduct", "allocate"])
def test_the_same_verb_from_many_threads_happens_once(database, verb):
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 10})
        service.reserve_batch(session, [wish("a", {RUG: 4})], now=T0)
    later = T0 + timedelta(minutes=1)

    def call(_):
        with database.transaction() as session:
            if verb == "release":
                service.release(session, "a", cause="x", now=later)
            elif verb == "deduct":
                service.deduct(
                    session, "a", key="r1", lines={RUG: 4}, effective_at=later, now=later
                )
            else:
                service.allocate(session, "a", now=later)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(16)))
    with database.read() as session:
        level = level_of(session)
    wanted = {"release": (10, 0, 0), "deduct": (6, 0, 0), "allocate": (10, 0, 4)}[verb]
    assert (level.on_hand, level.reserved, level.allocated) == wanted
    assert drift(database) == []
