"""A receiver that a channel gives as ciphertext is opened once its order is paid, and once only.

Every opening counts against the channel's quota and is written to the audit. While one cannot be
opened the order is here, paid and reserved, with what the channel shows of its receiver; it is held
and tried again until the channel opens it.
"""

from __future__ import annotations

from dataclasses import replace

from yinuo.channels import service as channels
from yinuo.channels.model import Shop, clean_number
from yinuo.channels.model.sealed import Seal, SealState
from yinuo.channels.service import sealed as seals
from yinuo.connectors.protocols import (
    ChannelOrder,
    ChannelOrderStatus,
    Receiver,
    Rejected,
    SealedReceiver,
    Unavailable,
)
from yinuo.connectors.registry import NotConfigured
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import Resolution, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, Order, Placed, PlaceOutcome
from yinuo.users.model import SYSTEM
from yinuo.users.service import audit
from yinuo.workflows import read_address
from yinuo.workflows.arrivals import Opened
from yinuo.workflows.carry_out import stop
from yinuo.workflows.hub import hub

log = logger(__name__)
HOLD = WorkItemKind.RECEIVER_SEALED.value
_FINISHED = frozenset({FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED})


def opened(shop: Shop, order: ChannelOrder) -> Opened:
    """Return the order with its receiver in plain text where it is needed and can be had."""
    if not shop.channel.seals:
        return Opened(order)
    with hub().database.read() as session:
        known = find(session, shop, order)
    return opened_if_needed(shop, order, known)


def find(session: Session, shop: Shop, order: ChannelOrder) -> Seal | None:
    """Return what is known of an order's sealed receiver; raises BadNumber."""
    if not shop.channel.seals:
        return None
    return seals.find_seal(session, shop.id, clean_number(shop.channel, order.number))


def opened_if_needed(shop: Shop, order: ChannelOrder, known: Seal | None) -> Opened:
    """Return the same with what `find` told."""
    if not shop.channel.seals:
        return Opened(order)
    number = clean_number(shop.channel, order.number)
    is_over = order.status is ChannelOrderStatus.CANCELLED
    if known is not None and (is_over or not order.sealed or known.is_open_for(order.sealed)):
        return Opened(order, known, is_known=known.state is SealState.OPEN)
    seal = Seal(
        shop_id=shop.id,
        number=number,
        raw_number=order.number,
        sealed=order.sealed,
        state=SealState.SEALED,
    )
    # What nobody carries out is opened by nobody; what the channel reviews has nothing to open.
    if order.payment is None or is_over or shop.is_observing or not order.sealed:
        return Opened(order, seal)
    receiver, state, _error = _open(shop.id, order.number, order.sealed, order.receiver)
    return Opened(
        replace(order, receiver=receiver),
        replace(seal, state=state),
        is_late=known is not None and known.state is not SealState.OPEN,
    )


def _open(
    shop_id: str, raw_number: str, sealed: SealedReceiver, masked: Receiver
) -> tuple[Receiver, SealState, YinuoError | None]:
    try:
        receiver = hub().connectors.unsealing(shop_id).unseal(raw_number, sealed, masked)
    except (Unavailable, NoSlot, NotConfigured) as error:
        log.info("receiver_stays_sealed", shop_id=shop_id, error=error.code)
        return masked, SealState.WAITING, error
    except Rejected as error:
        log.warning("receiver_not_opened", shop_id=shop_id, error=error.code)
        return masked, SealState.REFUSED, error
    return receiver, SealState.OPEN, None


def keep(session: Session, shop: Shop, placed: Placed, found: Opened) -> None:
    """Keep where an order's sealed receiver stands; a paid order that has none yet is held.

    A receiver that is opened after its order came is given to it, and its address is read.
    """
    order, seal = placed.order, found.seal
    if seal is None or found.is_known or placed.outcome is PlaceOutcome.STALE:
        return
    now = clock.now()
    seals.keep_seal(session, seal, now=now)
    if seal.state is SealState.OPEN:
        if found.is_late and not placed.is_new:
            _give(session, shop, order.id, found.order.receiver)
        _note_opening(session, order)
        _let_go(session, order.id)
    elif seal.state is not SealState.SEALED and order.fulfillment_status not in _FINISHED:
        _hold(session, order.id, seal.state)


