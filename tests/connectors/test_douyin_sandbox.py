"""The connector and the stand-in for Douyin, over a real port."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.sandbox.conftest import FakeHub, Sandbox, hub, running, sandbox, settings, until
from tests.sandbox.douyin_shop import connector, do, make, pull, sell, shown, system
from yinuo.connectors.douyin.connector import DouyinConnector
from yinuo.connectors.douyin.envelope import AllShipped, TokenRefused, UnknownCarrier, WrongShop
from yinuo.connectors.protocols import (
    Busy,
    ChannelOrder,
    ChannelOrderStatus,
    Health,
    HealthState,
    Obstacle,
    OrderPage,
    QuotaUsed,
    Rejected,
    ShipNotice,
    SkuQuantity,
    StockFigures,
    Unavailable,
)
from yinuo.core.db import Database
from yinuo.sandbox.settings import SandboxSettings

__all__ = ["hub", "sandbox", "settings"]
NOBODY = "6900000000000000001"


@pytest.fixture
def shop(sandbox: Sandbox, hub: FakeHub) -> DouyinConnector:
    hub.answer = lambda _heard: (200, b'{"code":0}')
    sell(sandbox)
    return connector(sandbox)


def read(shop: DouyinConnector, number: str) -> ChannelOrder:
    body = shop.find_order(number)
    assert body is not None
    return shop.read_order(body)


def notice(number: str, waybill: str = "SF100", carrier: str = "SF", **units: int) -> ShipNotice:
    lines = tuple(
        SkuQuantity(sku=sku.replace("_", "-"), quantity=count) for sku, count in units.items()
    )
    at = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    return ShipNotice(number=number, carrier=carrier, waybill=waybill, shipped_at=at, lines=lines)


def numbers_of(pages: list[OrderPage]) -> list[str]:
    return [order.number for page in pages for order in page.orders]


def test_every_order_is_pulled_and_read_as_it_was_made(
    sandbox: Sandbox, shop: DouyinConnector
) -> None:
    made = make(sandbox, 130, odd_share=0.3)
    orders = {raw.number: raw for page in pull(shop) for raw in page.orders}
    assert sorted(orders) == sorted(made)
    desk, total = system(sandbox).desk, 0
    for raw in orders.values():
        order, own = shop.read_order(raw.body), desk.found(raw.number)
        assert (order.number, order.version) == (raw.number, raw.version)
        assert (order.total_fen, order.discount_fen) == (own.pay_fen, own.discount_fen)
        assert order.payment is not None
        assert (order.payment.amount_fen, order.payment.paid_at) == (own.pay_fen, own.paid_at)
        sold = [(line.code, line.count, line.is_gift) for line in own.lines]
        assert [(one.listing, one.quantity, one.is_gift) for one in order.lines] == sold
        assert (order.ship_by, order.placed_at) == (own.ship_by, own.created_at)
        told = order.receiver
        assert (told.province, told.city) == (own.place.province, own.place.city)
        assert (told.district, told.town) == (own.place.district, own.place.town)
        assert order.sealed
        total += order.total_fen
    days = sandbox.client.get("/control/douyin/books").json()["days"]
    assert (sum(day["paid"] for day in days), sum(day["paid_fen"] for day in days)) == (130, total)


@pytest.mark.parametrize("size", [2, 3, 10])
def test_orders_that_change_or_appear_between_two_pages_are_not_lost(
    sandbox: Sandbox, shop: DouyinConnector, size: int
) -> None:
    shop = connector(sandbox, page_size=size)
    since = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    end = since + timedelta(minutes=20)
    made = make(sandbox, 30)
    for place, number in enumerate(made):
        change_at(sandbox, number, since + timedelta(seconds=place // 2))
    turns, found = 0, set()
    page = shop.pull_orders(since, end)
    while page.next_cursor is not None:
        found |= {order.number for order in page.orders}
        turns += 1
        if turns in {1, 2, 4}:
            # Some that were read and some that were not go to the end; others come there.
            later = since + timedelta(minutes=turns)
            fresh = make(sandbox, 2, seed=100 + turns)
            for number in (made[turns - 1], made[20 + turns], *fresh):
                change_at(sandbox, number, later)
            made += fresh
        page = shop.pull_orders(since, end, cursor=page.next_cursor)
    assert found | {order.number for order in page.orders} == set(made)


def change_at(sandbox: Sandbox, number: str, at: datetime) -> None:
    desk = system(sandbox).desk
    desk.ledger.note(replace(desk.found(number), changed_at=at))


def test_more_orders_in_a_second_than_on_a_page_are_all_read(
    sandbox: Sandbox, shop: DouyinConnector
) -> None:
    made = make(sandbox, 30)
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=60)
    for number in made:
        change_at(sandbox, number, at)
    assert set(numbers_of(pull(connector(sandbox, page_size=7)))) == set(made)


def test_states_come_through(sandbox: Sandbox, shop: DouyinConnector) -> None:
    number = make(sandbox, is_paid=False)[0]
    seen = [read(shop, number)]
    assert (seen[0].payment, bool(seen[0].sealed)) == (None, False)
    for deed in ("pay", "ask-refund", "close-refund", "refund"):
        do(sandbox, number, deed)
        seen.append(read(shop, number))
    assert [one.payment is not None for one in seen] == [False, True, True, True, True]
    asked = [Obstacle.REFUND_ASKED in one.obstacles for one in seen]
    assert asked == [False, False, True, False, False]
    assert [one.status is ChannelOrderStatus.CANCELLED for one in seen] == [False] * 4 + [True]
    versions = [one.version for one in seen]
    assert versions == sorted(set(versions))
    assert shop.find_order(NOBODY) is None


def test_receivers_are_opened(sandbox: Sandbox, shop: DouyinConnector) -> None:
    seen = set()
    for number in make(sandbox, 12):
        order, own = read(shop, number), system(sandbox).desk.found(number)
        receiver = shop.unseal(number, order.sealed, order.receiver)
        extension = f"-{own.extension}" if own.extension else ""
        assert receiver.name == own.receiver.name
        assert receiver.phone == own.receiver.phone + extension
        assert receiver.detail == own.place.detail
        seen.add(bool(extension))
    assert seen == {True, False}


def test_what_may_not_be_opened_is_refused(sandbox: Sandbox, shop: DouyinConnector) -> None:
    first, second = make(sandbox, 2)
    order = read(shop, first)
    with pytest.raises(Rejected):
        shop.unseal(second, order.sealed, order.receiver)


def test_a_days_allowance_of_openings_ends(settings: SandboxSettings, database: Database) -> None:
    few = settings.douyin.model_copy(update={"openings_a_day": 5})
    with running(settings.model_copy(update={"douyin": few}), database) as sandbox:
        sell(sandbox)
        shop = connector(sandbox, account_id="1001")
        order = read(shop, make(sandbox)[0])
        shop.unseal(order.number, order.sealed, order.receiver)
        with pytest.raises(QuotaUsed):
            shop.unseal(order.number, order.sealed, order.receiver)


def test_a_whole_order_is_shipped_once(sandbox: Sandbox, shop: DouyinConnector) -> None:
    number = make(sandbox)[0]
    units = {sku.replace("-", "_"): count for sku, count in shown(sandbox, number)["lines"].items()}
    lost = {"operation": "order.logisticsAdd", "kind": "lose_answer", "times": 1}
    sandbox.set_faults("douyin", lost)
    for _ in range(3):
        shop.notify_shipment(notice(number, **units))
    told = shown(sandbox, number)
    assert (told["order_status"], told["waybills"]) == (3, ["SF100"])
    with pytest.raises(AllShipped):
        shop.notify_shipment(notice(number, "SF200", **units))


def test_parts_are_packs_of_their_own(sandbox: Sandbox, shop: DouyinConnector) -> None:
    number = next(one for one in make(sandbox, 40) if len(shown(sandbox, one)["lines"]) > 1)
    lines = shown(sandbox, number)["lines"]
    for place, (sku, count) in enumerate(lines.items()):
        for _ in range(2):
            parcel = notice(number, f"YT{place}", "YTO", **{sku.replace("-", "_"): count})
            shop.notify_shipment(parcel)
        assert shown(sandbox, number)["order_status"] == (3 if place == len(lines) - 1 else 101)
    assert shown(sandbox, number)["waybills"] == [f"YT{place}" for place in range(len(lines))]


def test_a_parcel_of_other_goods_ships_the_order(sandbox: Sandbox, shop: DouyinConnector) -> None:
    number = make(sandbox)[0]
    shop.notify_shipment(notice(number, PART_OF_A_BUNDLE=3))
    assert shown(sandbox, number)["order_status"] == 3


def test_what_must_not_leave_is_not_shipped(sandbox: Sandbox, shop: DouyinConnector) -> None:
    first, second = make(sandbox, 2)
    do(sandbox, first, "ask-refund")
    do(sandbox, second, "cancel")
    for number in (first, second, NOBODY):
        with pytest.raises(Rejected):
            shop.notify_shipment(notice(number, X=1))
    assert shown(sandbox, first)["waybills"] == shown(sandbox, second)["waybills"] == []
    with pytest.raises(UnknownCarrier):
        shop.notify_shipment(notice(first, carrier="NOBODY"))


def test_stock_is_shown_as_it_was_told(sandbox: Sandbox, shop: DouyinConnector) -> None:
    def tell(version: int, **units: int) -> int:
        lines = [SkuQuantity(sku=sku.replace("_", "-"), quantity=n) for sku, n in units.items()]
        return shop.push_stock(StockFigures(version=version, lines=tuple(lines)))

    assert tell(4, PILLOW=8, SET_4=0, UNKNOWN=5) == 4
    assert tell(3, PILLOW=99) == 3
    assert system(sandbox).desk.stock == {"PILLOW": 8, "SET-4": 0}
    sandbox.set_faults(
        "douyin", {"operation": "sku.syncStock", "kind": "error", "code": "50002", "times": 1}
    )
    with pytest.raises(Rejected):
        tell(5, SET_4=3, PILLOW=2)
    assert system(sandbox).desk.stock == {"PILLOW": 2, "SET-4": 0}


def test_an_ended_token_is_renewed_by_one_of_many(sandbox: Sandbox, shop: DouyinConnector) -> None:
    number = make(sandbox)[0]
    assert shop.find_order(number) is not None
    sandbox.client.post("/control/douyin/token/end")
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
    calls = [one["operation"] for one in sandbox.calls("douyin")]
    assert (calls.count("token.create"), calls.count("token.refresh")) == (1, 1)


def test_a_token_is_renewed_before_its_last_hour(
    settings: SandboxSettings, database: Database
) -> None:
    short = settings.douyin.model_copy(update={"token_seconds": 3000})
    with running(settings.model_copy(update={"douyin": short}), database) as sandbox:
        shop = connector(sandbox)
        for _ in range(3):
            assert shop.find_order(NOBODY) is None
        calls = [one["operation"] for one in sandbox.calls("douyin")]
        assert (calls.count("token.create"), calls.count("token.refresh")) == (1, 2)
        down = {"operation": "token.refresh", "kind": "error", "code": "20000"}
        sandbox.set_faults("douyin", down)
        assert shop.find_order(NOBODY) is None


def test_two_processes_of_an_own_app_begin_anew(sandbox: Sandbox) -> None:
    one, other = connector(sandbox), connector(sandbox)
    for _ in range(2):
        assert one.find_order(NOBODY) is other.find_order(NOBODY) is None
        sandbox.client.post("/control/douyin/token/end")


def test_authorisations_that_are_not_good_are_refused(sandbox: Sandbox) -> None:
    code = sandbox.kernel.settings.douyin.code
    assert connector(sandbox, code=code).find_order(NOBODY) is None
    with pytest.raises(WrongShop):
        connector(sandbox, code=code, shop_id="1").find_order(NOBODY)
    with pytest.raises(TokenRefused):
        connector(sandbox, refresh_token="another").find_order(NOBODY)
    with pytest.raises(Rejected) as caught:
        connector(sandbox, code="another").find_order(NOBODY)
    assert caught.value.details["outside_code"] == "dop.authorization-no-existed"


def test_keys_are_checked(sandbox: Sandbox, shop: DouyinConnector) -> None:
    assert shop.check() == Health(state=HealthState.OK)
    refused = Health(state=HealthState.DEGRADED, note="connectors.health.refused")
    for changes in ({"app_secret": "another"}, {"app_key": "another"}):
        assert connector(sandbox, **changes).check() == refused


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        ("60000", Busy, "60000"),
        ("80000/isp.limit", Busy, "isp.limit"),
        ("20000/dop.service-error", Unavailable, "dop.service-error"),
        ("30001/dop.no-permissions", Rejected, "dop.no-permissions"),
        ("10001/isv.business-part-failed", Rejected, "isv.business-part-failed"),
        ("12345", Rejected, "12345"),
    ],
)
def test_codes_are_understood(
    sandbox: Sandbox, shop: DouyinConnector, code: str, kind: type[Exception], told: str
) -> None:
    fault = {"operation": "order.orderDetail", "kind": "error", "code": code}
    sandbox.set_faults("douyin", fault)
    with pytest.raises((Rejected, Unavailable)) as caught:
        shop.find_order(NOBODY)
    assert (type(caught.value), caught.value.details["outside_code"]) == (kind, told)


def test_pushes_are_read_in_any_order_and_twice(
    sandbox: Sandbox, shop: DouyinConnector, hub: FakeHub
) -> None:
    sandbox.set_faults("douyin", {"operation": "push", "kind": "duplicate"})
    numbers = make(sandbox, 2)
    sandbox.client.post("/control/douyin/push-check")
    until(lambda: len(hub.at("/callbacks/douyin/dy")) == 10)
    heard = hub.at("/callbacks/douyin/dy")
    changes = [change for one in heard for change in shop.read_push(one.headers, one.body)]
    assert len(changes) == 8
    assert sorted({(one.number, one.topic) for one in changes}) == sorted(
        (number, topic) for number in numbers for topic in ("order.created", "order.paid")
    )
    assert len({one.message_id for one in changes}) == 4
