"""Stock over HTTP: the list, one SKU, reconciling, and who may."""

import pytest
import sqlalchemy as sa

from tests.inventory.builders import HZ, NT, RUG, photograph, set_up, wish
from yinuo.core import clock
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotoSource
from yinuo.users.model import Role
from yinuo.web import stock, stock_repair


@pytest.fixture
def stocked(app, database):
    app.include_router(stock_repair.router, prefix="/api/v1")
    app.include_router(stock.router, prefix="/api/v1")
    now = clock.now()
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 10, (RUG, NT): 2, ("PIL/1", HZ): 3}, at=now)
        photograph(session, {(RUG, HZ): 12}, at=now, source=PhotoSource.ERP)
        inventory.reserve_batch(session, [wish("ord_1", {RUG: 4})], now=now)
    return now


def test_the_list_shows_numbers_per_warehouse(stocked, sign_in_as):
    ops = sign_in_as(Role.OPERATIONS)
    answer = ops.get("/api/v1/stock", params={"q": "rug"}).json()
    (item,) = answer["items"]
    assert item["totals"] == {
        "on_hand": 12,
        "reserved": 4,
        "allocated": 0,
        "elsewhere": 0,
        "in_flight": 0,
        "safety": 0,
        "atp": 8,
    }
    assert item["sellable"] == 8
    assert [(one["warehouse"], one["name"], one["atp"]) for one in item["warehouses"]] == [
        (HZ, "杭州仓", 6),
        (NT, "南通仓", 2),
    ]
    assert [one["code"] for one in answer["warehouses"]] == ["WH-GZ", HZ, NT]
    only = ops.get("/api/v1/stock", params={"warehouse": NT}).json()
    assert [(one["sku"], one["totals"]["on_hand"]) for one in only["items"]] == [(RUG, 2)]


def test_pages_go_on_where_the_last_one_ended(stocked, sign_in_as):
    ops = sign_in_as(Role.OPERATIONS)
    first = ops.get("/api/v1/stock", params={"limit": 1, "sort": "-atp"}).json()
    second = ops.get(
        "/api/v1/stock", params={"limit": 1, "sort": "-atp", "cursor": first["next_cursor"]}
    ).json()
    assert [first["items"][0]["sku"], second["items"][0]["sku"]] == [RUG, "PIL/1"]
    assert second["next_cursor"] is None


def test_one_sku_shows_photographs_holders_and_changes(stocked, sign_in_as):
    ops = sign_in_as(Role.OPERATIONS)
    answer = ops.get(f"/api/v1/stock/{RUG}", headers={"Accept-Language": "en"}).json()
    assert [(one["source"], one["quantity"]) for one in answer["photographs"]] == [
        ("erp", 12),
        ("wms", 10),
        ("wms", 2),
    ]
    (holder,) = answer["reservations"]
    assert (holder["owner"], holder["quantity"], holder["state_label"], holder["order_id"]) == (
        "ord_1",
        4,
        "Reserved",
        None,
    )
    newest = answer["ledger"][0]
    assert (newest["kind_label"], newest["reserved_delta"], newest["cause_label"]) == (
        "Reserved",
        4,
        "test",
    )
    assert answer["ledger"][1]["cause_label"] == "snapshot of the WMS"
    assert ops.get("/api/v1/stock/PIL/1").json()["totals"]["on_hand"] == 3
    unknown = ops.get("/api/v1/stock/GONE")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (
        404,
        "inventory.unknown_stock",
    )


def test_reconciling_tells_drift_and_repairs_it_when_asked(stocked, sign_in_as, database):
    ops = sign_in_as(Role.OPERATIONS)
    clean = ops.post("/api/v1/stock/reconcile").json()
    assert (clean["checked"], clean["drift"], clean["repaired"]) == (3, [], False)
    with database.transaction() as session:
        session.execute(sa.text("UPDATE stock_levels SET reserved = 1 WHERE sku = 'PIL/1'"))
    found = ops.post("/api/v1/stock/reconcile", json={"repair": True}).json()
    assert {(one["counter"], one["stored"], one["recomputed"]) for one in found["drift"]} == {
        ("reserved", 1, 0)
    }
    assert ops.post("/api/v1/stock/reconcile").json()["drift"] == []
    with database.read() as session:
        told = session.execute(
            sa.text("SELECT count(*) FROM audit_entries WHERE action = 'stock.reconcile'")
        ).scalar_one()
    assert told == 3


