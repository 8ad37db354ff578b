"""A paid order is carried out: claimed, held in the warehouse, posted to the ERP, sent, once each.

    prepare            paid, not held, stock claimed
    ask_erp            only where a SKU asks for the ERP's word first
    hold_in_warehouse  the WMS freezes the stock; the reservation becomes an allocation
    post_to_erp        the sales document, found before it is ever made again
    send_to_warehouse  the order to pick; the shipment comes back by itself

Each step ends in `done`, `put_off` (an outside system is away or its answer is unknown: the whole
run is tried again later, finished steps are passed over) or `stopped` (a person must act, or
nothing is left to do). An order may be in two runs at once after a retry: what one step does, the
other finds done.
"""

from __future__ import annotations

import random

from yinuo.connectors.protocols import OutcomeUnknown, Rejected, Unavailable
from yinuo.core import clock, durable
from yinuo.core.db import Database, Session
from yinuo.core.errors import Conflict, OutsideUnavailable
from yinuo.core.ids import new_id
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.fulfillment import service as fulfillment
from yinuo.fulfillment.model import retry_seconds
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Contended, Reservation, Shortage
from yinuo.observing.model import Verdict
from yinuo.orders import service as orders
from yinuo.orders.model import (
    FulfillmentStatus,
    IllegalTransition,
    Order,
    OrderIsHeld,
    PaymentStatus,
    TimelineEntry,
)
from yinuo.users.model import Actor
from yinuo.workflows import documents, open_receiver, read_address
from yinuo.workflows.carry_out import AWAY, ERP, Outcome, Step, carry_out, stop
from yinuo.workflows.hub import hub
from yinuo.workflows.reserve_stock import reserve

MONEY_IS_HERE = frozenset({PaymentStatus.PAID, PaymentStatus.PARTLY_REFUNDED})
OBSERVED = "observed"  # others carry the order out
OPEN = frozenset({FulfillmentStatus.WAITING, FulfillmentStatus.RESERVED, FulfillmentStatus.SENDING})


class CannotRetry(Conflict):
    """The order is not one that waits to be carried out."""

    code = "workflows.cannot_retry"


@durable.process("fulfill_order")
def fulfill_order(order_id: str, series: str, run: int) -> str:
    """Carry an order out and return how the run ended; `series` and `run` make its key."""
    for name, step in (
        ("prepare", _prepare),
        ("hold_in_warehouse", _hold_in_warehouse),
        ("post_to_erp", _post_to_erp),
        ("send_to_warehouse", _send_to_warehouse),
    ):
        ended = Step.from_text(durable.step(name, step, order_id))
        if ended.outcome == Outcome.PUT_OFF:
            durable.step("put_off", _put_off, order_id, series, run, ended.system, ended.error)
        if ended.outcome != Outcome.DONE:
            return ended.as_text()
    return Step(Outcome.DONE).as_text()


def start(session: Session, order_id: str, *, series: str, run: int = 1, after: float = 0) -> None:
    """Start a run in the session's transaction; the same series and run start once."""
    durable.start(
        session,
        fulfill_order,
        order_id,
        series,
        run,
        key=f"fulfill:{order_id}:{series}:{run}",
        after_seconds=after,
    )


def retry(database: Database, order_id: str, *, actor: Actor) -> None:
    """Start the order anew at its first unfinished step, as a person asked.

    Holds that a refusal or shortage left are released, since the person has judged them; others
    stay. Raises OrderNotFound, CannotRetry.
    """
    with database.transaction() as session:
        now = clock.now()
        order = orders.load_order(session, order_id)
        if order.fulfillment_status not in OPEN or order.payment_status not in MONEY_IS_HERE:
            raise CannotRetry(status=f"orders.status.{order.status.value}")
        for hold in order.holds:
            if hold.reason in _RETRIED:
                orders.release_hold(session, order_id, hold_id=hold.id, actor=actor.name, now=now)
                exceptions.close_for_subject(
                    session,
                    kind=WorkItemKind(hold.reason),
                    subject_type="order",
                    subject_id=order_id,
                    resolution=Resolution.RETRIED,
                    now=now,
                )
        orders.write_timeline(
            session,
            order_id,
            TimelineEntry(at=now, code="workflows.timeline.retry_asked", actor=actor.name),
        )
        start(session, order_id, series=new_id("run"))


