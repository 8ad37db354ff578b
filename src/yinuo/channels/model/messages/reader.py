"""The reader: a group message in, drafts, changes or a list out, each piece with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from yinuo.addresses.model import Resolver
from yinuo.addresses.model.labels import blank, find_labels
from yinuo.addresses.model.table import table
from yinuo.catalog.model import Sku
from yinuo.channels.model.messages.changes import change_of
from yinuo.channels.model.messages.contacts import Contact, Number, contact_of, numbers_in
from yinuo.channels.model.messages.goods import Vocabulary
from yinuo.channels.model.messages.groups import EACH, MARK, distinct, is_shared, orders_in
from yinuo.channels.model.messages.lines import Assembler, Item, line_of, replaced
from yinuo.channels.model.messages.lists import entries_of, is_list
from yinuo.channels.model.messages.remains import remarks_of, tags_of
from yinuo.channels.model.messages.tokens import (
    PRICE,
    Token,
    TokenKind,
    loose,
    quantities,
    sizes,
    without_overlaps,
)
from yinuo.channels.model.messages.types import (
    AliasTarget,
    Draft,
    DraftLine,
    Found,
    MessageKind,
    MessageList,
    Missing,
    MissingKind,
    ReadMessage,
    Span,
)
from yinuo.channels.model.messages.variants import words_of
from yinuo.channels.model.messages.words import (
    CONDITION,
    KEYWORDS,
    MENTION,
    NOTICE,
    ORDERING,
    QUESTION,
    QUOTED,
)

LONGEST = 4000
_LETTER = re.compile(r"(?<![a-z])[a-h](?![a-z])")
_LOWER = {code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)}
_LABELS = re.compile(r"(?:产品|商品|货品|数量|款式|规格|尺寸|颜色|(?:客户)?订单)(?=\s*:|\s|$)\s*:?")


class Reader:
    """Reads messages of a group against a catalog, its aliases and its keywords.

    Safe to share between threads; keeps nothing of what it reads.
    """

    def __init__(
        self,
        skus: Sequence[Sku],
        *,
        bundles: Collection[str] = (),
        aliases: Mapping[str, AliasTarget] | None = None,
        keywords: Mapping[str, str] | None = None,
        resolver: Resolver | None = None,
    ) -> None:
        self.vocabulary = Vocabulary(skus, bundles=bundles, aliases=aliases or {})
        self._keywords = {**KEYWORDS, **(keywords or {})}
        self._resolver = resolver or Resolver()
        self._words = sorted(words_of(self.vocabulary.styles), key=len, reverse=True)

    def read(self, text: str) -> ReadMessage:
        """Return what a message says; never raises. Spans point into the text as it is."""
        raw = text[:LONGEST]
        folded = table().folding.fold(raw).translate(_LOWER)
        hidden = [match.span() for match in QUOTED.finditer(folded)]
        hidden += [match.span() for match in MENTION.finditer(folded)]
        body = blank(folded, hidden)
        if is_list(body):
            return ReadMessage(kind=MessageKind.LIST, list=self._list(raw, body))
        numbers = numbers_in(body)
        change = change_of(self, raw, body, numbers)
        if change is not None:
            return ReadMessage(kind=MessageKind.CHANGE, change=change)
        drafts = self._drafts(raw, body, numbers)
        if not drafts or self._is_talk(body, drafts):
            return ReadMessage(kind=MessageKind.TALK)
        return ReadMessage(kind=MessageKind.ORDER, drafts=tuple(drafts))

    def _drafts(self, raw: str, body: str, numbers: list[Number]) -> list[Draft]:
        goods = [Span(token.start, token.end) for token in self.strong(body, numbers)]
        spans = orders_in(raw, body, numbers, goods)
        if len(spans) == 1:
            return [self.draft(raw, body, spans[0])]
        shared: tuple[DraftLine, ...] = ()
        if spans[0].start and is_shared(body):
            spans, shared = self._shared(raw, body, spans)
        drafts = [self.draft(raw, body, span) for span in spans]
        stated = [draft.lines for draft in drafts if draft.lines]
        if not shared and is_shared(body) and len(stated) == 1:
            shared = stated[0]
        if shared:
            drafts = [
                self.judged(draft, lines=shared) if not draft.lines else draft for draft in drafts
            ]
        return drafts

    def _shared(
        self, raw: str, body: str, spans: list[Span]
    ) -> tuple[list[Span], tuple[DraftLine, ...]]:
        """Return the receivers alone, and the goods that stand before them for each."""
        head = Span(0, spans[0].start)
        lines = self.draft(raw, body, head).lines
        last = spans[-1]
        line = body.rfind("\n", last.start, len(body.rstrip())) + 1
        if line > last.start and is_shared(body[line:]) and not numbers_in(body[line:]):
            for token in self.strong(body[line:], []):
                if token.kind is TokenKind.QUANTITY:
                    found = Span(line + token.start, line + token.end)
                    each = Found(token.number, found, token.sure)
                    lines = tuple(replaced(one, quantity=each) for one in lines)
            spans = [*spans[:-1], Span(last.start, line)]
        elif not EACH.search(body[: head.end]):
            # Whether the quantity is for each or for all together is for a person to say.
            lines = tuple(
                replaced(one, quantity=Found(one.quantity.value, one.quantity.span, 0.6))
                if one.quantity
                else one
                for one in lines
            )
        return spans, lines

    def _list(self, raw: str, body: str) -> MessageList:
        return entries_of(self, raw, body)

    @staticmethod
    def _is_talk(body: str, drafts: list[Draft]) -> bool:
        """Tell whether nobody orders here: no goods, a question, an announcement to all."""
        if any(draft.phone and draft.address for draft in drafts):
            return False
        lines = [line for draft in drafts for line in draft.lines]
        if not any(line.sku or line.missing for line in lines):
            return True
        if any(draft.phone or draft.address for draft in drafts):
            return bool(QUESTION.search(body)) and not any(line.quantity for line in lines)
        if QUESTION.search(body) or NOTICE.search(body):
            return True
        is_named = any(line.goods.confidence > 0.4 for line in lines)
        is_counted = any(line.quantity for line in lines)
        return not (is_named and (is_counted or ORDERING.search(body)))

    def strong(self, body: str, numbers: list[Number]) -> list[Token]:
        """Return the goods, sizes and quantities that show themselves anywhere in a text."""
        taken: list[tuple[int, int]] = [number.span for number in numbers]
        taken += [match.span() for match in PRICE.finditer(blank(body, taken))]
        text = blank(body, taken)
        products = self.vocabulary.find(text)
        text = blank(text, [(token.start, token.end) for token in products])
        sized = without_overlaps([*self._size_words(text), *sizes(text)])
        text = blank(text, [(token.start, token.end) for token in sized])
        return without_overlaps([*products, *sized, *quantities(text)])

    def _size_words(self, text: str) -> list[Token]:
        found = []
        for word in self._words:
            place = text.find(word)
            while place >= 0:
                found.append(Token(TokenKind.SIZE, place, place + len(word), said=word))
                place = text.find(word, place + 1)
        return found

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
        """Return what one order of a message says; the rest of the message counts as absent."""
        text = " " * span.start + body[span.start : span.end]
        if name is not None:
            text = blank(text, [name.span])
        numbers = numbers_in(text)
        strong = without_overlaps([*_letters(text, options or {}), *self.strong(text, numbers)])
        priced = [match.span() for match in PRICE.finditer(text)]
        gone = [
            *(number.span for number in numbers),
            *((t.start, t.end) for t in strong),
            *priced,
        ]
        contact = self._contact(raw, _walled(text, gone), numbers, name)
        held: list[tuple[int, int]] = list(contact.spans)
        used = held + priced
        rest = _without_labels(blank(text, used))
        tags = tags_of(raw, blank(rest, [(t.start, t.end) for t in strong]), self._keywords)
        loose_text = blank(rest, [(token.start, token.end) for token in strong])
        outside = [t for t in strong if not any(s < t.end and t.start < e for s, e in used)]
        tokens = without_overlaps([*outside, *loose(loose_text)])
        assembler = Assembler(rest, self.vocabulary, default=default)
        items = assembler.run(tokens)
        kept = [item for item in items if item.product or item.quantity or default]
        lines = [line_of(item, rest, self.vocabulary, default=default) for item in kept]
        lines = [_named(line, raw) for line in lines]
        said: list[tuple[int, int]] = [(token.start, token.end) for token in assembler.used]
        said += [line.goods.span for line in lines if line.sku is None]
        marked = [match.span() for match in MARK.finditer(text)]
        left = _walled(_without_labels(text), [*held, *said, *marked])
        remarks, unexplained = remarks_of(raw, left, self._keywords)
        found = Draft(
            span=_trimmed(body, span),
            name=contact.name,
            phone=contact.phone,
            address=contact.address,
            lines=tuple(lines),
            tags=tags,
            remarks=remarks,
            confidence=0.8 if unexplained > 1 or CONDITION.search(rest) else 0.99,
        )
        return self.judged(found, lines=found.lines)

    def _contact(
        self, raw: str, plain: str, numbers: list[Number], name: Found[str] | None
    ) -> Contact:
        contact = contact_of(raw, plain, distinct(numbers), resolver=self._resolver, name=name)
        repeated = tuple(number.span for number in numbers)
        return contact._replace(spans=(*contact.spans, *repeated))

    @staticmethod
    def judged(draft: Draft, *, lines: tuple[DraftLine, ...]) -> Draft:
        """Return a draft with these lines, what is missing in it and how sure it is as a whole."""
        missing: list[Missing] = []
        if draft.name is None:
            missing.append(Missing(MissingKind.NAME))
        if draft.phone is None:
            missing.append(Missing(MissingKind.PHONE))
        if draft.address is None or not draft.address.value.is_enough:
            missing.append(Missing(MissingKind.ADDRESS))
        if not lines:
            missing.append(Missing(MissingKind.PRODUCT))
        missing += [one for line in lines for one in line.missing]
        found: list[Found[str] | Found[int] | None] = [draft.name, draft.phone]
        found += [part for line in lines for part in (line.sku, line.quantity)]
        sure = [part.confidence for part in found if part is not None]
        if draft.address is not None:
            sure.append(draft.address.confidence)
        return Draft(
            span=draft.span,
            name=draft.name,
            phone=draft.phone,
            address=draft.address,
            lines=lines,
            tags=draft.tags,
            remarks=draft.remarks,
            missing=tuple(missing),
            confidence=round(min([*sure, draft.confidence]), 3),
        )


def _letters(text: str, options: Mapping[str, tuple[Token, ...]]) -> list[Token]:
    """Return the goods that a list's letters stand for (A1, B款2)."""
    return [
        token._replace(start=match.end() if place else match.start(), end=match.end())
        for match in _LETTER.finditer(text)
        for place, token in enumerate(options.get(match[0], ()))
    ]


