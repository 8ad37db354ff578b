"""Windows of reading, nonces and figures of stock, with racing threads."""

import threading
from dataclasses import replace
from datetime import datetime

import pytest

from tests.channels.building import MINI, NOW, later
from tests.racing import race
from yinuo.channels import service
from yinuo.channels.model import (
    BadFigures,
    BadNonce,
    ClaimLost,
    NonceSeen,
    StockFigure,
    StockLag,
    StockPush,
    UnknownShop,
    Window,
    WindowClaim,
)
from yinuo.core.db import Database, Session
from yinuo.core.metrics import exposition

# --- reading by windows


def claimed(session: Session, *, now: datetime = NOW) -> WindowClaim:
    claim = service.claim_window(session, "mini", now=now)
    assert claim is not None
    return claim


def test_windows_of_a_shop_follow_one_another(session: Session):
    service.save_shop(session, MINI)
    first = claimed(session)
    assert first.window == Window(since=later(-86_405), until=later(-5))
    assert first.page_cursor is None
    service.finish_window(session, first, now=NOW)
    assert service.claim_window(session, "mini", now=NOW) is None
    second = claimed(session, now=later(60))
    assert second.window == Window(since=later(-305), until=later(55))


def test_a_window_is_read_by_one_process_and_goes_on_where_it_stopped(session: Session):
    service.save_shop(session, MINI)
    first = claimed(session)
    moved = service.save_page(session, first, page_cursor="p2", now=later(10))
    assert moved.page_cursor == "p2"
    # Until 120 s after the last page nobody else may read.
    assert service.claim_window(session, "mini", now=later(129)) is None

    heir = claimed(session, now=later(130))

    assert (heir.window, heir.page_cursor) == (first.window, "p2")
    with pytest.raises(ClaimLost):
        service.save_page(session, moved, page_cursor="p3", now=later(131))
    with pytest.raises(ClaimLost):
        service.finish_window(session, moved, now=later(131))
    assert service.give_up_window(session, moved) is False
    service.finish_window(session, heir, now=later(132))
    with pytest.raises(ClaimLost):
        service.finish_window(session, heir, now=later(133))


def test_a_window_that_is_given_up_is_taken_over_at_once(session: Session):
    service.save_shop(session, MINI)
    first = service.save_page(session, claimed(session), page_cursor="p2", now=NOW)
    assert service.give_up_window(session, first) is True
    assert claimed(session).page_cursor == "p2"


def test_a_shop_that_is_off_is_not_read(session: Session):
    service.save_shop(session, replace(MINI, is_active=False))
    with pytest.raises(UnknownShop):
        service.claim_window(session, "mini", now=NOW)


def test_of_many_processes_one_reads_a_shop(database: Database):
    with database.transaction() as session:
        service.save_shop(session, MINI)
    claims: list[WindowClaim | None] = []

    def claim(_: int) -> None:
        with database.transaction() as session:
            claims.append(service.claim_window(session, "mini", now=NOW))

    race(8, claim)

    assert sum(one is not None for one in claims) == 1


# --- nonces

NONCE = "made-up-nonce-0001"


def test_a_nonce_is_good_once_within_its_scope_until_it_expires(session: Session):
    service.use_nonce(session, scope="mini", nonce=NONCE, now=NOW)
    with pytest.raises(NonceSeen):
        service.use_nonce(session, scope="mini", nonce=NONCE, now=later(899))
    service.use_nonce(session, scope="other", nonce=NONCE, now=NOW)
    service.use_nonce(session, scope="mini", nonce=NONCE, now=later(900))
    with pytest.raises(BadNonce):
        service.use_nonce(session, scope="mini", nonce="short", now=NOW)


def test_a_request_that_was_undone_frees_its_nonce(database: Database):
    with Session(database.engine) as session:
        service.use_nonce(session, scope="mini", nonce=NONCE, now=NOW)
        session.rollback()
    with database.transaction() as session:
        service.use_nonce(session, scope="mini", nonce=NONCE, now=NOW)


