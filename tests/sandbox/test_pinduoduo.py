"""The stand-in for Pinduoduo, asked as its documents say and controlled as tests need it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.sandbox.conftest import Sandbox, running, until
from tests.sandbox.pinduoduo_shop import CATALOG, call, do, make, refusal, sell, system
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.sandbox.pinduoduo.ledger import Ledger, day_books
from yinuo.sandbox.pinduoduo.maker import make_order
from yinuo.sandbox.pinduoduo.model import CALLED_OFF, PddOrder, told_order
from yinuo.sandbox.settings import SandboxSettings
from yinuo.sandbox.shop.model import GiftPart, Product

LIST = "order.number.list.increment.get"
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PRODUCTS = [
    Product(
        listing=f"p{number}",
        sku=f"S-{number}",
        name="x",
        price_fen=9900,
        gifts=[GiftPart("g", "CARD", "贺卡")] if number == 0 else [],
    )
    for number in range(30)
]


@pytest.fixture
def shop(sandbox: Sandbox) -> Sandbox:
    sell(sandbox)
    return sandbox


def asked(**changes: object) -> dict[str, object]:
    now = int(datetime.now(UTC).timestamp())
    return {
        "start_updated_at": now - 1700,
        "end_updated_at": now + 60,
        "order_status": 5,
        "refund_status": 5,
        "is_lucky_flag": 0,
        "page": 1,
        "page_size": 100,
    } | changes


def listed(answer: dict[str, object]) -> dict[str, object]:
    found = answer["order_sn_increment_get_response"]
    assert isinstance(found, dict)
    return found


def crowd(seed: int, count: int) -> list[PddOrder]:
    chance = random.Random(seed)
    made = (make_order(chance, PRODUCTS, at=AT) for _ in range(count))
    return [order for order in made if order is not None]


def test_the_same_seed_makes_the_same_orders() -> None:
    assert crowd(1, 30) == crowd(1, 30)
    assert crowd(1, 30) != crowd(2, 30)
    assert len({order.number for order in crowd(1, 300)}) == 300


def test_made_orders_are_told_with_sums_that_fit() -> None:
    for order in crowd(3, 300):
        told = told_order(order)
        assert told["pay_amount"] == round(
            float(str(told["goods_amount"]))
            - float(str(told["discount_amount"]))
            + float(str(told["postage"]))
            + order.service_fen / 100,
            2,
        )
        assert order.pay_fen > 0
        assert order.number.startswith("261122-")
    gifts = [order for order in crowd(3, 300) if order.gifts]
    assert all(order.lines[0].outer_id != "p0" for order in gifts)
    assert gifts


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sign": "0" * 32}, 10001),
        ({"client_id": "another"}, 10001),
        ({"timestamp": int(datetime.now(UTC).timestamp()) - 3600}, 10001),
        ({"timestamp": "soon"}, 10001),
        ({"access_token": "another"}, 10019),
        ({"access_token": ""}, 10019),
        ({"start_updated_at": 0}, 50001),
        ({"page_size": 101}, 50001),
        ({"page": 0}, 50001),
        ({"order_status": ""}, 10001),
        ({"is_lucky_flag": 9}, 10001),
    ],
)
def test_a_wrong_call_is_refused(shop: Sandbox, changes: dict[str, object], code: int) -> None:
    assert refusal(call(shop, LIST, **(asked() | changes)))[0] == code


def test_windows_of_thirty_minutes_are_taken_and_longer_ones_refused(shop: Sandbox) -> None:
    now = int(datetime.now(UTC).timestamp())
    fine = asked(start_updated_at=now - 1800, end_updated_at=now)
    assert listed(call(shop, LIST, **fine))["total_count"] == 0
    long = asked(start_updated_at=now - 1801, end_updated_at=now)
    assert refusal(call(shop, LIST, **long)) == (50001, "查询时间间隔不能超过30分钟")


def test_an_unknown_method_is_refused(shop: Sandbox) -> None:
    assert refusal(call(shop, "order.magic"))[0] == 10001


def test_lists_are_paged_and_filtered(shop: Sandbox) -> None:
    first, *others = make(shop, 5)
    do(shop, first, "ask-refund")
    whole = listed(call(shop, LIST, **asked(page_size=2, page=3)))
    assert whole["total_count"] == 5
    orders = whole["order_sn_list"]
    assert isinstance(orders, list)
    assert [order["order_sn"] for order in orders] == [first]
    assert listed(call(shop, LIST, **asked(refund_status=2)))["total_count"] == 1
    assert listed(call(shop, LIST, **asked(refund_status=1)))["total_count"] == len(others)
    assert listed(call(shop, LIST, **asked(order_status=2)))["total_count"] == 0
    assert listed(call(shop, LIST, **asked(is_lucky_flag=2)))["total_count"] == 0
    quick = listed(call(shop, LIST, **asked(page_size=3, use_has_next="true")))
    assert (quick["has_next"], "total_count" in quick) == (True, False)


def test_a_call_may_be_a_json_object(shop: Sandbox) -> None:
    made_up = shop.kernel.settings.pinduoduo
    body = {"type": "pdd.order.information.get", "client_id": made_up.client_id, "sign": "x"}
    answer = shop.client.post("/pinduoduo/api/router", json=body).json()
    assert refusal(answer) == (10001, "签名sign校验失败")


def test_a_parcel_is_taken_for_an_order_that_may_leave(shop: Sandbox) -> None:
    number, open_group = make(shop)[0], make(shop, seed=9, is_confirmed=False)[0]
    send, extra = "logistics.online.send", "order.upload.extra.logistics"
    tracks = '[{"shipping_id":44,"tracking_number":"SF2"}]'
    first = {"order_sn": number, "logistics_id": 44, "tracking_number": "SF1"}
    for method, params, expected in (
        (send, first | {"order_sn": "261122-1"}, (50001, "订单不存在")),
        (send, first | {"order_sn": open_group}, (50001, "订单未成交")),
        (send, first | {"logistics_id": 7}, (50001, "快递公司不存在")),
        (send, first | {"logistics_id": "SF"}, (10001, "参数logistics_id格式错误")),
        (send, first | {"tracking_number": ""}, (10001, "参数tracking_number不能为空")),
        (send, first | {"redelivery_type": 2}, (50001, "订单未发货")),
        (extra, {"order_sn": number, "extra_track_list": tracks}, (50001, "订单未发货")),
        (
            extra,
            {"order_sn": number, "extra_track_list": "x"},
            (10001, "参数extra_track_list格式错误"),
        ),
    ):
        assert refusal(call(shop, method, **params)) == expected
    assert "error_response" not in call(shop, send, **first)
    assert refusal(call(shop, send, **first)) == (50001, "订单已发货")
    other = first | {"tracking_number": "SF9", "redelivery_type": 2}
    assert "error_response" not in call(shop, send, **other)
    for wrong in ({"extra_track_type": 4}, {"extra_track_list": tracks.replace("44", "7")}):
        params = {"order_sn": number, "extra_track_list": tracks} | wrong
        assert refusal(call(shop, extra, **params))[0] in {10001, 50001}
    shown = shop.client.get(f"/control/pinduoduo/orders/{number}").json()
    assert shown["waybills"] == ["SF9"]
    assert shop.client.post(f"/control/pinduoduo/orders/{number}/cancel").status_code == 409


def test_a_figure_is_taken_for_what_is_sold(shop: Sandbox) -> None:
    update = "goods.quantity.update"
    desk = system(shop).desk
    pillow = next(one for one in desk.articles().values() if one.outer_id == "PILLOW")
    known = {"goods_id": pillow.goods_id, "quantity": 5}
    for params, expected in (
        (known, 10001),
        (known | {"sku_id": 1}, 50002),
        (known | {"outer_id": "PILLOW", "goods_id": 1}, 50002),
        (known | {"outer_id": "PILLOW", "update_type": 3}, 10001),
        (known | {"outer_id": "PILLOW", "quantity": -1}, 50002),
    ):
        assert refusal(call(shop, update, **params))[0] == expected
    assert desk.stock == {}
    call(shop, update, **known, outer_id="PILLOW")
    call(shop, update, goods_id=pillow.goods_id, sku_id=pillow.sku_id, quantity=-2, update_type=2)
    assert desk.stock == {str(pillow.sku_id): 3}


def test_what_is_no_list_of_ciphertexts_is_refused(shop: Sandbox) -> None:
    for text in ("x", "[]", "{}"):
        assert refusal(call(shop, "open.decrypt.batch", data_list=text))[0] == 10001
    alien = '[{"data_tag":"261122-1","encrypted_data":"~x~"}]'
    answer = call(shop, "open.decrypt.batch", data_list=alien)["open_decrypt_batch_response"]
    assert isinstance(answer, dict)
    assert answer["data_decrypt_list"][0]["error_msg"] == "密文与订单不匹配"


def test_quota_of_a_method_is_kept(settings: SandboxSettings, database: Database) -> None:
    small = settings.pinduoduo.model_copy(update={"lists_a_minute": 2})
    with running(settings.model_copy(update={"pinduoduo": small}), database) as sandbox:
        codes = ["error_response" in call(sandbox, LIST, **asked()) for _ in range(5)]
    # The stretch of a minute may end between two of the calls.
    assert codes.count(True) >= 1


def test_changes_that_are_told_late_come_later(
    settings: SandboxSettings, database: Database
) -> None:
    late = settings.pinduoduo.model_copy(update={"late_seconds": 2})
    with running(settings.model_copy(update={"pinduoduo": late}), database) as sandbox:
        sell(sandbox)
        make(sandbox, 40)
        assert listed(call(sandbox, LIST, **asked()))["total_count"] < 40  # type: ignore[operator]
        until(lambda: listed(call(sandbox, LIST, **asked()))["total_count"] == 40)


def test_orders_stock_and_books_hold_over_a_restart(
    settings: SandboxSettings, database: Database
) -> None:
    with running(settings, database) as sandbox:
        sell(sandbox)
        paid, failed, refunded = make(sandbox, 3)
        open_group = make(sandbox, 1, seed=8, is_confirmed=False)[0]
        do(sandbox, open_group, "cancel")
        do(sandbox, refunded, "refund")
        do(sandbox, refunded, "refund")
        sandbox.client.post("/control/pinduoduo/token/end")
        before = sandbox.client.get("/control/pinduoduo/books").json()
        listing = call(sandbox, LIST, **asked())
        assert refusal(listing)[0] == 10019
    with running(settings, database) as sandbox:
        assert sandbox.client.get("/control/pinduoduo/books").json() == before
        items = sandbox.client.get("/control/pinduoduo/orders").json()
        assert items["count"] == 4
        assert refusal(call(sandbox, LIST, **asked()))[0] == 10019
        pay = {item["order_sn"]: item["pay_fen"] for item in items["items"]}
    today = datetime.now(clock.SHANGHAI).date().isoformat()
    days = [day for day in before["days"] if day["day"] == today]
    if len(before["days"]) == 1:  # unless midnight has passed meanwhile
        assert days == [
            {
                "day": today,
                "placed": 4,
                "confirmed": 3,
                "confirmed_fen": pay[paid] + pay[failed] + pay[refunded],
                "cancelled": 1,
                "refunded": 1,
                "refunded_fen": pay[refunded],
            }
        ]


def test_books_count_each_thing_on_its_own_day() -> None:
    first, second = crowd(5, 2)
    late = AT.replace(hour=15, minute=59)  # a minute before midnight in Beijing

    first = replace(first, confirmed_at=late, refunded_at=late + timedelta(minutes=2))
    second = replace(second, confirmed_at=None, confirm_status=CALLED_OFF)
    assert day_books([first, second]) == [
        {
            "day": "2026-11-22",
            "placed": 2,
            "confirmed": 1,
            "confirmed_fen": first.pay_fen,
            "cancelled": 1,
            "refunded": 0,
            "refunded_fen": 0,
        },
        {
            "day": "2026-11-23",
            "placed": 0,
            "confirmed": 0,
            "confirmed_fen": 0,
            "cancelled": 0,
            "refunded": 1,
            "refunded_fen": first.pay_fen,
        },
    ]


def test_an_older_change_does_not_replace_a_newer_one() -> None:

    order = crowd(6, 1)[0]
    newer = replace(order, changed_at=AT + timedelta(seconds=5), order_status=2)
    ledger = Ledger()
    for one in (order, newer, order):
        ledger.note(one)
    second = int(AT.timestamp())
    assert [entry.number for entry in ledger.changed(second, second + 5, now=0)] == [order.number]
    assert ledger.changed(second, second + 4, now=0) == []
    assert ledger.get(order.number) == newer


def test_each_change_of_an_order_has_a_second_of_its_own(shop: Sandbox) -> None:
    number = make(shop)[0]
    seen = [do(shop, number, deed)["updated_at"] for deed in ("review", "pass-review", "review")]
    assert sorted(set(map(str, seen))) == seen
    again = do(shop, number, "review")
    assert again["updated_at"] == seen[-1]


def test_what_cannot_be_done_is_refused_by_the_control(shop: Sandbox) -> None:
    number = make(shop, is_confirmed=False)[0]
    at = f"/control/pinduoduo/orders/{number}"
    assert shop.client.post(f"{at}/refund").status_code == 409
    assert shop.client.post(f"{at}/dance").status_code == 404
    assert shop.client.get("/control/pinduoduo/orders/261122-000000000000000").status_code == 404
    assert shop.client.post("/control/pinduoduo/orders", json={"count": 0}).status_code == 422
    assert shop.client.post("/control/pinduoduo/orders", content=b"x").status_code == 422
    assert do(shop, number, "confirm")["confirm_status"] == 1
    assert do(shop, number, "cancel")["refund_status"] == 4


def test_what_is_sold_out_is_not_ordered_and_comes_back_with_a_cancelled_order(
    shop: Sandbox,
) -> None:
    desk = system(shop).desk
    for sku_id, article in desk.articles().items():
        desk.show_stock(sku_id, 30 if article.outer_id == "PILLOW" else 0, is_difference=False)
    numbers = make(shop, 200)
    pillow = next(str(key) for key, one in desk.articles().items() if one.outer_id == "PILLOW")
    shown = [shop.client.get(f"/control/pinduoduo/orders/{one}").json() for one in numbers]
    sold = sum(order["lines"]["PILLOW"] for order in shown)
    assert all(set(order["lines"]) == {"PILLOW"} for order in shown)
    assert sold == 30 - desk.stock[pillow]
    do(shop, numbers[0], "cancel")
    do(shop, numbers[0], "cancel")
    assert desk.stock[pillow] == 30 - sold + shown[0]["lines"]["PILLOW"]


def test_the_stream_runs_when_it_is_told_to(shop: Sandbox) -> None:
    path = "/control/pinduoduo/traffic"
    plan = shop.client.get(path).json()
    assert (plan["orders_per_minute"], plan["is_running"]) == (0, False)
    assert shop.client.put(path, json={"orders_per_minute": -1}).status_code == 422
    shop.client.put(path, json={"orders_per_minute": 3000, "is_running": True})
    until(lambda: len(system(shop).desk.ledger) >= 5)
    shop.client.put(path, json={"is_running": False})
    assert shop.client.get(path).json()["is_running"] is False


def test_without_a_catalogue_nobody_orders(sandbox: Sandbox) -> None:
    assert make(sandbox, 3) == []


def test_nothing_personal_is_shown(shop: Sandbox) -> None:
    numbers = make(shop, 5)
    desk = system(shop).desk
    shown = (
        shop.client.get("/control/systems/pinduoduo/state").text
        + shop.client.get("/control/pinduoduo/orders").text
        + str(shop.calls("pinduoduo"))
    )
    for number in numbers:
        receiver = desk.found(number).receiver
        assert number in shown
        assert receiver.phone not in shown
        assert receiver.detail not in shown


def test_faults_are_the_vendors_own(shop: Sandbox) -> None:
    fault = {"operation": LIST, "kind": "error", "times": 1}
    for code, expected in (("52101", 52101), ("50001", 50001), (None, 52102)):
        shop.set_faults("pinduoduo", fault | {"code": code})
        assert refusal(call(shop, LIST, **asked()))[0] == expected
    assert listed(call(shop, LIST, **asked()))["total_count"] == 0


def test_the_same_goods_as_in_the_own_shop_are_sold(shop: Sandbox) -> None:
    answer = call(shop, "goods.list.get", page=1, page_size=2)["goods_list_get_response"]
    assert isinstance(answer, dict)
    assert answer["total_count"] == len(CATALOG["products"])
    codes = [goods["sku_list"][0]["outer_id"] for goods in answer["goods_list"]]
    assert codes == ["LOVE-2026", "SET-4"]
    one = call(shop, "goods.list.get", outer_id="PILLOW")["goods_list_get_response"]
    assert isinstance(one, dict)
    assert one["total_count"] == 1
