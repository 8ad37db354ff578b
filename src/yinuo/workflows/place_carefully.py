"""One message of a shop, whatever it says: a new order, a newer or older version, a cancellation.

The careful way to place an order; `place_plain` does the simple ones many at a time.
"""

from __future__ import annotations

from dataclasses import replace

from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import Shop, clean_number
from yinuo.connectors.protocols import ChannelOrder
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.inventory import service as inventory
from yinuo.observing import service as observing
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, Placed, PlaceOutcome, TimelineEntry
from yinuo.workflows import (
    cancel_order,
    follow_channel,
    observe_order,
    open_receiver,
    read_address,
    take_payment,
    take_refund,
)
from yinuo.workflows.arrivals import Opened
from yinuo.workflows.cancel_order import CannotCancel
from yinuo.workflows.hub import hub
from yinuo.workflows.new_orders import new_order


def place(message_id: str, shop: Shop, found: Opened, *, is_first: bool) -> Placed:
    """Place the order of a kept message, book its money, and do what it asks for besides.

    `is_first` says that nobody has tried before, so that no person was told of it. Raises
    UnknownSku, BadOrder, PaymentNumberTaken; then nothing is done.
    """
    order = found.order
    with hub().database.transaction() as session:
        lookup = catalog.look_up(
            session, shop_id=shop.id, codes=[line.listing for line in order.lines]
        )
        number = clean_number(shop.channel, order.number)
        read = _receiver(session, shop, number, found)
        new = new_order(shop, found, lookup, receiver=read.receiver)
        placed = orders.place_order(session, new, now=clock.now())
        if placed.is_new:
            observe_order.came_in(session, shop.id, placed.order.id, now=clock.now())
        read_address.keep(session, placed, read)
        open_receiver.keep(session, shop, placed, found)
        follow_channel.heed(session, placed, order)
        paid = follow_channel.book_money(session, shop, order)
        _follow_up(session, placed, order)
        if not is_first:
            _close_items(session, message_id)
        channels.mark_done(session, message_id, outcome=placed.outcome.value)
    return replace(placed, payments=(*placed.payments, *([paid] if paid else ())))


def _receiver(session: Session, shop: Shop, number: str, found: Opened) -> read_address.Understood:
    """Return the receiver to place an order with, read unless it is sealed or known already."""
    order = found.order
    if found.is_known or found.is_late:
        kept = read_address.known(session, shop, number)
        if kept is not None:
            return kept
    if found.is_sealed:
        return read_address.unread(order.receiver)
    known_as = number if order.version > 1 else None
    return read_address.understand(session, shop, order.receiver, known_as=known_as)


def _close_items(session: Session, message_id: str) -> None:
    """Close what a person was given when the message could not be placed before."""
    for kind in (WorkItemKind.UNKNOWN_SKU, WorkItemKind.BAD_ORDER, WorkItemKind.INBOX_FAILED):
        exceptions.close_for_subject(
            session,
            kind=kind,
            subject_type="inbox",
            subject_id=message_id,
            resolution=Resolution.FIXED,
            now=clock.now(),
        )


def _follow_up(session: Session, placed: Placed, order: ChannelOrder) -> None:
    """Do what a further message asks for: cancel, or let a person judge a change after payment."""
    now = clock.now()
    for payment in placed.payments:
        take_payment.tell_outcome(
            session, payment, number=order.payment_number, amount_fen=placed.order.paid_fen
        )
    if placed.payments:
        take_refund.catch_up(
            session, placed.order.id, payment_number=order.payment_number, actor="system"
        )
    if placed.outcome is PlaceOutcome.UPDATED:
        _give_back_old_claim(session, placed, order)
    if placed.outcome is PlaceOutcome.CANCEL_ASKED:
        _cancel(session, placed)
    if placed.outcome is PlaceOutcome.CHANGED_AFTER_PAYMENT:
        params: dict[str, JsonValue] = {"version": order.version}
        orders.write_timeline(
            session,
            placed.order.id,
            TimelineEntry(
                at=now,
                code="workflows.timeline.changed_after_payment",
                params=params,
                dedupe_key=f"changed:{order.version}",
            ),
        )
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.ORDER_CHANGED_AFTER_PAYMENT,
                subject_type="order",
                subject_id=placed.order.id,
                subject_label=placed.order.number,
                code="workflows.changed_after_payment",
                params=params,
            ),
            now=now,
        )


def _give_back_old_claim(session: Session, placed: Placed, order: ChannelOrder) -> None:
    """What was claimed is what the order said before; it is claimed anew for what it says now."""
    now = clock.now()
    entry = TimelineEntry(
        at=now,
        code="workflows.timeline.reserved_anew",
        params={"version": order.version},
        dedupe_key=f"anew:{order.version}",
    )
    inventory.release(session, placed.order.id, cause="workflows.cause.changed", now=now)
    observing.forget_verdict(session, placed.order.id)
    if placed.order.fulfillment_status is FulfillmentStatus.RESERVED:
        orders.advance(session, placed.order.id, to=FulfillmentStatus.WAITING, why=entry, now=now)


def _cancel(session: Session, placed: Placed) -> None:
    """Begin to cancel; for goods that have left it is too late, and a person tells the buyer."""
    order = placed.order
    try:
        cancel_order.ask(session, order.id, reason="workflows.reason.buyer", actor=order.channel)
    except CannotCancel as error:
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.CANCEL_REFUSED_BY_WAREHOUSE,
                subject_type="order",
                subject_id=order.id,
                subject_label=order.number,
                code=error.code,
            ),
            now=clock.now(),
        )
