"""Items that one fix clears together: found by their cause, each done by itself, all on record."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from tests.web.client import Client
from tests.web.conftest import SignInAs
from tests.web.test_work_items import NOW, audit, code, put
from yinuo.catalog import service as catalog_service
from yinuo.catalog.model import Sku
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.core.db import Database
from yinuo.core.money import Fen
from yinuo.exceptions import service
from yinuo.exceptions.model import Resolution, WorkItem, WorkItemKind, WorkItemState
from yinuo.users.model import SYSTEM, Role
from yinuo.web import catalog, work_items, work_items_bulk

BULK = "/api/v1/work-items/bulk"


@pytest.fixture
def app(app: FastAPI, database: Database) -> FastAPI:
    """Give the routes of this test and one shop."""
    for module in (work_items_bulk, work_items, catalog):
        app.include_router(module.router, prefix="/api/v1")
    with database.transaction() as session:
        catalog_service.save_skus(
            session, [Sku(code=one, name=one, price_fen=Fen(100)) for one in ("RUG-160", "BED-2")]
        )
        channels.save_shop(session, Shop(id="mini", channel=Channel.MINI_PROGRAM, name="小程序"))
    return app


@pytest.fixture
def desk(sign_in_as: SignInAs) -> Client:
    return sign_in_as(Role.OPERATIONS)


def unknown(database: Database, number: str, *codes: str, shop: str = "mini") -> WorkItem:
    return put(
        database,
        f"inb_{number}",
        kind=WorkItemKind.UNKNOWN_SKU,
        subject_type="inbox",
        subject_label=number,
        code="catalog.unknown_sku",
        params={"codes": list(codes), "shop_id": shop},
    )


def state(database: Database, item: WorkItem) -> WorkItemState:
    with database.read() as session:
        return service.load_item(session, item.id).state


def test_alike_are_those_of_the_shop_that_share_a_product(desk: Client, database: Database):
    first = unknown(database, "N1", "P-1")
    both = unknown(database, "N2", "P-1", "P-2")
    unknown(database, "N3", "P-3")
    unknown(database, "N4", "P-1", shop="other")
    cleared = unknown(database, "N5", "P-1")
    with database.transaction() as session:
        service.resolve(
            session, cleared.id, resolution=Resolution.IGNORED, note="", actor=SYSTEM, now=NOW
        )
    told = desk.get(f"/api/v1/work-items/{first.id}/alike").json()
    assert told == {"ids": sorted([first.id, both.id]), "labels": ["N1", "N2"]}
    assert desk.get(f"/api/v1/work-items/{cleared.id}/alike").json()["ids"] == []
    shown = desk.get(f"/api/v1/work-items/{both.id}").json()
    assert shown["unknown_listings"] == {"shop_id": "mini", "codes": ["P-1", "P-2"]}


def test_shortages_are_alike_by_the_goods_that_lack(desk: Client, database: Database):
    first = put(database, "ord_1", params={"short": {"RUG-160": 2}})
    second = put(database, "ord_2", params={"short": {"RUG-160": 1, "BED-2": 1}})
    put(database, "ord_3", params={"short": {"BED-9": 1}})
    told = desk.get(f"/api/v1/work-items/{first.id}/alike").json()
    assert told["ids"] == sorted([first.id, second.id])


def test_refusals_are_alike_by_the_code_of_the_other_side(desk: Client, database: Database):
    facts = {"kind": WorkItemKind.ERP_REJECTED, "code": "connectors.rejected"}
    first = put(database, "ord_1", **facts, params={"outside_code": "401", "connector": "erp"})
    put(database, "ord_2", **facts, params={"outside_code": "500", "connector": "erp"})
    assert desk.get(f"/api/v1/work-items/{first.id}/alike").json()["ids"] == [first.id]


def test_one_that_is_refused_stops_no_other_and_each_is_on_record(desk: Client, database: Database):
    first, second, third = (put(database, f"ord_{number}") for number in (1, 2, 3))
    with database.transaction() as session:
        service.resolve(
            session, second.id, resolution=Resolution.FIXED, note="", actor=SYSTEM, now=NOW
        )
    answer = desk.post(
        BULK,
        json={
            "ids": [first.id, second.id, "wit_none", third.id, first.id],
            "action": "resolve",
            "resolution": "ignored",
            "note": "盘点后再说",
        },
    )
    told = {one["id"]: one for one in answer.json()["results"]}
    assert [told[one]["is_done"] for one in (first.id, second.id, "wit_none", third.id)] == [
        True,
        False,
        False,
        True,
    ]
    assert told[second.id]["error"]["code"] == "exceptions.already_resolved"
    assert told["wit_none"]["error"]["code"] == "exceptions.unknown_work_item"
    assert "system" in told[second.id]["error"]["message"]
    assert audit(database) == [
        ("exceptions.resolve", first.id),
        ("exceptions.resolve", third.id),
    ]


def test_claiming_and_putting_back_again(desk: Client, database: Database):
    items = [put(database, f"ord_{number}") for number in (1, 2)]
    ids = [item.id for item in items]
    assert desk.post(BULK, json={"ids": ids, "action": "claim"}).status_code == 200
    assert {state(database, item) for item in items} == {WorkItemState.CLAIMED}
    desk.post(BULK, json={"ids": ids, "action": "reopen"})
    assert {state(database, item) for item in items} == {WorkItemState.OPEN}


@pytest.mark.parametrize(
    "deed",
    [
        {"ids": [], "action": "claim"},
        {"ids": ["wit_1"] * 51, "action": "claim"},
        {"ids": ["wit_1"], "action": "resolve"},
        {"ids": ["wit_1"], "action": "claim", "resolution": "fixed"},
        {"ids": ["wit_1"], "action": "delete"},
    ],
)
def test_a_deed_that_cannot_be_is_refused_whole(desk: Client, deed: dict[str, object]):
    assert desk.post(BULK, json=deed).status_code == 422


def test_a_listing_is_mapped_once_and_on_record(
    desk: Client, sign_in_as: SignInAs, database: Database
):
    wish = {"shop_id": "mini", "code": "P-1", "sku": "RUG-160"}
    for _ in range(2):
        answer = desk.put("/api/v1/catalog/listings", json=wish)
        assert (answer.status_code, answer.json()) == (200, {"shop_id": "mini", "code": "P-1"})
    with database.read() as session:
        assert catalog_service.map_listings(session, shop_id="mini", codes=["P-1"]) == {
            "P-1": "RUG-160"
        }
        page = work_items.users.list_entries(session, work_items.users.AuditFilter())
    (entry,) = [one.fact for one in page.items if one.fact.action == "catalog.map_listing"]
    assert (entry.object, entry.before, entry.after) == ("mini:P-1", None, {"sku": "RUG-160"})
    for change, refused in (
        ({"sku": "NONE"}, (404, "catalog.unknown_sku")),
        ({"shop_id": "none"}, (404, "channels.unknown_shop")),
    ):
        assert code(desk.put("/api/v1/catalog/listings", json=wish | change)) == refused
    service_desk = sign_in_as(Role.CUSTOMER_SERVICE)
    assert service_desk.put("/api/v1/catalog/listings", json=wish).status_code == 403
