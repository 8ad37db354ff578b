"""What can be done in fulfillment; every verb may be called again with the same arguments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.outbox import announce
from yinuo.fulfillment import store
from yinuo.fulfillment.events import DocumentCameLate, DocumentChanged, ParcelShipped
from yinuo.fulfillment.model import (
    AlreadyCancelled,
    Document,
    DocumentKind,
    DocumentState,
    FulfillmentOrder,
    FulfillmentOrderNotFound,
    Move,
    Parcel,
    Shipment,
    next_move,
    number_for,
)


def open_order(
    session: Session, order_id: str, *, warehouse: str, now: datetime
) -> FulfillmentOrder:
    """Return the order's fulfillment order, made when there was none (key: the order)."""
    store.insert_order(
        session, order_id=order_id, number=number_for(order_id), warehouse=warehouse, now=now
    )
    return load_order(session, order_id)


def load_order(session: Session, order_id: str) -> FulfillmentOrder:
    """Return the order's fulfillment order; raises FulfillmentOrderNotFound."""
    found = store.load_order(session, order_id=order_id)
    if found is None:
        raise FulfillmentOrderNotFound(order_id=order_id)
    return found


def find_order(session: Session, order_id: str) -> FulfillmentOrder | None:
    """Return the order's fulfillment order, or None when nothing was begun."""
    return store.load_order(session, order_id=order_id)


def find_by_number(session: Session, number: str) -> FulfillmentOrder:
    """Return the fulfillment order known outside by a number; raises FulfillmentOrderNotFound."""
    found = store.load_order(session, number=number)
    if found is None:
        raise FulfillmentOrderNotFound(number=number)
    return found


def note_picking(session: Session, number: str, *, since: datetime) -> None:
    """Note that the warehouse began to pick; the first time told stays."""
    store.set_picking(session, number, since=since)


def begin_call(
    session: Session, order_id: str, kind: DocumentKind, *, settle: timedelta, now: datetime
) -> Move:
    """Return what to do about a document, and note the attempt when that is a call or a probe.

    Commit before the call goes out: the note is what a later process finds after a crash. Raises
    AlreadyCancelled when the order was cancelled meanwhile.
    """
    order = store.load_order(session, order_id=order_id, lock=True)
    if order is None:
        raise FulfillmentOrderNotFound(order_id=order_id)
    if order.is_cancelled:
        raise AlreadyCancelled(number=order.number)
    store.insert_document(session, order_id=order_id, kind=kind, number=order.number, now=now)
    document = store.load_document(session, order_id, kind, lock=True)
    move = next_move(document, now=now, settle=settle)
    if move is Move.CALL:
        store.count_attempt(session, order_id, kind, now=now)
        announce(session, DocumentChanged(order_id=order_id, kind=kind, state="intended"))
    return move


def begin_repeat(
    session: Session, order_id: str, kind: DocumentKind, *, attempts: int, now: datetime
) -> bool:
    """Note that, after a look-up that found nothing, the call goes out once more.

    False when another run has repeated it since the document had so many attempts. Raises
    AlreadyCancelled when the order was cancelled meanwhile.
    """
    order = store.load_order(session, order_id=order_id, lock=True)
    if order is not None and order.is_cancelled:
        raise AlreadyCancelled(number=order.number)
    document = store.load_document(session, order_id, kind, lock=True)
    if document is None or document.attempts != attempts:
        return False
    store.count_attempt(session, order_id, kind, now=now)
    return True


def mark(
    session: Session,
    order_id: str,
    kind: DocumentKind,
    *,
    state: DocumentState,
    outside_number: str | None = None,
    error: str | None = None,
    now: datetime,
) -> None:
    """Write how a document stands after a call; repeating changes nothing.

    A document that was taken back stays so, unless an answer that came too late says that it
    stands after all: then `DocumentCameLate` is announced.
    """
    known = store.load_document(session, order_id, kind, lock=True)
    if known is not None and known.state is DocumentState.CANCELLED:
        if state is not DocumentState.DONE:
            return
        announce(session, DocumentCameLate(order_id=order_id, kind=kind))
    store.set_state(
        session,
        order_id,
        kind,
        state=state,
        outside_number=outside_number,
        error=error,
        is_untried=False,
        now=now,
    )
    announce(session, DocumentChanged(order_id=order_id, kind=kind, state=state))


def mark_untried(
    session: Session, order_id: str, kind: DocumentKind, *, error: str, now: datetime
) -> None:
    """Write that the last call surely did nothing, so that the next one need not look first."""
    known = store.load_document(session, order_id, kind, lock=True)
    if known is not None and known.state is DocumentState.CANCELLED:
        return
    store.set_state(
        session,
        order_id,
        kind,
        state=DocumentState.INTENDED,
        outside_number=None,
        error=error,
        is_untried=True,
        now=now,
    )
    announce(session, DocumentChanged(order_id=order_id, kind=kind, state="intended"))


def stop_order(session: Session, order_id: str) -> FulfillmentOrder | None:
    """Return the fulfillment order after forbidding any further call for it, None if none began.

    Waits for a transaction that is just noting an attempt; one that comes later is refused.
    """
    order = store.load_order(session, order_id=order_id, lock=True)
    if order is not None and not order.is_cancelled:
        store.set_cancelled(session, order_id, is_cancelled=True)
    return order


def resume_order(session: Session, order_id: str) -> None:
    """Allow calls for the order again, after a cancellation that the warehouse refused."""
    store.set_cancelled(session, order_id, is_cancelled=False)


def load_document(session: Session, order_id: str, kind: DocumentKind) -> Document | None:
    """Return one document of an order, or None."""
    return store.load_document(session, order_id, kind)


def load_documents(session: Session, order_id: str) -> list[Document]:
    """Return all documents of an order."""
    return store.load_documents(session, order_id)


def document_numbers(
    session: Session, order_ids: Sequence[str], kind: DocumentKind
) -> dict[str, tuple[str, DocumentState]]:
    """Return number and state of each order's document of a kind, by order."""
    return store.document_numbers(session, order_ids, kind)


def record_parcels(
    session: Session,
    order: FulfillmentOrder,
    *,
    parcels: Sequence[Parcel],
    shipped_at: datetime,
    report_key: str,
    now: datetime,
) -> list[Shipment]:
    """Return the parcels that were not known before (key: order and waybill)."""
    shipments = [
        Shipment(
            id=new_id("shp"),
            order_id=order.order_id,
            warehouse=order.warehouse,
            parcel=parcel,
            shipped_at=shipped_at,
            report_key=report_key,
        )
        for parcel in parcels
    ]
    fresh = store.insert_shipments(session, shipments, now=now)
    new = [shipment for shipment in shipments if shipment.parcel.waybill in fresh]
    announce(
        session,
        *(
            ParcelShipped(
                order_id=order.order_id,
                carrier=shipment.parcel.carrier,
                waybill=shipment.parcel.waybill,
            )
            for shipment in new
        ),
    )
    return new


def load_shipments(session: Session, order_id: str) -> list[Shipment]:
    """Return the parcels of an order, the first first."""
    return store.load_shipments(session, order_id)
