"""Random interleavings of all verbs against an oracle: the numbers always agree."""

from contextlib import contextmanager
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.inventory.builders import HZ, NT, T0, photograph, set_up, wish
from tests.inventory.oracle import Oracle
from yinuo.core.db import Database, Session
from yinuo.inventory import service
from yinuo.inventory.model import NotHeld, PhotoSource, Reserved, Shortage, StockChange

SKUS = ("A", "B")
CODES = (HZ, NT)
PLACES = [(sku, code) for sku in SKUS for code in CODES]
owners = st.sampled_from([f"o{n}" for n in range(6)])
units = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 4), min_size=1)
ago = st.sampled_from([0, 20, 60, 120]).map(lambda seconds: timedelta(seconds=seconds))
keys = st.sampled_from([f"k{n}" for n in range(12)])
places = st.sampled_from(PLACES)
requests = st.builds(
    wish,
    owners,
    units,
    warehouses=st.sampled_from([(HZ,), (NT,), (HZ, NT), (NT, HZ)]),
    is_paid=st.booleans(),
    ttl_seconds=st.sampled_from([20, 100]),
)


class Stock(RuleBasedStateMachine):
    """Every verb on the real thing and on the oracle; an example is one transaction, undone."""

    database: Database

    def __init__(self):
        super().__init__()
        self.session = Session(self.database.engine, expire_on_commit=False, autoflush=False)

    def teardown(self):
        self.session.rollback()
        self.session.close()

    @contextmanager
    def step(self):
        with self.session.begin_nested():
            yield self.session

    @initialize(counted=st.fixed_dictionaries({place: st.integers(0, 12) for place in PLACES}))
    def start(self, counted):
        self.now = T0
        self.oracle = Oracle()
        with self.step() as session:
            set_up(session, counted, at=T0)
        for place, quantity in counted.items():
            self.oracle.photos[place] = {PhotoSource.WMS: (T0, quantity)}

    @rule(wanted=st.lists(requests, min_size=1, max_size=4))
    def reserve(self, wanted):
        with self.step() as session:
            answers = service.reserve_batch(session, wanted, now=self.now)
        for request, answer in zip(wanted, answers, strict=True):
            expected = self.oracle.reserve(request, self.now)
            if expected is None:
                assert isinstance(answer, Shortage)
            else:
                assert isinstance(answer, Reserved)
                assert answer.warehouse == expected

    @rule(owner=owners)
    def allocate(self, owner):
        claim = self.oracle.holder(owner, self.now)
        with self.step() as session:
            try:
                service.allocate(session, owner, now=self.now)
            except NotHeld:
                assert claim is None
            else:
                assert claim is not None
                if claim.state == "reserved":
                    claim.state = "allocated"

    @rule(owner=owners)
    def release(self, owner):
        with self.step() as session:
            service.release(session, owner, cause="test", now=self.now)
        self.oracle.release(owner)

    @rule(owner=owners, seconds=st.integers(-50, 100))
    def renew(self, owner, seconds):
        claim = self.oracle.holder(owner, self.now)
        until = self.now + timedelta(seconds=seconds)
        with self.step() as session:
            try:
                got = service.renew(session, owner, until=until, now=self.now)
            except NotHeld:
                assert claim is None
            else:
                if claim.state == "reserved":
                    claim.expires_at = max(claim.expires_at, until)
                assert got == claim.expires_at

    @rule(owner=owners, lines=st.none() | units, before=ago, key=keys)
    def deduct(self, owner, lines, before, key):
        at = self.now - before
        with self.step() as session:
            try:
                service.deduct(session, owner, key=key, lines=lines, effective_at=at, now=self.now)
                is_done = True
            except NotHeld:
                is_done = False
        assert self.oracle.ship(owner, lines, at=at, key=key, now=self.now) == is_done

    @rule(limit=st.integers(1, 3))
    def lapse(self, limit):
        with self.step() as session:
            assert service.lapse_expired(session, now=self.now, limit=limit).stuck == []

    @rule(
        counted=st.dictionaries(places, st.integers(-1, 12), min_size=1),
        before=ago,
        source=st.sampled_from(PhotoSource),
    )
    def photograph(self, counted, before, source):
        at = self.now - before
        with self.step() as session:
            photograph(session, counted, at=at, now=self.now, source=source)
        for place, quantity in counted.items():
            shown = self.oracle.photos.setdefault(place, {})
            if source not in shown or shown[source][0] < at:
                shown[source] = (at, quantity)

    @rule(place=places, delta=st.integers(-3, 3), before=ago, key=keys)
    def change(self, place, delta, before, key):
        at = self.now - before
        change = StockChange(key, *place, delta, at)
        with self.step() as session:
            service.apply_change(session, [change], now=self.now)
        if (key, place) not in self.oracle.keys:
            self.oracle.keys.add((key, place))
            self.oracle.moves.setdefault(place, []).append((at, delta, "changed"))

    @rule(place=places, quantity=st.integers(0, 4))
    def keep_safe(self, place, quantity):
        with self.step() as session:
            service.set_safety_stock(
                session, place[0], warehouse=place[1], quantity=quantity, cause="x", now=self.now
            )
        self.oracle.safety[place] = quantity

    @rule(seconds=st.sampled_from([20, 60]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @invariant()
    def numbers_agree(self):
        if not hasattr(self, "oracle"):
            return
        with self.step() as session:
            found = service.levels(session, SKUS, now=self.now)
            drift = service.reconcile(session, repair=False, now=self.now)
        assert drift == []
        for level in (one for levels in found.values() for one in levels):
            place = (level.sku, level.warehouse)
            assert level.on_hand == self.oracle.on_hand(place)
            assert level.in_flight == self.oracle.in_flight(place)
            assert level.reserved == self.oracle.claimed(place, "reserved", self.now)
            assert level.allocated == self.oracle.claimed(place, "allocated", self.now)
            assert level.atp == self.oracle.atp(place, self.now)
            assert level.shortfall == max(0, -level.atp)


def test_numbers_always_agree_with_the_oracle(database):
    machine = type("StockHere", (Stock,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