def _walled(text: str, gone: list[tuple[int, int]]) -> str:
    """Return the text with some spans as line ends, which no name and no address crosses."""
    pieces, last = [], 0
    for start, end in sorted(gone):
        if end > last:
            start = max(start, last)  # noqa: PLW2901 - spans may overlap
            pieces += [text[last:start], "\n" * (end - start)]
            last = end
    return "".join([*pieces, text[last:]])


def _without_labels(text: str) -> str:
    """Return the text without words that announce a field."""
    spans = [match.span() for match in _LABELS.finditer(text)]
    return blank(text, [*spans, *find_labels(text)])


def _named(line: DraftLine, raw: str) -> DraftLine:
    """Return an unknown line with the word before its quantity as its goods."""
    if line.sku is not None or line.goods.confidence > 0.3:
        return line
    start = line.goods.span.start
    while start > 0 and raw[start - 1].isalpha() and line.goods.span.start - start < 8:
        start -= 1
    span = Span(start, line.goods.span.end)
    return DraftLine(
        goods=Found(raw[span.start : span.end], span, 0.3),
        sku=None,
        quantity=line.quantity,
        missing=tuple(
            Missing(one.kind, raw[start : line.goods.span.start]) for one in line.missing
        ),
    )


def _trimmed(body: str, span: Span) -> Span:
    text = body[span.start : span.end]
    lead, tail = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    return Span(span.start + lead, max(span.start + lead, span.end - tail))
