"""An order is cancelled: first no more calls go out for it, then each is taken back, last to first.

    stop              nothing more may be sent; a call under way is waited for
    take_back         warehouse order, warehouse hold, ERP document
    finish            the stock is released and the order is cancelled, together

A warehouse that has begun to pick refuses: then the order goes on truthfully, and a person gets a
work item. An ERP document that was audited already stays for a person; the goods do not leave.
"""

from __future__ import annotations

from yinuo.connectors.protocols import AlreadyPicking, Rejected, Unavailable
from yinuo.core import clock, durable
from yinuo.core.db import Database, Session
from yinuo.core.errors import Conflict
from yinuo.core.ids import new_id
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, WorkItemKind
from yinuo.fulfillment import service as fulfillment
from yinuo.fulfillment.model import (
    Document,
    DocumentKind,
    DocumentState,
    FulfillmentOrder,
    Move,
    next_move,
    retry_seconds,
)
from yinuo.inventory import service as inventory
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, Order, PaymentStatus, TimelineEntry
from yinuo.workflows import fulfill_order
from yinuo.workflows.carry_out import Outcome, Step
from yinuo.workflows.documents import ERP, WAREHOUSE, order_units
from yinuo.workflows.hub import hub

REFUSED = "refused_by_warehouse"
MAY_STAND = frozenset({DocumentState.DONE, DocumentState.UNKNOWN, DocumentState.INTENDED})


class CannotCancel(Conflict):
    """The order has shipped."""

    code = "workflows.cannot_cancel"


def request(database: Database, order_id: str, *, reason: str, actor: str) -> None:
    """Begin to cancel an order; a repeat changes nothing. Raises OrderNotFound, CannotCancel."""
    with database.transaction() as session:
        ask(session, order_id, reason=reason, actor=actor)


def ask(session: Session, order_id: str, *, reason: str, actor: str) -> None:
    """Begin to cancel an order in the session's transaction."""
    order = orders.load_order(session, order_id)
    if order.fulfillment_status is FulfillmentStatus.SHIPPED:
        raise CannotCancel
    if order.fulfillment_status is FulfillmentStatus.CANCELLED:
        return
    entry = TimelineEntry(
        at=clock.now(),
        code="workflows.timeline.cancel_asked",
        params={"reason": reason},
        actor=actor,
    )
    orders.write_timeline(session, order_id, entry)
    series = new_id("can")
    durable.start(
        session,
        cancel_order,
        order_id,
        reason,
        actor,
        series,
        1,
        key=f"cancel:{order_id}:{series}:1",
    )


@durable.process("cancel_order")
def cancel_order(order_id: str, reason: str, actor: str, series: str, run: int) -> str:
    """Cancel an order and return how the run ended."""
    for name, step in (("stop", _stop), ("take_back", _take_back)):
        ended = Step.from_text(durable.step(name, step, order_id))
        if ended.outcome == Outcome.PUT_OFF:
            durable.step("put_off", _put_off, order_id, reason, actor, series, run)
        if ended.error == REFUSED:
            durable.step("go_on", _go_on, order_id)
        if ended.outcome != Outcome.DONE:
            return ended.as_text()
    return durable.step("finish", _finish, order_id, reason, actor)


def _stop(order_id: str) -> str:
    """Forbid further calls; wait while one may still be at work on the other side."""
    shared = hub()
    with shared.database.transaction() as session:
        order = orders.load_order(session, order_id)
        if order.fulfillment_status in {FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELLED}:
            return Step(Outcome.STOPPED, order.status.value).as_text()
        fulfillment.stop_order(session, order_id)
        under_way = [
            document
            for document in fulfillment.load_documents(session, order_id)
            if next_move(document, now=clock.now(), settle=shared.settings.settle) is Move.WAIT
        ]
    if under_way:
        return Step(Outcome.PUT_OFF, "under_way").as_text()
    return Step(Outcome.DONE).as_text()


def _take_back(order_id: str) -> str:
    """Take back what stands elsewhere, the order to the warehouse first."""
    with hub().database.read() as session:
        order = orders.load_order(session, order_id)
        work = fulfillment.find_order(session, order_id)
        standing = {
            document.kind: document
            for document in fulfillment.load_documents(session, order_id)
            if document.state in MAY_STAND and document.attempts
        }
    if work is None:
        return Step(Outcome.DONE).as_text()
    for kind in (DocumentKind.WAREHOUSE_ORDER, DocumentKind.WMS_HOLD, DocumentKind.ERP_DOCUMENT):
        if kind not in standing:
            continue
        try:
            _undo(order, work, standing[kind])
        except AlreadyPicking:
            return Step(Outcome.STOPPED, REFUSED).as_text()
        except (Unavailable, NoSlot) as error:
            return Step(Outcome.PUT_OFF, error.code).as_text()
        _mark_cancelled(order_id, kind)
    return Step(Outcome.DONE).as_text()


