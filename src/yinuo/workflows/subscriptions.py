"""What follows from events: each consumer runs in the relay's transaction, at least once.

Importing this module registers them; a worker does.
"""

from __future__ import annotations

import contextlib

from yinuo.addresses.events import ReadingSettled
from yinuo.channels import service as channels
from yinuo.channels.events import MessageParked, ShopSaved
from yinuo.channels.model import MOST_ATTEMPTS
from yinuo.core import clock, durable
from yinuo.core.db import Session
from yinuo.core.durable import Failure
from yinuo.core.outbox import DeadEvent, consumer
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.fulfillment.events import DocumentCameLate
from yinuo.inventory import service as inventory
from yinuo.inventory.events import (
    ReservationLapsed,
    StockAllocated,
    StockDeducted,
    StockFellShort,
    StockReleased,
    StockReserved,
    WarehouseSaved,
)
from yinuo.orders import service as orders
from yinuo.orders.events import HoldReleased, OrderPaid
from yinuo.orders.model import FulfillmentStatus, IllegalTransition, OrderNotFound, TimelineEntry
from yinuo.workflows import cancel_order, fulfill_order, read_address, sync_stock
from yinuo.workflows.hub import hub


@consumer(OrderPaid)
def carry_out_paid_order(session: Session, event: OrderPaid) -> None:
    """A paid order is carried out, once."""
    fulfill_order.start(session, event.order_id, series="paid")


@consumer(ReadingSettled)
def take_over_address(session: Session, event: ReadingSettled) -> None:
    """What was decided about an address is the order's; the order goes on."""
    read_address.settle(session, event.order_id, actor=event.actor)


@consumer(HoldReleased)
def go_on_without_holds(session: Session, event: HoldReleased) -> None:
    """An order whose last hold is gone goes on where it stopped."""
    if event.holds_left:
        return
    order = orders.load_order(session, event.order_id)
    if order.payment_status in fulfill_order.MONEY_IS_HERE:
        fulfill_order.start(session, event.order_id, series=event.hold_id)


@consumer(ReservationLapsed)
def note_lapse(session: Session, event: ReservationLapsed) -> None:
    """An order whose unpaid claim ran out waits again."""
    now = clock.now()
    entry = TimelineEntry(
        at=now,
        code="workflows.timeline.reservation_lapsed",
        params={"warehouse": event.warehouse},
        dedupe_key=f"lapsed:{event.reservation_id}",
    )
    try:
        order = orders.load_order(session, event.owner)
        claimed = inventory.find_reservation(session, event.owner, now=now)
        if claimed is not None and claimed.is_held(now):
            return  # claimed anew since
        if order.fulfillment_status is FulfillmentStatus.RESERVED:
            orders.advance(session, event.owner, to=FulfillmentStatus.WAITING, why=entry, now=now)
    except (OrderNotFound, IllegalTransition):
        return  # claimed by no order, or the order has gone on since


@consumer(DocumentCameLate)
def take_back_late(session: Session, event: DocumentCameLate) -> None:
    """What turned out to stand after its order was cancelled is taken back."""
    cancel_order.take_back_late(session, event.order_id)


@consumer(MessageParked)
def tell_given_up(session: Session, event: MessageParked) -> None:
    """A message that used up its tries becomes a work item; others were told when put aside."""
    if event.attempts < MOST_ATTEMPTS:
        return
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.INBOX_FAILED,
            subject_type="inbox",
            subject_id=event.message_id,
            subject_label=event.key,
            code="workflows.message_given_up",
            params={"source": f"workflows.system.{event.source}", "attempts": event.attempts},
        ),
        now=clock.now(),
    )


@consumer(StockFellShort)
def tell_shortfall(session: Session, event: StockFellShort) -> None:
    """More is promised than there is: a person finds or moves stock."""
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.STOCK_FELL_SHORT,
            subject_type="stock",
            subject_id=f"{event.sku}@{event.warehouse}",
            subject_label=event.sku,
            code=event.name,
            params={
                "sku": event.sku,
                "warehouse": event.warehouse,
                "missing": event.missing,
                "on_hand": event.on_hand,
                "claimed": event.claimed,
            },
        ),
        now=clock.now(),
    )


@consumer(StockDeducted)
def tell_beyond_claim(session: Session, event: StockDeducted) -> None:
    """More left than the order claimed: a person finds out whose units those were."""
    if not event.beyond_claim:
        return
    try:
        label = orders.load_order(session, event.owner).number
    except OrderNotFound:
        label = event.owner
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.SHIPPED_BEYOND_CLAIM,
            subject_type="order",
            subject_id=event.owner,
            subject_label=label,
            code="workflows.shipped_beyond_claim",
            params={
                "warehouse": event.warehouse,
                "units": "、".join(
                    f"{sku}×{units}" for sku, units in sorted(event.beyond_claim.items())
                ),
            },
        ),
        now=clock.now(),
    )


@consumer(StockReserved)
@consumer(StockReleased)
@consumer(StockDeducted)
@consumer(ReservationLapsed)
def tell_shops(
    session: Session, event: StockReserved | StockReleased | StockDeducted | ReservationLapsed
) -> None:
    """What a claim changed is told to the shops as new figures."""
    sync_stock.want_stock(session, sorted(event.units))


@consumer(ShopSaved)
def tell_shop_everything(session: Session, event: ShopSaved) -> None:
    """What a shop may show follows its rules and warehouses; a change of those is told at once."""
    sync_stock.want_everything(session, event.shop_id)


@consumer(WarehouseSaved)
def tell_all_shops(session: Session, _event: WarehouseSaved) -> None:
    """A warehouse that opens or closes changes what every shop may show."""
    for shop in channels.list_shops(session):
        if shop.is_told:
            sync_stock.want_everything(session, shop.id)


@consumer(StockAllocated)
def close_alarm(session: Session, event: StockAllocated) -> None:
    """A claim that became firm can no longer run out."""
    exceptions.close_for_subject(
        session,
        kind=WorkItemKind.RESERVATION_ENDING,
        subject_type="order",
        subject_id=event.owner,
        resolution=Resolution.VANISHED,
        now=clock.now(),
    )


@durable.on_failure
def tell_failure(failure: Failure) -> None:
    """A process that ended by an error nobody expected becomes a work item."""
    subject = str(failure.arguments[0]) if failure.arguments else failure.key
    is_order = subject.startswith("ord_")
    with hub().database.transaction() as session:
        label = failure.process
        if is_order:
            with contextlib.suppress(OrderNotFound):
                label = orders.load_order(session, subject).number
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.WORKFLOW_FAILED,
                subject_type="order" if is_order else "workflow",
                subject_id=subject if is_order else failure.key,
                subject_label=label,
                code="workflows.failed",
                params={"process": failure.process, "error": failure.error},
            ),
            now=clock.now(),
        )


def tell_dead_event(session: Session, dead: DeadEvent) -> None:
    """An event that could not be delivered in all its attempts becomes a work item."""
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.EVENT_UNDELIVERABLE,
            subject_type="event",
            subject_id=str(dead.seq),
            subject_label=dead.name,
            code="workflows.event_undeliverable",
            params={"event": dead.name, "error": dead.error},
        ),
        now=clock.now(),
    )
