"""Stock for product pages: everywhere, in a shop, bundles, and nothing new to say."""

from __future__ import annotations

import pytest

from tests.inventory.builders import GZ, HZ, RUG, set_up
from yinuo.catalog import service as catalog
from yinuo.catalog.model import Bundle, BundlePart, Sku
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, ShareRule, Sharing, Shop, ShopSettings
from yinuo.core import clock
from yinuo.core.money import Fen
from yinuo.web import public

MINI = Shop(
    id="mini",
    channel=Channel.MINI_PROGRAM,
    name="小程序",
    settings=ShopSettings(warehouses=(HZ,)),
)


@pytest.fixture
def shop(app, database):
    app.include_router(public.router)
    with database.transaction() as session:
        set_up(session, {(RUG, HZ): 9, (RUG, GZ): 2, ("PILW-45", HZ): 8}, at=clock.now())
        catalog.save_skus(
            session,
            [Sku(code=code, name=code, price_fen=Fen(1)) for code in (RUG, "PILW-45", "SET-1")],
        )
        parts = (BundlePart(sku=RUG, quantity=1), BundlePart(sku="PILW-45", quantity=2))
        catalog.save_bundle(session, Bundle(code="SET-1", parts=parts))
        half = Sharing(rule=ShareRule(percent=50))
        channels.add_shop(session, MINI, sharing=half, by="x", now=clock.now())


def units(client, **query: str) -> dict[str, int]:
    answer = client.get("/api/public/stock", params={"sku": f"{RUG},SET-1,GONE", **query})
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert all(item["is_in_stock"] == (item["sellable"] > 0) for item in items)
    return {item["sku"]: item["sellable"] for item in items}


def test_everywhere_counts_all_and_a_shop_what_it_shows(shop, client):
    assert units(client) == {RUG: 11, "SET-1": 4, "GONE": 0}
    assert units(client, shop="mini") == {RUG: 4, "SET-1": 2, "GONE": 0}


def test_a_shop_that_is_not_there_is_told(shop, client):
    for shop_id, status in (("gone", 404), ("NO SHOP", 422)):
        answer = client.get("/api/public/stock", params={"sku": RUG, "shop": shop_id})
        assert answer.status_code == status


def test_nothing_new_is_304_per_shop(shop, client):
    first = client.get("/api/public/stock", params={"sku": RUG})
    again = {"If-None-Match": first.headers["etag"]}
    assert client.get("/api/public/stock", params={"sku": RUG}, headers=again).status_code == 304
    mine = client.get("/api/public/stock", params={"sku": RUG, "shop": "mini"}, headers=again)
    assert (mine.status_code, mine.json()["items"][0]["sellable"]) == (200, 4)
    assert mine.headers["access-control-allow-origin"] == "*"
