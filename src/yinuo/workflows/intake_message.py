"""A group message comes in: kept, read, and what is complete and sure becomes orders.

Everything else waits for a person: drafts that lack something or are not sure, words posted twice
in a group, and wishes to change. An entry of an edited list touches its own draft only; when that
is an order already, a person is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from yinuo.addresses.model import Resolver
from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import ReserveOn, Shop, clean_number, unique_id
from yinuo.channels.model.messages import (
    GATE,
    DraftIncomplete,
    DraftState,
    KeptDraft,
    KeptMessage,
    NewMessage,
    Reader,
)
from yinuo.channels.service import messages
from yinuo.connectors.protocols import Receiver as StatedReceiver
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue, YinuoError
from yinuo.core.logs import logger
from yinuo.core.money import Fen
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, WorkItemKind
from yinuo.orders import service as orders
from yinuo.orders.model import BundlePiece, NewLine, NewOrder, Placed, SoldLine, order_lines
from yinuo.orders.model.alike import AlikeOrder
from yinuo.orders.service.alike import find_alike
from yinuo.users import service as users
from yinuo.users.model import SYSTEM, Actor
from yinuo.workflows import observe_order, read_address
from yinuo.workflows.hub import hub
from yinuo.workflows.reserve_stock import reserve

log = logger(__name__)
_resolver = Resolver()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLine:
    """Units of a SKU or bundle that a draft asks for."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedOrder:
    """An order as a person confirms it, or as it was read; `address` is as the buyer wrote it."""

    name: str
    phone: str
    address: str
    lines: tuple[StatedLine, ...]
    remark: str = ""
    tags: tuple[str, ...] = ()


def take(new: NewMessage) -> KeptMessage:
    """Keep a message and place the orders in it that need no person; a repeat changes nothing.

    Raises UnknownShop, BadGroupMessage.
    """
    shared = hub()
    placed: list[Placed] = []
    with shared.database.transaction() as session:
        shop = channels.load_active_shop(session, new.shop_id)
        taken = messages.take_message(session, new, reader(session), now=clock.now())
        if taken.is_new:
            placed = _place_sure(session, shop, taken.message)
            _tell_edited(session, taken.edited)
        found = messages.load_group_message(session, taken.message.id)
    for one in placed:
        _claim(shop, one)
    return found


def reader(session: Session) -> Reader:
    """Return a reader that knows the catalog and the words of the groups as they are now."""
    return Reader(
        list(catalog.load_skus(session, catalog.all_codes(session)).values()),
        bundles=catalog.all_bundles(session),
        aliases=messages.alias_targets(session),
        resolver=_resolver,
    )


def confirm(draft_id: str, stated: StatedOrder, *, actor: Actor) -> KeptMessage:
    """Make an order of a draft as a person states it; of an ordered one nothing again.

    Raises UnknownGroupMessage, DraftDecided, DraftIncomplete, UnknownSku, BadOrder.
    """
    placed: Placed | None = None
    with hub().database.transaction() as session:
        draft = messages.lock_draft(session, draft_id)
        message = messages.load_group_message(session, draft.message_id)
        shop = channels.load_active_shop(session, message.shop_id)
        if draft.state is not DraftState.ORDERED:
            placed = _place(session, shop, message, draft, stated, actor=actor)
            users.record(
                session,
                actor=actor,
                action="messages.confirm",
                object=draft_id,
                before={"confidence": draft.confidence, "missing": list(draft.facts.missing)},
                after={"order_id": placed.order.id, "lines": len(stated.lines)},
                now=clock.now(),
            )
        found = messages.load_group_message(session, message.id)
    if placed is not None:
        _claim(shop, placed)
    return found


def stated_in(draft: KeptDraft) -> StatedOrder:
    """Return the order as the draft states it; what is missing is empty or left out."""
    facts = draft.facts
    return StatedOrder(
        name=facts.name.value if facts.name else "",
        phone=facts.phone.value if facts.phone else "",
        address=facts.address.value if facts.address else "",
        lines=tuple(
            StatedLine(sku=line.sku.value, quantity=int(line.quantity.value))
            for line in facts.lines
            if line.sku and line.quantity
        ),
        remark="；".join(remark.value for remark in facts.remarks),
        tags=tuple(tag.value for tag in facts.tags),
    )


def _place_sure(session: Session, shop: Shop, message: KeptMessage) -> list[Placed]:
    """Place the drafts that nobody need look at; one that is refused waits for a person."""
    placed: list[Placed] = []
    if message.repeats is not None:
        return placed
    for draft in message.drafts:
        if draft.facts.missing or draft.confidence < GATE or draft.state is not DraftState.WAITING:
            continue
        if alike_orders(session, shop, message, draft):
            continue  # told before, it seems: a person says whether it is meant twice
        try:
            with session.begin_nested():
                placed.append(_place(session, shop, message, draft, stated_in(draft), actor=SYSTEM))
        except YinuoError as error:
            log.info("draft_waits", draft_id=draft.id, error=error.code)
    return placed


