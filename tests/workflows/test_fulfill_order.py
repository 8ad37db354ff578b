"""A paid order is reserved, checked and carried out exactly once."""

from __future__ import annotations

import re
from pathlib import Path

from tests.workflows.merchant import UNITS
from tests.workflows.world import World
from yinuo.workflows import start_up


def test_paid_order_is_reserved_carried_out_and_shipped_once(world: World):
    number = world.buy(("P-LOVE", 2))
    assert world.order(number).status.value == "unpaid"
    assert world.atp("LOVE-2026") == 2 * UNITS
    world.pay(number)
    world.until_status(number, "in_warehouse")
    assert world.atp("LOVE-2026") == 2 * UNITS - 2
    assert world.erp_documents(number) == 1
    world.ship(number)
    world.until(lambda: "workflows.timeline.notice_sent" in world.timeline(number))
    assert world.items() == []
    assert world.timeline(number)[0] == "orders.timeline.placed"


def test_every_process_in_the_code_is_known_to_every_program():
    code = (Path(start_up.__file__).parent).glob("*.py")
    named = {
        name
        for path in code
        for name in re.findall(r'@durable\.process\("(\w+)"\)', path.read_text(encoding="utf-8"))
    }
    assert {process.name for process in start_up.PROCESSES} == named
