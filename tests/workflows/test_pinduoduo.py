"""Orders of a marketplace that takes the money, seals receivers and changes its mind, end to end."""

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
from yinuo.channels.service import sealed as seals
from yinuo.connectors.protocols import RawOrder
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter
from yinuo.orders import service as orders
from yinuo.orders.model import Order
from yinuo.users.model import SYSTEM
from yinuo.workflows import (
    certify_day,
    intake_order,
    observe_shop,
    open_receiver,
    pull_orders,
)
from yinuo.workflows.retry_work_item import StillSealed, retry_work_item

PDD = "pdd"
SEEDS = itertools.count(11)


@pytest.fixture
def mall(shop: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give the shared world with a shop on Pinduoduo whose changes are read at once."""
    rule = WINDOW_RULES[Channel.PINDUODUO]
    at_once = WindowRule(most=rule.most, lag=timedelta(seconds=-2), first=timedelta(minutes=5))
    monkeypatch.setitem(WINDOW_RULES, Channel.PINDUODUO, at_once)  # type: ignore[arg-type]  # a dict
    with shop.database.transaction() as session:
        channels.save_shop(session, Shop(id=PDD, channel=Channel.PINDUODUO, name="拼多多店"))
    yield shop
    shop.faults("pinduoduo")


def buy(mall: World, **wish: object) -> str:
    """Let somebody buy on Pinduoduo, and return the number as it stands there."""
    body = {"count": 1, "seed": next(SEEDS)} | wish
    answer = mall.sandbox.post("/control/pinduoduo/orders", json=body)
    assert answer.status_code == 201, answer.text
    (number,) = answer.json()["numbers"]
    return str(number)


def does(mall: World, number: str, deed: str) -> None:
    """Let buyer or platform do something with an order, in a second of its own."""
    answer = mall.sandbox.post(f"/control/pinduoduo/orders/{number}/{deed}")
    assert answer.status_code == 200, answer.text


def body_of(mall: World, number: str) -> bytes:
    body = mall.hub.connectors.shop(PDD).find_order(number)
    assert body is not None
    return body


def order(mall: World, number: str) -> Order:
    with mall.database.read() as session:
        found = orders.find_order(session, shop_id=PDD, number=number.replace("-", ""))
    assert found is not None
    return found


def until(mall: World, number: str, status: str) -> Order:
    mall.until(
        lambda: order(mall, number).status.value == status,
        what=f"for {status}, it is {order(mall, number)}",
    )
    return order(mall, number)


def holds(mall: World, number: str) -> list[str]:
    return [hold.reason for hold in order(mall, number).holds]


def test_a_paid_order_is_pulled_opened_once_carried_out_and_told_of(mall: World) -> None:
    number = buy(mall)
    assert pull_orders.pull(PDD) >= 1
    found = until(mall, number, "in_warehouse")
    with mall.database.read() as session:
        receiver = orders.reveal_receiver(session, found.id)
        seal = seals.find_seal(session, PDD, found.number)
        openings = session.execute(
            sa.text(
                "SELECT count(*) FROM audit_entries WHERE action = 'orders.unseal' AND object = :id"
            ),
            {"id": found.id},
        ).scalar_one()
    assert "*" not in receiver.name + receiver.phone + receiver.detail
    assert (receiver.province != "", receiver.detail != "") == (True, True)
    assert (found.paid_fen, found.payment_status.value) == (found.total_fen, "paid")
    assert (seal is not None and seal.state.value, openings) == ("open", 1)
    documents = mall.sandbox.get(
        "/control/kingdee/documents",
        params={"number": "YN" + found.id.rpartition("_")[2].upper()},
    ).json()["items"]
    assert [one["count"] for one in documents] == [1]

    # Told again and again it stays what it is, and nothing is opened a second time.
    before = mall.sandbox.get("/control/systems/pinduoduo/state").json()["state"]["openings_today"]
    for _ in range(3):
        intake_order.take_order(PDD, body_of(mall, number), headers={})
    after = mall.sandbox.get("/control/systems/pinduoduo/state").json()["state"]["openings_today"]
    assert (after, order(mall, number).holds) == (before, ())


def test_a_receiver_that_cannot_be_opened_now_holds_the_order_with_its_stock(mall: World) -> None:
    mall.faults("pinduoduo", {"operation": "open.decrypt.batch", "kind": "error", "code": "70031"})
    number = buy(mall)
    pull_orders.pull(PDD)
    mall.until(lambda: holds(mall, number) == ["receiver_sealed"], what="for the hold")
    mall.until(
        lambda: order(mall, number).fulfillment_status.value == "reserved", what="for its stock"
    )
    assert order(mall, number).paid_fen == order(mall, number).total_fen
    with mall.database.read() as session:
        (item,) = exceptions.list_items(
            session, ItemFilter(subject_id=order(mall, number).id)
        ).items
    with pytest.raises(StillSealed):
        retry_work_item(mall.database, item, actor=SYSTEM)
    mall.faults("pinduoduo")
    retry_work_item(mall.database, item, actor=SYSTEM)
    assert holds(mall, number) == []
    until(mall, number, "in_warehouse")
    assert open_receiver.open_waiting() == 0


def test_an_order_under_review_waits_without_a_receiver_and_goes_on_after_it(mall: World) -> None:
    number = buy(mall, under_review=True)
    pull_orders.pull(PDD)
    assert holds(mall, number) == ["channel_review"]
    does(mall, number, "pass-review")
    intake_order.take_order(PDD, body_of(mall, number), headers={})
    assert holds(mall, number) == []
    until(mall, number, "in_warehouse")


def test_a_refund_that_is_asked_for_stops_the_order_and_one_that_is_given_cancels_it(
    mall: World,
) -> None:
    kept, lost = buy(mall), buy(mall)
    for number in (kept, lost):
        does(mall, number, "ask-refund")
        intake_order.take_order(PDD, body_of(mall, number), headers={})
        assert holds(mall, number) == ["channel_refund_asked"]
    does(mall, kept, "close-refund")
    does(mall, lost, "refund")
    for number in (kept, lost):
        intake_order.take_order(PDD, body_of(mall, number), headers={})
    until(mall, kept, "in_warehouse")
    gone = until(mall, lost, "cancelled")
    assert gone.payment_status.value == "refunded"
    assert mall.drift() == []


@pytest.mark.parametrize("turn", list(itertools.permutations(range(3))), ids=str)
def test_any_order_of_delivery_ends_in_the_same_books(mall: World, turn: tuple[int, ...]) -> None:
    number = buy(mall, is_confirmed=False)
    told = [body_of(mall, number)]
    for deed in ("confirm", "refund"):
        does(mall, number, deed)
        told.append(body_of(mall, number))
    for place in turn:
        intake_order.take_order(PDD, told[place], headers={})
    ended = until(mall, number, "cancelled")
    assert (ended.payment_status.value, ended.paid_fen, ended.refunded_fen) == (
        "refunded",
        ended.total_fen,
        ended.total_fen,
    )
    mall.until(
        lambda: [one for one in mall.items_of(ended.id) if one[1] != "resolved"] == [],
        what="for no work left",
    )


def test_one_bad_order_stops_no_batch(mall: World, monkeypatch: pytest.MonkeyPatch) -> None:
    good = buy(mall)
    shop = mall.hub.connectors.shop(PDD)
    pulled = shop.pull_orders

    def with_a_bad_one(since, until, *, cursor=None):  # type: ignore[no-untyped-def]
        page = pulled(since, until, cursor=cursor)
        bad = RawOrder(number="261123-000000000000001", version=1, body=b'{"order_sn": 5}')
        return type(page)(orders=(bad, *page.orders), next_cursor=page.next_cursor)

    monkeypatch.setattr(shop, "pull_orders", with_a_bad_one)
    pull_orders.pull(PDD)
    until(mall, good, "in_warehouse")
    with mall.database.read() as session:
        kinds = exceptions.list_items(session, ItemFilter(subject_type="inbox")).items
    assert "bad_order" in {item.kind.value for item in kinds}


def test_the_day_of_the_marketplace_is_proved(mall: World) -> None:
    for _ in range(3):
        buy(mall)
    pull_orders.pull(PDD)
    day = clock.now().astimezone(SHANGHAI).date()
    with mall.database.read() as session:
        shop = channels.load_shop(session, PDD)

    def colour() -> Colour:
        with mall.database.read() as session:
            read_until = channels.read_until(session, PDD)
        return certify_day.compare(shop, day, read_until=read_until).colour

    mall.until(lambda: colour() is Colour.GREEN, what="for green")


def test_an_observed_order_that_is_taken_over_goes_only_with_its_receiver(mall: World) -> None:
    with mall.database.transaction() as session:
        record = channels.load_record(session, PDD)
        channels.set_observing(
            session,
            PDD,
            is_observing=True,
            version=record.version,
            by="test",
            now=clock.now(),
        )
    number = buy(mall)
    pull_orders.pull(PDD)
    observed = order(mall, number)
    with mall.database.read() as session:
        assert "*" in orders.reveal_receiver(session, observed.id).name
        record = channels.load_record(session, PDD)
    with mall.database.transaction() as session:
        observe_shop.end(
            session,
            PDD,
            version=record.version,
            open_orders=observe_shop.OpenOrders.ONE_BY_ONE,
            actor=SYSTEM,
        )
        observe_shop.take_over(session, observed.id, actor=SYSTEM)
    mall.until(lambda: holds(mall, number) == ["receiver_sealed"], what="for the hold")
    assert open_receiver.retry(observed.id)
    until(mall, number, "in_warehouse")
    with mall.database.read() as session:
        assert "*" not in orders.reveal_receiver(session, observed.id).name
