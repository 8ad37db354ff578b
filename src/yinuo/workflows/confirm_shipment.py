"""What the warehouse tells: parcels that left, progress, stock that changed. Told twice, counts once.

A report is kept raw and worked off in one transaction, so the answer that stops the warehouse from
repeating is given only for what is in the books. The shop is told of each parcel by a process of
its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from yinuo.channels import service as channels
from yinuo.channels.model import InboxMessage
from yinuo.connectors import protocols
from yinuo.connectors.protocols import (
    ProgressReported,
    Rejected,
    ShipmentConfirmed,
    StockChanged,
    Unavailable,
)
from yinuo.core import clock, durable
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.slots import NoSlot
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import NewItem, Resolution, WorkItemKind
from yinuo.fulfillment import service as fulfillment
from yinuo.fulfillment.model import (
    FulfillmentOrder,
    FulfillmentOrderNotFound,
    Parcel,
    ParcelLine,
    missing_units,
    parcel_units,
    retry_seconds,
)
from yinuo.inventory import service as inventory
from yinuo.inventory.model import StockChange
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, IllegalTransition, Order, TimelineEntry
from yinuo.workflows import sync_stock
from yinuo.workflows.hub import hub

SOURCE = "qimen"
TOLD_IN = timedelta(seconds=1)  # the warehouse tells moments in whole seconds
PICKING = frozenset({"PICK", "CHECK", "PACKAGE", "WEIGH", "READY"})


def take_report(query: Mapping[str, str], body: bytes) -> None:
    """Verify a report of the warehouse, keep it and work it off.

    Raises BadSignature, StaleCallback, Malformed (nothing is kept), or FulfillmentOrderNotFound
    for an order that is not ours (kept, with a work item).
    """
    shared = hub()
    report = shared.connectors.warehouse_callbacks.parse_callback(query, body)
    key = _key(report)
    message = InboxMessage(
        source=SOURCE, key=key, shop_id=None, headers={}, body=body, received_at=clock.now()
    )
    try:
        with shared.database.transaction() as session:
            received = channels.receive(session, message)
            if not received.is_new and received.state.value == "done":
                return
            _take(session, report)
            channels.mark_done(session, received.id, outcome=type(report).__name__)
    except FulfillmentOrderNotFound as error:
        with shared.database.transaction() as session:
            received = channels.receive(session, message)
            channels.park(session, received.id, code=error.code)
            exceptions.raise_item(
                session,
                NewItem(
                    kind=WorkItemKind.INBOX_FAILED,
                    subject_type="inbox",
                    subject_id=received.id,
                    subject_label=key,
                    code=error.code,
                    params={"source": "workflows.system.warehouse"},
                ),
                now=clock.now(),
            )
        raise


def _key(report: protocols.WarehouseNotice) -> str:
    kind = {ShipmentConfirmed: "shipment", StockChanged: "stock", ProgressReported: "progress"}
    return f"{kind[type(report)]}:{report.report_key}"


def _take(session: Session, report: protocols.WarehouseNotice) -> None:
    match report:
        case ShipmentConfirmed():
            _ship(session, report)
        case ProgressReported():
            _progress(session, report)
        case StockChanged():
            _change(session, report)


def _ship(session: Session, report: ShipmentConfirmed) -> None:
    now = clock.now()
    work = fulfillment.find_by_number(session, report.number)
    parcels = _parcels(report)
    new = fulfillment.record_parcels(
        session,
        work,
        parcels=parcels,
        shipped_at=report.operated_at,
        report_key=report.report_key,
        now=now,
    )
    for shipment in new:
        inventory.deduct(
            session,
            work.order_id,
            lines=parcel_units(shipment.parcel),
            effective_at=_latest(report.operated_at),
            key=f"shipment:{work.number}:{shipment.parcel.waybill}",
            now=now,
        )
        start_notice(session, work.order_id, shipment.parcel.waybill, series="shipped")
    _advance(session, work, is_final=report.is_final)


def _latest(at: datetime) -> datetime:
    """Return the latest moment that a time told in whole seconds can mean.

    A photograph taken within that second need not show yet what left: counting it as shown would
    put sold units back on the shelf.
    """
    return at + TOLD_IN - timedelta(microseconds=1)


def _parcels(report: ShipmentConfirmed) -> list[Parcel]:
    """Return the parcels; one parcel told without its content holds what the lines say was picked."""
    parcels = [
        Parcel(
            carrier=package.carrier,
            waybill=package.waybill,
            weight_grams=package.weight_grams,
            lines=tuple(ParcelLine(sku=line.sku, quantity=line.quantity) for line in package.lines),
        )
        for package in report.packages
    ]
    if len(parcels) == 1 and not parcels[0].lines:
        picked = [line for line in report.lines if line.quantity]
        content = tuple(ParcelLine(sku=line.sku, quantity=line.quantity) for line in picked)
        return [replace(parcels[0], lines=content)]
    return parcels


def _advance(session: Session, work: FulfillmentOrder, *, is_final: bool) -> None:
    """The order has shipped when all its units left, or the warehouse says that was all."""
    now = clock.now()
    order = orders.load_order(session, work.order_id)
    shipments = fulfillment.load_shipments(session, work.order_id)
    ordered: dict[str, int] = {}
    for line in order.lines:
        ordered[line.sku] = ordered.get(line.sku, 0) + line.quantity
    missing = missing_units(ordered, [shipment.parcel for shipment in shipments])
    last = shipments[-1] if shipments else None
    words = ", ".join(f"{sku}×{left}" for sku, left in sorted(missing.items()))
    params: dict[str, JsonValue] = {
        "carrier": f"fulfillment.carrier.{last.parcel.carrier}" if last else "",
        "waybill": last.parcel.waybill if last else "",
        "warehouse": work.warehouse,
        "missing": words,
    }
    if missing and not is_final:
        entry = TimelineEntry(
            at=now,
            code="workflows.timeline.partly_shipped",
            params=params,
            dedupe_key=f"partly:{params['waybill']}",
        )
        orders.write_timeline(session, work.order_id, entry)
        return
    entry = TimelineEntry(at=now, code="workflows.timeline.shipped", params=params)
    try:
        orders.advance(session, work.order_id, to=FulfillmentStatus.SHIPPED, why=entry, now=now)
    except IllegalTransition:
        # The goods have left whatever we think of the order: that is booked, and a person told.
        _tell_shipped_after_cancel(session, order, params)
        return
    if missing:
        # The warehouse closed the order with less than was promised: a person must make it good.
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.SHORTAGE,
                subject_type="order",
                subject_id=work.order_id,
                subject_label=order.number,
                code="workflows.shipped_short",
                params={"short": words, "warehouse": work.warehouse},
            ),
            now=now,
        )


def _tell_shipped_after_cancel(
    session: Session, order: Order, params: Mapping[str, JsonValue]
) -> None:
    exceptions.raise_item(
        session,
        NewItem(
            kind=WorkItemKind.CANCEL_REFUSED_BY_WAREHOUSE,
            subject_type="order",
            subject_id=order.id,
            subject_label=order.number,
            code="workflows.shipped_after_cancel",
            params={"warehouse": params["warehouse"], "waybill": params["waybill"]},
        ),
        now=clock.now(),
    )


def _progress(session: Session, report: ProgressReported) -> None:
    work = fulfillment.find_by_number(session, report.number)
    if report.status in PICKING:
        fulfillment.note_picking(session, report.number, since=report.operated_at)
    entry = TimelineEntry(
        at=clock.now(),
        code="workflows.timeline.picking",
        params={"status": f"workflows.progress.{report.status}"},
        dedupe_key=f"progress:{report.status}",
    )
    orders.write_timeline(session, work.order_id, entry)


def _change(session: Session, report: StockChanged) -> None:
    changes = [
        StockChange(
            key=change.out_biz_code or report.report_key,
            sku=change.sku,
            warehouse=change.warehouse,
            quantity_delta=change.quantity_delta,
            changed_at=(
                _latest(change.changed_at) if change.quantity_delta < 0 else change.changed_at
            ),
            owner=_owner(session, change.order_code),
        )
        for change in report.changes
        if change.condition is protocols.Condition.GOOD  # only good units can be promised
    ]
    inventory.apply_change(session, changes, now=clock.now())
    sync_stock.want_stock(session, sorted({change.sku for change in changes}))


def _owner(session: Session, number: str) -> str | None:
    """Return the order that a change belongs to; its shipment is counted on its own."""
    try:
        return fulfillment.find_by_number(session, number).order_id if number else None
    except FulfillmentOrderNotFound:
        return None


@durable.process("notify_shop")
def notify_shop(order_id: str, waybill: str, series: str, run: int) -> str:
    """Tell the shop of one parcel, as often as it takes; a refusal becomes a work item."""
    return durable.step("tell", _tell_shop, order_id, waybill, series, run)


def start_notice(
    session: Session,
    order_id: str,
    waybill: str,
    *,
    series: str,
    run: int = 1,
    after: float = 0,
) -> None:
    """Start telling the shop in the session's transaction; the same series and run start once."""
    durable.start(
        session,
        notify_shop,
        order_id,
        waybill,
        series,
        run,
        key=f"notify:{order_id}:{waybill}:{series}:{run}",
        after_seconds=after,
    )


