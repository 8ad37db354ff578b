"""Taking group messages in, deciding about their drafts, and teaching the words of the groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yinuo.channels.events import GroupMessageChanged
from yinuo.channels.model.messages import (
    AliasTarget,
    BadGoodsAlias,
    DraftDecided,
    DraftState,
    GoodsAlias,
    KeptDraft,
    KeptMessage,
    ListDifference,
    MessageKind,
    MessageState,
    NewDraft,
    NewMessage,
    Reader,
    ReadMessage,
    UnknownGroupMessage,
    check_alias,
    check_new_message,
    difference,
    is_same_list,
    new_draft,
    state_of,
    words_of_change,
)
from yinuo.channels.store import messages as store
from yinuo.core.db import Session
from yinuo.core.ids import new_id
from yinuo.core.outbox import announce
from yinuo.core.paging import BadCursor, Page, clamp_limit, decode_cursor, encode_cursor

_LISTS_LOOKED_AT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenMessage:
    """What became of a message: `edited` are entries that were orders already when they changed."""

    message: KeptMessage
    is_new: bool
    edited: tuple[KeptDraft, ...] = ()


def take_message(
    session: Session, new: NewMessage, reader: Reader, *, now: datetime
) -> TakenMessage:
    """Keep a message with the drafts read from it; a repeat of its key changes nothing.

    An edited list leaves the drafts of unchanged entries alone: a changed entry's waiting draft
    is replaced, a withdrawn one's is withdrawn, new ones are added. Raises BadGroupMessage.
    """
    check_new_message(new)
    store.lock_group(session, shop_id=new.shop_id, group=new.group)
    message_id = store.insert_message(session, new, now=now)
    if message_id is None:
        known = store.id_of(session, source=new.source, key=new.key) or ""
        return TakenMessage(message=load_group_message(session, known), is_new=False)
    read = reader.read(new.text)
    repeats = None
    if read.kind is not MessageKind.TALK:
        repeats = store.find_repeated(session, new, message_id=message_id)
    list_id, done = _followed(session, new, read, reader, message_id=message_id)
    store.save_reading(
        session,
        message_id,
        kind=read.kind,
        change=words_of_change(read.change),
        repeats=repeats,
        list_id=list_id,
    )
    edited = _edit(session, list_id, done, now=now) if done else ()
    for position, draft in enumerate(_drafts(read, done)):
        store.insert_draft(session, message_id, draft, position=position)
    _settle(session, message_id)
    return TakenMessage(message=load_group_message(session, message_id), is_new=True, edited=edited)


def _followed(
    session: Session, new: NewMessage, read: ReadMessage, reader: Reader, *, message_id: str
) -> tuple[str, ListDifference | None]:
    """Return which list a message continues, and what it changed in it."""
    if read.list is None:
        return "", None
    for earlier in store.last_lists(
        session, shop_id=new.shop_id, group=new.group, before=message_id, limit=_LISTS_LOOKED_AT
    ):
        before = reader.read(earlier.text).list
        if before is not None and is_same_list(before, read.list):
            return earlier.list_id, difference(before, read.list)
    return message_id, difference(None, read.list)


def _drafts(read: ReadMessage, done: ListDifference | None) -> list[NewDraft]:
    if done is not None:
        return [new_draft(entry.draft, entry) for entry in (*done.changed, *done.added)]
    return [new_draft(draft) for draft in read.drafts]


def _edit(
    session: Session, list_id: str, done: ListDifference, *, now: datetime
) -> tuple[KeptDraft, ...]:
    """Replace and withdraw what waits; return the entries that are orders already."""
    wanted = {entry.key: DraftState.REPLACED for entry in done.changed}
    wanted |= {entry.key: DraftState.WITHDRAWN for entry in done.withdrawn}
    ordered = []
    for key, draft in store.open_entries(session, list_id, wanted).items():
        if draft.state is DraftState.ORDERED:
            ordered.append(draft)
            continue
        store.decide_draft(
            session, draft.id, wanted[key], by="system", by_name="", order_id=None, now=now
        )
        _settle(session, draft.message_id)
    return tuple(ordered)


def load_group_message(session: Session, message_id: str) -> KeptMessage:
    """Return a message with its drafts; raises UnknownGroupMessage."""
    found = store.find_message(session, message_id)
    if found is None:
        raise UnknownGroupMessage(message_id=message_id[:64])
    return found


def group_messages(
    session: Session, *, state: MessageState | None, cursor: str | None, limit: int
) -> Page[KeptMessage]:
    """Return messages, the newest first; TALK takes those put aside too. Raises BadCursor."""
    before: str | None = None
    if cursor is not None:
        (last,) = decode_cursor(cursor, length=1)
        if not isinstance(last, str):
            raise BadCursor
        before = last
    size = clamp_limit(limit)
    found = store.page(session, state=state, before=before, limit=size + 1)
    is_last = len(found) <= size
    shown = found[:size]
    return Page(items=shown, next_cursor=None if is_last else encode_cursor([shown[-1].id]))


def count_group_messages(session: Session) -> dict[MessageState, int]:
    """Return how many messages stand where."""
    return store.counts(session)


def lock_draft(session: Session, draft_id: str) -> KeptDraft:
    """Return a draft that nobody else decides until the end; raises UnknownGroupMessage."""
    found = store.lock_draft(session, draft_id)
    if found is None:
        raise UnknownGroupMessage(message_id=draft_id[:64])
    return found


def mark_ordered(
    session: Session, draft: KeptDraft, *, order_id: str, by: str, by_name: str, now: datetime
) -> None:
    """Note the order that a draft became; raises DraftDecided when it does not wait any more."""
    _need(draft, DraftState.WAITING)
    store.decide_draft(
        session, draft.id, DraftState.ORDERED, by=by, by_name=by_name, order_id=order_id, now=now
    )
    _settle(session, draft.message_id)


def discard_draft(
    session: Session, draft_id: str, *, by: str, by_name: str, now: datetime
) -> KeptMessage:
    """Put a draft aside: it is no order. A repeat changes nothing. Raises DraftDecided."""
    draft = lock_draft(session, draft_id)
    if draft.state is not DraftState.DISCARDED:
        _need(draft, DraftState.WAITING)
        store.decide_draft(
            session, draft_id, DraftState.DISCARDED, by=by, by_name=by_name, order_id=None, now=now
        )
        _settle(session, draft.message_id)
    return load_group_message(session, draft.message_id)


def restore_draft(session: Session, draft_id: str, *, now: datetime) -> KeptMessage:
    """Let a draft that was put aside wait again. A repeat changes nothing. Raises DraftDecided."""
    draft = lock_draft(session, draft_id)
    if draft.state is not DraftState.WAITING:
        _need(draft, DraftState.DISCARDED)
        store.decide_draft(
            session, draft_id, DraftState.WAITING, by="", by_name="", order_id=None, now=now
        )
        _settle(session, draft.message_id)
    return load_group_message(session, draft.message_id)


def put_aside(session: Session, message_id: str, *, by: str) -> KeptMessage:
    """Note that somebody saw to a change; an empty `by` lets it wait again."""
    load_group_message(session, message_id)
    store.save_state(session, message_id, MessageState.DISCARDED, put_aside_by=by)
    _settle(session, message_id, is_put_aside=bool(by))
    return load_group_message(session, message_id)


def _need(draft: KeptDraft, state: DraftState) -> None:
    if draft.state is not state:
        raise DraftDecided(state=f"channels.draft_state.{draft.state.value}", by=draft.decided_by)


def _settle(session: Session, message_id: str, *, is_put_aside: bool = False) -> None:
    """Work out anew where a message stands, and tell pages."""
    message = load_group_message(session, message_id)
    state = state_of(
        message.kind, tuple(draft.state for draft in message.drafts), is_put_aside=is_put_aside
    )
    store.save_state(session, message_id, state)
    announce(session, GroupMessageChanged(message_id=message_id, state=state.value))


def goods_aliases(session: Session) -> list[GoodsAlias]:
    """Return the words of the groups that stand, by their text."""
    return store.aliases(session)


def alias_targets(session: Session) -> dict[str, AliasTarget]:
    """Return the aliases as the reader takes them."""
    return {
        one.text: AliasTarget(sku=one.sku, factor=one.factor, units=one.units)
        for one in store.aliases(session)
    }


def teach_goods_alias(
    session: Session,
    text: str,
    *,
    sku: str,
    factor: int,
    units: Mapping[str, int],
    by: str,
    by_name: str,
    now: datetime,
) -> GoodsAlias:
    """Return a new alias, in force from the next message on; raises BadGoodsAlias."""
    plain = " ".join(text.split())
    check_alias(plain, factor=factor, units=dict(units))
    alias = GoodsAlias(
        id=new_id("gal"),
        text=plain,
        sku=sku,
        factor=factor,
        units=dict(units),
        made_by=by_name,
        made_at=now,
    )
    if not store.insert_alias(session, alias, folded=plain.lower(), by=by):
        raise BadGoodsAlias(problems="text")
    return alias


def roll_back_goods_alias(session: Session, alias_id: str, *, by: str, now: datetime) -> bool:
    """Take an alias back, from the next message on; False when it stood no more."""
    return store.roll_back_alias(session, alias_id, by=by, now=now)
