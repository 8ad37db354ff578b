"""A day's payments against the bills of both providers, with exact figures and every difference."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Database
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter, WorkItem
from yinuo.orders import service as orders
from yinuo.orders.model import BillDay, DifferenceKind, PaymentReceived
from yinuo.orders.model.bills import Compared
from yinuo.users.model import SYSTEM
from yinuo.workflows import reconcile_payments, repair_payments
from yinuo.workflows.reconcile_payments import BillNotThere, StillDiffers
from yinuo.workflows.retry_work_item import can_retry, retry_work_item

PRICE = 25990
KIND = DifferenceKind
PROVIDERS = ("wechat_pay", "alipay")
NAMES = {"wechat_pay": "wechat-pay", "alipay": "alipay"}
each = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world in which nobody carries orders out: only money is looked at."""
    with make_world(database, tmp_path, monkeypatch, works=False) as running:
        yield running


def today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


@contextmanager
def days_later(days: int, *, hour: int = 12) -> Iterator[None]:
    """Let it be so many days later, at an hour of Beijing."""
    at = datetime.combine(today() + timedelta(days=days), datetime.min.time(), tzinfo=SHANGHAI)
    with clock.fixed(at + timedelta(hours=hour)):
        yield


def bought(world: World, provider: str, *, units: int = 1, is_silent: bool = False) -> str:
    number = world.buy(("P-LOVE", units), pays_with=provider)
    world.pay(number, is_silent=is_silent)
    if not is_silent:
        world.until(lambda: world.order(number).paid_fen > 0, what="for the notice")
    return number


def refund(world: World, number: str, amount_fen: int) -> None:
    answer = world.sandbox.post(
        f"/shop/api/orders/{number}/refund", json={"amount_fen": amount_fen}
    )
    assert answer.status_code == 200, answer.text


def refunded(world: World, number: str, amount_fen: int, *, so_far: int | None = None) -> None:
    refund(world, number, amount_fen)
    wanted = amount_fen if so_far is None else so_far
    world.until(lambda: world.order(number).refunded_fen == wanted, what="for the refund")


def reconciled(provider: str, day: date | None = None) -> Compared:
    with days_later(1):
        return reconcile_payments.reconcile_day(
            BillDay(provider=provider, account="main", day=day or today() - timedelta(days=1))
        )


def kinds(compared: Compared) -> list[DifferenceKind]:
    return [one.found.kind for one in compared.open]


def rows(world: World) -> list[dict[str, Any]]:
    with world.database.read() as session:
        found = session.execute(
            sa.text(
                "SELECT provider, day, state, attempts, last_error, bill_payments, bill_paid_fen,"
                " bill_refunds, bill_refunded_fen, hub_payments, hub_paid_fen, hub_refunds,"
                " hub_refunded_fen FROM payment_bills ORDER BY provider, day"
            )
        )
        return [dict(one) for one in found.mappings()]


def differences(world: World) -> list[tuple[str, str, str, int | None, int | None]]:
    with world.database.read() as session:
        found = session.execute(
            sa.text(
                "SELECT kind, state, repair, bill_fen, hub_fen FROM payment_differences"
                " ORDER BY found_at, kind"
            )
        )
        return [tuple(one) for one in found]


def open_items(world: World) -> list[WorkItem]:
    with world.database.read() as session:
        return list(exceptions.list_items(session, ItemFilter()).items)


@each
def test_a_day_that_agrees_has_the_same_figures_on_both_sides(world: World, provider: str) -> None:
    other = "alipay" if provider == "wechat_pay" else "wechat_pay"
    first, second = bought(world, provider, units=2), bought(world, provider)
    bought(world, other)
    refunded(world, first, 990)
    refunded(world, first, 10, so_far=1000)
    refunded(world, second, PRICE)
    compared = reconciled(provider)
    assert (compared.open, compared.closed) == ((), ())
    (row,) = rows(world)
    assert row | {"attempts": 0} == {
        "provider": provider,
        "day": today(),
        "state": "compared",
        "attempts": 0,
        "last_error": None,
        "bill_payments": 2,
        "bill_paid_fen": 3 * PRICE,
        "bill_refunds": 3,
        "bill_refunded_fen": PRICE + 1000,
        "hub_payments": 2,
        "hub_paid_fen": 3 * PRICE,
        "hub_refunds": 3,
        "hub_refunded_fen": PRICE + 1000,
    }
    # Which of two units stays is a person's to say; the bill has nothing to do with it.
    assert [item.kind.value for item in open_items(world)] == ["refund_to_decide"]


