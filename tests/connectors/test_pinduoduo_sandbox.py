"""The connector and the stand-in for Pinduoduo, over a real port."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.sandbox.conftest import Sandbox, hub, running, sandbox, settings, until
from tests.sandbox.pinduoduo_shop import (
    CATALOG,
    connector,
    do,
    make,
    numbers_of,
    pull,
    sell,
    system,
    window,
)
from yinuo.connectors.pinduoduo.connector import PinduoduoConnector
from yinuo.connectors.pinduoduo.envelope import TokenRefused, UnknownCarrier, WrongMall
from yinuo.connectors.protocols import (
    Busy,
    ChannelOrder,
    ChannelOrderStatus,
    Health,
    HealthState,
    Obstacle,
    QuotaUsed,
    Rejected,
    ShipNotice,
    SkuQuantity,
    StockFigures,
    Unavailable,
)
from yinuo.core.db import Database
from yinuo.core.money import Fen
from yinuo.sandbox.settings import SandboxSettings

__all__ = ["hub", "sandbox", "settings"]


@pytest.fixture
def shop(sandbox: Sandbox) -> PinduoduoConnector:
    sell(sandbox)
    return connector(sandbox)


def read(shop: PinduoduoConnector, number: str) -> ChannelOrder:
    body = shop.find_order(number)
    assert body is not None
    return shop.read_order(body)


def notice(number: str, waybill: str = "SF100", carrier: str = "SF") -> ShipNotice:
    lines = (SkuQuantity(sku="A", quantity=1),)
    at = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    return ShipNotice(number=number, carrier=carrier, waybill=waybill, shipped_at=at, lines=lines)


def test_every_order_is_pulled_and_read_as_it_was_made(
    sandbox: Sandbox, shop: PinduoduoConnector
) -> None:
    made = make(sandbox, 130)
    pages = pull(shop)
    assert [len(page.orders) for page in pages] == [30, 100]
    assert sorted(numbers_of(pages)) == sorted(made)
    desk = system(sandbox).desk
    for raw in (raw for page in pages for raw in page.orders):
        order, own = shop.read_order(raw.body), desk.found(raw.number)
        assert (order.number, order.version) == (raw.number, raw.version)
        assert order.total_fen == own.pay_fen
        assert order.payment is not None
        assert order.payment.amount_fen == own.pay_fen
        assert order.total_fen == order.items_fen - order.discount_fen + order.freight_fen
        sold = {line.outer_id: line.count for line in (*own.lines, *own.gifts)}
        assert {line.listing: line.quantity for line in order.lines} == sold
        assert order.ship_by == own.ship_by
        assert order.placed_at == own.created_at
        assert order.receiver.district == own.receiver.district


def test_the_pulled_money_is_the_money_of_the_books(
    sandbox: Sandbox, shop: PinduoduoConnector
) -> None:
    make(sandbox, 60)
    orders = [shop.read_order(raw.body) for page in pull(shop) for raw in page.orders]
    days = sandbox.client.get("/control/pinduoduo/books").json()["days"]
    assert sum(day["confirmed"] for day in days) == len(orders) == 60
    assert sum(day["confirmed_fen"] for day in days) == sum(one.total_fen for one in orders)


@pytest.mark.parametrize("size", [1, 3, 10])
def test_orders_that_change_or_appear_between_two_pages_are_not_lost(
    sandbox: Sandbox, size: int
) -> None:
    sell(sandbox)
    shop = connector(sandbox, page_size=size)
    made = set(make(sandbox, 30))
    since, end = window()
    found: dict[str, int] = {}
    page = shop.pull_orders(since, end)
    turns = 0
    while True:
        found |= {order.number: order.version for order in page.orders}
        if page.next_cursor is None:
            break
        turns += 1
        if turns in {1, 2, 4}:
            # One changes and goes to the end of the window; others come in before it.
            do(sandbox, sorted(made)[turns], "review")
            made |= set(make(sandbox, 2, seed=100 + turns))
        page = shop.pull_orders(since, end, cursor=page.next_cursor)
    assert set(found) == made


def test_an_order_that_leaves_the_window_hides_no_other(sandbox: Sandbox) -> None:
    sell(sandbox)
    shop = connector(sandbox, page_size=4)
    made = make(sandbox, 20)
    until(lambda: len(numbers_of([shop.pull_orders(*_up_to_now())])) == 4)
    since, end = _up_to_now()
    pages = [shop.pull_orders(since, end)]
    while pages[-1].next_cursor is not None:
        # Changed now, so later than the end of the window that is being read.
        for number in made[2 * len(pages) : 2 * len(pages) + 2]:
            for deed in ("review", "pass-review", "review", "pass-review"):
                do(sandbox, number, deed)
        pages.append(shop.pull_orders(since, end, cursor=pages[-1].next_cursor))
    assert set(made) - set(numbers_of(pages)) <= _changed_after(sandbox, end)


def _up_to_now() -> tuple[datetime, datetime]:
    since, _end = window()
    return since, datetime.now(UTC).replace(microsecond=0)


def _changed_after(sandbox: Sandbox, end: datetime) -> set[str]:
    ledger = system(sandbox).desk.ledger
    second = int(end.timestamp())
    return {one.number for one in ledger.changed(second + 1, second + 10_000, now=2e10)}


def test_orders_that_are_told_late_are_found_by_reading_again(
    settings: SandboxSettings, database: Database
) -> None:
    late = settings.pinduoduo.model_copy(update={"late_seconds": 1.5})
    with running(settings.model_copy(update={"pinduoduo": late}), database) as sandbox:
        sell(sandbox)
        shop = connector(sandbox, page_size=7)
        made, found = set(make(sandbox, 50)), set()
        until(lambda: found.update(numbers_of(pull(shop))) is None and found == made)


def test_a_window_that_is_too_long_is_refused(shop: PinduoduoConnector) -> None:
    with pytest.raises(Rejected) as caught:
        shop.pull_orders(*window(31))
    assert caught.value.details["outside_code"] == "50001"
    assert shop.find_order("261122-000000000000000") is None


def test_states_come_through(sandbox: Sandbox, shop: PinduoduoConnector) -> None:
    number = make(sandbox)[0]
    versions = [read(shop, number).version]
    assert read(shop, number).sealed

    do(sandbox, number, "review")
    reviewed = read(shop, number)
    assert reviewed.obstacles == {Obstacle.RISK_REVIEW}
    assert not reviewed.sealed
    assert reviewed.receiver.name == reviewed.receiver.phone == reviewed.receiver.detail == ""
    versions.append(reviewed.version)

    do(sandbox, number, "pass-review")
    do(sandbox, number, "ask-refund")
    asked = read(shop, number)
    assert asked.obstacles == {Obstacle.REFUND_ASKED}
    versions.append(asked.version)

    do(sandbox, number, "close-refund")
    closed = read(shop, number)
    assert (closed.status, closed.obstacles) == (ChannelOrderStatus.PLACED, frozenset())
    versions.append(closed.version)

    do(sandbox, number, "cancel")
    cancelled = read(shop, number)
    assert cancelled.status is ChannelOrderStatus.CANCELLED
    assert cancelled.payment is not None
    versions.append(cancelled.version)
    assert versions == sorted(set(versions))


def test_a_group_that_fails_was_never_paid(sandbox: Sandbox, shop: PinduoduoConnector) -> None:
    number, other = make(sandbox, 2, is_confirmed=False)
    assert read(shop, number).payment is None
    do(sandbox, number, "cancel")
    failed = read(shop, number)
    assert (failed.status, failed.payment) == (ChannelOrderStatus.CANCELLED, None)
    do(sandbox, other, "confirm")
    payment = read(shop, other).payment
    assert payment is not None
    assert payment.amount_fen == Fen(system(sandbox).desk.found(other).pay_fen)


def test_receivers_are_opened(sandbox: Sandbox, shop: PinduoduoConnector) -> None:
    seen = set()
    for number in make(sandbox, 12):
        order, own = read(shop, number), system(sandbox).desk.found(number)
        receiver = shop.unseal(number, order.sealed, order.receiver)
        extension = f"-{own.extension}" if own.extension else ""
        assert receiver.name == own.receiver.name
        assert receiver.phone == own.receiver.phone + extension
        assert receiver.detail == own.receiver.detail
        assert receiver.province == own.receiver.province
        seen.add(bool(extension))
    assert seen == {True, False}


def test_what_may_not_be_opened_is_refused(sandbox: Sandbox, shop: PinduoduoConnector) -> None:
    first, second = make(sandbox, 2)
    one, other = read(shop, first), read(shop, second)
    with pytest.raises(Rejected):
        shop.unseal(second, one.sealed, one.receiver)
    shop.notify_shipment(notice(second))
    assert not read(shop, second).sealed
    with pytest.raises(Rejected) as caught:
        shop.unseal(second, other.sealed, other.receiver)
    assert not isinstance(caught.value, QuotaUsed)


def test_a_days_allowance_of_openings_ends(settings: SandboxSettings, database: Database) -> None:
    few = settings.pinduoduo.model_copy(update={"openings_a_day": 5})
    with running(settings.model_copy(update={"pinduoduo": few}), database) as sandbox:
        sell(sandbox)
        shop = connector(sandbox)
        order = read(shop, make(sandbox)[0])
        shop.unseal(order.number, order.sealed, order.receiver)
        with pytest.raises(QuotaUsed):
            shop.unseal(order.number, order.sealed, order.receiver)


def test_a_shipped_order_may_be_told_again_and_in_several_parcels(
    sandbox: Sandbox, shop: PinduoduoConnector
) -> None:
    number = make(sandbox)[0]
    for waybill in ("SF1", "SF1", "YT2", "YT3", "YT2", "SF1"):
        shop.notify_shipment(notice(number, waybill, "YTO" if waybill[0] == "Y" else "SF"))
    shown = sandbox.client.get(f"/control/pinduoduo/orders/{number}").json()
    assert shown["order_status"] == 2
    assert shown["waybills"] == ["SF1", "YT2", "YT3"]
    shipped = read(shop, number)
    assert (shipped.status, bool(shipped.sealed)) == (ChannelOrderStatus.PLACED, False)


def test_an_answer_that_is_lost_ships_once(sandbox: Sandbox, shop: PinduoduoConnector) -> None:
    number = make(sandbox)[0]
    lost = {"operation": "logistics.online.send", "kind": "lose_answer", "times": 1}
    sandbox.set_faults("pinduoduo", lost)
    shop.notify_shipment(notice(number))
    shown = sandbox.client.get(f"/control/pinduoduo/orders/{number}").json()
    assert (shown["order_status"], shown["waybills"]) == (2, ["SF100"])


@pytest.mark.parametrize("deed", ["review", "ask-refund", "refund"])
def test_what_must_not_leave_is_not_shipped(
    sandbox: Sandbox, shop: PinduoduoConnector, deed: str
) -> None:
    number = make(sandbox)[0]
    do(sandbox, number, deed)
    with pytest.raises(Rejected):
        shop.notify_shipment(notice(number))
    shown = sandbox.client.get(f"/control/pinduoduo/orders/{number}").json()
    assert (shown["order_status"], shown["waybills"]) == (1, [])
    with pytest.raises(Rejected):
        shop.notify_shipment(notice("261122-000000000000000"))
    with pytest.raises(UnknownCarrier):
        shop.notify_shipment(notice(number, carrier="NOBODY"))


def test_stock_is_shown_as_it_was_told(sandbox: Sandbox, shop: PinduoduoConnector) -> None:
    def tell(version: int, **quantities: int) -> int:
        lines = [
            SkuQuantity(sku=sku.replace("_", "-"), quantity=n) for sku, n in quantities.items()
        ]
        return shop.push_stock(StockFigures(version=version, lines=tuple(lines)))

    assert tell(4, PILLOW=8, SET_4=0, UNKNOWN=5) == 4
    assert tell(3, PILLOW=99) == 3
    state = sandbox.client.get("/control/systems/pinduoduo/state").json()["state"]
    assert state["stock"] == {"PILLOW": 8, "SET-4": 0}
    assert tell(5, PILLOW=2) == 5
    assert system(sandbox).summary()["stock"] == {"PILLOW": 2, "SET-4": 0}
    assert len(CATALOG["products"]) == 3


def test_an_ended_token_is_renewed_by_one_of_many(
    sandbox: Sandbox, shop: PinduoduoConnector
) -> None:
    number = make(sandbox)[0]
    sandbox.client.post("/control/pinduoduo/token/end")
    found: list[bytes | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(shop.find_order(number))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert None not in found
    calls = sandbox.calls("pinduoduo")
    assert sum(one["operation"] == "pop.auth.token.refresh" for one in calls) == 1


def test_a_token_that_cannot_be_renewed_is_refused(sandbox: Sandbox) -> None:
    sandbox.client.post("/control/pinduoduo/token/end")
    wrong = connector(sandbox, refresh_token="another")
    with pytest.raises(TokenRefused):
        wrong.find_order("261122-000000000000000")
    with pytest.raises(WrongMall):
        connector(sandbox, mall_id="1").find_order("261122-000000000000000")


def test_keys_are_checked(sandbox: Sandbox, shop: PinduoduoConnector) -> None:
    assert shop.check() == Health(state=HealthState.OK)
    refused = Health(state=HealthState.DEGRADED, note="connectors.health.refused")
    for changes in ({"client_secret": "another"}, {"client_id": "another"}):
        assert connector(sandbox, **changes).check() == refused


@pytest.mark.parametrize(
    ("code", "kind"),
    [("52101", Busy), ("70031", Busy), ("52102", Unavailable), ("50001", Rejected)],
)
def test_faults_are_understood(
    sandbox: Sandbox, shop: PinduoduoConnector, code: str, kind: type[Exception]
) -> None:
    fault = {"operation": "order.information.get", "kind": "error", "code": code}
    sandbox.set_faults("pinduoduo", fault)
    with pytest.raises((Rejected, Unavailable)) as caught:
        shop.find_order("261122-000000000000000")
    assert type(caught.value) is kind
    sandbox.set_faults("pinduoduo", fault | {"times": 1})
    expected: Callable[[], bytes | None] = lambda: shop.find_order("261122-000000000000000")  # noqa: E731
    if kind is not Rejected:
        assert expected() is None
