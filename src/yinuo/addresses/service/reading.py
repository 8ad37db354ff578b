"""Reading the addresses of orders, and showing what was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yinuo.addresses.events import ReadingSettled
from yinuo.addresses.model import ReadingState, StatedAddress
from yinuo.addresses.model.readings import (
    Judged,
    KeptAlias,
    NewReading,
    Reading,
    ReadingNotFound,
    applied_alias,
    judge,
    stays,
)
from yinuo.addresses.service.taught import taught
from yinuo.addresses.store import accuracy as accuracy_store
from yinuo.addresses.store import aliases as alias_store
from yinuo.addresses.store import readings as store
from yinuo.addresses.store.accuracy import Accuracy
from yinuo.core.db import Session
from yinuo.core.outbox import Hint, announce
from yinuo.core.paging import BadCursor, Page, clamp_limit, decode_cursor, encode_cursor

TOPIC = "address"


def read(session: Session, stated: StatedAddress, *, shop_id: str, text: str = "") -> Judged:
    """Return what a stated address means with all that people have taught; nothing is kept."""
    return judge(taught(session).resolver, stated, shop=shop_id, text=text)


def read_each(session: Session, wanted: Sequence[tuple[str, StatedAddress]]) -> list[Judged]:
    """Return what each stated address means to its shop (id first), as `read` does one."""
    resolver = taught(session).resolver
    return [judge(resolver, stated, shop=shop_id) for shop_id, stated in wanted]


def record_new(session: Session, readings: Sequence[NewReading], *, now: datetime) -> None:
    """Keep what was read of the addresses of orders that are new in this transaction."""
    known = taught(session).aliases
    store.insert_new(
        session,
        readings,
        aliases=[applied_alias(one.judged.resolved, known, shop=one.shop_id) for one in readings],
        now=now,
    )
    announce(session, hints=[Hint(TOPIC, one.order_id) for one in readings])


def record(
    session: Session,
    order_id: str,
    *,
    shop_id: str,
    channel: str,
    stated: StatedAddress,
    judged: Judged,
    is_new: bool = False,
    now: datetime,
) -> Reading:
    """Keep what was read of an order's address, in the place of what was read before.

    `is_new` says that nothing can have been read of it before.

    Idempotent by order: the same address read the same again changes nothing, and what a person
    decided about it stays, whatever aliases say since. Another address is read anew.
    """
    before = None if is_new else store.find(session, order_id, lock=True)
    if before is not None and stays(before, store.as_kept(stated), judged):
        return before
    known = taught(session).aliases
    reading = store.upsert(
        session,
        order_id,
        shop_id=shop_id,
        channel=channel,
        stated=stated,
        judged=judged,
        alias_id=applied_alias(judged.resolved, known, shop=shop_id),
        now=now,
    )
    announce(session, hints=[Hint(TOPIC, order_id)])
    return reading


def find_reading(session: Session, order_id: str) -> Reading | None:
    """Return what was read of an order's address; None for an order whose address never was."""
    return store.find(session, order_id)


def load_reading(session: Session, order_id: str) -> Reading:
    """Return what was read of an order's address; raises ReadingNotFound."""
    found = store.find(session, order_id) if order_id.isprintable() else None
    if found is None:
        raise ReadingNotFound(order_id=order_id[:64])
    return found


def doubtful(
    session: Session, *, channel: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Reading]:
    """Return a page of addresses that wait for a person, the longest waiting first."""
    size = clamp_limit(limit)
    rows = store.doubtful(session, after=_place(cursor), channel=channel, limit=size + 1)
    shown = rows[:size]
    last = shown[-1] if len(rows) > size else None
    return Page(shown, encode_cursor([last.read_at.isoformat(), last.order_id]) if last else None)


def count_doubtful(session: Session) -> dict[str, int]:
    """Return how many addresses wait for a person, by channel."""
    return store.count_doubtful(session)


def aliases(
    session: Session,
    *,
    is_standing: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[KeptAlias]:
    """Return a page of aliases with their stories, the newest first."""
    size = clamp_limit(limit)
    rows = alias_store.page(session, before=_place(cursor), is_standing=is_standing, limit=size + 1)
    shown = rows[:size]
    last = shown[-1] if len(rows) > size else None
    return Page(shown, encode_cursor([last.made_at.isoformat(), last.alias.id]) if last else None)


def accuracy(session: Session, *, since: datetime, until: datetime) -> list[Accuracy]:
    """Return how addresses came out, by Shanghai day and channel, the newest day first."""
    return accuracy_store.accuracy(session, since=since, until=until)


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, name = decode_cursor(cursor, length=2)
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError:
        raise BadCursor from None
    if moment.tzinfo is None or not isinstance(name, str):
        raise BadCursor
    return moment, name


def settle(session: Session, reading: Reading, *, actor: str) -> None:
    """Announce that it is decided where an address lies."""
    if reading.state is not ReadingState.DOUBTFUL:
        announce(
            session,
            ReadingSettled(
                order_id=reading.order_id,
                state=reading.state.value,
                revision=reading.revision,
                actor=actor,
            ),
        )