def _undo(order: Order, work: FulfillmentOrder, document: Document) -> None:
    """Take one document back; a refusal that does not move goods is told to a person."""
    match document.kind:
        case DocumentKind.WAREHOUSE_ORDER:
            _undo_warehouse_order(work, document)
        case DocumentKind.WMS_HOLD:
            try:
                hub().connectors.warehouse(work.warehouse).release_hold(
                    work.number, work.warehouse, lines=order_units(order)
                )
            except Rejected as error:
                _tell(order, WorkItemKind.WMS_REJECTED, error.code, system=WAREHOUSE)
        case DocumentKind.ERP_DOCUMENT:
            try:
                hub().connectors.erp.cancel_document(work.number)
            except Rejected as error:
                _tell(order, WorkItemKind.ERP_REJECTED, error.code, system=ERP)


def _undo_warehouse_order(work: FulfillmentOrder, document: Document) -> None:
    try:
        hub().connectors.warehouse(work.warehouse).cancel_order(
            work.number, work.warehouse, outside_id=document.outside_number, reason="cancelled"
        )
    except AlreadyPicking:
        raise
    except Rejected as error:
        # An order whose answer was lost may never have reached the warehouse.
        if document.state is DocumentState.DONE:
            raise AlreadyPicking(**error.details) from error


def _mark_cancelled(order_id: str, kind: DocumentKind) -> None:
    with hub().database.transaction() as session:
        fulfillment.mark(session, order_id, kind, state=DocumentState.CANCELLED, now=clock.now())


def _tell(order: Order, kind: WorkItemKind, code: str, *, system: str) -> None:
    with hub().database.transaction() as session:
        exceptions.raise_item(
            session,
            NewItem(
                kind=kind,
                subject_type="order",
                subject_id=order.id,
                subject_label=order.number,
                code=code,
                params={"system": system, "number": order.number},
            ),
            now=clock.now(),
        )


def _finish(order_id: str, reason: str, actor: str) -> str:
    """Release the stock and cancel the order together; paid money becomes a work item."""
    with hub().database.transaction() as session:
        now = clock.now()
        order = orders.load_order(session, order_id)
        inventory.release(session, order_id, cause="workflows.cause.cancelled", now=now)
        orders.mark_cancelled(session, order_id, reason=reason, actor=actor, now=now)
        exceptions.close_all_for_subject(
            session, subject_type="order", subject_id=order_id, now=now
        )
        if order.payment_status in {PaymentStatus.PAID, PaymentStatus.PARTLY_REFUNDED}:
            exceptions.raise_item(
                session,
                NewItem(
                    kind=WorkItemKind.PAYMENT_AFTER_CANCEL,
                    subject_type="order",
                    subject_id=order_id,
                    subject_label=order.number,
                    code="workflows.refund_due",
                    params={"amount_fen": order.paid_fen - order.refunded_fen},
                ),
                now=now,
            )
    return Step(Outcome.DONE).as_text()


def _go_on(order_id: str) -> None:
    """The warehouse ships anyway: say so, allow calls again, and give a person the case."""
    with hub().database.transaction() as session:
        now = clock.now()
        order = orders.load_order(session, order_id)
        fulfillment.resume_order(session, order_id)
        orders.write_timeline(
            session, order_id, TimelineEntry(at=now, code="workflows.timeline.cancel_refused")
        )
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.CANCEL_REFUSED_BY_WAREHOUSE,
                subject_type="order",
                subject_id=order_id,
                subject_label=order.number,
                code=AlreadyPicking.code,
            ),
            now=now,
        )
        if order.fulfillment_status is FulfillmentStatus.SENDING:
            fulfill_order.start(session, order_id, series=new_id("run"))


def _put_off(order_id: str, reason: str, actor: str, series: str, run: int) -> None:
    wait = max(retry_seconds(run, jitter=0.5), 0.5)
    with hub().database.transaction() as session:
        durable.start(
            session,
            cancel_order,
            order_id,
            reason,
            actor,
            series,
            run + 1,
            key=f"cancel:{order_id}:{series}:{run + 1}",
            after_seconds=wait,
        )
