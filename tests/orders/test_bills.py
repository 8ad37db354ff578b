"""A provider's bill of a day beside the books: exact sums, every difference once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.orders.acts import place
from tests.orders.builders import payment, refund
from yinuo.core.money import Fen
from yinuo.orders import service
from yinuo.orders.model import (
    BillDay,
    BillState,
    DifferenceKind,
    DifferenceSettled,
    DifferenceState,
    Found,
    Posting,
    Sums,
    UnknownDifference,
    bounds,
    compare,
    last_billed_day,
    retry_after,
    so_far,
    sums,
)

KIND = DifferenceKind
DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NEXT = NOON + timedelta(days=1)
BILL = BillDay(provider="wechat_pay", account="mch-test", day=DAY)
PAID = Posting(
    is_refund=False,
    payment_number="P202611220001",
    transaction_id="4200202611220001",
    refund_number="",
    amount_fen=Fen(25_990),
    at=NOON + timedelta(minutes=1),
)
BACK = replace(PAID, is_refund=True, refund_number="R202611220001", amount_fen=Fen(5_000))


def found(kind: DifferenceKind, one: Posting, bill_fen: int | None, hub_fen: int | None) -> Found:
    return Found(
        kind=kind,
        payment_number=one.payment_number,
        transaction_id=one.transaction_id,
        refund_number=one.refund_number,
        bill_fen=None if bill_fen is None else Fen(bill_fen),
        hub_fen=None if hub_fen is None else Fen(hub_fen),
    )


def differ(bill, booked, *, known=None, elsewhere=frozenset()):
    everything = booked if known is None else known
    return compare(
        bill,
        booked,
        known={one.key: one for one in everything},
        billed_elsewhere=elsewhere,
    )


def test_what_agrees_is_no_difference():
    assert differ([PAID, BACK], [PAID, BACK]) == []
    assert differ([], []) == []


def test_each_kind_of_difference_is_told_with_both_amounts():
    less = replace(PAID, amount_fen=Fen(25_989))
    less_back = replace(BACK, amount_fen=Fen(4_999))
    assert differ([PAID, BACK], []) == [
        found(KIND.NOT_IN_HUB, PAID, 25_990, None),
        found(KIND.REFUND_NOT_IN_HUB, BACK, 5_000, None),
    ]
    assert differ([], [PAID, BACK]) == [
        found(KIND.NOT_IN_BILL, PAID, None, 25_990),
        found(KIND.REFUND_NOT_IN_BILL, BACK, None, 5_000),
    ]
    assert differ([PAID, BACK], [less, less_back]) == [
        found(KIND.AMOUNT_DIFFERS, PAID, 25_990, 25_989),
        found(KIND.REFUND_AMOUNT_DIFFERS, BACK, 5_000, 4_999),
    ]
    assert differ([PAID, PAID], [PAID]) == [found(KIND.DUPLICATE, PAID, 51_980, 25_990)]


def test_two_payments_for_one_number_are_a_duplicate():
    second = replace(PAID, transaction_id="second")
    assert differ([PAID, second], [PAID, second]) == [found(KIND.DUPLICATE, second, 25_990, 25_990)]
    assert differ([PAID, second], [PAID]) == [
        found(KIND.DUPLICATE, second, 25_990, None),
        found(KIND.NOT_IN_HUB, second, 25_990, None),
    ]


def test_what_stands_on_another_day_on_either_side_is_no_difference():
    assert differ([BACK], [], known=[BACK]) == []
    assert differ([], [BACK], elsewhere=frozenset({BACK.key})) == []


def test_a_refund_that_the_sums_leave_nothing_for_is_not_missed_in_the_bill():
    assert differ([], [replace(BACK, amount_fen=Fen(0))]) == []


def test_money_that_came_after_a_running_days_bill_is_no_difference():
    later = replace(PAID, transaction_id="later", at=PAID.at + timedelta(seconds=1))
    at_once = replace(PAID, transaction_id="at once")
    earlier = replace(PAID, transaction_id="earlier", at=PAID.at - timedelta(seconds=1))
    assert so_far([earlier, PAID, at_once, later], bill=[PAID]) == [earlier, PAID]
    assert so_far([PAID, later], bill=[]) == []


def test_a_running_day_is_compared_up_to_its_bill_and_whole_when_it_is_over(session):
    put_both(session)
    early = replace(PAID, transaction_id="other", at=NOON)
    running = book(session, early, is_over=False)
    assert [one.found.kind for one in running.open] == [KIND.NOT_IN_HUB]
    assert (running.booked.payments, running.booked.refunds) == (0, 0)
    assert [one.found.kind for one in book(session, PAID, is_over=True).open] == [
        KIND.REFUND_NOT_IN_BILL
    ]


POSTINGS = st.lists(
    st.builds(
        Posting,
        is_refund=st.booleans(),
        payment_number=st.sampled_from(["P1", "P2", "P3"]),
        transaction_id=st.sampled_from(["t1", "t2", "t3", "t4"]),
        refund_number=st.sampled_from(["R1", "R2"]),
        amount_fen=st.integers(1, 1000).map(Fen),
        at=st.just(NOON),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)


@given(POSTINGS, POSTINGS)
def test_without_a_difference_both_sides_have_the_same_sums(bill, booked):
    told = differ(bill, booked)
    kinds = {one.kind for one in told} - {KIND.DUPLICATE}
    if not kinds:
        assert sums(bill) == sums(booked)
    missed = sum((one.hub_fen or 0) - (one.bill_fen or 0) for one in told if one.kind in kinds)
    total = [sum(one.amount_fen for one in side) for side in (booked, bill)]
    assert missed == total[0] - total[1]


def test_a_day_is_beijings_and_its_bill_is_made_in_the_morning_after():
    assert bounds(DAY) == (
        datetime(2026, 11, 21, 16, tzinfo=UTC),
        datetime(2026, 11, 22, 16, tzinfo=UTC),
    )
    at = time(10, 15)
    assert last_billed_day(datetime(2026, 11, 23, 2, 14, tzinfo=UTC), made_at=at) == date(
        2026, 11, 21
    )
    assert last_billed_day(datetime(2026, 11, 23, 2, 15, tzinfo=UTC), made_at=at) == DAY
    minutes = [retry_after(attempts).total_seconds() / 60 for attempts in range(8)]
    assert minutes == [10, 10, 20, 40, 80, 160, 240, 240]


def test_sums_keep_what_came_and_what_went_back_apart():
    assert sums([PAID, BACK, replace(PAID, transaction_id="x", amount_fen=Fen(10))]) == Sums(
        payments=2, paid_fen=Fen(26_000), refunds=1, refunded_fen=Fen(5_000)
    )


def book(session, *lines, is_over=True, now=NEXT):
    return service.book_bill(session, BILL, lines, is_over=is_over, now=now)


def row(session):
    return session.execute(sa.text("SELECT * FROM payment_bills WHERE day = :d"), {"d": DAY}).one()


def put_both(session):
    place(session)
    service.record_payment(session, payment(), now=NOON)
    service.record_refund(
        session,
        refund(amount_fen=Fen(5_000), refunded_at=NOON + timedelta(minutes=9)),
        now=NOON,
    )


def test_a_day_that_agrees_is_compared_with_exact_sums(session):
    put_both(session)
    compared = book(session, PAID, BACK)
    assert (compared.open, compared.closed) == ((), ())
    assert compared.billed == compared.booked
    kept = row(session)
    assert (kept.state, kept.bill_payments, kept.bill_paid_fen) == ("compared", 1, 25_990)
    assert (kept.hub_refunds, kept.hub_refunded_fen, kept.compared_at) == (1, 5_000, NEXT)


def test_a_repeat_finds_the_same_differences_once_and_keeps_their_ids(session):
    first = book(session, PAID, BACK)
    again = book(session, PAID, BACK)
    assert first.open == again.open
    assert [one.found.kind for one in first.open] == [KIND.NOT_IN_HUB, KIND.REFUND_NOT_IN_HUB]
    assert again.closed == ()


def test_a_difference_closes_when_the_books_fit_and_opens_again_when_they_do_not(session):
    (missing,) = book(session, PAID).open
    place(session)
    service.record_payment(session, payment(), now=NEXT)
    compared = service.compare_again(session, BILL, now=NEXT)
    assert [one.id for one in compared.closed] == [missing.id]
    assert compared.open == ()
    assert service.load_difference(session, missing.id).state is DifferenceState.VANISHED
    assert row(session).hub_paid_fen == 25_990
    (wrong,) = book(session, replace(PAID, amount_fen=Fen(26_000))).open
    assert wrong.found == found(KIND.AMOUNT_DIFFERS, PAID, 26_000, 25_990)
    book(session, PAID)
    (back,) = book(session, replace(PAID, amount_fen=Fen(26_000))).open
    assert (back.id, back.state) == (wrong.id, DifferenceState.OPEN)


def test_a_repair_is_noted_and_counts_once_the_books_fit(session):
    (missing,) = book(session, PAID).open
    service.note_repair(session, missing.id, repair="payments.repair.payment_taken_in")
    assert service.compare_again(session, BILL, now=NEXT).open[0].id == missing.id
    place(session)
    service.record_payment(session, payment(), now=NEXT)
    service.compare_again(session, BILL, now=NEXT)
    settled = service.load_difference(session, missing.id)
    assert (settled.state, settled.repair) == (
        DifferenceState.REPAIRED,
        "payments.repair.payment_taken_in",
    )


def test_an_accepted_difference_stays_so_until_its_amounts_change(session):
    (missing,) = book(session, PAID).open
    service.accept_difference(session, missing.id, note="测试付款", now=NEXT)
    assert book(session, PAID).open == ()
    with pytest.raises(DifferenceSettled):
        service.accept_difference(session, missing.id, note="x", now=NEXT)
    (again,) = book(session, replace(PAID, amount_fen=Fen(1))).open
    assert again.id == missing.id
    with pytest.raises(UnknownDifference):
        service.load_difference(session, "dif_none")


def test_a_refund_asked_before_midnight_and_done_after_is_found_on_the_other_day(session):
    put_both(session)
    service.record_refund(
        session,
        refund(
            refund_id="5030late",
            out_refund_number="R-late",
            amount_fen=Fen(990),
            refunded_at=NOON + timedelta(hours=13),
        ),
        now=NOON,
    )
    late = replace(BACK, refund_number="R-late", amount_fen=Fen(990))
    assert book(session, PAID, BACK, late).open == ()
    other = replace(BILL, day=DAY + timedelta(days=1))
    assert service.book_bill(session, other, (), is_over=True, now=NEXT).open == ()


def test_a_bill_is_compared_again_only_where_there_is_one(session):
    assert service.compare_again(session, BILL, now=NEXT) is None
    assert days(session) == []  # nothing was planned by asking
    book(session, PAID, is_over=False)
    assert row(session).state == BillState.RUNNING.value


def days(session):
    rows = session.execute(sa.text("SELECT day, state FROM payment_bills ORDER BY day"))
    return [(one.day, one.state) for one in rows]


def test_days_are_planned_from_the_first_payment_and_caught_up_with(session):
    through = DAY + timedelta(days=3)
    plan = {"provider": "wechat_pay", "account": "mch-test"}
    service.plan_bills(session, **plan, through=through, now=NOON)
    assert days(session) == [(through, "waiting")]  # no payment yet: the newest day alone
    put_both(session)
    for _ in range(2):
        service.plan_bills(session, **plan, through=through, now=NOON)
    assert [day for day, _state in days(session)] == [DAY + timedelta(days=n) for n in range(4)]
    late = DAY + timedelta(days=100)
    service.plan_bills(session, **plan, through=late, now=NOON)
    assert len(days(session)) == 4 + 30


def test_a_claimed_day_is_one_callers_until_its_next_attempt_is_due(database):
    with database.transaction() as session:
        service.plan_bills(
            session, provider="wechat_pay", account="mch-test", through=DAY, now=NOON
        )
    with database.transaction() as one, database.transaction() as other:
        assert service.claim_bill(one, through=DAY, now=NOON) == BILL
        assert service.claim_bill(other, through=DAY, now=NOON) is None
    with database.transaction() as session:
        assert service.claim_bill(session, through=DAY, now=NOON) is None
        later = NOON + timedelta(minutes=10)
        assert service.claim_bill(session, through=DAY, now=later) == BILL
        assert service.bill_not_there(session, BILL, error="payments.bill_not_there") == 2
        assert row(session).last_error == "payments.bill_not_there"
        service.book_bill(session, BILL, (), is_over=True, now=later)
        assert row(session).last_error is None
        assert service.claim_bill(session, through=DAY, now=later + timedelta(days=1)) is None


def test_lines_of_old_bills_are_forgotten_and_their_sums_stay(session):
    book(session, PAID, BACK)
    assert service.forget_bill_lines(session, before=DAY) == 0
    assert service.forget_bill_lines(session, before=DAY + timedelta(days=1)) == 2
    assert service.compare_again(session, BILL, now=NEXT) is None
    assert row(session).bill_paid_fen == 25_990
