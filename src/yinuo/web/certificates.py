"""Completeness certificates: shops by day, their gaps, making one, repairing a gap."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Path, Query

from yinuo.channels import service as channels
from yinuo.channels.model.certificates import (
    LOOK_BACK,
    Cause,
    Colour,
    Doubt,
    Gap,
    GapKind,
    GapRepair,
    Tally,
    UnknownCertificate,
)
from yinuo.channels.service import certificates
from yinuo.channels.service.certificates import Kept
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Database, Session
from yinuo.core.texts import Language, text
from yinuo.users.model import Actor, Permission
from yinuo.users.service import audit
from yinuo.web.deps import Lang, Reading, database, require
from yinuo.workflows import certify_day

router = APIRouter(tags=["certificates"])
Reader = Annotated[Actor, Depends(require(Permission.PAYMENTS_READ))]
Reconciler = Annotated[Actor, Depends(require(Permission.PAYMENTS_RECONCILE))]
Base = Annotated[Database, Depends(database)]
ShopId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


NO_CHANNEL = frozenset({Doubt.CHANNEL_AWAY, Doubt.CHANNEL_NOT_CONNECTED, Doubt.NO_PLATFORM})
NO_ERP = frozenset({Doubt.ERP_AWAY, Doubt.ERP_NOT_CONNECTED, Doubt.OBSERVING})


class SideFacts(pydantic.BaseModel):
    """How many orders a side has, and what they cost in fen."""

    orders: int
    fen: int


class CertificateFacts(pydantic.BaseModel):
    """One shop's day; `colour` is null before the first comparison ended.

    `channel`, `payments` and `hub` are what buyers paid; `hub_goods` and `erp` the goods alone. A
    side that could not be asked has zeros and says so.
    """

    shop_id: str
    shop: str
    channel_name: str
    day: date
    is_waiting: bool
    colour: Colour | None
    colour_label: str
    made_at: datetime | None
    channel: SideFacts
    payments: SideFacts
    hub: SideFacts
    hub_goods: SideFacts
    erp: SideFacts
    is_channel_asked: bool
    is_erp_asked: bool
    doubts: list[str]
    gaps: int
    explained: int


class CertificateDays(pydantic.BaseModel):
    """Certificates, newest day first; `oldest` is the first day that can be compared anew."""

    items: list[CertificateFacts]
    today: date
    oldest: date
    as_of: datetime


class GapFacts(pydantic.BaseModel):
    """One order that two sides tell differently."""

    kind: GapKind
    kind_label: str
    number: str
    raw_number: str
    order_id: str | None
    channel_fen: int | None
    hub_fen: int | None
    erp_fen: int | None
    cause: Cause
    cause_label: str
    repair: GapRepair | None
    repair_label: str


class CertificateDetail(pydantic.BaseModel):
    """One certificate with its gaps, those that nobody knew of first."""

    certificate: CertificateFacts
    gaps: list[GapFacts]
    as_of: datetime


class WantedCertificate(pydantic.BaseModel):
    """Which day to compare, of one shop or of all."""

    model_config = pydantic.ConfigDict(extra="forbid")

    day: date
    shop_id: Annotated[str, pydantic.Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")] | None = None


class StartedCertificates(pydantic.BaseModel):
    """How many comparisons were started; one that is running already is not counted."""

    started: int


class WantedGapRepair(pydantic.BaseModel):
    """Which gap to repair."""

    model_config = pydantic.ConfigDict(extra="forbid")

    kind: GapKind
    number: Annotated[str, pydantic.Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


@router.get("/certificates")
def list_certificates(
    session: Reading,
    _actor: Reader,
    language: Lang,
    until: date | None = None,
    days: Annotated[int, Query(ge=1, le=certificates.MOST_DAYS)] = 7,
) -> CertificateDays:
    """Return the certificates of some days up to one (today), of all shops."""
    now = clock.now()
    today = now.astimezone(SHANGHAI).date()
    names = _names(session, language)
    kept = certificates.list_days(session, until=until or today, days=days)
    return CertificateDays(
        items=[_facts(one, names, language) for one in kept],
        today=today,
        oldest=today - LOOK_BACK,
        as_of=now,
    )


@router.get("/certificates/{shop_id}/{day}")
def show_certificate(
    shop_id: ShopId, day: date, session: Reading, _actor: Reader, language: Lang
) -> CertificateDetail:
    """Return one certificate with its gaps."""
    found = certificates.list_days(session, until=day, days=1)
    kept = next((one for one in found if one.shop_id == shop_id), None)
    if kept is None:
        raise UnknownCertificate
    gaps = certificates.list_gaps(session, shop_id, day)
    return CertificateDetail(
        certificate=_facts(kept, _names(session, language), language),
        gaps=[_gap(gap, language) for gap in gaps],
        as_of=clock.now(),
    )


@router.post("/certificates", status_code=202)
def make_certificates(
    body: WantedCertificate, base: Base, actor: Reconciler
) -> StartedCertificates:
    """Start comparing a day of one shop, or of all; the hint `certificate` tells when it is done."""
    with base.transaction() as session:
        shops = [shop.id for shop in channels.list_shops(session) if shop.is_active]
        wanted = [body.shop_id] if body.shop_id is not None else shops
        started = sum(certify_day.ask(session, shop_id, body.day) for shop_id in wanted)
        audit.record(
            session,
            actor=actor,
            action="certificates.make",
            object=body.shop_id or "*",
            after={"day": body.day.isoformat(), "started": started},
            now=clock.now(),
        )
    return StartedCertificates(started=started)


@router.post("/certificates/{shop_id}/{day}/repairs", status_code=202)
def repair_gap(
    shop_id: ShopId, day: date, body: WantedGapRepair, _base: Base, actor: Reconciler
) -> StartedCertificates:
    """Repair one gap, and compare the day anew; a gap that is gone changes nothing."""
    certify_day.repair(shop_id, day, kind=body.kind, number=body.number, actor=actor)
    return StartedCertificates(started=1)


def _names(session: Session, language: Language) -> dict[str, tuple[str, str]]:
    return {
        shop.id: (shop.name, text(f"channels.channel.{shop.channel.value}", language))
        for shop in channels.list_shops(session)
    }


def _facts(one: Kept, names: dict[str, tuple[str, str]], language: Language) -> CertificateFacts:
    shop, channel = names.get(one.shop_id, (one.shop_id, ""))
    label = text(f"certificates.colour.{one.colour.value}", language) if one.colour else ""
    return CertificateFacts(
        shop_id=one.shop_id,
        shop=shop,
        channel_name=channel,
        day=one.day,
        is_waiting=one.is_waiting,
        colour=one.colour,
        colour_label=label,
        made_at=one.made_at,
        channel=_side(one.channel),
        payments=_side(one.payments),
        hub=_side(one.hub),
        hub_goods=_side(one.hub_goods),
        erp=_side(one.erp),
        is_channel_asked=not NO_CHANNEL.intersection(one.doubts),
        is_erp_asked=not NO_ERP.intersection(one.doubts),
        doubts=[text(f"certificates.doubt.{doubt.value}", language) for doubt in one.doubts],
        gaps=one.gaps,
        explained=one.explained,
    )


def _side(tally: Tally) -> SideFacts:
    return SideFacts(orders=tally.orders, fen=tally.fen)


def _gap(gap: Gap, language: Language) -> GapFacts:
    repair = gap.repair
    return GapFacts(
        kind=gap.kind,
        kind_label=text(f"certificates.gap.{gap.kind.value}", language),
        number=gap.number,
        raw_number=gap.raw_number,
        order_id=gap.order_id,
        channel_fen=gap.channel_fen,
        hub_fen=gap.hub_fen,
        erp_fen=gap.erp_fen,
        cause=gap.cause,
        cause_label=text(f"certificates.cause.{gap.cause.value}", language),
        repair=repair,
        repair_label=text(f"certificates.repair.{repair.value}", language) if repair else "",
    )
