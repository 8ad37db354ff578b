"""Stock per SKU and warehouse: the list, one SKU with who holds it and why it changed, reconcile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Path, Query, Request

from yinuo.core import clock
from yinuo.core.texts import Language, has_text, text
from yinuo.inventory import service as inventory
from yinuo.inventory.model import (
    LedgerRecord,
    Level,
    Photograph,
    PhotoSource,
    Reservation,
    ReservationState,
)
from yinuo.reports import stock as report
from yinuo.reports.stock import StockFilter, StockRow, StockSort
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Lang, Reading, Writing, require
from yinuo.web.stock_explaining import ExplanationFacts, explanations
from yinuo.workflows.hub import Hub

router = APIRouter(tags=["stock"])

Reader = Annotated[Actor, Depends(require(Permission.STOCK_READ))]
Reconciler = Annotated[Actor, Depends(require(Permission.STOCK_RECONCILE))]


class StockQuery(pydantic.BaseModel):
    """What to list; `q` is within a code or name, `low` are SKUs short or nearly so."""

    model_config = pydantic.ConfigDict(extra="ignore")

    q: str = pydantic.Field(default="", max_length=80, pattern=r"^[^\x00]*$")
    warehouse: str = pydantic.Field(default="", max_length=64, pattern=r"^[^\x00]*$")
    low: bool = False
    sort: StockSort = StockSort.SKU
    cursor: str | None = pydantic.Field(default=None, max_length=400)
    limit: int = pydantic.Field(default=50, ge=1, le=200)


class WarehouseName(pydantic.BaseModel):
    """A warehouse to choose."""

    code: str
    name: str


class StockTotals(pydantic.BaseModel):
    """Units: atp = on_hand − allocated − reserved − elsewhere − safety, negative by what is short.

    `elsewhere` are units that ERP or WMS hold for orders that are not ours.
    """

    on_hand: int
    reserved: int
    allocated: int
    elsewhere: int
    in_flight: int
    safety: int
    atp: int


class StockLevelFacts(StockTotals):
    """The numbers of one warehouse, and the photograph that on hand follows from."""

    warehouse: str
    name: str
    shortfall: int
    photo_quantity: int | None
    photo_at: datetime | None
    photo_source: PhotoSource | None


class StockItem(pydantic.BaseModel):
    """One SKU with its warehouses; `sellable` counts no warehouse below zero and no closed one."""

    sku: str
    name: str
    category: str
    sellable: int
    totals: StockTotals
    warehouses: list[StockLevelFacts]


class StockList(pydantic.BaseModel):
    """A page of SKUs."""

    items: list[StockItem]
    next_cursor: str | None
    as_of: datetime
    warehouses: list[WarehouseName]


class PhotographFacts(pydantic.BaseModel):
    """What a system showed last of one warehouse; `open` and `locked` are its own claims."""

    warehouse: str
    source: PhotoSource
    quantity: int
    open: int
    locked: int
    as_of: datetime


class HolderFacts(pydantic.BaseModel):
    """Who holds units of the SKU; `order_id` is empty for an owner that is no order."""

    owner: str
    order_id: str | None
    order_number: str | None
    state: ReservationState
    state_label: str
    quantity: int
    warehouse: str
    expires_at: datetime | None
    is_paid: bool


class LedgerFacts(pydantic.BaseModel):
    """One change of the counters."""

    id: int
    at: datetime
    kind: str
    kind_label: str
    warehouse: str
    on_hand_delta: int
    reserved_delta: int
    allocated_delta: int
    elsewhere_delta: int
    in_flight_delta: int
    moved: int
    effective_at: datetime
    cause: str
    cause_label: str
    owner: str | None


class StockItemDetail(StockItem):
    """One SKU with why its numbers are so, its photographs, holders and newest changes."""

    explanations: list[ExplanationFacts]
    photographs: list[PhotographFacts]
    reservations: list[HolderFacts]
    ledger: list[LedgerFacts]
    as_of: datetime


class Reconciling(pydantic.BaseModel):
    """Whether counters that differ are set right."""

    model_config = pydantic.ConfigDict(extra="forbid")

    repair: bool = False


class DriftFacts(pydantic.BaseModel):
    """A counter that differs from what claims, movements or the ledger say."""

    sku: str
    warehouse: str
    counter: str
    stored: int
    recomputed: int
    against: str


class Reconciliation(pydantic.BaseModel):
    """How many places were compared, and every difference; repaired ones are those found before."""

    checked: int
    drift: list[DriftFacts]
    repaired: bool
    ran_at: datetime


@router.get("/stock")
def list_stock(
    asked: Annotated[StockQuery, Query()], session: Reading, _actor: Reader
) -> StockList:
    """Return a page of SKUs with their numbers per warehouse."""
    now = clock.now()
    page = report.list_stock(
        session,
        StockFilter(q=asked.q, warehouse=asked.warehouse, low=asked.low),
        sort=asked.sort,
        cursor=asked.cursor,
        limit=asked.limit,
        now=now,
    )
    names = {one.code: one.name for one in inventory.load_warehouses(session)}
    skus = [row.sku for row in page.items]
    levels = inventory.levels(session, skus, now=now)
    sellable = inventory.sellable(session, skus, now=now)
    shown = {asked.warehouse} if asked.warehouse else set(names)
    return StockList(
        items=[
            _item(
                row,
                [level for level in levels[row.sku] if level.warehouse in shown],
                names=names,
                sellable=sellable[row.sku],
            )
            for row in page.items
        ],
        next_cursor=page.next_cursor,
        as_of=now,
        warehouses=[WarehouseName(code=code, name=name) for code, name in names.items()],
    )


@router.get("/stock/{sku:path}")
def show_stock(
    request: Request,
    sku: Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$")],
    session: Reading,
    language: Lang,
    _actor: Reader,
) -> StockItemDetail:
    """Return one SKU: its numbers, what ERP and WMS show, who holds it, why it changed."""
    now = clock.now()
    levels = inventory.level(session, sku, now=now)
    names = {one.code: one.name for one in inventory.load_warehouses(session)}
    item = _item(
        report.sku_row(session, sku),
        levels,
        names=names,
        sellable=inventory.sellable(session, [sku], now=now)[sku],
    )
    holders = inventory.reservations_of(session, sku, now=now)
    numbers = report.order_numbers(session, {one.owner for one in holders})
    return StockItemDetail(
        sku=item.sku,
        name=item.name,
        category=item.category,
        sellable=item.sellable,
        totals=item.totals,
        warehouses=item.warehouses,
        explanations=explanations(
            session,
            sku,
            names=names,
            photo_every=_photo_every(request),
            language=language,
            now=now,
        ),
        photographs=[
            _photograph(code, photo)
            for code, photos in inventory.photographs(session, sku).items()
            for photo in sorted(photos, key=lambda one: one.source)
        ],
        reservations=[_holder(one, sku, numbers=numbers, language=language) for one in holders],
        ledger=[_change(record, language) for record in inventory.ledger(session, sku)],
        as_of=now,
    )


def _photo_every(request: Request) -> timedelta | None:
    """Return how often stock is read, where the program that does it is known."""
    shared: Hub | None = getattr(request.app.state, "hub", None)
    return None if shared is None else timedelta(seconds=shared.settings.stock_every_seconds)


@router.post("/stock/reconcile")
def reconcile_stock(
    session: Writing, actor: Reconciler, body: Reconciling | None = None
) -> Reconciliation:
    """Compare all counters with claims, movements and the ledger, and repair them when asked to."""
    repair = body is not None and body.repair
    now = clock.now()
    drift = inventory.reconcile(session, repair=repair, now=now)
    checked = inventory.count_levels(session)
    users.record(
        session,
        actor=actor,
        action="stock.reconcile",
        object="stock",
        after={"checked": checked, "drift": len(drift), "repair": repair},
        now=now,
    )
    return Reconciliation(
        checked=checked,
        drift=[
            DriftFacts(
                sku=one.sku,
                warehouse=one.warehouse,
                counter=one.counter,
                stored=one.stored,
                recomputed=one.recomputed,
                against=one.against,
            )
            for one in drift
        ],
        repaired=repair,
        ran_at=now,
    )


def _item(
    row: StockRow, levels: Sequence[Level], *, names: Mapping[str, str], sellable: int
) -> StockItem:
    return StockItem(
        sku=row.sku,
        name=row.name,
        category=row.category,
        sellable=sellable,
        totals=StockTotals(
            on_hand=sum(level.on_hand for level in levels),
            reserved=sum(level.reserved for level in levels),
            allocated=sum(level.allocated for level in levels),
            elsewhere=sum(level.claimed_elsewhere for level in levels),
            in_flight=sum(level.in_flight for level in levels),
            safety=sum(level.safety_stock for level in levels),
            atp=sum(level.atp for level in levels),
        ),
        warehouses=[_level(level, names[level.warehouse]) for level in levels],
    )


def _level(level: Level, name: str) -> StockLevelFacts:
    return StockLevelFacts(
        warehouse=level.warehouse,
        name=name,
        on_hand=level.on_hand,
        reserved=level.reserved,
        allocated=level.allocated,
        elsewhere=level.claimed_elsewhere,
        in_flight=level.in_flight,
        safety=level.safety_stock,
        atp=level.atp,
        shortfall=level.shortfall,
        photo_quantity=level.photo_quantity if level.photo_at else None,
        photo_at=level.photo_at,
        photo_source=level.photo_source,
    )


def _photograph(code: str, photo: Photograph) -> PhotographFacts:
    return PhotographFacts(
        warehouse=code,
        source=photo.source,
        quantity=photo.quantity,
        open=photo.open,
        locked=photo.locked,
        as_of=photo.as_of,
    )


def _holder(
    claim: Reservation, sku: str, *, numbers: Mapping[str, str], language: Language
) -> HolderFacts:
    is_order = claim.owner in numbers
    return HolderFacts(
        owner=claim.owner,
        order_id=claim.owner if is_order else None,
        order_number=numbers.get(claim.owner),
        state=claim.state,
        state_label=text(f"inventory.state.{claim.state}", language),
        quantity=claim.open_units()[sku],
        warehouse=claim.warehouse,
        expires_at=claim.expires_at if claim.state is ReservationState.RESERVED else None,
        is_paid=claim.is_paid,
    )


def _change(record: LedgerRecord, language: Language) -> LedgerFacts:
    entry = record.entry
    return LedgerFacts(
        id=record.id,
        at=record.at,
        kind=entry.kind,
        kind_label=text(f"inventory.ledger.{entry.kind}", language),
        warehouse=entry.place.warehouse,
        on_hand_delta=entry.on_hand,
        reserved_delta=entry.reserved,
        allocated_delta=entry.allocated,
        elsewhere_delta=entry.elsewhere,
        in_flight_delta=entry.in_flight,
        moved=entry.moved,
        effective_at=entry.effective_at,
        cause=entry.cause,
        cause_label=text(entry.cause, language) if has_text(entry.cause) else entry.cause,
        owner=entry.owner,
    )
