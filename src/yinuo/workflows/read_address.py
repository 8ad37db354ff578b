"""An order's address is read as it comes in; what is not sure keeps the order back for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from yinuo.addresses import service as addresses
from yinuo.addresses.model import ReadingState, StatedAddress
from yinuo.addresses.model.picking import Line
from yinuo.addresses.model.readings import Doubt, Judged, Reading
from yinuo.channels.model import Shop
from yinuo.connectors.protocols import Receiver as StatedReceiver
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.observing import service as observing
from yinuo.orders import service as orders
from yinuo.orders.model import (
    FulfillmentStatus,
    OrderNotFound,
    Placed,
    PlaceOutcome,
    Receiver,
    ReceiverIsSent,
    TimelineEntry,
)
from yinuo.workflows.carry_out import stop

HOLD = WorkItemKind.ADDRESS_DOUBTFUL.value
_READ_ANEW = frozenset({PlaceOutcome.CREATED, PlaceOutcome.UPDATED})


@dataclass(frozen=True, slots=True)
class Understood:
    """The receiver to place an order with, and what was read; None where that is known already."""

    receiver: Receiver
    stated: StatedAddress
    judged: Judged | None


def understand(
    session: Session, shop: Shop, given: StatedReceiver, *, known_as: str | None
) -> Understood:
    """Return an order's receiver with the divisions that its address means.

    A doubtful address stays as it was stated. One that was decided before, by whomever, and is
    stated again the same stays as it was decided; `known_as` is the number of an order that may
    be known.
    """
    stated = _stated(given)
    if known_as is not None:
        order = orders.find_order(session, shop_id=shop.id, number=known_as)
        before = addresses.find_reading(session, order.id) if order else None
        if order is not None and before is not None and _is_same(before.stated, stated):
            kept = orders.reveal_receiver(session, order.id)
            return Understood(
                replace(kept, name=given.name or kept.name, phone=given.phone or kept.phone),
                stated,
                None,
            )
    judged = addresses.read(session, stated, shop_id=shop.id)
    return Understood(_receiver(given, judged), stated, judged)


def understand_each(
    session: Session, given: Sequence[tuple[Shop, StatedReceiver]]
) -> list[Understood]:
    """Return the receivers of many orders of which nothing is known, as `understand` does one."""
    stated = [_stated(one) for _, one in given]
    wanted = [(shop.id, one) for (shop, _), one in zip(given, stated, strict=True)]
    read = addresses.read_each(session, wanted)
    return [
        Understood(_receiver(one, judged), said, judged)
        for (_, one), said, judged in zip(given, stated, read, strict=True)
    ]


def _stated(given: StatedReceiver) -> StatedAddress:
    return StatedAddress(
        province=given.province,
        city=given.city,
        district=given.district,
        town=given.town,
        detail=given.detail,
        name=given.name,
        phone=given.phone,
    )


def known(session: Session, shop: Shop, number: str) -> Understood | None:
    """Return the receiver that an order has, as it was read; None for an unknown order."""
    order = orders.find_order(session, shop_id=shop.id, number=number)
    if order is None:
        return None
    reading = addresses.find_reading(session, order.id)
    stated = reading.stated if reading else StatedAddress()
    return Understood(orders.reveal_receiver(session, order.id), stated, None)


def unread(given: StatedReceiver) -> Understood:
    """Return a receiver as its channel shows it, not read: the personal parts are sealed."""
    return Understood(
        Receiver(
            name=given.name,
            phone=given.phone,
            province=given.province,
            city=given.city,
            district=given.district,
            town=given.town,
            detail=given.detail,
        ),
        StatedAddress(),
        None,
    )


def take_over(session: Session, order_id: str, read: Understood) -> None:
    """Give an order the receiver that was read after it was placed."""
    now = clock.now()
    why = TimelineEntry(
        at=now, code="workflows.timeline.receiver_opened", dedupe_key=f"opened:{now.isoformat()}"
    )
    orders.change_receiver(session, order_id, receiver=read.receiver, why=why, now=now)


def _is_same(before: StatedAddress, now: StatedAddress) -> bool:
    """Compare what was stated; of name and phone it is kept only whether they were."""
    return replace(before, name="", phone="") == replace(now, name="", phone="")


def _receiver(given: StatedReceiver, judged: Judged) -> Receiver:
    found = judged.resolved
    phone = found.phone or ""
    if phone and found.phone_extension:
        phone = f"{phone}-{found.phone_extension}"
    name, number = given.name or found.name or "", given.phone or phone
    if judged.doubt is not None:
        return Receiver(
            name=name,
            phone=number,
            province=given.province,
            city=given.city,
            district=given.district,
            town=given.town,
            detail=given.detail,
        )
    return _placed_at(
        judged.line,
        Receiver(name=name, phone=number, province="", city="", district="", detail=judged.detail),
    )


def _placed_at(line: Line, receiver: Receiver) -> Receiver:
    """Return the receiver in a division.

    A county that a province governs itself (仙桃) stands under a prefecture that is none; carriers
    and warehouses take its own name for the city's.
    """
    is_direct = line.city is not None and line.city.code[2:4] == "90"
    city = line.district if is_direct else line.city
    return replace(
        receiver,
        province=line.province.name if line.province else "",
        city=city.name if city else "",
        district=line.district.name if line.district else "",
        town=line.town.name if line.town else "",
    )


def keep(session: Session, placed: Placed, read: Understood) -> None:
    """Keep what was read of a placed order's address, and hold the order while it is doubtful."""
    order, judged = placed.order, read.judged
    is_over = order.fulfillment_status is FulfillmentStatus.CANCELLED
    if judged is None or placed.outcome not in _READ_ANEW or is_over:
        return
    addresses.record(
        session,
        order.id,
        shop_id=order.shop_id,
        channel=order.channel,
        stated=read.stated,
        judged=judged,
        is_new=placed.is_new,
        now=clock.now(),
    )
    if judged.doubt is None:
        if not placed.is_new:
            _let_go(session, order.id, actor="system")
    elif not observing.is_observed(session, order.id):
        _hold(session, order.id, judged.doubt)