@each
def test_a_payment_that_nobody_told_of_is_taken_in(world: World, provider: str) -> None:
    number = bought(world, provider, is_silent=True)
    compared = reconciled(provider)
    assert (compared.open, kinds(compared)) == ((), [])
    order = world.order(number)
    assert (order.payment_status.value, order.paid_fen) == ("paid", PRICE)
    assert world.claimed(number) == {"LOVE-2026": 1}
    assert differences(world) == [
        ("not_in_hub", "repaired", "payments.repair.payment_taken_in", PRICE, None)
    ]
    (row,) = rows(world)
    assert (row["bill_paid_fen"], row["hub_paid_fen"]) == (PRICE, PRICE)
    assert open_items(world) == []


@each
def test_a_refund_that_nobody_told_of_is_taken_in(world: World, provider: str) -> None:
    number = bought(world, provider)
    world.faults(NAMES[provider], {"operation": "notify/REFUND", "kind": "drop"})
    refund(world, number, 990)
    settled(world, provider, number)
    compared = reconciled(provider)
    assert compared.open == ()
    order = world.order(number)
    assert (order.payment_status.value, order.refunded_fen) == ("partly_refunded", 990)
    assert differences(world) == [
        ("refund_not_in_hub", "repaired", "payments.repair.refund_taken_in", 990, None)
    ]


def settled(world: World, provider: str, number: str) -> None:
    """Wait until the provider has given the money back."""
    if provider == "wechat_pay":
        world.until(
            lambda: all(
                one["status"] == "SUCCESS"
                for one in world.sandbox.get("/control/systems/wechat-pay/state")
                .json()["state"]["refunds"]
                .values()
            ),
            what=f"for the refund of {number}",
        )


@each
def test_payment_and_refund_that_nobody_told_of_cancel_the_order(
    world: World, provider: str
) -> None:
    number = bought(world, provider, is_silent=True)
    world.faults(NAMES[provider], {"operation": "notify/REFUND", "kind": "drop"})
    refund(world, number, PRICE)
    settled(world, provider, number)
    assert reconciled(provider).open == ()
    order = world.order(number)
    assert (order.payment_status.value, order.refunded_fen) == ("refunded", PRICE)
    assert order.holds == ()
    assert [one[:2] for one in differences(world)] == [
        ("not_in_hub", "repaired"),
        ("refund_not_in_hub", "repaired"),
    ]
    assert {item.kind.value for item in open_items(world)} <= {"payment_after_cancel"}


def test_an_alipay_refund_between_two_told_ones_gets_its_own_amount(world: World) -> None:
    number = bought(world, "alipay")
    world.faults("alipay", {"operation": "notify/REFUND", "kind": "drop", "times": 1})
    refund(world, number, 990)
    with clock.fixed(clock.now() + timedelta(seconds=2)):
        refunded(world, number, 10, so_far=1000)
    assert reconciled("alipay").open == ()
    with world.database.read() as session:
        amounts = session.execute(sa.text("SELECT amount_fen FROM refunds ORDER BY 1")).scalars()
        assert list(amounts) == [10, 990]
    # The first was missing; the second had seemed to be both.
    assert sorted(one[0] for one in differences(world)) == [
        "refund_amount_differs",
        "refund_not_in_hub",
    ]
    assert {one[1] for one in differences(world)} == {"repaired"}
    assert world.order(number).refunded_fen == 1000


@each
@pytest.mark.parametrize(
    ("fault", "kind", "amounts"),
    [
        ("drop", KIND.NOT_IN_BILL, (None, PRICE)),
        ("error", KIND.AMOUNT_DIFFERS, (PRICE + 1, PRICE)),
        ("duplicate", KIND.DUPLICATE, (2 * PRICE, PRICE)),
    ],
)
def test_a_bill_that_differs_is_told_and_closes_when_a_right_one_comes(
    world: World,
    provider: str,
    fault: str,
    kind: DifferenceKind,
    amounts: tuple[int | None, int],
) -> None:
    bought(world, provider)
    bought(world, provider)
    world.faults(NAMES[provider], {"operation": "bill/line", "kind": fault, "times": 1})
    compared = reconciled(provider)
    assert kinds(compared) == [kind]
    assert (compared.open[0].found.bill_fen, compared.open[0].found.hub_fen) == amounts
    (item,) = open_items(world)
    assert (item.kind.value, item.subject_id) == ("payment_difference", compared.open[0].id)
    assert item.code == f"payments.difference.{kind.value}.why"
    assert can_retry(item)
    with days_later(1), pytest.raises(StillDiffers):
        retry_work_item(world.database, item, actor=SYSTEM)
    assert reconciled(provider).open == ()
    assert open_items(world) == []
    assert [one[1] for one in differences(world)] in (["vanished"], ["repaired"])


