"""What ERP and WMS know of an order's claim is kept beside it, from the sending to the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.workflows import notices
from tests.workflows.merchant import UNITS, WAREHOUSES
from tests.workflows.world import World
from yinuo.core import clock
from yinuo.inventory import service as inventory
from yinuo.inventory.model import OutsideClaim, PhotographLine, PhotoSource, Stage
from yinuo.workflows import cancel_order

HZ = WAREHOUSES[0].code


@pytest.fixture(scope="module", autouse=True)
def nothing_drifted(shared_world: World) -> Iterator[None]:
    """See at the end that the counters are what the ledger says."""
    yield
    assert shared_world.drift() == []


def paid_order(world: World, number: str, sku: str, price: int) -> str:
    """Place and pay an order of one unit, and return its id."""
    world.place(number, lines=[(sku, 1)])
    assert notices.send(world, notices.paid(f"PAY{number}", price)).status_code == 204
    return world.order(number).id


def known(world: World, order_id: str) -> dict[PhotoSource, OutsideClaim]:
    """Return what each system knows of the order's claim."""
    with world.database.read() as session:
        found = inventory.outside_claims(session, [order_id])[order_id]
    return {claim.system: claim for claim in found}


def test_hold_and_document_are_posted_and_a_later_photograph_contains_them(shop: World):
    order_id = paid_order(shop, "YNQ1", "RUG-160", 39900)
    shop.until_status("YNQ1", "in_warehouse")
    claims = known(shop, order_id)
    assert set(claims) == {PhotoSource.ERP, PhotoSource.WMS}
    wms, erp = claims[PhotoSource.WMS], claims[PhotoSource.ERP]
    assert wms.pushed_at <= wms.posted_at <= erp.posted_at
    now = clock.now()
    assert wms.stage(wms.posted_at - timedelta(seconds=1)) is Stage.POSTED
    assert wms.stage(now + timedelta(seconds=2)) is Stage.CONTAINED
    sellable = shop.atp("RUG-160")
    with clock.fixed(now + timedelta(seconds=3)), shop.database.transaction() as session:
        inventory.apply_photograph(
            session,
            source=PhotoSource.WMS,
            as_of=clock.now(),
            lines=[PhotographLine(sku="RUG-160", warehouse=HZ, quantity=UNITS, locked=1)],
            now=clock.now(),
        )
    assert shop.atp("RUG-160") == sellable


def test_a_cancelled_order_is_withdrawn_from_both(shop: World):
    order_id = paid_order(shop, "YNQ2", "THROW-130", 12900)
    shop.until_status("YNQ2", "in_warehouse")
    cancel_order.request(shop.database, order_id, reason="workflows.reason.buyer", actor="admin")
    shop.until_status("YNQ2", "cancelled", seconds=40)
    claims = known(shop, order_id)
    assert all(claim.withdrawn_at is not None for claim in claims.values())
    assert claims[PhotoSource.WMS].withdrawn_at <= claims[PhotoSource.ERP].withdrawn_at


def test_a_warehouse_that_refuses_to_cancel_keeps_the_claim(shop: World):
    order_id = paid_order(shop, "YNQ3", "MAT-50", 4900)
    shop.until_status("YNQ3", "in_warehouse")
    for _ in range(4):
        shop.step_warehouse("YNQ3")
    cancel_order.request(shop.database, order_id, reason="workflows.reason.buyer", actor="admin")
    shop.until(
        lambda: "workflows.timeline.cancel_refused" in shop.timeline("YNQ3"), what="for the refusal"
    )
    assert known(shop, order_id)[PhotoSource.WMS].withdrawn_at is None


def test_a_call_that_got_no_answer_is_pushed_and_not_posted(shop: World):
    shop.faults("kingdee", {"operation": "SO/Save", "kind": "error", "code": "http503"})
    order_id = paid_order(shop, "YNQ4", "PILW-45", 5900)
    shop.until(lambda: PhotoSource.ERP in known(shop, order_id), what="for the attempt")
    assert known(shop, order_id)[PhotoSource.ERP].posted_at is None
    shop.faults("kingdee")
    shop.until_status("YNQ4", "in_warehouse", seconds=40)
    assert known(shop, order_id)[PhotoSource.ERP].posted_at is not None
