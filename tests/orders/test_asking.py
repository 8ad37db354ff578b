"""Asking the provider about orders whose payment notice never came."""

from __future__ import annotations

from datetime import timedelta

from tests.orders.builders import NOON as NOW
from tests.orders.builders import new_order
from yinuo.core.db import Session
from yinuo.orders import service


def due(session: Session, *, minutes: float) -> list[str]:
    now = NOW + timedelta(minutes=minutes)
    return service.due_payment_queries(
        session, placed_before=now - timedelta(minutes=2), now=now, limit=10
    )


def test_unpaid_order_is_asked_about_after_a_while_and_then_less_and_less_often(session: Session):
    placed = service.place_order(session, new_order(), now=NOW)
    number = placed.order.payment_number
    assert due(session, minutes=1) == []
    asked = [minute for minute in range(2, 40) if due(session, minutes=minute) == [number]]
    assert asked == [2, 3, 5, 9, 17, 33]
    assert due(session, minutes=26 * 60) == []


def test_cancelled_order_is_not_asked_about(session: Session):
    placed = service.place_order(session, new_order(), now=NOW)
    service.mark_cancelled(session, placed.order.id, reason="test", actor="test", now=NOW)
    assert due(session, minutes=5) == []
