"""Payments that come together are booked together, and leave what one at a time would leave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import SHOP, UNITS
from tests.workflows.test_sharing import count
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.channels.model import InboxMessage
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.core.money import Fen
from yinuo.orders import service as orders
from yinuo.orders.model import PaymentReceived
from yinuo.workflows import settle_payments
from yinuo.workflows.told_payments import ToldPayment

PRICE = 5900


@pytest.fixture
def world(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Give a world in which notices are taken and nobody carries orders out."""
    with make_world(database, tmp_path, monkeypatch, works=False) as running:
        yield running
        assert running.drift() == []


def told(number: str, amount_fen: int = PRICE, *, transaction: str = "") -> ToldPayment:
    """Return what a verified notice tells."""
    transaction = transaction or f"4200PAY{number}"
    return ToldPayment(
        PaymentReceived(
            provider="wechat_pay",
            account="main",
            payment_number=f"PAY{number}",
            transaction_id=transaction,
            amount_fen=Fen(amount_fen),
            paid_at=clock.now(),
        ),
        InboxMessage(
            source="wechat_pay:main",
            key=f"event-{transaction}",
            shop_id=None,
            headers={"Wechatpay-Nonce": "x"},
            body=b"{}",
            received_at=clock.now(),
        ),
    )


def rows(world: World, statement: str, **values: object) -> list[tuple[object, ...]]:
    with world.database.read() as session:
        return [tuple(row) for row in session.execute(sa.text(statement), values)]


def left_behind(world: World, number: str) -> dict[str, object]:
    """Return everything that a payment wrote about its order, without ids and moments."""
    order_id = world.order(number).id
    about = {"id": order_id, "number": f"PAY{number}"}
    return {
        "order": rows(
            world,
            "SELECT total_fen, paid_fen, refunded_fen, payment_status, fulfillment_status, status,"
            " hold_count, paid_at IS NULL, reserved_at IS NULL, warehouse, carrier, sourcing"
            " FROM orders WHERE id = :id",
            **about,
        ),
        "payment": rows(
            world,
            "SELECT provider, account, amount_fen, refunded_fen, outcome, order_id = :id"
            " FROM payments WHERE payment_number = :number",
            **about,
        ),
        "timeline": rows(
            world,
            "SELECT code, actor, params - 'expires_at' - 'transaction_tail',"
            " dedupe_key IS NULL FROM order_timeline WHERE order_id = :id ORDER BY id",
            **about,
        ),
        "events": rows(
            world,
            "SELECT name, body - 'order_id' - 'number' - 'owner' - 'reservation_id' - 'expires_at'"
            " FROM events WHERE subject = :id ORDER BY name, seq",
            **about,
        ),
        "inbox": rows(
            world,
            "SELECT i.source, i.state, i.outcome, i.error_code, i.done_at IS NULL,"
            " octet_length(i.body_hash) FROM inbox AS i WHERE i.body IS NOT NULL"
            " AND i.source = 'wechat_pay:main' AND i.key LIKE '%' || :number",
            **about,
        ),
        "claims": rows(
            world,
            "SELECT r.warehouse, r.state, r.is_paid, l.sku, l.quantity, l.open FROM reservations r"
            " JOIN reservation_lines l ON l.reservation_id = r.id WHERE r.owner = :id",
            **about,
        ),
    }


def test_together_leaves_what_one_at_a_time_leaves(world: World, monkeypatch: pytest.MonkeyPatch):
    for number in ("TOG1", "TOG2"):
        world.place(number, lines=[("PILW-45", 2)])
    assert notices.send(world, notices.paid("PAYTOG1", 2 * PRICE)).status_code == 204

    async def is_not_plain(*_args: object, **_more: object) -> None:
        return None

    monkeypatch.setattr(world.hub.settling, "answer", is_not_plain)
    assert notices.send(world, notices.paid("PAYTOG2", 2 * PRICE)).status_code == 204
    together, alone = (left_behind(world, number) for number in ("TOG1", "TOG2"))
    for part in ("order", "payment", "timeline", "events", "claims"):
        assert together[part], part
        assert together[part] == alone[part], part
    assert together["inbox"] == alone["inbox"]


