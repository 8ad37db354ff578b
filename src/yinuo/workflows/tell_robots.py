"""Group robots are told a day: each in runs of its own, so that one that is away delays no other.

    plan   one notice a robot, in the transaction that makes the edition; robots of the settings
    send   once; a robot that is away or busy is tried again after a growing pause
    fail   what is refused for good, or was tried long enough, becomes a work item

Nobody can ask a group whether it saw a message. Where an answer was lost, or a process died while
it spoke, the notice is said once more and marked as sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from yinuo.channels.model.certificates import Colour
from yinuo.channels.model.summaries import ShopLine
from yinuo.connectors.protocols import OutcomeUnknown, Rejected, Unavailable
from yinuo.connectors.protocols.robots import Notice, NoticeForm
from yinuo.connectors.registry import NotConfigured
from yinuo.core import clock, config, durable
from yinuo.core.db import Session
from yinuo.core.errors import YinuoError
from yinuo.core.money import Fen, fen_to_yuan
from yinuo.core.texts import Language, text
from yinuo.exceptions import service as exceptions
from yinuo.exceptions.model import ItemFilter, NewItem, WorkItemKind
from yinuo.notices import service as notices
from yinuo.notices.model import NoticeKey, NoticeWords, RobotNotice
from yinuo.users.model import Actor
from yinuo.users.service import audit
from yinuo.workflows.hub import hub

_SIGNS = {Colour.GREEN.value: "🟢", Colour.AMBER.value: "🟡", Colour.RED.value: "🔴", "": "⚪"}


@durable.process("tell_robot")
def tell_robot(day: str, edition: int, robot: str, attempt: int) -> str:
    """Tell one robot one edition of a day, and return how this attempt ended."""
    return durable.step("send_notice", speak, day, edition, robot, attempt)


def plan(
    session: Session, day: date, edition: int, *, shops: Mapping[str, ShopLine], is_changed: bool
) -> int:
    """Return how many robots are going to be told; those who know this edition are not.

    `is_changed` says that sums are others than were told before; else only the proof is new.
    """
    robots = hub().connectors.robots_for_summary()
    if not robots:
        return 0
    waiting = _waiting_items(session)
    words = compose(day, edition, list(shops.values()), waiting=waiting, is_changed=is_changed)
    count = 0
    for robot in robots:
        key = NoticeKey(day=day, edition=edition, robot=robot)
        if notices.plan(session, key, words, now=clock.now()):
            _start(session, key, attempt=1)
            count += 1
    return count


def send_again(day: date, edition: int, robot: str, *, actor: Actor) -> RobotNotice:
    """Send a notice once more, as a person asks; raises UnknownNotice, NoticeUnderway."""
    key = NoticeKey(day=day, edition=edition, robot=robot)
    with hub().database.transaction() as session:
        notice = notices.again(session, key, now=clock.now())
        _start(session, key, attempt=notice.attempt)
        audit.record(
            session,
            actor=actor,
            action="summaries.tell_again",
            object=day.isoformat(),
            after={"robot": robot, "edition": edition},
            now=clock.now(),
        )
    return notice


def send_test(robot: str, *, actor: Actor) -> None:
    """Say in a group that the hub reaches it; raises NotConfigured and what `send` raises."""
    shared = hub()
    to = shared.connectors.robot(robot)
    with shared.database.transaction() as session:
        audit.record(
            session, actor=actor, action="robots.test", object=f"robots.{robot}", now=clock.now()
        )
    lines = (text("notices.test.line"),)
    to.send(Notice(title=text("notices.test.title"), lines=lines, form=NoticeForm.TEXT))


def compose(
    day: date, edition: int, shops: Sequence[ShopLine], *, waiting: int, is_changed: bool
) -> NoticeWords:
    """Return what a day's notice says: sums first, then a line a shop; nothing personal."""
    title = text("notices.title", day=day.isoformat())
    if edition > 1:
        title += text("notices.corrected" if is_changed else "notices.proved")
    gaps = sum(shop.gaps for shop in shops)
    lines = [
        text("notices.total", Language.ZH, **_sums(shops)),
        text("notices.gaps", gaps=gaps) if gaps else text("notices.no_gaps"),
        text("notices.waiting", waiting=waiting),
        *(
            text(
                "notices.shop_gaps" if shop.gaps else "notices.shop",
                Language.ZH,
                sign=_SIGNS[shop.colour],
                shop=shop.shop,
                gaps=shop.gaps,
                **_sums([shop]),
            )
            for shop in shops
        ),
    ]
    address = config.settings().public_address.rstrip("/")
    link = f"{address}/days?day={day.isoformat()}"
    return NoticeWords(title=title, lines=tuple(lines), link=link)


