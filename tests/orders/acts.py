"""What tests do with orders, in one word each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from tests.orders.builders import NOON, new_order, payment
from yinuo.orders import service
from yinuo.orders.model import (
    FulfillmentStatus,
    TimelineEntry,
)

F = FulfillmentStatus
LATER = NOON + timedelta(minutes=5)


def why(code="test.step", **changes):
    return replace(TimelineEntry(at=LATER, code=code), **changes)


def place(session, **changes):
    return service.place_order(session, new_order(**changes), now=NOON).order


def pay(session, **changes):
    return service.record_payment(session, payment(**changes), now=LATER)


def codes(session, order_id):
    rows = session.execute(
        sa.text("SELECT code FROM order_timeline WHERE order_id = :id ORDER BY id"),
        {"id": order_id},
    )
    return [row.code for row in rows]


def events(session):
    return [row.name for row in session.execute(sa.text("SELECT name FROM events ORDER BY seq"))]


def advance(session, order, *path):
    for to in path:
        service.advance(session, order.id, to=to, why=why(), now=LATER)


def run_all(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def hold(session, order_id, **changes):
    said = {"reason": "address_unclear", "owner_role": "operations", "note": "", **changes}
    return service.hold_order(session, order_id, **said, actor="ops", now=LATER)


def release(session, order_id, hold_id):
    return service.release_hold(session, order_id, hold_id=hold_id, actor="ops", now=LATER)
