"""Shops that are only observed: switching, what observing found, and orders decided one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import pydantic
from fastapi import APIRouter, Path, Query

from yinuo.channels import service as channels
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.texts import Language, text
from yinuo.observing.model import ObservedOrder, ObservedState, Outcome
from yinuo.reports import observed as report
from yinuo.users import service as users
from yinuo.users.model import Actor
from yinuo.web.deps import Lang, Reading, Writing
from yinuo.web.shop_facts import ObservedFacts, observed_facts
from yinuo.web.shops import Reader, ShopId, Writer, record_change
from yinuo.workflows import observe_shop
from yinuo.workflows.observe_shop import OpenOrders

router = APIRouter(tags=["observing"])
OrderId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_]+$")]
Cursor = Annotated[str | None, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=200)]


class Switch(pydantic.BaseModel):
    """The version of the shop that was read before."""

    model_config = pydantic.ConfigDict(extra="forbid")

    version: int = pydantic.Field(ge=1, lt=2**63)


class GoLive(Switch):
    """What becomes of open observed orders: closed, or decided one by one by people."""

    open_orders: OpenOrders


class Switched(pydantic.BaseModel):
    """The shop after the switch, and how many observed orders were closed or are open."""

    shop_id: str
    is_observing: bool
    version: int
    closed: int
    open: int


class ShopObserved(ObservedFacts):
    """What observing found in one shop."""

    shop_id: str
    shop_name: str
    is_observing: bool


class ObservedList(pydantic.BaseModel):
    """What observing found in every shop that is or was only observed, and in all together."""

    items: list[ShopObserved]
    prevented: int
    worth_fen: int
    as_of: datetime


class OversellFacts(pydantic.BaseModel):
    """One SKU of a paid order that was not there, and whose claim had the last unit."""

    order_id: str
    number: str
    at: datetime
    sku: str
    name: str
    warehouse: str | None
    wanted: int
    missing: int
    worth_fen: int
    last_order_id: str | None
    last_number: str | None
    last_shop_name: str | None
    last_claimed_at: datetime | None


class OversellList(pydantic.BaseModel):
    """A page of oversells that would have been prevented, newest first."""

    items: list[OversellFacts]
    next_cursor: str | None


class ObservedOrderFacts(pydantic.BaseModel):
    """One observed order with the verdict on it."""

    order_id: str
    number: str
    began_at: datetime
    is_paid: bool
    total_fen: int
    items: str
    outcome: Outcome
    outcome_label: str
    state: ObservedState
    state_label: str
    warehouse: str | None
    ended_by: str


class ObservedOrderList(pydantic.BaseModel):
    """A page of observed orders, newest first."""

    items: list[ObservedOrderFacts]
    next_cursor: str | None


class Decided(pydantic.BaseModel):
    """What a person decided about an observed order."""

    order_id: str
    state: ObservedState
    state_label: str


@router.get("/observed")
def list_observed(session: Reading, _actor: Reader) -> ObservedList:
    """Return what observing found, per shop."""
    names = {one.id: one for one in channels.list_shops(session)}
    found = report.figures(session)
    items = [
        ShopObserved(
            shop_id=shop_id,
            shop_name=names[shop_id].name,
            is_observing=names[shop_id].is_observing,
            **observed_facts(figures).model_dump(),
        )
        for shop_id, figures in found.items()
        if shop_id in names
    ]
    return ObservedList(
        items=items,
        prevented=sum(one.prevented for one in items),
        worth_fen=sum(one.worth_fen for one in items),
        as_of=clock.now(),
    )


@router.get("/shops/{shop_id}/observed/oversells")
def list_oversells(
    shop_id: ShopId, session: Reading, _actor: Reader, cursor: Cursor = None, limit: Limit = 50
) -> OversellList:
    """Return the oversells that would have been prevented: which order, which SKU, and who."""
    channels.load_shop(session, shop_id)
    page = report.list_oversells(session, shop_id, cursor=cursor, limit=limit)
    return OversellList(
        items=[
            OversellFacts(
                order_id=one.order_id,
                number=one.number,
                at=one.at,
                sku=one.sku,
                name=one.name,
                warehouse=one.warehouse,
                wanted=one.wanted,
                missing=one.missing,
                worth_fen=one.worth_fen,
                last_order_id=one.last_order_id,
                last_number=one.last_number,
                last_shop_name=one.last_shop_name,
                last_claimed_at=one.last_claimed_at,
            )
            for one in page.items
        ],
        next_cursor=page.next_cursor,
    )


@router.get("/shops/{shop_id}/observed/orders")
def list_observed_orders(
    shop_id: ShopId,
    session: Reading,
    _actor: Reader,
    language: Lang,
    state: ObservedState | None = None,
    outcome: Outcome | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ObservedOrderList:
    """Return a shop's observed orders with the verdict on each."""
    channels.load_shop(session, shop_id)
    page = report.list_orders(
        session, shop_id, state=state, outcome=outcome, cursor=cursor, limit=limit
    )
    return ObservedOrderList(
        items=[
            ObservedOrderFacts(
                order_id=one.order_id,
                number=one.number,
                began_at=one.began_at,
                is_paid=one.is_paid,
                total_fen=one.total_fen,
                items=one.items,
                outcome=one.outcome,
                outcome_label=text(f"observing.outcome.{one.outcome.value}", language),
                state=one.state,
                state_label=text(f"observing.state.{one.state.value}", language),
                warehouse=one.warehouse,
                ended_by=one.ended_by,
            )
            for one in page.items
        ],
        next_cursor=page.next_cursor,
    )


