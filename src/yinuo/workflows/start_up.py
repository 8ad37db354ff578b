"""Opening and closing what the processes of one program share."""

from __future__ import annotations

from yinuo.connectors.registry import Registry
from yinuo.core import config, migrate
from yinuo.core.config import CoreSettings
from yinuo.core.db import Database
from yinuo.core.durable import Process
from yinuo.core.postgres import DatabaseMissing
from yinuo.inventory import service as inventory
from yinuo.workflows import (
    cancel_order,
    certify_day,
    confirm_shipment,
    fulfill_order,
    import_orders,
    place_plain,
    settle_payments,
    sync_stock,
    tell_robots,
)
from yinuo.workflows import hub as hubs
from yinuo.workflows.hub import Hub, ProcessSettings

# Every durable process: a worker that did not know one could not carry it on.
PROCESSES: tuple[Process[..., str], ...] = (
    fulfill_order.fulfill_order,
    cancel_order.cancel_order,
    confirm_shipment.notify_shop,
    sync_stock.sync_stock,
    certify_day.certify_day,
    tell_robots.tell_robot,
    import_orders.import_orders,
)


def open_hub(settings: CoreSettings, *, application_name: str) -> Hub:
    """Return the shared parts over the database of the settings, its tables brought up to date.

    Raises DatabaseMissing when no database is named (`yinuo up` names the embedded one).
    """
    if not settings.database_url:
        raise DatabaseMissing(reason="database_url is not set")
    database = Database(settings.database_url, application_name=application_name)
    if not migrate.is_current(database):
        migrate.upgrade(database)
    return share(database)


def share(database: Database, *, process_settings: ProcessSettings | None = None) -> Hub:
    """Return the shared parts over a database, and give them to the processes."""
    shared = Hub(
        database=database,
        connectors=Registry.from_settings(database),
        lane=inventory.reserving_lane(database),
        settling=settle_payments.settling_lane(database),
        placing=place_plain.placing_lane(database),
        settings=process_settings or config.section("processes", ProcessSettings),
    )
    hubs.use(shared)
    return shared


def close_hub(shared: Hub) -> None:
    """Answer whoever still waits for a lane, then close all connections."""
    shared.placing.close(timeout=5)
    shared.settling.close(timeout=5)
    shared.lane.close(timeout=5)
    shared.connectors.close()
    shared.database.dispose()