# Holds that stand for an attempt that failed: trying again is their release.
_RETRIED = frozenset(
    {
        WorkItemKind.SHORTAGE.value,
        WorkItemKind.ERP_REJECTED.value,
        WorkItemKind.WMS_REJECTED.value,
        WorkItemKind.ERP_OUTCOME_UNKNOWN.value,
        WorkItemKind.WMS_OUTCOME_UNKNOWN.value,
    }
)


def _prepare(order_id: str) -> str:
    """See that the order may go, claim its stock, open its fulfillment order, ask the ERP."""
    shared = hub()
    with shared.database.read() as session:
        order = orders.load_order(session, order_id)
        held = inventory.find_reservation(session, order_id, now=clock.now())
        asking = documents.skus_to_ask_erp(session, order)
    if order.payment_status not in MONEY_IS_HERE or order.fulfillment_status not in OPEN:
        return Step(Outcome.STOPPED, order.status.value).as_text()
    if _is_held(order):
        return Step(Outcome.STOPPED, "held").as_text()
    if held is not None and _is_claimed(order, held):
        warehouse: str | Step = held.warehouse
    else:
        warehouse = _claim(order_id)
    if isinstance(warehouse, Step):
        return warehouse.as_text()
    if not _open(order_id, warehouse):
        return Step(Outcome.STOPPED, FulfillmentStatus.CANCELLED.value).as_text()
    if asking and order.fulfillment_status is not FulfillmentStatus.SENDING:
        return _ask_erp(order_id, warehouse, asking)
    return Step(Outcome.DONE).as_text()


def _is_held(order: Order) -> bool:
    """Tell whether the order is held; one whose receiver or place nobody knows is held now."""
    if order.holds or open_receiver.is_missing(order):
        return True
    if order.region.province and order.region.city:
        return False
    with hub().database.transaction() as session:
        read_address.hold_incomplete(session, order.id)
    return True


def _claim(order_id: str) -> str | Step:
    """Return the warehouse whose stock the order now holds, or how the step ends without."""
    try:
        taken = reserve(order_id, is_paid=True, cause="workflows.cause.payment")
    except (Contended, OutsideUnavailable) as error:
        return Step(Outcome.PUT_OFF, error.code)
    if isinstance(taken, Verdict):
        return Step(Outcome.STOPPED, OBSERVED)
    return _short(order_id, taken) if isinstance(taken, Shortage) else taken.warehouse


def _open(order_id: str, warehouse: str) -> bool:
    """Open the fulfillment order; False when the order was cancelled meanwhile.

    The order's lock decides between this and a cancellation that ends: that one sees what is
    open here, or this one sees that the order is cancelled.
    """
    with hub().database.transaction() as session:
        now = clock.now()
        entry = TimelineEntry(
            at=now,
            code="workflows.timeline.reserved_again",
            params={"warehouse": warehouse},
        )
        try:
            orders.advance(session, order_id, to=FulfillmentStatus.RESERVED, why=entry, now=now)
        except IllegalTransition:
            return False
        fulfillment.open_order(session, order_id, warehouse=warehouse, now=now)
    return True


def _is_claimed(order: Order, held: Reservation) -> bool:
    """Tell whether the claim is there, paid for, and noted on the order."""
    return (
        held.is_paid
        and held.is_held(clock.now())
        and order.fulfillment_status is not FulfillmentStatus.WAITING
    )


def _short(order_id: str, short: Shortage) -> Step:
    with hub().database.transaction() as session:
        stop(
            session,
            order_id,
            kind=WorkItemKind.SHORTAGE,
            code=short.code,
            params=short.details,
            timeline="workflows.timeline.short",
        )
    return Step(Outcome.STOPPED, short.code)


