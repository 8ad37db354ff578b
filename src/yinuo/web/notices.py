"""Which group robots were told of a day, and telling one of them again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from yinuo.connectors.registry import NotConfigured, Registry
from yinuo.core import clock
from yinuo.core.texts import Language, text
from yinuo.notices import service as notices
from yinuo.notices.model import NoticeState, RobotNotice
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Lang, Reading, require
from yinuo.workflows import tell_robots
from yinuo.workflows.hub import Hub

router = APIRouter(prefix="/summaries", tags=["summaries"])
Reader = Annotated[Actor, Depends(require(Permission.PAYMENTS_READ))]
Reconciler = Annotated[Actor, Depends(require(Permission.PAYMENTS_RECONCILE))]
Robot = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,60}$")]


class RobotNoticeFacts(BaseModel):
    """One robot and edition; `is_repeat` says that the group may have seen it twice."""

    robot: str
    label: str
    edition: int
    state: NoticeState
    state_label: str
    told_at: datetime | None
    next_at: datetime | None
    tries: int
    error_label: str
    is_repeat: bool
    lines: list[str]


class RobotNoticeList(BaseModel):
    """The notices of a day, the newest edition first."""

    items: list[RobotNoticeFacts]
    as_of: datetime


class WantedNotice(BaseModel):
    """Which edition is to be told again."""

    edition: int = Field(ge=1, le=1000)


@router.get("/{day}/notices")
def list_notices(
    day: date, request: Request, session: Reading, _actor: Reader, language: Lang
) -> RobotNoticeList:
    """Return which robots were told of a day, when, and what kept the others from it."""
    shared: Hub = request.app.state.hub
    kept = notices.list_day(session, day)
    return RobotNoticeList(
        items=[_facts(one, shared.connectors, language) for one in kept], as_of=clock.now()
    )


@router.post("/{day}/notices/{robot}", status_code=202)
def send_again(
    day: date,
    robot: Robot,
    body: WantedNotice,
    request: Request,
    actor: Reconciler,
    language: Lang,
) -> RobotNoticeFacts:
    """Tell a robot an edition once more, audited; a group that saw it already sees it marked."""
    shared: Hub = request.app.state.hub
    notice = tell_robots.send_again(day, body.edition, robot, actor=actor)
    return _facts(notice, shared.connectors, language)


def _facts(one: RobotNotice, connectors: Registry, language: Language) -> RobotNoticeFacts:
    name = f"robots.{one.key.robot}"
    try:
        label = connectors.label(name, language)
    except NotConfigured:  # taken out of the settings since
        label = name
    return RobotNoticeFacts(
        robot=one.key.robot,
        label=label,
        edition=one.key.edition,
        state=one.state,
        state_label=text(f"notices.state.{one.state.value}", language),
        told_at=one.told_at,
        next_at=one.next_at,
        tries=one.tries,
        error_label=text(f"notices.error.{one.error}", language) if one.error else "",
        is_repeat=one.is_repeat,
        lines=[one.words.title, *one.words.lines],
    )
