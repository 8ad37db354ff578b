"""What a worker does again and again: small rounds, each by one worker at a time.

A round that finds its slot taken leaves it to whoever holds it. A failing round is logged and
comes again; none of them is the only way to correctness.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from yinuo.addresses.service import geocoding
from yinuo.channels import service as channels
from yinuo.channels.service import certificates
from yinuo.core import calls, clock, durable
from yinuo.core.db import Database
from yinuo.core.errors import YinuoError
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot, slot
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotoSource
from yinuo.workflows import (
    ask_geocoder,
    ask_payments,
    certify_day,
    daily_summary,
    expire_reservations,
    import_orders,
    intake_order,
    open_receiver,
    pull_orders,
    reconcile_payments,
    sync_stock,
    take_group_message,
    take_push,
    watch_shops,
)
from yinuo.workflows.hub import hub

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """Something done every so many seconds by one worker at a time."""

    name: str
    seconds: float
    work: Callable[[], object]


def all_rounds() -> list[Round]:
    """Return the rounds of a worker with their times."""
    settings = hub().settings
    return [
        Round("lapse_expired", 1.0, expire_reservations.lapse_expired),
        Round("renew_paid", 10.0, expire_reservations.renew_paid),
        Round("push_stock", 1.0, sync_stock.push_stock),
        Round("work_off_waiting", 5.0, intake_order.work_off_waiting),
        Round("work_off_pushes", 5.0, take_push.work_off_waiting),
        Round("work_off_group_messages", 5.0, take_group_message.work_off_waiting),
        Round("pull_orders", 30.0, _pull_all),
        Round("open_receivers", 15.0, open_receiver.open_waiting),
        Round("late_payments", 20.0, ask_payments.ask_for_late_payments),
        Round("geocodes", settings.geocodes_every_seconds, ask_geocoder.ask_about_doubtful),
        Round("payment_bills", 300.0, reconcile_payments.reconcile_due),
        Round("sync_stock", settings.stock_every_seconds, _start_syncs),
        Round("certificates", 60.0, certify_day.ask_due),
        Round("summaries", 30.0, daily_summary.tell_due),
        Round("watch_lag", 15.0, watch_shops.watch_lag),
        Round("forget_old", 3600.0, _forget_old),
    ]


def _pull_all() -> None:
    with hub().database.read() as session:
        shops = [
            shop
            for shop in channels.list_shops(session)
            if shop.is_active and shop.channel.has_platform
        ]
    for shop in shops:
        try:
            pull_orders.pull(shop.id)
        except YinuoError as error:
            log.warning("pull_failed", shop_id=shop.id, error=error.code)


def _start_syncs() -> None:
    """Start one sync a warehouse and one of the ERP; the bucket of time makes it once for all."""
    shared = hub()
    bucket = int(clock.now().timestamp() // shared.settings.stock_every_seconds)
    with shared.database.transaction() as session:
        for warehouse in inventory.load_warehouses(session):
            source = PhotoSource.WMS.value
            durable.start(
                session,
                sync_stock.sync_stock,
                source,
                warehouse.code,
                key=f"sync:{source}:{warehouse.code}:{bucket}",
            )
        durable.start(
            session,
            sync_stock.sync_stock,
            PhotoSource.ERP.value,
            "",
            key=f"sync:{PhotoSource.ERP.value}:{bucket}",
        )


def _forget_old() -> None:
    shared, now = hub(), clock.now()
    calls.forget_before(shared.database, now - timedelta(days=14))
    reconcile_payments.forget_old_lines()
    import_orders.forget_rows()
    durable.forget_finished(shared.database, before=now - timedelta(days=3))
    with shared.database.transaction() as session:
        channels.forget_waits(session, now=now)
        geocoding.forget_geocodes(session, now=now)
        certificates.forget_old(session, now=now)


def run_rounds(database: Database, stop: threading.Event) -> list[threading.Thread]:
    """Start a thread for each round until `stop` is set; returns the threads."""
    threads = []
    for one in all_rounds():
        thread = threading.Thread(
            target=_repeat, args=(database, one, stop), daemon=True, name=f"round-{one.name}"
        )
        thread.start()
        threads.append(thread)
    return threads


def _repeat(database: Database, one: Round, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with slot(database, f"round:{one.name}", limit=1, wait_seconds=0):
                one.work()
        except NoSlot:
            pass  # another worker is at it
        except Exception as error:  # noqa: BLE001 - a round must come again whatever happened
            name = error.code if isinstance(error, YinuoError) else type(error).__name__
            log.warning("round_failed", round=one.name, error=name)
        stop.wait(one.seconds)
