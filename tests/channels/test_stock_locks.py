"""Writers of a shop's figures wait for one another in one order, so that none is thrown out."""

from __future__ import annotations

import threading
import time

import sqlalchemy as sa

from tests.channels.building import MINI, NOW, later
from yinuo.channels import service
from yinuo.core.db import Database


def waiters(database: Database) -> int:
    with database.read() as session:
        count = sa.text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(session.execute(count).scalar_one())


def test_an_acknowledgement_waits_for_one_who_notes_figure_after_figure(database: Database):
    """One transaction notes B, then A, as the events came; the acknowledgement takes A before B."""
    with database.transaction() as session:
        service.save_shop(session, MINI)
        service.want_stock(session, "mini", figures={"A": 1, "B": 1}, now=NOW)
        (push,) = service.due_pushes(session, now=NOW)
    known: list[int] = []

    def acknowledge() -> None:
        with database.transaction() as session:
            known.append(
                service.acknowledge(
                    session, "mini", version=push.version, skus=["A", "B"], now=later(2)
                )
            )

    thread = threading.Thread(target=acknowledge)
    with database.transaction() as session:
        service.lock_figures(session, "mini")
        service.want_stock(session, "mini", figures={"B": 2}, now=later(1))
        thread.start()
        end = time.monotonic() + 20
        while waiters(database) == 0:
            assert time.monotonic() < end
            time.sleep(0.01)
        service.want_stock(session, "mini", figures={"A": 2}, now=later(1))
    thread.join(timeout=20)
    assert known == [2]
    with database.read() as session:
        stock = service.load_stock(session, "mini", skus=["A", "B"])
        assert {sku: one.quantity for sku, one in stock.items()} == {"A": 2, "B": 2}
