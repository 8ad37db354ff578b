"""A shop's order comes in: kept raw, understood, mapped to SKUs, placed. Pushed or pulled, once.

Nothing is lost: what cannot be understood stays in the inbox with a work item and is tried again
when a person has put the cause right; the rest of a batch goes on. A push and a pull of the same
version of an order are one message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from yinuo.catalog.model import UnknownSku
from yinuo.channels import service as channels
from yinuo.channels.model import InboxMessage, InboxState, ReserveOn, Shop, clean_number, unique_id
from yinuo.channels.model.sealed import Seal
from yinuo.connectors.orders import BadOrder
from yinuo.connectors.protocols import ChannelOrder, ChannelOrderStatus
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.core.pending import Pending
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import (
    FulfillmentStatus,
    Order,
    PaymentStatus,
    Placed,
    PlaceOutcome,
)
from yinuo.workflows import open_receiver, place_carefully, place_plain, take_payment
from yinuo.workflows.arrivals import Arrival, Landed, Opened
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
    is_plain: bool = False


def take_order(
    shop_id: str, body: bytes, *, headers: Mapping[str, str], told_by: str | None = None
) -> Taken:
    """Keep a shop's message and place its order; the same message again changes nothing.

    A plain order goes through the lane, with all that come now; then the kept message `told_by`
    is done too. Raises BadOrder with every problem (kept, with a work item), UnknownShop (not
    kept). A listing that nobody mapped is no error for the shop: the order waits for the mapping.
    """
    coming = begin(shop_id, body, headers=headers, told_by=told_by)
    return finish(coming)


def key_of(shop_id: str, body: bytes) -> str:
    """Return the key of a shop's message in the inbox: the same content is the same message."""
    return f"{shop_id}:{hashlib.sha256(body).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Coming:
    """A message on its way: kept by nobody yet, maybe in the lane."""

    message: InboxMessage
    shop: Shop
    found: Opened | None = None
    pending: Pending[Arrival, Landed | None] | None = None


def begin(
    shop_id: str, body: bytes, *, headers: Mapping[str, str], told_by: str | None = None
) -> Coming:
    """Return a message on its way, in the lane if it may be plain; `finish` waits for it.

    Raises UnknownShop.
    """
    shared = hub()
    with shared.database.read() as session:
        shop = channels.load_shop(session, shop_id)
        read = _read_if_good(session, shop, body)
    message = InboxMessage(
        source=SOURCE,
        key=key_of(shop.id, body),
        shop_id=shop.id,
        headers=dict(headers),
        body=body,
        received_at=clock.now(),
    )
    if read is None:
        return Coming(message, shop)
    order, number, known = read
    found = open_receiver.opened_if_needed(shop, order, known)
    if not place_plain.may_be_plain(shop, found):
        return Coming(message, shop, found)
    arrival = Arrival(
        shop=shop,
        message=message,
        found=found,
        number=number,
        unique_id=unique_id(shop.channel, shop.id, number),
        told_by=told_by,
    )
    return Coming(message, shop, found, shared.placing.submit(arrival))


def _read_if_good(
    session: Session, shop: Shop, body: bytes
) -> tuple[ChannelOrder, str, Seal | None] | None:
    """Return an order, its number and its seal; None where something is wrong with it.

    What is wrong is told where the message is worked off, once it is kept.
    """
    try:
        order = _read(shop, body)
        number = clean_number(shop.channel, order.number)
        return order, number, open_receiver.find(session, shop, order)
    except YinuoError:
        return None


def finish(coming: Coming) -> Taken:
    """Return what became of a message: placed by the lane, or kept and placed with care."""
    landed = _landed(coming)
    if landed is None:
        return _take_with_care(coming)
    if landed.payment is not None and not landed.is_claimed:
        take_payment.claim(landed.payment)
    if landed.payment is None and coming.shop.settings.reserve_on is ReserveOn.ORDER:
        _claim(landed.order_id)
    return Taken(order_id=landed.order_id, status=landed.status, is_new=True, is_plain=True)


def _landed(coming: Coming) -> Landed | None:
    if coming.pending is None:
        return None
    try:
        if coming.pending.wait(LANE_SECONDS) or not coming.pending.cancel():
            return coming.pending.result(LANE_SECONDS)
    except Exception as error:  # noqa: BLE001 - the careful way keeps the message and tells a person
        log.warning("order_left_the_lane", shop_id=coming.shop.id, error=type(error).__name__)
    return None


def _take_with_care(coming: Coming) -> Taken:
    with hub().database.transaction() as session:
        received = channels.receive(session, coming.message, take_after_seconds=30)
        known = _known(session, coming) if received.state is InboxState.DONE else None
    if known is not None:
        return Taken(order_id=known.id, status=known.status.value, is_new=False)
    return work_off(
        received.id,
        coming.shop,
        coming.message.body,
        is_first=received.is_new,
        found=coming.found,
    )


def _known(session: Session, coming: Coming) -> Order | None:
    """Return the order of a message that was worked off before and asks for nothing any more."""
    found = coming.found
    # A cancellation that could not be heeded asks again each time it is told.
    if found is None or found.is_late or found.order.status is ChannelOrderStatus.CANCELLED:
        return None
    number = clean_number(coming.shop.channel, found.order.number)
    return orders.find_order(session, shop_id=coming.shop.id, number=number)


def work_off(
    message_id: str,
    shop: Shop,
    body: bytes,
    *,
    is_first: bool = False,
    found: Opened | None = None,
) -> Taken:
    """Place the order of a kept message; a failure marks the message and tells a person.

    `is_first` says that nobody has tried before, so that no person was told of it; `found` is the
    order with its receiver, where that was opened already.
    """
    try:
        found = found or open_receiver.opened(shop, _read(shop, body))
        placed = place_carefully.place(message_id, shop, found, is_first=is_first)
    except UnknownSku as error:
        _failed(message_id, shop, error, kind=WorkItemKind.UNKNOWN_SKU, body=body)
        return Taken(order_id=None, status="needs_attention", is_new=False, code=error.code)
    except YinuoError as error:
        _failed(message_id, shop, error, kind=WorkItemKind.BAD_ORDER, body=body)
        raise
    for payment in placed.payments:
        take_payment.claim(payment)
    if shop.settings.reserve_on is ReserveOn.ORDER and _is_to_claim(placed):
        _claim(placed.order.id)
    return Taken(order_id=placed.order.id, status=placed.order.status.value, is_new=placed.is_new)


_CLAIMS = frozenset({PlaceOutcome.CREATED, PlaceOutcome.UPDATED})
LANE_SECONDS = 20.0


def _is_to_claim(placed: Placed) -> bool:
    is_open = placed.order.fulfillment_status is not FulfillmentStatus.CANCELLED
    is_unpaid = placed.order.payment_status is PaymentStatus.UNPAID
    return placed.outcome in _CLAIMS and is_open and is_unpaid


def _claim(order_id: str) -> None:
    """Claim the stock of an unpaid order, where the shop wants that; else its payment will."""
    try:
        reserve(order_id, is_paid=False, cause="workflows.cause.order")
    except YinuoError as error:
        log.warning("claim_put_off", order_id=order_id, error=error.code)


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