def _sums(shops: Sequence[ShopLine]) -> dict[str, str | int]:
    return {
        "placed": sum(shop.placed for shop in shops),
        "paid": sum(shop.paid for shop in shops),
        "paid_yuan": fen_to_yuan(Fen(sum(shop.paid_fen for shop in shops))),
        "refunded_yuan": fen_to_yuan(Fen(sum(shop.refunded_fen for shop in shops))),
        "held": sum(shop.held for shop in shops),
        "late": sum(shop.waiting_long for shop in shops),
    }


def _waiting_items(session: Session) -> int:
    return sum(exceptions.count_items(session, ItemFilter()).values())


def _start(session: Session, key: NoticeKey, *, attempt: int, after_seconds: float = 0) -> None:
    day = key.day.isoformat()
    durable.start(
        session,
        tell_robot,
        day,
        key.edition,
        key.robot,
        attempt,
        key=f"tell:{day}:{key.edition}:{key.robot}:{attempt}",
        after_seconds=after_seconds,
    )


def speak(day: str, edition: int, robot: str, attempt: int) -> str:
    """Send a notice unless this attempt was overtaken, and return how it ended.

    A repeat of an attempt that broke off while it spoke is marked as sent again.
    """
    shared = hub()
    key = NoticeKey(day=date.fromisoformat(day), edition=edition, robot=robot)
    with shared.database.transaction() as session:
        notice = notices.begin(session, key, attempt, now=clock.now())
    if notice is None:
        return "overtaken"
    mark = text("notices.again") if notice.is_repeat else ""
    said = Notice(
        title=notice.words.title + mark,
        lines=notice.words.lines,
        link=notice.words.link,
        link_label=text("notices.link"),
    )
    try:
        shared.connectors.robot(robot).send(said, reference=day)
    except (Rejected, NotConfigured) as error:
        return _fail(key, attempt, error)
    except Unavailable as error:
        return _put_off(key, attempt, error)
    with shared.database.transaction() as session:
        notices.note_told(session, key, attempt, now=clock.now())
        exceptions.close_for_subject(
            session,
            kind=WorkItemKind.ROBOT_FAILED,
            subject_type="robot",
            subject_id=robot,
            now=clock.now(),
        )
    return "told"


def _put_off(key: NoticeKey, attempt: int, error: Unavailable) -> str:
    asked = error.details.get("retry_after_seconds")
    with hub().database.transaction() as session:
        later = notices.put_off(
            session,
            key,
            attempt,
            error=error.code,
            asked_seconds=asked if isinstance(asked, int) else 0,
            is_repeat=isinstance(error, OutcomeUnknown),
            now=clock.now(),
        )
        if later is not None and later.next_at is not None:
            seconds = (later.next_at - clock.now()).total_seconds()
            _start(session, key, attempt=later.attempt, after_seconds=seconds)
            return "put_off"
    return _fail(key, attempt, error)


def _fail(key: NoticeKey, attempt: int, error: YinuoError) -> str:
    outside = error.details.get("outside_code")
    code = "workflows.robot_away" if isinstance(error, Unavailable) else "workflows.robot_refused"
    with hub().database.transaction() as session:
        notices.note_failed(session, key, attempt, error=error.code)
        exceptions.raise_item(
            session,
            NewItem(
                kind=WorkItemKind.ROBOT_FAILED,
                subject_type="robot",
                subject_id=key.robot,
                subject_label=key.robot,
                code=code,
                params={
                    "robot": key.robot,
                    "day": key.day.isoformat(),
                    "outside": str(outside or error.code),
                },
            ),
            now=clock.now(),
        )
    return "failed"