def test_of_many_requests_with_one_nonce_one_is_taken(database: Database):
    outcomes: list[str] = []

    def request(_: int) -> None:
        try:
            with database.transaction() as session:
                service.use_nonce(session, scope="mini", nonce=NONCE, now=NOW)
            outcomes.append("taken")
        except NonceSeen:
            outcomes.append("seen")

    race(12, request)

    assert sorted(outcomes) == ["seen"] * 11 + ["taken"]


def test_expired_nonces_are_forgotten(session: Session):
    for number in range(3):
        service.use_nonce(session, scope="mini", nonce=f"{NONCE}{number}", now=later(number))
    assert service.forget_nonces(session, now=later(901), limit=1) == 1
    assert service.forget_nonces(session, now=later(901)) == 1
    assert service.forget_nonces(session, now=later(901)) == 0


# --- figures of stock


def want(session: Session, now: datetime = NOW, **figures: int) -> list[str]:
    return service.want_stock(session, "mini", figures=figures, now=now)


def told(push: StockPush) -> dict[str, int]:
    return {figure.sku: figure.quantity for figure in push.figures}


@pytest.fixture
def shop(session: Session) -> Session:
    service.save_shop(session, MINI)
    return session


def test_changes_before_a_push_become_one_push_of_the_last_figures(shop: Session):
    assert want(shop, A=5, B=1) == ["A", "B"]
    assert want(shop, A=5) == []
    assert want(shop, A=3, C=0) == ["A", "C"]
    (push,) = service.due_pushes(shop, now=NOW)
    assert push.figures == (
        StockFigure(sku="A", quantity=3),
        StockFigure(sku="B", quantity=1),
        StockFigure(sku="C", quantity=0),
    )
    assert service.due_pushes(shop, now=NOW) == []


def test_what_is_acknowledged_is_not_pushed_again(shop: Session):
    want(shop, A=5, B=1)
    (push,) = service.due_pushes(shop, now=NOW)
    acked = service.acknowledge(shop, "mini", version=push.version, skus=["A", "B"], now=later(1))
    repeat = service.acknowledge(shop, "mini", version=push.version, skus=["A", "B"], now=later(2))
    assert (acked, repeat) == (2, 0)
    assert service.due_pushes(shop, now=later(86_400)) == []
    figure = service.load_stock(shop, "mini", skus=["A", "X"])["A"]
    assert figure.is_acknowledged
    assert (figure.pushed_version, figure.acked_version) == (push.version, push.version)
    assert (figure.pushed_at, figure.acked_at) == (NOW, later(1))


def test_what_is_not_acknowledged_is_pushed_again_under_a_newer_version(shop: Session):
    want(shop, A=5)
    (first,) = service.due_pushes(shop, now=NOW)
    assert service.due_pushes(shop, now=later(9)) == []
    (second,) = service.due_pushes(shop, now=later(10))
    assert second.version > first.version
    assert service.due_pushes(shop, now=later(29)) == []
    assert told(service.due_pushes(shop, now=later(30))[0]) == {"A": 5}


def test_an_older_acknowledgement_never_wins(shop: Session):
    want(shop, A=5)
    (first,) = service.due_pushes(shop, now=NOW)
    want(shop, now=later(1), A=4)
    (second,) = service.due_pushes(shop, now=later(1))

    late = service.acknowledge(shop, "mini", version=first.version, skus=["A"], now=later(2))
    assert late == 0
    assert not service.load_stock(shop, "mini", skus=["A"])["A"].is_acknowledged
    newest = service.acknowledge(shop, "mini", version=second.version, skus=["A"], now=later(3))
    assert newest == 1
    assert service.acknowledge(shop, "mini", version=first.version, skus=["A"], now=later(4)) == 0
    figure = service.load_stock(shop, "mini", skus=["A"])["A"]
    assert (figure.quantity, figure.acked_version) == (4, second.version)


