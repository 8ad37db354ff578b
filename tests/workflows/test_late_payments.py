"""Payments that are late, closed or come after their claim lapsed; the shop claims at ordering."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.workflows import alipay_notices, notices
from tests.workflows.merchant import UNITS
from tests.workflows.test_expire_reservations import claims, end_claim
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.channels.model import ReserveOn
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.workflows import ask_payments, expire_reservations

PRICE = 25990
VASE = 5900


@pytest.fixture(scope="module")
def shared_world(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Give a world whose shop claims stock when an order is placed."""
    with (
        pytest.MonkeyPatch.context() as patch,
        make_world(
            module_database, tmp_path_factory.mktemp("world"), patch, reserve_on=ReserveOn.ORDER
        ) as running,
    ):
        yield running
        assert running.drift() == []


def asks(world: World, number: str) -> tuple[int, str | None]:
    """Return how often was asked about an order, and the number that was closed."""
    with world.database.read() as session:
        row = session.execute(
            sa.text("SELECT asks, closed_number FROM payment_queries WHERE order_id = :id"),
            {"id": world.order(number).id},
        ).one_or_none()
    return (0, None) if row is None else (row.asks, row.closed_number)


def test_payment_after_the_soft_hold_lapsed_re_reserves_what_is_still_there(shop: World) -> None:
    shop.place("YNLAPSED1")
    assert shop.claimed("YNLAPSED1") == {"LOVE-2026": 1}
    end_claim(shop, "YNLAPSED1")
    expire_reservations.lapse_expired()
    shop.until(lambda: shop.order("YNLAPSED1").fulfillment_status.value == "waiting")
    assert shop.claimed("YNLAPSED1") == {}
    assert alipay_notices.send(shop, alipay_notices.paid("PAYYNLAPSED1", PRICE)).content == (
        b"success"
    )
    assert shop.claimed("YNLAPSED1") == {"LOVE-2026": 1}
    shop.until_status("YNLAPSED1", "in_warehouse")
    assert claims(shop, "YNLAPSED1") == [("lapsed", False), ("allocated", True)]
    assert shop.items_of(shop.order("YNLAPSED1").id) == []


def test_payment_after_the_soft_hold_lapsed_is_a_shortage_case_when_others_were_faster(
    shop: World,
) -> None:
    shop.place("YNLAPSED2", lines=[("VASE-20", UNITS)])
    shop.place("YNFASTER1", lines=[("VASE-20", UNITS)])
    end_claim(shop, "YNLAPSED2")  # and nobody sweeps: it is not counted all the same
    for number in ("YNFASTER2", "YNFASTER1"):
        if number == "YNFASTER2":
            shop.place(number, lines=[("VASE-20", UNITS)])
        assert notices.send(shop, notices.paid(f"PAY{number}", VASE * UNITS)).status_code == 204
        assert shop.claimed(number) == {"VASE-20": UNITS}
    assert notices.send(shop, notices.paid("PAYYNLAPSED2", VASE * UNITS)).status_code == 204
    order = shop.until_status("YNLAPSED2", "held")
    assert order.payment_status.value == "paid"
    assert shop.claimed("YNLAPSED2") == {}
    assert shop.items_of(order.id) == [("shortage", "open")]
    assert "workflows.timeline.short" in shop.timeline("YNLAPSED2")
    assert shop.atp("VASE-20") == 0
    assert shop.drift() == []


@pytest.mark.parametrize("times", [1, 3])
def test_a_closed_payment_gives_the_unpaid_claim_back_at_once(shop: World, times: int) -> None:
    number = f"YNCLOSED{times}"
    before = shop.atp("RUG-160")
    shop.place(number, lines=[("RUG-160", 2)])
    assert shop.atp("RUG-160") == before - 2
    for _ in range(times):
        fields = alipay_notices.closed(f"PAY{number}", 79800)
        assert alipay_notices.send(shop, fields).content == b"success"
    order = shop.order(number)
    assert (order.status.value, order.fulfillment_status.value) == ("unpaid", "waiting")
    assert (shop.claimed(number), shop.atp("RUG-160")) == ({}, before)
    assert claims(shop, number) == [("released", False)]
    assert shop.timeline(number).count("orders.timeline.payment_closed") == 1
    assert shop.timeline(number).count("payments.timeline.claim_released") == 1


def test_closed_at_one_provider_may_still_be_paid_at_the_other(shop: World) -> None:
    shop.place("YNOTHERWAY")
    alipay_notices.send(shop, alipay_notices.closed("PAYYNOTHERWAY", PRICE))
    notices.send(shop, notices.paid("PAYYNOTHERWAY", PRICE))
    shop.until_status("YNOTHERWAY", "in_warehouse")
    assert claims(shop, "YNOTHERWAY") == [("released", False), ("allocated", True)]


def test_a_close_told_late_takes_nothing_from_a_paid_order(shop: World) -> None:
    shop.place("YNLATECLOSE")
    notices.send(shop, notices.paid("PAYYNLATECLOSE", PRICE))
    alipay_notices.send(shop, alipay_notices.closed("PAYYNLATECLOSE", PRICE))
    shop.until_status("YNLATECLOSE", "in_warehouse")
    assert shop.claimed("YNLATECLOSE") == {"LOVE-2026": 1}
    assert "orders.timeline.payment_closed" not in shop.timeline("YNLATECLOSE")


@pytest.mark.parametrize("provider", ["wechat_pay", "alipay"])
def test_asking_finds_that_a_payment_was_closed_and_asks_no_more(
    shop: World, provider: str
) -> None:
    number = shop.buy(("P-LOVE", 1), pays_with=provider)
    payment = shop.order(number).payment_number
    merchant_closes(shop, number, provider)
    with clock.fixed(clock.now() + timedelta(minutes=3)) as now:
        ask_payments.ask_for_late_payments()
        assert asks(shop, number) == (1, payment)
        assert shop.claimed(number) == {}
        for _ in range(5):
            now.advance(seconds=7200)
            ask_payments.ask_for_late_payments()
    assert asks(shop, number) == (1, payment)


def merchant_closes(world: World, number: str, provider: str) -> None:
    """Close a payment at its provider without a notice, as its time running out does."""
    desk = world_desk(world)
    order = desk.found(number)
    if provider == "alipay":
        world.faults("alipay", {"operation": "notify/TRADE_CLOSED", "kind": "drop"})
    desk.payments.of(order).close(order.payment_number)


def world_desk(world: World):
    return world.stand_ins.systems["shop"].desk
