"""Putting a receiver right: while the order is still here, and never after it was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.orders.acts import LATER, advance, codes, events, pay, place
from tests.orders.builders import RECEIVER
from yinuo.core.db import Session
from yinuo.orders import service
from yinuo.orders.model import BadOrder, FulfillmentStatus, Receiver, ReceiverIsSent, TimelineEntry

ELSEWHERE = replace(
    RECEIVER,
    province="江苏省",
    city="南京市",
    district="鼓楼区",
    detail="示例路2号",
    phone="13900002222",
)
WHY = TimelineEntry(at=LATER, code="workflows.timeline.address_corrected", dedupe_key="right:1")


def change(session: Session, order_id: str, receiver: Receiver = ELSEWHERE) -> bool:
    return service.change_receiver(session, order_id, receiver=receiver, why=WHY, now=LATER)


def test_the_receiver_and_all_that_is_shown_of_it_change(session: Session) -> None:
    order = place(session)
    assert change(session, order.id)
    assert service.reveal_receiver(session, order.id) == ELSEWHERE
    loaded = service.load_order(session, order.id)
    assert loaded.region == ELSEWHERE.region
    tail = session.execute(sa.text("SELECT phone_tail FROM orders")).scalar_one()
    assert tail == "2222"
    assert codes(session, order.id)[-1] == WHY.code
    assert events(session)[-1] == "orders.receiver_changed"
    assert loaded.version == order.version + 1


def test_the_same_receiver_again_writes_nothing(session: Session) -> None:
    order = place(session)
    before = events(session)
    assert not change(session, order.id, RECEIVER)
    assert events(session) == before
    assert service.load_order(session, order.id).version == order.version


def test_an_order_on_its_way_keeps_its_receiver(session: Session) -> None:
    order = place(session)
    pay(session)
    advance(session, order, FulfillmentStatus.RESERVED, FulfillmentStatus.SENDING)
    with pytest.raises(ReceiverIsSent):
        change(session, order.id)
    assert service.reveal_receiver(session, order.id) == RECEIVER


def test_a_receiver_without_a_street_is_refused(session: Session) -> None:
    order = place(session)
    with pytest.raises(BadOrder):
        change(session, order.id, replace(ELSEWHERE, detail=" "))


def test_an_order_may_come_without_divisions(session: Session) -> None:
    nowhere = replace(RECEIVER, province="", city="", district="")
    order = place(session, receiver=nowhere)
    assert service.reveal_receiver(session, order.id) == nowhere
