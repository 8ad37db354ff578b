"""What people taught the resolver and how well it reads: aliases, taking one back, accuracy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated

import pydantic
from fastapi import APIRouter, Path, Query

from yinuo.addresses import service as addresses
from yinuo.addresses.model import AliasScope
from yinuo.addresses.model.picking import Line, line_of
from yinuo.addresses.model.readings import KeptAlias
from yinuo.channels import service as channels
from yinuo.core import clock
from yinuo.core.clock import SHANGHAI
from yinuo.core.db import Session
from yinuo.core.texts import Language, text
from yinuo.users import service as users
from yinuo.web.addresses_facts import AddressLine, line_facts
from yinuo.web.addresses_queue import Corrector, Reader
from yinuo.web.deps import Lang, Reading, Writing
from yinuo.web.orders import Reason

router = APIRouter(tags=["addresses"])
AliasId = Annotated[str, Path(max_length=64)]


class AliasFacts(pydantic.BaseModel):
    """An alias with its story; `hits` counts the addresses that it decided."""

    id: str
    text: str
    line: AddressLine
    scope: AliasScope
    scope_label: str
    scope_value: str
    scope_name: str
    order_id: str
    made_by: str
    made_at: datetime
    hits: int
    is_standing: bool
    rolled_back_at: datetime | None
    rolled_back_by: str
    rolled_back_why: str


class AliasList(pydantic.BaseModel):
    """A page of aliases, the newest first."""

    items: list[AliasFacts]
    next_cursor: str | None


class AccuracyCounts(pydantic.BaseModel):
    """How addresses came out.

    `passed` went on by themselves, of which `wrong` were corrected later; `asked` went to a
    person, of which `waiting` still do and `misread` were answered otherwise than read. Shares
    are of what they can be of, and empty where that is nothing.
    """

    total: int
    passed: int
    wrong: int
    asked: int
    misread: int
    waiting: int
    by_alias: int
    passed_share: float | None
    right_share: float | None


class AccuracyDay(AccuracyCounts):
    """One channel on one Shanghai day."""

    day: date
    channel: str
    channel_label: str


class AccuracyChannel(AccuracyCounts):
    """One channel over all days that were asked for."""

    channel: str
    channel_label: str


class AddressAccuracy(pydantic.BaseModel):
    """How addresses came out by channel over time, the newest day first."""

    days: list[AccuracyDay]
    channels: list[AccuracyChannel]
    since: date
    until: date
    as_of: datetime


@router.get("/addresses/aliases")
def list_aliases(
    session: Reading,
    _actor: Reader,
    language: Lang,
    standing: bool | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AliasList:
    """Return the aliases that people taught, those that stand, those taken back, or all."""
    page = addresses.aliases(session, is_standing=standing, cursor=cursor, limit=limit)
    shops = _shops(session)
    return AliasList(
        items=[_facts(one, language, shops=shops) for one in page.items],
        next_cursor=page.next_cursor,
    )


@router.post("/addresses/aliases/{alias_id}/roll-back")
def roll_back_alias(
    alias_id: AliasId, body: Reason, session: Writing, actor: Corrector, language: Lang
) -> AliasFacts:
    """Take an alias back, for the next address in every process; a repeat changes nothing."""
    now = clock.now()
    gone = addresses.roll_back_alias(
        session, alias_id, by=actor.id, by_name=actor.name, why=body.reason, now=now
    )
    if gone.rolled_back_at == now:
        users.record(
            session,
            actor=actor,
            action="addresses.roll_back_alias",
            object=alias_id,
            before={"code": gone.alias.code, "scope": gone.alias.scope.value, "hits": gone.hits},
            after={"reason": body.reason},
            now=now,
        )
    return _facts(gone, language, shops=_shops(session))


@router.get("/addresses/accuracy")
def show_accuracy(
    session: Reading,
    _actor: Reader,
    language: Lang,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> AddressAccuracy:
    """Return how well addresses were read by channel and day, judged by what people corrected."""
    now = clock.now()
    today = now.astimezone(SHANGHAI).date()
    first = today - timedelta(days=days - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=SHANGHAI)
    found = addresses.accuracy(session, since=since, until=now + timedelta(seconds=1))
    named = {one.channel: _channel_label(one.channel, language) for one in found}
    return AddressAccuracy(
        days=[
            AccuracyDay(
                day=one.day,
                channel=one.channel,
                channel_label=named[one.channel],
                **_counts([one]).model_dump(),
            )
            for one in found
        ],
        channels=[
            AccuracyChannel(
                channel=channel,
                channel_label=named[channel],
                **_counts([one for one in found if one.channel == channel]).model_dump(),
            )
            for channel in sorted(named)
        ],
        since=first,
        until=today,
        as_of=now,
    )


def _counts(days: Iterable[addresses.Accuracy]) -> AccuracyCounts:
    found = list(days)
    total, passed = sum(one.total for one in found), sum(one.passed for one in found)
    wrong = sum(one.wrong for one in found)
    return AccuracyCounts(
        total=total,
        passed=passed,
        wrong=wrong,
        asked=sum(one.asked for one in found),
        misread=sum(one.misread for one in found),
        waiting=sum(one.waiting for one in found),
        by_alias=sum(one.by_alias for one in found),
        passed_share=round(passed / total, 6) if total else None,
        right_share=round(1 - wrong / passed, 6) if passed else None,
    )


def _shops(session: Session) -> dict[str, str]:
    return {one.id: one.name for one in channels.list_shops(session)}


def _channel_label(channel: str, language: Language) -> str:
    return text(f"channels.channel.{channel}", language)


def _facts(one: KeptAlias, language: Language, *, shops: dict[str, str]) -> AliasFacts:
    alias = one.alias
    names = {
        AliasScope.EVERYWHERE: "",
        AliasScope.SHOP: shops.get(alias.scope_value, alias.scope_value),
        AliasScope.CITY: "",
    }
    if alias.scope is AliasScope.CITY:
        names[AliasScope.CITY] = line_facts(line_of(alias.scope_value) or Line(), language).text
    return AliasFacts(
        id=alias.id,
        text=alias.text,
        line=line_facts(one.line, language),
        scope=alias.scope,
        scope_label=text(f"addresses.scope.{alias.scope.value}", language),
        scope_value=alias.scope_value,
        scope_name=names[alias.scope],
        order_id=one.order_id,
        made_by=one.made_by_name,
        made_at=one.made_at,
        hits=one.hits,
        is_standing=one.rolled_back_at is None,
        rolled_back_at=one.rolled_back_at,
        rolled_back_by=one.rolled_back_by_name,
        rolled_back_why=one.rolled_back_why,
    )
