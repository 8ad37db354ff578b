"""The three documents that an order leaves elsewhere: what goes into each, and what follows."""

from __future__ import annotations

from datetime import timedelta

from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.connectors import protocols
from yinuo.connectors.protocols import StockPhotograph
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.money import Fen
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import Resolution, WorkItemKind
from yinuo.fulfillment import service as fulfillment
from yinuo.fulfillment.model import DocumentKind
from yinuo.inventory import service as inventory
from yinuo.orders import service as orders
from yinuo.orders.model import FulfillmentStatus, Order, Receiver, TimelineEntry
from yinuo.workflows.carry_out import ERP, WAREHOUSE, Errand, Made
from yinuo.workflows.hub import hub

SHIP_WITHIN = timedelta(hours=48)


def skus_to_ask_erp(session: Session, order: Order) -> dict[str, int]:
    """Return units per SKU of those lines whose SKU asks for the ERP's word first."""
    skus = catalog.load_skus(session, [line.sku for line in order.lines])
    units: dict[str, int] = {}
    for line in order.lines:
        if line.sku in skus and skus[line.sku].needs_erp_check:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def short_in(
    photograph: StockPhotograph, *, warehouse: str, units: dict[str, int]
) -> dict[str, int]:
    """Return the units missing per SKU in one warehouse of a photograph."""
    there = {line.sku: line.available for line in photograph.lines if line.warehouse == warehouse}
    return {
        sku: wanted - there.get(sku, 0)
        for sku, wanted in units.items()
        if wanted > there.get(sku, 0)
    }


def wms_hold(order_id: str) -> Errand:
    """Return the errand that freezes the order's stock in its warehouse."""
    shared = hub()
    with shared.database.read() as session:
        order = orders.load_order(session, order_id)
        work = fulfillment.load_order(session, order_id)
    request = protocols.HoldRequest(
        number=work.number,
        warehouse=work.warehouse,
        region=protocols.Region(
            province=order.region.province,
            city=order.region.city,
            district=order.region.district,
            town=order.region.town,
        ),
        lines=order_units(order),
    )

    def call() -> Made:
        return Made(shared.connectors.warehouse(work.warehouse).place_hold(request).number)

    def made(session: Session, _made: Made) -> None:
        inventory.allocate(session, order_id, now=clock.now())
        _solved(session, order_id, WorkItemKind.WMS_OUTCOME_UNKNOWN)

    return Errand(
        order_id=order_id,
        kind=DocumentKind.WMS_HOLD,
        system=WAREHOUSE,
        refused=WorkItemKind.WMS_REJECTED,
        call=call,
        find=None,  # the WMS answers a repeat under the same number as the first time
        made=made,
    )


def erp_document(order_id: str) -> Errand:
    """Return the errand that makes the ERP's sales document."""
    shared = hub()
    with shared.database.read() as session:
        order = orders.load_order(session, order_id)
        work = fulfillment.load_order(session, order_id)
        skus = catalog.load_skus(session, [line.sku for line in order.lines])
    document = protocols.SalesDocument(
        number=work.number,
        shop_code=order.shop_id,
        placed_at=order.placed_at,
        deliver_by=(order.paid_at or order.placed_at) + SHIP_WITHIN,
        lines=tuple(
            protocols.SalesLine(
                sku=line.sku,
                name=line.name,
                unit=skus[line.sku].unit if line.sku in skus else "件",
                quantity=line.quantity,
                unit_price_fen=line.unit_price_fen,
                amount_fen=line.amount_fen,
                note=" ".join(order.tags),
            )
            for line in order.lines
        ),
        remark=order.number,
    )

    def call() -> Made:
        return Made(shared.connectors.erp.post_document(document).bill_number)

    def find() -> Made | None:
        found = shared.connectors.erp.find_document(work.number)
        return None if found is None else Made(found.bill_number)

    def made(session: Session, it: Made) -> None:
        _note(session, order_id, "erp_posted", number=work.number, outside=it.outside_number)
        _solved(session, order_id, WorkItemKind.ERP_OUTCOME_UNKNOWN)

    return Errand(
        order_id=order_id,
        kind=DocumentKind.ERP_DOCUMENT,
        system=ERP,
        refused=WorkItemKind.ERP_REJECTED,
        call=call,
        find=find,
        made=made,
    )


