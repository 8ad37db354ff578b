"""Moving orders on, cancelling, sourcing, tagging and noting."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.outbox import announce
from yinuo.orders.events import (
    OrderAdvanced,
    OrderCancelled,
    OrderSourced,
    OrderTagged,
    OrderUntagged,
    TimelineWritten,
)
from yinuo.orders.model import (
    FulfillmentStatus,
    IllegalTransition,
    OrderState,
    PaymentStatus,
    Sourcing,
    TimelineEntry,
    check_not_held,
    clean_tag,
    is_step,
)
from yinuo.orders.store import marks, orders, states


def advance(
    session: Session, order_id: str, *, to: FulfillmentStatus, why: TimelineEntry, now: datetime
) -> bool:
    """Move fulfillment one step; False (and nothing written) when it is there or further.

    Raises OrderNotFound, IllegalTransition, AlreadyShipped, and OrderIsHeld for sending an order
    while holds stand. Cancelling has its own verb.
    """
    state = states.lock_state(session, order_id)
    if to is FulfillmentStatus.CANCELLED:
        raise IllegalTransition(current=state.fulfillment_status.value, to=to.value)
    if not is_step(state.fulfillment_status, to):
        return False
    check_not_held(to, holds=state.hold_count)
    states.save_state(session, _moved(state, to, now=now), now=now)
    marks.insert_timeline(session, order_id, why)
    announce(
        session,
        OrderAdvanced(
            order_id=order_id,
            shop_id=state.shop_id,
            channel=state.channel,
            from_status=state.fulfillment_status.value,
            to_status=to.value,
        ),
    )
    return True


def _moved(state: OrderState, to: FulfillmentStatus, *, now: datetime) -> OrderState:
    moved = replace(state, fulfillment_status=to)
    if to is FulfillmentStatus.RESERVED and state.reserved_at is None:
        return replace(moved, reserved_at=now)
    if to is FulfillmentStatus.SHIPPED:
        return replace(moved, shipped_at=now)
    return moved


def mark_cancelled(
    session: Session, order_id: str, *, reason: str, actor: str, now: datetime
) -> bool:
    """Cancel the order and close its holds; False when it was cancelled already.

    An unpaid order's payment is closed with it; money that came stays in the books, and giving it
    back is the caller's work. Raises OrderNotFound, AlreadyShipped.
    """
    state = states.lock_state(session, order_id)
    if not is_step(state.fulfillment_status, FulfillmentStatus.CANCELLED):
        return False
    marks.close_all_holds(session, order_id, actor=actor, now=now)
    is_unpaid = state.payment_status is PaymentStatus.UNPAID
    cancelled = replace(
        state,
        fulfillment_status=FulfillmentStatus.CANCELLED,
        payment_status=PaymentStatus.CLOSED if is_unpaid else state.payment_status,
        hold_count=0,
        cancelled_at=now,
    )
    states.save_state(session, cancelled, now=now)
    entry = TimelineEntry(
        at=now,
        code="orders.timeline.cancelled",
        params={"reason": reason},
        actor=actor,
        dedupe_key="cancelled",
    )
    marks.insert_timeline(session, order_id, entry)
    announce(
        session,
        OrderCancelled(
            order_id=order_id,
            shop_id=state.shop_id,
            channel=state.channel,
            reason=reason,
            is_paid=not is_unpaid,
        ),
    )
    return True


def record_sourcing(session: Session, order_id: str, *, sourcing: Sourcing, now: datetime) -> None:
    """Keep the chosen warehouse and carrier with all candidates; the newest choice stands.

    Raises OrderNotFound.
    """
    state = states.lock_state(session, order_id)
    orders.save_sourcing(session, order_id, sourcing)
    states.save_state(session, state, now=now)
    announce(
        session,
        OrderSourced(
            order_id=order_id,
            shop_id=state.shop_id,
            channel=state.channel,
            warehouse=sourcing.warehouse,
            carrier=sourcing.carrier,
        ),
    )


def tag_order(session: Session, order_id: str, *, tag: str, actor: str, now: datetime) -> bool:
    """Put a tag on; False when it is on already. Raises OrderNotFound, BadTag."""
    clean = clean_tag(tag)
    state = states.lock_state(session, order_id)
    if not marks.insert_tag(session, state, tag=clean, actor=actor, now=now):
        return False
    states.save_state(session, state, now=now)
    _note_tag(session, state, "orders.timeline.tagged", tag=clean, actor=actor, now=now)
    announce(
        session,
        OrderTagged(order_id=order_id, shop_id=state.shop_id, channel=state.channel, tag=clean),
    )
    return True


def untag_order(session: Session, order_id: str, *, tag: str, actor: str, now: datetime) -> bool:
    """Take a tag off; False when it is not on. Raises OrderNotFound, BadTag."""
    clean = clean_tag(tag)
    state = states.lock_state(session, order_id)
    if not marks.delete_tag(session, order_id, tag=clean):
        return False
    states.save_state(session, state, now=now)
    _note_tag(session, state, "orders.timeline.untagged", tag=clean, actor=actor, now=now)
    announce(
        session,
        OrderUntagged(order_id=order_id, shop_id=state.shop_id, channel=state.channel, tag=clean),
    )
    return True


def _note_tag(
    session: Session, state: OrderState, code: str, *, tag: str, actor: str, now: datetime
) -> None:
    entry = TimelineEntry(at=now, code=code, params={"tag": tag}, actor=actor)
    marks.insert_timeline(session, state.id, entry)


def write_timeline(session: Session, order_id: str, entry: TimelineEntry) -> bool:
    """Note a step; False when one with its dedupe key stands already. Raises OrderNotFound."""
    order = orders.load_summary(session, order_id)
    if not marks.insert_timeline(session, order_id, entry):
        return False
    announce(
        session,
        TimelineWritten(
            order_id=order_id, shop_id=order.shop_id, channel=order.channel, code=entry.code
        ),
    )
    return True
