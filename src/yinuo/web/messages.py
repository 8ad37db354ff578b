"""Group messages: putting one in, what was read of them, making orders of drafts, words for goods.

Texts come in bodies, never in URLs. Who may see messages sees them whole: confirming an order is
reading the buyer's own words.
"""

from __future__ import annotations

from typing import Annotated

import pydantic
from fastapi import APIRouter, Depends, Path, Query

from yinuo.catalog import service as catalog
from yinuo.channels import service as channels
from yinuo.channels.model import Channel
from yinuo.channels.model.messages import MessageState, NewMessage
from yinuo.channels.service import messages
from yinuo.core import clock
from yinuo.core.db import Session
from yinuo.core.errors import JsonValue
from yinuo.core.texts import Language
from yinuo.users import service as users
from yinuo.users.model import Actor, Permission
from yinuo.web.deps import Lang, Reading, Writing, require
from yinuo.web.message_facts import (
    GoodsAliasFacts,
    GoodsAliasList,
    MessageDetail,
    MessageList,
    alias_facts,
    detail_facts,
    row_facts,
    shop_names,
)
from yinuo.workflows import intake_message
from yinuo.workflows.hub import hub
from yinuo.workflows.intake_message import StatedLine, StatedOrder

router = APIRouter(tags=["messages"])
MessageId = Annotated[str, Path(max_length=64)]
Reader = Annotated[Actor, Depends(require(Permission.MESSAGES_READ))]
Confirmer = Annotated[Actor, Depends(require(Permission.MESSAGES_CONFIRM))]
Short = Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=100)]
_TAKEN = pydantic.ConfigDict(extra="forbid")
_SOURCE = "paste"
# Shops whose order numbers are the merchant's own can take orders from groups.
_OWN_NUMBERS = frozenset({Channel.WECHAT_GROUP, Channel.MINI_PROGRAM})


class MessageToPut(pydantic.BaseModel):
    """A message pasted by a person; `key` is made by the page, so that a second click is none."""

    model_config = _TAKEN

    key: Annotated[str, pydantic.StringConstraints(min_length=8, max_length=64)]
    shop_id: Annotated[str, pydantic.StringConstraints(max_length=40)]
    group: Short = ""
    sender: Short = ""
    text: Annotated[str, pydantic.StringConstraints(min_length=1, max_length=4000)]


class LineToConfirm(pydantic.BaseModel):
    """Units of a SKU or bundle."""

    model_config = _TAKEN

    sku: Annotated[str, pydantic.StringConstraints(min_length=1, max_length=64)]
    quantity: Annotated[int, pydantic.Field(ge=1, le=9999)]


class DraftToConfirm(pydantic.BaseModel):
    """The order as the person states it."""

    model_config = _TAKEN

    name: Short
    phone: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=40)]
    address: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=400)]
    lines: Annotated[list[LineToConfirm], pydantic.Field(max_length=100)]
    remark: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=400)] = ""
    tags: Annotated[list[Short], pydantic.Field(max_length=20)] = []


class MessageShop(pydantic.BaseModel):
    """A shop that can take orders from a group."""

    id: str
    name: str


class MessageShops(pydantic.BaseModel):
    """The shops that can take orders from groups, those of groups first."""

    items: list[MessageShop]


class GoodsAliasToTeach(pydantic.BaseModel):
    """A word, what it means, how many units one of it is, and that by counting word."""

    model_config = _TAKEN

    text: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, max_length=40)]
    sku: Annotated[str, pydantic.StringConstraints(min_length=1, max_length=64)]
    factor: Annotated[int, pydantic.Field(ge=1, le=1000)] = 1
    units: dict[str, int] = {}


