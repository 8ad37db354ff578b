"""Money that goes back: stock follows before shipping and never after; people decide the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.workflows import alipay_notices, notices
from tests.workflows.test_take_payment import PRICE, booked, reservations
from tests.workflows.world import World
from yinuo.core import clock
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter, WorkItem, WorkItemKind
from yinuo.inventory import service as inventory
from yinuo.users.model import SYSTEM
from yinuo.workflows import ask_payments
from yinuo.workflows.retry_work_item import StillUnmatched, can_retry, retry_work_item


@dataclass(frozen=True)
class Provider:
    """How one provider tells of payments and refunds."""

    name: str
    paid: Callable[[World, str, int], int]
    refunded: Callable[..., int]


def _wechat_paid(world: World, number: str, amount: int) -> int:
    return notices.send(world, notices.paid(f"PAY{number}", amount)).status_code


def _wechat_refunded(
    world: World, number: str, amount: int, *, total: int, before: int = 0, name: str = "1"
) -> int:
    notice = notices.refunded(f"PAY{number}", amount, total_fen=total, refund=name)
    return notices.send(world, notice).status_code


def _alipay_paid(world: World, number: str, amount: int) -> int:
    return alipay_notices.send(world, alipay_notices.paid(f"PAY{number}", amount)).status_code


def _alipay_refunded(
    world: World, number: str, amount: int, *, total: int, before: int = 0, name: str = "1"
) -> int:
    fields = alipay_notices.refunded(
        f"PAY{number}", before + amount, total_fen=total, refund=name, after=int(name)
    )
    return alipay_notices.send(world, fields).status_code


WECHAT = Provider("wechat_pay", _wechat_paid, _wechat_refunded)
ALIPAY = Provider("alipay", _alipay_paid, _alipay_refunded)
both = pytest.mark.parametrize("provider", [WECHAT, ALIPAY], ids=lambda one: one.name)
TWO = [("LOVE-2026", 2)]


def item_of(world: World, subject_id: str) -> WorkItem:
    with world.database.read() as session:
        (item,) = exceptions.list_items(session, ItemFilter(subject_id=subject_id)).items
    return item


def ledger(world: World, number: str) -> dict[str, int]:
    """Return what all ledger rows of an order add up to."""
    with world.database.read() as session:
        row = session.execute(
            sa.text(
                "SELECT coalesce(sum(reserved_delta), 0) AS reserved,"
                " coalesce(sum(allocated_delta), 0) AS allocated,"
                " coalesce(sum(on_hand_delta), 0) AS on_hand FROM stock_ledger WHERE owner = :id"
            ),
            {"id": world.order(number).id},
        ).one()
    return {"reserved": row.reserved, "allocated": row.allocated, "on_hand": row.on_hand}


@both
def test_a_full_refund_before_shipping_releases_the_stock(shop: World, provider: Provider) -> None:
    number = f"YNFULL{provider.name}".upper().replace("_", "")
    shop.place(number)
    before = shop.atp("LOVE-2026")
    provider.paid(shop, number, PRICE)
    shop.until_status(number, "in_warehouse")
    for _ in range(2):
        provider.refunded(shop, number, PRICE, total=PRICE)
    order = shop.until_status(number, "cancelled")
    assert (order.payment_status.value, order.refunded_fen) == ("refunded", PRICE)
    assert (shop.claimed(number), shop.erp_documents(number)) == ({}, 0)
    assert ledger(shop, number) == {"reserved": 0, "allocated": 0, "on_hand": 0}
    shop.until(lambda: shop.atp("LOVE-2026") == before, what="for the units to be sold again")
    assert shop.items_of(order.id) == []


@both
def test_a_part_of_several_units_asks_a_person_and_the_order_goes_on(
    shop: World, provider: Provider
) -> None:
    number = f"YNWHICH{provider.name}".upper().replace("_", "")
    shop.place(number, lines=TWO)
    total = shop.order(number).total_fen
    provider.paid(shop, number, total)
    for _ in range(2):
        provider.refunded(shop, number, 1000, total=total)
    order = shop.until_status(number, "in_warehouse")
    assert (order.payment_status.value, order.refunded_fen) == ("partly_refunded", 1000)
    assert shop.claimed(number) == {"LOVE-2026": 2}
    assert shop.items_of(order.id) == [("refund_to_decide", "open")]
    item = item_of(shop, order.id)
    assert dict(item.params) == {"refunded_fen": 1000, "paid_fen": total, "units": 2}
    assert not can_retry(item)
    provider.refunded(shop, number, total - 1000, total=total, before=1000, name="2")
    order = shop.until_status(number, "cancelled")
    assert order.refunded_fen == total
    assert shop.items_of(order.id) == [("refund_to_decide", "resolved")]
    assert shop.claimed(number) == {}


@both
def test_a_refund_of_shipped_goods_leaves_the_stock(shop: World, provider: Provider) -> None:
    number = f"YNSENT{provider.name}".upper().replace("_", "")
    shop.place(number, lines=TWO)
    total = shop.order(number).total_fen
    provider.paid(shop, number, total)
    shop.until_status(number, "in_warehouse")
    shop.ship(number)
    moved, sellable = ledger(shop, number), shop.atp("LOVE-2026")
    assert moved == {"reserved": 0, "allocated": 0, "on_hand": -2}
    provider.refunded(shop, number, 1000, total=total)
    assert shop.order(number).status.value == "shipped"
    for _ in range(2):
        provider.refunded(shop, number, total - 1000, total=total, before=1000, name="2")
    order = shop.order(number)
    assert (order.status.value, order.payment_status.value) == ("refunded", "refunded")
    assert order.fulfillment_status.value == "shipped"
    assert (ledger(shop, number), shop.atp("LOVE-2026")) == (moved, sellable)
    # Its made-up shop knows nothing of the order; about the refund nobody is asked.
    assert {kind for kind, _state in shop.items_of(order.id)} <= {"ship_notice_failed"}


@both
def test_a_refund_before_its_payment_is_settled_when_the_payment_comes(
    shop: World, provider: Provider
) -> None:
    number = f"YNBEFORE{provider.name}".upper().replace("_", "")
    shop.place(number, lines=TWO)
    total = shop.order(number).total_fen
    provider.refunded(shop, number, 1000, total=total)
    if provider is WECHAT:
        assert shop.items_of(f"PAY{number}") == [("refund_unmatched", "open")]
        assert shop.order(number).status.value == "unpaid"
    provider.paid(shop, number, total)
    order = shop.until_status(number, "in_warehouse")
    assert (order.payment_status.value, order.refunded_fen) == ("partly_refunded", 1000)
    assert shop.items_of(order.id) == [("refund_to_decide", "open")]
    assert {state for _kind, state in shop.items_of(f"PAY{number}")} <= {"resolved"}
    assert reservations(shop, number) == 1


@pytest.mark.parametrize("status", ["ABNORMAL", "CLOSED"])
def test_a_refund_that_failed_goes_to_a_person_until_it_succeeds(shop: World, status: str) -> None:
    number = f"YNFAILED{status}"
    shop.place(number)
    notices.send(shop, notices.paid(f"PAY{number}", PRICE))
    order = shop.until_status(number, "in_warehouse")
    told = notices.refunded(f"PAY{number}", PRICE, total_fen=PRICE, status=status)
    for _ in range(2):
        assert notices.send(shop, told).status_code == 204
    assert shop.items_of(order.id) == [("refund_failed", "open")]
    assert (shop.order(number).payment_status.value, shop.claimed(number)) == (
        "paid",
        {"LOVE-2026": 1},
    )
    notices.send(shop, notices.refunded(f"PAY{number}", PRICE, total_fen=PRICE))
    shop.until_status(number, "cancelled")
    assert shop.items_of(order.id) == [("refund_failed", "resolved")]


def test_a_payment_found_as_refunded_is_held_until_it_is_known_how_much(shop: World) -> None:
    number = shop.buy(("P-LOVE", 2))
    shop.pay(number, is_silent=True)
    shop.faults("wechat-pay", {"operation": "notify/REFUND", "kind": "drop", "times": 1})
    answer = shop.sandbox.post(f"/shop/api/orders/{number}/refund", json={"amount_fen": 990})
    assert answer.status_code == 200, answer.text
    with clock.fixed(clock.now() + timedelta(minutes=3)):
        ask_payments.ask_for_late_payments()
    order = shop.order(number)
    assert [hold.reason for hold in order.holds] == ["refund_unclear"]
    assert shop.items_of(order.id) == [("refund_to_decide", "open")]
    assert item_of(shop, order.id).code == "payments.refund_unclear"
    shop.sandbox.put("/control/clock", json={"scale": 1000}).raise_for_status()
    order = shop.until_status(number, "in_warehouse")
    shop.sandbox.put("/control/clock", json={"scale": 20}).raise_for_status()
    assert (order.payment_status.value, order.refunded_fen) == ("partly_refunded", 990)
    assert sorted(shop.items_of(order.id)) == [
        ("refund_to_decide", "open"),
        ("refund_to_decide", "resolved"),
    ]
    assert item_of(shop, order.id).code == "payments.refund_to_decide"


def test_unmatched_money_is_tried_again_until_its_order_is_found(shop: World) -> None:
    notices.send(shop, notices.paid("PAYYNLOST", PRICE))
    item = item_of(shop, "PAYYNLOST")
    assert can_retry(item)
    with pytest.raises(StillUnmatched):
        retry_work_item(shop.database, item, actor=SYSTEM)
    assert shop.items_of("PAYYNLOST") == [("payment_unmatched", "open")]
    assert booked(shop, "PAYYNLOST") == ["order_unknown"]


def test_an_unmatched_payment_finds_its_order_at_the_shop_by_trying_again(shop: World) -> None:
    shop.faults("shop", {"operation": "orders.push", "kind": "drop"})
    answer = shop.sandbox.post(
        "/shop/api/orders",
        json={"lines": [{"listing": "P-LOVE", "quantity": 1}], "receiver": RECEIVER},
    )
    number, payment = answer.json()["number"], answer.json()["payment_number"]
    shop.pay(number)
    shop.until(lambda: booked(shop, payment) == ["order_unknown"], what="for the notice")
    item = item_of(shop, payment)
    with clock.fixed(clock.now() + timedelta(minutes=2)):
        shop.until(lambda: tried(shop, item), what="for the order to be pulled")
    assert shop.items_of(payment) == [("payment_unmatched", "resolved")]
    assert booked(shop, payment) == ["accepted"]
    shop.until_status(number, "in_warehouse")
    assert reservations(shop, number) == 1


def tried(world: World, item: WorkItem) -> bool:
    try:
        retry_work_item(world.database, item, actor=SYSTEM)
    except StillUnmatched:
        return False
    return True


RECEIVER = {
    "name": "测试收件人",
    "phone": "19900000001",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "detail": "测试路1号",
}


def test_an_unmatched_refund_finds_its_payment_by_asking(shop: World) -> None:
    number = shop.buy(("P-LOVE", 2))
    payment = shop.sandbox.get(f"/shop/api/orders/{number}").json()["payment_number"]
    shop.pay(number, is_silent=True)
    answer = shop.sandbox.post(f"/shop/api/orders/{number}/refund", json={"amount_fen": 990})
    assert answer.status_code == 200, answer.text
    shop.until(
        lambda: shop.items_of(payment) == [("refund_unmatched", "open")], what="for the refund"
    )
    item = item_of(shop, payment)
    assert item.kind is WorkItemKind.REFUND_UNMATCHED
    retry_work_item(shop.database, item, actor=SYSTEM)
    assert shop.items_of(payment) == [("refund_unmatched", "resolved")]
    order = shop.until_status(number, "in_warehouse")
    assert (order.payment_status.value, order.refunded_fen) == ("partly_refunded", 990)
    assert order.holds == ()


def test_refund_then_re_ship_returns_the_ledger_to_zero(shop: World) -> None:
    """Paid, refunded and cancelled; ordered anew and shipped; refunded then; shipped once more."""
    places = {"reserved": 0, "allocated": 0}
    shop.place("YNRESHIP1", lines=TWO)
    total = shop.order("YNRESHIP1").total_fen
    WECHAT.paid(shop, "YNRESHIP1", total)
    shop.until_status("YNRESHIP1", "in_warehouse")
    WECHAT.refunded(shop, "YNRESHIP1", total, total=total)
    shop.until_status("YNRESHIP1", "cancelled")
    assert ledger(shop, "YNRESHIP1") == {**places, "on_hand": 0}
    for number, provider in (("YNRESHIP2", ALIPAY), ("YNRESHIP3", WECHAT)):
        shop.place(number, lines=TWO)
        provider.paid(shop, number, total)
        shop.until_status(number, "in_warehouse")
        shop.ship(number)
        provider.refunded(shop, number, total, total=total)
        assert shop.order(number).status.value == "refunded"
        assert ledger(shop, number) == {**places, "on_hand": -2}
    assert shop.drift() == []


@pytest.fixture(scope="module", autouse=True)
def nothing_drifted(shared_world: World) -> Iterator[None]:
    """See at the end that the counters are what the ledger says and no claim is left over."""
    yield
    assert shared_world.drift() == []
    with shared_world.database.read() as session:
        levels = inventory.levels(session, ["LOVE-2026"], now=clock.now())["LOVE-2026"]
    assert all(one.on_hand >= 0 for one in levels)
