"""Random lives of a merchant: orders, both systems, late news, kills, two sessions at once.

Two judges look at every step. The oracle counts anew from all that the hub was told: every number
agrees. The world outside knows what is on the shelves: nothing there is promised twice, and when
all news has come in, nothing is lost.

    YINUO_PROMISE_EXAMPLES=2000 pytest tests/inventory/test_promise_machine.py

runs longer than the suite has time for.
"""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from itertools import combinations

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.inventory import deeds
from tests.inventory.builders import HZ, NT, T0, count_by_erp, set_up, wish
from tests.inventory.deeds import Deed
from tests.inventory.judging import for_us, untold
from tests.inventory.oracle import Oracle, Spot
from tests.inventory.outside import Outside, ShipmentReport
from yinuo.core.db import Database
from yinuo.inventory import service
from yinuo.inventory.model import PhotoSource

EXAMPLES = int(os.environ.get("YINUO_PROMISE_EXAMPLES", "30"))
SKUS, CODES = ("A", "B"), (HZ, NT)
SPOTS = [(sku, code) for sku in SKUS for code in CODES]
ERP, WMS = PhotoSource.ERP, PhotoSource.WMS
TABLES = (
    "stock_levels, reservations, reservation_lines, stock_ledger, stock_photographs,"
    " outside_claims, events"
)

owners = st.sampled_from([f"o{n}" for n in range(5)])
units = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), min_size=1)
spots = st.sampled_from(SPOTS)
some = st.integers(0, 10**6)  # which of what is there
requests = st.builds(
    wish,
    owners,
    units,
    warehouses=st.sampled_from([(HZ,), (NT,), (HZ, NT), (NT, HZ)]),
    is_paid=st.sampled_from([True, True, False]),
    ttl_seconds=st.sampled_from([20, 100]),
)


class Fate(StrEnum):
    """What becomes of the process that does a deed."""

    LIVES = "lives"
    KILLED = "killed before the commit"
    UNHEARD = "killed after the commit; asked again"


fates = st.sampled_from([Fate.LIVES] * 6 + [Fate.KILLED, Fate.UNHEARD])


