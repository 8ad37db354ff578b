"""Shops and the inbox, on a real database, with racing threads."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.channels.building import MINI, NOW, RAW, events, later, message
from tests.racing import race
from yinuo.channels import service
from yinuo.channels.model import (
    MOST_ATTEMPTS,
    MOST_BODY_BYTES,
    BadShop,
    Channel,
    InboxState,
    MessageDone,
    MessageTooLarge,
    Received,
    UnknownMessage,
    UnknownShop,
)
from yinuo.core import clock
from yinuo.core.db import Database, Session

# --- shops


def test_a_shop_is_loaded_as_it_was_saved(session: Session):
    service.save_shop(session, MINI)
    service.save_shop(session, MINI)
    assert service.load_shop(session, "mini") == MINI
    assert service.list_shops(session) == [MINI]
    assert events(session) == [
        (
            "channels.shop_saved",
            {"shop_id": "mini", "channel": "mini_program", "is_active": True},
        )
    ]


def test_a_shop_that_is_switched_off_takes_no_orders(session: Session):
    service.save_shop(session, MINI)
    assert service.load_active_shop(session, "mini") == MINI
    service.save_shop(session, replace(MINI, is_active=False))
    assert service.load_shop(session, "mini").is_active is False
    with pytest.raises(UnknownShop):
        service.load_active_shop(session, "mini")


@pytest.mark.parametrize("shop_id", ["none", "", "a\x00", "\ud800"])
def test_an_unknown_shop_is_told(session: Session, shop_id: str):
    with pytest.raises(UnknownShop):
        service.load_shop(session, shop_id)


def test_a_shop_keeps_its_channel_and_names_every_wrong_field(session: Session):
    service.save_shop(session, MINI)
    with pytest.raises(BadShop) as moved:
        service.save_shop(session, replace(MINI, channel=Channel.DOUYIN))
    with pytest.raises(BadShop) as wrong:
        service.save_shop(session, replace(MINI, id="M", name=""))
    assert moved.value.details == {"problems": ["channel"]}
    assert wrong.value.details == {"problems": ["id", "name"]}
    assert service.list_shops(session) == [MINI]


# --- inbox


def test_a_message_is_kept_byte_for_byte_and_without_secrets(session: Session):
    received = service.receive(session, message())
    entry = service.load_message(session, received.id)
    assert received == Received(
        id=received.id, is_new=True, state=InboxState.RECEIVED, has_same_body=True
    )
    assert entry.body == RAW
    assert entry.headers == {"content-type": "application/json"}
    assert (entry.source, entry.key, entry.shop_id) == ("shop", "mini:1", "mini")
    assert (entry.state, entry.attempts, entry.received_at) == (InboxState.RECEIVED, 0, NOW)


def test_a_message_of_2_mb_is_kept_and_a_larger_one_leaves_nothing(session: Session):
    body = b"\x00\xff" * (MOST_BODY_BYTES // 2)
    received = service.receive(session, message(body=body))
    assert service.load_message(session, received.id).body == body
    with pytest.raises(MessageTooLarge):
        service.receive(session, message("mini:2", body=body + b"x"))
    assert service.inbox_counts(session)[InboxState.RECEIVED] == 1


def test_the_same_key_again_changes_nothing(session: Session):
    first = service.receive(session, message())
    service.mark_done(session, first.id, outcome="placed")
    again = service.receive(session, message())
    other = service.receive(session, message(body=b"other"))
    elsewhere = service.receive(session, message(source="wechat_pay"))
    assert again == Received(id=first.id, is_new=False, state=InboxState.DONE, has_same_body=True)
    assert other == replace(again, has_same_body=False)
    assert elsewhere.is_new
    assert service.load_message(session, first.id).body == RAW


def test_one_message_received_by_many_at_once_is_kept_once(database: Database):
    received: list[Received] = []

    def send(_: int) -> None:
        with database.transaction() as session:
            received.append(service.receive(session, message()))

    race(16, send)

    assert len({one.id for one in received}) == 1
    assert sum(one.is_new for one in received) == 1
    with database.read() as session:
        assert sum(service.inbox_counts(session).values()) == 1


def test_a_message_is_left_to_its_receiver_before_a_worker_takes_it(session: Session):
    received = service.receive(session, message(), take_after_seconds=5)
    assert service.pending(session, limit=10, now=later(4)) == []
    assert [one.id for one in service.pending(session, limit=10, now=later(5))] == [received.id]


def test_taking_spends_a_try_and_keeps_the_message_for_a_while(session: Session):
    service.receive(session, message(), take_after_seconds=0)
    (taken,) = service.pending(session, limit=10, now=NOW, lease_seconds=60)
    assert (taken.attempts, taken.body) == (1, RAW)
    assert service.pending(session, limit=10, now=later(59)) == []
    # The one who had it has died: it is due again.
    assert service.pending(session, limit=10, now=later(60))[0].attempts == 2


def test_workers_take_oldest_first_within_limit_and_source(session: Session):
    for number in range(4):
        service.receive(
            session, message(f"k{number}", received_at=later(-number)), take_after_seconds=0
        )
    service.receive(session, message(source="qimen"), take_after_seconds=0)
    first = service.pending(session, limit=2, now=NOW, source="shop")
    second = service.pending(session, limit=9, now=NOW, source="shop")
    assert [one.key for one in first] == ["k3", "k2"]
    assert [one.key for one in second] == ["k1", "k0"]
    assert [one.source for one in service.pending(session, limit=9, now=NOW)] == ["qimen"]


def test_racing_workers_never_take_the_same_message(database: Database):
    with database.transaction() as session:
        for number in range(60):
            service.receive(session, message(f"k{number}"), take_after_seconds=0)
    taken: list[str] = []

    def work(_: int) -> None:
        while True:
            with database.transaction() as session:
                batch = service.pending(session, limit=5, now=NOW)
            if not batch:
                return
            taken.extend(one.id for one in batch)

    race(8, work)

    assert len(taken) == len(set(taken)) == 60


def test_a_failed_message_waits_and_then_is_parked_with_its_reason(session: Session):
    received = service.receive(session, message(), take_after_seconds=0)
    at = NOW
    states = []
    for _ in range(MOST_ATTEMPTS):
        with clock.fixed(at):
            (taken,) = service.pending(session, limit=1, now=at)
            states.append(
                service.mark_failed(session, taken.id, code="core.no_slot", detail="busy\x00")
            )
        at += timedelta(seconds=301)
    entry = service.load_message(session, received.id)
    assert states == [InboxState.FAILED] * (MOST_ATTEMPTS - 1) + [InboxState.PARKED]
    assert (entry.state, entry.error_code, entry.error_detail) == (
        InboxState.PARKED,
        "core.no_slot",
        "busy",
    )
    assert service.pending(session, limit=1, now=at + timedelta(days=1)) == []
    assert events(session) == [
        (
            "channels.message_parked",
            {
                "message_id": received.id,
                "source": "shop",
                "key": "mini:1",
                "shop_id": "mini",
                "error_code": "core.no_slot",
                "attempts": MOST_ATTEMPTS,
            },
        )
    ]


def test_a_message_over_which_workers_die_is_parked(session: Session):
    received = service.receive(session, message(), take_after_seconds=0)
    for turn in range(MOST_ATTEMPTS):
        assert len(service.pending(session, limit=1, now=later(60 * turn))) == 1
    assert service.pending(session, limit=1, now=later(60 * MOST_ATTEMPTS)) == []
    entry = service.load_message(session, received.id)
    assert (entry.state, entry.error_code) == (InboxState.PARKED, "channels.gave_up")
    assert [name for name, _ in events(session)] == ["channels.message_parked"]


def test_a_failure_told_by_the_receiver_itself_counts_as_the_first(session: Session):
    received = service.receive(session, message())
    with clock.fixed(NOW):
        assert service.mark_failed(session, received.id, code="x.y") is InboxState.FAILED
    assert service.load_message(session, received.id).next_attempt_at == later(4)


def test_a_done_message_stays_done(session: Session):
    received = service.receive(session, message(), take_after_seconds=0)
    with clock.fixed(NOW):
        service.mark_done(session, received.id, outcome="placed")
    service.mark_done(session, received.id, outcome="again")
    assert service.mark_failed(session, received.id, code="late") is InboxState.DONE
    assert service.park(session, received.id, code="late") is InboxState.DONE
    with pytest.raises(MessageDone):
        service.retry_message(session, received.id)
    entry = service.load_message(session, received.id)
    assert (entry.state, entry.outcome, entry.error_code) == (InboxState.DONE, "placed", None)
    assert service.pending(session, limit=1, now=later(3600)) == []


def test_a_parked_message_can_be_tried_again_or_finished(session: Session):
    received = service.receive(session, message(), take_after_seconds=0)
    assert service.park(session, received.id, code="first") is InboxState.PARKED
    assert service.park(session, received.id, code="second") is InboxState.PARKED
    assert service.mark_failed(session, received.id, code="third") is InboxState.PARKED
    assert service.load_message(session, received.id).error_code == "third"
    assert len(events(session)) == 1

    with clock.fixed(NOW):
        service.retry_message(session, received.id)

    (taken,) = service.pending(session, limit=1, now=NOW)
    assert (taken.id, taken.attempts) == (received.id, 1)
    service.mark_done(session, received.id, outcome="placed")
    assert service.load_message(session, received.id).error_code is None


@pytest.mark.parametrize("message_id", ["msg_none", "a\x00"])
def test_an_unknown_message_is_told(session: Session, message_id: str):
    for act in (
        lambda: service.load_message(session, message_id),
        lambda: service.mark_failed(session, message_id, code="x"),
        lambda: service.park(session, message_id, code="x"),
        lambda: service.retry_message(session, message_id),
    ):
        with pytest.raises(UnknownMessage):
            act()


def test_finishing_an_unknown_message_is_told(session: Session):
    with pytest.raises(UnknownMessage):
        service.mark_done(session, "msg_none", outcome="x")


def test_retention_takes_bodies_of_done_messages_and_keeps_their_keys(session: Session):
    done = [service.receive(session, message(f"k{number}")) for number in range(3)]
    parked = service.receive(session, message("parked"))
    service.park(session, parked.id, code="x")
    for day, one in enumerate(done):
        with clock.fixed(NOW + timedelta(days=day)):
            service.mark_done(session, one.id, outcome="placed")
    before = NOW + timedelta(days=1, hours=1)

    assert service.forget_bodies(session, before=before, limit=1) == 1
    assert service.forget_bodies(session, before=before) == 1
    assert service.forget_bodies(session, before=before) == 0

    entries = [service.load_message(session, one.id) for one in [*done, parked]]
    assert [entry.body for entry in entries] == [None, None, RAW, RAW]
    assert [dict(entry.headers) for entry in entries[:2]] == [{}, {}]
    again = service.receive(session, message("k0"))
    assert (again.is_new, again.has_same_body) == (False, True)
    assert service.inbox_counts(session) == {
        InboxState.RECEIVED: 0,
        InboxState.DONE: 3,
        InboxState.FAILED: 0,
        InboxState.PARKED: 1,
    }
