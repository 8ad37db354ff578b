"""The doubtful addresses: the queue, one address, what a correction would do, and deciding.

Shown are masked texts; the whole one only to who may reveal it, with an audit entry. The audit
keeps codes and ids, never words of an address.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Path, Query

from yinuo.addresses import service as addresses
from yinuo.addresses.model import AliasScope
from yinuo.addresses.model.picking import Line, line_of
from yinuo.addresses.model.readings import AliasWish
from yinuo.addresses.model.readings import Reading as AddressRead
from yinuo.addresses.service import geocoding
from yinuo.channels import service as channels
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.texts import Language
from yinuo.reports.order_desk import DeskRow, load_rows
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission
from yinuo.web.addresses_facts import (
    AddressLine,
    AddressReading,
    AddressReadingDetail,
    detail_facts,
    line_facts,
    reading_facts,
)
from yinuo.web.deps import Lang, Reading, Writing, require
from yinuo.web.orders import Reason, Revealer

router = APIRouter(tags=["addresses"])
OrderId = Annotated[str, Path(max_length=64)]
Reader = Annotated[Actor, Depends(require(Permission.ADDRESSES_READ))]
Corrector = Annotated[Actor, Depends(require(Permission.ADDRESSES_CORRECT))]
Code = Annotated[str, pydantic.StringConstraints(pattern=r"^[0-9]{6,12}$")]
Revision = Annotated[int, pydantic.Field(ge=1, lt=2**63)]
_TAKEN = pydantic.ConfigDict(extra="forbid")
_MOST_SHOWN = 20


class WantedAlias(pydantic.BaseModel):
    """Words to remember; `scope_value` is a shop's id or a city's six digits, else empty."""

    model_config = _TAKEN

    text: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=40)]
    scope: AliasScope = AliasScope.EVERYWHERE
    scope_value: Annotated[str, pydantic.StringConstraints(max_length=40)] = ""


class WantedCorrection(pydantic.BaseModel):
    """Where an address lies, and what to remember from it."""

    model_config = _TAKEN

    code: Code
    alias: WantedAlias | None = None


class AddressCorrection(WantedCorrection):
    """A correction of the address as it was seen; conflicts are gone over only when told so."""

    revision: Revision
    despite_conflicts: bool = False


class AddressConfirmation(pydantic.BaseModel):
    """The revision of the address that was seen."""

    model_config = _TAKEN

    revision: Revision


class DoubtfulList(pydantic.BaseModel):
    """A page of addresses that wait for a person, the longest waiting first."""

    items: list[AddressReading]
    next_cursor: str | None
    counts: dict[str, int]
    total: int
    as_of: datetime


class RevealedAddress(pydantic.BaseModel):
    """An address as it was stated; the receiver's name and phone are the order's."""

    province: str
    city: str
    district: str
    town: str
    detail: str
    codes: list[str]


class ConflictingAlias(pydantic.BaseModel):
    """An alias that says something else of the same words."""

    id: str
    text: str
    scope: AliasScope
    scope_value: str
    line: AddressLine


class BrokenCase(pydantic.BaseModel):
    """A known address that would come out otherwise."""

    text: str
    expected: AddressLine
    found: AddressLine


class SettledOrder(pydantic.BaseModel):
    """Another doubtful order that the alias decides."""

    order_id: str
    order_number: str


class CorrectionPreview(pydantic.BaseModel):
    """What a correction would do; `is_understood` says whether the alias helps this address."""

    line: AddressLine
    is_clean: bool
    is_understood: bool
    conflicts: list[ConflictingAlias]
    broken: list[BrokenCase]
    settles: list[SettledOrder]
    settles_total: int


class CorrectedAddress(pydantic.BaseModel):
    """The address as it stands now, the alias that was remembered, and what it settled besides."""

    reading: AddressReadingDetail
    alias_id: str | None
    settled: list[SettledOrder]
    settled_total: int


@router.get("/addresses/doubtful")
def list_doubtful(
    session: Reading,
    _actor: Reader,
    language: Lang,
    channel: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DoubtfulList:
    """Return the addresses that wait for a person; texts are masked."""
    page = addresses.doubtful(session, channel=channel, cursor=cursor, limit=limit)
    rows = _rows(session, [one.order_id for one in page.items])
    counts = addresses.count_doubtful(session)
    return DoubtfulList(
        items=[reading_facts(one, language, rows=rows) for one in page.items],
        next_cursor=page.next_cursor,
        counts=counts,
        total=sum(counts.values()),
        as_of=clock.now(),
    )


@router.get("/addresses/readings/{order_id}")
def show_reading(
    order_id: OrderId, session: Reading, _actor: Reader, language: Lang
) -> AddressReadingDetail:
    """Return what was read of an order's address, with what helps to decide about it."""
    return _detail(session, addresses.load_reading(session, order_id), language)


