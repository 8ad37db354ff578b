"""Writing and loading group messages, their drafts, and the aliases of goods."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from yinuo.channels.model.messages import (
    DraftFacts,
    DraftState,
    GoodsAlias,
    KeptDraft,
    KeptMessage,
    MessageKind,
    MessageState,
    NewDraft,
    NewMessage,
)
from yinuo.channels.tables import GoodsAliasRow, GroupDraftRow, GroupMessageRow
from yinuo.core.db import Session
from yinuo.core.ids import new_id

_ROW, _DRAFT, _ALIAS = GroupMessageRow, GroupDraftRow, GoodsAliasRow
_OPEN = (DraftState.WAITING.value, DraftState.ORDERED.value)
# Posted again later than this it is a new wish, not the same words twice.
_SAME_WITHIN = timedelta(days=7)


def hash_of(text: str) -> str:
    """Return what tells that two messages say the same: blanks do not count."""
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()


def lock_group(session: Session, *, shop_id: str, group: str) -> None:
    """Let messages of one group be taken one after the other until this transaction ends."""
    session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 19))"),
        {"name": f"{shop_id}|{group}"},
    )


def insert_message(session: Session, new: NewMessage, *, now: datetime) -> str | None:
    """Return the id of a new message; None when its source has sent it before."""
    message_id = new_id("msg")
    written = session.execute(
        insert(_ROW)
        .values(
            id=message_id,
            source=new.source,
            key=new.key,
            shop_id=new.shop_id,
            group_name=new.group,
            sender=new.sender,
            text=new.text,
            text_hash=hash_of(new.text),
            sent_at=new.sent_at,
            received_at=now,
            kind=MessageKind.TALK.value,
            state=MessageState.TALK.value,
        )
        .on_conflict_do_nothing(index_elements=["source", "key"])
        .returning(_ROW.id)
    ).first()
    return message_id if written else None


def id_of(session: Session, *, source: str, key: str) -> str | None:
    """Return the id of the message that a source sent under a key."""
    return session.execute(
        sa.select(_ROW.id).where(_ROW.source == source, _ROW.key == key)
    ).scalar()


def find_repeated(session: Session, new: NewMessage, *, message_id: str) -> str | None:
    """Return an earlier message of the same words in the same group that was no talk."""
    return session.execute(
        sa.select(_ROW.id)
        .where(
            _ROW.shop_id == new.shop_id,
            _ROW.group_name == new.group,
            _ROW.text_hash == hash_of(new.text),
            _ROW.id < message_id,
            _ROW.kind != MessageKind.TALK.value,
            _ROW.sent_at > new.sent_at - _SAME_WITHIN,
        )
        .order_by(_ROW.id.desc())
        .limit(1)
    ).scalar()


def save_reading(
    session: Session,
    message_id: str,
    *,
    kind: MessageKind,
    change: str,
    repeats: str | None,
    list_id: str,
) -> None:
    """Write what a message was read as."""
    session.execute(
        sa.update(_ROW)
        .where(_ROW.id == message_id)
        .values(kind=kind.value, change=change, repeats=repeats, list_id=list_id)
    )


def save_state(
    session: Session, message_id: str, state: MessageState, *, put_aside_by: str | None = None
) -> None:
    """Write where a message stands, and who put it aside where that changes."""
    values = {"state": state.value}
    if put_aside_by is not None:
        values["put_aside_by"] = put_aside_by
    session.execute(sa.update(_ROW).where(_ROW.id == message_id).values(values))


def insert_draft(session: Session, message_id: str, new: NewDraft, *, position: int) -> str:
    """Return the id of a draft that waits."""
    draft_id = new_id("drf")
    session.execute(
        sa.insert(_DRAFT).values(
            id=draft_id,
            message_id=message_id,
            position=position,
            entry_key=new.entry_key,
            label=new.label,
            state=DraftState.WAITING.value,
            facts=msgspec.to_builtins(new.facts),
            confidence=new.confidence,
        )
    )
    return draft_id


def lock_draft(session: Session, draft_id: str) -> KeptDraft | None:
    """Return a draft that nobody else changes until this transaction ends."""
    row = session.execute(
        sa.select(*_DRAFT_COLUMNS).where(_DRAFT.id == draft_id).with_for_update()
    ).first()
    return _draft(row) if row else None


def decide_draft(
    session: Session,
    draft_id: str,
    state: DraftState,
    *,
    by: str,
    by_name: str,
    order_id: str | None,
    now: datetime,
) -> None:
    """Write what became of a draft."""
    session.execute(
        sa.update(_DRAFT)
        .where(_DRAFT.id == draft_id)
        .values(
            state=state.value,
            order_id=order_id,
            decided_by=by,
            decided_by_name=by_name,
            decided_at=now,
        )
    )


def open_entries(session: Session, list_id: str, keys: Collection[str]) -> dict[str, KeptDraft]:
    """Return the newest draft of each entry of a list that waits or became an order; locked."""
    rows = session.execute(
        sa.select(*_DRAFT_COLUMNS)
        .join(_ROW, _ROW.id == _DRAFT.message_id)
        .where(_ROW.list_id == list_id, _DRAFT.entry_key.in_(list(keys)), _DRAFT.state.in_(_OPEN))
        .order_by(_DRAFT.id)
        .with_for_update(of=_DRAFT)
    )
    return {draft.entry_key: draft for draft in map(_draft, rows)}


def last_lists(
    session: Session, *, shop_id: str, group: str, before: str, limit: int
) -> list[KeptMessage]:
    """Return the lists last posted in a group before a message, the newest first, no drafts."""
    rows = session.execute(
        sa.select(*_COLUMNS)
        .where(
            _ROW.shop_id == shop_id,
            _ROW.group_name == group,
            _ROW.kind == MessageKind.LIST.value,
            _ROW.id < before,
        )
        .order_by(_ROW.id.desc())
        .limit(limit)
    )
    return [_message(row, ()) for row in rows]


def find_message(session: Session, message_id: str) -> KeptMessage | None:
    """Return a message with its drafts."""
    found = _with_drafts(session, sa.select(*_COLUMNS).where(_ROW.id == message_id))
    return found[0] if found else None


def page(
    session: Session, *, state: MessageState | None, before: str | None, limit: int
) -> list[KeptMessage]:
    """Return messages with their drafts, the newest first."""
    wanted: sa.ColumnElement[bool] = sa.true()
    if state is not None:
        states = [state.value]
        if state is MessageState.TALK:
            states.append(MessageState.DISCARDED.value)
        wanted &= _ROW.state.in_(states)
    if before is not None:
        wanted &= _ROW.id < before
    statement = sa.select(*_COLUMNS).where(wanted).order_by(_ROW.id.desc()).limit(limit)
    return _with_drafts(session, statement)


def counts(session: Session) -> dict[MessageState, int]:
    """Return how many messages stand where."""
    rows = session.execute(sa.select(_ROW.state, sa.func.count()).group_by(_ROW.state))
    return {MessageState(state): count for state, count in rows}


def aliases(session: Session) -> list[GoodsAlias]:
    """Return the aliases that stand, by their words."""
    rows = session.execute(
        sa.select(_ALIAS).where(_ALIAS.rolled_back_at.is_(None)).order_by(_ALIAS.folded)
    ).scalars()
    return [
        GoodsAlias(
            id=row.id,
            text=row.text,
            sku=row.sku,
            factor=row.factor,
            units=dict(row.units),
            made_by=row.made_by_name,
            made_at=row.made_at,
        )
        for row in rows
    ]


def insert_alias(session: Session, alias: GoodsAlias, *, folded: str, by: str) -> bool:
    """Write an alias; False when one of the same words stands."""
    written = session.execute(
        insert(_ALIAS)
        .values(
            id=alias.id,
            text=alias.text,
            folded=folded,
            sku=alias.sku,
            factor=alias.factor,
            units=alias.units,
            made_by=by,
            made_by_name=alias.made_by,
            made_at=alias.made_at,
        )
        .on_conflict_do_nothing(
            index_elements=["folded"], index_where=_ALIAS.rolled_back_at.is_(None)
        )
        .returning(_ALIAS.id)
    ).first()
    return written is not None


def roll_back_alias(session: Session, alias_id: str, *, by: str, now: datetime) -> bool:
    """Take an alias back; False when it does not stand."""
    taken = session.execute(
        sa.update(_ALIAS)
        .where(_ALIAS.id == alias_id, _ALIAS.rolled_back_at.is_(None))
        .values(rolled_back_at=now, rolled_back_by=by)
        .returning(_ALIAS.id)
    ).first()
    return taken is not None


_COLUMNS = (
    _ROW.id,
    _ROW.source,
    _ROW.shop_id,
    _ROW.group_name,
    _ROW.sender,
    _ROW.text,
    _ROW.sent_at,
    _ROW.received_at,
    _ROW.kind,
    _ROW.state,
    _ROW.change,
    _ROW.repeats,
    _ROW.list_id,
)
_DRAFT_COLUMNS = (
    _DRAFT.id,
    _DRAFT.message_id,
    _DRAFT.position,
    _DRAFT.entry_key,
    _DRAFT.label,
    _DRAFT.state,
    _DRAFT.facts,
    _DRAFT.confidence,
    _DRAFT.order_id,
    _DRAFT.decided_by_name,
    _DRAFT.decided_at,
)


def _with_drafts(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> list[KeptMessage]:
    rows = session.execute(statement).all()
    drafts: dict[str, list[KeptDraft]] = {row.id: [] for row in rows}
    found = session.execute(
        sa.select(*_DRAFT_COLUMNS)
        .where(_DRAFT.message_id.in_(list(drafts)))
        .order_by(_DRAFT.message_id, _DRAFT.position)
    )
    for draft in map(_draft, found):
        drafts[draft.message_id].append(draft)
    return [_message(row, drafts[row.id]) for row in rows]


def _message(row: sa.Row[*tuple[Any, ...]], drafts: Sequence[KeptDraft]) -> KeptMessage:
    return KeptMessage(
        id=row.id,
        source=row.source,
        shop_id=row.shop_id,
        group=row.group_name,
        sender=row.sender,
        text=row.text,
        sent_at=row.sent_at,
        received_at=row.received_at,
        kind=MessageKind(row.kind),
        state=MessageState(row.state),
        change=row.change,
        repeats=row.repeats,
        list_id=row.list_id,
        drafts=tuple(drafts),
    )


def _draft(row: sa.Row[*tuple[Any, ...]]) -> KeptDraft:
    return KeptDraft(
        id=row.id,
        message_id=row.message_id,
        position=row.position,
        entry_key=row.entry_key,
        label=row.label,
        state=DraftState(row.state),
        facts=msgspec.convert(row.facts, DraftFacts),
        confidence=row.confidence,
        order_id=row.order_id,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
    )
