"""Stock is claimed for an order: all lines from one warehouse, the best that holds everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yinuo.channels import service as channels
from yinuo.channels.model import Shop
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Reserved, ReserveRequest, Shortage, StockLine, Tried
from yinuo.observing import service as observing
from yinuo.observing.model import Verdict
from yinuo.orders import service as orders
from yinuo.orders.model import (
    Candidate,
    FulfillmentStatus,
    IllegalTransition,
    Order,
    Sourcing,
    TimelineEntry,
)
from yinuo.sourcing.model import (
    RankedWarehouse,
    Serving,
    ServingWarehouse,
    TriedWarehouse,
    explain,
    left_out,
    rank_warehouses,
)
from yinuo.workflows.hub import hub
from yinuo.workflows.observe_order import observe

ANSWER_SECONDS = 4.0  # a payment provider waits five


def reserve(order_id: str, *, is_paid: bool, cause: str) -> Reserved | Shortage | Verdict:
    """Return what the order holds, or what is short of it; asking again changes nothing.

    The claim is decided first, in the stock lane, and noted on the order after; dying between the
    two leaves a claim that the next call finds. `cause` is a text code. Every order that is to be
    carried out passes here, so this is where one that is only observed goes no further: it gets
    the Verdict on what would have become of it.
    """
    shared = hub()
    with shared.database.read() as session:
        order = orders.load_order(session, order_id)
        shop = channels.load_shop(session, order.shop_id)
        ranking = rank(shop, order.region.province, serving_warehouses(session))
        candidates = tuple(warehouse.code for warehouse in ranking.ranked)
        # The look-up is spared to shops that were never observed.
        is_observed = bool(shop.observed_from) and observing.is_observed(session, order_id)
        if not candidates and not is_observed:
            candidates = _held_at(session, order_id)
    ttl_seconds = shop.settings.ttl_seconds
    if is_observed:
        return observe(order, candidates=candidates, is_paid=is_paid, ttl_seconds=ttl_seconds)
    if not candidates:
        return _nowhere(order, ranking)
    request = ReserveRequest(
        owner=order_id,
        lines=tuple(StockLine(line.sku, line.quantity) for line in order.lines),
        warehouses=candidates,
        is_paid=is_paid,
        ttl_seconds=ttl_seconds,
        cause=cause,
    )
    try:
        reserved = shared.lane.ask(request, timeout=ANSWER_SECONDS)
    except Shortage as short:
        _note_sourcing(order_id, ranking, short)
        return short
    try:
        _note(order, ranking, reserved, cause=cause)
    except IllegalTransition:
        # Cancelled while the claim was decided: nobody waits for this stock any more.
        with shared.database.transaction() as session:
            inventory.release(session, order_id, cause="workflows.cause.cancelled", now=clock.now())
    return reserved


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates of an order, the best first, and the warehouses that may not serve its shop."""

    ranked: tuple[RankedWarehouse, ...]
    others: tuple[TriedWarehouse, ...]


def rank(shop: Shop, province: str, warehouses: Sequence[ServingWarehouse]) -> Ranking:
    """Return where an order may be filled: from its shop's warehouses and no others.

    How much of them the shop is shown (percent, buffer, cap) plays no part here: what was paid
    for is promised, and is kept from any unit that is left.
    """
    serving = Serving(codes=shop.settings.warehouses, in_order=shop.settings.in_order)
    ranked = rank_warehouses(province, warehouses, serving=serving)
    return Ranking(ranked, left_out(warehouses, serving=serving, after=len(ranked)))


def _held_at(session: Session, order_id: str) -> tuple[str, ...]:
    """Return the warehouse where the order holds its stock already, should it hold any."""
    held = inventory.find_reservation(session, order_id, now=clock.now())
    return (held.warehouse,) if held is not None and held.is_held(clock.now()) else ()


def _nowhere(order: Order, ranking: Ranking) -> Shortage:
    """Return the refusal of an order whose shop no open warehouse may serve."""
    units: Counter[str] = Counter()
    for line in order.lines:
        units[line.sku] += line.quantity
    short = Shortage(owner=order.id, short=units, best_warehouse="-", tried=())
    _note_sourcing(order.id, ranking, short)
    return short


def serving_warehouses(session: Session) -> list[ServingWarehouse]:
    """Return all warehouses, as ranking looks at them."""
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
    ranking: Ranking,
    reserved: Reserved,
    *,
    cause: str,
) -> None:
    with hub().database.transaction() as session:
        now = clock.now()
        units = sum(line.quantity for line in order.lines)
        entry = reserved_entry(reserved, units=units, cause=cause, now=now)
        is_new = orders.advance(
            session, order.id, to=FulfillmentStatus.RESERVED, why=entry, now=now
        )
        if is_new or not order.sourcing.candidates:
            orders.record_sourcing(
                session,
                order.id,
                sourcing=sourcing_of(ranking, chosen=reserved.warehouse, tried=reserved.tried),
                now=now,
            )


def reserved_entry(reserved: Reserved, *, units: int, cause: str, now: datetime) -> TimelineEntry:
    """Return the step that tells of a claim."""
    return TimelineEntry(
        at=now,
        code="workflows.timeline.reserved",
        params={
            "cause": cause,
            "warehouse": reserved.warehouse,
            "expires_at": reserved.expires_at.isoformat(),
            "units": units,
        },
    )


def _note_sourcing(order_id: str, ranking: Ranking, short: Shortage) -> None:
    with hub().database.transaction() as session:
        sourcing = sourcing_of(ranking, chosen=None, tried=short.tried)
        orders.record_sourcing(session, order_id, sourcing=sourcing, now=clock.now())


def sourcing_of(ranking: Ranking, *, chosen: str | None, tried: Sequence[Tried]) -> Sourcing:
    """Return which warehouse was chosen and why each other one was not."""
    short = {one.warehouse: one.missing for one in tried}
    looked_at = explain(ranking.ranked, chosen=chosen, short=short)
    return Sourcing(
        warehouse=chosen,
        carrier=hub().settings.default_carrier if chosen else None,
        candidates=tuple(
            Candidate(
                warehouse=one.code,
                name=one.name,
                rank=one.rank,
                reason=one.reason,
                is_chosen=one.is_chosen,
                params=one.params,
            )
            for one in (*looked_at, *ranking.others)
        ),
    )
