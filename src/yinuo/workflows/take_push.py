"""A channel says that something changed about an order: kept at once, then the order is fetched.

What a push says of the order itself is not believed: it may be late, out of order or cut short. It
is a reason to ask, and the order that the channel then gives is taken like a pulled one. A push that
gets lost costs no order, only the time until the next pull.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from yinuo.channels import service as channels
from yinuo.channels.model import InboxEntry, InboxMessage
from yinuo.connectors.protocols import Unavailable
from yinuo.core import clock
from yinuo.core.errors import NotFound, YinuoError
from yinuo.core.logs import logger
from yinuo.core.slots import NoSlot
from yinuo.workflows import intake_order
from yinuo.workflows.hub import hub

SOURCE = "push"
log = logger(__name__)


class NotThereYet(NotFound):
    """The channel tells of an order that it does not give yet."""

    code = "workflows.not_there_yet"


class _Change(msgspec.Struct, frozen=True):
    number: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A kept message: a shop's order is to be asked for."""

    message_id: str
    shop_id: str
    number: str
    topic: str


def keep(shop_id: str, headers: Mapping[str, str], body: bytes) -> list[Told]:
    """Return the messages of a push that are new, kept; repeats are none.

    Raises UnknownShop, NotConfigured, BadSignature, Malformed; then nothing is kept.
    """
    shared = hub()
    changes = shared.connectors.pushing(shop_id).read_push(headers, body)
    with shared.database.transaction() as session:
        shop = channels.load_active_shop(session, shop_id)
        received = [
            channels.receive(
                session,
                InboxMessage(
                    source=SOURCE,
                    key=f"{shop.id}:{change.message_id}",
                    shop_id=shop.id,
                    headers={},
                    body=msgspec.json.encode(_Change(change.number, change.topic)),
                    received_at=clock.now(),
                ),
                take_after_seconds=30,
            )
            for change in changes
        ]
    return [
        Told(one.id, shop.id, change.number, change.topic)
        for one, change in zip(received, changes, strict=True)
        if one.is_new
    ]


def work_off(told: Sequence[Told]) -> None:
    """Take the orders that kept messages tell of; what cannot be asked for now is tried again."""
    for one in told:
        _work_off(one)


def work_off_one(entry: InboxEntry) -> None:
    """Take the order that one message tells of."""
    if entry.shop_id is None or entry.body is None:
        return
    change = msgspec.json.decode(entry.body, type=_Change)
    _work_off(Told(entry.id, entry.shop_id, change.number, change.topic))


def _work_off(told: Told) -> None:
    """Take an order; a channel tells of one several times at a moment, and each asks in its turn.

    So what the first one learned, and opened against a quota, is there for the next.
    """
    with _turn(told.shop_id, told.number):
        _ask_and_take(told)


_turns: dict[tuple[str, str], list[threading.Lock]] = {}
_guard = threading.Lock()


@contextmanager
def _turn(shop_id: str, number: str) -> Iterator[None]:
    """Wait for those of this process that ask for the same order."""
    mine = threading.Lock()
    mine.acquire()
    with _guard:
        line = _turns.setdefault((shop_id, number), [])
        before = line[-1] if line else None
        line.append(mine)
    try:
        if before is not None:
            before.acquire()
        yield
    finally:
        mine.release()
        with _guard:
            line.remove(mine)
            if not line:
                del _turns[shop_id, number]


def _ask_and_take(told: Told) -> None:
    shared = hub()
    try:
        body = _asked_for(told)
        taken = intake_order.take_order(told.shop_id, body, headers={}, told_by=told.message_id)
    except (Unavailable, NoSlot, NotThereYet) as error:
        with shared.database.transaction() as session:
            channels.mark_failed(session, told.message_id, code=error.code)
        return
    except YinuoError as error:
        # The order itself is kept with a work item of its own; the push has done what it could.
        log.info("pushed_order_put_aside", shop_id=told.shop_id, error=error.code)
    else:
        if taken.is_plain:
            return  # done with the order, in one transaction
    with shared.database.transaction() as session:
        channels.mark_done(session, told.message_id, outcome=told.topic or "push")


def _asked_for(told: Told) -> bytes:
    body = hub().connectors.shop(told.shop_id).find_order(told.number)
    if body is None:
        raise NotThereYet(number=told.number[:64])
    return body


def work_off_waiting(*, limit: int = 50) -> int:
    """Return how many kept messages were taken up that a process left unfinished."""
    shared = hub()
    with shared.database.transaction() as session:
        waiting = channels.pending(session, source=SOURCE, now=clock.now(), limit=limit)
    for entry in waiting:
        try:
            work_off_one(entry)
        except Exception as error:  # noqa: BLE001 - the edge: kept, told, and the others go on
            log.warning("push_failed", message_id=entry.id, error=type(error).__name__)
            with shared.database.transaction() as session:
                channels.mark_failed(session, entry.id, code="core.unexpected")
    return len(waiting)
