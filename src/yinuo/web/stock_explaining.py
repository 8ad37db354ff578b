"""Why a SKU has its numbers, in words: each step from what was counted to what may be sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pydantic

from yinuo.core.db import Session
from yinuo.core.texts import Language, text
from yinuo.inventory import service as inventory
from yinuo.inventory.model import Explanation, Look, Part, PartKind, PhotoSource, Stage, StageUnits
from yinuo.reports import stock as report


class StockPartFacts(pydantic.BaseModel):
    """Units that one cause adds, or takes when negative."""

    kind: PartKind
    label: str
    units: int


class OrderLink(pydantic.BaseModel):
    """An order that claims units."""

    order_id: str
    number: str


class StageFacts(pydantic.BaseModel):
    """Claims that got equally far in one system, with some of their orders, the newest first."""

    stage: Stage
    label: str
    units: int
    claims: int
    orders: list[OrderLink]


class LookFacts(pydantic.BaseModel):
    """One system's newest photograph and how it leads to what is on hand.

    `claims` are units that it shows as claimed; `next_at` is when the next one is expected.
    """

    source: PhotoSource
    quantity: int
    claims: int
    as_of: datetime
    next_at: datetime | None
    sets_on_hand: bool
    parts: list[StockPartFacts]
    unexplained: int
    stages: list[StageFacts]


class ExplanationFacts(pydantic.BaseModel):
    """The four numbers of a SKU in one warehouse, and why they differ."""

    warehouse: str
    name: str
    wms: int | None
    erp: int | None
    on_hand: int
    atp: int
    to_atp: list[StockPartFacts]
    looks: list[LookFacts]
    first_lapse_at: datetime | None


def explanations(
    session: Session,
    sku: str,
    *,
    names: Mapping[str, str],
    photo_every: timedelta | None,
    language: Language,
    now: datetime,
) -> list[ExplanationFacts]:
    """Return why each warehouse has its numbers of a SKU."""
    found = inventory.explanations(session, sku, now=now)
    owners = {
        owner
        for one in found
        for look in one.looks
        for stage in look.stages
        for owner in stage.owners
    }
    numbers = report.order_numbers(session, owners)
    return [
        _facts(one, names[one.place.warehouse], numbers, photo_every, language) for one in found
    ]


def _facts(
    one: Explanation,
    name: str,
    numbers: Mapping[str, str],
    photo_every: timedelta | None,
    language: Language,
) -> ExplanationFacts:
    return ExplanationFacts(
        warehouse=one.place.warehouse,
        name=name,
        wms=one.wms,
        erp=one.erp,
        on_hand=one.on_hand,
        atp=one.atp,
        to_atp=_parts(one.to_atp, language),
        looks=[_look(look, numbers, photo_every, language) for look in one.looks],
        first_lapse_at=one.first_lapse_at,
    )


def _look(
    look: Look, numbers: Mapping[str, str], photo_every: timedelta | None, language: Language
) -> LookFacts:
    photo = look.photograph
    return LookFacts(
        source=photo.source,
        quantity=photo.quantity,
        claims=photo.claims,
        as_of=photo.as_of,
        next_at=None if photo_every is None else photo.as_of + photo_every,
        sets_on_hand=look.sets_on_hand,
        parts=_parts(look.parts, language),
        unexplained=look.unexplained,
        stages=[_stage(stage, numbers, language) for stage in look.stages],
    )


def _stage(stage: StageUnits, numbers: Mapping[str, str], language: Language) -> StageFacts:
    return StageFacts(
        stage=stage.stage,
        label=text(f"inventory.stage.{stage.stage}", language),
        units=stage.units,
        claims=stage.claims,
        orders=[
            OrderLink(order_id=owner, number=numbers[owner])
            for owner in stage.owners
            if owner in numbers
        ],
    )


def _parts(parts: Sequence[Part], language: Language) -> list[StockPartFacts]:
    return [
        StockPartFacts(
            kind=part.kind, label=text(f"inventory.part.{part.kind}", language), units=part.units
        )
        for part in parts
    ]
