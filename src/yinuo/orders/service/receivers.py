"""Putting an order's receiver right before anybody outside was told of it."""

from __future__ import annotations

from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.outbox import announce
from yinuo.orders.events import ReceiverChanged
from yinuo.orders.model import (
    FulfillmentStatus,
    Receiver,
    ReceiverIsSent,
    TimelineEntry,
    check_receiver,
)
from yinuo.orders.store import marks, orders, states

_STILL_HERE = frozenset({FulfillmentStatus.WAITING, FulfillmentStatus.RESERVED})


def change_receiver(
    session: Session, order_id: str, *, receiver: Receiver, why: TimelineEntry, now: datetime
) -> bool:
    """Put another receiver in place; False (and nothing written) when it is the same.

    Raises OrderNotFound, BadOrder, and ReceiverIsSent once documents are on their way.
    """
    check_receiver(receiver)
    state = states.lock_state(session, order_id)
    if orders.load_receiver(session, order_id) == receiver:
        return False
    if state.fulfillment_status not in _STILL_HERE:
        raise ReceiverIsSent(status=f"orders.status.{state.fulfillment_status.value}")
    orders.save_receiver(session, order_id, receiver)
    states.save_state(session, state, now=now)
    marks.insert_timeline(session, order_id, why)
    announce(
        session,
        ReceiverChanged(order_id=order_id, shop_id=state.shop_id, channel=state.channel),
    )
    return True
