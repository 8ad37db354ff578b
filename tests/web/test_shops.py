"""Shops over HTTP: added, changed by two editors, previewed, observed, decided, and who may."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.inventory.builders import GZ, HZ, RUG, set_up
from tests.reports.builders import put
from tests.web.client import Client
from tests.web.whole_app import whole_app
from yinuo.catalog import service as catalog
from yinuo.catalog.model import Bundle, BundlePart, Sku
from yinuo.core import clock
from yinuo.core.money import Fen
from yinuo.observing import service as observing
from yinuo.observing.model import Demand, DemandLine
from yinuo.users.model import Role

NEW = {
    "id": "mini",
    "channel": "mini_program",
    "name": "一诺家居小程序",
    "warehouses": [HZ],
    "rule": {"percent": 50, "buffer": 2, "most": None},
    "by_sku": [{"key": RUG, "rule": {"percent": 100, "buffer": 0, "most": 3}}],
    "is_observing": False,
}


@pytest.fixture
def app(database):
    """Give the whole app over real stock."""
    with whole_app(database) as whole:
        with database.transaction() as session:
            set_up(session, {(RUG, HZ): 9, (RUG, GZ): 2, ("PILW-45", HZ): 8}, at=clock.now())
            catalog.save_skus(
                session,
                [
                    Sku(code=RUG, name="地毯", price_fen=Fen(1), category="地毯"),
                    Sku(code="PILW-45", name="抱枕", price_fen=Fen(1), category="抱枕"),
                    Sku(code="SET-1", name="组合", price_fen=Fen(1)),
                ],
            )
            parts = (BundlePart(sku=RUG, quantity=1), BundlePart(sku="PILW-45", quantity=2))
            catalog.save_bundle(session, Bundle(code="SET-1", parts=parts))
        yield whole


@pytest.fixture
def ops(sign_in_as) -> Client:
    return sign_in_as(Role.OPERATIONS)


def body(shop: dict[str, object], **changes: object) -> dict[str, object]:
    """Return what an editor sends who read a shop."""
    kept = ("name", "reserve_on", "ttl_seconds", "is_active", "warehouses", "in_order", "rule")
    more = ("by_category", "by_sku", "version")
    return {key: shop[key] for key in (*kept, *more)} | changes


def audit(database) -> list[tuple[str, object, object]]:
    with database.read() as session:
        rows = session.execute(
            sa.text(
                "SELECT action, before, after FROM audit_entries WHERE action LIKE 'shops.%'"
                " ORDER BY position"
            )
        )
        return [(row.action, row.before, row.after) for row in rows]


def test_a_shop_is_added_and_listed_with_what_it_lacks(ops, database):
    made = ops.post("/api/v1/shops", json=NEW)
    assert made.status_code == 201, made.text
    listed = ops.get("/api/v1/shops", headers={"Accept-Language": "en"}).json()
    (shop,) = listed["items"]
    assert (shop["id"], shop["version"], shop["exceptions"]) == ("mini", 1, 1)
    assert (shop["channel_label"], shop["reserve_on_label"]) == (
        "Mini-program",
        "Reserve on payment",
    )
    assert shop["connection"] == {
        "state": "missing",
        "label": "Settings missing",
        "section": "shop.mini",
        "missing": ["[shop.mini] address", "[shop.mini] secret"],
    }
    assert shop["lag"] == {
        "unacknowledged": 0,
        "oldest_since": None,
        "oldest_seconds": 0,
        "last_acked_at": None,
        "p95_ms": None,
        "acked_last_hour": 0,
        "is_late": False,
    }
    assert [one["code"] for one in listed["warehouses"]] == [GZ, HZ, "WH-NT"]
    assert listed["categories"] == ["地毯", "抱枕"]
    whole = ops.get("/api/v1/shops/mini").json()
    assert whole["by_sku"] == NEW["by_sku"]
    assert whole["changed_by"]
    ((action, before, after),) = audit(database)
    assert (action, before) == ("shops.add", None)
    assert (after["title"], after["warehouses"], after["rule"]["percent"]) == (
        NEW["name"],
        [HZ],
        50,
    )


def test_an_id_is_taken_once_and_wrong_fields_are_told_in_words(ops):
    ops.post("/api/v1/shops", json=NEW)
    again = ops.post("/api/v1/shops", json=NEW)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "channels.shop_exists")
    unknown = ops.post("/api/v1/shops", json=NEW | {"id": "b", "warehouses": ["WH-XX"]})
    assert unknown.status_code == 422
    assert "WH-XX 没有这个仓库" in unknown.json()["error"]["message"]
    for wrong in (
        {"id": "Not An Id"},
        {"name": ""},
        {"ttl_seconds": 5},
        {"rule": {"percent": 101}},
        {"channel": "nowhere"},
        {"secret": "no place for one here"},
    ):
        assert ops.post("/api/v1/shops", json=NEW | wrong).status_code == 422, wrong


def test_the_second_editor_sees_the_first_ones_change(ops, database):
    first = ops.post("/api/v1/shops", json=NEW).json()
    renamed = ops.put("/api/v1/shops/mini", json=body(first, name="新名字"))
    assert (renamed.status_code, renamed.json()["version"]) == (200, 2)
    late = ops.put("/api/v1/shops/mini", json=body(first, rule={"percent": 10}))
    assert (late.status_code, late.json()["error"]["code"]) == (409, "channels.shop_changed")
    assert late.json()["error"]["details"]["version"] == 2
    same = ops.put("/api/v1/shops/mini", json=body(first, name="新名字"))
    assert (same.status_code, same.json()["version"]) == (200, 2)
    assert [action for action, _, _ in audit(database)] == ["shops.add", "shops.change"]
    _, before, after = audit(database)[1]
    assert (before["title"], after["title"]) == (NEW["name"], "新名字")
    assert ops.put("/api/v1/shops/gone", json=body(first)).status_code == 404


def test_a_preview_shows_what_rules_would_do_and_saves_nothing(ops, database):
    asked = {
        "name": "x",
        "warehouses": [HZ],
        "rule": {"percent": 50},
        "by_category": [{"key": "抱枕", "rule": {"buffer": 7}}],
        "skus": [RUG, "PILW-45", "SET-1", "NOPE"],
    }
    told = ops.post("/api/v1/shops/preview", json=asked).json()["items"]
    assert [
        (one["sku"], one["sellable"], one["quantity"], one["limit"], one["scope"], one["is_bundle"])
        for one in told
    ] == [
        (RUG, 9, 4, "percent", "shop", False),
        ("PILW-45", 8, 1, "buffer", "category", False),
        ("SET-1", 4, 0, "part", "category", True),
        ("NOPE", 0, 0, "none", "shop", False),
    ]
    assert (told[2]["part"], told[2]["limit_label"]) == ("PILW-45", "组成部分受限")
    assert told[3]["is_counted"] is False
    examples = ops.post("/api/v1/shops/preview", json={"name": "x"}).json()["items"]
    assert [one["sku"] for one in examples] == ["PILW-45", RUG]
    assert ops.get("/api/v1/shops").json()["items"] == []


def observed(database, number: str, *, units: int = 1, total: int = 10_000) -> str:
    """Place a paid order of the shop and let it be judged."""
    now = clock.now()
    with database.transaction() as session:
        order = put(session, number, total=total, is_paid=True)
        observing.begin(session, order.id, shop_id="mini", now=now)
        observing.observe(
            session,
            Demand(
                order_id=order.id,
                lines=(DemandLine(sku=RUG, quantity=units, amount_fen=total),),
                warehouses=(HZ,),
                is_paid=True,
                ttl_seconds=900,
            ),
            now=now,
        )
    return order.id


def test_observing_is_switched_told_and_decided(ops, database):
    shop = ops.post("/api/v1/shops", json=NEW | {"is_observing": True}).json()
    assert (shop["is_observing"], shop["lag"]) == (True, None)
    first = observed(database, "YN1", units=8)
    second = observed(database, "YN2", units=3, total=9000)

    (found,) = ops.get("/api/v1/observed").json()["items"]
    assert (found["orders"], found["reserved"], found["open"]) == (2, 1, 2)
    assert (found["prevented"], found["prevented_units"], found["worth_fen"]) == (1, 2, 6000)
    (sold,) = ops.get("/api/v1/shops/mini/observed/oversells").json()["items"]
    assert (sold["order_id"], sold["number"], sold["sku"], sold["name"]) == (
        second,
        "YN2",
        RUG,
        "地毯",
    )
    assert (sold["wanted"], sold["missing"], sold["worth_fen"]) == (3, 2, 6000)
    assert (sold["last_order_id"], sold["last_number"]) == (first, "YN1")
    orders = ops.get("/api/v1/shops/mini/observed/orders").json()["items"]
    assert [(one["number"], one["outcome"], one["state_label"]) for one in orders] == [
        ("YN2", "short", "旁观中"),
        ("YN1", "reserved", "旁观中"),
    ]

    early = ops.post(f"/api/v1/observed/{first}/take-over")
    assert (early.status_code, early.json()["error"]["code"]) == (
        409,
        "workflows.shop_still_observed",
    )
    stale = ops.post("/api/v1/shops/mini/go-live", json={"version": 1, "open_orders": "one_by_one"})
    assert stale.status_code == 409
    live = ops.post(
        "/api/v1/shops/mini/go-live",
        json={"version": shop["version"], "open_orders": "one_by_one"},
    ).json()
    assert (live["is_observing"], live["closed"], live["open"]) == (False, 0, 2)
    assert ops.post(f"/api/v1/observed/{first}/close").json()["state"] == "closed"
    taken = ops.post(f"/api/v1/observed/{second}/take-over").json()
    assert (taken["state"], taken["state_label"]) == ("taken_over", "已接管")
    assert ops.post(f"/api/v1/observed/{second}/close").status_code == 409
    assert ops.post("/api/v1/observed/ord_none/close").status_code == 404
    again = ops.post("/api/v1/shops/mini/observe", json={"version": live["version"]}).json()
    assert again["is_observing"] is True
    assert [action for action, _, _ in audit(database)] == [
        "shops.add",
        "shops.go_live",
        "shops.close_observed",
        "shops.take_over",
        "shops.observe",
    ]


def test_going_live_may_close_what_is_open_and_says_which(ops, database):
    shop = ops.post("/api/v1/shops", json=NEW | {"is_observing": True}).json()
    order_id = observed(database, "YN1")
    live = ops.post(
        "/api/v1/shops/mini/go-live", json={"version": shop["version"], "open_orders": "close"}
    ).json()
    assert (live["closed"], live["open"]) == (1, 0)
    assert audit(database)[-1][2]["closed_orders"] == [order_id]
    found = ops.get("/api/v1/shops/mini").json()["observed"]
    assert (found["orders"], found["open"]) == (1, 0)


def test_pages_of_observed_orders_go_on_where_the_last_one_ended(ops, database):
    ops.post("/api/v1/shops", json=NEW | {"is_observing": True})
    for number in range(3):
        observed(database, f"YN{number}", units=90)
    for path in ("orders", "oversells"):
        seen, cursor = [], None
        for _ in range(3):
            query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
            page = ops.get(f"/api/v1/shops/mini/observed/{path}", params=query).json()
            seen += [one["number"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert (seen, cursor) == (["YN2", "YN1", "YN0"], None)
    short = ops.get("/api/v1/shops/mini/observed/orders", params={"outcome": "reserved"}).json()
    assert short["items"] == []
    for bad in ("abc", "%00", "WzEsMl0"):
        answer = ops.get(f"/api/v1/shops/mini/observed/orders?cursor={bad}")
        assert answer.status_code == 422


def test_who_may_see_and_who_may_change(app, sign_in_as, client):
    manager, service = sign_in_as(Role.STORE_MANAGER), sign_in_as(Role.CUSTOMER_SERVICE)
    assert manager.get("/api/v1/shops").status_code == 200
    assert manager.post("/api/v1/shops", json=NEW).status_code == 403
    assert manager.post("/api/v1/shops/mini/observe", json={"version": 1}).status_code == 403
    assert service.get("/api/v1/shops").status_code == 403
    assert client.get("/api/v1/shops").status_code == 401
