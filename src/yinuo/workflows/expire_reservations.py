"""Reservations end: an unpaid one lapses, a paid one is renewed and people are told.

Nothing relies on this running in time: an expired unpaid reservation is not counted by the next
decision either way. What lapses is noted on its order by `subscriptions`.
"""

from __future__ import annotations

from datetime import timedelta

from yinuo.core import clock
from yinuo.core.logs import logger
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, WorkItemKind
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Lapses, NotHeld
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, OrderNotFound, TimelineEntry
from yinuo.workflows.hub import hub

BATCH = 200
log = logger(__name__)


def lapse_expired() -> int:
    """Return how many unpaid reservations ran out and gave their stock back.

    One that cannot be given back is put aside with a work item and stops no other.
    """
    database, lapsed = hub().database, 0
    while True:
        with database.read() as session:
            ids = inventory.expired(session, now=clock.now(), limit=BATCH)
        batch = _lapse_together(ids)
        _tell_stuck(batch.stuck)
        lapsed += len(batch.owners)
        if len(batch.owners) + len(batch.stuck) < BATCH:
            return lapsed


def _lapse_together(ids: list[str]) -> Lapses:
    try:
        with hub().database.transaction() as session:
            return inventory.lapse_these(session, ids, now=clock.now())
    except Exception as error:  # noqa: BLE001 - found out one by one below, and told
        log.warning("lapsing_one_by_one", claims=len(ids), error=type(error).__name__)
    together = Lapses([], [])
    for reservation_id in ids:
        alone = _lapse_alone(reservation_id)
        together = Lapses(together.owners + alone.owners, together.stuck + alone.stuck)
    return together


def _lapse_alone(reservation_id: str) -> Lapses:
    database = hub().database
    try:
        with database.transaction() as session:
            return inventory.lapse_these(session, [reservation_id], now=clock.now())
    except Exception as error:  # noqa: BLE001 - put aside with a work item; others go on
        log.warning("reservation_stuck", id=reservation_id, error=type(error).__name__)
    with database.transaction() as session:
        inventory.put_aside(session, reservation_id, now=clock.now())
    return Lapses([], [reservation_id])


def _tell_stuck(ids: list[str]) -> None:
    for reservation_id in ids:
        with hub().database.transaction() as session:
            exceptions.raise_item(
                session,
                NewItem(
                    kind=WorkItemKind.RESERVATION_CORRUPT,
                    subject_type="reservation",
                    subject_id=reservation_id,
                    subject_label=reservation_id,
                    code="workflows.reservation_corrupt",
                    params={"reservation": reservation_id},
                ),
                now=clock.now(),
            )


def renew_paid() -> int:
    """Return how many paid reservations near their end were renewed, each with a work item."""
    shared = hub()
    with shared.database.read() as session:
        ending = inventory.ending_soon(
            session, now=clock.now(), within_seconds=int(shared.settings.renew_before_seconds)
        )
    renewed = 0
    for reservation in ending:
        try:
            _renew(reservation.owner)
        except Exception as error:  # noqa: BLE001 - the others must not run out for it
            log.warning("not_renewed", owner=reservation.owner, error=type(error).__name__)
        else:
            renewed += 1
    return renewed


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
