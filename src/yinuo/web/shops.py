"""Shops: their settings and rules of sharing, what they would show, how far they are behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Path, Request

from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import BadShop, Channel, Shop, ShopRecord, StockLag
from yinuo.connectors.sections import shop_section
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.texts import Language, has_text, text
from yinuo.inventory import service as inventory
from yinuo.reports import observed as observed_report
from yinuo.reports import shops as report
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Lang, Reading, Writing, require
from yinuo.web.shop_facts import (
    ConnectionFacts,
    Key,
    NewShop,
    ShopBody,
    ShopChange,
    ShopFacts,
    ShopItem,
    ShownFacts,
    audited,
    lag_facts,
    sharing_of,
    shop_item,
    shop_of,
    shown_facts,
)
from yinuo.workflows.hub import Hub

router = APIRouter(tags=["shops"])
Reader = Annotated[Actor, Depends(require(Permission.SHOPS_READ))]
Writer = Annotated[Actor, Depends(require(Permission.SHOPS_WRITE))]
ShopId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class Choice(pydantic.BaseModel):
    """Something to choose."""

    code: str
    label: str


class WarehouseChoice(Choice):
    """A warehouse to choose."""

    is_active: bool


class ShopList(pydantic.BaseModel):
    """All shops, and what there is to choose from."""

    items: list[ShopItem]
    channels: list[Choice]
    reserve_on: list[Choice]
    warehouses: list[WarehouseChoice]
    categories: list[str]
    late_after_seconds: int
    as_of: datetime


class Preview(ShopBody):
    """Rules that are not saved yet, and the SKUs to show them on; none named: a few examples."""

    skus: list[Key] = pydantic.Field(default=[], max_length=50)


class PreviewFacts(pydantic.BaseModel):
    """What a shop with these rules would show now."""

    items: list[ShownFacts]
    as_of: datetime


def hub_of(request: Request) -> Hub:
    """Return the shared parts of this process."""
    shared: Hub = request.app.state.hub
    return shared


SharedHub = Annotated[Hub, Depends(hub_of)]


@dataclass(frozen=True, slots=True)
class _Around:
    """What all shops are shown with, read once."""

    lags: dict[str, StockLag]
    activities: dict[str, report.ShopActivity]
    observed: dict[str, observed_report.ObservedFigures]
    shared: Hub
    now: datetime


def _around(session: Session, shared: Hub) -> _Around:
    now = clock.now()
    return _Around(
        lags=channels.stock_lags(session, now=now),
        activities=report.activities(session),
        observed=observed_report.figures(session),
        shared=shared,
        now=now,
    )


def _facts(record: ShopRecord, around: _Around, language: Language) -> ShopFacts:
    shop_id = record.shop.id
    return shop_item(
        record,
        language,
        lag=lag_facts(
            around.lags.get(shop_id),
            patience_seconds=around.shared.settings.shop_behind_seconds,
            now=around.now,
        ),
        connection=_connection(record.shop, around.shared, language),
        activity=around.activities[shop_id],
        observed=around.observed.get(shop_id),
    )


def _connection(shop: Shop, shared: Hub, language: Language) -> ConnectionFacts:
    shop_id, channel = shop.id, shop.channel.value
    missing = shared.connectors.missing_for_shop(shop_id, channel)
    if shop_id in shared.connectors.shop_ids():
        state, missing = "connected", []
    else:
        state = "missing" if missing else "restart"
    return ConnectionFacts(
        state=state,
        label=text(f"channels.connection.{state}", language),
        section=shop_section(shop_id, channel),
        missing=missing,
    )


@router.get("/shops")
def list_shops(session: Reading, _actor: Reader, shared: SharedHub, language: Lang) -> ShopList:
    """Return all shops with their lag and what observing found."""
    around = _around(session, shared)
    return ShopList(
        items=[_facts(one, around, language) for one in channels.list_records(session)],
        channels=[
            Choice(code=one.value, label=text(f"channels.channel.{one.value}", language))
            for one in Channel
        ],
        reserve_on=[
            Choice(code=code, label=text(f"channels.reserve_on.{code}", language))
            for code in ("payment", "order")
        ],
        warehouses=[
            WarehouseChoice(code=one.code, label=one.name, is_active=one.is_active)
            for one in inventory.load_warehouses(session)
        ],
        categories=sorted(filter(None, catalog.list_categories(session))),
        late_after_seconds=int(shared.settings.shop_behind_seconds),
        as_of=around.now,
    )


@router.get("/shops/{shop_id}")
def show_shop(
    shop_id: ShopId, session: Reading, _actor: Reader, shared: SharedHub, language: Lang
) -> ShopFacts:
    """Return one shop with every rule."""
    record = channels.load_record(session, shop_id)
    return _facts(record, _around(session, shared), language)


@router.post("/shops", status_code=201)
def add_shop(
    body: NewShop, session: Writing, actor: Writer, shared: SharedHub, language: Lang
) -> ShopFacts:
    """Add a shop; it is only observed unless the body says otherwise. 409 when the id is taken."""
    with _in_words(language):
        record = channels.add_shop(
            session,
            shop_of(body, body.id, body.channel, is_observing=body.is_observing),
            sharing=sharing_of(body),
            by=actor.name,
            now=clock.now(),
        )
    users.record(
        session,
        actor=actor,
        action="shops.add",
        object=record.shop.id,
        after=audited(record),
        now=clock.now(),
    )
    return _facts(record, _around(session, shared), language)


@router.put("/shops/{shop_id}")
def change_shop(
    shop_id: ShopId,
    body: ShopChange,
    session: Writing,
    actor: Writer,
    shared: SharedHub,
    language: Lang,
) -> ShopFacts:
    """Change a shop; new figures are told at once. 409 when somebody else has changed it since."""
    before = channels.load_record(session, shop_id)
    with _in_words(language):
        record = channels.change_shop(
            session,
            shop_of(body, shop_id, before.shop.channel),
            sharing=sharing_of(body),
            version=body.version,
            by=actor.name,
            now=clock.now(),
        )
    record_change(session, actor, "shops.change", before=before, after=record)
    return _facts(record, _around(session, shared), language)


@router.post("/shops/preview")
def preview_shop(body: Preview, session: Reading, _actor: Reader, language: Lang) -> PreviewFacts:
    """Return what a shop with these rules would show now; nothing is saved."""
    now = clock.now()
    skus = list(dict.fromkeys(one.strip() for one in body.skus))
    if not skus:
        named = [one.key for one in body.by_sku][:8]
        skus = list(dict.fromkeys([*named, *report.sample_skus(session)]))[:12]
    record = ShopRecord(
        shop=shop_of(body, "preview", Channel.MINI_PROGRAM), sharing=sharing_of(body), version=0
    )
    told = channels.shown_to(session, [record], skus=skus, now=now)["preview"]
    known = catalog.find_skus(session, skus)
    bundles = catalog.load_bundles(session, skus)
    return PreviewFacts(
        items=[
            shown_facts(
                sku,
                told[sku],
                name=known[sku].name if sku in known else "",
                category=known[sku].category if sku in known else "",
                is_bundle=sku in bundles,
                language=language,
            )
            for sku in skus
        ],
        as_of=now,
    )


def record_change(
    session: Session, actor: Actor, action: str, *, before: ShopRecord, after: ShopRecord
) -> None:
    """Keep in the audit what a person changed of a shop; nothing where nothing changed."""
    if before.version == after.version:
        return
    users.record(
        session,
        actor=actor,
        action=action,
        object=after.shop.id,
        before=audited(before),
        after=audited(after),
        now=clock.now(),
    )


@contextmanager
def _in_words(language: Language) -> Iterator[None]:
    """Tell in words which fields of a shop are wrong."""
    try:
        yield
    except BadShop as error:
        found = error.details.get("problems")
        problems = found if isinstance(found, list) else []
        raise BadShop(problems=[_problem(str(one), language) for one in problems]) from error


def _problem(field: str, language: Language) -> JsonValue:
    kind = field.partition(":")[0] if field.startswith(("key:", "warehouse:")) else ""
    code = f"channels.problem.{kind or field.rpartition('.')[2]}"
    about = field.partition(":")[2].rpartition(".")[0] or field.partition(":")[2]
    words = text(code, language) if has_text(code) else field
    return {"field": field, "message": f"{about} {words}".strip()}
