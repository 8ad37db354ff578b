"""Placing orders: the first message, repeats, newer versions, and cancels that come first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.money import Fen
from yinuo.core.outbox import announce
from yinuo.orders.events import OrderChanged, OrderPlaced
from yinuo.orders.model import (
    FulfillmentStatus,
    NewKey,
    NewLine,
    NewOrder,
    Order,
    OrderState,
    Payable,
    PaymentNumberTaken,
    PaymentRecorded,
    PaymentStatus,
    Placed,
    PlaceOutcome,
    TimelineEntry,
    check_new_order,
    judge_version,
)
from yinuo.orders.service.payments import settle_parked
from yinuo.orders.service.settling import NotPlain
from yinuo.orders.store import marks, orders, placing, states


def place_order(session: Session, new: NewOrder, *, now: datetime) -> Placed:
    """Place an order, or take in a further message about it; the key is `unique_id`.

    The same version again and older ones change nothing. A newer version replaces the content of
    an unpaid order; after payment it is only noted (`changed_after_payment`), and a cancelled one
    is not carried out here (`cancel_asked`): the caller raises the work item or cancels, in this
    transaction. Payments that waited for the order are booked and returned.
    Raises BadOrder with every problem, PaymentNumberTaken.
    """
    check_new_order(new)
    _claim_payment_number(session, new)
    order_id = new_id("ord")
    placed = orders.insert_order(session, new, order_id=order_id, now=now)
    if placed is not None:
        _tell_placed(session, new, order_id=order_id, now=now)
        payments = _settle(session, new, order_id=order_id, now=now)
        if payments:
            placed = orders.load_order(session, order_id)
        return Placed(order=placed, is_new=True, outcome=PlaceOutcome.CREATED, payments=payments)
    return _further(session, new, now=now)


def _claim_payment_number(session: Session, new: NewOrder) -> None:
    if new.payment_number is None:
        return
    states.lock_payment_number(session, new.payment_number)
    owner = orders.owner_of_payment_number(session, new.payment_number)
    if owner not in {None, new.unique_id}:
        raise PaymentNumberTaken(number=new.number)


def _settle(
    session: Session, new: NewOrder, *, order_id: str, now: datetime
) -> tuple[PaymentRecorded, ...]:
    if new.payment_number is None:
        return ()
    return settle_parked(session, order_id, payment_number=new.payment_number, now=now)


def _further(session: Session, new: NewOrder, *, now: datetime) -> Placed:
    state = states.lock_by_unique_id(session, new.unique_id)
    stored = orders.load_order(session, state.id)
    outcome = judge_version(
        known=state.channel_version,
        told=new.version,
        is_cancelled=new.is_cancelled,
        has_changed=_content_of(new) != _stored_content(session, stored),
        payment=state.payment_status,
        fulfillment=state.fulfillment_status,
    )
    payments: tuple[PaymentRecorded, ...] = ()
    if outcome is PlaceOutcome.UPDATED:
        orders.replace_content(session, new, order_id=state.id, placed_at=state.placed_at)
        _save_version(session, states.lock_state(session, state.id), new, now=now)
        _tell_changed(session, state, new, now=now)
        payments = _settle(session, new, order_id=state.id, now=now)
    elif outcome is PlaceOutcome.CHANGED_AFTER_PAYMENT:
        _save_version(session, state, new, now=now)
        _note(session, state.id, "orders.timeline.change_not_applied", new, now=now)
    elif outcome is PlaceOutcome.UNCHANGED and new.version > state.channel_version:
        _save_version(session, state, new, now=now)
    elif outcome is PlaceOutcome.CANCEL_ASKED:
        # The version stays unseen until the order is cancelled, so that a repeat asks again.
        _note(session, state.id, "orders.timeline.cancel_asked", new, now=now)
    order = orders.load_order(session, state.id)
    return Placed(order=order, is_new=False, outcome=outcome, payments=payments)


def _save_version(session: Session, state: OrderState, new: NewOrder, *, now: datetime) -> None:
    states.save_state(session, replace(state, channel_version=new.version), now=now)


def _content_of(new: NewOrder) -> tuple[object, ...]:
    money = (new.total_fen, new.freight_fen, new.discount_fen)
    return (new.lines, new.receiver, money, new.remark, new.payment_number)


def _stored_content(session: Session, order: Order) -> tuple[object, ...]:
    lines = tuple(
        NewLine(
            sku=line.sku,
            listing_code=line.listing_code,
            name=line.name,
            quantity=line.quantity,
            unit_price_fen=line.unit_price_fen,
            amount_fen=line.amount_fen,
            is_gift=line.is_gift,
            bundle_of=line.bundle_of,
        )
        for line in order.lines
    )
    money = (order.total_fen, order.freight_fen, order.discount_fen)
    receiver = orders.load_receiver(session, order.id)
    return (lines, receiver, money, order.remark, order.payment_number)


def lock_unknown(session: Session, keys: Sequence[NewKey]) -> set[str]:
    """Return the unique ids of which nothing is known, no order and no money; they stay so.

    What else tells of them waits for the caller's commit.
    """
    return placing.lock_unknown(session, keys) if keys else set()


def place_unknown(session: Session, news: Sequence[NewOrder], *, now: datetime) -> list[Payable]:
    """Place orders that `lock_unknown` told of, each good by `check_new_order` and not cancelled.

    They leave what `place_order` leaves. Raises NotPlain when one of them is known after all;
    then the caller undoes its transaction.
    """
    placed = {new_id("ord"): new for new in news}
    if not orders.insert_orders(session, placed, now=now):
        raise NotPlain
    entries = {key: _entry("orders.timeline.placed", new, now=now) for key, new in placed.items()}
    placing.insert_steps(session, entries)
    announce(session, *(_placed_event(key, new) for key, new in placed.items()))
    return [_payable(key, new) for key, new in placed.items()]


def _payable(order_id: str, new: NewOrder) -> Payable:
    return Payable(
        state=OrderState(
            id=order_id,
            shop_id=new.shop_id,
            channel=new.channel,
            number=new.number,
            payment_number=new.payment_number,
            total_fen=new.total_fen,
            paid_fen=Fen(0),
            refunded_fen=Fen(0),
            payment_status=PaymentStatus.UNPAID,
            fulfillment_status=FulfillmentStatus.WAITING,
            hold_count=0,
            placed_at=new.placed_at,
            paid_at=None,
            reserved_at=None,
            shipped_at=None,
            cancelled_at=None,
            channel_version=new.version,
            version=1,
        ),
        province=new.receiver.province,
        lines=tuple((line.sku, line.quantity) for line in new.lines),
    )


def _tell_placed(session: Session, new: NewOrder, *, order_id: str, now: datetime) -> None:
    code = "orders.timeline.placed_cancelled" if new.is_cancelled else "orders.timeline.placed"
    _note(session, order_id, code, new, now=now)
    announce(session, _placed_event(order_id, new))


def _placed_event(order_id: str, new: NewOrder) -> OrderPlaced:
    return OrderPlaced(
        order_id=order_id,
        shop_id=new.shop_id,
        channel=new.channel,
        number=new.number,
        total_fen=new.total_fen,
        skus=sorted({line.sku for line in new.lines}),
        is_cancelled=new.is_cancelled,
    )


def _tell_changed(session: Session, state: OrderState, new: NewOrder, *, now: datetime) -> None:
    _note(session, state.id, "orders.timeline.changed", new, now=now)
    announce(
        session,
        OrderChanged(
            order_id=state.id,
            shop_id=state.shop_id,
            channel=state.channel,
            total_fen=new.total_fen,
            skus=sorted({line.sku for line in new.lines}),
        ),
    )


def _note(session: Session, order_id: str, code: str, new: NewOrder, *, now: datetime) -> None:
    marks.insert_timeline(session, order_id, _entry(code, new, now=now))


def _entry(code: str, new: NewOrder, *, now: datetime) -> TimelineEntry:
    return TimelineEntry(
        at=now,
        code=code,
        params={
            "channel": new.channel,
            "channel_version": new.version,
            "total_fen": new.total_fen,
            "line_count": len(new.lines),
        },
        actor="channel",
        dedupe_key=f"{code}:{new.version}",
    )
