"""Stock to start from, with defaults."""

from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from yinuo.core.db import Session
from yinuo.inventory import service
from yinuo.inventory.model import (
    Level,
    PhotographLine,
    PhotoSource,
    ReserveRequest,
    Warehouse,
    stock_lines,
)

T0 = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HZ, NT, GZ = "WH-HZ", "WH-NT", "WH-GZ"
RUG = "RUG-160"


def set_up(session: Session, stock: dict[tuple[str, str], int], *, at: datetime = T0) -> None:
    """Make three warehouses and photographs of so many units each."""
    service.save_warehouses(
        session,
        [
            Warehouse(HZ, "杭州仓", "浙江", serves=("浙江", "上海")),
            Warehouse(NT, "南通仓", "江苏"),
            Warehouse(GZ, "广州仓", "广东"),
        ],
    )
    photograph(session, stock, at=at)


def photograph(
    session: Session,
    stock: dict[tuple[str, str], int],
    *,
    at: datetime,
    now: datetime | None = None,
    source: PhotoSource = PhotoSource.WMS,
    claims: dict[tuple[str, str], int] | None = None,
):
    """Apply a photograph of so many units each, of which the system calls so many claimed."""
    claimed = claims or {}
    is_erp = source is PhotoSource.ERP
    return service.apply_photograph(
        session,
        source=source,
        as_of=at,
        lines=[
            PhotographLine(
                sku,
                warehouse,
                units,
                open=claimed.get((sku, warehouse), 0) if is_erp else 0,
                locked=0 if is_erp else claimed.get((sku, warehouse), 0),
            )
            for (sku, warehouse), units in stock.items()
        ],
        now=now or at,
    )


def count_by_erp(session: Session, *codes: str) -> None:
    """Let the ERP count these warehouses."""
    service.save_warehouses(
        session,
        [
            replace(one, counted_by=PhotoSource.ERP)
            for one in service.load_warehouses(session)
            if one.code in codes
        ],
    )


def wish(
    owner: str,
    units: dict[str, int] | None = None,
    *,
    warehouses: tuple[str, ...] = (HZ,),
    is_paid: bool = True,
    ttl_seconds: int = 900,
) -> ReserveRequest:
    """Return a request for one rug unless said otherwise."""
    return ReserveRequest(
        owner=owner,
        lines=stock_lines(units or {RUG: 1}),
        warehouses=warehouses,
        is_paid=is_paid,
        ttl_seconds=ttl_seconds,
        cause="test",
    )


def level_of(session: Session, sku: str = RUG, warehouse: str = HZ, *, now: datetime = T0) -> Level:
    """Return one level."""
    (found,) = [one for one in service.level(session, sku, now=now) if one.warehouse == warehouse]
    return found


def events(session: Session, name: str) -> list[dict[str, object]]:
    """Return the bodies of announced events of one name."""
    rows = session.execute(
        sa.text("SELECT body FROM events WHERE name = :name ORDER BY seq"), {"name": name}
    )
    return [row.body for row in rows]


def reserve(session: Session, *requests: ReserveRequest, now: datetime = T0):
    """Return the answers to requests of one batch."""
    return service.reserve_batch(session, requests, now=now)


def assert_no_drift(session: Session) -> None:
    """Fail when a counter differs from what it can be rebuilt from."""
    assert service.reconcile(session, repair=False, now=T0) == []
