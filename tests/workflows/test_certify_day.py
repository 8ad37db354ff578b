"""Certificates of a running world: green when all agree, red for what was lost, green once repaired."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.workflows.merchant import SHOP
from tests.workflows.world import World, outside_number
from yinuo.channels import service as channels
from yinuo.channels.model import Channel, Shop
from yinuo.channels.model.certificates import (
    BadCertificateDay,
    Cause,
    Colour,
    Doubt,
    GapKind,
    NothingToRepair,
)
from yinuo.channels.service import certificates
from yinuo.channels.service.certificates import Kept
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.users.model import SYSTEM
from yinuo.workflows import certify_day, pull_orders


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not pulled is lost at once: the tests need not wait for two minutes."""
    monkeypatch.setattr(certify_day, "NEXT_PULL", -timedelta(days=1))


def today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


def certified(world: World) -> Kept:
    """Return the certificate of today, made now."""
    with world.database.transaction() as session:
        assert certify_day.ask(session, SHOP, today())
    return waited(world)


def waited(world: World) -> Kept:
    def found() -> Kept:
        with world.database.read() as session:
            (kept,) = certificates.list_days(session, until=today(), days=1)
        return kept

    world.until(lambda: not found().is_waiting, what="for the certificate")
    return found()


def gaps(world: World) -> dict[str, tuple[GapKind, Cause]]:
    with world.database.read() as session:
        listed = certificates.list_gaps(session, SHOP, today())
    return {gap.number: (gap.kind, gap.cause) for gap in listed}


def test_a_day_is_proved_and_what_was_lost_is_found_and_repaired(world: World) -> None:
    numbers = [world.buy(("RUG-160", 1)), world.buy(("MAT-50", 2))]
    for number in numbers:
        world.pay(number)
        world.until_status(number, "in_warehouse")
    pull_orders.pull(SHOP)
    first = certified(world)
    assert (gaps(world), first.colour, first.doubts) == ({}, Colour.GREEN, ())
    assert first.channel == first.payments == first.hub
    assert first.hub_goods == first.erp
    assert first.hub.orders == 2

    # Somebody deletes a document in the ERP by hand; a push of the shop is lost.
    world.hub.connectors.erp.cancel_document(outside_number(world, numbers[0]))
    world.faults("shop", {"operation": "orders.push", "kind": "drop"})
    lost = world.sandbox.post(
        "/shop/api/orders",
        json={
            "lines": [{"listing": "MAT-60", "quantity": 1}],
            "receiver": {
                "name": "测试收件人",
                "phone": "19900000002",
                "province": "浙江省",
                "city": "杭州市",
                "district": "西湖区",
                "detail": "文三路1号",
            },
            "pays_with": "wechat_pay",
        },
    ).json()["number"]
    # What changed in the last seconds is not listed yet.
    world.until(lambda: certified(world).gaps == 2, what="for the lost order")
    assert waited(world).colour is Colour.RED
    assert gaps(world) == {
        numbers[0]: (GapKind.NOT_IN_ERP, Cause.UNKNOWN),
        lost: (GapKind.NOT_IN_HUB, Cause.UNKNOWN),
    }
    certify_day.repair(SHOP, today(), kind=GapKind.NOT_IN_HUB, number=lost, actor=SYSTEM)
    assert world.order(lost).raw_number == lost
    certify_day.repair(SHOP, today(), kind=GapKind.NOT_IN_ERP, number=numbers[0], actor=SYSTEM)
    assert world.erp_documents(numbers[0]) == 1
    world.until(lambda: waited(world).colour is Colour.GREEN, what="for green")
    with pytest.raises(NothingToRepair):
        certify_day.repair(SHOP, today(), kind=GapKind.NOT_IN_HUB, number=lost, actor=SYSTEM)
    with world.database.read() as session:
        repaired = session.execute(
            sa.text("SELECT count(*) FROM audit_entries WHERE action = 'certificates.repair'")
        ).scalar_one()
    assert repaired == 2

    # A side that does not answer proves nothing.
    world.faults("kingdee", {"operation": "SO/GetList", "kind": "drop"})
    amber = certified(world)
    assert (amber.colour, amber.doubts) == (Colour.AMBER, (Doubt.ERP_AWAY,))


def test_no_certificate_is_made_of_a_day_that_has_not_begun(world: World) -> None:
    with world.database.transaction() as session, pytest.raises(BadCertificateDay):
        certify_day.ask(session, SHOP, date(2199, 1, 1))


def test_orders_of_groups_have_no_platform_to_be_compared_with(world: World) -> None:
    group = Shop(id="group", channel=Channel.WECHAT_GROUP, name="微信群")
    with world.database.transaction() as session:
        channels.save_shop(session, group)
    made = certify_day.compare(group, today(), read_until=None)
    assert (made.colour, made.doubts) == (Colour.AMBER, (Doubt.NO_PLATFORM,))
