"""Refunds of which only the sum so far is told give the right amounts in whatever order they come."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tests.orders.acts import codes, place
from tests.orders.builders import NOON, payment, refund
from yinuo.core.money import Fen
from yinuo.orders import service
from yinuo.orders.model import GivenBack, PaymentStatus, RefundStatus, refund_amounts

LATER = NOON + timedelta(minutes=5)


def sums(amounts: list[int], *, exact: set[int] = frozenset()) -> list[GivenBack]:
    return [
        GivenBack(
            id=f"r{place}",
            at=NOON + timedelta(seconds=place),
            amount_fen=Fen(amount),
            so_far_fen=None if place in exact else Fen(sum(amounts[: place + 1])),
        )
        for place, amount in enumerate(amounts)
    ]


@given(st.lists(st.integers(1, 10_000), max_size=6), st.sets(st.integers(0, 5)), st.randoms())
def test_all_known_gives_each_its_own_amount(amounts, exact, chance):
    told = sums(amounts, exact=exact)
    chance.shuffle(told)
    assert refund_amounts(told) == {f"r{place}": amount for place, amount in enumerate(amounts)}


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=6), st.data())
def test_the_newest_sum_alone_says_what_went_back(amounts, data):
    told = sums(amounts)
    known = [one for one in told[:-1] if data.draw(st.booleans())] + [told[-1]]
    assert sum(refund_amounts(known).values()) == sum(amounts)


def test_refunds_of_one_second_are_told_apart_by_their_sums():
    one, two = (
        GivenBack(id=name, at=NOON, amount_fen=Fen(so_far), so_far_fen=Fen(so_far))
        for name, so_far in (("b", 100), ("a", 300))
    )
    assert refund_amounts([two, one]) == {"b": 100, "a": 200}


def test_a_sum_below_what_is_known_gives_nothing_back():
    exact, odd = sums([500, 0], exact={0})
    assert refund_amounts(
        [exact, GivenBack(id=odd.id, at=odd.at, amount_fen=Fen(1), so_far_fen=Fen(400))]
    ) == {
        "r0": 500,
        "r1": 0,
    }


def told(number: int, so_far: int | None, amount: int | None = None):
    return refund(
        provider="alipay",
        refund_id=f"t/{number}",
        out_refund_number=f"R{number}",
        amount_fen=Fen(so_far if amount is None else amount),
        so_far_fen=None if so_far is None else Fen(so_far),
        refunded_at=NOON + timedelta(hours=number),
        status=RefundStatus.SUCCESS,
    )


def books(session) -> dict[str, int]:
    rows = session.execute(sa.text("SELECT out_refund_number, amount_fen FROM refunds"))
    return {row.out_refund_number: row.amount_fen for row in rows}


TOLD = {1: 1_000, 2: 3_500, 3: 25_990}


@pytest.mark.parametrize("order", list(itertools.permutations(TOLD)))
@pytest.mark.parametrize("paid_at", [0, 2, 3])
def test_sums_in_any_order_before_and_after_the_payment(session, order, paid_at):
    placed = place(session)
    for step, number in enumerate(order):
        if step == paid_at:
            service.record_payment(session, payment(provider="alipay"), now=LATER)
        for _ in range(2):
            service.record_refund(session, told(number, TOLD[number]), now=LATER)
    if paid_at == 3:
        service.record_payment(session, payment(provider="alipay"), now=LATER)
    assert books(session) == {"R1": 1_000, "R2": 2_500, "R3": 22_490}
    now = service.load_order(session, placed.id)
    assert (now.payment_status, now.refunded_fen) == (PaymentStatus.REFUNDED, 25_990)
    assert service.reconcile(session) == []


def test_an_exact_amount_takes_the_place_of_a_guess_and_stays(session):
    placed = place(session)
    service.record_payment(session, payment(provider="alipay"), now=LATER)
    service.record_refund(session, told(2, 3_500), now=LATER)
    assert books(session) == {"R2": 3_500}
    before = codes(session, placed.id)
    service.record_refund(session, told(2, None, 2_500), now=LATER)
    service.record_refund(session, told(2, 3_500), now=LATER)
    assert books(session) == {"R2": 2_500}
    assert codes(session, placed.id) == before
    service.record_refund(session, told(1, None, 1_000), now=LATER)
    now = service.load_order(session, placed.id)
    assert (now.payment_status, now.refunded_fen) == (PaymentStatus.PARTLY_REFUNDED, 3_500)
    assert service.reconcile(session) == []
