"""What to do about a document, when to try again, what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from yinuo.fulfillment.model import (
    Document,
    DocumentKind,
    DocumentState,
    Move,
    Parcel,
    ParcelLine,
    missing_units,
    next_move,
    number_for,
    parcel_units,
    retry_seconds,
)

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SETTLE = timedelta(seconds=45)
TRIED = Document(
    order_id="ord_1",
    kind=DocumentKind.ERP_DOCUMENT,
    number="YN1",
    state=DocumentState.INTENDED,
    attempts=1,
    attempted_at=NOW - timedelta(seconds=10),
    outside_number="",
    last_error=None,
    updated_at=NOW,
)


def move(document: Document | None) -> Move:
    return next_move(document, now=NOW, settle=SETTLE)


def test_nothing_tried_yet_is_called():
    assert move(None) is Move.CALL
    assert move(replace(TRIED, attempted_at=None)) is Move.CALL


@pytest.mark.parametrize("state", [DocumentState.INTENDED, DocumentState.UNKNOWN])
def test_unanswered_call_waits_until_it_has_settled_and_is_then_looked_up(state: DocumentState):
    fresh = replace(TRIED, state=state)
    assert move(fresh) is Move.WAIT
    assert move(replace(fresh, attempted_at=NOW - SETTLE)) is Move.PROBE


def test_done_is_left_alone_cancelled_stops_and_rejected_is_tried_again():
    assert move(replace(TRIED, state=DocumentState.DONE)) is Move.NOTHING
    assert move(replace(TRIED, state=DocumentState.CANCELLED)) is Move.STOP
    assert move(replace(TRIED, state=DocumentState.REJECTED)) is Move.CALL


def test_number_is_letters_and_digits_of_the_order_id():
    assert number_for("ord_01KATM7Z0000000000000000AB") == "YN01KATM7Z0000000000000000AB"


def test_waiting_doubles_up_to_five_minutes_and_spreads_by_a_quarter():
    assert [retry_seconds(run, jitter=0) for run in (1, 2, 3, 8, 30)] == [2, 4, 8, 256, 300]
    assert retry_seconds(1, jitter=1) == 2.5


def parcel(*lines: tuple[str, int]) -> Parcel:
    return Parcel(
        carrier="SF",
        waybill="SF1",
        weight_grams=900,
        lines=tuple(ParcelLine(sku=sku, quantity=quantity) for sku, quantity in lines),
    )


def test_missing_units_are_what_no_parcel_held():
    ordered = {"A": 3, "B": 1}
    assert missing_units(ordered, []) == {"A": 3, "B": 1}
    assert missing_units(ordered, [parcel(("A", 1), ("A", 1)), parcel(("B", 1))]) == {"A": 1}
    assert missing_units(ordered, [parcel(("A", 3), ("B", 2))]) == {}


def test_parcel_units_sum_lines_of_one_sku():
    assert parcel_units(parcel(("A", 1), ("B", 2), ("A", 4))) == {"A": 5, "B": 2}
