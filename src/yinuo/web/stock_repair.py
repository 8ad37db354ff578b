"""Setting one SKU right: what would change is shown first; only that is done, once, with a reason."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends

from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Level, PhotoSource, Place, RepairPlan
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Writing, require
from yinuo.workflows import sync_stock

router = APIRouter(tags=["stock"])

Reconciler = Annotated[Actor, Depends(require(Permission.STOCK_RECONCILE))]
Code = Annotated[str, pydantic.Field(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]


class RepairKind(StrEnum):
    """Recompute the counters from claims and ledger, or take a photograph as counted."""

    RECOMPUTE = "recompute"
    ACCEPT = "accept"


class WantedRepair(pydantic.BaseModel):
    """Which repair; `warehouse` and `source` name the photograph to accept."""

    model_config = pydantic.ConfigDict(extra="forbid")

    sku: Code
    kind: RepairKind
    warehouse: Code | None = None
    source: PhotoSource | None = None

    @pydantic.model_validator(mode="after")
    def _names_a_photograph(self) -> WantedRepair:
        if self.kind is RepairKind.ACCEPT and (self.warehouse is None or self.source is None):
            msg = "accepting names a warehouse and a source"
            raise ValueError(msg)
        return self


class ConfirmedRepair(WantedRepair):
    """A repair as its preview showed it, and why a person wants it."""

    token: Annotated[str, pydantic.Field(pattern=r"^[0-9a-f]{32}$")]
    reason: Annotated[str, pydantic.Field(min_length=2, max_length=200, pattern=r"^[^\x00]+$")]


class RepairedFigures(pydantic.BaseModel):
    """The numbers of one warehouse, before or after."""

    on_hand: int
    reserved: int
    allocated: int
    elsewhere: int
    in_flight: int
    atp: int


class RepairedLevel(pydantic.BaseModel):
    """What a repair changes in one warehouse."""

    warehouse: str
    before: RepairedFigures
    after: RepairedFigures


class Repair(pydantic.BaseModel):
    """What a repair changes; `token` confirms exactly this, `is_repeat` tells that it was done."""

    sku: str
    changes: list[RepairedLevel]
    token: str
    is_repeat: bool


@router.post("/stock/repair/preview")
def preview_stock_repair(body: WantedRepair, session: Writing, _actor: Reconciler) -> Repair:
    """Return what a repair would change; nothing is changed."""
    if body.kind is RepairKind.RECOMPUTE:
        return _told(body.sku, inventory.plan_recompute(session, body.sku))
    return _told(body.sku, inventory.plan_accept(session, *_photograph(body)))


@router.post("/stock/repair")
def repair_stock(body: ConfirmedRepair, session: Writing, actor: Reconciler) -> Repair:
    """Do what the preview showed, once; refused when it would be something else by now."""
    now = clock.now()
    if body.kind is RepairKind.RECOMPUTE:
        done = inventory.recompute(session, body.sku, token=body.token, now=now)
    else:
        done = inventory.accept(session, *_photograph(body), token=body.token, now=now)
    if not done.is_repeat:
        _audit(session, actor, body, done)
        sync_stock.want_stock(session, [body.sku])
    return _told(body.sku, done)


def _photograph(body: WantedRepair) -> tuple[Place, PhotoSource]:
    return Place(body.sku, body.warehouse or ""), body.source or PhotoSource.WMS


def _audit(session: Session, actor: Actor, body: ConfirmedRepair, done: RepairPlan) -> None:
    users.record(
        session,
        actor=actor,
        action="stock.repair",
        object=body.sku,
        before=_audited(done.before),
        after={
            "kind": body.kind.value,
            "source": None if body.source is None else body.source.value,
            "reason": body.reason,
            "levels": _audited(done.after),
        },
        now=clock.now(),
    )


def _audited(levels: tuple[Level, ...]) -> JsonValue:
    return {level.warehouse: _figures(level).model_dump() for level in levels}


def _told(sku: str, plan: RepairPlan) -> Repair:
    return Repair(
        sku=sku,
        changes=[
            RepairedLevel(
                warehouse=before.warehouse, before=_figures(before), after=_figures(after)
            )
            for before, after in zip(plan.before, plan.after, strict=True)
        ],
        token=plan.token,
        is_repeat=plan.is_repeat,
    )


def _figures(level: Level) -> RepairedFigures:
    return RepairedFigures(
        on_hand=level.on_hand,
        reserved=level.reserved,
        allocated=level.allocated,
        elsewhere=level.claimed_elsewhere,
        in_flight=level.in_flight,
        atp=level.atp,
    )
