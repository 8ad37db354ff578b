"""Unpaid claims run out whether anybody sweeps or not; paid ones never do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.workflows import notices
from tests.workflows.merchant import UNITS
from tests.workflows.world import World
from tests.workflows.world import world as make_world
from yinuo.channels.model import ReserveOn
from yinuo.core import clock
from yinuo.core.db import Database
from yinuo.inventory import service as inventory
from yinuo.orders import service as orders
from yinuo.workflows import expire_reservations

PRICE = 25990


@pytest.fixture(scope="module")
def shared_world(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Give a world whose shop claims stock when an order is placed."""
    with (
        pytest.MonkeyPatch.context() as patch,
        make_world(
            module_database, tmp_path_factory.mktemp("world"), patch, reserve_on=ReserveOn.ORDER
        ) as running,
    ):
        yield running
        assert running.drift() == []


def end_claim(world: World, number: str, *, in_seconds: int = -1) -> None:
    """Let an order's claim end at another moment."""
    with world.database.transaction() as session:
        session.execute(
            sa.text(
                "UPDATE reservations SET expires_at = clock_timestamp() + :s * interval '1 second'"
                " WHERE owner = :id AND state = 'reserved'"
            ),
            {"id": world.order(number).id, "s": in_seconds},
        )


def pay(world: World, number: str, amount_fen: int = PRICE) -> None:
    assert notices.send(world, notices.paid(f"PAY{number}", amount_fen)).status_code == 204


def claims(world: World, number: str) -> list[tuple[str, bool]]:
    """Return state and payment of every claim that an order had."""
    with world.database.read() as session:
        found = sa.text("SELECT state, is_paid FROM reservations WHERE owner = :id ORDER BY id")
        rows = session.execute(found, {"id": world.order(number).id})
        return [(row.state, row.is_paid) for row in rows]


def ends_in(world: World, number: str) -> float:
    """Return the seconds until an order's claim ends."""
    with world.database.read() as session:
        found = inventory.find_reservation(session, world.order(number).id, now=clock.now())
    assert found is not None
    return (found.expires_at - clock.now()).total_seconds()


def hold(world: World, number: str) -> str:
    """Hold an order, so that it is claimed and goes no further; return the hold's id."""
    with world.database.transaction() as session:
        return orders.hold_order(
            session,
            world.order(number).id,
            reason="manual",
            owner_role="operations",
            note="",
            actor="admin",
            now=clock.now(),
        ).id


def test_an_unpaid_claim_lapses_and_a_late_payment_claims_again(shop: World):
    before = shop.atp("LOVE-2026")
    shop.place("YNE1")
    order = shop.order("YNE1")
    assert (order.status.value, order.fulfillment_status.value) == ("unpaid", "reserved")
    assert shop.atp("LOVE-2026") == before - 1
    end_claim(shop, "YNE1")
    shop.until(lambda: shop.order("YNE1").fulfillment_status.value == "waiting")
    assert shop.atp("LOVE-2026") == before
    assert claims(shop, "YNE1") == [("lapsed", False)]
    assert shop.timeline("YNE1").count("workflows.timeline.reservation_lapsed") == 1
    pay(shop, "YNE1")
    assert shop.claimed("YNE1") == {"LOVE-2026": 1}
    shop.until_status("YNE1", "in_warehouse")
    assert claims(shop, "YNE1") == [("lapsed", False), ("allocated", True)]


def test_a_payment_in_time_makes_the_same_claim_a_paid_one(shop: World):
    shop.place("YNE2")
    end_claim(shop, "YNE2", in_seconds=30)
    pay(shop, "YNE2")
    shop.until_status("YNE2", "in_warehouse")
    assert claims(shop, "YNE2") == [("allocated", True)]
    assert shop.timeline("YNE2").count("workflows.timeline.reserved") == 1


def test_the_news_of_a_lapse_that_comes_after_a_new_claim_changes_nothing(shop: World):
    shop.place("YNE3")
    hold(shop, "YNE3")
    end_claim(shop, "YNE3")
    pay(shop, "YNE3")  # before or after the sweeper: either way the order holds its stock
    shop.until(lambda: ("lapsed", False) in claims(shop, "YNE3"))
    shop.until(
        lambda: shop.order("YNE3").fulfillment_status.value == "reserved", what="to be reserved"
    )
    assert shop.claimed("YNE3") == {"LOVE-2026": 1}