def test_only_the_plain_ones_of_a_batch_are_booked_and_kept(world: World):
    count(world, "VASE-20", HZ=3, GZ=0)
    for number, quantity in (("P1", 1), ("P2", 1), ("SHORT", 9), ("TWICE", 1), ("LESS", 1)):
        world.place(number, lines=[("VASE-20", quantity)])
    world.place("GONE", lines=[("VASE-20", 1)])
    with world.database.transaction() as session:
        gone = world.order("GONE").id
        orders.mark_cancelled(session, gone, reason="测试", actor="测试", now=clock.now())
    batch = [
        told("P1"),
        told("UNKNOWN"),
        told("TWICE"),
        told("SHORT", 9 * PRICE),
        told("TWICE", transaction="4200OTHER"),
        told("LESS", PRICE - 1),
        told("GONE"),
        told("P2"),
    ]
    with world.database.transaction() as session:
        answers = settle_payments.settle(session, batch)
    assert [None if one is None else one.is_claimed for one in answers] == [
        True,
        None,
        None,
        False,
        None,
        None,
        None,
        True,
    ]
    assert [world.order(number).status.value for number in ("P1", "P2", "SHORT", "TWICE")] == [
        "reserved",
        "reserved",
        "waiting",
        "unpaid",
    ]
    assert rows(world, "SELECT count(*) FROM payments") == [(3,)]
    assert rows(world, "SELECT count(*) FROM inbox WHERE source = 'wechat_pay:main'") == [(3,)]
    assert world.atp("VASE-20") == 1
    with world.database.transaction() as session:
        assert settle_payments.settle(session, batch) == [None] * len(batch)


def test_a_shop_that_is_only_observed_is_left_to_a_closer_look(world: World):
    with world.database.transaction() as session:
        session.execute(sa.text("UPDATE shops SET observed_from = now(), is_observing = true"))
    world.place("OBS1", lines=[("PILW-45", 1)])
    with world.database.transaction() as session:
        assert settle_payments.settle(session, [told("OBS1")]) == [None]
    assert notices.send(world, notices.paid("PAYOBS1", PRICE)).status_code == 204
    assert world.order("OBS1").paid_fen == PRICE
    assert world.claimed("OBS1") == {}
    assert world.atp("PILW-45") == 2 * UNITS


def test_a_transaction_known_under_another_order_is_looked_at_alone(world: World):
    for number in ("KN1", "KN2", "KN3"):
        world.place(number, lines=[("PILW-45", 1)])
    one = notices.paid("PAYKN1", PRICE, transaction="4200SAME")
    assert notices.send(world, one).status_code == 204
    lane = world.hub.settling
    pending = [lane.submit(told("KN2", transaction="4200SAME")), lane.submit(told("KN3"))]
    with pytest.raises(orders.NotPlain):
        pending[0].result(20)
    settled = pending[1].result(20)
    assert settled is not None
    assert settled.is_claimed
    again = notices.paid("PAYKN2", PRICE, transaction="4200SAME")
    assert notices.send(world, again).status_code == 204
    assert [world.order(number).paid_fen for number in ("KN1", "KN2", "KN3")] == [PRICE, 0, PRICE]


def test_what_dies_before_the_commit_leaves_nothing_and_comes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.place("DIE1", lines=[("PILW-45", 1)])
    book, deaths = orders.book_plain, iter([True])

    def dies(*args: object, **more: object) -> object:
        done = book(*args, **more)
        if next(deaths, False):
            raise RuntimeError("died after writing, before the commit")
        return done

    monkeypatch.setattr(orders, "book_plain", dies)
    notice = notices.paid("PAYDIE1", PRICE)
    with pytest.raises(RuntimeError):
        world.hub.settling.ask(told("DIE1"), timeout=20)
    assert world.order("DIE1").paid_fen == 0
    assert world.claimed("DIE1") == {}
    assert rows(world, "SELECT count(*) FROM inbox WHERE source = 'wechat_pay:main'") == [(0,)]
    assert notices.send(world, notice).status_code == 204
    assert world.claimed("DIE1") == {"PILW-45": 1}


def test_a_rush_of_notices_each_told_three_times_books_each_once(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """Thirty buyers of twenty units, their notices repeated and mixed, through HTTP."""
    count(world, "MAT-60", HZ=20, GZ=0)
    numbers = [f"RUSH{n}" for n in range(30)]
    for number in numbers:
        world.place(number, lines=[("MAT-60", 1)])
    sizes: list[int] = []
    settle = settle_payments.settle
    monkeypatch.setattr(
        world.hub.settling,
        "_decide",
        lambda session, batch: sizes.append(len(batch)) or settle(session, batch),
    )
    made = [notices.paid(f"PAY{number}", 4900) for number in numbers] * 3
    gate = threading.Barrier(15)

    def send(part: int) -> list[int]:
        gate.wait()
        return [notices.send(world, notice).status_code for notice in made[part::15]]

    with ThreadPoolExecutor(15) as pool:
        codes = [code for part in pool.map(send, range(15)) for code in part]
    assert set(codes) == {204}
    assert max(sizes) > 1
    paid = rows(world, "SELECT count(*), count(DISTINCT order_id), sum(amount_fen) FROM payments")
    assert paid == [(30, 30, 30 * 4900)]
    claimed = [number for number in numbers if world.claimed(number)]
    assert len(claimed) == 20
    assert world.atp("MAT-60") == 0
    reserved = rows(
        world,
        "SELECT count(*) FROM orders WHERE shop_id = :shop AND status = 'reserved'",
        shop=SHOP,
    )
    assert reserved == [(20,)]
