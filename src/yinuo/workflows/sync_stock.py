"""Stock is read from the WMS and the ERP, and told to the shops as absolute, versioned numbers.

Reading is a photograph with a time; what it means for the counters is inventory's decision. A shop
that does not acknowledge is told again until it does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import StockPush
from yinuo.connectors.protocols import Rejected, SkuQuantity, StockFigures, Unavailable
from yinuo.connectors.protocols import StockPhotograph as Seen
from yinuo.connectors.registry import NotConfigured
from yinuo.core import clock, durable
from yinuo.core.db import Session
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot
from yinuo.inventory import service as inventory
from yinuo.inventory.model import PhotographLine, PhotoSource
from yinuo.observing import service as observing
from yinuo.workflows.hub import hub

SKUS_A_CALL = 50
SHOPS_AT_ONCE = 8
log = logger(__name__)


@durable.process("sync_stock")
def sync_stock(source: str, warehouse: str) -> str:
    """Read the stock of one warehouse from the WMS, or of all from the ERP."""
    with hub().database.read() as session:
        skus = catalog.stocked_codes(session)
    batches = list(_batches(skus))
    for place, batch in enumerate(batches):
        ended = durable.step(f"read_{place}", _read, source, warehouse, batch)
        if ended != "done":
            return ended
    return "done"


def _batches(skus: Sequence[str]) -> list[list[str]]:
    return [list(skus[start : start + SKUS_A_CALL]) for start in range(0, len(skus), SKUS_A_CALL)]


def _read(source: str, warehouse: str, skus: list[str]) -> str:
    shared = hub()
    try:
        if source == PhotoSource.ERP.value:
            seen = shared.connectors.erp.read_stock(skus)
        else:
            seen = shared.connectors.warehouse(warehouse).read_stock(warehouse, skus)
    except Rejected as error:
        log.warning("stock_not_read", source=source, warehouse=warehouse, error=error.code)
        return error.code
    except (Unavailable, NoSlot) as error:
        return error.code  # the next round reads anew; an old photograph does no harm
    with shared.database.transaction() as session:
        _apply(session, source, seen)
        want_stock(session, sorted({line.sku for line in seen.lines}))
    return "done"


def _apply(session: Session, source: str, seen: Seen) -> None:
    now = clock.now()
    applied = inventory.apply_photograph(
        session,
        source=PhotoSource(source),
        as_of=seen.as_of,
        lines=[
            PhotographLine(
                sku=line.sku,
                warehouse=line.warehouse,
                quantity=line.quantity,
                open=line.open_quantity,
                locked=line.locked,
            )
            for line in seen.lines
        ],
        now=now,
    )
    observing.note_outflow(session, applied.fell, now=now)


def want_stock(session: Session, skus: Collection[str]) -> None:
    """Note what each shop may show now of SKUs whose stock changed, and of bundles that hold them."""
    shops = [shop.id for shop in channels.list_shops(session) if shop.is_told]
    _want(session, shops, channels.with_bundles(session, skus))


def want_everything(session: Session, shop_id: str) -> None:
    """Note what a shop may show now of everything, since its rules or warehouses changed."""
    if channels.load_shop(session, shop_id).is_told:
        _want(session, [shop_id], channels.with_bundles(session, catalog.stocked_codes(session)))


def _want(session: Session, shop_ids: Sequence[str], skus: Collection[str]) -> None:
    for shop_id in sorted(shop_ids):
        # Before reading rules and stock: what was read earlier must not be written later and stay.
        channels.lock_figures(session, shop_id)
    now = clock.now()
    records = [one for one in channels.list_records(session) if one.shop.id in shop_ids]
    for shop_id, told in channels.shown_to(session, records, skus=skus, now=now).items():
        figures = {sku: one.quantity for sku, one in told.items() if one.is_counted}
        channels.want_stock(session, shop_id, figures=figures, now=now)


def push_stock() -> int:
    """Return how many figures the shops acknowledged now; none waits for another that is away."""
    with hub().database.transaction() as session:
        pushes = channels.due_pushes(session, now=clock.now())
    if not pushes:
        return 0
    with ThreadPoolExecutor(max_workers=min(len(pushes), SHOPS_AT_ONCE)) as shops:
        return sum(shops.map(_push, pushes))


def _push(push: StockPush) -> int:
    shared = hub()
    figures = StockFigures(
        version=push.version,
        lines=tuple(
            SkuQuantity(sku=figure.sku, quantity=figure.quantity) for figure in push.figures
        ),
    )
    try:
        version = shared.connectors.shop(push.shop_id).push_stock(figures)
    except (Rejected, Unavailable, NoSlot, NotConfigured) as error:
        log.warning("stock_not_pushed", shop_id=push.shop_id, error=error.code)
        return 0
    with shared.database.transaction() as session:
        return channels.acknowledge(
            session,
            push.shop_id,
            version=version,
            skus=[figure.sku for figure in push.figures],
            now=clock.now(),
        )
