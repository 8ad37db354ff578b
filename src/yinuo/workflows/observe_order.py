"""An order of a shop that is only observed: marked as it comes in, judged in place of a claim.

The verdict is what would have become of it. No stock is touched and nobody is called: others
carry the order out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yinuo.channels import service as channels
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.money import fen_to_yuan
from yinuo.observing import service as observing
from yinuo.observing.model import Demand, DemandLine, Outcome, Verdict
from yinuo.orders import service as orders
from yinuo.orders.model import Order, TimelineEntry
from yinuo.workflows.hub import hub

OBSERVED_TAG = "旁观"


def came_in(session: Session, shop_id: str, order_id: str, *, now: datetime) -> None:
    """Mark a new order whose shop is only observed, in the transaction in which it comes in."""
    shop = channels.load_shop(session, shop_id)  # as it is now, not when the message was received
    if shop.is_observing and observing.begin(session, order_id, shop_id=shop_id, now=now):
        orders.tag_order(session, order_id, tag=OBSERVED_TAG, actor="system", now=now)


def observe(order: Order, *, candidates: Sequence[str], is_paid: bool, ttl_seconds: int) -> Verdict:
    """Return what would have become of an observed order, and keep it; a repeat keeps nothing."""
    demand = Demand(
        order_id=order.id,
        lines=tuple(
            DemandLine(sku=line.sku, quantity=line.quantity, amount_fen=int(line.amount_fen))
            for line in order.lines
        ),
        warehouses=tuple(candidates),
        is_paid=is_paid,
        ttl_seconds=ttl_seconds,
    )
    now = clock.now()
    with hub().database.transaction() as session:
        verdict = observing.observe(session, demand, now=now)
        if verdict.is_new:
            orders.write_timeline(session, order.id, _entry(order, verdict, now))
    return verdict


def _entry(order: Order, verdict: Verdict, now: datetime) -> TimelineEntry:
    short = ", ".join(f"{one.sku}×{one.missing}" for one in verdict.missing)
    params: dict[str, JsonValue] = {
        "warehouse": verdict.warehouse or "-",
        "units": sum(line.quantity for line in order.lines),
    }
    if verdict.outcome is Outcome.SHORT:
        params |= {"short": short, "worth": fen_to_yuan(verdict.worth_fen)}
        return TimelineEntry(at=now, code="workflows.timeline.observed_short", params=params)
    return TimelineEntry(at=now, code="workflows.timeline.observed_reserved", params=params)
