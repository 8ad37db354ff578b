"""Group messages over HTTP: put in, seen, confirmed, put aside and taken back, words taught."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.users.builders import MADE_UP_PASSWORD, a_user
from tests.web.client import Client
from tests.web.whole_app import whole_app
from tests.workflows.merchant import BUNDLE, SHOP, SKUS
from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import Role
from yinuo.users.service import AuditFilter

WORDS = "要2盒 LOVE-2026 张晓梅 19900000001"


@pytest.fixture
def service(database: Database) -> Iterator[Client]:
    """Give a client that customer service has signed in with, over the whole app."""
    with database.transaction() as session:
        catalog.save_skus(session, SKUS)
        catalog.save_bundle(session, BUNDLE)
        channels.save_shop(session, Shop(id=SHOP, channel=Channel.MINI_PROGRAM, name="测试店铺"))
        channels.save_shop(session, Shop(id="dy", channel=Channel.DOUYIN, name="抖音店"))
    a_user(database, "service", Role.CUSTOMER_SERVICE)
    with whole_app(database) as app, Client(app) as client:
        signed = client.post(
            "/api/v1/session", json={"username": "service", "password": MADE_UP_PASSWORD}
        )
        assert signed.status_code == 200
        yield client


def put(client: Client, text: str, key: str = "key-00000001") -> dict:
    body = {"key": key, "shop_id": SHOP, "group": "好物团", "sender": "晓梅", "text": text}
    answer = client.post("/api/v1/messages", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def stated(**changes: object) -> dict[str, object]:
    return {
        "name": "张晓梅",
        "phone": "19900000001",
        "address": "浙江省杭州市西湖区文三路138号3幢501室",
        "lines": [{"sku": "LOVE-2026", "quantity": 3}],
        "remark": "放门口",
        "tags": ["急单"],
        **changes,
    }


def test_a_message_is_put_in_seen_and_confirmed(service: Client, database: Database):
    shown = put(service, WORDS)
    (draft,) = shown["drafts_read"]
    assert (shown["kind_label"], shown["state_label"]) == ("下单", "待确认")
    assert draft["name"] == {"value": "张晓梅", "start": 14, "end": 17, "confidence": 0.99}
    assert draft["lines"][0]["sku_name"] == "情人节礼盒"
    assert draft["missing_labels"] == ["地址"]
    assert draft["reply"].startswith("张晓梅您好！")
    assert put(service, WORDS)["id"] == shown["id"]
    done = service.post(f"/api/v1/messages/drafts/{draft['id']}/confirm", json=stated())
    assert done.status_code == 200, done.text
    (ordered,) = done.json()["drafts_read"]
    order = service.get(f"/api/v1/orders/{ordered['order_id']}").json()
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [("LOVE-2026", 3)]
    with database.read() as session:
        page = users.list_entries(session, AuditFilter(action="messages.confirm"))
    assert [entry.fact.object for entry in page.items] == [draft["id"]]


def test_the_list_masks_numbers_counts_and_filters(service: Client):
    put(service, WORDS)
    put(service, "大家早上好", key="key-00000002")
    whole = service.get("/api/v1/messages").json()
    assert whole["counts"] == {"waiting": 1, "ordered": 0, "talk": 1, "discarded": 0}
    assert [row["kind"] for row in whole["items"]] == ["talk", "order"]
    assert whole["items"][1]["excerpt"] == "要2盒 LOVE-2026 张晓梅 ***********"
    waiting = service.get("/api/v1/messages", params={"state": "waiting"}).json()
    assert [row["kind"] for row in waiting["items"]] == ["order"]
    first = service.get("/api/v1/messages", params={"limit": 1}).json()
    second = service.get(
        "/api/v1/messages", params={"limit": 1, "cursor": first["next_cursor"]}
    ).json()
    assert [row["kind"] for row in second["items"]] == ["order"]


def test_a_draft_is_put_aside_and_taken_back(service: Client):
    draft = put(service, WORDS)["drafts_read"][0]["id"]
    gone = service.post(f"/api/v1/messages/drafts/{draft}/discard").json()
    assert gone["state"] == "discarded"
    refused = service.post(f"/api/v1/messages/drafts/{draft}/confirm", json=stated())
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "channels.draft_decided")
    back = service.post(f"/api/v1/messages/drafts/{draft}/restore").json()
    assert back["state"] == "waiting"


def test_a_draft_that_lacks_something_is_refused_with_what_it_lacks(service: Client):
    draft = put(service, WORDS)["drafts_read"][0]["id"]
    refused = service.post(
        f"/api/v1/messages/drafts/{draft}/confirm", json=stated(phone="", lines=[])
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (
        422,
        "channels.draft_incomplete",
    )
    assert service.get("/api/v1/messages").json()["counts"]["waiting"] == 1


def test_a_wish_to_change_is_seen_to_and_waits_again(service: Client):
    kept = put(service, "张晓梅的单取消吧")
    assert kept["change_label"] == "要取消"
    seen = service.post(f"/api/v1/messages/{kept['id']}/seen").json()
    assert seen["state"] == "discarded"
    assert service.post(f"/api/v1/messages/{kept['id']}/unseen").json()["state"] == "waiting"


def test_a_word_is_taught_listed_refused_twice_and_taken_back(service: Client):
    word = {"text": "爱心盒", "sku": "LOVE-2026", "units": {"箱": 6}}
    made = service.post("/api/v1/messages/aliases", json=word)
    assert made.status_code == 200, made.text
    assert service.post("/api/v1/messages/aliases", json=word).status_code == 422
    assert (
        service.post(
            "/api/v1/messages/aliases", json={"text": "没有的", "sku": "NOT-SOLD"}
        ).status_code
        == 404
    )
    shown = service.get("/api/v1/messages/aliases").json()["items"]
    assert [(one["text"], one["units"]) for one in shown] == [("爱心盒", {"箱": 6})]
    line = put(service, "要1箱爱心盒")["drafts_read"][0]["lines"][0]
    assert (line["sku"]["value"], line["quantity"]["value"]) == ("LOVE-2026", "6")
    back = service.post(f"/api/v1/messages/aliases/{made.json()['id']}/roll-back").json()
    assert back["items"] == []


def test_only_shops_with_numbers_of_their_own_take_messages(service: Client):
    shops = service.get("/api/v1/messages/shops").json()["items"]
    assert shops == [{"id": SHOP, "name": "测试店铺"}]


def test_a_message_that_does_not_exist_is_not_found(service: Client):
    missing = service.get("/api/v1/messages/none")
    assert (missing.status_code, missing.json()["error"]["code"]) == (
        404,
        "channels.unknown_group_message",
    )
