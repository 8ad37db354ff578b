"""Putting holds on orders and taking them off."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.outbox import announce
from yinuo.orders.events import HoldReleased, OrderHeld
from yinuo.orders.model import (
    FulfillmentStatus,
    Hold,
    HoldNotFound,
    OrderFinished,
    OrderState,
    TimelineEntry,
)
from yinuo.orders.store import marks, states

FINISHED = frozenset({FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED})


def hold_order(
    session: Session,
    order_id: str,
    *,
    reason: str,
    owner_role: str,
    note: str,
    actor: str,
    now: datetime,
) -> Hold:
    """Return the hold that now stands; the same reason and owner again is the same hold.

    Raises OrderNotFound, and OrderFinished for an order that is shipped or cancelled.
    """
    state = states.lock_state(session, order_id)
    if state.fulfillment_status in FINISHED:
        raise OrderFinished(fulfillment_status=state.fulfillment_status.value)
    standing = marks.find_standing_hold(session, order_id, reason=reason, owner_role=owner_role)
    if standing is not None:
        return standing
    hold = Hold(id=new_id("hold"), reason=reason, owner_role=owner_role, note=note, placed_at=now)
    put_hold(session, state, hold=hold, actor=actor)
    return hold


def put_hold(session: Session, state: OrderState, *, hold: Hold, actor: str) -> OrderState:
    """Return the locked order with a hold that did not stand yet."""
    marks.insert_hold(session, state.id, hold, actor=actor)
    held = states.save_state(
        session, replace(state, hold_count=state.hold_count + 1), now=hold.placed_at
    )
    marks.insert_timeline(
        session,
        state.id,
        TimelineEntry(
            at=hold.placed_at,
            code="orders.timeline.held",
            params={"reason": hold.reason, "owner_role": hold.owner_role, "note": hold.note},
            actor=actor,
            dedupe_key=f"held:{hold.id}",
        ),
    )
    announce(
        session,
        OrderHeld(
            order_id=state.id,
            shop_id=state.shop_id,
            channel=state.channel,
            hold_id=hold.id,
            reason=hold.reason,
            owner_role=hold.owner_role,
        ),
    )
    return held


def release_hold(
    session: Session, order_id: str, *, hold_id: str, actor: str, now: datetime
) -> bool:
    """Take one hold off and leave the others; False when it was off already.

    Raises OrderNotFound, and HoldNotFound when the order never had it.
    """
    state = states.lock_state(session, order_id)
    reason = marks.close_hold(session, order_id, hold_id=hold_id, actor=actor, now=now)
    if reason is None:
        if not marks.has_hold(session, order_id, hold_id=hold_id):
            raise HoldNotFound(hold_id=hold_id[:64])
        return False
    left = states.save_state(session, replace(state, hold_count=state.hold_count - 1), now=now)
    marks.insert_timeline(
        session,
        order_id,
        TimelineEntry(
            at=now,
            code="orders.timeline.hold_released",
            params={"reason": reason, "holds_left": left.hold_count},
            actor=actor,
            dedupe_key=f"released:{hold_id}",
        ),
    )
    announce(
        session,
        HoldReleased(
            order_id=order_id,
            shop_id=state.shop_id,
            channel=state.channel,
            hold_id=hold_id,
            reason=reason,
            holds_left=left.hold_count,
        ),
    )
    return True
