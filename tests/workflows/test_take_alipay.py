"""Alipay's notices in any order, twice, wrongly or not at all: booked once, claimed once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.web.client import Client
from tests.workflows import alipay_notices as notices
from tests.workflows import notices as wechat
from tests.workflows.test_take_payment import PRICE, booked, reservations, untouched
from tests.workflows.world import World
from yinuo.core import clock
from yinuo.web.app import create_app
from yinuo.workflows import ask_payments


def taken(world: World, fields: dict[str, str]) -> None:
    """Deliver a notice and see that the answer is the seven characters."""
    answer = notices.send(world, fields)
    assert (answer.status_code, answer.content) == (200, b"success")
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_payment_is_answered_success_and_claims(shop: World) -> None:
    shop.place("YNALI")
    taken(shop, notices.paid("PAYYNALI", PRICE))
    assert shop.claimed("YNALI") == {"LOVE-2026": 1}
    order = shop.until_status("YNALI", "in_warehouse")
    assert (order.payment_status.value, order.paid_fen) == ("paid", PRICE)
    assert (booked(shop, "PAYYNALI"), shop.erp_documents("YNALI")) == (["accepted"], 1)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"sign": "forged"}, 401, "alipay.bad_signature"),
        ({"notify_time": "2020-01-01 00:00:00"}, 401, "alipay.stale"),
        ({"app_id": "2021000000009999"}, 422, "alipay.malformed"),
        ({"seller_id": "2088000000009999"}, 422, "alipay.malformed"),
        ({"total_amount": "259.901"}, 422, "alipay.malformed"),
        ({"trade_status": "TRADE_UNHEARD_OF"}, 422, "alipay.malformed"),
    ],
)
def test_what_is_not_believed_changes_nothing(
    shop: World, changes: dict[str, str], status: int, code: str
) -> None:
    number = f"YNBAD{status}{next(iter(changes))}".replace("_", "").upper()
    shop.place(number)
    fields = notices.paid(f"PAY{number}", PRICE) | changes
    body = notices.signed(fields)
    if "sign" in changes:
        body = notices.signed(notices.paid(f"PAY{number}", PRICE)).replace(b"259.90", b"259.91")
    answer = notices.send(shop, body)
    assert (answer.status_code, answer.text) == (status, f"fail {code}")
    assert untouched(shop, number)


def test_an_account_that_is_not_ours_and_a_foreign_address_are_refused(shop: World) -> None:
    shop.place("YNELSE")
    body = notices.signed(notices.paid("PAYYNELSE", PRICE))
    assert shop.client.post("/callbacks/alipay/other", content=body).status_code == 404
    with Client(create_app(shop.hub), address="203.0.113.9", console=False) as client:
        answer = client.post(notices.PATH, content=body)
    assert (answer.status_code, answer.text) == (403, "fail alipay.address_not_allowed")
    assert untouched(shop, "YNELSE")


def test_a_notice_played_back_and_the_same_event_with_a_new_id_count_once(shop: World) -> None:
    shop.place("YNAGAIN")
    first = notices.paid("PAYYNAGAIN", PRICE)
    for fields in (first, first, notices.paid("PAYYNAGAIN", PRICE), first):
        taken(shop, fields)
    taken(shop, notices.paid("PAYYNAGAIN", PRICE, trade_status="TRADE_FINISHED"))
    assert booked(shop, "PAYYNAGAIN") == ["accepted"]
    shop.until_status("YNAGAIN", "in_warehouse")
    assert (reservations(shop, "YNAGAIN"), shop.erp_documents("YNAGAIN")) == (1, 1)


def test_eight_notices_at_the_same_moment_count_once(shop: World) -> None:
    shop.place("YNEIGHT")
    told = [notices.paid("PAYYNEIGHT", PRICE) for _ in range(2)] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: notices.send(shop, one).content, told))
    assert answers == [b"success"] * 8
    assert booked(shop, "PAYYNEIGHT") == ["accepted"]
    shop.until_status("YNEIGHT", "in_warehouse")
    assert reservations(shop, "YNEIGHT") == 1


def test_a_wrong_amount_holds_the_order_and_is_not_sent_again(shop: World) -> None:
    shop.place("YNALIWRONG")
    taken(shop, notices.paid("PAYYNALIWRONG", PRICE - 1))
    order = shop.order("YNALIWRONG")
    assert (order.status.value, [hold.reason for hold in order.holds]) == (
        "held",
        ["payment_amount_mismatch"],
    )
    assert reservations(shop, "YNALIWRONG") == 0
    assert shop.items_of(order.id) == [("payment_amount_mismatch", "open")]


def test_a_payment_before_its_order_waits_for_it(shop: World) -> None:
    taken(shop, notices.paid("PAYYNALIEARLY", PRICE))
    assert shop.items_of("PAYYNALIEARLY") == [("payment_unmatched", "open")]
    shop.place("YNALIEARLY")
    assert shop.claimed("YNALIEARLY") == {"LOVE-2026": 1}
    assert shop.items_of("PAYYNALIEARLY") == [("payment_unmatched", "resolved")]


def test_both_providers_paying_one_order_leave_one_accepted(shop: World) -> None:
    shop.place("YNBOTHWAYS")
    taken(shop, notices.paid("PAYYNBOTHWAYS", PRICE))
    assert wechat.send(shop, wechat.paid("PAYYNBOTHWAYS", PRICE)).status_code == 204
    assert sorted(booked(shop, "PAYYNBOTHWAYS")) == ["accepted", "overpaid"]
    assert reservations(shop, "YNBOTHWAYS") == 1


def test_a_success_told_again_with_a_partial_refund_is_a_refund_and_pays_nothing(
    shop: World,
) -> None:
    shop.place("YNPARTLY")
    taken(shop, notices.paid("PAYYNPARTLY", PRICE))
    for _ in range(2):
        taken(shop, notices.refunded("PAYYNPARTLY", 1000, total_fen=PRICE))
    order = shop.until_status("YNPARTLY", "in_warehouse")
    assert (order.payment_status.value, order.paid_fen, order.refunded_fen) == (
        "partly_refunded",
        PRICE,
        1000,
    )
    assert (booked(shop, "PAYYNPARTLY"), reservations(shop, "YNPARTLY")) == (["accepted"], 1)
    taken(shop, notices.refunded("PAYYNPARTLY", PRICE, total_fen=PRICE, refund="2", after=2))
    order = shop.until_status("YNPARTLY", "cancelled")
    assert (order.payment_status.value, order.refunded_fen) == ("refunded", PRICE)
    assert shop.claimed("YNPARTLY") == {}


@pytest.mark.parametrize("sequence", list(itertools.permutations(("paid", "part", "whole"))))
def test_payment_and_refunds_in_any_order_end_alike(shop: World, sequence: tuple[str, ...]) -> None:
    number = "YN" + "".join(word.upper() for word in sequence)
    shop.place(number)
    told = {
        "paid": notices.paid(f"PAY{number}", PRICE),
        "part": notices.refunded(f"PAY{number}", 1000, total_fen=PRICE),
        "whole": notices.refunded(f"PAY{number}", PRICE, total_fen=PRICE, refund="2", after=2),
    }
    for word in sequence:
        taken(shop, told[word])
    order = shop.until_status(number, "cancelled")
    assert (order.payment_status.value, order.paid_fen, order.refunded_fen) == (
        "refunded",
        PRICE,
        PRICE,
    )
    shop.until(lambda: shop.claimed(number) == {}, what="for the claim to go back")
    assert shop.erp_documents(number) == 0


def test_a_buyer_who_chose_alipay_is_found_by_asking(shop: World) -> None:
    number = shop.buy(("P-LOVE", 1), pays_with="alipay")
    shop.pay(number, is_silent=True)
    assert shop.order(number).status.value == "unpaid"
    with clock.fixed(clock.now() + timedelta(minutes=3)):
        ask_payments.ask_for_late_payments()
    shop.until_status(number, "in_warehouse")
    assert (reservations(shop, number), shop.erp_documents(number)) == (1, 1)


def test_a_buyer_pays_and_cancels_with_alipay_through_the_sandbox(shop: World) -> None:
    number = shop.buy(("P-LOVE", 1), pays_with="alipay")
    shop.pay(number)
    shop.until_status(number, "in_warehouse")
    answer = shop.sandbox.post(f"/shop/api/orders/{number}/cancel")
    assert answer.status_code == 200, answer.text
    order = shop.until_status(number, "cancelled")
    shop.until(lambda: shop.order(number).payment_status.value == "refunded")
    assert shop.order(number).refunded_fen == order.paid_fen
    assert shop.claimed(number) == {}


@pytest.fixture(scope="module", autouse=True)
def nothing_drifted(shared_world: World) -> Iterator[None]:
    """See at the end that the counters are what the ledger says."""
    yield
    assert shared_world.drift() == []
