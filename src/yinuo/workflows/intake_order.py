"""A shop's order comes in: kept raw, understood, mapped to SKUs, placed. Pushed or pulled, once.

Nothing is lost: what cannot be understood stays in the inbox with a work item and is tried again
when a person has put the cause right; the rest of a batch goes on. A push and a pull of the same
version of an order are one message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from yinuo.catalog import service as catalog
from yinuo.catalog.model import Lookup, UnknownSku
from yinuo.channels import service as channels
from yinuo.channels.model import InboxMessage, ReserveOn, Shop, clean_number, unique_id
from yinuo.connectors.orders import BadOrder
from yinuo.connectors.protocols import ChannelOrder, ChannelOrderLine
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue, YinuoError
from yinuo.core.logs import logger
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.inventory import service as inventory
from yinuo.observing import service as observing
from yinuo.orders import service as orders
from yinuo.orders.model import (
    BundlePiece,
    FulfillmentStatus,
    NewLine,
    NewOrder,
    PaymentStatus,
    Placed,
    PlaceOutcome,
    Receiver,
    SoldLine,
    TimelineEntry,
    order_lines,
)
from yinuo.workflows import (
    cancel_order,
    follow_channel,
    observe_order,
    open_receiver,
    read_address,
    take_payment,
    take_refund,
)
from yinuo.workflows.cancel_order import CannotCancel
from yinuo.workflows.hub import hub
from yinuo.workflows.reserve_stock import reserve

SOURCE = "shop"
log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a message: an order, or a work item that will become one."""

    order_id: str | None
    status: str
    is_new: bool
    code: str | None = None


def take_order(shop_id: str, body: bytes, *, headers: Mapping[str, str]) -> Taken:
    """Keep a shop's message and place its order; the same message again changes nothing.

    Raises BadOrder with every problem (kept, with a work item), UnknownShop (not kept). A listing
    that nobody mapped is no error for the shop: the order waits for the mapping.
    """
    shared = hub()
    with shared.database.transaction() as session:
        shop = channels.load_shop(session, shop_id)
        received = channels.receive(
            session,
            InboxMessage(
                source=SOURCE,
                key=f"{shop.id}:{hashlib.sha256(body).hexdigest()}",
                shop_id=shop.id,
                headers=dict(headers),
                body=body,
                received_at=clock.now(),
            ),
            take_after_seconds=30,
        )
    return work_off(received.id, shop, body, is_first=received.is_new)


def work_off(message_id: str, shop: Shop, body: bytes, *, is_first: bool = False) -> Taken:
    """Place the order of a kept message; a failure marks the message and tells a person.

    `is_first` says that nobody has tried before, so that no person was told of it.
    """
    try:
        taken, placed = _place(message_id, shop, body, is_first=is_first)
    except UnknownSku as error:
        _failed(message_id, shop, error, kind=WorkItemKind.UNKNOWN_SKU, body=body)
        return Taken(order_id=None, status="needs_attention", is_new=False, code=error.code)
    except YinuoError as error:
        _failed(message_id, shop, error, kind=WorkItemKind.BAD_ORDER, body=body)
        raise
    for payment in placed.payments:
        take_payment.claim(payment)
    if shop.settings.reserve_on is ReserveOn.ORDER:
        _claim(placed)
    return taken


_CLAIMS = frozenset({PlaceOutcome.CREATED, PlaceOutcome.UPDATED})


def _claim(placed: Placed) -> None:
    """Claim the stock of an unpaid order, where the shop wants that; else its payment will."""
    order = placed.order
    is_open = order.fulfillment_status is not FulfillmentStatus.CANCELLED
    is_unpaid = order.payment_status is PaymentStatus.UNPAID
    if placed.outcome in _CLAIMS and is_open and is_unpaid:
        try:
            reserve(order.id, is_paid=False, cause="workflows.cause.order")
        except YinuoError as error:
            log.warning("claim_put_off", order_id=order.id, error=error.code)


def _place(message_id: str, shop: Shop, body: bytes, *, is_first: bool) -> tuple[Taken, Placed]:
    found = open_receiver.opened(shop, _read(shop, body))
    order = found.order
    with hub().database.transaction() as session:
        lookup = catalog.look_up(
            session, shop_id=shop.id, codes=[line.listing for line in order.lines]
        )
        number = clean_number(shop.channel, order.number)
        read = _receiver(session, shop, number, found)
        new = _new_order(shop, found, lookup, receiver=read.receiver)
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
    taken = Taken(order_id=placed.order.id, status=placed.order.status.value, is_new=placed.is_new)
    return taken, replace(placed, payments=(*placed.payments, *([paid] if paid else ())))


