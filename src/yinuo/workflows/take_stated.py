"""An order that a file or another system of the merchant states: judged, and placed as any other.

It is known by shop and number. One that is there already is never changed: either it says the same,
or what differs is told. Money that is stated as paid is booked as such; whoever states it answers
for it, for no provider is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from yinuo.catalog import service as catalog
from yinuo.catalog.model import Lookup, UnknownSku
from yinuo.channels import service as channels
from yinuo.channels.model import ReserveOn, Shop, unique_id
from yinuo.channels.model.imports import (
    ImportField,
    ImportOutcome,
    ImportProblem,
    ImportProblemCode,
    ImportVerdict,
    ShopNotForFiles,
    StatedImport,
)
from yinuo.connectors.protocols import ChannelOrderLine, PaymentSeen, PaymentState
from yinuo.connectors.protocols import Receiver as StatedReceiver
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.orders import service as orders
from yinuo.orders.model import (
    BadOrder,
    NewOrder,
    Order,
    PaymentStatus,
    Receiver,
    check_new_order,
)
from yinuo.workflows import observe_order, read_address, take_payment
from yinuo.workflows.hub import hub
from yinuo.workflows.new_orders import lines_of
from yinuo.workflows.reserve_stock import reserve

log = logger(__name__)
PROVIDER = "stated"
_PARTS = {
    "receiver.name": ImportField.RECEIVER_NAME,
    "receiver.phone": ImportField.PHONE,
    "receiver.detail": ImportField.ADDRESS,
    "buyer_nick": ImportField.BUYER_NICK,
    "remark": ImportField.REMARK,
    "payment_number": ImportField.NUMBER,
}


def load_shop(session: Session, shop_id: str) -> Shop:
    """Return a shop that stated orders may be taken for; raises UnknownShop, ShopNotForFiles."""
    shop = channels.load_active_shop(session, shop_id)
    if shop.channel.takes_money:
        raise ShopNotForFiles(shop_id=shop.id)
    return shop


def look_up(session: Session, shop: Shop, stated: Collection[StatedImport]) -> Lookup:
    """Return what the codes of many orders stand for; those that stand for nothing are left out."""
    codes = {line.code for order in stated for line in order.lines}
    try:
        return catalog.look_up(session, shop_id=shop.id, codes=codes)
    except UnknownSku as error:
        known = codes - set(error.codes)
    return catalog.look_up(session, shop_id=shop.id, codes=known)


def known_numbers(session: Session, shop: Shop, stated: Collection[StatedImport]) -> set[str]:
    """Return the numbers among many orders that the shop has orders of already."""
    return orders.known_numbers(
        session, shop_id=shop.id, cleaned=[order.number for order in stated]
    )


def judge(
    session: Session, shop: Shop, stated: StatedImport, lookup: Lookup, *, known: Collection[str]
) -> ImportVerdict:
    """Return what would become of an order now, `known` being the numbers that are; no effect."""
    if stated.number in known:
        there = orders.find_order(session, shop_id=shop.id, number=stated.number)
        if there is not None:
            return _compared(session, shop, there, stated, lookup)
    unknown = _unknown(stated, lookup)
    if unknown:
        return ImportVerdict(outcome=ImportOutcome.REFUSED, problems=unknown)
    try:
        check_new_order(_new(shop, stated, lookup, receiver=_plain(session, shop, stated)))
    except YinuoError as error:
        return refused(error)
    return ImportVerdict(outcome=ImportOutcome.NEW)


def take(session: Session, shop: Shop, stated: StatedImport, lookup: Lookup) -> ImportVerdict:
    """Place an order unless its number is known; the caller commits, then calls `claim`.

    Raises whatever refuses the order, and then nothing of it may be kept.
    """
    known = orders.find_order(session, shop_id=shop.id, number=stated.number)
    if known is not None:
        return _compared(session, shop, known, stated, lookup)
    unknown = _unknown(stated, lookup)
    if unknown:
        return ImportVerdict(outcome=ImportOutcome.REFUSED, problems=unknown)
    now = clock.now()
    read = read_address.understand(session, shop, _receiver(stated), known_as=None)
    new = _new(shop, stated, lookup, receiver=read.receiver)
    placed = orders.place_order(session, new, now=now)
    if not placed.is_new:  # another process was faster by a moment
        return _compared(session, shop, placed.order, stated, lookup)
    observe_order.came_in(session, shop.id, placed.order.id, now=now)
    read_address.keep(session, placed, read)
    _book(session, shop, stated, new)
    return ImportVerdict(outcome=ImportOutcome.NEW, order_id=placed.order.id)


def claim(shop: Shop, order_id: str) -> None:
    """Claim the stock of an order that was placed, as its shop wants it; asking again changes nothing."""
    with hub().database.read() as session:
        is_paid = orders.load_order(session, order_id).payment_status is not PaymentStatus.UNPAID
    if not is_paid and shop.settings.reserve_on is not ReserveOn.ORDER:
        return
    try:
        reserve(order_id, is_paid=is_paid, cause="workflows.cause.order")
    except YinuoError as error:
        log.warning("claim_put_off", order_id=order_id, error=error.code)


def _receiver(stated: StatedImport) -> StatedReceiver:
    return StatedReceiver(
        name=stated.name,
        phone=stated.phone,
        province=stated.province,
        city=stated.city,
        district=stated.district,
        detail=stated.detail,
    )


def _plain(session: Session, shop: Shop, stated: StatedImport) -> Receiver:
    """Return the receiver as stated; what is missing may stand in the address and is read there."""
    if not stated.name or not stated.phone:
        return read_address.understand(session, shop, _receiver(stated), known_as=None).receiver
    return read_address.unread(_receiver(stated)).receiver


def _new(shop: Shop, stated: StatedImport, lookup: Lookup, *, receiver: Receiver) -> NewOrder:
    known_as = unique_id(shop.channel, shop.id, stated.number)
    return NewOrder(
        shop_id=shop.id,
        channel=shop.channel.value,
        raw_number=stated.raw_number,
        number=stated.number,
        unique_id=known_as,
        payment_number=(stated.payment_number or known_as) if stated.is_paid else None,
        buyer_id="",
        buyer_nick=stated.buyer_nick,
        lines=lines_of(_sold(stated), lookup),
        total_fen=stated.total_fen,
        freight_fen=stated.freight_fen,
        discount_fen=stated.discount_fen,
        receiver=receiver,
        placed_at=stated.placed_at or stated.paid_at or clock.now(),
        remark=stated.remark,
    )


def _sold(stated: StatedImport) -> tuple[ChannelOrderLine, ...]:
    return tuple(
        ChannelOrderLine(
            listing=line.code,
            name=line.name,
            quantity=line.quantity,
            unit_price_fen=line.unit_price_fen,
            amount_fen=line.amount_fen,
            is_gift=False,
        )
        for line in stated.lines
    )


def _unknown(stated: StatedImport, lookup: Lookup) -> tuple[ImportProblem, ...]:
    return tuple(
        ImportProblem(
            code=ImportProblemCode.UNKNOWN_CODE, field=ImportField.CODE.value, value=code[:60]
        )
        for code in dict.fromkeys(line.code for line in stated.lines)
        if code not in lookup.sku_of
    )


def _book(session: Session, shop: Shop, stated: StatedImport, new: NewOrder) -> None:
    """Book the money that is stated as paid, once for an order."""
    if not stated.is_paid or new.payment_number is None:
        return
    take_payment.book_payment(
        session,
        PaymentSeen(
            account=shop.id,
            payment_number=new.payment_number,
            transaction_id=stated.transaction_id or new.unique_id,
            state=PaymentState.PAID,
            amount_fen=stated.total_fen,
            payer_fen=stated.total_fen,
            currency="CNY",
            paid_at=stated.paid_at or new.placed_at,
        ),
        provider=PROVIDER,
    )


def _compared(
    session: Session, shop: Shop, known: Order, stated: StatedImport, lookup: Lookup
) -> ImportVerdict:
    """Say that an order is there, and in which fields what is stated differs from it."""
    differing = [*_differing(known, stated, lookup), *_moved(session, shop, known, stated)]
    problems = tuple(
        ImportProblem(code=ImportProblemCode.DIFFERS, field=name) for name in differing
    )
    outcome = ImportOutcome.DIFFERS if problems else ImportOutcome.EXISTS
    return ImportVerdict(outcome=outcome, order_id=known.id, problems=problems)


def _differing(known: Order, stated: StatedImport, lookup: Lookup) -> list[str]:
    is_unpaid = known.payment_status is PaymentStatus.UNPAID
    tests = [
        (not _has_same_lines(known, stated, lookup), "lines"),
        (known.total_fen != stated.total_fen, ImportField.TOTAL.value),
        (known.freight_fen != stated.freight_fen, ImportField.FREIGHT.value),
        (known.discount_fen != stated.discount_fen, ImportField.DISCOUNT.value),
        (known.remark != stated.remark, ImportField.REMARK.value),
        (stated.is_paid and is_unpaid, ImportField.PAID.value),
    ]
    return [name for differs, name in tests if differs]


def _has_same_lines(known: Order, stated: StatedImport, lookup: Lookup) -> bool:
    if _unknown(stated, lookup):
        return False
    wanted = lines_of(_sold(stated), lookup)
    return Counter((line.sku, line.quantity, line.amount_fen) for line in wanted) == Counter(
        (line.sku, line.quantity, line.amount_fen) for line in known.lines
    )


def _moved(session: Session, shop: Shop, known: Order, stated: StatedImport) -> list[str]:
    """Return the parts of the receiver that differ; an address stated as before is the same."""
    kept = orders.reveal_receiver(session, known.id)
    now = read_address.understand(session, shop, _receiver(stated), known_as=stated.number).receiver
    tests = [
        (kept.name != now.name, ImportField.RECEIVER_NAME.value),
        (kept.phone != now.phone, ImportField.PHONE.value),
        ((kept.region, kept.detail) != (now.region, now.detail), ImportField.ADDRESS.value),
    ]
    return [name for differs, name in tests if differs]


def refused(error: YinuoError) -> ImportVerdict:
    """Return the verdict on an order that could not be placed."""
    return ImportVerdict(outcome=ImportOutcome.REFUSED, problems=tuple(_told(error)))


def _told(error: YinuoError) -> Sequence[ImportProblem]:
    found = error.details.get("problems") if isinstance(error, BadOrder) else None
    problems = found if isinstance(found, list) else []
    fields = [str(one.get("field")) for one in problems if isinstance(one, dict)]
    if fields and all(name in _PARTS for name in fields):
        return [
            ImportProblem(code=ImportProblemCode.BAD_PART, field=_PARTS[name].value)
            for name in dict.fromkeys(fields)
        ]
    return [ImportProblem(code=ImportProblemCode.NOT_TAKEN, value=error.code)]
