"""The stand-in for Douyin, asked as its documents say and controlled as tests need it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.sandbox.conftest import FakeHub, Heard, Sandbox, running, until
from tests.sandbox.douyin_shop import call, do, make, sell, shown, system, token
from yinuo.core.db import Database
from yinuo.sandbox.settings import SandboxSettings

LIST, DETAIL = "order.searchList", "order.orderDetail"
ADD, MULTI = "order.logisticsAdd", "order.logisticsAddMultiPack"
TAKEN = (200, b'{"code":0,"msg":"success"}')


@pytest.fixture
def shop(hub: FakeHub, sandbox: Sandbox) -> Sandbox:
    hub.answer = lambda _heard: TAKEN
    sell(sandbox)
    return sandbox


def why(answer: dict[str, Any]) -> tuple[int, str]:
    return answer["code"], answer["sub_code"]


def messages(hub: FakeHub) -> list[dict[str, Any]]:
    return [one for heard in hub.at("/callbacks/douyin/dy") for one in json.loads(heard.body)]


def test_a_call_needs_its_signature_its_method_and_its_time(shop: Sandbox) -> None:
    access = token(shop)
    assert call(shop, LIST, access)["code"] == 10000
    invalid = (40003, "isv.signature-invalid")
    assert why(call(shop, LIST, access, query={"sign": "0" * 64})) == invalid
    assert why(call(shop, LIST, access, query={"sign_method": "md5"})) == invalid
    assert why(call(shop, LIST, access, query={"timestamp": "1"})) == invalid
    assert why(call(shop, LIST, access, query={"app_key": "1"}))[0] == 30001
    assert why(call(shop, LIST, access, query={"method": DETAIL}))[0] == 40003
    assert why(call(shop, "order.unknown", access))[0] == 40003


def test_a_token_ends_and_is_renewed(shop: Sandbox) -> None:
    assert why(call(shop, LIST, "")) == (40001, "isv.access-token-missing")
    assert why(call(shop, LIST, "x")) == (40003, "isv.access-token-no-existed")
    own = {"grant_type": "authorization_self", "shop_id": "12345"}
    first = call(shop, "token.create", "", **own)["data"]
    assert (first["expires_in"], first["shop_id"]) == (pytest.approx(604_800, abs=60), 12345)
    assert call(shop, "token.create", "", **own)["data"]["access_token"] == first["access_token"]
    shop.client.post("/control/douyin/token/end")
    expired = (40003, "isv.access-token-expired")
    assert why(call(shop, LIST, first["access_token"])) == expired
    renewal = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = call(shop, "token.refresh", "", **renewal)["data"]
    assert call(shop, LIST, second["access_token"])["code"] == 10000
    assert why(call(shop, "token.refresh", "", **renewal))[1] == "isv.refresh-token-expired"
    coded = {"grant_type": "authorization_code", "code": "yinuo-sandbox-douyin-code"}
    assert call(shop, "token.create", "", **coded)["data"] == {
        **second,
        "expires_in": pytest.approx(604_800, abs=60),
    }
    for wrong in (own | {"shop_id": "1"}, coded | {"code": "x"}):
        assert why(call(shop, "token.create", "", **wrong)) == (
            30001,
            "dop.authorization-no-existed",
        )


def test_orders_are_listed_by_page_time_and_state(shop: Sandbox) -> None:
    access, made = token(shop), make(shop, 25)
    do(shop, made[3], "cancel")
    ordered = {"order_by": "update_time", "order_asc": True, "size": 10}
    pages = [call(shop, LIST, access, page=page, **ordered)["data"] for page in range(4)]
    assert [len(page["shop_order_list"]) for page in pages] == [10, 10, 5, 0]
    assert {page["total"] for page in pages} == {25}
    orders = [one for page in pages for one in page["shop_order_list"]]
    assert sorted(one["order_id"] for one in orders) == sorted(made)
    times = [one["update_time"] for one in orders]
    assert times == sorted(times)
    cancelled = call(shop, LIST, access, combine_status=[{"order_status": "1,4"}], size=100)
    assert [one["order_id"] for one in cancelled["data"]["shop_order_list"]] == [made[3]]
    early = call(shop, LIST, access, update_time_end=times[0] - 1, size=100)["data"]
    assert early["total"] == 0
    exact = {"update_time_start": times[-1], "update_time_end": times[-1]}
    last = call(shop, LIST, access, size=100, **exact)["data"]["shop_order_list"]
    assert {one["update_time"] for one in last} == {times[-1]}
    for wrong in ({"size": 101}, {"page": 500, "size": 100}, {"page": -1}):
        assert why(call(shop, LIST, access, **wrong))[0] == 40004


def test_a_share_of_the_addresses_lacks_levels(shop: Sandbox) -> None:
    def odd(**wish: object) -> int:
        orders = [system(shop).desk.found(one) for one in make(shop, 100, **wish)]
        return sum(order.place != order.receiver for order in orders)

    assert odd(odd_share=0) == 0
    assert odd(odd_share=1, seed=8) == 100
    assert 2 <= odd(seed=9) <= 30


def test_receivers_are_opened_within_the_days_allowance(
    settings: SandboxSettings, database: Database
) -> None:
    few = settings.douyin.model_copy(update={"openings_a_day": 4})
    with running(settings.model_copy(update={"douyin": few}), database) as sandbox:
        sell(sandbox)
        access, numbers = token(sandbox), make(sandbox, 2)
        order = call(sandbox, DETAIL, access, shop_order_id=numbers[0])["data"]
        cipher = order["shop_order_detail"]["encrypt_post_receiver"]
        infos = [{"auth_id": one, "cipher_text": cipher} for one in numbers]
        opened = call(sandbox, "order.batchDecrypt", access, cipher_infos=infos)["data"]
        right, wrong = opened["decrypt_infos"]
        own = system(sandbox).desk.found(numbers[0])
        assert (right["err_no"], right["decrypt_text"]) == (0, own.receiver.name)
        assert (wrong["err_no"] != 0, wrong["decrypt_text"]) == (True, "")
        assert call(sandbox, "order.batchDecrypt", access, cipher_infos=infos)["code"] == 10000
        over = call(sandbox, "order.batchDecrypt", access, cipher_infos=infos[:1])
        assert (over["code"], "额度" in over["sub_msg"]) == (50002, True)


def test_a_refund_blocks_shipping(shop: Sandbox) -> None:
    access, number = token(shop), make(shop)[0]
    do(shop, number, "ask-refund")
    parcel = {"order_id": number, "company_code": "shunfeng", "logistics_code": "SF1"}
    assert why(call(shop, ADD, access, **parcel))[0] == 50002
    assert shown(shop, number)["waybills"] == []
    do(shop, number, "close-refund")
    assert call(shop, ADD, access, **parcel)["code"] == 10000
    assert (shown(shop, number)["order_status"], shown(shop, number)["waybills"]) == (3, ["SF1"])
    assert why(call(shop, ADD, access, **parcel))[0] == 50002


def test_a_request_that_is_repeated_gets_the_first_answer(shop: Sandbox) -> None:
    access, number = token(shop), make(shop)[0]
    parcel = {"order_id": number, "company_code": "shunfeng", "request_id": "r1"}
    first = call(shop, ADD, access, logistics_code="SF1", **parcel)
    again = call(shop, ADD, access, logistics_code="SF2", **parcel)
    assert first["data"] == again["data"] == {"pack_id": f"{number}SF1"}
    assert shown(shop, number)["waybills"] == ["SF1"]


def test_packs_take_their_share(shop: Sandbox) -> None:
    access = token(shop)
    number = next(one for one in make(shop, 40) if len(shown(shop, one)["lines"]) > 1)
    lines = system(shop).desk.found(number).lines

    def pack(waybill: str, number_of_line: str, units: int) -> dict[str, Any]:
        info = [{"shipped_order_id": number_of_line, "shipped_num": units}]
        one = {"shipped_order_info": info, "company_code": "jd", "logistics_code": waybill}
        return call(shop, MULTI, access, order_id=number, pack_list=[one], request_id=waybill)

    assert pack("JD1", lines[0].number, lines[0].count + 1)["code"] == 50002
    assert pack("JD1", lines[0].number, lines[0].count)["code"] == 10000
    assert shown(shop, number)["order_status"] == 101
    for place, line in enumerate(lines[1:]):
        assert pack(f"JD{place + 2}", line.number, line.count)["code"] == 10000
    assert shown(shop, number)["order_status"] == 3
    assert len(shown(shop, number)["waybills"]) == len(lines)


def test_remark_and_stock_are_kept(shop: Sandbox) -> None:
    access, number = token(shop), make(shop)[0]
    remark = {"order_id": number, "remark": "VIP-LOVE", "is_add_star": "true", "star": "5"}
    assert call(shop, "order.addOrderRemark", access, **remark)["code"] == 10000
    assert shown(shop, number)["seller_remark_stars"] == 5
    assert why(call(shop, "order.addOrderRemark", access, **remark | {"remark": "长" * 61}))[0]
    stock = {"code": "PILLOW", "stock_num": 8}
    assert call(shop, "sku.syncStock", access, **stock)["code"] == 10000
    more = stock | {"incremental": True}
    assert why(call(shop, "sku.syncStock", access, **more))[0] == 40002
    more["idempotent_id"] = "i1"
    assert call(shop, "sku.syncStock", access, **more)["code"] == 10000
    assert why(call(shop, "sku.syncStock", access, **more))[0] == 50002
    assert system(shop).desk.stock == {"PILLOW": 16}
    assert why(call(shop, "sku.syncStock", access, code="X", stock_num=1))[0] == 50002


def test_pushes_are_signed_and_repeated_until_they_are_taken(shop: Sandbox, hub: FakeHub) -> None:
    answers = [(500, b""), (200, b'{"code":1}'), TAKEN]
    shop.client.put("/control/clock", json={"scale": 1000})
    hub.answer = lambda _heard: answers.pop(0) if len(answers) > 1 else answers[0]
    number = make(shop, is_paid=False)[0]
    until(lambda: len(messages(hub)) == 3 and not shop.kernel.outbound.pending("douyin"))
    told = messages(hub)
    assert {one["tag"] for one in told} == {"100"}
    assert len({one["msg_id"] for one in told}) == 1
    assert json.loads(told[0]["data"])["p_id"] == int(number)
    for heard in hub.at("/callbacks/douyin/dy"):
        assert _is_signed(heard, shop)


def _is_signed(heard: Heard, shop: Sandbox) -> bool:
    own = shop.kernel.settings.douyin
    text = own.app_key.encode() + heard.body + own.app_secret.encode()
    return heard.headers["event-sign"] == hashlib.md5(text).hexdigest()


def test_pushes_come_twice_or_forged_on_demand(shop: Sandbox, hub: FakeHub) -> None:
    shop.set_faults("douyin", {"operation": "push", "kind": "duplicate", "times": 1})
    shop.client.post("/control/douyin/push-check")
    until(lambda: len(messages(hub)) == 2)
    assert [one["tag"] for one in messages(hub)] == ["0", "0"]
    assert len({one["msg_id"] for one in messages(hub)}) == 1
    forged = {"operation": "push", "kind": "error", "code": "WRONG_KEY", "times": 1}
    shop.set_faults("douyin", forged)
    shop.client.post("/control/douyin/push-check")
    until(lambda: len(messages(hub)) == 3)
    assert not _is_signed(hub.at("/callbacks/douyin/dy")[-1], shop)


def test_the_books_count_every_order(shop: Sandbox) -> None:
    numbers = make(shop, 12)
    unpaid = make(shop, 2, seed=8, is_paid=False)
    do(shop, unpaid[0], "cancel")
    do(shop, numbers[0], "refund")
    pay = [shown(shop, number)["pay_amount"] for number in numbers]
    days = shop.client.get("/control/douyin/books").json()["days"]
    total = {name: sum(day[name] for day in days) for name in days[0] if name != "day"}
    assert total == {
        "placed": 14,
        "paid": 12,
        "paid_fen": sum(pay),
        "cancelled": 2,
        "refunded": 1,
        "refunded_fen": pay[0],
    }


def test_what_cannot_be_done_is_refused_by_the_control(shop: Sandbox) -> None:
    number = make(shop, is_paid=False)[0]
    at = f"/control/douyin/orders/{number}"
    assert shop.client.post(f"{at}/refund").status_code == 409
    assert shop.client.post(f"{at}/finish").status_code == 409
    assert shop.client.post(f"{at}/dance").status_code == 404
    assert shop.client.get("/control/douyin/orders/1").status_code == 404
    assert shop.client.post("/control/douyin/orders", json={"count": 0}).status_code == 422
    assert do(shop, number, "pay")["order_status"] == 2


def test_what_was_made_is_there_after_a_restart(
    settings: SandboxSettings, database: Database
) -> None:
    with running(settings, database) as first:
        sell(first)
        numbers, access = make(first, 3), token(first)
    with running(settings, database) as second:
        listed = call(second, LIST, access, size=100)["data"]["shop_order_list"]
        assert sorted(one["order_id"] for one in listed) == sorted(numbers)


def test_the_stream_runs_when_it_is_told_to(shop: Sandbox) -> None:
    path = "/control/douyin/traffic"
    plan = shop.client.get(path).json()
    assert (plan["orders_per_minute"], plan["is_running"]) == (0, False)
    shop.client.put(path, json={"orders_per_minute": 3000, "is_running": True})
    until(lambda: len(system(shop).desk.ledger) >= 5)
    shop.client.put(path, json={"is_running": False})


def test_nothing_personal_is_shown(shop: Sandbox) -> None:
    numbers = make(shop, 5)
    told = (
        shop.client.get("/control/systems/douyin/state").text
        + shop.client.get("/control/douyin/orders").text
        + str(shop.calls("douyin"))
    )
    for number in numbers:
        receiver = system(shop).desk.found(number).receiver
        assert number in told
        assert receiver.phone not in told
        assert receiver.detail not in told
