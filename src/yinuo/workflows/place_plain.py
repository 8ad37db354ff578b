"""Many new orders at once: kept, placed, paid and claimed in one transaction, answered together.

Nearly every order that comes in is a plain one: nobody knew of it, its goods are known, its address
is sure, nothing keeps it back, and if its own channel took the money it is the exact amount. Those
that come at the same time share two dozen statements and one commit. What is not plain in any way
gets no answer here and takes the careful way, which leaves the same behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yinuo.addresses import service as addresses
from yinuo.addresses.model.readings import NewReading
from yinuo.catalog import service as catalog
from yinuo.catalog.model import Lookup
from yinuo.channels import service as channels
from yinuo.channels.model import Shop
from yinuo.channels.model.sealed import SealState
from yinuo.channels.service import sealed as seals
from yinuo.connectors.protocols import ChannelOrder, ChannelOrderStatus
from yinuo.core import clock
from yinuo.core.db import Database, Session
from yinuo.core.errors import JsonValue, YinuoError
from yinuo.core.group_commit import GroupCommit
from yinuo.exceptions import service as exceptions
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Reserved
from yinuo.orders import service as orders
from yinuo.orders.model import (
    NewKey,
    NewOrder,
    Payable,
    PaymentReceived,
    PlaceOutcome,
    check_money,
    check_new_order,
)
from yinuo.users.model import SYSTEM
from yinuo.users.service import audit
from yinuo.workflows import read_address
from yinuo.workflows.arrivals import Arrival, Landed, Opened
from yinuo.workflows.new_orders import new_order
from yinuo.workflows.read_address import Understood
from yinuo.workflows.reserve_stock import Ranking, rank, serving_warehouses
from yinuo.workflows.settle_payments import claim_of, with_claim

OUTCOME = PlaceOutcome.CREATED.value
_PLAIN_SEALS = frozenset({SealState.SEALED, SealState.OPEN})


def placing_lane(database: Database) -> GroupCommit[Arrival, Landed | None]:
    """Return a lane that places orders for many callers at once; None is not plain.

    One per process, closed at its end. An order that was known after all raises NotPlain.
    """
    return GroupCommit(database, place, cap=64, name="placing")


def may_be_plain(shop: Shop, found: Opened) -> bool:
    """Tell whether the lane is worth asking, by what the message itself says."""
    order, seal = found.order, found.seal
    return (
        order.status is ChannelOrderStatus.PLACED
        and not order.obstacles
        and not order.refunded_fen
        and not (found.is_known or found.is_late or shop.observed_from)
        and (seal is None or seal.state in _PLAIN_SEALS)
        and (order.payment is None or order.payment.amount_fen == order.total_fen)
    )


@dataclass(frozen=True, slots=True)
class _Plain:
    """A plain order on its way: its place in the batch, its shop as it is now, what is placed."""

    place: int
    arrival: Arrival
    shop: Shop
    ranking: Ranking
    read: Understood
    new: NewOrder


def place(session: Session, arrivals: Sequence[Arrival]) -> list[Landed | None]:
    """Return what became of each order, in their order; None, and nothing kept, if not plain.

    Locks are taken in the order of everywhere: payment numbers, orders, stock.
    """
    now = clock.now()
    answers: list[Landed | None] = [None] * len(arrivals)
    plain = _kept(session, _plain(session, arrivals))
    if not plain:
        return answers
    payables = orders.place_unknown(session, [one.new for one in plain], now=now)
    _keep_beside(session, plain, payables, now=now)
    landed = _paid(session, plain, payables, now=now)
    for one, payable in zip(plain, payables, strict=True):
        unpaid = Landed(order_id=payable.state.id, status="unpaid")
        answers[one.place] = landed.get(payable.state.id, unpaid)
    return answers


def _plain(session: Session, arrivals: Sequence[Arrival]) -> list[_Plain]:
    """Return the orders of which nothing is known and that nothing keeps back."""
    fresh = _unknown(session, arrivals)
    shops = {
        shop_id: channels.load_shop(session, shop_id)
        for shop_id in {arrivals[place].shop.id for place in fresh}
    }
    lookups = _lookups(session, [arrivals[place] for place in fresh])
    warehouses = serving_warehouses(session) if fresh else []
    known = [place for place in fresh if _is_known(arrivals[place], shops, lookups)]
    plain = []
    for place, read in zip(known, _receivers(session, arrivals, known), strict=True):
        arrival = arrivals[place]
        shop = shops[arrival.shop.id]
        ranking = rank(shop, read.receiver.province, warehouses)
        is_sure = read.judged is None or read.judged.doubt is None
        if not ranking.ranked or not is_sure:
            continue
        new = new_order(shop, arrival.found, lookups[shop.id], receiver=read.receiver)
        if _is_sound(new, arrival):
            plain.append(_Plain(place, arrival, shop, ranking, read, new))
    return plain


def _unknown(session: Session, arrivals: Sequence[Arrival]) -> list[int]:
    """Return the places of the orders that nobody knew of; of two tellings only the first."""
    first: dict[str, int] = {}
    for place, one in enumerate(arrivals):
        first.setdefault(one.unique_id, place)
    keys = [_key(arrivals[place]) for place in first.values()]
    unknown = orders.lock_unknown(session, keys)
    numbers = [key.payment_number for key in keys if key.payment_number]
    watched = exceptions.open_subjects(session, subject_type="payment", subject_ids=numbers)
    return [
        first[key.unique_id]
        for key in keys
        if key.unique_id in unknown and key.payment_number not in watched
    ]


def _key(arrival: Arrival) -> NewKey:
    order = arrival.found.order
    return NewKey(
        unique_id=arrival.unique_id,
        payment_number=order.payment_number,
        transaction_id=order.payment.transaction_id if order.payment else None,
    )


def _lookups(session: Session, arrivals: Sequence[Arrival]) -> dict[str, Lookup]:
    codes: dict[str, set[str]] = {}
    for one in arrivals:
        codes.setdefault(one.shop.id, set()).update(line.listing for line in one.found.order.lines)
    return {
        shop_id: catalog.look_up_known(session, shop_id=shop_id, codes=wanted)
        for shop_id, wanted in codes.items()
    }


def _is_known(arrival: Arrival, shops: Mapping[str, Shop], lookups: Mapping[str, Lookup]) -> bool:
    """Tell whether all goods of an order are known, and its shop is still one to place it for."""
    known = lookups[arrival.shop.id].sku_of
    is_observed = bool(shops[arrival.shop.id].observed_from)
    return not is_observed and all(line.listing in known for line in arrival.found.order.lines)


def _receivers(
    session: Session, arrivals: Sequence[Arrival], places: Sequence[int]
) -> list[Understood]:
    plain_text = [place for place in places if not arrivals[place].found.is_sealed]
    given = [(arrivals[place].shop, arrivals[place].found.order.receiver) for place in plain_text]
    read = dict(zip(plain_text, read_address.understand_each(session, given), strict=True))
    return [
        read.get(place) or read_address.unread(arrivals[place].found.order.receiver)
        for place in places
    ]


def _is_sound(new: NewOrder, arrival: Arrival) -> bool:
    try:
        check_new_order(new)
        payment = _payment(arrival.shop, arrival.found.order)
        if payment is not None:
            check_money(payment)
    except YinuoError:
        return False  # the careful way tells what is wrong with it
    return True


def _payment(shop: Shop, order: ChannelOrder) -> PaymentReceived | None:
    paid = order.payment
    if paid is None:
        return None
    return PaymentReceived(
        provider=shop.channel.value,
        account=shop.id,
        payment_number=order.payment_number,
        transaction_id=paid.transaction_id,
        amount_fen=paid.amount_fen,
        paid_at=paid.paid_at,
    )


def _kept(session: Session, plain: list[_Plain]) -> list[_Plain]:
    """Keep the raw messages as worked off; return those that were not there already."""
    if not plain:
        return []
    messages = [one.arrival.message for one in plain]
    ids = channels.receive_done(session, messages, outcome=OUTCOME)
    return [one for one, kept in zip(plain, ids, strict=True) if kept is not None]


def _keep_beside(
    session: Session, plain: Sequence[_Plain], payables: Sequence[Payable], *, now: datetime
) -> None:
    """Keep what was read of addresses, where sealed receivers stand, and who was told of what."""
    pairs = list(zip(plain, payables, strict=True))
    readings = [
        NewReading(
            order_id=payable.state.id,
            shop_id=one.shop.id,
            channel=one.new.channel,
            stated=one.read.stated,
            judged=one.read.judged,
        )
        for one, payable in pairs
        if one.read.judged is not None
    ]
    if readings:
        addresses.record_new(session, readings, now=now)
    sealed = [one.arrival.found.seal for one in plain if one.arrival.found.seal is not None]
    if sealed:
        seals.keep_new_seals(session, sealed, now=now)
    opened: dict[str, JsonValue] = {
        payable.state.id: {"number": one.new.number, "channel": one.new.channel}
        for one, payable in pairs
        if one.arrival.found.is_opened
    }
    if opened:
        audit.record_each(session, actor=SYSTEM, action="orders.unseal", after=opened, now=now)
    told_by = [one.arrival.told_by for one in plain if one.arrival.told_by is not None]
    channels.mark_each_done(session, told_by, outcome=OUTCOME)


def _paid(
    session: Session, plain: Sequence[_Plain], payables: Sequence[Payable], *, now: datetime
) -> dict[str, Landed]:
    """Book what channels took themselves and claim its stock; return those orders by id."""
    paid = [
        (one, payable, payment)
        for one, payable in zip(plain, payables, strict=True)
        if (payment := _payment(one.shop, one.arrival.found.order)) is not None
    ]
    if not paid:
        return {}
    requests = [claim_of(payable, one.shop, one.ranking) for one, payable, _ in paid]
    claims = [
        answer if isinstance(answer, Reserved) else None
        for answer in inventory.reserve_batch(session, requests, now=now)
    ]
    booked = [
        with_claim(payment, payable, one.ranking, claim=claim, now=now)
        for (one, payable, payment), claim in zip(paid, claims, strict=True)
    ]
    recorded = orders.book_plain(session, booked, now=now)
    return {
        payable.state.id: Landed(
            order_id=payable.state.id,
            status="waiting" if claim is None else "reserved",
            payment=record,
            is_claimed=claim is not None,
        )
        for (_, payable, _), record, claim in zip(paid, recorded, claims, strict=True)
    }
