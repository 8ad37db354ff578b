"""Try again what a work item stands for, by the function that its kind has.

Orders start anew at their first unfinished step and messages are worked off again; those close
their items themselves once the cause is gone. For the others the item is closed and the attempt
begun in one transaction: when it fails again, a new item says so.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date

from yinuo.channels import service as channels
from yinuo.connectors.protocols import Unavailable
from yinuo.connectors.registry import NotConfigured
from yinuo.core import clock, outbox
from yinuo.core.db import Database, Session
from yinuo.core.errors import Conflict
from yinuo.core.ids import new_id
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NoRetry, Resolution, WorkItem, WorkItemKind
from yinuo.fulfillment import service as fulfillment
from yinuo.orders import service as orders
from yinuo.orders.model import BillDay
from yinuo.users.model import Actor
from yinuo.workflows import (
    ask_payments,
    cancel_order,
    confirm_shipment,
    fulfill_order,
    intake_order,
    open_receiver,
    pull_orders,
    reconcile_payments,
    take_group_message,
    take_push,
    take_refund,
)
from yinuo.workflows.hub import hub

Retry = Callable[[Database, WorkItem, Actor], None]
_retries: dict[WorkItemKind, Retry] = {}


_KEPT_FROM = frozenset(f"workflows.system.{source}" for source in ("shop", "push", "wecom"))


def retries(*kinds: WorkItemKind) -> Callable[[Retry], Retry]:
    """Register a function that is called with (database, item, actor) to try these kinds again."""

    def register(retry: Retry) -> Retry:
        for kind in kinds:
            _retries[kind] = retry
        return retry

    return register


def can_retry(item: WorkItem) -> bool:
    """Tell whether there is something to try again for a work item."""
    if item.kind is WorkItemKind.WORKFLOW_FAILED:
        return item.subject_type == "order" and item.params.get("process") in _PROCESSES
    if item.kind is WorkItemKind.INBOX_FAILED:
        return item.params.get("source") in _KEPT_FROM
    return item.kind in _retries


def retry_work_item(database: Database, item: WorkItem, *, actor: Actor) -> None:
    """Begin to try again what stopped; raises NoRetry when there is nothing to try again.

    What still stands in the way is raised as it is, such as CannotRetry or BadOrder.
    """
    if not can_retry(item):
        raise NoRetry(kind=item.kind.value)
    _retries[item.kind](database, item, actor)


@retries(
    WorkItemKind.SHORTAGE,
    WorkItemKind.ERP_REJECTED,
    WorkItemKind.ERP_OUTCOME_UNKNOWN,
    WorkItemKind.WMS_REJECTED,
    WorkItemKind.WMS_OUTCOME_UNKNOWN,
    WorkItemKind.RESERVATION_ENDING,
)
def _carry_out(database: Database, item: WorkItem, actor: Actor) -> None:
    fulfill_order.retry(database, item.subject_id, actor=actor)


@retries(WorkItemKind.UNKNOWN_SKU, WorkItemKind.BAD_ORDER, WorkItemKind.INBOX_FAILED)
def _work_off(database: Database, item: WorkItem, _actor: Actor) -> None:
    with database.read() as session:
        entry = channels.load_message(session, item.subject_id)
        if entry.shop_id is None or entry.body is None:
            raise NoRetry(kind=item.kind.value)
        shop = channels.load_active_shop(session, entry.shop_id)
    if entry.source == take_push.SOURCE:
        take_push.work_off_one(entry)
        return
    if entry.source == take_group_message.SOURCE:
        take_group_message.work_off_one(entry)
        return
    intake_order.work_off(entry.id, shop, entry.body)


class StillUnmatched(Conflict):
    """The payment or the order that the money belongs to is not to be found; details: number."""

    code = "payments.still_unmatched"


@retries(WorkItemKind.PAYMENT_UNMATCHED, WorkItemKind.REFUND_UNMATCHED)
def _match(database: Database, item: WorkItem, _actor: Actor) -> None:
    """Look for what money belongs to: the payment at its provider, the order at its shop.

    What is found closes the item. Raises StillUnmatched.
    """
    ask_payments.ask(item.subject_id, hub().connectors.payment_accounts())
    with database.read() as session:
        shops = [shop.id for shop in channels.list_shops(session) if shop.is_active]
        is_placed = orders.find_by_payment_number(session, item.subject_id) is not None
    if not is_placed:
        for shop_id in shops:
            with contextlib.suppress(Unavailable, NoSlot, NotConfigured):
                pull_orders.pull(shop_id)
    with database.transaction() as session:
        order = orders.find_by_payment_number(session, item.subject_id)
        if order is None or not order.paid_fen:
            raise StillUnmatched(number=item.subject_id)
        take_refund.matched(session, item.subject_id)


@retries(WorkItemKind.PAYMENT_DIFFERENCE)
def _compare(_database: Database, item: WorkItem, actor: Actor) -> None:
    if item.subject_type == "payment_difference":
        reconcile_payments.repair_again(item.subject_id, actor=actor)
        return
    provider, account, day = item.subject_id.split(":")
    bill = BillDay(provider=provider, account=account, day=date.fromisoformat(day))
    reconcile_payments.reconcile_day(bill)


@retries(WorkItemKind.CANCEL_REFUSED_BY_WAREHOUSE)
def _cancel(database: Database, item: WorkItem, actor: Actor) -> None:
    with database.transaction() as session:
        _close(session, item)
        cancel_order.ask(
            session, item.subject_id, reason="workflows.reason.buyer", actor=actor.name
        )


class StillSealed(Conflict):
    """The channel does not open the receiver yet."""

    code = "workflows.still_sealed"


@retries(WorkItemKind.RECEIVER_SEALED)
def _open(_database: Database, item: WorkItem, _actor: Actor) -> None:
    """Ask the channel to open the receiver now; that closes the item. Raises StillSealed."""
    if not open_receiver.retry(item.subject_id):
        raise StillSealed


@retries(WorkItemKind.SHIP_NOTICE_FAILED)
def _notify(database: Database, item: WorkItem, _actor: Actor) -> None:
    series = new_id("ntc")
    with database.transaction() as session:
        _close(session, item)
        for shipment in fulfillment.load_shipments(session, item.subject_id):
            confirm_shipment.start_notice(
                session, item.subject_id, shipment.parcel.waybill, series=series
            )


@retries(WorkItemKind.EVENT_UNDELIVERABLE)
def _deliver(database: Database, item: WorkItem, _actor: Actor) -> None:
    with database.transaction() as session:
        _close(session, item)
        outbox.deliver_again(session, int(item.subject_id))


@retries(WorkItemKind.WORKFLOW_FAILED)
def _start_again(database: Database, item: WorkItem, actor: Actor) -> None:
    _PROCESSES[str(item.params["process"])](database, item, actor)


def _fulfill(database: Database, item: WorkItem, _actor: Actor) -> None:
    with database.transaction() as session:
        _close(session, item)
        fulfill_order.start(session, item.subject_id, series=new_id("run"))


# The processes that can be begun anew for an order, by the name that the engine knows.
_PROCESSES: dict[str, Retry] = {
    "fulfill_order": _fulfill,
    "cancel_order": _cancel,
    "notify_shop": _notify,
}


def _close(session: Session, item: WorkItem) -> None:
    exceptions.close_for_subject(
        session,
        kind=item.kind,
        subject_type=item.subject_type,
        subject_id=item.subject_id,
        resolution=Resolution.RETRIED,
        now=clock.now(),
    )
