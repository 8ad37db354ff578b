"""Money that comes in any order, twice, wrongly or not at all is booked once and claims once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.web.client import Client
from tests.workflows import notices
from tests.workflows.merchant import UNITS
from tests.workflows.world import World
from yinuo.core import clock
from yinuo.inventory import service as inventory
from yinuo.web.app import create_app
from yinuo.workflows import ask_payments, cancel_order

PRICE = 25990


def booked(world: World, payment_number: str) -> list[str]:
    """Return the outcomes of the payments booked under a number."""
    with world.database.read() as session:
        found = sa.text("SELECT outcome FROM payments WHERE payment_number = :n ORDER BY id")
        return list(session.execute(found, {"n": payment_number}).scalars())


def reservations(world: World, number: str) -> int:
    """Return how many claims an order ever had."""
    with world.database.read() as session:
        found = sa.text("SELECT count(*) FROM reservations WHERE owner = :id")
        return int(session.execute(found, {"id": world.order(number).id}).scalar_one())


def untouched(world: World, number: str) -> bool:
    """Tell whether nothing was booked or claimed for an order."""
    return (
        world.order(number).status.value,
        world.claimed(number),
        booked(world, f"PAY{number}"),
    ) == (
        "unpaid",
        {},
        [],
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Wechatpay-Signature", "c2lnbmF0dXJl"),
        ("Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc"),
        ("Wechatpay-Serial", "PUB_KEY_ID_9"),
        ("Wechatpay-Timestamp", "yesterday"),
    ],
)
def test_a_forged_notice_and_the_providers_probe_change_nothing(shop: World, name: str, value: str):
    number = f"YNFORGED{len(name)}{len(value)}"
    shop.place(number)
    answer = notices.send(shop, notices.paid(f"PAY{number}", PRICE), **{name: value})
    assert (answer.status_code, answer.json()) == (
        401,
        {"code": "FAIL", "message": "wechat_pay.bad_signature"},
    )
    assert untouched(shop, number)


def test_a_stale_notice_and_a_changed_body_are_refused(shop: World):
    shop.place("YNSTALE")
    notice = notices.paid("PAYYNSTALE", PRICE)
    answer = notices.send(shop, notice, age=301)
    assert (answer.status_code, answer.json()["message"]) == (401, "wechat_pay.stale")
    answer = shop.client.post(
        notices.PATH, content=notice.body + b" ", headers=notices.signed(notice.body)
    )
    assert (answer.status_code, answer.json()["message"]) == (401, "wechat_pay.bad_signature")
    assert untouched(shop, "YNSTALE")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 7}', b"\xff\xfe", b'{"id":"EV-1"}'])
def test_a_signed_notice_that_makes_no_sense_is_refused(shop: World, body: bytes):
    answer = shop.client.post(notices.PATH, content=body, headers=notices.signed(body))
    assert (answer.status_code, answer.json()["message"]) == (422, "wechat_pay.malformed")


def test_a_body_of_two_megabytes_is_refused_before_anything_is_kept(shop: World):
    body = b'{"id":"' + b"x" * (2 * 1024 * 1024) + b'"}'
    answer = shop.client.post(notices.PATH, content=body, headers=notices.signed(body))
    assert answer.status_code == 413


def test_an_address_that_is_not_the_providers_is_refused(shop: World):
    shop.place("YNFOREIGN")
    notice = notices.paid("PAYYNFOREIGN", PRICE)
    with Client(create_app(shop.hub), address="203.0.113.9", console=False) as client:
        answer = client.post(notices.PATH, content=notice.body, headers=notices.signed(notice.body))
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "wechat_pay.address_not_allowed",
    )
    assert untouched(shop, "YNFOREIGN")


def test_the_same_notice_and_the_same_event_with_a_new_id_count_once(shop: World):
    shop.place("YNTWICE")
    first = notices.paid("PAYYNTWICE", PRICE)
    again = notices.paid("PAYYNTWICE", PRICE)
    answers = [notices.send(shop, one).status_code for one in (first, first, again, first)]
    assert answers == [204] * 4
    assert booked(shop, "PAYYNTWICE") == ["accepted"]
    shop.until_status("YNTWICE", "in_warehouse")
    assert reservations(shop, "YNTWICE") == 1
    assert shop.erp_documents("YNTWICE") == 1


def test_two_notices_at_the_same_moment_count_once(shop: World):
    shop.place("YNATONCE")
    told = [notices.paid("PAYYNATONCE", PRICE) for _ in range(2)] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: notices.send(shop, one).status_code, told))
    assert answers == [204] * 8
    assert booked(shop, "PAYYNATONCE") == ["accepted"]
    shop.until_status("YNATONCE", "in_warehouse")
    assert (reservations(shop, "YNATONCE"), shop.erp_documents("YNATONCE")) == (1, 1)


def test_a_wrong_amount_holds_the_order_and_claims_nothing(shop: World):
    shop.place("YNWRONG")
    assert notices.send(shop, notices.paid("PAYYNWRONG", PRICE - 1)).status_code == 204
    order = shop.order("YNWRONG")
    assert (order.status.value, order.paid_fen) == ("held", PRICE - 1)
    assert [hold.reason for hold in order.holds] == ["payment_amount_mismatch"]
    assert shop.items_of(order.id) == [("payment_amount_mismatch", "open")]
    assert reservations(shop, "YNWRONG") == 0
    assert booked(shop, "PAYYNWRONG") == ["amount_mismatch"]


def test_a_payment_before_its_order_waits_for_it_and_then_claims(shop: World):
    assert notices.send(shop, notices.paid("PAYYNEARLY", PRICE)).status_code == 204
    assert booked(shop, "PAYYNEARLY") == ["order_unknown"]
    assert shop.items_of("PAYYNEARLY") == [("payment_unmatched", "open")]
    shop.place("YNEARLY")
    assert shop.claimed("YNEARLY") == {"LOVE-2026": 1}
    assert booked(shop, "PAYYNEARLY") == ["accepted"]
    assert shop.items_of("PAYYNEARLY") == [("payment_unmatched", "resolved")]
    shop.until_status("YNEARLY", "in_warehouse")
    assert reservations(shop, "YNEARLY") == 1


def test_payment_and_refund_before_their_order_leave_it_cancelled_with_nothing_claimed(
    shop: World,
):
    notices.send(shop, notices.refunded("PAYYNBOTH", PRICE, total_fen=PRICE))
    assert shop.items_of("PAYYNBOTH") == [("refund_unmatched", "open")]
    notices.send(shop, notices.paid("PAYYNBOTH", PRICE))
    shop.place("YNBOTH")
    order = shop.until_status("YNBOTH", "cancelled")
    assert order.payment_status.value == "refunded"
    assert {state for _, state in shop.items_of("PAYYNBOTH")} == {"resolved"}
    shop.until(lambda: shop.claimed("YNBOTH") == {}, what="for the claim to go back")
    assert set(shop.documents("YNBOTH").values()) <= {"cancelled"}


def test_a_payment_after_cancellation_goes_to_a_person_until_it_is_refunded(shop: World):
    shop.place("YNLATEPAY")
    cancel_order.request(
        shop.database,
        shop.order("YNLATEPAY").id,
        reason="workflows.reason.buyer",
        actor="system",
    )
    order = shop.until_status("YNLATEPAY", "cancelled")
    for _ in range(2):
        assert notices.send(shop, notices.paid("PAYYNLATEPAY", PRICE)).status_code == 204
    assert shop.order("YNLATEPAY").status.value == "cancelled"
    assert shop.items_of(order.id) == [("payment_after_cancel", "open")]
    assert (reservations(shop, "YNLATEPAY"), booked(shop, "PAYYNLATEPAY")) == (
        0,
        ["order_cancelled"],
    )
    notices.send(shop, notices.refunded("PAYYNLATEPAY", PRICE, total_fen=PRICE))
    assert shop.items_of(order.id) == [("payment_after_cancel", "resolved")]


def test_a_second_payment_for_one_order_goes_to_a_person_and_the_order_goes_on(shop: World):
    shop.place("YNOVER")
    notices.send(shop, notices.paid("PAYYNOVER", PRICE))
    notices.send(shop, notices.paid("PAYYNOVER", PRICE, transaction="4200OTHER"))
    order = shop.until_status("YNOVER", "in_warehouse")
    assert sorted(booked(shop, "PAYYNOVER")) == ["accepted", "overpaid"]
    assert shop.items_of(order.id) == [("payment_after_cancel", "open")]
    assert reservations(shop, "YNOVER") == 1


def test_a_full_refund_before_shipping_takes_everything_back_once(shop: World):
    shop.place("YNREFUND")
    notices.send(shop, notices.paid("PAYYNREFUND", PRICE))
    shop.until_status("YNREFUND", "in_warehouse")
    told = notices.refunded("PAYYNREFUND", PRICE, total_fen=PRICE)
    for _ in range(3):
        assert notices.send(shop, told).status_code == 204
    order = shop.until_status("YNREFUND", "cancelled")
    assert (order.payment_status.value, order.refunded_fen) == ("refunded", PRICE)
    assert (shop.claimed("YNREFUND"), shop.erp_documents("YNREFUND")) == ({}, 0)
    assert shop.wms("YNREFUND")["order"]["status"] == "CANCELED"
    assert set(shop.documents("YNREFUND").values()) == {"cancelled"}
    assert shop.items_of(order.id) == []
    assert shop.timeline("YNREFUND").count("orders.timeline.cancelled") == 1


def test_a_partial_refund_lets_the_order_go_on(shop: World):
    shop.place("YNPART")
    notices.send(shop, notices.paid("PAYYNPART", PRICE))
    notices.send(shop, notices.refunded("PAYYNPART", 1000, total_fen=PRICE))
    order = shop.until_status("YNPART", "in_warehouse")
    assert (order.payment_status.value, order.refunded_fen) == ("partly_refunded", 1000)
    assert "orders.timeline.cancelled" not in shop.timeline("YNPART")
    notices.send(shop, notices.refunded("PAYYNPART", PRICE - 1000, total_fen=PRICE, refund="2"))
    shop.until_status("YNPART", "cancelled")


def test_a_payment_whose_notice_never_came_is_found_by_asking(shop: World):
    number = shop.buy(("P-LOVE", 1))
    shop.pay(number, is_silent=True)
    assert shop.order(number).status.value == "unpaid"
    with clock.fixed(clock.now() + timedelta(minutes=3)):
        found = [ask_payments.ask_for_late_payments() for _ in range(2)]
    assert found[1] == 0  # asked about each order once, and less often from then on
    shop.until_status(number, "in_warehouse")
    assert (reservations(shop, number), shop.erp_documents(number)) == (1, 1)


@pytest.fixture(scope="module", autouse=True)
def nothing_drifted(shared_world: World) -> Iterator[None]:
    """See at the end that the counters are what the ledger says and no unit is lost."""
    yield
    assert shared_world.drift() == []
    with shared_world.database.read() as session:
        level = inventory.levels(session, ["LOVE-2026"], now=clock.now())["LOVE-2026"]
    assert sum(one.on_hand for one in level) == 2 * UNITS