def _tell_shop(order_id: str, waybill: str, series: str, run: int) -> str:
    shared = hub()
    with shared.database.read() as session:
        order = orders.load_order(session, order_id)
        shipment = next(
            shipment
            for shipment in fulfillment.load_shipments(session, order_id)
            if shipment.parcel.waybill == waybill
        )
    notice = protocols.ShipNotice(
        number=order.raw_number,
        carrier=shipment.parcel.carrier,
        waybill=waybill,
        shipped_at=shipment.shipped_at,
        lines=tuple(
            protocols.SkuQuantity(sku=line.sku, quantity=line.quantity)
            for line in shipment.parcel.lines
        ),
    )
    try:
        shared.connectors.shop(order.shop_id).notify_shipment(notice)
    except Rejected as error:
        _notice_failed(order_id, order.number, error.code, run=run)
        return "refused"
    except (Unavailable, NoSlot) as error:
        _again(order, waybill, series=series, run=run, error=error.code)
        return "put_off"
    with shared.database.transaction() as session:
        entry = TimelineEntry(
            at=clock.now(),
            code="workflows.timeline.notice_sent",
            params={"waybill": waybill},
            dedupe_key=f"notice:{waybill}",
        )
        orders.write_timeline(session, order_id, entry)
        exceptions.close_for_subject(
            session,
            kind=WorkItemKind.SHIP_NOTICE_FAILED,
            subject_type="order",
            subject_id=order_id,
            resolution=Resolution.VANISHED,
            now=clock.now(),
        )
    return "done"


def _again(order: Order, waybill: str, *, series: str, run: int, error: str) -> None:
    wait = retry_seconds(run, jitter=0.5)
    with hub().database.transaction() as session:
        start_notice(session, order.id, waybill, series=series, run=run + 1, after=wait)
    if run == hub().settings.patient_runs:
        _notice_failed(order.id, order.number, error, run=run)


def _notice_failed(order_id: str, number: str, error: str, *, run: int) -> None:
    with hub().database.transaction() as session:
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.SHIP_NOTICE_FAILED,
                subject_type="order",
                subject_id=order_id,
                subject_label=number,
                code=error,
                params={"run": run, "system": "workflows.system.shop"},
            ),
            now=clock.now(),
        )
