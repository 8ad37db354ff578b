"""The order routes: masked for all, revealed and changed only with permission and an audit entry."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from fastapi import FastAPI

from tests.orders.builders import NOON, RECEIVER
from tests.reports.builders import put, reserve, send
from tests.web.client import Client
from yinuo.orders import service
from yinuo.orders.model import Candidate, FulfillmentStatus, Sourcing
from yinuo.users import service as users
from yinuo.users.model import SYSTEM, Permission, Role
from yinuo.web import errors, orders, today

LATER = NOON + timedelta(hours=1)
PASSWORD = "correct-horse-battery-7"  # made up for tests


@pytest.fixture
def app(database):
    made = FastAPI()
    made.state.database = database
    errors.install(made)
    made.include_router(orders.router, prefix="/api/v1")
    made.include_router(today.router, prefix="/api/v1")
    return made


@pytest.fixture
def sign(database, app):
    """Return a function that gives a client with the scopes that it names."""
    with database.transaction() as session:
        boss = users.add_user(
            session,
            username="boss",
            name="老板",
            role=Role.IT_ADMIN,
            password=PASSWORD,
            actor=SYSTEM,
            now=NOON,
        )
    clients = []

    def make(*scopes):
        with database.transaction() as session:
            token = users.create_token(
                session,
                boss.as_actor(),
                name="test",
                scopes=scopes or tuple(Permission),
                expires_at=None,
                now=NOON,
            )
        client = Client(app).__enter__()
        client.headers["Authorization"] = f"Bearer {token.secret}"
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(sign):
    return sign()


@pytest.fixture
def order(database):
    with database.transaction() as session:
        return put(session, "2026A1", is_paid=True)


def audit(database):
    with database.read() as session:
        page = users.list_entries(session, users.AuditFilter())
        return [
            (entry.fact.action, entry.fact.object, entry.fact.after)
            for entry in page.items
            if entry.fact.action.startswith("orders.")
        ]


def test_the_list_shows_orders_in_words_and_masked(client, order):
    answer = client.get("/api/v1/orders")
    assert answer.status_code == 200
    body = answer.json()
    assert body["counts"]["all"] == 1
    assert body["counts"]["waiting"] == 1
    assert body["counts_capped_at"] == 10_000
    assert body["next_cursor"] is None
    (row,) = body["items"]
    assert row["number"] == "2026A1"
    assert row["status"] == "waiting"
    assert row["status_label"] == "待预占"
    assert row["channel_label"] == "小程序"
    assert row["receiver_masked"] == {
        "name": "张**",
        "phone": "138****5678",
        "region": "浙江省 杭州市 西湖区",
    }
    english = client.get("/api/v1/orders", headers={"Accept-Language": "en"}).json()
    assert english["items"][0]["status_label"] == "Waiting"


def test_no_answer_but_a_reveal_holds_personal_data(client, database, order):
    with database.transaction() as session:
        reserve(session, order, expires_at=LATER)
        send(session, order)
    told = [
        client.get("/api/v1/orders"),
        client.get("/api/v1/orders", params={"q": "5678"}),
        client.get(f"/api/v1/orders/{order.id}"),
        client.put(f"/api/v1/orders/{order.id}/tags/VIP"),
        client.post(f"/api/v1/orders/{order.id}/holds", json={"reason": "risk"}),
    ]
    for answer in told:
        assert answer.status_code in {200, 201}
        assert "138****5678" in answer.text
        for secret in (RECEIVER.name, RECEIVER.phone, RECEIVER.detail):
            assert secret not in answer.text


def test_a_phone_in_words_that_people_wrote_is_masked(client, database):
    with database.transaction() as session:
        order = put(session, "A", remark=f"请打{RECEIVER.phone}")
    path = f"/api/v1/orders/{order.id}"
    client.post(f"{path}/holds", json={"reason": "manual", "note": f"已打 {RECEIVER.phone}"})
    client.post(f"{path}/cancel", json={"reason": f"{RECEIVER.phone} 打不通"})
    body = client.get(path)
    assert RECEIVER.phone not in body.text
    assert body.json()["remark"] == "请打138****5678"
    assert body.json()["holds"][0]["note"] == "已打 138****5678"


def test_the_list_is_paged_and_filtered(client, database):
    with database.transaction() as session:
        for number in range(5):
            put(session, f"N{number}", minutes=number)
    first = client.get("/api/v1/orders", params={"limit": 3, "sort": "placed_at"}).json()
    assert [one["number"] for one in first["items"]] == ["N0", "N1", "N2"]
    rest = client.get(
        "/api/v1/orders",
        params={"limit": 3, "sort": "placed_at", "cursor": first["next_cursor"]},
    ).json()
    assert [one["number"] for one in rest["items"]] == ["N3", "N4"]
    assert rest["next_cursor"] is None
    found = client.get("/api/v1/orders", params={"q": "N3", "view": "unpaid"}).json()
    assert [one["number"] for one in found["items"]] == ["N3"]


@pytest.mark.parametrize(
    "params",
    [
        {"view": "nonsense"},
        {"sort": "phone"},
        {"limit": 0},
        {"limit": 201},
        {"cursor": "?"},
        {"q": "a\x00b"},
        {"q": "x" * 65},
    ],
)
def test_a_wrong_question_is_told_so(client, params):
    answer = client.get("/api/v1/orders", params=params)
    assert answer.status_code == 422
    assert set(answer.json()["error"]) == {"code", "message", "details", "next_step"}


def test_the_detail_tells_everything_with_its_why(client, database):
    with database.transaction() as session:
        order = put(session, "2026A1", total=25_990, to=FulfillmentStatus.RESERVED)
        reserve(session, order, expires_at=LATER)
        send(session, order, error="orders.order_is_held")
        candidate = Candidate(
            warehouse="WH-HZ",
            name="杭州仓",
            rank=1,
            reason="sourcing.same_province",
            is_chosen=True,
            params={"province": "浙江省"},
        )
        service.record_sourcing(
            session,
            order.id,
            sourcing=Sourcing(warehouse="WH-HZ", carrier="SF", candidates=(candidate,)),
            now=LATER,
        )
    body = client.get(f"/api/v1/orders/{order.id}").json()
    assert body["money"] == {
        "items_fen": 100,
        "discount_fen": 0,
        "freight_fen": 0,
        "total_fen": 25_990,
        "paid_fen": 25_990,
        "refunded_fen": 0,
    }
    assert body["receiver"] == {
        "stated": "",
        "name": "张**",
        "phone": "138****5678",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "town": "北山街道",
        "detail": "****",
    }
    assert body["payments"][0]["outcome_label"] == "已入账"
    assert body["payments"][0]["provider_label"] == "微信支付"
    assert body["reservation"]["state_label"] == "预占中"
    assert body["reservation"]["warehouse_name"] == "杭州仓"
    assert [one["label"] for one in body["documents"]] == ["仓库预占单", "金蝶销售订单"]
    assert body["shipments"][0]["carrier_label"] == "顺丰速运"
    assert body["sourcing"]["candidates"][0]["reason"] == "与收货地同省（浙江省），优先"
    placed, paid, _reserved = body["timeline"]
    assert placed["title"] == "小程序下单"
    assert placed["why"] == "共 1 行，应付 259.90 元；按订单唯一编号去重后接收"
    assert placed["actor"] == "渠道"
    assert paid["title"] == "微信支付付款 259.90 元"
    assert "259.90 元等于应付 259.90 元" in paid["why"]
    assert paid["details"]["amount_fen"] == 25_990
    assert body["allowed"] == ["cancel", "retry", "hold", "reveal", "tag"]
    assert {one["reason"] for one in body["hold_reasons"]} >= {"manual", "risk"}


def test_what_is_allowed_follows_permissions_and_status(sign, database):
    with database.transaction() as session:
        shipped = put(session, "A", to=FulfillmentStatus.SHIPPED)
        unpaid = put(session, "B")
    reader = sign(Permission.ORDERS_READ)
    desk = sign(Permission.ORDERS_READ, Permission.ORDERS_CANCEL, Permission.ORDERS_HOLD)
    assert reader.get(f"/api/v1/orders/{unpaid.id}").json()["allowed"] == []
    assert desk.get(f"/api/v1/orders/{unpaid.id}").json()["allowed"] == ["cancel", "hold"]
    assert desk.get(f"/api/v1/orders/{shipped.id}").json()["allowed"] == []


def test_a_reveal_is_audited_with_its_reason(client, database, order):
    answer = client.post(f"/api/v1/orders/{order.id}/reveal", json={"reason": "买家来电改地址"})
    assert answer.status_code == 200
    assert answer.json() == {
        "stated": "",
        "name": "张小明",
        "phone": "13812345678",
        "province": "浙江省",
        "city": "杭州市",
        "district": "西湖区",
        "town": "北山街道",
        "detail": "文三路 998 号 3 幢 201",
    }
    assert audit(database) == [("orders.reveal", order.id, {"reason": "买家来电改地址"})]


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "x" * 201}, {"reason": 5}])
def test_a_reveal_without_a_reason_shows_nothing(client, database, order, body):
    answer = client.post(f"/api/v1/orders/{order.id}/reveal", json=body)
    assert answer.status_code == 422
    assert RECEIVER.phone not in answer.text
    assert audit(database) == []


def test_holds_go_on_and_off(client, database, order):
    path = f"/api/v1/orders/{order.id}/holds"
    held = client.post(path, json={"reason": "address_unclear", "note": "缺门牌号"})
    assert held.status_code == 201
    (hold,) = held.json()["holds"]
    assert hold["label"] == "地址不清"
    assert hold["owner_label"] == "客服"
    assert hold["note"] == "缺门牌号"
    assert held.json()["status"] == "held"
    assert client.post(path, json={"reason": "address_unclear"}).json()["holds"] == [hold]
    assert client.post(path, json={"reason": "nonsense"}).status_code == 422

    released = client.delete(f"{path}/{hold['id']}")
    assert released.status_code == 200
    assert released.json()["holds"] == []
    assert released.json()["status"] == "waiting"
    assert client.delete(f"{path}/{hold['id']}").status_code == 200
    missing = client.delete(f"{path}/hold_none")
    assert missing.status_code == 404
    assert missing.json()["error"]["code"] == "orders.hold_not_found"
    assert [action for action, _, _ in audit(database)].count("orders.release_hold") == 1
    titles = [one["title"] for one in released.json()["timeline"]]
    assert titles[-2:] == ["挂起：地址不清", "解除挂起：地址不清"]


def test_tags_go_on_and_off(client, database, order):
    path = f"/api/v1/orders/{order.id}/tags"
    assert client.put(f"{path}/情人节").json()["tags"] == ["情人节"]
    assert client.put(f"{path}/情人节").json()["tags"] == ["情人节"]
    assert client.delete(f"{path}/情人节").json()["tags"] == []
    assert client.delete(f"{path}/情人节").status_code == 200
    assert client.put(f"{path}/{'x' * 33}").status_code == 422
    assert [action for action, _, _ in audit(database)] == ["orders.untag", "orders.tag"]


def test_a_cancel_is_asked_for_and_audited(client, database, order):
    answer = client.post(f"/api/v1/orders/{order.id}/cancel", json={"reason": "买家不要了"})
    assert answer.status_code == 202
    step = answer.json()["timeline"][-1]
    assert step["code"] == "workflows.timeline.cancel_asked"
    assert "买家不要了" in step["why"]
    assert audit(database) == [("orders.cancel", order.id, {"reason": "买家不要了"})]


def test_what_has_shipped_is_not_cancelled(client, database):
    with database.transaction() as session:
        order = put(session, "A", to=FulfillmentStatus.SHIPPED)
    answer = client.post(f"/api/v1/orders/{order.id}/cancel", json={"reason": "late"})
    assert answer.status_code == 409
    assert audit(database) == []


def test_a_retry_is_audited_and_refused_for_an_unpaid_order(client, database, order):
    assert client.post(f"/api/v1/orders/{order.id}/retry").status_code == 202
    assert [action for action, _, _ in audit(database)] == ["orders.retry"]
    with database.transaction() as session:
        unpaid = put(session, "B")
    assert client.post(f"/api/v1/orders/{unpaid.id}/retry").status_code == 409


CHANGES = [
    ("GET", "", None, Permission.ORDERS_READ),
    ("POST", "/reveal", {"reason": "x"}, Permission.ORDERS_REVEAL),
    ("POST", "/cancel", {"reason": "x"}, Permission.ORDERS_CANCEL),
    ("POST", "/retry", None, Permission.ORDERS_RETRY),
    ("POST", "/holds", {"reason": "manual"}, Permission.ORDERS_HOLD),
    ("DELETE", "/holds/hold_1", None, Permission.ORDERS_HOLD),
    ("PUT", "/tags/VIP", None, Permission.ORDERS_TAG),
    ("DELETE", "/tags/VIP", None, Permission.ORDERS_TAG),
]


@pytest.mark.parametrize(("method", "path", "body", "needed"), CHANGES)
def test_each_route_asks_for_its_own_permission(sign, database, order, method, path, body, needed):
    others = sign(*(one for one in Permission if one is not needed))
    content = None if body is None else json.dumps(body)
    answer = others.request(
        method,
        f"/api/v1/orders/{order.id}{path}",
        content=content,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 403
    assert answer.json()["error"]["details"] == {"permission": needed.value}
    assert audit(database) == []
    with database.read() as session:
        assert service.load_order(session, order.id).version == 2


@pytest.mark.parametrize(("method", "path", "body", "_needed"), CHANGES)
def test_an_unknown_order_is_not_found(client, method, path, body, _needed):
    for unknown in ("ord_none", "x" * 64, "%2e%2e"):
        answer = client.request(method, f"/api/v1/orders/{unknown}{path}", json=body)
        assert answer.status_code == 404


def test_a_name_with_nul_is_refused(client):
    assert client.get("/api/v1/orders/ord%00").status_code in {404, 422}


def test_today_is_told(client, database, order):
    answer = client.get("/api/v1/today")
    assert answer.status_code == 200
    assert answer.json()["waiting"] == 1
    assert set(answer.json()) == {
        "orders_today",
        "paid_today",
        "waiting",
        "held",
        "open_work_items",
        "reservations_ending_soon",
        "shipped_today",
        "doubtful_addresses",
        "waiting_messages",
        "median_seconds_to_reserve",
    }


def test_the_description_of_the_routes_is_whole(app):
    described = app.openapi()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            answers = [code for code in operation["responses"] if code.startswith("2")]
            assert len(answers) == 1, (method, path)
            content = operation["responses"][answers[0]]["content"]["application/json"]
            assert "$ref" in content["schema"], (method, path)
    fields = described["components"]["schemas"]["OrderDetail"]["properties"]
    assert fields["holds"]["items"]["$ref"].endswith("HoldFacts")