def test_a_figure_that_changes_under_way_is_pushed_again_after_the_acknowledgement(shop: Session):
    want(shop, A=5)
    (push,) = service.due_pushes(shop, now=NOW)
    want(shop, now=later(1), A=4)
    service.acknowledge(shop, "mini", version=push.version, skus=["A"], now=later(2))
    (next_push,) = service.due_pushes(shop, now=later(2))
    assert told(next_push) == {"A": 4}
    assert next_push.version > push.version


def test_a_version_that_was_never_pushed_acknowledges_nothing(shop: Session):
    want(shop, A=5)
    (push,) = service.due_pushes(shop, now=NOW)
    assert service.acknowledge(shop, "mini", version=push.version + 1000, skus=["A"], now=NOW) == 0
    assert service.acknowledge(shop, "mini", version=push.version, skus=["B"], now=NOW) == 0


def test_every_bad_figure_is_named_and_none_is_kept(shop: Session):
    with pytest.raises(BadFigures) as refused:
        want(shop, A=1, C=-2, B=-1)
    assert refused.value.details == {"skus": ["B", "C"]}
    assert service.load_stock(shop, "mini", skus=["A"]) == {}
    assert want(shop) == []
    with pytest.raises(UnknownShop):
        service.want_stock(shop, "none", figures={"A": 1}, now=NOW)


def test_each_shop_gets_a_push_of_its_own_and_one_that_is_off_none(shop: Session):
    for shop_id in ("second", "off"):
        service.save_shop(shop, replace(MINI, id=shop_id))
        service.want_stock(shop, shop_id, figures={"A": 7}, now=NOW)
    service.save_shop(shop, replace(MINI, id="off", is_active=False))
    want(shop, A=5)
    pushes = service.due_pushes(shop, now=NOW)
    assert [(push.shop_id, told(push)) for push in pushes] == [
        ("mini", {"A": 5}),
        ("second", {"A": 7}),
    ]
    assert pushes[0].version != pushes[1].version


def test_racing_pushers_never_push_one_figure_twice(database: Database):
    with database.transaction() as session:
        service.save_shop(session, MINI)
        want(session, **{f"S{number}": number for number in range(40)})
    pushed: list[str] = []

    def push(_: int) -> None:
        for _turn in range(6):
            with database.transaction() as session:
                for one in service.due_pushes(session, now=NOW, limit=7):
                    pushed.extend(told(one))

    race(6, push)

    assert sorted(pushed) == sorted(f"S{number}" for number in range(40))


def test_racing_changes_pushes_and_acknowledgements_end_with_the_newest_figure(
    database: Database,
):
    """The shop keeps per SKU the figure of the highest version it was told."""
    with database.transaction() as session:
        service.save_shop(session, MINI)
    shelf, lock, stock = {}, threading.Lock(), [100]

    def sell(_: int) -> None:
        for _turn in range(10):
            with lock:
                stock[0] -= 1
            with database.transaction() as session:
                service.lock_figures(session, "mini")
                want(session, A=stock[0])

    def push_all(number: int) -> None:
        for turn in range(20):
            at = later(1000 * (turn + 1) + number)
            with database.transaction() as session:
                pushes = service.due_pushes(session, now=at)
            for one in pushes:
                with lock:
                    if one.version > shelf.get("version", 0):
                        shelf.update(version=one.version, quantity=told(one)["A"])
                with database.transaction() as session:
                    service.acknowledge(session, "mini", version=one.version, skus=["A"], now=at)

    race(8, lambda number: push_all(number) if number % 2 else sell(number))
    push_all(0)

    assert stock == [60]
    assert shelf["quantity"] == 60
    with database.read() as session:
        figure = service.load_stock(session, "mini", skus=["A"])["A"]
    assert (figure.quantity, figure.is_acknowledged) == (60, True)
    assert figure.acked_version == shelf["version"]


