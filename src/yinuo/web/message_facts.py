"""Group messages as the console sees them."""

from __future__ import annotations

from datetime import datetime

import pydantic

from yinuo.addresses.model.phones import find_phones
from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model.messages import (
    DraftState,
    GoodsAlias,
    KeptDraft,
    KeptLine,
    KeptMessage,
    MessageKind,
    MessageState,
    Piece,
)
from yinuo.core.db import Session
from yinuo.core.texts import Language, text
from yinuo.workflows.intake_message import alike_orders

_EXCERPT = 80


class ReadPiece(pydantic.BaseModel):
    """A value, where in the text it stood, and how sure it is."""

    value: str
    start: int
    end: int
    confidence: float


class ReadLine(pydantic.BaseModel):
    """Goods of a draft; `sku_name` is the catalog's."""

    goods: ReadPiece
    sku: ReadPiece | None
    sku_name: str
    quantity: ReadPiece | None


class AlikeOrderFacts(pydantic.BaseModel):
    """An order of the same phone with the same goods, shortly before or after the message."""

    order_id: str
    number: str
    shop_name: str
    placed_at: datetime


class MessageDraft(pydantic.BaseModel):
    """One order that a message may be."""

    id: str
    label: str
    state: DraftState
    state_label: str
    confidence: float
    name: ReadPiece | None
    phone: ReadPiece | None
    address: ReadPiece | None
    lines: list[ReadLine]
    tags: list[ReadPiece]
    remarks: list[ReadPiece]
    missing: list[str]
    missing_labels: list[str]
    reply: str
    order_id: str | None
    decided_by: str
    decided_at: datetime | None
    alike: list[AlikeOrderFacts]


class MessageRow(pydantic.BaseModel):
    """A message in the list; numbers to call in the excerpt are masked."""

    id: str
    shop_id: str
    shop_name: str
    group: str
    sender: str
    excerpt: str
    sent_at: datetime
    kind: MessageKind
    kind_label: str
    state: MessageState
    state_label: str
    drafts: int
    waiting: int
    confidence: float | None
    is_repeat: bool


class MessageDetail(MessageRow):
    """A message whole, with its drafts; `repeats` is the earlier message of the same words."""

    text: str
    change: str
    change_label: str
    repeats: str | None
    drafts_read: list[MessageDraft]


class MessageList(pydantic.BaseModel):
    """A page of messages, the newest first, and how many stand where."""

    items: list[MessageRow]
    next_cursor: str | None
    counts: dict[str, int]
    as_of: datetime


class GoodsAliasFacts(pydantic.BaseModel):
    """A word of the groups for goods."""

    id: str
    text: str
    sku: str
    factor: int
    units: dict[str, int]
    made_by: str
    made_at: datetime


class GoodsAliasList(pydantic.BaseModel):
    """The words that stand, by their text."""

    items: list[GoodsAliasFacts]


def shop_names(session: Session) -> dict[str, str]:
    """Return the names of all shops by id."""
    return {shop.id: shop.name for shop in channels.list_shops(session)}


def alias_facts(one: GoodsAlias) -> GoodsAliasFacts:
    """Return a word for goods as it is shown."""
    return GoodsAliasFacts(
        id=one.id,
        text=one.text,
        sku=one.sku,
        factor=one.factor,
        units=one.units,
        made_by=one.made_by,
        made_at=one.made_at,
    )


def row_facts(one: KeptMessage, language: Language, *, shops: dict[str, str]) -> MessageRow:
    """Return a message as the list shows it."""
    waiting = [draft for draft in one.drafts if draft.state is DraftState.WAITING]
    return MessageRow(
        id=one.id,
        shop_id=one.shop_id,
        shop_name=shops.get(one.shop_id, one.shop_id),
        group=one.group,
        sender=one.sender,
        excerpt=_masked(one.text)[:_EXCERPT],
        sent_at=one.sent_at,
        kind=one.kind,
        kind_label=text(f"channels.message_kind.{one.kind.value}", language),
        state=one.state,
        state_label=text(f"channels.message_state.{one.state.value}", language),
        drafts=len(one.drafts),
        waiting=len(waiting),
        confidence=min((draft.confidence for draft in waiting), default=None),
        is_repeat=one.repeats is not None,
    )


def detail_facts(session: Session, one: KeptMessage, language: Language) -> MessageDetail:
    """Return a message whole."""
    codes = {line.sku.value for draft in one.drafts for line in draft.facts.lines if line.sku}
    names = {sku.code: sku.name for sku in catalog.find_skus(session, codes).values()}
    row = row_facts(one, language, shops=shop_names(session))
    change = text(f"channels.change_kind.{one.change}", language) if one.change else ""
    return MessageDetail(
        **row.model_dump(),
        text=one.text,
        change=one.change,
        change_label=change,
        repeats=one.repeats,
        drafts_read=[
            _draft(draft, language, names=names, alike=_alike(session, one, draft))
            for draft in one.drafts
        ],
    )


def _alike(session: Session, message: KeptMessage, draft: KeptDraft) -> list[AlikeOrderFacts]:
    if draft.state is not DraftState.WAITING:
        return []
    names = shop_names(session)
    shop = channels.load_shop(session, message.shop_id)
    return [
        AlikeOrderFacts(
            order_id=one.order_id,
            number=one.number,
            shop_name=names.get(one.shop_id, one.shop_id),
            placed_at=one.placed_at,
        )
        for one in alike_orders(session, shop, message, draft)
    ]


def _draft(
    one: KeptDraft,
    language: Language,
    *,
    names: dict[str, str],
    alike: list[AlikeOrderFacts],
) -> MessageDraft:
    facts = one.facts
    return MessageDraft(
        id=one.id,
        label=one.label,
        state=one.state,
        state_label=text(f"channels.draft_state.{one.state.value}", language),
        confidence=one.confidence,
        name=_piece(facts.name),
        phone=_piece(facts.phone),
        address=_piece(facts.address),
        lines=[_line(line, names=names) for line in facts.lines],
        tags=[_sure(tag) for tag in facts.tags],
        remarks=[_sure(remark) for remark in facts.remarks],
        missing=list(facts.missing),
        missing_labels=[text(f"channels.missing.{kind}", language) for kind in facts.missing],
        reply=facts.reply,
        order_id=one.order_id,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        alike=alike,
    )


def _line(line: KeptLine, *, names: dict[str, str]) -> ReadLine:
    return ReadLine(
        goods=_sure(line.goods),
        sku=_piece(line.sku),
        sku_name=names.get(line.sku.value, "") if line.sku else "",
        quantity=_piece(line.quantity),
    )


def _piece(piece: Piece | None) -> ReadPiece | None:
    return None if piece is None else _sure(piece)


def _sure(piece: Piece) -> ReadPiece:
    return ReadPiece(
        value=piece.value, start=piece.start, end=piece.end, confidence=piece.confidence
    )


def _masked(words: str) -> str:
    """Return a text on one line with its telephone numbers masked."""
    plain = words
    for start, end in find_phones(words).spans:
        plain = plain[:start] + "*" * (end - start) + plain[end:]
    return " ".join(plain.split())
