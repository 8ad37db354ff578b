"""Lists that a group re-posts and edits (接龙): their entries, and what a new one changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from yinuo.addresses.model.labels import blank
from yinuo.channels.model.messages.contacts import Number, numbers_in
from yinuo.channels.model.messages.lines import Item
from yinuo.channels.model.messages.tokens import Token, TokenKind, loose, quantities
from yinuo.channels.model.messages.types import (
    Draft,
    DraftLine,
    Found,
    ListDifference,
    ListEntry,
    MessageList,
    MissingKind,
    Span,
)
from yinuo.channels.model.messages.words import WITHDRAWN

_ENTRY = re.compile(r"^[ ]*(\d{1,3})[ ⃣]*[.、)::]?[ ]*(?=\S)(?P<said>[^\n]+)$", re.MULTILINE)
_OPTION = re.compile(r"^[ ]*(?P<letter>[a-h])[ ]?[.、)::款 ]", re.MULTILINE)
_MARKED = re.compile(r"接龙")
_NAME_STOPS = re.compile(r"[\s,、:;+x×*(]")
_DOOR = re.compile(r"[a-z]?\d[\d\-#栋幢室号]*[ ]+(?=[一-鿿]{1,4}[ ]+\S)")
_ONE_SURE = 0.92


class Drafting(Protocol):
    """What of the reader the lists and changes use."""

    def strong(self, body: str, numbers: list[Number]) -> list[Token]:
        """Return goods, sizes and quantities of a text."""
        ...

    def draft(
        self,
        raw: str,
        body: str,
        span: Span,
        *,
        default: Item | None = None,
        options: Mapping[str, tuple[Token, ...]] | None = None,
        name: Found[str] | None = None,
    ) -> Draft:
        """Return what one order of a text says."""
        ...

    def judged(self, draft: Draft, *, lines: tuple[DraftLine, ...]) -> Draft:
        """Return a draft with other lines."""
        ...


def is_list(body: str) -> bool:
    """Tell whether a folded text is a list: the word in it, and a numbered entry."""
    return bool(_MARKED.search(body)) and bool(_ENTRY.search(body))


def entries_of(reader: Drafting, raw: str, body: str) -> MessageList:
    """Return the list that a folded text posts."""
    matches = list(_ENTRY.finditer(body))
    head = Span(0, matches[0].start())
    head_text = body[: head.end]
    default, options = _offer(reader, head_text)
    seen: dict[str, int] = {}
    entries: list[ListEntry] = []
    for match in matches:
        entry = _entry(reader, raw, body, match, default=default, options=options)
        position = seen.get(entry.name, 0)
        seen[entry.name] = position + 1
        entries.append(replace(entry, position=position))
    return MessageList(head=raw[: head.end].strip(), entries=tuple(entries))


def _offer(reader: Drafting, head: str) -> tuple[Item | None, dict[str, tuple[Token, ...]]]:
    """Return the product that a list's head states, or the products behind its letters."""
    tokens = reader.strong(head, numbers_in(head))
    products = [token for token in tokens if token.kind is TokenKind.PRODUCT]
    options: dict[str, tuple[Token, ...]] = {}
    bare = blank(head, [(token.start, token.end) for token in tokens])
    for match in _OPTION.finditer(head):
        line = head.find("\n", match.end())
        end = line if line > 0 else len(head)
        within = [token for token in tokens if match.end() <= token.start < end]
        within += [
            token
            for token in loose(bare[:end])
            if token.kind is TokenKind.COLOUR and token.start >= match.end()
        ]
        if any(token.kind is TokenKind.PRODUCT for token in within):
            options[match["letter"]] = tuple(
                token for token in within if token.kind is not TokenKind.QUANTITY
            )
    if options:
        return None, options
    sized = [token for token in tokens if token.kind is TokenKind.SIZE]
    if len({token.styles for token in products}) == 1:
        return Item(product=products[0], sizes=sized), {}
    return None, {}


def _entry(
    reader: Drafting,
    raw: str,
    body: str,
    match: re.Match[str],
    *,
    default: Item | None,
    options: Mapping[str, tuple[Token, ...]],
) -> ListEntry:
    span = Span(match.start("said"), match.end("said"))
    name = _name(reader, raw, body, span)
    draft = reader.draft(raw, body, span, default=default, options=options, name=name)
    if not draft.lines and default is not None:
        lines = reader.draft(raw, body, Span(span.start, span.start), default=default).lines
        draft = reader.judged(draft, lines=lines)
    return ListEntry(
        number=int(match[1]),
        name=name.value if name else "",
        position=0,
        draft=reader.judged(draft, lines=tuple(_at_least_one(line, span) for line in draft.lines)),
        is_withdrawn=bool(WITHDRAWN.search(match["said"])),
    )


def _at_least_one(line: DraftLine, span: Span) -> DraftLine:
    """Return the line of an entry; who states no quantity wants one."""
    if line.quantity is not None:
        return line
    missing = tuple(one for one in line.missing if one.kind is not MissingKind.QUANTITY)
    return replace(line, quantity=Found(1, span, _ONE_SURE), missing=missing)


def _name(reader: Drafting, raw: str, body: str, span: Span) -> Found[str] | None:
    """Return the name an entry begins with, up to a gap or the first goods."""
    said = body[span.start : span.end]
    door = _DOOR.match(said)
    stop = _NAME_STOPS.search(said, door.end() if door else 0)
    end = stop.start() if stop else len(said)
    numbers = numbers_in(said)
    places = [token.start for token in reader.strong(said, numbers)]
    places += [token.start for token in quantities(said)]
    places += [number.span.start for number in numbers]
    places += [found.start() for found in re.finditer(r"(?<=[^\d\s])\d{1,2}$", said)]
    for place in sorted(places):
        if 0 < place < end:
            end = place
            break
    if end == 0:
        return None
    return Found(raw[span.start : span.start + end], Span(span.start, span.start + end), 0.97)


def difference(before: MessageList | None, after: MessageList) -> ListDifference:
    """Return what a list did since the one before it; without one, all its entries are new."""
    old = {
        entry.key: entry for entry in (before.entries if before else ()) if not entry.is_withdrawn
    }
    new = {entry.key: entry for entry in after.entries if not entry.is_withdrawn}
    return ListDifference(
        added=tuple(entry for key, entry in new.items() if key not in old),
        changed=tuple(
            entry for key, entry in new.items() if key in old and _facts(old[key]) != _facts(entry)
        ),
        withdrawn=tuple(entry for key, entry in old.items() if key not in new),
    )


def _facts(entry: ListEntry) -> tuple[object, ...]:
    draft = entry.draft
    return (
        entry.said,
        draft.phone.value if draft.phone else "",
        draft.address.value.text if draft.address else "",
        tuple(sorted(remark.value for remark in draft.remarks)),
        tuple(sorted(tag.value for tag in draft.tags)),
    )


def has_colour(text: str) -> bool:
    """Tell whether a text names a colour."""
    return any(token.kind is TokenKind.COLOUR for token in loose(text))
