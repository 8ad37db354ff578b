"""An order is cancelled: first no more calls go out for it, then each is taken back, last to first.

    stop              nothing more may be sent; a call under way is waited for
    take_back         warehouse order, warehouse hold, ERP document
    finish            the stock is released and the order is cancelled, together

A warehouse that has begun to pick refuses: then the order goes on truthfully, and a person gets a
work item. An ERP document that was audited already stays for a person; the goods do not leave.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

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
from yinuo.inventory.model import PhotoSource
from yinuo.observing import service as observing
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, Order, TimelineEntry
from yinuo.workflows import fulfill_order
from yinuo.workflows.carry_out import AWAY, CLAIMS, ERP, HUB, WAREHOUSE, Outcome, Step
from yinuo.workflows.documents import order_units
from yinuo.workflows.hub import hub

REFUSED = "refused_by_warehouse"
IN_ORDER = (DocumentKind.WAREHOUSE_ORDER, DocumentKind.WMS_HOLD, DocumentKind.ERP_DOCUMENT)
# An order to the warehouse uses the hold up: with it the warehouse forgets the claim.
WITHDRAWN = {**CLAIMS, DocumentKind.WAREHOUSE_ORDER: PhotoSource.WMS}


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
    start(session, order_id, reason=reason, actor=actor, series=series)


def take_back_late(session: Session, order_id: str) -> None:
    """Take back what turned out to stand although the order was cancelled before."""
    series = new_id("can")
    start(session, order_id, reason="workflows.reason.came_late", actor="system", series=series)


def start(
    session: Session,
    order_id: str,
    *,
    reason: str,
    actor: str,
    series: str,
    run: int = 1,
    after: float = 0,
) -> None:
    """Start a run in the session's transaction; the same series and run start once."""
    durable.start(
        session,
        cancel_order,
        order_id,
        reason,
        actor,
        series,
        run,
        key=f"cancel:{order_id}:{series}:{run}",
        after_seconds=after,
    )


@durable.process("cancel_order")
def cancel_order(order_id: str, reason: str, actor: str, series: str, run: int) -> str:
    """Cancel an order and return how the run ended."""
    ended = Step(Outcome.DONE)
    for name, step in (("stop", _stop), ("take_back", _take_back), ("finish", _finish)):
        ended = Step.from_text(durable.step(name, step, order_id, reason, actor))
        if ended.outcome == Outcome.PUT_OFF:
            durable.step("put_off", _put_off, order_id, reason, actor, series, run)
            durable.step("tell_away", _tell_away, order_id, run, ended.as_text())
        if ended.error == REFUSED:
            durable.step("go_on", _go_on, order_id)
        if ended.outcome != Outcome.DONE:
            break
    return ended.as_text()


def _stop(order_id: str, _reason: str, _actor: str) -> str:
    """Forbid further calls; wait while one may still be at work on the other side."""
    shared = hub()
    with shared.database.transaction() as session:
        order = orders.load_order(session, order_id)
        if order.fulfillment_status is FulfillmentStatus.SHIPPED:
            return Step(Outcome.STOPPED, REFUSED).as_text()
        fulfillment.stop_order(session, order_id)
        under_way = [
            document
            for document in fulfillment.load_documents(session, order_id)
            if next_move(document, now=clock.now(), settle=shared.settings.settle) is Move.WAIT
        ]
    if under_way:
        return Step(Outcome.PUT_OFF, "under_way").as_text()
    return Step(Outcome.DONE).as_text()


def _standing(session: Session, order_id: str) -> list[Document]:
    """Return what may stand elsewhere, in the order in which it is taken back.

    A refusal may follow an earlier call whose answer was lost; taking back what is not there
    does no harm.
    """
    found = {
        document.kind: document
        for document in fulfillment.load_documents(session, order_id)
        if document.state is not DocumentState.CANCELLED
        and document.attempts
        and not _is_kept(document)
    }
    return [found[kind] for kind in IN_ORDER if kind in found]


def _is_kept(document: Document) -> bool:
    """Tell whether the other side refused to take the document back."""
    return document.state is DocumentState.DONE and document.last_error is not None


def _take_back(order_id: str, _reason: str, _actor: str) -> str:
    """Take back what stands elsewhere, the order to the warehouse first."""
    with hub().database.read() as session:
        order = orders.load_order(session, order_id)
        work = fulfillment.find_order(session, order_id)
        standing = _standing(session, order_id)
        sent = fulfillment.load_document(session, order_id, DocumentKind.WAREHOUSE_ORDER)
    if work is None:
        return Step(Outcome.DONE).as_text()
    for document in standing:
        system = WITHDRAWN[document.kind]
        _note_claim(order_id, system, inventory.note_withdrawn)
        try:
            _undo(order, work, document)
        except AlreadyPicking:
            _note_claim(order_id, system, inventory.note_posted)
            return Step(Outcome.STOPPED, REFUSED).as_text()
        except Rejected as error:
            # A hold that the order to the warehouse used up was given back with that one.
            if document.kind is not DocumentKind.WMS_HOLD or sent is None:
                _mark_kept(order_id, document.kind, error=error.code)
                continue
        except (Unavailable, NoSlot) as error:
            away = ERP if document.kind is DocumentKind.ERP_DOCUMENT else WAREHOUSE
            return Step(Outcome.PUT_OFF, error.code, away).as_text()
        _mark_cancelled(order_id, document.kind)
    return Step(Outcome.DONE).as_text()


