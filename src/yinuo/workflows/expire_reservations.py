"""Reservations end: an unpaid one lapses, a paid one is renewed and people are told.

Nothing relies on this running in time: an expired unpaid reservation is not counted by the next
decision either way. What lapses is noted on its order by `subscriptions`.
"""

from __future__ import annotations

from datetime import timedelta

from yinuo.core import clock
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, WorkItemKind
from yinuo.inventory import service as inventory
from yinuo.inventory.model import NotHeld
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, OrderNotFound, TimelineEntry
from yinuo.workflows.hub import hub

BATCH = 200


def lapse_expired() -> int:
    """Return how many unpaid reservations ran out and gave their stock back."""
    lapsed = 0
    while True:
        with hub().database.transaction() as session:
            batch = inventory.lapse_expired(session, now=clock.now(), limit=BATCH)
        lapsed += len(batch.owners)
        if len(batch.owners) + len(batch.stuck) < BATCH:
            return lapsed


def renew_paid() -> int:
    """Return how many paid reservations near their end were renewed, each with a work item."""
    shared = hub()
    with shared.database.read() as session:
        ending = inventory.ending_soon(
            session, now=clock.now(), within_seconds=int(shared.settings.renew_before_seconds)
        )
    for reservation in ending:
        _renew(reservation.owner)
    return len(ending)


def _renew(owner: str) -> None:
    shared = hub()
    with shared.database.transaction() as session:
        now = clock.now()
        until = now + timedelta(seconds=shared.settings.renew_by_seconds)
        try:
            inventory.renew(session, owner, until=until, now=now)
            order = orders.load_order(session, owner)
        except (NotHeld, OrderNotFound):
            return  # given back since, or claimed by something that is no order
        if order.fulfillment_status is FulfillmentStatus.CANCELLED:
            # The process that claimed died before it saw that the order was cancelled.
            inventory.release(session, owner, cause="workflows.cause.cancelled", now=now)
            return
        orders.write_timeline(
            session,
            owner,
            TimelineEntry(
                at=now,
                code="workflows.timeline.reservation_renewed",
                params={"expires_at": until.isoformat()},
            ),
        )
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.RESERVATION_ENDING,
                subject_type="order",
                subject_id=owner,
                subject_label=order.number,
                code="workflows.reservation_ending",
                params={"expires_at": until.isoformat()},
            ),
            now=now,
        )
