"""How an order's address was read, as the order shows it."""

from __future__ import annotations

from fastapi import FastAPI

from tests.orders.builders import NOON, RECEIVER
from tests.reports.builders import put
from tests.web.conftest import SignInAs
from yinuo.addresses import service as addresses
from yinuo.addresses.model import StatedAddress
from yinuo.core.db import Database
from yinuo.users.model import Role
from yinuo.web import orders


def test_how_the_address_was_read_is_shown_without_the_street(
    app: FastAPI, database: Database, sign_in_as: SignInAs
) -> None:
    app.include_router(orders.router, prefix="/api/v1")
    client = sign_in_as(Role.CUSTOMER_SERVICE)
    with database.transaction() as session:
        order = put(session, "2026A1", is_paid=True)
    assert client.get(f"/api/v1/orders/{order.id}").json()["address"] is None
    stated = StatedAddress("浙江省", "南京市", "", "", "文三路1号", RECEIVER.name, RECEIVER.phone)
    with database.transaction() as session:
        addresses.record(
            session,
            order.id,
            shop_id="mini",
            channel="mini_program",
            stated=stated,
            judged=addresses.read(session, stated, shop_id="mini"),
            now=NOON,
        )
    shown = client.get(f"/api/v1/orders/{order.id}").json()["address"]
    assert (shown["state"], shown["state_label"]) == ("doubtful", "待确认")
    assert (shown["doubt"], shown["stated"]) == ("contradiction", "浙江省 南京市 ****")
    assert shown["contradictions"] == ["省份写的是“浙江省”，与城市“南京市”不符"]
    assert [level["name"] for level in shown["levels"]] == ["浙江省"]
    assert any("浙江省" in line for line in shown["evidence"])
    revealed = client.post(f"/api/v1/orders/{order.id}/reveal", json={"reason": "核对地址"})
    assert revealed.json()["stated"] == "浙江省 南京市 文三路1号"