def test_a_difference_that_a_person_explained_stands_no_more(world: World) -> None:
    bought(world, "alipay")
    world.faults("alipay", {"operation": "bill/line", "kind": "drop"})
    (difference,) = reconciled("alipay").open
    repair_payments.accept(world.database, difference.id, reason="支付宝次日补出", actor=SYSTEM)
    assert open_items(world) == []
    assert reconciled("alipay").open == ()
    assert differences(world) == [("not_in_bill", "accepted", "", None, PRICE)]


def test_each_day_is_compared_once_by_many_and_caught_up_with_after_days_away(
    world: World,
) -> None:
    bought(world, "wechat_pay")
    bought(world, "alipay")
    day = today()
    with days_later(4, hour=11), ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _n: reconcile_payments.reconcile_due(), range(4)))
        assert reconcile_payments.reconcile_due() == 0
    # Nothing happened yesterday: that there is no bill is believed from noon on.
    assert sum(done) == 6
    with days_later(4, hour=16):
        assert reconcile_payments.reconcile_due() == 2
        assert reconcile_payments.reconcile_due() == 0
    assert [(row["provider"], row["day"], row["state"]) for row in rows(world)] == [
        (provider, day + timedelta(days=gone), "compared")
        for provider in ("alipay", "wechat_pay")
        for gone in range(4)
    ]
    assert [row["bill_paid_fen"] for row in rows(world)] == [PRICE, 0, 0, 0] * 2
    assert differences(world) == []


def test_a_day_whose_claimer_died_is_taken_up_again(world: World) -> None:
    bought(world, "wechat_pay")
    with days_later(1, hour=13):
        with world.database.transaction() as session:
            orders.plan_bills(
                session,
                provider="wechat_pay",
                account="main",
                through=today() - timedelta(days=1),
                now=clock.now(),
            )
            assert orders.claim_bill(
                session, through=today() - timedelta(days=1), now=clock.now()
            ) == BillDay(provider="wechat_pay", account="main", day=today() - timedelta(days=1))
        assert reconcile_payments.reconcile_due() == 1  # Alipay's quiet day
        assert [row["state"] for row in rows(world)] == ["compared", "waiting"]
    with days_later(1, hour=14):
        assert reconcile_payments.reconcile_due() == 1
    assert [row["state"] for row in rows(world)] == ["compared", "compared"]


def test_a_bill_of_a_running_day_is_compared_again_when_the_day_is_over(world: World) -> None:
    first = bought(world, "alipay")
    bill = BillDay(provider="alipay", account="main", day=today())
    with pytest.raises(BillNotThere):
        reconcile_payments.reconcile_day(bill)
    world.stand_ins.settings.__dict__["bills_of_today"] = True
    try:
        assert reconcile_payments.reconcile_day(bill).open == ()
    finally:
        world.stand_ins.settings.__dict__["bills_of_today"] = False
    assert [row["state"] for row in rows(world)] == ["running"]
    second = bought(world, "alipay", is_silent=True)
    with days_later(1, hour=13):
        reconcile_payments.reconcile_due()
    (row,) = [row for row in rows(world) if row["provider"] == "alipay"]
    assert (row["state"], row["bill_paid_fen"], row["hub_paid_fen"]) == (
        "compared",
        2 * PRICE,
        2 * PRICE,
    )
    assert world.order(first).paid_fen == world.order(second).paid_fen == PRICE


def test_a_payment_that_the_provider_knows_nothing_of_stays_with_a_person(world: World) -> None:
    """Money that is in the books and in no bill: booked by hand, or a bill that lies."""
    number = bought(world, "wechat_pay")
    with world.database.transaction() as session:
        orders.record_payment(
            session,
            PaymentReceived(
                provider="wechat_pay",
                account="main",
                payment_number=str(world.order(number).payment_number),
                transaction_id="4200000000INVENTED",
                amount_fen=world.order(number).total_fen,
                paid_at=clock.now(),
            ),
            now=clock.now(),
        )
    compared = reconciled("wechat_pay")
    assert kinds(compared) == [KIND.NOT_IN_BILL]
    assert compared.billed.paid_fen == PRICE
    assert compared.booked.paid_fen == 2 * PRICE