def test_only_some_may_reconcile_and_nobody_unknown_may_read(stocked, sign_in_as, client):
    service = sign_in_as(Role.CUSTOMER_SERVICE)
    assert service.get("/api/v1/stock").status_code == 200
    assert service.post("/api/v1/stock/reconcile").status_code == 403
    assert client.get("/api/v1/stock").status_code == 401
    assert client.get(f"/api/v1/stock/{RUG}").status_code == 401


@pytest.mark.parametrize(
    "query", ["limit=0", "sort=x", "cursor=%00", "cursor=abc", "q=%00", "warehouse=%00"]
)
def test_bad_questions_are_refused(stocked, sign_in_as, query):
    assert sign_in_as(Role.OPERATIONS).get(f"/api/v1/stock?{query}").status_code == 422


def test_one_sku_explains_its_numbers(stocked, sign_in_as):
    ops = sign_in_as(Role.OPERATIONS)
    answer = ops.get(f"/api/v1/stock/{RUG}", headers={"Accept-Language": "en"}).json()
    here, _ = answer["explanations"]
    assert (here["warehouse"], here["wms"], here["erp"], here["on_hand"], here["atp"]) == (
        HZ,
        10,
        12,
        10,
        6,
    )
    assert here["to_atp"] == [{"kind": "reserved_paid", "label": "Reserved, paid", "units": -4}]
    erp, wms = here["looks"]
    assert (erp["unexplained"], wms["sets_on_hand"], wms["next_at"]) == (-2, True, None)
    assert [(one["label"], one["units"]) for one in erp["parts"]] == [
        ("In the snapshot", 12),
        ("Not booked there yet, or counted otherwise", -2),
    ]
    assert wms["stages"] == [
        {"stage": "reserved", "label": "Not pushed", "units": 4, "claims": 1, "orders": []}
    ]


def test_a_repair_is_previewed_confirmed_once_and_audited(stocked, sign_in_as, database):
    ops = sign_in_as(Role.OPERATIONS)
    wanted = {"sku": RUG, "kind": "accept", "warehouse": HZ, "source": "erp"}
    shown = ops.post("/api/v1/stock/repair/preview", json=wanted).json()
    (change,) = shown["changes"]
    assert (change["warehouse"], change["before"]["on_hand"], change["after"]["on_hand"]) == (
        HZ,
        10,
        12,
    )
    confirmed = wanted | {"token": shown["token"], "reason": "按 ERP 盘点"}
    assert ops.get(f"/api/v1/stock/{RUG}").json()["warehouses"][0]["on_hand"] == 10
    done = [ops.post("/api/v1/stock/repair", json=confirmed).json() for _ in range(2)]
    assert [one["is_repeat"] for one in done] == [False, True]
    assert ops.get(f"/api/v1/stock/{RUG}").json()["warehouses"][0]["on_hand"] == 12
    stale = ops.post("/api/v1/stock/repair", json=confirmed | {"token": "0" * 32})
    assert (stale.status_code, stale.json()["error"]["code"]) == (
        409,
        "inventory.changed_meanwhile",
    )
    with database.read() as session:
        rows = session.execute(
            sa.text("SELECT object, after FROM audit_entries WHERE action = 'stock.repair'")
        ).all()
    ((sku, after),) = rows
    assert (sku, after["reason"], after["levels"][HZ]["on_hand"]) == (RUG, "按 ERP 盘点", 12)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "accept"},
        {"kind": "recompute", "reason": ""},
        {"kind": "recompute", "token": "x", "reason": "because"},
        {"kind": "recompute", "extra": 1},
    ],
)
def test_bad_repairs_are_refused(stocked, sign_in_as, wrong):
    ops = sign_in_as(Role.OPERATIONS)
    assert ops.post("/api/v1/stock/repair", json={"sku": RUG} | wrong).status_code == 422


def test_only_some_may_repair(stocked, sign_in_as):
    service = sign_in_as(Role.CUSTOMER_SERVICE)
    wanted = {"sku": RUG, "kind": "recompute"}
    assert service.post("/api/v1/stock/repair/preview", json=wanted).status_code == 403
    unknown = {"sku": "GONE", "kind": "recompute"}
    ops = sign_in_as(Role.OPERATIONS)
    assert ops.post("/api/v1/stock/repair/preview", json=unknown).status_code == 404