class _Note(Protocol):
    def __call__(
        self, session: Session, owner: str, *, system: PhotoSource, now: datetime
    ) -> None: ...


def _note_claim(order_id: str, system: PhotoSource, note: _Note) -> None:
    with hub().database.transaction() as session:
        note(session, order_id, system=system, now=clock.now())


def _undo(order: Order, work: FulfillmentOrder, document: Document) -> None:
    """Take one document back; one that must stay is marked so, for a person."""
    match document.kind:
        case DocumentKind.WAREHOUSE_ORDER:
            _undo_warehouse_order(work, document)
        case DocumentKind.WMS_HOLD:
            hub().connectors.warehouse(work.warehouse).release_hold(
                work.number, work.warehouse, lines=order_units(order)
            )
        case DocumentKind.ERP_DOCUMENT:
            hub().connectors.erp.cancel_document(work.number)


def _undo_warehouse_order(work: FulfillmentOrder, document: Document) -> None:
    try:
        hub().connectors.warehouse(work.warehouse).cancel_order(
            work.number, work.warehouse, outside_id=document.outside_number, reason="cancelled"
        )
    except AlreadyPicking:
        raise
    except Rejected as error:
        # "Not there" is no refusal: a warehouse that refuses may ship.
        raise AlreadyPicking(**error.details) from error


def _mark_cancelled(order_id: str, kind: DocumentKind) -> None:
    with hub().database.transaction() as session:
        fulfillment.mark(session, order_id, kind, state=DocumentState.CANCELLED, now=clock.now())


def _mark_kept(order_id: str, kind: DocumentKind, *, error: str) -> None:
    """A document that cannot be taken back and moves no goods stays, with the reason."""
    with hub().database.transaction() as session:
        fulfillment.mark(
            session, order_id, kind, state=DocumentState.DONE, error=error, now=clock.now()
        )


class _SomethingStands(Conflict):
    """A call was begun between taking back and the end; undoes the end."""

    code = "workflows.something_stands"


def _finish(order_id: str, reason: str, actor: str) -> str:
    """Release the stock and cancel the order together; money that came becomes a work item."""
    try:
        with hub().database.transaction() as session:
            _end(session, order_id, reason=reason, actor=actor)
    except _SomethingStands as error:
        return Step(Outcome.PUT_OFF, error.code).as_text()
    return Step(Outcome.DONE).as_text()


def _end(session: Session, order_id: str, *, reason: str, actor: str) -> None:
    now = clock.now()
    inventory.release(session, order_id, cause="workflows.cause.cancelled", now=now)
    is_observed = observing.is_observed(session, order_id)
    observing.cancelled(session, order_id, now=now)
    is_new = orders.mark_cancelled(session, order_id, reason=reason, actor=actor, now=now)
    fulfillment.stop_order(session, order_id)  # the order's lock is held: none is opened later
    if _standing(session, order_id):
        raise _SomethingStands
    if is_new:  # a second cancellation leaves what the first one told
        exceptions.close_all_for_subject(
            session, subject_type="order", subject_id=order_id, now=now
        )
    order = orders.load_order(session, order_id)
    for document in fulfillment.load_documents(session, order_id):
        if _is_kept(document):
            _tell_kept(session, order, document)
    # Whoever carries an observed order out gives its money back, too.
    if is_new and not is_observed and order.paid_fen > order.refunded_fen:
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


def _tell_kept(session: Session, order: Order, document: Document) -> None:
    is_erp = document.kind is DocumentKind.ERP_DOCUMENT
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.ERP_REJECTED if is_erp else WorkItemKind.WMS_REJECTED,
            subject_type="order",
            subject_id=order.id,
            subject_label=order.number,
            code=document.last_error or "",
            params={
                "system": ERP if is_erp else WAREHOUSE,
                "number": document.number,
                "bill": document.outside_number,
            },
        ),
        now=clock.now(),
    )


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
    """Start the next run later."""
    wait = retry_seconds(run, jitter=0.5)
    with hub().database.transaction() as session:
        start(session, order_id, reason=reason, actor=actor, series=series, run=run + 1, after=wait)


def _tell_away(order_id: str, run: int, why: str) -> None:
    """Tell a person, after some patience, which system keeps the order from being cancelled."""
    shared, ended = hub(), Step.from_text(why)
    if run < shared.settings.patient_runs or ended.system == HUB:
        return
    with shared.database.transaction() as session:
        exceptions.raise_item(
            session,
            NewItem(
                kind=AWAY[ended.system],
                subject_type="order",
                subject_id=order_id,
                subject_label=orders.load_order(session, order_id).number,
                code=ended.error,
                params={"system": ended.system, "run": run},
            ),
            now=clock.now(),
        )