def alike_orders(
    session: Session, shop: Shop, message: KeptMessage, draft: KeptDraft
) -> list[AlikeOrder]:
    """Return orders, of whatever shop, that the draft may tell of once more.

    Those of the same phone with the same goods, two days around the message; none for a draft that
    is an order itself or lacks what could be compared.
    """
    stated = stated_in(draft)
    if draft.order_id is not None or not stated.phone or not stated.lines:
        return []
    units: Counter[str] = Counter()
    try:
        for line in _lines(session, shop, stated.lines):
            units[line.sku] += line.quantity
    except YinuoError:
        return []
    return find_alike(session, phone=stated.phone, units=units, at=message.sent_at)


def _place(
    session: Session,
    shop: Shop,
    message: KeptMessage,
    draft: KeptDraft,
    stated: StatedOrder,
    *,
    actor: Actor,
) -> Placed:
    _check(stated)
    now = clock.now()
    read = read_address.understand(
        session,
        shop,
        StatedReceiver(
            name=stated.name,
            phone=stated.phone,
            province="",
            city="",
            district="",
            detail=stated.address,
        ),
        known_as=None,
    )
    lines = _lines(session, shop, stated.lines)
    raw_number = f"WG{draft.id.removeprefix('drf_')}"
    number = clean_number(shop.channel, raw_number)
    placed = orders.place_order(
        session,
        NewOrder(
            shop_id=shop.id,
            channel=shop.channel.value,
            raw_number=raw_number,
            number=number,
            unique_id=unique_id(shop.channel, shop.id, number),
            payment_number=None,
            buyer_id="",
            buyer_nick=message.sender,
            lines=lines,
            total_fen=Fen(sum(line.amount_fen for line in lines)),
            receiver=read.receiver,
            placed_at=message.sent_at,
            remark=stated.remark,
        ),
        now=now,
    )
    if placed.is_new:
        observe_order.came_in(session, shop.id, placed.order.id, now=now)
    read_address.keep(session, placed, read)
    for tag in stated.tags:
        orders.tag_order(session, placed.order.id, tag=tag, actor=actor.id, now=now)
    messages.mark_ordered(
        session, draft, order_id=placed.order.id, by=actor.id, by_name=actor.name, now=now
    )
    return placed


def _check(stated: StatedOrder) -> None:
    wrong = [
        (not stated.name.strip(), "name"),
        (not stated.phone.strip(), "phone"),
        (not stated.address.strip(), "address"),
        (not stated.lines, "product"),
    ]
    missing: list[JsonValue] = [f"channels.missing.{name}" for is_wrong, name in wrong if is_wrong]
    if missing:
        raise DraftIncomplete(missing=missing)


def _lines(session: Session, shop: Shop, stated: Sequence[StatedLine]) -> tuple[NewLine, ...]:
    """Return order lines at the catalog's prices; a group message states none that counts."""
    lookup = catalog.look_up(session, shop_id=shop.id, codes=[line.sku for line in stated])
    lines: list[NewLine] = []
    for line in stated:
        code = lookup.sku_of[line.sku]
        sku, bundle = lookup.skus[code], lookup.bundles.get(code)
        sold = SoldLine(
            sku=code,
            listing_code=line.sku,
            name=sku.name,
            quantity=line.quantity,
            unit_price_fen=sku.price_fen,
            amount_fen=Fen(sku.price_fen * line.quantity),
            is_gift=False,
        )
        pieces = [
            BundlePiece(
                sku=part.sku,
                name=lookup.skus[part.sku].name,
                quantity=part.quantity,
                price_fen=lookup.skus[part.sku].price_fen,
            )
            for part in (bundle.parts if bundle else ())
        ]
        lines += order_lines(sold, pieces=pieces)
    return tuple(lines)


def _tell_edited(session: Session, edited: Sequence[KeptDraft]) -> None:
    """Give a person the orders whose entry of a list was changed or withdrawn meanwhile."""
    for draft in edited:
        if draft.order_id is None:
            continue
        order = orders.load_order(session, draft.order_id)
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.GROUP_ORDER_EDITED,
                subject_type="order",
                subject_id=order.id,
                subject_label=order.number,
                code="workflows.group_order_edited",
            ),
            now=clock.now(),
        )


def _claim(shop: Shop, placed: Placed) -> None:
    """Claim the stock of a new order, where the shop wants that before payment."""
    if shop.settings.reserve_on is not ReserveOn.ORDER or not placed.is_new:
        return
    try:
        reserve(placed.order.id, is_paid=False, cause="workflows.cause.order")
    except YinuoError as error:
        log.warning("claim_put_off", order_id=placed.order.id, error=error.code)