@router.get("/messages")
def list_messages(
    session: Reading,
    _actor: Reader,
    language: Lang,
    state: MessageState | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MessageList:
    """Return the messages of one state or all, the newest first."""
    page = messages.group_messages(session, state=state, cursor=cursor, limit=limit)
    shops = shop_names(session)
    counts = messages.count_group_messages(session)
    return MessageList(
        items=[row_facts(one, language, shops=shops) for one in page.items],
        next_cursor=page.next_cursor,
        counts={one.value: counts.get(one, 0) for one in MessageState},
        as_of=clock.now(),
    )


@router.post("/messages")
def put_message(body: MessageToPut, actor: Confirmer, language: Lang) -> MessageDetail:
    """Put a message in as if it had come from the group; the same key again changes nothing."""
    kept = intake_message.take(
        NewMessage(
            source=_SOURCE,
            key=f"{actor.id}:{body.key}",
            shop_id=body.shop_id,
            group=body.group,
            sender=body.sender,
            text=body.text,
            sent_at=clock.now(),
        )
    )
    return _shown(kept.id, language)


@router.get("/messages/shops")
def list_message_shops(session: Reading, _actor: Reader) -> MessageShops:
    """Return the shops that a message can be put in for."""
    found = [
        shop
        for shop in channels.list_shops(session)
        if shop.is_active and shop.channel in _OWN_NUMBERS
    ]
    found.sort(key=lambda shop: (shop.channel is not Channel.WECHAT_GROUP, shop.name))
    return MessageShops(items=[MessageShop(id=shop.id, name=shop.name) for shop in found])


@router.get("/messages/aliases")
def list_goods_aliases(session: Reading, _actor: Reader) -> GoodsAliasList:
    """Return the words for goods that stand."""
    return GoodsAliasList(items=[alias_facts(one) for one in messages.goods_aliases(session)])


@router.post("/messages/aliases")
def teach_goods_alias(
    body: GoodsAliasToTeach, session: Writing, actor: Confirmer
) -> GoodsAliasFacts:
    """Teach a word for goods, in force from the next message on; 422 when one stands."""
    catalog.load_skus(session, [body.sku])
    made = messages.teach_goods_alias(
        session,
        body.text,
        sku=body.sku,
        factor=body.factor,
        units=body.units,
        by=actor.id,
        by_name=actor.name,
        now=clock.now(),
    )
    after: JsonValue = {"sku": made.sku, "factor": made.factor}
    _audit(session, actor, "messages.teach", made.id, after=after)
    return alias_facts(made)


@router.post("/messages/aliases/{alias_id}/roll-back")
def roll_back_goods_alias(
    alias_id: MessageId, session: Writing, actor: Confirmer
) -> GoodsAliasList:
    """Take a word for goods back, from the next message on; a repeat changes nothing."""
    if messages.roll_back_goods_alias(session, alias_id, by=actor.id, now=clock.now()):
        _audit(session, actor, "messages.roll_back_alias", alias_id)
    return GoodsAliasList(items=[alias_facts(one) for one in messages.goods_aliases(session)])


@router.get("/messages/{message_id}")
def show_message(
    message_id: MessageId, session: Reading, _actor: Reader, language: Lang
) -> MessageDetail:
    """Return a message whole, with everything that was read in it."""
    return detail_facts(session, messages.load_group_message(session, message_id), language)


@router.post("/messages/drafts/{draft_id}/confirm")
def confirm_draft(
    draft_id: MessageId, body: DraftToConfirm, actor: Confirmer, language: Lang
) -> MessageDetail:
    """Make an order of a draft as stated; 409 when it was decided otherwise meanwhile."""
    stated = StatedOrder(
        name=body.name,
        phone=body.phone,
        address=body.address,
        lines=tuple(StatedLine(sku=line.sku, quantity=line.quantity) for line in body.lines),
        remark=body.remark,
        tags=tuple(tag for tag in body.tags if tag),
    )
    return _shown(intake_message.confirm(draft_id, stated, actor=actor).id, language)


@router.post("/messages/drafts/{draft_id}/discard")
def discard_draft(
    draft_id: MessageId, session: Writing, actor: Confirmer, language: Lang
) -> MessageDetail:
    """Say that a draft is no order; a repeat changes nothing."""
    kept = messages.discard_draft(
        session, draft_id, by=actor.id, by_name=actor.name, now=clock.now()
    )
    _audit(session, actor, "messages.discard", draft_id)
    return detail_facts(session, kept, language)


@router.post("/messages/drafts/{draft_id}/restore")
def restore_draft(
    draft_id: MessageId, session: Writing, actor: Confirmer, language: Lang
) -> MessageDetail:
    """Take back that a draft is no order; a repeat changes nothing."""
    kept = messages.restore_draft(session, draft_id, now=clock.now())
    _audit(session, actor, "messages.restore", draft_id)
    return detail_facts(session, kept, language)


@router.post("/messages/{message_id}/seen")
def see_to_change(
    message_id: MessageId, session: Writing, actor: Confirmer, language: Lang
) -> MessageDetail:
    """Say that a wish to change was seen to; a repeat changes nothing."""
    kept = messages.put_aside(session, message_id, by=actor.id)
    _audit(session, actor, "messages.discard", message_id)
    return detail_facts(session, kept, language)


@router.post("/messages/{message_id}/unseen")
def wait_again(
    message_id: MessageId, session: Writing, actor: Confirmer, language: Lang
) -> MessageDetail:
    """Let a wish to change wait again; a repeat changes nothing."""
    kept = messages.put_aside(session, message_id, by="")
    _audit(session, actor, "messages.restore", message_id)
    return detail_facts(session, kept, language)


def _shown(message_id: str, language: Language) -> MessageDetail:
    with hub().database.read() as session:
        return detail_facts(session, messages.load_group_message(session, message_id), language)


def _audit(
    session: Session, actor: Actor, action: str, object_id: str, *, after: JsonValue = None
) -> None:
    users.record(
        session, actor=actor, action=action, object=object_id, after=after, now=clock.now()
    )
