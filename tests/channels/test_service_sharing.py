"""Shops with rules: two editors, and what each shop may be told of real stock."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.channels.building import MINI, NOW, events, later
from tests.inventory.builders import GZ, HZ, RUG, set_up, wish
from tests.racing import race
from yinuo.catalog import service as catalog
from yinuo.catalog.model import Bundle, BundlePart, Sku
from yinuo.channels import service
from yinuo.channels.model import (
    BadShop,
    Channel,
    Limit,
    RuleScope,
    ShareRule,
    Sharing,
    Shop,
    ShopChanged,
    ShopExists,
    ShopSettings,
    Shown,
    UnknownShop,
)
from yinuo.core.db import Database, Session
from yinuo.core.money import Fen
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Warehouse

PILLOW, SET = "PILW-45", "SET-RUG-01"
HALF = Sharing(
    rule=ShareRule(percent=50),
    by_category={"抱枕": ShareRule(buffer=2)},
    by_sku={"VASE-20": ShareRule(most=1)},
)


@pytest.fixture
def stocked(session: Session) -> Session:
    set_up(session, {(RUG, HZ): 10, (RUG, GZ): 4, (PILLOW, HZ): 7}, at=NOW)
    catalog.save_skus(
        session,
        [
            Sku(code=RUG, name="地毯", price_fen=Fen(100), category="地毯"),
            Sku(code=PILLOW, name="抱枕", price_fen=Fen(100), category="抱枕"),
            Sku(code=SET, name="组合", price_fen=Fen(100)),
        ],
    )
    parts = (BundlePart(sku=RUG, quantity=1), BundlePart(sku=PILLOW, quantity=2))
    catalog.save_bundle(session, Bundle(code=SET, parts=parts))
    return session


def add(session: Session, shop: Shop = MINI, sharing: Sharing = HALF):
    return service.add_shop(session, shop, sharing=sharing, by="小李", now=NOW)


def test_a_new_shop_stands_with_its_rules(stocked: Session):
    record = add(stocked)
    assert (record.shop, record.sharing) == (MINI, HALF)
    assert (record.version, record.changed_at, record.changed_by) == (1, NOW, "小李")
    assert service.list_records(stocked) == [record]
    with pytest.raises(ShopExists):
        add(stocked, replace(MINI, name="另一个"))
    assert service.load_record(stocked, "mini") == record
    assert [name for name, _ in events(stocked) if name.startswith("channels")] == [
        "channels.shop_saved"
    ]


def test_everything_wrong_is_told_at_once_and_nothing_is_kept(stocked: Session):
    shop = replace(MINI, name="", settings=ShopSettings(ttl_seconds=1, warehouses=("WH-XX", HZ)))
    with pytest.raises(BadShop) as told:
        add(stocked, shop, Sharing(rule=ShareRule(percent=120)))
    assert told.value.details["problems"] == [
        "name",
        "ttl_seconds",
        "rule.percent",
        "warehouse:WH-XX",
    ]
    with pytest.raises(BadShop) as twice:
        add(stocked, replace(MINI, settings=ShopSettings(warehouses=(HZ, HZ))))
    assert twice.value.details["problems"] == ["warehouses"]
    assert service.list_records(stocked) == []


def test_the_second_editor_sees_that_the_shop_was_changed(stocked: Session):
    first = add(stocked)
    renamed = replace(MINI, name="新名字")

    second = service.change_shop(
        stocked, renamed, sharing=HALF, version=first.version, by="小王", now=later(1)
    )

    assert (second.version, second.shop.name, second.changed_by) == (2, "新名字", "小王")
    with pytest.raises(ShopChanged) as told:
        service.change_shop(
            stocked, MINI, sharing=Sharing(), version=first.version, by="小李", now=later(2)
        )
    assert told.value.details == {"shop_id": "mini", "version": 2, "changed_by": "小王"}
    assert service.load_record(stocked, "mini") == second
    # The same again is no conflict and no new version.
    again = service.change_shop(
        stocked, renamed, sharing=HALF, version=first.version, by="小李", now=later(3)
    )
    assert again == second


def test_the_channel_of_a_shop_never_changes_and_an_unknown_one_is_not_made(stocked: Session):
    add(stocked)
    other = replace(MINI, channel=Channel.DOUYIN)
    with pytest.raises(BadShop):
        service.change_shop(stocked, other, sharing=HALF, version=1, by="x", now=NOW)
    with pytest.raises(UnknownShop):
        service.change_shop(
            stocked, replace(MINI, id="gone"), sharing=HALF, version=1, by="x", now=NOW
        )


def test_saving_a_shop_by_code_leaves_its_rules(stocked: Session):
    add(stocked)
    service.save_shop(stocked, replace(MINI, name="种子"))
    record = service.load_record(stocked, "mini")
    assert (record.shop.name, record.sharing, record.version) == ("种子", HALF, 2)


def test_of_racing_editors_of_one_version_one_wins(database: Database):
    with database.transaction() as session:
        add(session, sharing=Sharing())
    outcomes: list[str] = []

    def edit(number: int) -> None:
        try:
            with database.transaction() as session:
                service.change_shop(
                    session,
                    replace(MINI, name=f"第{number}人"),
                    sharing=Sharing(rule=ShareRule(buffer=number)),
                    version=1,
                    by=f"{number}",
                    now=NOW,
                )
            outcomes.append(f"{number}")
        except ShopChanged:
            outcomes.append("seen")

    race(8, edit)

    (winner,) = [one for one in outcomes if one != "seen"]
    with database.read() as session:
        record = service.load_record(session, "mini")
    assert (record.version, record.changed_by, record.shop.name) == (2, winner, f"第{winner}人")
    assert record.sharing.rule.buffer == int(winner)


def test_of_racing_makers_of_one_shop_one_wins(database: Database):
    made: list[str] = []

    def make(number: int) -> None:
        try:
            with database.transaction() as session:
                service.add_shop(session, MINI, sharing=HALF, by=f"{number}", now=NOW)
            made.append(f"{number}")
        except ShopExists:
            pass

    race(6, make)
    assert len(made) == 1


def test_a_shop_is_told_by_its_warehouses_and_its_rules(stocked: Session):
    record = add(stocked, replace(MINI, settings=ShopSettings(warehouses=(HZ,))))
    told = service.shown_to(stocked, [record], skus=[RUG, PILLOW, SET, "NOPE"], now=NOW)["mini"]
    assert told == {
        RUG: Shown(quantity=5, sellable=10, limit=Limit.PERCENT),
        PILLOW: Shown(quantity=5, sellable=7, limit=Limit.BUFFER, scope=RuleScope.CATEGORY),
        SET: Shown(quantity=1, sellable=3, limit=Limit.PERCENT),
        "NOPE": Shown(quantity=0, sellable=0, is_counted=False),
    }


def test_claims_and_closed_warehouses_count_and_nowhere_means_everywhere(stocked: Session):
    add(stocked)
    inventory.reserve_batch(stocked, [wish("ord_1", {RUG: 4})], now=NOW)
    asked = [RUG, SET, "NOPE"]
    assert service.sellable(stocked, asked, now=NOW) == {RUG: 10, SET: 3, "NOPE": 0}
    assert service.sellable(stocked, asked, shop_id="mini", now=NOW) == {RUG: 5, SET: 1, "NOPE": 0}
    inventory.save_warehouses(stocked, [Warehouse(GZ, "广州仓", "广东", is_active=False)])
    assert service.sellable(stocked, [RUG], now=NOW) == {RUG: 6}
    assert inventory.sellable(stocked, [RUG], now=NOW) == {RUG: 6}


def test_a_shop_that_is_off_sells_nothing_and_one_that_is_not_there_is_refused(stocked: Session):
    add(stocked, replace(MINI, is_active=False))
    assert service.sellable(stocked, [RUG, SET], shop_id="mini", now=NOW) == {RUG: 0, SET: 0}
    with pytest.raises(UnknownShop):
        service.sellable(stocked, [RUG], shop_id="gone", now=NOW)


def test_a_change_of_stock_touches_the_bundles_that_hold_it(stocked: Session):
    assert service.with_bundles(stocked, [PILLOW]) == [PILLOW, SET]
    assert service.with_bundles(stocked, ["VASE-20"]) == ["VASE-20"]


def test_the_database_keeps_no_rule_out_of_range(stocked: Session):
    add(stocked)
    with pytest.raises(sa.exc.IntegrityError), stocked.begin_nested():
        stocked.execute(sa.text("UPDATE share_rules SET percent = 101"))


def test_observing_is_switched_by_itself_and_survives_other_changes(stocked: Session):
    first = add(stocked)
    watched = service.set_observing(
        stocked, "mini", is_observing=True, version=1, by="小王", now=later(1)
    )
    assert (watched.shop.is_observing, watched.shop.observed_from) == (True, later(1))
    assert (watched.version, watched.changed_by, watched.shop.is_told) == (2, "小王", False)
    with pytest.raises(ShopChanged):
        service.set_observing(
            stocked, "mini", is_observing=False, version=first.version, by="x", now=later(2)
        )
    renamed = service.change_shop(
        stocked, replace(MINI, name="新名字"), sharing=HALF, version=2, by="小李", now=later(3)
    )
    assert renamed.shop.is_observing
    service.save_shop(stocked, replace(MINI, name="种子"))
    assert service.load_shop(stocked, "mini").is_observing
    live = service.set_observing(
        stocked, "mini", is_observing=False, version=4, by="小王", now=later(5)
    )
    assert (live.shop.is_observing, live.shop.observed_from) == (False, later(1))
    again = service.set_observing(
        stocked, "mini", is_observing=False, version=1, by="小王", now=later(6)
    )
    assert again == live


def test_a_shop_may_begin_observed_and_is_told_nothing(stocked: Session):
    record = add(stocked, replace(MINI, is_observing=True))
    assert (record.shop.is_observing, record.shop.observed_from) == (True, NOW)
    service.want_stock(stocked, "mini", figures={RUG: 4}, now=NOW)
    assert service.due_pushes(stocked, now=later(1)) == []
    assert service.stock_lags(stocked, now=later(900)) == {}