@router.post("/shops/{shop_id}/observe")
def observe(shop_id: ShopId, body: Switch, session: Writing, actor: Writer) -> Switched:
    """Only observe a shop from now on; orders that came in before are carried out as ever."""
    before = channels.load_record(session, shop_id)
    after = observe_shop.begin(session, shop_id, version=body.version, actor=actor)
    record_change(session, actor, "shops.observe", before=before, after=after)
    return _switched(session, shop_id, closed=0)


@router.post("/shops/{shop_id}/go-live")
def go_live(shop_id: ShopId, body: GoLive, session: Writing, actor: Writer) -> Switched:
    """Let a shop be carried out from now on; say what becomes of its open observed orders."""
    before = channels.load_record(session, shop_id)
    closed = observe_shop.end(
        session, shop_id, version=body.version, open_orders=body.open_orders, actor=actor
    )
    after = channels.load_record(session, shop_id)
    if before.version != after.version:
        users.record(
            session,
            actor=actor,
            action="shops.go_live",
            object=shop_id,
            before={"is_observing": before.shop.is_observing, "version": before.version},
            after={
                "is_observing": after.shop.is_observing,
                "version": after.version,
                "open_orders": body.open_orders.value,
                "closed": len(closed),
                "closed_orders": list(closed[:500]),
            },
            now=clock.now(),
        )
    return _switched(session, shop_id, closed=len(closed))


def _switched(session: Session, shop_id: str, *, closed: int) -> Switched:
    record = channels.load_record(session, shop_id)
    found = report.figures(session).get(shop_id)
    return Switched(
        shop_id=shop_id,
        is_observing=record.shop.is_observing,
        version=record.version,
        closed=closed,
        open=found.open if found else 0,
    )


@router.post("/observed/{order_id}/take-over")
def take_over(order_id: OrderId, session: Writing, actor: Writer, language: Lang) -> Decided:
    """Carry an observed order out after all. 409 while its shop is still only observed."""
    taken = observe_shop.take_over(session, order_id, actor=actor)
    return _decided(session, actor, "shops.take_over", taken, language=language)


@router.post("/observed/{order_id}/close")
def close(order_id: OrderId, session: Writing, actor: Writer, language: Lang) -> Decided:
    """Leave an observed order for good to whoever carries it out."""
    closed = observe_shop.close(session, order_id, actor=actor)
    return _decided(session, actor, "shops.close_observed", closed, language=language)


def _decided(
    session: Session, actor: Actor, action: str, order: ObservedOrder, *, language: Language
) -> Decided:
    users.record(
        session,
        actor=actor,
        action=action,
        object=order.order_id,
        before={"state": ObservedState.OPEN.value},
        after={"state": order.state.value, "shop": order.shop_id},
        now=clock.now(),
    )
    return Decided(
        order_id=order.order_id,
        state=order.state,
        state_label=text(f"observing.state.{order.state.value}", language),
    )