@router.post("/addresses/readings/{order_id}/reveal")
def reveal_address(
    order_id: OrderId, body: Reason, session: Writing, actor: Revealer
) -> RevealedAddress:
    """Return the whole address as stated; who looked, when and why is audited before."""
    stated = addresses.load_reading(session, order_id).stated
    _audit(session, actor, "addresses.reveal", order_id, after={"reason": body.reason})
    return RevealedAddress(
        province=stated.province,
        city=stated.city,
        district=stated.district,
        town=stated.town,
        detail=stated.detail,
        codes=list(stated.codes),
    )


@router.post("/addresses/readings/{order_id}/preview")
def preview_correction(
    order_id: OrderId, body: WantedCorrection, session: Reading, _actor: Corrector, language: Lang
) -> CorrectionPreview:
    """Return what a correction and its alias would do; nothing is changed."""
    seen = addresses.preview(session, order_id, code=body.code, wish=_wish(session, body.alias))
    return CorrectionPreview(
        line=line_facts(seen.line, language),
        is_clean=seen.is_clean,
        is_understood=seen.is_understood,
        conflicts=[
            ConflictingAlias(
                id=one.id,
                text=one.text,
                scope=one.scope,
                scope_value=one.scope_value,
                line=line_facts(line_of(one.code) or Line(), language),
            )
            for one in seen.conflicts[:_MOST_SHOWN]
        ],
        broken=[
            BrokenCase(
                text=one.case.text,
                expected=line_facts(one.expected, language),
                found=line_facts(one.found, language),
            )
            for one in seen.broken[:_MOST_SHOWN]
        ],
        settles=_orders(session, seen.settles),
        settles_total=len(seen.settles),
    )


@router.post("/addresses/readings/{order_id}/correct")
def correct_address(
    order_id: OrderId, body: AddressCorrection, session: Writing, actor: Corrector, language: Lang
) -> CorrectedAddress:
    """Put an address right and remember the alias, if one is wished; 409 when that objects."""
    before = addresses.load_reading(session, order_id)
    done = addresses.correct(
        session,
        order_id,
        code=body.code,
        revision=body.revision,
        wish=_wish(session, body.alias),
        despite_conflicts=body.despite_conflicts,
        by=actor.id,
        by_name=actor.name,
        now=clock.now(),
    )
    after: dict[str, JsonValue] = {"code": done.reading.code, "state": done.reading.state.value}
    if body.alias is not None:
        after |= {
            "alias": done.alias_id,
            "scope": body.alias.scope.value,
            "scope_value": body.alias.scope_value,
            "despite_conflicts": body.despite_conflicts,
            "settled": list(done.settled),
        }
    _audit(session, actor, "addresses.correct", order_id, before=_audited(before), after=after)
    return CorrectedAddress(
        reading=_detail(session, done.reading, language),
        alias_id=done.alias_id,
        settled=_orders(session, done.settled),
        settled_total=len(done.settled),
    )


@router.post("/addresses/readings/{order_id}/confirm")
def confirm_address(
    order_id: OrderId, body: AddressConfirmation, session: Writing, actor: Corrector, language: Lang
) -> AddressReadingDetail:
    """Say that an address was read rightly; 409 when somebody decided about it meanwhile."""
    before = addresses.load_reading(session, order_id)
    done = addresses.confirm(
        session,
        order_id,
        revision=body.revision,
        by=actor.id,
        by_name=actor.name,
        now=clock.now(),
    )
    _audit(
        session,
        actor,
        "addresses.confirm",
        order_id,
        before=_audited(before),
        after=_audited(done),
    )
    return _detail(session, done, language)


def _wish(session: Session, alias: WantedAlias | None) -> AliasWish | None:
    if alias is None:
        return None
    if alias.scope is AliasScope.SHOP:
        channels.load_shop(session, alias.scope_value)
    return AliasWish(text=alias.text, scope=alias.scope, scope_value=alias.scope_value)


def _rows(session: Session, order_ids: list[str]) -> dict[str, DeskRow]:
    return {row.id: row for row in load_rows(session, order_ids)}


def _orders(session: Session, order_ids: tuple[str, ...]) -> list[SettledOrder]:
    shown = list(order_ids[:_MOST_SHOWN])
    rows = _rows(session, shown)
    return [
        SettledOrder(order_id=one, order_number=rows[one].number if one in rows else "")
        for one in shown
    ]


def _detail(session: Session, reading: AddressRead, language: Language) -> AddressReadingDetail:
    now = addresses.read(session, reading.stated, shop_id=reading.shop_id)
    return detail_facts(
        reading,
        now,
        language,
        rows=_rows(session, [reading.order_id]),
        suggestion=geocoding.suggestion(session, reading.order_id),
    )


def _audited(reading: AddressRead) -> JsonValue:
    return {"code": reading.code, "state": reading.state.value}


def _audit(
    session: Session,
    actor: Actor,
    action: str,
    order_id: str,
    *,
    before: JsonValue = None,
    after: JsonValue = None,
) -> None:
    users.record(
        session,
        actor=actor,
        action=action,
        object=order_id,
        before=before,
        after=after,
        now=clock.now(),
    )
