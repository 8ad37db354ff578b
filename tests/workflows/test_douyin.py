"""Orders of Douyin by push and by pull: one order, carried out once, shipped back, proved."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.workflows.world import World
from yinuo.channels import service as channels
from yinuo.channels.model import WINDOW_RULES, Channel, Shop, WindowRule
from yinuo.channels.model.certificates import Colour
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.orders import service as orders
from yinuo.orders.model import Order
from yinuo.workflows import certify_day, pull_orders

DOUYIN = "dy"
SEEDS = itertools.count(31)


@pytest.fixture
def mall(shop: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give the shared world with a shop on Douyin whose changes are read at once."""
    at_once = WindowRule(lag=timedelta(seconds=-2), first=timedelta(minutes=5))
    monkeypatch.setitem(WINDOW_RULES, Channel.DOUYIN, at_once)  # type: ignore[arg-type]  # a dict
    with shop.database.transaction() as session:
        channels.save_shop(session, Shop(id=DOUYIN, channel=Channel.DOUYIN, name="抖音店"))
    yield shop
    shop.faults("douyin")


def buy(mall: World, **wish: object) -> str:
    """Let somebody buy on Douyin at a plain address, and return the number."""
    body = {"count": 1, "seed": next(SEEDS), "odd_share": 0} | wish
    answer = mall.sandbox.post("/control/douyin/orders", json=body)
    assert answer.status_code == 201, answer.text
    (number,) = answer.json()["numbers"]
    return str(number)


def does(mall: World, number: str, deed: str) -> None:
    answer = mall.sandbox.post(f"/control/douyin/orders/{number}/{deed}")
    assert answer.status_code == 200, answer.text


def find(mall: World, number: str) -> Order | None:
    with mall.database.read() as session:
        return orders.find_order(session, shop_id=DOUYIN, number=number)


def until(mall: World, number: str, status: str) -> Order:
    def stands() -> bool:
        found = find(mall, number)
        return found is not None and found.status.value == status

    mall.until(stands, what=f"for {status}, it is {find(mall, number)}")
    found = find(mall, number)
    assert found is not None
    return found


def test_a_pushed_order_is_opened_carried_out_and_shipped_back_once(mall: World) -> None:
    number = buy(mall)
    found = until(mall, number, "in_warehouse")  # nobody has pulled
    pull_orders.pull(DOUYIN)
    with mall.database.read() as session:
        receiver = orders.reveal_receiver(session, found.id)
        count = session.execute(
            sa.text("SELECT count(*) FROM orders WHERE shop_id = 'dy' AND number = :n"),
            {"n": number},
        ).scalar_one()
    assert (count, found.paid_fen) == (1, found.total_fen)
    assert "*" not in receiver.name + receiver.phone + receiver.detail
    code = "YN" + found.id.rpartition("_")[2].upper()
    for _ in range(8):
        state = mall.sandbox.get(f"/control/qimen/orders/{code}").json()["status"]
        if state == "DELIVERED":
            break
        mall.sandbox.post(f"/control/qimen/orders/{code}/step").raise_for_status()
    until(mall, number, "shipped")
    mall.until(
        lambda: mall.sandbox.get(f"/control/douyin/orders/{number}").json()["order_status"] == 3,
        what="for the channel to know of the parcel",
    )


def test_a_lost_push_is_made_good_by_the_next_pull(mall: World) -> None:
    mall.faults("douyin", {"operation": "push", "kind": "drop"})
    number = buy(mall)
    assert find(mall, number) is None
    mall.until(lambda: pull_orders.pull(DOUYIN) >= 0 and find(mall, number) is not None)
    until(mall, number, "in_warehouse")


def test_an_order_is_reserved_when_it_is_paid_and_cancelled_when_its_money_goes_back(
    mall: World,
) -> None:
    number = buy(mall, is_paid=False)
    mall.until(lambda: find(mall, number) is not None, what="for the push")
    assert until(mall, number, "unpaid").paid_fen == 0
    does(mall, number, "pay")
    until(mall, number, "in_warehouse")
    second = buy(mall)
    does(mall, second, "ask-refund")
    mall.until(
        lambda: (
            [hold.reason for hold in until_here(mall, second).holds] == ["channel_refund_asked"]
        ),
        what="for the hold",
    )
    does(mall, second, "refund")
    gone = until(mall, second, "cancelled")
    assert gone.payment_status.value == "refunded"
    assert mall.drift() == []


def until_here(mall: World, number: str) -> Order:
    mall.until(lambda: find(mall, number) is not None, what="for the push")
    found = find(mall, number)
    assert found is not None
    return found


def test_the_day_of_the_marketplace_is_proved(mall: World) -> None:
    for _ in range(2):
        until_here(mall, buy(mall))
    pull_orders.pull(DOUYIN)
    day = clock.now().astimezone(SHANGHAI).date()
    with mall.database.read() as session:
        shop = channels.load_shop(session, DOUYIN)

    def colour() -> Colour:
        with mall.database.read() as session:
            read_until = channels.read_until(session, DOUYIN)
        return certify_day.compare(shop, day, read_until=read_until).colour

    mall.until(lambda: colour() is Colour.GREEN, what="for green")
