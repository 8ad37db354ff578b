"""A file of orders comes in once, whatever is in it, however often, and whoever dies meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.channels.imports.sheets import csv_of, row
from tests.users.builders import a_user
from tests.workflows.merchant import BUNDLE, SHOP, SKUS
from tests.workflows.test_crashes import until_dead, worker
from tests.workflows.world import world as make_world
from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.channels.model.imports import (
    ImportNotOpen,
    ImportOutcome,
    ImportRecord,
    ImportState,
    MappingIncomplete,
    RowsForgotten,
    ShopNotForFiles,
)
from yinuo.channels.service import imports
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.orders import service as orders
from yinuo.orders.model import Order
from yinuo.users.model import Actor, Role
from yinuo.workflows import import_orders, start_up, take_stated

GOODS = {"商品编码": "LOVE-2026"}


@pytest.fixture
def merchant(database: Database) -> Iterator[Database]:
    """Give a database with the small merchant, and a hub over it."""
    shared = start_up.share(database)
    with database.transaction() as session:
        catalog.save_skus(session, SKUS)
        catalog.save_bundle(session, BUNDLE)
        channels.save_shop(session, Shop(id=SHOP, channel=Channel.MINI_PROGRAM, name="测试店铺"))
        channels.save_shop(session, Shop(id="dy", channel=Channel.DOUYIN, name="抖音店"))
    yield database
    start_up.close_hub(shared)


@pytest.fixture
def actor(merchant: Database) -> Actor:
    return a_user(merchant, "supervisor", Role.OPERATIONS).as_actor()


def put(actor: Actor, *rows: list[object], **more: object) -> ImportRecord:
    content = csv_of(*rows, **more).encode()
    return import_orders.put_file(SHOP, content, file_name="订单.csv", actor=actor)


def work_off(import_id: str) -> str:
    """Carry an import out in this thread, as its process does."""
    position = 0
    while position >= 0:
        position = import_orders._batch(import_id, position)
    return import_orders._finish(import_id)


def load(database: Database, import_id: str) -> ImportRecord:
    with database.read() as session:
        return imports.load_import(session, import_id)


def order(database: Database, number: str) -> Order | None:
    with database.read() as session:
        return orders.find_order(session, shop_id=SHOP, number=number)


def count(database: Database, table: str) -> int:
    with database.read() as session:
        return session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()


def problems(database: Database, import_id: str) -> list[tuple[str, str, list[str]]]:
    with database.read() as session:
        found = imports.import_orders(
            session, import_id, outcomes=list(ImportOutcome), cursor=None, limit=100
        ).items
    return [
        (
            one.number,
            (one.outcome or one.expected).value,
            [f"{each.code.name} {each.field}" for each in one.problems],
        )
        for one in found
    ]


def test_a_file_is_checked_without_effect_and_then_carried_out(merchant: Database, actor: Actor):
    given = put(
        actor,
        row("A1", **GOODS),
        row("A2", 商品编码="SET-RUG-01", 单价="429", 付款时间=""),
        row("A3", 商品编码="NO-SUCH"),
        row("A4", **GOODS, 数量="x"),
        row("A5", **GOODS, 收货人="", 手机=""),
    )
    assert given.state is ImportState.CHECKED
    assert given.expected == {ImportOutcome.NEW: 2, ImportOutcome.REFUSED: 3}
    assert problems(merchant, given.id)[2:] == [
        ("A3", "refused", ["UNKNOWN_CODE code"]),
        ("A4", "refused", ["BAD_QUANTITY quantity"]),
        ("A5", "refused", ["BAD_PART receiver_name", "BAD_PART phone"]),
    ]
    assert (count(merchant, "orders"), count(merchant, "payments")) == (0, 0)

    import_orders.start(given.id, actor=actor)
    assert work_off(given.id) == "done"

    done = load(merchant, given.id)
    assert done.outcomes == {ImportOutcome.NEW: 2, ImportOutcome.REFUSED: 3}
    paid, unpaid = order(merchant, "A1"), order(merchant, "A2")
    assert paid is not None
    assert unpaid is not None
    assert (paid.payment_status.value, paid.total_fen, paid.paid_fen) == ("paid", 25990, 25990)
    assert (unpaid.payment_status.value, unpaid.total_fen) == ("unpaid", 42900)
    assert [(line.sku, line.quantity) for line in unpaid.lines] == [("RUG-160", 1), ("PILW-45", 2)]
    assert (paid.region.province, paid.region.district) == ("浙江省", "西湖区")


def test_an_order_that_is_there_is_left_alone_and_what_differs_is_told(
    merchant: Database, actor: Actor
):
    first = put(actor, row("A1", **GOODS), row("A2", **GOODS))
    import_orders.start(first.id, actor=actor)
    work_off(first.id)

    again = put(
        actor,
        row("A1", **GOODS),
        row("A2", **GOODS, 数量="2", 收货地址="广东省广州市天河区体育西路1号"),
    )

    assert again.expected == {ImportOutcome.EXISTS: 1, ImportOutcome.DIFFERS: 1}
    assert problems(merchant, again.id)[1] == (
        "A2",
        "differs",
        ["DIFFERS lines", "DIFFERS total", "DIFFERS address"],
    )
    import_orders.start(again.id, actor=actor)
    work_off(again.id)
    assert load(merchant, again.id).outcomes == again.expected
    kept = order(merchant, "A2")
    assert kept is not None
    assert kept.total_fen == 25990
    assert (count(merchant, "orders"), count(merchant, "payments")) == (2, 2)


def test_the_same_file_again_is_told_and_its_columns_are_remembered(
    merchant: Database, actor: Actor
):
    header = ["甲", "下单时间", "收货人", "手机", "收货地址", "商品编码", "数量", "单价"]
    rows = [row("A1", **GOODS)[:8]]
    first = put(actor, *rows, header=header)
    assert (first.state, first.repeats_at) == (ImportState.UPLOADED, None)
    with pytest.raises(MappingIncomplete):
        import_orders.check(first.id)

    mapped = import_orders.map_columns(first.id, {**first.mapping, "number": 0})
    assert mapped.state is ImportState.CHECKED
    import_orders.start(first.id, actor=actor)
    work_off(first.id)
    again = put(actor, *rows, header=header)

    assert (again.is_remembered, again.mapping) == (True, mapped.mapping)
    assert again.repeats_at == first.uploaded_at
    assert again.expected == {ImportOutcome.EXISTS: 1}
    with pytest.raises(ImportNotOpen):
        import_orders.map_columns(first.id, mapped.mapping)


def test_one_file_twice_at_once_places_each_order_once(merchant: Database, actor: Actor):
    rows = [row(f"A{number}", **GOODS) for number in range(60)]
    two = [put(actor, *rows).id, put(actor, *rows).id]
    for one in two:
        import_orders.start(one, actor=actor)
    # Each import by two workers: one that was thought dead may go on beside the other.
    threads = [threading.Thread(target=work_off, args=(one,)) for one in two * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counted = [load(merchant, one).outcomes for one in two]
    assert sum(one.get(ImportOutcome.NEW, 0) for one in counted) == 60
    assert sum(one.get(ImportOutcome.EXISTS, 0) for one in counted) == 60
    assert (count(merchant, "orders"), count(merchant, "payments")) == (60, 60)


def test_a_cancelled_import_stops_before_its_next_order(
    merchant: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    given = put(actor, *[row(f"A{number}", **GOODS) for number in range(5)])
    import_orders.start(given.id, actor=actor)
    plain, seen = import_orders._taken, []

    def cancelling(session, import_id, shop, one):
        seen.append(one.position)
        if one.position == 3:
            import_orders.cancel(import_id, actor=actor)
        return plain(session, import_id, shop, one)

    monkeypatch.setattr(import_orders, "_taken", cancelling)
    assert work_off(given.id) == "cancelled"
    found = load(merchant, given.id)
    assert (found.state, found.done) == (ImportState.CANCELLED, 2)
    assert count(merchant, "orders") == 2
    with pytest.raises(ImportNotOpen):
        import_orders.start(given.id, actor=actor)


def test_an_import_whose_process_broke_off_goes_on_when_started_again(
    merchant: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    given = put(actor, row("A1", **GOODS))
    import_orders.start(given.id, actor=actor)
    first = f"import:{given.id}"
    import_orders.start(given.id, actor=actor)
    assert import_orders.durable.state(merchant, f"{first}:2") is None  # it waits: nothing more

    plain = import_orders.durable.state

    def broken_off(database, key):
        found = plain(database, key)
        return replace(found, status="ERROR") if found and key == first else found

    monkeypatch.setattr(import_orders.durable, "state", broken_off)
    import_orders.start(given.id, actor=actor)
    found = plain(merchant, f"{first}:2")
    assert found is not None
    assert found.status == "ENQUEUED"


def test_one_order_that_breaks_and_a_busy_database_stop_no_other(
    merchant: Database, actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    given = put(actor, *[row(f"A{number}", **GOODS) for number in range(3)])
    import_orders.start(given.id, actor=actor)
    plain, busy = take_stated.take, [True]

    def breaking(session, shop, stated, lookup):
        if stated.number == "A0" and busy:
            busy.clear()
            raise sa.exc.OperationalError("", {}, Exception("deadlock detected"))
        if stated.number == "A1":
            raise ZeroDivisionError
        return plain(session, shop, stated, lookup)

    monkeypatch.setattr(take_stated, "take", breaking)
    assert work_off(given.id) == "done"
    assert problems(merchant, given.id) == [
        ("A0", "new", []),
        ("A1", "refused", ["NOT_TAKEN "]),
        ("A2", "new", []),
    ]
    assert count(merchant, "orders") == 2


def test_rows_are_forgotten_after_their_days_and_counts_stay(merchant: Database, actor: Actor):
    given = put(actor, row("A1", **GOODS))
    import_orders.start(given.id, actor=actor)
    work_off(given.id)
    with merchant.transaction() as session:
        now = clock.now()
        assert imports.forget_rows(session, before=now - timedelta(days=1), now=now) == 0
        assert imports.forget_rows(session, before=now + timedelta(days=1), now=now) == 1
    found = load(merchant, given.id)
    assert found.outcomes == {ImportOutcome.NEW: 1}
    assert [one.samples for one in found.guesses] == [()] * len(found.guesses)
    with merchant.read() as session, pytest.raises(RowsForgotten):
        imports.load_sheet(session, given.id)
    with merchant.read() as session:
        assert imports.next_orders(session, given.id, after=0, limit=1)[0].stated is None


def test_a_shop_of_a_marketplace_takes_no_files(merchant: Database, actor: Actor):
    with pytest.raises(ShopNotForFiles):
        import_orders.put_file("dy", csv_of(row()).encode(), file_name="a.csv", actor=actor)
    assert count(merchant, "imports") == 0


def test_five_thousand_rows_are_checked_and_placed(merchant: Database, actor: Actor):
    rows = [
        row(f"B{number // 50:05d}", **GOODS, 数量=number % 50 + 1, 付款时间="")
        for number in range(5000)
    ]
    given = put(actor, *rows)
    assert (given.rows, given.orders) == (5000, 100)
    assert given.expected == {ImportOutcome.NEW: 100}
    import_orders.start(given.id, actor=actor)
    work_off(given.id)
    assert load(merchant, given.id).outcomes == {ImportOutcome.NEW: 100}
    assert count(merchant, "order_lines") == 5000
    assert put(actor, *rows).expected == {ImportOutcome.EXISTS: 100}


@pytest.mark.crash
@pytest.mark.parametrize("moment", ["import_batch:done", "finish_import:before"])
def test_a_worker_that_is_killed_leaves_nothing_doubled_and_nothing_lost(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
):
    with make_world(database, tmp_path, monkeypatch, works=False) as idle:
        someone = a_user(database, "supervisor", Role.OPERATIONS).as_actor()
        given = put(someone, *[row(f"A{number}", **GOODS) for number in range(60)])
        import_orders.start(given.id, actor=someone)
        with worker(idle, DIE_AT=moment) as dying:
            until_dead(dying, moment)
        assert load(database, given.id).done in {50, 60}
        with worker(idle):
            idle.until(
                lambda: load(database, given.id).state is ImportState.DONE, what="for the import"
            )
        assert load(database, given.id).outcomes == {ImportOutcome.NEW: 60}
        assert (count(database, "orders"), count(database, "payments")) == (60, 60)
