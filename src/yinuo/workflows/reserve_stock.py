"""Stock is claimed for an order: all lines from one warehouse, the best that holds everything."""

from __future__ import annotations

from yinuo.channels import service as channels
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Reserved, ReserveRequest, Shortage, StockLine
from yinuo.orders import service as orders
from yinuo.orders.model import (
    Candidate,
    FulfillmentStatus,
    IllegalTransition,
    Order,
    Sourcing,
    TimelineEntry,
)
from yinuo.sourcing.model import RankedWarehouse, ServingWarehouse, explain, rank_warehouses
from yinuo.workflows.hub import hub

ANSWER_SECONDS = 4.0  # a payment provider waits five


def reserve(order_id: str, *, is_paid: bool, cause: str) -> Reserved | Shortage:
    """Return what the order holds, or what is short of it; asking again changes nothing.

    The claim is decided first, in the stock lane, and noted on the order after; dying between the
    two leaves a claim that the next call finds. `cause` is a text code.
    """
    shared = hub()
    with shared.database.read() as session:
        order = orders.load_order(session, order_id)
        shop = channels.load_shop(session, order.shop_id)
        ranked = rank_warehouses(order.region.province, _warehouses(session))
    request = ReserveRequest(
        owner=order_id,
        lines=tuple(StockLine(line.sku, line.quantity) for line in order.lines),
        warehouses=tuple(warehouse.code for warehouse in ranked),
        is_paid=is_paid,
        ttl_seconds=shop.settings.ttl_seconds,
        cause=cause,
    )
    try:
        reserved = shared.lane.ask(request, timeout=ANSWER_SECONDS)
    except Shortage as short:
        _note_sourcing(order_id, ranked, short)
        return short
    try:
        _note(order, ranked, reserved, cause=cause)
    except IllegalTransition:
        # Cancelled while the claim was decided: nobody waits for this stock any more.
        with shared.database.transaction() as session:
            inventory.release(session, order_id, cause="workflows.cause.cancelled", now=clock.now())
    return reserved


def _warehouses(session: Session) -> list[ServingWarehouse]:
    return [
        ServingWarehouse(
            code=warehouse.code,
            name=warehouse.name,
            province=warehouse.province,
            serves=warehouse.serves,
            is_active=warehouse.is_active,
        )
        for warehouse in inventory.load_warehouses(session)
    ]


def _note(
    order: Order,
    ranked: tuple[RankedWarehouse, ...],
    reserved: Reserved,
    *,
    cause: str,
) -> None:
    with hub().database.transaction() as session:
        now = clock.now()
        entry = TimelineEntry(
            at=now,
            code="workflows.timeline.reserved",
            params={
                "cause": cause,
                "warehouse": reserved.warehouse,
                "expires_at": reserved.expires_at.isoformat(),
                "units": sum(line.quantity for line in order.lines),
            },
        )
        is_new = orders.advance(
            session, order.id, to=FulfillmentStatus.RESERVED, why=entry, now=now
        )
        if is_new or not order.sourcing.candidates:
            orders.record_sourcing(
                session,
                order.id,
                sourcing=_sourcing(
                    ranked,
                    chosen=reserved.warehouse,
                    short={tried.warehouse: tried.missing for tried in reserved.tried},
                ),
                now=now,
            )


def _note_sourcing(order_id: str, ranked: tuple[RankedWarehouse, ...], short: Shortage) -> None:
    with hub().database.transaction() as session:
        sourcing = _sourcing(
            ranked,
            chosen=None,
            short={tried.warehouse: tried.missing for tried in short.tried},
        )
        orders.record_sourcing(session, order_id, sourcing=sourcing, now=clock.now())


def _sourcing(
    ranked: tuple[RankedWarehouse, ...], *, chosen: str | None, short: dict[str, dict[str, int]]
) -> Sourcing:
    return Sourcing(
        warehouse=chosen,
        carrier=hub().settings.default_carrier if chosen else None,
        candidates=tuple(
            Candidate(
                warehouse=tried.code,
                name=tried.name,
                rank=tried.rank,
                reason=tried.reason,
                is_chosen=tried.is_chosen,
                params=tried.params,
            )
            for tried in explain(ranked, chosen=chosen, short=short)
        ),
    )
