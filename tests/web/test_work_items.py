"""The exception queue and the catalog over HTTP: words, permissions, audit, bad input."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI

from tests.users.builders import a_user
from tests.web.client import Client
from tests.web.conftest import SignInAs
from yinuo.catalog import service as catalog_service
from yinuo.catalog.model import Bundle, BundlePart, Sku
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.core.money import Fen
from yinuo.exceptions import service
from yinuo.exceptions.model import NewItem, WorkItem, WorkItemKind
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Warehouse
from yinuo.users import service as users
from yinuo.users.model import Permission, Role
from yinuo.web import catalog, work_items
from yinuo.workflows import retry_work_item

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def app(app: FastAPI, database: Database) -> FastAPI:
    """Give the routes of this test, over a warehouse with a name."""
    for module in (work_items, catalog):
        app.include_router(module.router, prefix="/api/v1")
    with database.transaction() as session:
        inventory.save_warehouses(
            session, [Warehouse(code="WH-HZ", name="杭州仓", province="浙江省")]
        )
    return app


@pytest.fixture
def desk(sign_in_as: SignInAs) -> Client:
    """Give a client of an operations person."""
    return sign_in_as(Role.OPERATIONS)


def put(database: Database, subject_id: str = "ord_1", **changes: object) -> WorkItem:
    given: dict[str, object] = {
        "kind": WorkItemKind.SHORTAGE,
        "subject_type": "order",
        "subject_label": "YN1",
        "code": "inventory.shortage",
        "params": {"short": {"RUG-160": 2}, "best_warehouse": "WH-HZ"},
    }
    with database.transaction() as session:
        return service.raise_item(
            session, NewItem(subject_id=subject_id, **(given | changes)), now=NOW
        ).item


def audit(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        page = users.list_entries(session, users.AuditFilter())
    return [
        (entry.fact.action, entry.fact.object)
        for entry in reversed(page.items)
        if entry.fact.action.startswith("exceptions.")
    ]


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_work_item_says_what_happened_why_and_what_to_do(desk: Client, database: Database):
    item = put(database)
    with clock.fixed(datetime.now(UTC)):
        answer = desk.get("/api/v1/work-items")
    assert answer.status_code == 200
    told = answer.json()
    (shown,) = told["items"]
    assert shown["id"] == item.id
    assert (shown["kind"], shown["kind_label"], shown["title"]) == (
        "shortage",
        "库存不足",
        "库存不足 · YN1",
    )
    assert "RUG-160" in shown["why"]
    assert "{" not in shown["why"]
    assert shown["what"] == "没有一个仓库能满足整张订单，没有预占任何库存。"
    assert shown["next_step"].startswith("补货或调拨后")
    assert (shown["owner_role"], shown["owner_label"]) == ("operations", "运营")
    assert (shown["state"], shown["state_label"], shown["is_overdue"]) == ("open", "待处理", True)
    assert shown["deadline"] == "2026-11-22T12:00:00Z"
    assert shown["actions"] == ["retry", "resolve", "claim"]
    assert (told["counts"], told["overdue"], told["next_cursor"]) == ({"shortage": 1}, 1, None)
    assert told["kind_labels"]["erp_outcome_unknown"] == "ERP 结果未知"
    assert [one["code"] for one in told["resolutions"]] == [
        "retried",
        "fixed",
        "refunded",
        "cancelled",
        "ignored",
    ]


def test_what_is_wrong_with_an_order_is_told_field_by_field(desk: Client, database: Database):
    problems = [
        {"code": "connectors.problem.missing", "path": "$.receiver.detail"},
        {"code": "connectors.problem.bad_quantity", "path": "$.lines[0].quantity"},
    ]
    put(
        database,
        kind=WorkItemKind.BAD_ORDER,
        code="connectors.bad_order",
        params={"problems": problems, "shop_id": "mini"},
    )
    (shown,) = desk.get("/api/v1/work-items").json()["items"]
    assert shown["why"].startswith("订单内容有误：$.receiver.detail ")
    assert "$.lines[0].quantity " in shown["why"]
    assert "connectors." not in shown["why"]


def test_the_same_in_english(desk: Client, database: Database):
    put(database)
    (shown,) = desk.get("/api/v1/work-items", headers={"Accept-Language": "en"}).json()["items"]
    assert shown["title"] == "Shortage · YN1"
    assert shown["next_step"].startswith("Restock or move stock")


def test_an_item_without_words_of_its_own_tells_what_its_kind_means(
    desk: Client, database: Database
):
    put(
        database,
        kind=WorkItemKind.BAD_ORDER,
        subject_label="",
        code="no.words",
        params={"problems": [{"field": "lines", "problem": "catalog.problem.not_positive"}]},
    )
    (shown,) = desk.get("/api/v1/work-items").json()["items"]
    assert shown["why"] == shown["what"]
    assert shown["subject_label"] == "ord_1"


def test_problems_of_a_demand_are_told_in_words(desk: Client, database: Database):
    put(
        database,
        kind=WorkItemKind.BAD_ORDER,
        code="catalog.bad_bundle",
        params={
            "problems": [
                {"code": "SET", "problem": "catalog.problem.nested_bundle", "value": "INNER"},
                "catalog.problem.no_parts",
                7,
            ]
        },
    )
    (shown,) = desk.get("/api/v1/work-items").json()["items"]
    assert "SET INNER 组合装里不能再放组合装, 组合装没有组成商品, 7" in shown["why"]


def test_an_item_is_claimed_resolved_and_put_back_with_audit(desk: Client, database: Database):
    item = put(database)
    path = f"/api/v1/work-items/{item.id}"

    claimed = desk.post(f"{path}/claim").json()
    assert desk.post(f"{path}/claim").json() == claimed
    mine = desk.get("/api/v1/work-items", params={"assignee": "me"}).json()["items"]
    resolved = desk.post(f"{path}/resolve", json={"resolution": "fixed", "note": " 已补货 "}).json()
    listed = desk.get("/api/v1/work-items", params={"state": "resolved"}).json()["items"]
    reopened = desk.post(f"{path}/reopen").json()

    assert (claimed["state"], claimed["actions"]) == ("claimed", ["retry", "resolve", "reopen"])
    assert claimed["assignee_name"]
    assert [one["id"] for one in mine] == [item.id]
    assert (resolved["resolution"], resolved["resolution_label"], resolved["note"]) == (
        "fixed",
        "已修正",
        "已补货",
    )
    assert (resolved["actions"], resolved["is_overdue"]) == (["reopen"], False)
    assert [one["id"] for one in listed] == [item.id]
    assert (reopened["state"], reopened["assignee"]) == ("open", None)
    assert desk.get(path).json() == reopened
    assert audit(database) == [
        ("exceptions.claim", item.id),
        ("exceptions.resolve", item.id),
        ("exceptions.reopen", item.id),
    ]


def test_what_another_has_cannot_be_claimed(desk: Client, sign_in_as: SignInAs, database: Database):
    item = put(database)
    desk.post(f"/api/v1/work-items/{item.id}/claim")
    other = sign_in_as(Role.CUSTOMER_SERVICE)
    answer = other.post(f"/api/v1/work-items/{item.id}/claim")
    assert code(answer) == (409, "exceptions.already_claimed")
    assert "认领" in answer.json()["error"]["message"]
    assert [action for action, _ in audit(database)] == ["exceptions.claim"]


def test_a_retry_is_audited_and_begun_by_the_function_of_its_kind(
    desk: Client, database: Database, monkeypatch: pytest.MonkeyPatch
):
    item = put(database)
    begun: list[tuple[str, str]] = []
    monkeypatch.setitem(
        retry_work_item._retries,
        WorkItemKind.SHORTAGE,
        lambda _database, what, actor: begun.append((what.id, actor.role.value)),
    )
    answer = desk.post(f"/api/v1/work-items/{item.id}/retry")
    assert answer.status_code == 200
    assert answer.json()["id"] == item.id
    assert begun == [(item.id, "operations")]
    assert audit(database) == [("exceptions.retry", item.id)]


def test_what_cannot_be_retried_says_so(desk: Client, database: Database):
    fell = put(database, kind=WorkItemKind.STOCK_FELL_SHORT)
    (shown,) = desk.get("/api/v1/work-items").json()["items"]
    assert shown["actions"] == ["resolve", "claim"]
    assert code(desk.post(f"/api/v1/work-items/{fell.id}/retry")) == (409, "exceptions.no_retry")
    done = put(database)
    desk.post(f"/api/v1/work-items/{done.id}/resolve", json={"resolution": "ignored"})
    assert code(desk.post(f"/api/v1/work-items/{done.id}/retry")) == (
        409,
        "exceptions.already_resolved",
    )


def test_pages_and_filters(desk: Client, database: Database):
    for number in range(5):
        put(
            database,
            f"ord_{number}",
            subject_label=f"YN{number}",
            deadline=NOW + timedelta(minutes=number),
        )
    put(database, "ord_9", kind=WorkItemKind.ERP_OUTCOME_UNKNOWN, subject_label="ZZ")

    def found(**asked: object) -> list[str]:
        answer = desk.get("/api/v1/work-items", params=asked)
        assert answer.status_code == 200, answer.text
        return [one["subject_id"] for one in answer.json()["items"]]

    first = desk.get("/api/v1/work-items", params={"kind": "shortage", "limit": 3}).json()
    rest = desk.get(
        "/api/v1/work-items",
        params={"kind": "shortage", "limit": 3, "cursor": first["next_cursor"]},
    ).json()
    assert [one["subject_id"] for one in first["items"] + rest["items"]] == [
        f"ord_{number}" for number in range(5)
    ]
    assert rest["next_cursor"] is None
    assert first["counts"] == {"shortage": 5, "erp_outcome_unknown": 1}
    assert found(owner="it_admin") == ["ord_9"]
    assert found(q="zz") == ["ord_9"]
    assert found(subject_type="order", subject_id="ord_2") == ["ord_2"]
    assert found(state="claimed") == []


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"cursor": "!"}, "core.bad_cursor"),
        ({"kind": "none"}, "core.invalid"),
        ({"state": "none"}, "core.invalid"),
        ({"owner": "king"}, "core.invalid"),
        ({"limit": 0}, "core.invalid"),
        ({"q": "a\x00"}, "exceptions.bad_work_item"),
    ],
)
def test_bad_questions_are_refused(desk: Client, asked: dict[str, object], refused: str):
    assert code(desk.get("/api/v1/work-items", params=asked)) == (422, refused)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"resolution": "none"},
        {"resolution": "vanished"},
        {"resolution": "fixed", "note": "x" * 1001},
        {"resolution": "fixed", "note": "a\x00"},
        {"resolution": "fixed", "more": 1},
        {"resolution": ["fixed"]},
    ],
)
def test_bad_endings_are_refused_and_nothing_changes(
    desk: Client, database: Database, body: dict[str, object]
):
    item = put(database)
    answer = desk.post(f"/api/v1/work-items/{item.id}/resolve", json=body)
    assert answer.status_code == 422
    with database.read() as session:
        assert service.load_item(session, item.id) == item
    assert audit(database) == []


@pytest.mark.parametrize("action", ["claim", "retry", "reopen"])
def test_an_unknown_item_is_a_404(desk: Client, action: str):
    answer = desk.post(f"/api/v1/work-items/wit_none/{action}")
    assert code(answer) == (404, "exceptions.unknown_work_item")


def test_the_queue_is_closed_to_who_has_not_the_permission(app: FastAPI, database: Database):
    item = put(database)
    with Client(app) as nobody:
        assert nobody.get("/api/v1/work-items").status_code == 401
    owner = a_user(database, "boss", Role.IT_ADMIN)
    with database.transaction() as session:
        token = users.create_token(
            session,
            owner.as_actor(),
            name="reader",
            scopes=[Permission.EXCEPTIONS_READ],
            expires_at=None,
            now=clock.now(),
        )
    with Client(app, console=False) as reader:
        reader.headers["Authorization"] = f"Bearer {token.secret}"
        assert reader.get("/api/v1/work-items").status_code == 200
        for action in ("claim", "retry", "reopen"):
            answer = reader.post(f"/api/v1/work-items/{item.id}/{action}")
            assert code(answer) == (403, "users.permission_missing")
        assert reader.get("/api/v1/catalog/skus").status_code == 403
    with database.read() as session:
        assert service.load_item(session, item.id) == item


def test_the_catalog_shows_skus_with_bundles_and_listings(desk: Client, database: Database):
    with database.transaction() as session:
        catalog_service.save_skus(
            session,
            [
                Sku(code="RUG-160", name="地毯", price_fen=Fen(39900), category="地毯"),
                Sku(code="SET/1", name="组合", price_fen=Fen(70000)),
            ],
        )
        catalog_service.save_bundle(
            session,
            Bundle(code="SET/1", parts=(BundlePart(sku="RUG-160", quantity=2),)),
        )
        catalog_service.save_listing(session, shop_id="mini", listing_code="P-RUG", sku="RUG-160")

    told = desk.get("/api/v1/catalog/skus").json()
    rug, bundle = told["items"]

    assert (rug["code"], rug["price_fen"], rug["is_bundle"]) == ("RUG-160", 39900, False)
    assert rug["listings"] == [{"shop_id": "mini", "code": "P-RUG"}]
    assert bundle["parts"] == [{"sku": "RUG-160", "name": "地毯", "quantity": 2}]
    assert told["categories"] == {"": 1, "地毯": 1}
    assert desk.get("/api/v1/catalog/skus/SET/1").json() == bundle
    assert code(desk.get("/api/v1/catalog/skus/NONE")) == (404, "catalog.unknown_sku")
    assert desk.get("/api/v1/catalog/skus", params={"q": "rug"}).json()["items"] == [rug]