# --- how far a shop is behind


def lag(session: Session, now: datetime) -> StockLag:
    return service.stock_lags(session, now=now)["mini"]


def test_lag_counts_what_a_shop_does_not_know_since_it_first_did_not(shop: Session):
    assert lag(shop, NOW) == StockLag(
        shop_id="mini",
        unacknowledged=0,
        oldest_since=None,
        last_acked_at=None,
        p95_ms=None,
        acked_last_hour=0,
    )
    want(shop, A=5, B=1)
    want(shop, now=later(20), A=4)  # the shop is as far behind as before
    told_now = lag(shop, later(30))
    assert (told_now.unacknowledged, told_now.oldest_since) == (2, NOW)
    assert told_now.wait(later(30)).total_seconds() == 30
    assert told_now.wait(later(-5)).total_seconds() == 0


def test_lag_ends_with_the_acknowledgement_and_its_wait_is_kept(shop: Session):
    want(shop, A=5)
    want(shop, now=later(2), B=1)
    (push,) = service.due_pushes(shop, now=later(3))
    service.acknowledge(shop, "mini", version=push.version, skus=["A", "B"], now=later(4))
    known = lag(shop, later(4))
    assert (known.unacknowledged, known.oldest_since, known.last_acked_at) == (0, None, later(4))
    assert (known.acked_last_hour, known.p95_ms) == (2, 3900)  # of 2.0 s and 4.0 s
    service.acknowledge(shop, "mini", version=push.version, skus=["A", "B"], now=later(5))
    assert lag(shop, later(5)).acked_last_hour == 2
    after_an_hour = lag(shop, later(3605))
    assert (after_an_hour.acked_last_hour, after_an_hour.p95_ms) == (0, None)
    assert after_an_hour.last_acked_at == later(4)


def test_what_changed_after_the_push_waits_since_the_push_only(shop: Session):
    """A SKU that sells every second does not look as if its shop had known nothing for minutes."""
    want(shop, A=5)
    (push,) = service.due_pushes(shop, now=later(1))
    want(shop, now=later(2), A=4)
    service.acknowledge(shop, "mini", version=push.version, skus=["A"], now=later(3))
    still = lag(shop, later(9))
    assert (still.unacknowledged, still.oldest_since) == (1, later(1))
    assert (still.acked_last_hour, still.p95_ms) == (1, 3000)


def test_a_shop_that_is_off_is_not_behind(shop: Session):
    want(shop, A=5)
    service.save_shop(shop, replace(MINI, is_active=False))
    assert service.stock_lags(shop, now=later(900)) == {}


def test_waits_are_forgotten_after_a_day(shop: Session):
    want(shop, A=5)
    (push,) = service.due_pushes(shop, now=NOW)
    service.acknowledge(shop, "mini", version=push.version, skus=["A"], now=later(1))
    assert service.forget_waits(shop, now=later(86_400)) == 0
    assert service.forget_waits(shop, now=later(86_402)) == 1
    assert lag(shop, later(86_402)).last_acked_at == later(1)


def test_lag_is_shown_to_prometheus(shop: Session):
    want(shop, A=5, B=2)
    service.stock_lags(shop, now=later(7))
    told_metrics = exposition().decode()
    assert 'yinuo_shop_stock_unacknowledged{shop="mini"} 2.0' in told_metrics
    assert 'yinuo_shop_stock_behind_seconds{shop="mini"} 7.0' in told_metrics


def test_a_shop_long_behind_leaves_the_others_their_turn(shop: Session):
    service.save_shop(shop, replace(MINI, id="a-first"))
    many = {f"S{number:03}": number for number in range(30)}
    service.want_stock(shop, "a-first", figures=many, now=NOW)
    want(shop, now=later(1), A=5)
    pushes = service.due_pushes(shop, now=later(1), limit=10)
    assert [(push.shop_id, len(push.figures)) for push in pushes] == [("a-first", 10), ("mini", 1)]