def _give(session: Session, shop: Shop, order_id: str, receiver: Receiver) -> None:
    """Give an order the receiver that was opened, and read its address."""
    read = read_address.understand(session, shop, receiver, known_as=None)
    read_address.take_over(session, order_id, read)
    order = orders.load_order(session, order_id)
    placed = Placed(order=order, is_new=False, outcome=PlaceOutcome.UPDATED)
    read_address.keep(session, placed, read)


def _hold(session: Session, order_id: str, state: SealState) -> None:
    is_final = state is SealState.REFUSED
    stop(
        session,
        order_id,
        kind=WorkItemKind.RECEIVER_SEALED,
        code="workflows.receiver_refused" if is_final else "workflows.receiver_sealed",
        params={},
        timeline="workflows.timeline.receiver_sealed",
    )


def _note_opening(session: Session, order: Order) -> None:
    """Write that personal data were opened; what they are stands nowhere but in the order."""
    audit.record(
        session,
        actor=SYSTEM,
        action="orders.unseal",
        object=order.id,
        after={"number": order.number, "channel": order.channel},
        now=clock.now(),
    )


def _let_go(session: Session, order_id: str) -> None:
    now = clock.now()
    exceptions.close_for_subject(
        session,
        kind=WorkItemKind.RECEIVER_SEALED,
        subject_type="order",
        subject_id=order_id,
        resolution=Resolution.VANISHED,
        now=now,
    )
    for hold in orders.load_order(session, order_id).holds:
        if hold.reason == HOLD:
            orders.release_hold(session, order_id, hold_id=hold.id, actor="system", now=now)


def is_missing(order: Order) -> bool:
    """Tell whether an order that is to be carried out still has only the masks of its receiver.

    It is held then, and its receiver is to be opened: nothing leaves for a masked name.
    """
    with hub().database.read() as session:
        seal = seals.find_seal(session, order.shop_id, order.number)
    if seal is None or seal.state is SealState.OPEN:
        return False
    with hub().database.transaction() as session:
        if seal.state is SealState.SEALED:
            waiting = replace(seal, state=SealState.WAITING, tries=0)
            seals.keep_seal(session, waiting, now=clock.now())
        _hold(session, order.id, seal.state)
    return True


def open_waiting(*, limit: int = 50) -> int:
    """Return how many receivers were opened that could not be before; one at a time."""
    with hub().database.read() as session:
        waiting = seals.due_seals(session, now=clock.now(), limit=limit)
    return sum(open_again(seal) for seal in waiting)


def open_again(seal: Seal) -> bool:
    """Return whether a receiver could be opened now; its address is read and its order goes on."""
    with hub().database.transaction() as session:
        shop = channels.load_shop(session, seal.shop_id)
        order = orders.find_order(session, shop_id=seal.shop_id, number=seal.number)
        if order is None or order.fulfillment_status in _FINISHED or shop.is_observing:
            seals.drop_seal(session, seal, now=clock.now())
            return False
        masked = orders.reveal_receiver(session, order.id)
    outside = Receiver(
        name=masked.name,
        phone=masked.phone,
        province=masked.province,
        city=masked.city,
        district=masked.district,
        town=masked.town,
        detail=masked.detail,
    )
    receiver, state, _error = _open(seal.shop_id, seal.raw_number, seal.sealed, outside)
    with hub().database.transaction() as session:
        now = clock.now()
        seals.keep_seal(session, replace(seal, state=state, tries=seal.tries + 1), now=now)
        if state is not SealState.OPEN:
            if state is SealState.REFUSED:
                _hold(session, order.id, state)
            return False
        _give(session, shop, order.id, receiver)
        _note_opening(session, order)
        _let_go(session, order.id)
    return True


def retry(order_id: str) -> bool:
    """Return whether the receiver of an order could be opened now, as a person asked."""
    with hub().database.read() as session:
        order = orders.load_order(session, order_id)
        seal = seals.find_seal(session, order.shop_id, order.number)
    return seal is not None and open_again(replace(seal, state=SealState.WAITING))
