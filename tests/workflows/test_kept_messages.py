"""A message that breaks the worker neither stops the others nor gets lost."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.workflows.merchant import SHOP, order_body
from tests.workflows.world import World
from yinuo.channels import service as channels
from yinuo.channels.model import MOST_ATTEMPTS, InboxMessage, InboxState
from yinuo.core import clock
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter, Resolution, WorkItemKind
from yinuo.users.model import SYSTEM
from yinuo.workflows import intake_order
from yinuo.workflows.retry_work_item import retry_work_item

POISON = b'{"poison": true}'


def keep(world: World, key: str, body: bytes, *, attempts: int = 0) -> str:
    """Put a message into the inbox that its receiver has left unfinished, and return its id."""
    message = InboxMessage(
        source=intake_order.SOURCE,
        key=key,
        shop_id=SHOP,
        headers={},
        body=body,
        received_at=clock.now() - timedelta(hours=1),
    )
    with world.database.transaction() as session:
        received = channels.receive(session, message)
        spent = sa.text("UPDATE inbox SET attempts = :attempts WHERE id = :id")
        session.execute(spent, {"attempts": attempts, "id": received.id})
        return received.id


def state(world: World, message_id: str) -> InboxState:
    with world.database.read() as session:
        return channels.load_message(session, message_id).state


def test_a_message_that_breaks_the_worker_is_given_to_a_person_and_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    shop = world.hub.connectors.shop(SHOP)
    whole = shop.read_order

    def break_off(body: bytes) -> object:
        if body == POISON:
            raise ZeroDivisionError
        return whole(body)

    monkeypatch.setattr(shop, "read_order", break_off)
    poison = keep(world, "poison", POISON, attempts=MOST_ATTEMPTS - 1)
    good = keep(world, "good", intake_body("YNKEPT1"))

    intake_order.work_off_waiting()

    world.until(lambda: state(world, good) is InboxState.DONE, what="for the good one")
    assert world.order("YNKEPT1").number == "YNKEPT1"
    world.until(lambda: state(world, poison) is InboxState.PARKED, what="for the other")
    world.until(lambda: world.items() == [("inbox_failed", "open")], what="for the work item")
    with world.database.read() as session:
        (item,) = exceptions.list_items(session, ItemFilter()).items
    assert (item.kind, item.subject_id) == (WorkItemKind.INBOX_FAILED, poison)

    monkeypatch.setattr(shop, "read_order", lambda _: whole(intake_body("YNKEPT2")))
    retry_work_item(world.database, item, actor=SYSTEM)

    assert world.order("YNKEPT2").number == "YNKEPT2"
    with world.database.read() as session:
        assert exceptions.load_item(session, item.id).resolution is Resolution.FIXED


def intake_body(number: str) -> bytes:
    """Return an order as the storefront's bytes."""
    return json.dumps(order_body(number)).encode()
