"""One order with what all modules know of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.orders.builders import NOON, RECEIVER, refund
from tests.reports.builders import put, reserve, send
from yinuo.core.money import Fen
from yinuo.orders import service
from yinuo.orders.model import FulfillmentStatus, OrderNotFound, PaymentOutcome
from yinuo.reports.order_detail import Units, load_detail

LATER = NOON + timedelta(hours=1)


def test_an_order_is_told_whole(session):
    order = put(session, "N1", to=FulfillmentStatus.RESERVED)
    reserve(session, order, expires_at=LATER)
    send(session, order, error="qimen.no_stock")
    service.record_refund(session, refund("N1", amount_fen=Fen(100)), now=LATER)

    detail = load_detail(session, order.id)

    assert detail.row.number == "N1"
    assert detail.order == service.load_order(session, order.id)
    (payment,) = detail.payments
    assert payment.outcome is PaymentOutcome.ACCEPTED
    assert (payment.transaction_tail, payment.refunded_fen) == ("00N1", 100)
    assert [one.amount_fen for one in detail.refunds] == [100]
    assert detail.reservation.state == "reserved"
    assert detail.reservation.expires_at == LATER
    assert detail.reservation.lines == (Units(sku="RUG-160", quantity=2),)
    assert [(one.kind, one.state) for one in detail.documents] == [
        ("wms_hold", "rejected"),
        ("erp_document", "done"),
    ]
    assert detail.documents[0].last_error == "qimen.no_stock"
    assert detail.shipments[0].lines == (Units(sku="RUG-160", quantity=2),)
    assert [one.code for one in detail.timeline] == [
        "orders.timeline.placed",
        "orders.timeline.payment_accepted",
        "workflows.timeline.reserved",
        "orders.timeline.refund_success",
    ]
    assert detail.warehouses == {"WH-HZ": "杭州仓"}


def test_the_newest_ended_reservation_is_told_when_none_stands(session):
    order = put(session, "N1")
    assert load_detail(session, order.id).reservation is None
    reserve(session, order, expires_at=NOON, state="lapsed")
    assert load_detail(session, order.id).reservation.state == "lapsed"


def test_a_detail_holds_no_personal_data(session):
    order = put(session, "N1", is_paid=True)
    shown = repr(load_detail(session, order.id))
    for secret in (RECEIVER.name, RECEIVER.phone, RECEIVER.detail):
        assert secret not in shown


def test_an_unknown_order_is_not_found(session):
    with pytest.raises(OrderNotFound):
        load_detail(session, "ord_none")
