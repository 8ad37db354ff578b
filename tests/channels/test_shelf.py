"""What pages that watch are told: the same as everywhere, kept only until somebody says forget."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.channels.building import MINI, NOW
from tests.channels.test_service_sharing import PILLOW, SET, add, stocked
from tests.inventory.builders import GZ, RUG, wish
from yinuo.catalog import service as catalog
from yinuo.catalog.model import Bundle, BundlePart
from yinuo.channels import service
from yinuo.channels.model import ShareRule, Sharing, ShopSettings, UnknownShop
from yinuo.channels.service import shelf as shelf_module
from yinuo.core.db import Session
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Warehouse

__all__ = ["stocked"]  # the fixture
CODES = [RUG, PILLOW, SET, "NOBODY-KNOWS"]
NOWHERE: list[str | None] = [None]


def both(session: Session, shelf: service.Shelf, shops: list[str | None]) -> dict[str, int]:
    """Return the shelf's figures, which must be what is told everywhere else."""
    found = shelf.figures(session, dict.fromkeys(shops, CODES), now=NOW)
    for shop_id in shops:
        assert found[shop_id] == service.sellable(session, CODES, shop_id=shop_id, now=NOW)
    return found[shops[-1]]


def test_figures_are_those_of_everywhere_and_follow_the_units(stocked: Session):
    add(stocked)
    add(stocked, replace(MINI, id="off", is_active=False), Sharing())
    add(stocked, replace(MINI, id="gz", settings=ShopSettings(warehouses=(GZ,))), Sharing())
    shelf = service.Shelf()
    shops = [*NOWHERE, "off", "gz", "mini"]
    before = both(stocked, shelf, shops)
    assert before == {RUG: 7, PILLOW: 5, SET: 1, "NOBODY-KNOWS": 0}
    inventory.reserve_batch(stocked, [wish("ord_1", {RUG: 6})], now=NOW)
    assert both(stocked, shelf, shops)[RUG] == 4
    assert shelf.with_bundles(stocked, [RUG]) == service.with_bundles(stocked, [RUG]) == [RUG, SET]


def test_units_take_one_statement_and_the_rest_is_kept_until_it_is_forgotten(stocked: Session):
    shop = add(stocked)
    shelf = service.Shelf()
    both(stocked, shelf, ["mini"])
    shelf.with_bundles(stocked, [RUG])
    asked: list[str] = []
    connection = stocked.connection()
    sa.event.listen(
        connection, "before_cursor_execute", lambda _c, _cu, text, *_: asked.append(text)
    )
    shelf.figures(stocked, {"mini": CODES, None: [RUG]}, now=NOW)
    assert shelf.with_bundles(stocked, [RUG]) == [RUG, SET]
    assert len(asked) == 1

    service.change_shop(stocked, MINI, sharing=Sharing(), version=shop.version, by="x", now=NOW)
    inventory.save_warehouses(
        stocked, [Warehouse(code=GZ, name="广州仓", province="广东省", is_active=False)]
    )
    catalog.save_bundle(stocked, Bundle(code=SET, parts=(BundlePart(sku=RUG, quantity=2),)))
    shelf.forget()
    assert both(stocked, shelf, [None, "mini"]) == {RUG: 10, PILLOW: 7, SET: 5, "NOBODY-KNOWS": 0}
    assert shelf.with_bundles(stocked, [PILLOW]) == [PILLOW]


def test_what_was_read_while_somebody_said_forget_is_not_kept(
    stocked: Session, monkeypatch: pytest.MonkeyPatch
):
    add(stocked, sharing=Sharing(rule=ShareRule(percent=50)))
    shelf = service.Shelf()
    load = shelf_module.load_record

    def changed_meanwhile(session: Session, shop_id: str):
        record = load(session, shop_id)
        service.change_shop(
            session, MINI, sharing=Sharing(), version=record.version, by="x", now=NOW
        )
        shelf.forget()
        return record

    monkeypatch.setattr(shelf_module, "load_record", changed_meanwhile)
    assert shelf.figures(stocked, {"mini": [RUG]}, now=NOW) == {"mini": {RUG: 7}}
    monkeypatch.setattr(shelf_module, "load_record", load)
    assert both(stocked, shelf, ["mini"])[RUG] == 14


def test_codes_that_nobody_knows_do_not_fill_the_memory(
    stocked: Session, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shelf_module, "MOST_KEPT", 50)
    shelf = service.Shelf()
    for number in range(30):
        codes = [f"X-{number}-{one}" for one in range(10)]
        assert shelf.figures(stocked, {None: codes}, now=NOW) == {None: dict.fromkeys(codes, 0)}
    assert len(shelf._kept.goods) <= 60
    assert both(stocked, shelf, NOWHERE)[SET] == 3


def test_an_unknown_shop_is_refused_each_time(stocked: Session):
    shelf = service.Shelf()
    for _ in range(2):
        with pytest.raises(UnknownShop):
            shelf.figures(stocked, {"nobody": [RUG]}, now=NOW)
