"""A payment was closed unpaid: no money can come under its number, so its claim goes back at once."""

from __future__ import annotations

from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.inventory import service as inventory
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, IllegalTransition, TimelineEntry


def close(
    session: Session, payment_number: str, *, provider: str, stops_asking: bool = False
) -> None:
    """Give back what an unpaid order claims when its payment is closed; a repeat changes nothing.

    The order stays: its shop may send a new payment number, or a buyer pay with another provider.
    `stops_asking` where every provider was asked.
    """
    now = clock.now()
    order_id = orders.record_payment_closed(
        session, payment_number, provider=provider, stops_asking=stops_asking, now=now
    )
    if order_id is None:
        return
    claim = inventory.find_reservation(session, order_id, now=now)
    if claim is None or claim.is_paid or not claim.is_held(now):
        return
    inventory.release(session, order_id, cause="payments.cause.closed", now=now)
    entry = TimelineEntry(
        at=now,
        code="payments.timeline.claim_released",
        params={"warehouse": claim.warehouse},
        dedupe_key=f"claim_closed:{claim.id}",
    )
    try:
        orders.advance(session, order_id, to=FulfillmentStatus.WAITING, why=entry, now=now)
    except IllegalTransition:
        return  # it had not got further than waiting
