"""Files of orders and signed orders over the API."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import openpyxl
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from tests.channels.imports.sheets import csv_of, row
from tests.users.builders import a_user
from tests.web.client import Client
from tests.web.whole_app import whole_app
from tests.workflows.merchant import SHOP, SKUS
from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.connectors.shop.signing import signed_headers
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.users import service as users
from yinuo.users.model import Permission, Role
from yinuo.workflows import import_orders

GOODS = {"商品编码": "LOVE-2026"}
PATH = "/api/v1/orders"


@pytest.fixture
def app(database: Database) -> Iterator[FastAPI]:
    with whole_app(database) as app:
        with database.transaction() as session:
            catalog.save_skus(session, SKUS)
            channels.save_shop(session, Shop(id=SHOP, channel=Channel.MINI_PROGRAM, name="小程序"))
        yield app


@pytest.fixture
def secret(database: Database, app: FastAPI) -> str:
    with database.transaction() as session:
        return users.create_token(
            session,
            a_user(database, "root", Role.IT_ADMIN).as_actor(),
            name="other system",
            scopes={Permission.ORDERS_IMPORT, Permission.ORDERS_SUBMIT},
            expires_at=None,
            now=clock.now(),
        ).secret


@pytest.fixture
def client(app: FastAPI, secret: str) -> Iterator[Client]:
    with Client(app, console=False) as client:
        client.headers["authorization"] = f"Bearer {secret}"
        yield client


def put(client: Client, *rows: list[object]):
    return client.post(
        f"/api/v1/imports?shop_id={SHOP}",
        content=csv_of(*rows).encode("gb18030"),
        headers={"content-type": "application/octet-stream", "x-yinuo-file-name": "%E5%8D%95.csv"},
    )


def an_order(number: str = "W1", **more: object) -> dict[str, object]:
    return {
        "number": number,
        "placed_at": "2026-11-22T10:30:00+08:00",
        "receiver": {
            "name": "林晓梅",
            "phone": "13800001234",
            "detail": "浙江省杭州市西湖区文三路90号",
        },
        "lines": [{"code": "LOVE-2026", "quantity": 2, "unit_price_fen": 25990}],
        "freight_fen": 800,
        "total_fen": 52780,
        "payment": {"paid_at": "2026-11-22T10:31:00+08:00"},
        **more,
    }


def send(client: Client, secret: str, *orders: object, key: str = "", shop: str = SHOP):
    body = json.dumps({"shop_id": shop, "orders": list(orders)}).encode()
    headers = signed_headers("POST", PATH, body=body, now=clock.now(), secret=secret)
    if key:
        headers["Idempotency-Key"] = key
    return client.post(PATH, content=body, headers=headers)


def count(database: Database, table: str) -> int:
    with database.read() as session:
        return session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_a_file_goes_from_upload_to_problems_over_the_api(database: Database, client: Client):
    given = put(client, row("A1", **GOODS), row("A2", **GOODS, 数量="x", 备注="=1+1")).json()
    import_id = given["facts"]["id"]
    assert given["facts"]["file_name"] == "单.csv"
    assert given["facts"]["state"] == "checked"
    assert given["facts"]["expected"] == {"new": 1, "exists": 0, "differs": 0, "refused": 1}
    assert given["problems"][0]["problems"] == ["数量“x”应是 1 到 9999 的整数"]
    assert given["columns"][0]["samples"] == ["A1", "A2"]

    started = client.post(f"/api/v1/imports/{import_id}/start").json()
    assert started["facts"]["state"] == "running"
    import_orders._batch(import_id, 0)
    import_orders._finish(import_id)

    done = client.get(f"/api/v1/imports/{import_id}").json()["facts"]
    assert (done["state"], done["done"]) == ("done", 2)
    text = client.get(f"/api/v1/imports/{import_id}/problems?as=csv").content.decode("utf-8-sig")
    lines = text.split("\r\n")
    assert lines[0].endswith(",备注,问题")
    assert lines[1].endswith(",'=1+1,数量“x”应是 1 到 9999 的整数")
    assert len(lines) == 3
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"/api/v1/imports/{import_id}/problems").content)
    )
    cell = book.active["L2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert client.get("/api/v1/imports").json()["items"][0]["id"] == import_id
    found = client.get(f"/api/v1/imports/{import_id}/orders?outcome=new").json()["items"]
    assert [one["number"] for one in found] == ["A1"]
    assert count(database, "orders") == 1


def test_columns_are_changed_and_checked_anew(client: Client):
    given = put(client, row("A1", **GOODS)).json()
    mapping = {name: at for name, at in given["mapping"].items() if name != "number"}
    path = f"/api/v1/imports/{given['facts']['id']}"
    without = client.put(f"{path}/mapping", json={"mapping": mapping}).json()
    assert (without["facts"]["state"], without["missing"]) == ("uploaded", ["订单号"])
    refused = client.post(f"{path}/start")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "imports.not_open")
    again = client.put(f"{path}/mapping", json={"mapping": {**mapping, "number": 0}}).json()
    assert (again["facts"]["state"], again["facts"]["orders"]) == ("checked", 1)
    assert client.post(f"{path}/cancel").json()["facts"]["state"] == "cancelled"


def test_a_file_beyond_its_limit_is_refused(client: Client):
    answer = client.post(f"/api/v1/imports?shop_id={SHOP}", content=b"x" * (21 * 1024 * 1024))
    assert answer.status_code == 413
    assert client.post("/api/v1/orders", content=b"x" * (3 * 1024 * 1024)).status_code == 413


def test_orders_sent_twice_are_taken_once_with_the_same_answer(
    database: Database, client: Client, secret: str
):
    first = send(client, secret, an_order(), an_order("W2"), key="batch-1")
    again = send(client, secret, an_order(), an_order("W2"), key="batch-1")
    without = send(client, secret, an_order(), an_order("W2"))
    assert first.status_code == again.status_code == without.status_code == 200
    assert [one["outcome"] for one in first.json()["results"]] == ["taken", "taken"]
    assert first.json() == again.json() == without.json()
    assert (count(database, "orders"), count(database, "payments")) == (2, 2)


def test_a_key_that_stands_for_another_body_is_refused(
    database: Database, client: Client, secret: str
):
    send(client, secret, an_order(), key="batch-1")
    other = send(client, secret, an_order("W2"), key="batch-1")
    assert other.status_code == 409
    assert other.json()["error"]["code"] == "imports.idempotency_key_reused"
    assert count(database, "orders") == 1


def test_each_order_has_its_own_result_and_one_that_differs_changes_nothing(
    database: Database, client: Client, secret: str
):
    send(client, secret, an_order())
    told = send(
        client,
        secret,
        an_order(freight_fen=0, total_fen=51980),
        an_order("W2", total_fen=1),
        an_order("W3", lines=[{"code": "NO-SUCH", "quantity": 1, "unit_price_fen": 51980}]),
        {"number": "W4"},
        "nonsense",
        an_order("W5"),
    ).json()["results"]
    assert [(one["number"], one["outcome"]) for one in told] == [
        ("W1", "differs"),
        ("W2", "refused"),
        ("W3", "refused"),
        ("W4", "refused"),
        ("", "refused"),
        ("W5", "taken"),
    ]
    assert [one["field"] for one in told[0]["problems"]] == ["total", "freight"]
    assert told[1]["problems"][0]["code"] == "imports.problem.total_amount"
    assert told[2]["problems"][0]["code"] == "imports.problem.unknown_code"
    assert count(database, "orders") == 2


def test_a_body_that_is_altered_or_sent_again_as_it_was_is_refused(
    database: Database, client: Client, secret: str
):
    body = json.dumps({"shop_id": SHOP, "orders": [an_order()]}).encode()
    headers = signed_headers("POST", PATH, body=body, now=clock.now(), secret=secret)
    altered = client.post(PATH, content=body.replace(b"W1", b"W9"), headers=headers)
    assert (altered.status_code, altered.json()["error"]["code"]) == (401, "shop.bad_signature")
    assert client.post(PATH, content=body, headers=headers).status_code == 200
    replayed = client.post(PATH, content=body, headers=headers)
    assert (replayed.status_code, replayed.json()["error"]["code"]) == (401, "channels.nonce_seen")
    assert count(database, "orders") == 1


@pytest.mark.parametrize("body", [b"", b"[]", b'{"shop_id": "mini", "orders": []}'])
def test_a_body_that_is_no_list_of_orders_is_refused(client: Client, secret: str, body: bytes):
    headers = signed_headers("POST", PATH, body=body, now=clock.now(), secret=secret)
    answer = client.post(PATH, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "imports.bad_submission")