class Promises(RuleBasedStateMachine):
    """The hub, the oracle beside it, and the world outside."""

    database: Database
    is_sound = False  # nothing has been found wrong: the end may be judged, too

    @initialize(
        counted=st.fixed_dictionaries({spot: st.integers(0, 9) for spot in SPOTS}),
        counted_by=st.sampled_from(PhotoSource),
    )
    def start(self, counted, counted_by):
        self.now = T0
        self.oracle = Oracle(counted_by)
        self.outside = Outside(dict(counted))
        with self.database.transaction() as session:
            session.execute(sa.text(f"TRUNCATE {TABLES}"))
            set_up(session, {})
            if counted_by is ERP:
                count_by_erp(session, *CODES)
        picture = self.outside.take_picture(counted_by, self.now, list(SKUS))
        self.is_sound = True
        self.tell(deeds.photographed(picture, self.now))

    # -- doing it --------------------------------------------------------------------------------

    @contextmanager
    def judged(self) -> Iterator[None]:
        self.is_sound = False
        yield
        self.is_sound = True

    def tell(self, deed: Deed, fate: Fate = Fate.LIVES) -> None:
        """Do a deed; the oracle must have foreseen the answer, each time it is asked."""
        if fate is Fate.KILLED:
            self.kill(deed)
            return
        with self.judged():
            for _ in range(2 if fate is Fate.UNHEARD else 1):
                with self.database.transaction() as session:
                    answers = deed.real(session)
                assert answers == deed.foreseen(self.oracle), deed.name

    def kill(self, deed: Deed) -> None:
        """Cut the connection when all is done but the commit."""
        with pytest.raises(sa.exc.DBAPIError):
            self.do_and_die(deed)

    def do_and_die(self, deed: Deed) -> None:
        with self.database.transaction() as session:
            deed.real(session)
            own = session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
            with self.database.transaction() as killer:
                killer.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})
            session.execute(sa.text("SELECT 1"))

    # -- rules -----------------------------------------------------------------------------------

    @rule(wanted=st.lists(requests, min_size=1, max_size=3), fate=fates)
    def reserve(self, wanted, fate):
        self.tell(deeds.reserving(wanted, self.now), fate)

    def is_claimed_and_paid(self, owner: str) -> bool:
        claim = self.oracle.holder(owner, self.now)
        return claim is not None and claim.is_paid and any(claim.units.values())

    @rule(owner=owners, fate=fates)
    def place_hold(self, owner, fate):
        """The WMS freezes the stock; the answer may be lost, and the question repeated later."""
        if not self.is_claimed_and_paid(owner):
            return
        self.tell(deeds.pushing(owner, WMS, self.now))
        claim = self.oracle.claims[owner]
        wanted = {(sku, claim.warehouse): n for sku, n in claim.units.items() if n}
        if self.outside.hold(owner, wanted) and fate is not Fate.KILLED:
            self.tell(deeds.allocating(owner, self.now), fate)
            self.tell(deeds.posting(owner, WMS, self.now), fate)

    @rule(owner=owners, fate=fates)
    def post_document(self, owner, fate):
        """The ERP takes a document; the answer may be lost, and the question repeated later."""
        has_document = owner in self.outside.documents
        if not self.is_claimed_and_paid(owner) or (self.has_left(owner) and not has_document):
            return
        self.tell(deeds.pushing(owner, ERP, self.now))
        self.outside.documents.setdefault(owner, dict(self.oracle.claims[owner].units))
        if fate is not Fate.KILLED:
            self.tell(deeds.posting(owner, ERP, self.now), fate)

    @rule(owner=owners, fate=fates)
    def cancel(self, owner, fate):
        """Take back what stands outside, then release; it may die anywhere between."""
        if owner not in self.oracle.claims or self.has_left(owner):
            return
        self.tell(deeds.withdrawing(owner, WMS, self.now))
        self.outside.holds.pop(owner, None)
        self.tell(deeds.withdrawing(owner, ERP, self.now), fate)
        if fate is Fate.KILLED:
            return
        self.outside.documents.pop(owner, None)
        self.tell(deeds.releasing(owner, self.now), fate)

    def has_left(self, owner: str) -> bool:
        return any(
            isinstance(report, ShipmentReport) and report.owner == owner
            for report in self.outside.reports
        )

    @rule(owner=owners, most=st.integers(1, 3), beyond=st.sampled_from([0, 0, 0, 1]))
    def ship(self, owner, most, beyond):
        """The warehouse ships all or a part, sometimes one unit too many; it tells of it later."""
        held = self.outside.holds.get(owner, {})
        leaving = {spot: min(n, most) + beyond for spot, n in held.items() if n}
        if leaving:
            self.outside.ship(owner, leaving, self.now)

    def some_news(self, which: int) -> Deed:
        """Return the news of any report or photograph of the past, heard before or not."""
        told = [*self.outside.reports, *self.outside.pictures]
        return deeds.heard(told[-1 - which % len(told)], self.now)

    @rule(which=some, fate=fates)
    def hear(self, which, fate):
        self.tell(self.some_news(which), fate)

    @rule(source=st.sampled_from(PhotoSource), is_lost=st.booleans(), skus=st.sampled_from([1, 2]))
    def take_picture(self, source, is_lost, skus):
        picture = self.outside.take_picture(source, self.now, list(SKUS[:skus]))
        if not is_lost:
            self.tell(deeds.photographed(picture, self.now))

    @rule(spot=spots, delta=st.integers(-2, 3))
    def count(self, spot, delta):
        self.outside.change(spot, delta, self.now)

    @rule(spot=spots, delta=st.integers(-2, 2))
    def sell_elsewhere(self, spot, delta):
        if self.oracle.counted_by is WMS:
            self.outside.freeze_for_others(spot, delta, self.now)
        else:
            self.outside.order_by_others(spot, delta, self.now)

    @rule(many=st.integers(1, 3))
    def book(self, many):
        self.outside.book(many)

    @rule(owner=owners, seconds=st.integers(-50, 100), fate=fates)
    def renew(self, owner, seconds, fate):
        until = self.now + timedelta(seconds=seconds)
        self.tell(deeds.renewing(owner, until, self.now), fate)

    @rule(limit=st.integers(1, 3), fate=fates)
    def lapse(self, limit, fate):
        self.tell(deeds.lapsing(limit, self.now), fate)

    @rule(spot=spots, quantity=st.integers(0, 2))
    def keep_safe(self, spot, quantity):
        self.tell(deeds.keeping_safe(spot, quantity, self.now))

    @rule(seconds=st.sampled_from([0.5, 1.5, 3, 20, 60]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(
        first=st.lists(requests, min_size=1, max_size=2),
        second=st.lists(requests, min_size=1, max_size=2),
        owner=owners,
        which=some,
        kind=st.sampled_from(["reserve", "release", "hear", "allocate", "renew", "lapse"]),
    )
    def at_once(self, first, second, owner, which, kind):
        """Two sessions at the same time: it comes out as if all had asked one after the other."""
        if kind == "release" and owner in self.outside.holds | self.outside.documents:
            return
        other = {
            "reserve": lambda: deeds.reserving(second, self.now),
            "release": lambda: deeds.releasing(owner, self.now),
            "hear": lambda: self.some_news(which),
            "allocate": lambda: deeds.allocating(owner, self.now),
            "renew": lambda: deeds.renewing(owner, self.now + timedelta(seconds=50), self.now),
            "lapse": lambda: deeds.lapsing(2, self.now),
        }[kind]()
        with self.judged():
            self.race(deeds.reserving(first, self.now), other)

    def race(self, mine: Deed, other: Deed) -> None:
        answers = self.answers_at_once(mine, other)
        numbers = self.numbers()
        every = len(mine.told) + len(other.told)
        for turns in combinations(range(every), len(mine.told)):
            possible = copy.deepcopy(self.oracle)
            asking = {True: iter(mine.told), False: iter(other.told)}
            foreseen: dict[bool, list[object]] = {True: [], False: []}
            for turn in range(every):
                foreseen[turn in turns].append(next(asking[turn in turns])(possible))
            if foreseen == answers and numbers == self.foreseen(possible):
                self.oracle = possible
                return
        pytest.fail(f"no order of {mine.name} and {other.name} gives {answers} and {numbers}")

    def answers_at_once(self, mine: Deed, other: Deed) -> dict[bool, list[object]]:
        answers: dict[bool, list[object]] = {}
        gate = threading.Barrier(2)

        def run(is_mine: bool, deed: Deed) -> None:
            with self.database.transaction() as session:
                session.execute(sa.text("SELECT 1"))
                gate.wait(10)
                answers[is_mine] = deed.real(session)

        threads = [threading.Thread(target=run, args=one) for one in ((True, mine), (False, other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    # -- the judges ------------------------------------------------------------------------------

    def numbers(self) -> dict[Spot, tuple[int, ...]]:
        with self.database.read() as session:
            found = service.levels(session, SKUS, now=self.now)
        return {
            (level.sku, level.warehouse): (
                level.on_hand,
                level.claimed_elsewhere,
                level.in_flight,
                level.reserved,
                level.allocated,
                level.safety_stock,
            )
            for levels in found.values()
            for level in levels
        }

    def foreseen(self, oracle: Oracle) -> dict[Spot, tuple[int, ...]]:
        return {spot: tuple(oracle.numbers(spot, self.now)) for spot in SPOTS}

    @invariant()
    def every_number_follows_from_what_was_told(self):
        if not self.is_sound:
            return
        with self.judged(), self.database.read() as session:
            assert self.numbers() == self.foreseen(self.oracle)
            assert service.reconcile(session, repair=False, now=self.now) == []
            for owner, claim in self.oracle.claims.items():
                held = service.find_reservation(session, owner, now=self.now)
                is_open = held.state.value in {"reserved", "allocated"}
                expected = claim.units if claim.counts(self.now) else {}
                assert (held.open_units() if is_open else {}) == {
                    sku: n for sku, n in expected.items() if n
                }

    @invariant()
    def nothing_on_the_shelves_is_promised_twice(self):
        """ATP is at most what is there for us, but for what nobody could have told us yet."""
        if not self.is_sound:
            return
        with self.judged():
            for sku in SKUS:
                here = [(sku, code) for code in CODES]
                news = sum(untold(self.outside, self.oracle, s, self.now) for s in here)
                assert self.promised(sku) <= self.there(sku) + news, sku

    def promised(self, sku: str) -> int:
        return sum(self.oracle.numbers((sku, code), self.now).atp for code in CODES)

    def there(self, sku: str) -> int:
        units = sum(for_us(self.outside, self.oracle, (sku, code), self.now) for code in CODES)
        return units - self.outside.ordered_by_others.get(sku, 0)

    def teardown(self):
        """When all news is in and the books are right, nothing is lost: every unit is sellable."""
        if not self.is_sound:
            return
        for owner in sorted(self.outside.holds):
            self.settle(owner, WMS)
        for owner in sorted(self.outside.documents):
            self.settle(owner, ERP)
        for report in self.outside.reports:
            self.tell(deeds.heard(report, self.now))
        self.outside.book(10**6)
        self.now += timedelta(days=2)
        self.tell(deeds.lapsing(100, self.now))
        for source in PhotoSource:
            picture = self.outside.take_picture(source, self.now, list(SKUS))
            self.tell(deeds.photographed(picture, self.now))
        self.every_number_follows_from_what_was_told()
        for sku in SKUS:
            assert self.promised(sku) == self.there(sku), sku
            for spot in [(sku, code) for code in CODES]:
                assert self.oracle.numbers(spot, self.now).on_hand == self.outside.there[spot]

    def settle(self, owner: str, system: PhotoSource) -> None:
        """Look up what an interrupted call or cancellation left, as the product does later."""
        if self.is_claimed_and_paid(owner):
            if self.oracle.known[owner, system].withdrawn is None:
                self.tell(deeds.posting(owner, system, self.now))
                return
        elif self.has_left(owner):
            return  # it leaves the books by being booked
        self.tell(deeds.withdrawing(owner, system, self.now))
        (self.outside.holds if system is WMS else self.outside.documents).pop(owner, None)


def test_promises_are_kept_whatever_happens_in_whatever_order(database):
    machine = type("PromisesHere", (Promises,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
