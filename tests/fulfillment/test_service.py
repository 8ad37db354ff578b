"""Documents, cancelling and parcels on a real database."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from yinuo.core.db import Database, Session
from yinuo.fulfillment import service
from yinuo.fulfillment.model import (
    AlreadyCancelled,
    DocumentKind,
    DocumentState,
    FulfillmentOrderNotFound,
    Move,
    Parcel,
    ParcelLine,
)

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SETTLE = timedelta(seconds=45)
ERP = DocumentKind.ERP_DOCUMENT


def begin(session: Session, *, at: datetime = NOW) -> Move:
    return service.begin_call(session, "ord_A", ERP, settle=SETTLE, now=at)


def test_opening_twice_keeps_the_first_warehouse(session: Session):
    first = service.open_order(session, "ord_A", warehouse="WH-HZ", now=NOW)
    again = service.open_order(session, "ord_A", warehouse="WH-GZ", now=NOW)
    assert (first.id, again.warehouse, again.number) == (again.id, "WH-HZ", "YNA")
    assert service.find_by_number(session, "YNA").order_id == "ord_A"


def test_unknown_orders_and_numbers_are_not_found(session: Session):
    with pytest.raises(FulfillmentOrderNotFound):
        service.load_order(session, "ord_B")
    with pytest.raises(FulfillmentOrderNotFound):
        service.find_by_number(session, "YNB")
    with pytest.raises(FulfillmentOrderNotFound):
        service.begin_call(session, "ord_B", ERP, settle=SETTLE, now=NOW)
    assert service.find_order(session, "ord_B") is None


def test_a_call_is_noted_before_it_goes_out_and_then_waits_probes_and_ends(session: Session):
    service.open_order(session, "ord_A", warehouse="WH-HZ", now=NOW)
    assert begin(session) is Move.CALL
    assert begin(session, at=NOW + timedelta(seconds=44)) is Move.WAIT
    assert begin(session, at=NOW + SETTLE) is Move.PROBE
    assert service.begin_repeat(session, "ord_A", ERP, attempts=1, now=NOW + SETTLE)
    assert not service.begin_repeat(session, "ord_A", ERP, attempts=1, now=NOW + SETTLE)
    assert begin(session, at=NOW + SETTLE) is Move.WAIT
    service.mark(session, "ord_A", ERP, state=DocumentState.DONE, outside_number="SEORD1", now=NOW)
    assert begin(session, at=NOW + timedelta(hours=1)) is Move.NOTHING
    document = service.load_document(session, "ord_A", ERP)
    assert document is not None
    assert (document.state, document.attempts, document.outside_number) == (
        DocumentState.DONE,
        2,
        "SEORD1",
    )


def test_a_call_that_surely_did_nothing_is_simply_made_again(session: Session):
    service.open_order(session, "ord_A", warehouse="WH-HZ", now=NOW)
    assert begin(session) is Move.CALL
    service.mark_untried(session, "ord_A", ERP, error="connectors.unavailable", now=NOW)
    assert begin(session) is Move.CALL
    document = service.load_document(session, "ord_A", ERP)
    assert document is not None
    assert (document.attempts, document.last_error) == (2, "connectors.unavailable")


def test_a_cancelled_order_takes_no_more_calls_until_it_is_resumed(session: Session):
    service.open_order(session, "ord_A", warehouse="WH-HZ", now=NOW)
    service.stop_order(session, "ord_A")
    with pytest.raises(AlreadyCancelled):
        begin(session)
    assert service.load_documents(session, "ord_A") == []
    service.resume_order(session, "ord_A")
    assert begin(session) is Move.CALL
    assert service.stop_order(session, "ord_B") is None


def test_of_two_that_begin_at_once_one_calls_and_one_waits(database: Database):
    with database.transaction() as session:
        service.open_order(session, "ord_A", warehouse="WH-HZ", now=NOW)
    moves: list[Move] = []
    barrier = threading.Barrier(8)

    def race() -> None:
        barrier.wait()
        with database.transaction() as session:
            moves.append(begin(session))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moves) == [Move.CALL, *[Move.WAIT] * 7]


def test_a_parcel_told_twice_is_recorded_once(session: Session):
    work = service.open_order(session, "ord_A", warehouse="WH-HZ", now=NOW)
    parcel = Parcel(
        carrier="SF",
        waybill="SF1",
        weight_grams=900,
        lines=(ParcelLine(sku="RUG-160", quantity=2),),
    )
    new = [
        service.record_parcels(
            session, work, parcels=[parcel], shipped_at=NOW, report_key=key, now=NOW
        )
        for key in ("r1", "r1", "r2")
    ]
    assert [len(one) for one in new] == [1, 0, 0]
    assert [one.parcel for one in service.load_shipments(session, "ord_A")] == [parcel]
    assert (
        service.record_parcels(session, work, parcels=[], shipped_at=NOW, report_key="r3", now=NOW)
        == []
    )


def test_the_first_picking_time_stays(session: Session):
    service.open_order(session, "ord_A", warehouse="WH-HZ", now=NOW)
    service.note_picking(session, "YNA", since=NOW)
    service.note_picking(session, "YNA", since=NOW + timedelta(hours=1))
    assert service.load_order(session, "ord_A").picking_since == NOW


def test_a_cancelled_order_is_not_called_for_again(session: Session):
    service.open_order(session, "ord_A", warehouse="WH-HZ", now=NOW)
    begin(session)
    service.stop_order(session, "ord_A")
    with pytest.raises(AlreadyCancelled):
        service.begin_repeat(session, "ord_A", ERP, attempts=1, now=NOW)


def test_a_taken_back_document_stays_so_unless_it_turns_out_to_stand(session: Session):
    service.open_order(session, "ord_A", warehouse="WH-HZ", now=NOW)
    begin(session)
    service.mark(session, "ord_A", ERP, state=DocumentState.CANCELLED, now=NOW)
    service.mark(session, "ord_A", ERP, state=DocumentState.UNKNOWN, error="x.lost", now=NOW)
    service.mark_untried(session, "ord_A", ERP, error="x.away", now=NOW)
    document = service.load_document(session, "ord_A", ERP)
    assert document is not None
    assert (document.state, document.last_error) == (DocumentState.CANCELLED, None)
    service.mark(session, "ord_A", ERP, state=DocumentState.DONE, outside_number="SO1", now=NOW)
    document = service.load_document(session, "ord_A", ERP)
    assert document is not None
    assert (document.state, document.outside_number) == (DocumentState.DONE, "SO1")
    late = sa.text("SELECT count(*) FROM events WHERE name = 'fulfillment.document_came_late'")
    assert session.execute(late).scalar_one() == 1
