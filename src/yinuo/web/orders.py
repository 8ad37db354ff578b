"""The order desk, one order, and what people do with it: reveal, cancel, retry, hold, tag.

Every reveal and every change is audited in the transaction that makes it.
"""

from __future__ import annotations

from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Path, Query

from yinuo.addresses import service as addresses
from yinuo.core import clock
from yinuo.core.db import Database, Session
from yinuo.core.texts import Language
from yinuo.orders import service as orders
from yinuo.orders.model import HOLD_OWNERS, HoldReason
from yinuo.reports.order_desk import (
    MOST_COUNTED,
    DeskFilter,
    Sort,
    View,
    count_views,
    list_orders,
)
from yinuo.reports.order_detail import load_detail
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Lang, Reading, Writing, database, require
from yinuo.web.order_address import stated_text
from yinuo.web.order_detail_facts import detail_facts
from yinuo.web.order_facts import (
    OrderDetail,
    OrderList,
    ReceiverFacts,
    receiver_facts,
    row_facts,
)
from yinuo.workflows import cancel_order, fulfill_order

router = APIRouter(tags=["orders"])

Words = Annotated[
    str, pydantic.StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]
OrderId = Annotated[str, Path(max_length=64)]
Tag = Annotated[str, Path(max_length=64)]
Reader = Annotated[Actor, Depends(require(Permission.ORDERS_READ))]
Revealer = Annotated[Actor, Depends(require(Permission.ORDERS_REVEAL))]
Canceller = Annotated[Actor, Depends(require(Permission.ORDERS_CANCEL))]
Retrier = Annotated[Actor, Depends(require(Permission.ORDERS_RETRY))]
Holder = Annotated[Actor, Depends(require(Permission.ORDERS_HOLD))]
Tagger = Annotated[Actor, Depends(require(Permission.ORDERS_TAG))]


class Reason(pydantic.BaseModel):
    """Why somebody does this, in their own words."""

    model_config = pydantic.ConfigDict(extra="forbid")

    reason: Words


class NewHold(pydantic.BaseModel):
    """A hold to put on: a known reason, and a note for whoever clears it."""

    model_config = pydantic.ConfigDict(extra="forbid")

    reason: HoldReason
    note: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=500)] = ""


class DeskQuery(pydantic.BaseModel):
    """What to list and in which order."""

    model_config = pydantic.ConfigDict(extra="ignore")

    view: View = View.ALL
    q: str = pydantic.Field(default="", max_length=64)
    sku: str = pydantic.Field(default="", max_length=64)
    tag: str = pydantic.Field(default="", max_length=64)
    shop: str = pydantic.Field(default="", max_length=64)
    sort: Sort = Sort.NEWEST
    cursor: str | None = pydantic.Field(default=None, max_length=400)
    limit: int = pydantic.Field(default=50, ge=1, le=200)


@router.get("/orders")
def list_desk(
    asked: Annotated[DeskQuery, Query()], session: Reading, _actor: Reader, language: Lang
) -> OrderList:
    """Return a page of orders with the counts of all views; receivers are masked.

    `q` finds the start of an order number, a phone's last four digits, a SKU or a tag.
    """
    wanted = DeskFilter(view=asked.view, q=asked.q, sku=asked.sku, tag=asked.tag, shop=asked.shop)
    page = list_orders(session, wanted, sort=asked.sort, cursor=asked.cursor, limit=asked.limit)
    return OrderList(
        items=[row_facts(row, language) for row in page.items],
        next_cursor=page.next_cursor,
        counts={view.value: count for view, count in count_views(session).items()},
        counts_capped_at=MOST_COUNTED,
        as_of=clock.now(),
    )


@router.get("/orders/{order_id}")
def show_order(order_id: OrderId, session: Reading, actor: Reader, language: Lang) -> OrderDetail:
    """Return one order with everything known of it; the receiver is masked."""
    return _detail(session, order_id, language, actor=actor)


def _detail(session: Session, order_id: str, language: Language, *, actor: Actor) -> OrderDetail:
    return detail_facts(load_detail(session, order_id), language, actor=actor)


