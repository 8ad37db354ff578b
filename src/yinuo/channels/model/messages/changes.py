"""Wishes to change what was said before: cancel, another quantity, more, another address."""

from __future__ import annotations

import re

from yinuo.addresses.model.persons import name_score
from yinuo.channels.model.messages.contacts import Number
from yinuo.channels.model.messages.lists import Drafting, has_colour
from yinuo.channels.model.messages.tokens import TokenKind, quantities
from yinuo.channels.model.messages.types import Change, ChangeKind, Draft, Found, Span
from yinuo.channels.model.messages.words import CHANGE

_CANCEL = re.compile(r"取消|不要了|不想要了?|退了|不买了|撤单|撤了")
_MORE = re.compile(r"再加|加多|多加")
_NEW_VALUE = re.compile(r"(?:改成|改为|改到|换成|(?<!不)是)\s*")
_WHOSE = re.compile(r"(?P<name>[一-鿿]{2,4}?)(?=的单|的订单|那个|那单|的那)")


def change_of(reader: Drafting, raw: str, body: str, numbers: list[Number]) -> Change | None:
    """Return the change a folded text asks for; None when it is an order of its own, or talk."""
    if not CHANGE.search(body):
        return None
    draft = reader.draft(raw, body, Span(0, len(body)))
    is_order = draft.phone is not None and draft.address is not None and bool(draft.lines)
    kind = None if is_order else _kind(reader, body, draft, numbers)
    if kind is None:
        return None
    whose = _WHOSE.search(body)
    name = None
    if whose and name_score(whose["name"]) >= 2.3:
        name = Found(raw[whose.start() : whose.end()], Span(*whose.span()), 0.9)
    return Change(
        kind=kind,
        name=name,
        phone=draft.phone,
        address=draft.address,
        lines=draft.lines,
        quantity=_quantity(body) if kind is ChangeKind.QUANTITY else None,
    )


def _kind(reader: Drafting, body: str, draft: Draft, numbers: list[Number]) -> ChangeKind | None:
    if _CANCEL.search(body):
        return ChangeKind.CANCEL
    if draft.address is not None:
        return ChangeKind.ADDRESS
    if numbers:
        return ChangeKind.PHONE
    if _MORE.search(body):
        return ChangeKind.ADD
    if _quantity(body) is not None:
        return ChangeKind.QUANTITY
    is_sized = any(token.kind is TokenKind.SIZE for token in reader.strong(body, numbers))
    return ChangeKind.VARIANT if is_sized or has_colour(body) else None


def _quantity(body: str) -> Found[int] | None:
    """Return the new quantity: the one behind the word of change, else the last one."""
    tokens = sorted(quantities(body), key=lambda token: token.start)
    if not tokens:
        return None
    places = {match.end() for match in _NEW_VALUE.finditer(body)}
    new = next((token for token in tokens if token.start in places), tokens[-1])
    return Found(new.number, Span(new.start, new.end), 0.9)