def _receiver(
    session: Session, shop: Shop, number: str, found: open_receiver.Opened
) -> read_address.Understood:
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


def _failed(
    message_id: str, shop: Shop, error: YinuoError, *, kind: WorkItemKind, body: bytes
) -> None:
    """Keep the message aside and give it to a person, named by its number where that is legible."""
    with hub().database.transaction() as session:
        channels.park(session, message_id, code=error.code)
        exceptions.raise_item(
            session,
            NewItem(
                kind=kind,
                subject_type="inbox",
                subject_id=message_id,
                subject_label=_number_in(shop, body) or message_id,
                code=error.code,
                params={**error.details, "shop_id": shop.id},
            ),
            now=clock.now(),
        )


def _read(shop: Shop, body: bytes) -> ChannelOrder:
    return hub().connectors.shop(shop.id).read_order(body)


def _number_in(shop: Shop, body: bytes) -> str:
    try:
        return _read(shop, body).number
    except BadOrder as error:
        return error.number
    except YinuoError:
        return ""


def _new_order(
    shop: Shop, found: open_receiver.Opened, lookup: Lookup, *, receiver: Receiver
) -> NewOrder:
    order = found.order
    number = clean_number(shop.channel, order.number)
    return NewOrder(
        shop_id=shop.id,
        channel=shop.channel.value,
        raw_number=order.number,
        number=number,
        unique_id=unique_id(shop.channel, shop.id, number),
        payment_number=order.payment_number,
        buyer_id=order.buyer_id,
        buyer_nick=order.buyer_nick,
        lines=lines_of(order.lines, lookup),
        total_fen=order.total_fen,
        freight_fen=order.freight_fen,
        discount_fen=order.discount_fen,
        receiver=receiver,
        placed_at=order.placed_at,
        remark=order.remark,
        version=order.version,
        is_cancelled=follow_channel.is_cancelled(order),
        is_receiver_sealed=found.is_sealed or found.is_late,
    )


def lines_of(sold_lines: Sequence[ChannelOrderLine], lookup: Lookup) -> tuple[NewLine, ...]:
    """Return order lines of what a shop sold; every listing is known to the lookup."""
    lines: list[NewLine] = []
    for line in sold_lines:
        sku = lookup.sku_of[line.listing]
        bundle = lookup.bundles.get(sku)
        pieces = [
            BundlePiece(
                sku=part.sku,
                name=lookup.skus[part.sku].name,
                quantity=part.quantity,
                price_fen=lookup.skus[part.sku].price_fen,
            )
            for part in (bundle.parts if bundle else ())
        ]
        sold = SoldLine(
            sku=sku,
            listing_code=line.listing,
            name=lookup.skus[sku].name if sku in lookup.skus else line.name,
            quantity=line.quantity,
            unit_price_fen=line.unit_price_fen,
            amount_fen=line.amount_fen,
            is_gift=line.is_gift,
        )
        lines += order_lines(sold, pieces=pieces)
    return tuple(lines)


def work_off_waiting(*, limit: int = 50) -> int:
    """Return how many kept messages were taken up that a process left unfinished."""
    shared = hub()
    with shared.database.transaction() as session:
        waiting = channels.pending(session, source=SOURCE, now=clock.now(), limit=limit)
        shops = {
            entry.shop_id: channels.load_shop(session, entry.shop_id)
            for entry in waiting
            if entry.shop_id
        }
    for entry in waiting:
        if entry.shop_id is None or entry.body is None:
            continue
        try:
            work_off(entry.id, shops[entry.shop_id], entry.body)
        except YinuoError as error:
            log.info("kept_order_put_aside", message_id=entry.id, error=error.code)
        except Exception as error:  # noqa: BLE001 - the edge: kept, told, and the others go on
            log.warning("kept_order_failed", message_id=entry.id, error=type(error).__name__)
            with shared.database.transaction() as session:
                channels.mark_failed(session, entry.id, code="core.unexpected")
    return len(waiting)