def _ask_erp(order_id: str, warehouse: str, units: dict[str, int]) -> str:
    """Ask for live stock where a SKU wants it; too little stops the order for a person."""
    try:
        photograph = hub().connectors.erp.read_stock(sorted(units))
    except Rejected as error:
        with hub().database.transaction() as session:
            stop(
                session,
                order_id,
                kind=WorkItemKind.ERP_REJECTED,
                code=error.code,
                params={**error.details, "system": ERP},
                timeline="workflows.timeline.refused",
            )
        return Step(Outcome.STOPPED, error.code).as_text()
    except (Unavailable, NoSlot) as error:
        return Step(Outcome.PUT_OFF, error.code, ERP).as_text()
    short = documents.short_in(photograph, warehouse=warehouse, units=units)
    with hub().database.transaction() as session:
        if short:
            words = ", ".join(f"{sku}×{missing}" for sku, missing in sorted(short.items()))
            stop(
                session,
                order_id,
                kind=WorkItemKind.SHORTAGE,
                code="workflows.erp_stock_short",
                params={"warehouse": warehouse, "short": words},
                timeline="workflows.timeline.erp_stock_short",
            )
            return Step(Outcome.STOPPED, "workflows.erp_stock_short").as_text()
        entry = TimelineEntry(
            at=clock.now(),
            code="workflows.timeline.erp_stock_ok",
            params={"warehouse": warehouse},
            dedupe_key="erp_stock_ok",
        )
        orders.write_timeline(session, order_id, entry)
    return Step(Outcome.DONE).as_text()


def _hold_in_warehouse(order_id: str) -> str:
    """Freeze the stock in the WMS; its word makes the reservation firm."""
    return carry_out(documents.wms_hold(order_id))


def _post_to_erp(order_id: str) -> str:
    """Make the sales document; an order that is held meanwhile stops before it."""
    with hub().database.transaction() as session:
        now = clock.now()
        number = fulfillment.load_order(session, order_id).number
        entry = TimelineEntry(
            at=now, code="workflows.timeline.held_in_warehouse", params={"number": number}
        )
        try:
            orders.advance(session, order_id, to=FulfillmentStatus.SENDING, why=entry, now=now)
        except OrderIsHeld:
            return Step(Outcome.STOPPED, "held").as_text()
        except IllegalTransition:  # cancelled meanwhile
            return Step(Outcome.STOPPED, FulfillmentStatus.CANCELLED.value).as_text()
    return carry_out(documents.erp_document(order_id))


def _send_to_warehouse(order_id: str) -> str:
    """Give the order to the warehouse to pick, unless it is held meanwhile."""
    with hub().database.read() as session:
        if orders.load_order(session, order_id).holds:
            return Step(Outcome.STOPPED, "held").as_text()
    return carry_out(documents.warehouse_order(order_id))


def _put_off(order_id: str, series: str, run: int, system: str, error: str) -> None:
    """Start the next run later; after some patience a person is told, and it still goes on."""
    shared = hub()
    is_unknown = error == OutcomeUnknown.code
    wait = retry_seconds(run, jitter=random.random())  # noqa: S311 - jitter, not a secret
    if is_unknown:
        wait = max(wait, shared.settings.settle_seconds + 0.1)
    with shared.database.transaction() as session:
        now = clock.now()
        start(session, order_id, series=series, run=run + 1, after=wait)
        orders.write_timeline(
            session,
            order_id,
            TimelineEntry(
                at=now,
                code="workflows.timeline.put_off",
                params={"system": system, "error": error, "run": run, "seconds": round(wait)},
                dedupe_key=f"put_off:{series}:{run}",
            ),
        )
        if run >= shared.settings.patient_runs and system in AWAY:
            exceptions.raise_item(
                session,
                NewItem(
                    kind=AWAY[system],
                    subject_type="order",
                    subject_id=order_id,
                    subject_label=orders.load_order(session, order_id).number,
                    code=error,
                    params={"system": system, "run": run},
                ),
                now=now,
            )