@router.post("/orders/{order_id}/reveal")
def reveal_receiver(
    order_id: OrderId, body: Reason, session: Writing, actor: Revealer
) -> ReceiverFacts:
    """Return the whole receiver; who looked, when and why is audited before it is shown."""
    receiver = orders.reveal_receiver(session, order_id)
    reading = addresses.find_reading(session, order_id)
    stated = stated_text(reading.stated, detail=reading.stated.detail) if reading else ""
    _audit(session, actor, "orders.reveal", order_id, reason=body.reason)
    return receiver_facts(receiver, stated=stated)


@router.post("/orders/{order_id}/cancel", status_code=202)
def cancel(
    order_id: OrderId, body: Reason, session: Writing, actor: Canceller, language: Lang
) -> OrderDetail:
    """Begin to cancel an order; documents outside are taken back first. 409 when shipped."""
    cancel_order.ask(session, order_id, reason=body.reason, actor=actor.name)
    _audit(session, actor, "orders.cancel", order_id, reason=body.reason)
    return _detail(session, order_id, language, actor=actor)


@router.post("/orders/{order_id}/retry", status_code=202)
def retry(
    order_id: OrderId,
    session: Writing,
    shared: Annotated[Database, Depends(database)],
    actor: Retrier,
    language: Lang,
) -> OrderDetail:
    """Carry an order out anew from its first unfinished step. 409 when it cannot be."""
    fulfill_order.retry(shared, order_id, actor=actor)
    _audit(session, actor, "orders.retry", order_id)
    return _detail(session, order_id, language, actor=actor)


@router.post("/orders/{order_id}/holds", status_code=201)
def hold(
    order_id: OrderId, body: NewHold, session: Writing, actor: Holder, language: Lang
) -> OrderDetail:
    """Put a hold on an order; the same reason again is the same hold. 409 when finished."""
    placed = orders.hold_order(
        session,
        order_id,
        reason=body.reason.value,
        owner_role=HOLD_OWNERS[body.reason],
        note=body.note,
        actor=actor.name,
        now=clock.now(),
    )
    _audit(session, actor, "orders.hold", order_id, reason=body.reason.value, hold=placed.id)
    return _detail(session, order_id, language, actor=actor)


@router.delete("/orders/{order_id}/holds/{hold_id}")
def release_hold(
    order_id: OrderId,
    hold_id: Annotated[str, Path(max_length=64)],
    session: Writing,
    actor: Holder,
    language: Lang,
) -> OrderDetail:
    """Take one hold off and leave the others; the order goes on when none is left."""
    is_released = orders.release_hold(
        session, order_id, hold_id=hold_id, actor=actor.name, now=clock.now()
    )
    if is_released:
        _audit(session, actor, "orders.release_hold", order_id, hold=hold_id)
    return _detail(session, order_id, language, actor=actor)


@router.put("/orders/{order_id}/tags/{tag}")
def tag(
    order_id: OrderId, tag: Tag, session: Writing, actor: Tagger, language: Lang
) -> OrderDetail:
    """Put a tag on an order; a repeat changes nothing."""
    if orders.tag_order(session, order_id, tag=tag, actor=actor.name, now=clock.now()):
        _audit(session, actor, "orders.tag", order_id, tag=tag)
    return _detail(session, order_id, language, actor=actor)


@router.delete("/orders/{order_id}/tags/{tag}")
def untag(
    order_id: OrderId, tag: Tag, session: Writing, actor: Tagger, language: Lang
) -> OrderDetail:
    """Take a tag off an order; a repeat changes nothing."""
    if orders.untag_order(session, order_id, tag=tag, actor=actor.name, now=clock.now()):
        _audit(session, actor, "orders.untag", order_id, tag=tag)
    return _detail(session, order_id, language, actor=actor)


def _audit(session: Session, actor: Actor, action: str, order_id: str, **after: str) -> None:
    users.record(
        session,
        actor=actor,
        action=action,
        object=order_id,
        after=dict(after) or None,
        now=clock.now(),
    )