def warehouse_order(order_id: str) -> Errand:
    """Return the errand that gives the order to the warehouse."""
    shared = hub()
    with shared.database.read() as session:
        order = orders.load_order(session, order_id)
        work = fulfillment.load_order(session, order_id)
        shop = channels.load_shop(session, order.shop_id)
        receiver = orders.reveal_receiver(session, order_id)
    carrier = order.sourcing.carrier or shared.settings.default_carrier
    message = _message(
        order, receiver, number=work.number, warehouse=work.warehouse, shop=shop.name, by=carrier
    )

    def call() -> Made:
        sent = shared.connectors.warehouse(work.warehouse).send_order(message)
        return Made(sent.outside_id or sent.number)

    def made(session: Session, it: Made) -> None:
        now = clock.now()
        entry = TimelineEntry(
            at=now,
            code="workflows.timeline.sent_to_warehouse",
            params={
                "warehouse": work.warehouse,
                "outside_number": it.outside_number,
                "carrier": f"fulfillment.carrier.{carrier}",
            },
        )
        orders.advance(session, order_id, to=FulfillmentStatus.IN_WAREHOUSE, why=entry, now=now)
        _solved(session, order_id, WorkItemKind.WMS_OUTCOME_UNKNOWN)

    return Errand(
        order_id=order_id,
        kind=DocumentKind.WAREHOUSE_ORDER,
        system=WAREHOUSE,
        refused=WorkItemKind.WMS_REJECTED,
        call=call,
        find=None,
        made=made,
    )


def _message(
    order: Order, receiver: Receiver, *, number: str, warehouse: str, shop: str, by: str
) -> protocols.WarehouseOrder:
    return protocols.WarehouseOrder(
        number=number,
        warehouse=warehouse,
        carrier=by,
        is_urgent="急单" in order.tags,
        placed_at=order.placed_at,
        paid_at=order.paid_at or order.placed_at,
        payment_reference=order.payment_number or "",
        shop_name=shop,
        buyer_nick=order.buyer_nick,
        total_fen=order.total_fen,
        items_fen=Fen(order.total_fen + order.discount_fen - order.freight_fen),
        discount_fen=order.discount_fen,
        freight_fen=order.freight_fen,
        receiver=protocols.Receiver(
            name=receiver.name,
            phone=receiver.phone,
            province=receiver.province,
            city=receiver.city,
            district=receiver.district,
            town=receiver.town,
            detail=receiver.detail,
        ),
        lines=tuple(
            protocols.WarehouseLine(
                line_number=str(place),
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                unit_price_fen=line.unit_price_fen,
            )
            for place, line in enumerate(order.lines, start=1)
        ),
        remark=order.remark,
    )


def order_units(order: Order) -> tuple[protocols.SkuQuantity, ...]:
    """Return the order's units per SKU, several lines of one SKU summed."""
    units: dict[str, int] = {}
    for line in order.lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return tuple(
        protocols.SkuQuantity(sku=sku, quantity=quantity) for sku, quantity in units.items()
    )


def _note(session: Session, order_id: str, code: str, *, number: str, outside: str) -> None:
    entry = TimelineEntry(
        at=clock.now(),
        code=f"workflows.timeline.{code}",
        params={"number": number, "outside_number": outside},
        dedupe_key=code,
    )
    orders.write_timeline(session, order_id, entry)


def _solved(session: Session, order_id: str, kind: WorkItemKind) -> None:
    """Close the work item that said an answer was missing, now that there is one."""
    exceptions.close_for_subject(
        session,
        kind=kind,
        subject_type="order",
        subject_id=order_id,
        resolution=Resolution.VANISHED,
        now=clock.now(),
    )