def test_a_paid_claim_near_its_end_is_renewed_told_once_and_never_lapses(shop: World):
    shop.place("YNE4")
    held = hold(shop, "YNE4")
    pay(shop, "YNE4")
    order_id = shop.order("YNE4").id
    assert shop.claimed("YNE4") == {"LOVE-2026": 1}
    for in_seconds in (200, 100, -60):
        end_claim(shop, "YNE4", in_seconds=in_seconds)
        expire_reservations.lapse_expired()
        expire_reservations.renew_paid()
        assert 800 < ends_in(shop, "YNE4") <= 900
    assert claims(shop, "YNE4") == [("reserved", True)]
    assert shop.items_of(order_id) == [("reservation_ending", "open")]
    assert "workflows.timeline.reservation_renewed" in shop.timeline("YNE4")
    with shop.database.transaction() as session:
        orders.release_hold(session, order_id, hold_id=held, actor="admin", now=clock.now())
    shop.until_status("YNE4", "in_warehouse")
    shop.until(lambda: shop.items_of(order_id) == [("reservation_ending", "resolved")])


def test_a_changed_unpaid_order_claims_what_it_says_now(shop: World):
    love, pillows = shop.atp("LOVE-2026"), shop.atp("PILW-45")
    shop.place("YNE5", lines=[("LOVE-2026", 2)])
    assert shop.claimed("YNE5") == {"LOVE-2026": 2}
    shop.place("YNE5", lines=[("PILW-45", 3)], version=2)
    assert shop.claimed("YNE5") == {"PILW-45": 3}
    assert (shop.atp("LOVE-2026"), shop.atp("PILW-45")) == (love, pillows - 3)
    shop.place("YNE5", lines=[("PILW-45", 3)], version=2)
    pay(shop, "YNE5", 3 * 5900)
    shop.until_status("YNE5", "in_warehouse")
    assert claims(shop, "YNE5") == [("released", False), ("allocated", True)]


def test_more_than_there_is_stays_unpaid_without_a_claim(shop: World):
    shop.place("YNE6", lines=[("RUG-160", UNITS + 1)])
    order = shop.order("YNE6")
    assert (order.status.value, order.fulfillment_status.value) == ("unpaid", "waiting")
    assert (shop.claimed("YNE6"), shop.items_of(order.id)) == ({}, [])


def test_an_expired_claim_is_free_for_others_though_nobody_sweeps(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with make_world(
        database, tmp_path, monkeypatch, reserve_on=ReserveOn.ORDER, works=False
    ) as world:
        world.place("YNE7", lines=[("RUG-160", UNITS)])
        assert world.atp("RUG-160") == UNITS
        end_claim(world, "YNE7")
        assert world.atp("RUG-160") == 2 * UNITS
        for number in ("YNE8", "YNE9"):
            world.place(number, lines=[("RUG-160", UNITS)])
            assert world.claimed(number) == {"RUG-160": UNITS}
        assert world.atp("RUG-160") == 0
        # Its payment comes all the same: booked, and nothing is taken from the others.
        pay(world, "YNE7", 39900 * UNITS)
        assert world.claimed("YNE7") == {}
        assert world.order("YNE7").payment_status.value == "paid"
        assert world.drift() == []


def test_a_claim_that_cannot_be_given_back_is_put_aside_and_told_and_stops_no_other(shop: World):
    shop.place("YNE8")
    shop.place("YNE9")
    with shop.database.transaction() as session:
        session.execute(
            sa.text(
                "CREATE FUNCTION break_lapse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'broken row'; END $$"
            )
        )
        session.execute(
            sa.text(
                "CREATE TRIGGER break_lapse BEFORE UPDATE OF state ON reservations FOR EACH ROW"
                f" WHEN (OLD.owner = '{shop.order('YNE8').id}') EXECUTE FUNCTION break_lapse()"
            )
        )
    end_claim(shop, "YNE8", in_seconds=-2)
    end_claim(shop, "YNE9")
    shop.until(lambda: claims(shop, "YNE9") == [("lapsed", False)], what="for the sound claim")
    with shop.database.read() as session:
        broken = inventory.find_reservation(session, shop.order("YNE8").id, now=clock.now())
    assert broken is not None
    shop.until(lambda: shop.items_of(broken.id) == [("reservation_corrupt", "open")])
    with shop.database.transaction() as session:
        session.execute(sa.text("DROP TRIGGER break_lapse ON reservations"))
        session.execute(sa.text("UPDATE reservations SET sweep_after = NULL"))
    shop.until(lambda: claims(shop, "YNE8") == [("lapsed", False)], what="for the mended claim")
