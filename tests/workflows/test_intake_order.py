"""Orders that are wrong, come twice, late or changed: placed once, or kept for a person."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import SHOP, order_body, receiver
from tests.workflows.world import World, secret_of
from yinuo.catalog import service as catalog
from yinuo.catalog.model import Sku
from yinuo.connectors.shop.signing import signed_headers
from yinuo.core import clock
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter
from yinuo.users.model import SYSTEM
from yinuo.workflows import pull_orders
from yinuo.workflows.retry_work_item import retry_work_item

PRICE = 25990


def versions(world: World, number: str) -> int:
    """Return how many orders carry a number."""
    with world.database.read() as session:
        found = sa.text("SELECT count(*) FROM orders WHERE number = :n")
        return int(session.execute(found, {"n": number}).scalar_one())


def item_about(world: World, label: str) -> tuple[str, str] | None:
    """Return kind and state of the work item that names a number."""
    with world.database.read() as session:
        found = sa.text("SELECT kind, state FROM work_items WHERE subject_label = :label")
        row = session.execute(found, {"label": label}).one_or_none()
    return None if row is None else (row.kind, row.state)


def pay(world: World, number: str, amount_fen: int = PRICE) -> None:
    assert notices.send(world, notices.paid(f"PAY{number}", amount_fen)).status_code == 204


def test_an_unknown_listing_waits_for_its_mapping(shop: World):
    answer = shop.send(order_body("YNUNKNOWN", lines=[("NOT-MAPPED", 2)]))
    assert (answer.status_code, answer.json()["order_id"]) == (202, None)
    assert item_about(shop, "YNUNKNOWN") == ("unknown_sku", "open")
    assert shop.send(order_body("YNUNKNOWN", lines=[("NOT-MAPPED", 2)])).status_code == 202
    with shop.database.transaction() as session:
        catalog.save_skus(session, [Sku(code="NEW-1", name="新品")])
        catalog.save_listing(session, shop_id=SHOP, listing_code="NOT-MAPPED", sku="NEW-1")
    with shop.database.read() as session:
        items = exceptions.list_items(session, ItemFilter(query="YNUNKNOWN")).items
    for item in items:
        retry_work_item(shop.database, item, actor=SYSTEM)
    assert [line.sku for line in shop.order("YNUNKNOWN").lines] == ["NEW-1"]
    assert versions(shop, "YNUNKNOWN") == 1
    with shop.database.read() as session:
        assert exceptions.list_items(session, ItemFilter(query="YNUNKNOWN")).items == []


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("NOADDRESS", {"receiver": None}, "connectors.problem.missing $.receiver"),
        (
            "NODETAIL",
            {"receiver": receiver() | {"detail": ""}},
            "connectors.problem.missing $.receiver.detail",
        ),
        ("NOLINES", {"lines": []}, "connectors.problem.no_lines $.lines"),
        ("TEXTVERSION", {"version": "2"}, "connectors.problem.wrong_type $.version"),
        ("FLOATMONEY", {"total_fen": 259.9}, "connectors.problem.wrong_type $.total_fen"),
        ("BADTIME", {"placed_at": "gestern"}, "connectors.problem.bad_time $.placed_at"),
        ("BADSTATUS", {"status": "eaten"}, "connectors.problem.bad_value $.status"),
    ],
)
def test_a_wrong_order_is_kept_for_a_person_and_every_problem_told(
    shop: World, name: str, change: dict[str, object], problem: str
):
    answer = shop.send(order_body(f"YN{name}") | change)
    told = answer.json()["error"]
    assert (answer.status_code, told["code"]) == (422, "connectors.bad_order")
    assert [f"{one['code']} {one['path']}" for one in told["details"]["problems"]] == [problem]
    assert shop.find(f"YN{name}") is None


@pytest.mark.parametrize(
    ("quantity", "problem"),
    [(-1, "bad_quantity"), (0, "bad_quantity"), (10**12, "huge_quantity"), ("3", "wrong_type")],
)
def test_impossible_quantities_are_refused(shop: World, quantity: object, problem: str):
    body = order_body(f"YNQTY{quantity}")
    body["lines"][0]["quantity"] = quantity
    answer = shop.send(body)
    assert answer.status_code == 422
    codes = {one["code"] for one in answer.json()["error"]["details"]["problems"]}
    assert codes == {f"connectors.problem.{problem}"}


def test_what_is_no_order_at_all_is_kept_and_refused(shop: World):
    for body in (b"", b"[]", b"{", b"\xff", b'{"number": NaN}'):
        assert shop.send(body).status_code == 422
    assert shop.send(b'{"number":"' + b"x" * (2 * 1024 * 1024) + b'"}').status_code == 413


def test_a_bundle_and_its_part_in_one_order_are_one_demand_and_add_up(shop: World):
    shop.place("YNBUNDLE", lines=[("SET-RUG-01", 2), ("PILW-45", 3)])
    order = shop.order("YNBUNDLE")
    assert sum(line.amount_fen for line in order.lines) == 2 * 42900 + 3 * 5900
    assert order.total_fen == 2 * 42900 + 3 * 5900
    units = [(line.sku, line.quantity, line.bundle_of) for line in order.lines]
    assert sorted(units, key=str) == [
        ("PILW-45", 3, None),
        ("PILW-45", 4, "SET-RUG-01"),
        ("RUG-160", 2, "SET-RUG-01"),
    ]
    pay(shop, "YNBUNDLE", 2 * 42900 + 3 * 5900)
    assert shop.claimed("YNBUNDLE") == {"PILW-45": 7, "RUG-160": 2}
    shop.until_status("YNBUNDLE", "in_warehouse")
    with shop.database.read() as session:
        found = sa.text("SELECT count(*) FROM reservations WHERE owner = :id")
        assert session.execute(found, {"id": order.id}).scalar_one() == 1


def test_a_request_is_good_once_from_its_shop_and_fresh(shop: World):
    path, body = f"/api/shop/v1/{SHOP}/orders", json.dumps(order_body("YNSIGNED")).encode()
    now, secret = clock.now(), secret_of(shop.hub)

    def send(headers: dict[str, str], *, to: str = path, content: bytes = body) -> tuple[int, str]:
        answer = shop.client.post(to, content=content, headers=headers)
        return answer.status_code, answer.json().get("error", {}).get("code", "")

    good = dict(signed_headers("POST", path, body=body, now=now, secret=secret))
    assert send(good, content=body + b" ")[0] == 401
    assert send({})[0] == 401
    old = signed_headers("POST", path, body=body, now=now - timedelta(minutes=6), secret=secret)
    assert send(dict(old))[0] == 401
    other = signed_headers("POST", path, body=body, now=now, secret="x" * 48)
    assert send(dict(other))[0] == 401
    nowhere = "/api/shop/v1/nobody/orders"
    assert send(good, to=nowhere)[0] in {401, 404}
    assert shop.find("YNSIGNED") is None
    assert send(good)[0] == 201
    assert send(good)[0] in {401, 409}
    assert versions(shop, "YNSIGNED") == 1


def test_the_same_version_again_changes_nothing(shop: World):
    body = order_body("YNSAME")
    first, second = shop.send(body), shop.send(body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert (first.json()["is_new"], second.json()["is_new"]) == (True, False)
    assert first.json()["order_id"] == second.json()["order_id"]
    assert shop.timeline("YNSAME") == ["orders.timeline.placed"]


def test_a_newer_version_replaces_an_unpaid_order_and_an_older_one_does_not(shop: World):
    shop.place("YNNEWER", lines=[("LOVE-2026", 1)])
    shop.place("YNNEWER", lines=[("PILW-45", 2)], version=3)
    assert [(line.sku, line.quantity) for line in shop.order("YNNEWER").lines] == [("PILW-45", 2)]
    shop.place("YNNEWER", lines=[("RUG-160", 1)], version=2)
    assert [(line.sku, line.quantity) for line in shop.order("YNNEWER").lines] == [("PILW-45", 2)]
    assert shop.order("YNNEWER").total_fen == 11800
    pay(shop, "YNNEWER", 11800)
    assert shop.claimed("YNNEWER") == {"PILW-45": 2}


def test_a_change_after_payment_is_for_a_person_and_not_taken_over(shop: World):
    shop.place("YNCHANGED")
    pay(shop, "YNCHANGED")
    shop.place("YNCHANGED", lines=[("PILW-45", 2)], version=2)
    order = shop.until_status("YNCHANGED", "in_warehouse")
    assert [(line.sku, line.quantity) for line in order.lines] == [("LOVE-2026", 1)]
    assert shop.items_of(order.id) == [("order_changed_after_payment", "open")]
    assert "workflows.timeline.changed_after_payment" in shop.timeline("YNCHANGED")


def test_an_order_cancelled_in_the_shop_before_payment_is_cancelled(shop: World):
    shop.place("YNGONE")
    for _ in range(2):
        shop.place("YNGONE", version=2, status="cancelled")
    order = shop.until_status("YNGONE", "cancelled")
    assert (order.payment_status.value, shop.items_of(order.id)) == ("closed", [])
    pay(shop, "YNGONE")
    assert shop.items_of(order.id) == [("payment_after_cancel", "open")]


def test_a_cancelled_version_that_comes_first_stays_cancelled(shop: World):
    shop.place("YNFIRST", version=2, status="cancelled")
    shop.place("YNFIRST", version=1)
    assert shop.order("YNFIRST").status.value == "cancelled"
    assert shop.claimed("YNFIRST") == {}


def test_a_cancel_that_comes_after_shipping_goes_to_a_person(shop: World):
    shop.place("YNTOOLATE")
    pay(shop, "YNTOOLATE")
    shop.until_status("YNTOOLATE", "in_warehouse")
    shop.ship("YNTOOLATE")
    answer = shop.send(order_body("YNTOOLATE", version=2, status="cancelled"))
    assert answer.status_code == 200
    order = shop.order("YNTOOLATE")
    assert order.status.value == "shipped"
    assert ("cancel_refused_by_warehouse", "open") in shop.items_of(order.id)


def test_push_and_pull_of_one_order_are_one(shop: World):
    number = shop.buy(("P-LOVE", 1))
    before = versions(shop, number)
    with clock.fixed(clock.now() + timedelta(minutes=2)):
        pull_orders.pull(SHOP)
    assert (before, versions(shop, number)) == (1, 1)
    assert shop.timeline(number) == ["orders.timeline.placed"]


def test_an_order_whose_push_was_lost_is_pulled(shop: World):
    shop.faults("shop", {"operation": "orders.push", "kind": "drop"})
    answer = shop.sandbox.post(
        "/shop/api/orders",
        json={"lines": [{"listing": "P-LOVE", "quantity": 1}], "receiver": receiver()},
    )
    number = answer.json()["number"]
    with clock.fixed(clock.now() + timedelta(minutes=5)):
        assert pull_orders.pull(SHOP) >= 1
        assert pull_orders.pull(SHOP) == 0
    assert versions(shop, number) == 1