def _hold(session: Session, order_id: str, doubt: Doubt) -> None:
    stop(
        session,
        order_id,
        kind=WorkItemKind.ADDRESS_DOUBTFUL,
        code=f"addresses.doubt.{doubt.value}",
        params={"doubt": f"addresses.doubt.{doubt.value}"},
        timeline="workflows.timeline.address_doubtful",
    )


def hold_incomplete(session: Session, order_id: str) -> None:
    """Hold an order that is to be carried out and still has no province or city."""
    _hold(session, order_id, Doubt.INCOMPLETE)


def settle(session: Session, order_id: str, *, actor: str) -> None:
    """Take over what was decided about an order's address, and let the order go on.

    An order that is on its way already keeps its receiver; a person is told.
    """
    reading = addresses.find_reading(session, order_id)
    if reading is None or reading.state is ReadingState.DOUBTFUL:
        return
    now = clock.now()
    try:
        before = orders.reveal_receiver(session, order_id)
    except OrderNotFound:
        return
    why = TimelineEntry(
        at=now,
        code="workflows.timeline.address_settled",
        params=_told(reading),
        actor=actor,
        dedupe_key=f"address:{reading.revision}",
    )
    try:
        orders.change_receiver(
            session, order_id, receiver=_settled(session, reading, before), why=why, now=now
        )
    except ReceiverIsSent:
        _tell_late(session, order_id, reading)
    _let_go(session, order_id, actor=actor)


def _settled(session: Session, reading: Reading, before: Receiver) -> Receiver:
    judged = addresses.read(session, reading.stated, shop_id=reading.shop_id)
    detail = judged.detail.strip() or reading.stated.detail.strip() or before.detail
    return _placed_at(reading.line, replace(before, detail=detail))


def _told(reading: Reading) -> dict[str, JsonValue]:
    region = " ".join(one.name for one in reading.line if one is not None)
    return {"region": region, "state": f"addresses.state.{reading.state.value}"}


def _let_go(session: Session, order_id: str, *, actor: str) -> None:
    """Take the hold off that a doubtful address left, and close its work item."""
    now = clock.now()
    exceptions.close_for_subject(
        session,
        kind=WorkItemKind.ADDRESS_DOUBTFUL,
        subject_type="order",
        subject_id=order_id,
        resolution=Resolution.FIXED,
        now=now,
    )
    for hold in orders.load_order(session, order_id).holds:
        if hold.reason == HOLD:
            orders.release_hold(session, order_id, hold_id=hold.id, actor=actor, now=now)


def _tell_late(session: Session, order_id: str, reading: Reading) -> None:
    order = orders.load_order(session, order_id)
    if order.fulfillment_status is FulfillmentStatus.CANCELLED:
        return
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.ADDRESS_LATE,
            subject_type="order",
            subject_id=order_id,
            subject_label=order.number,
            code="workflows.address_late",
            params=_told(reading),
        ),
        now=clock.now(),
    )
