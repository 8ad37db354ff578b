"""Tokens of the goods part put together into lines of a draft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from yinuo.channels.model.messages.goods import Style, Vocabulary
from yinuo.channels.model.messages.tokens import Token, TokenKind, pieces_of
from yinuo.channels.model.messages.types import DraftLine, Found, Missing, MissingKind, Span
from yinuo.channels.model.messages.variants import choose, shoe_sizes

MOST_UNITS_UNASKED = 200
_JOINING = re.compile(r"[和跟与加]")
_COUNTS_ITSELF = re.compile(r"[一两二三四五六][对只条双]装?$|组合$|套装$")
_GAP = " :x×*的/\t"


@dataclass(slots=True)
class Item:
    """Goods in the making: a product with what was said of it, in the order it was said."""

    product: Token | None = None
    sizes: list[Token] = field(default_factory=list)
    colours: list[Token] = field(default_factory=list)
    quantity: Token | None = None
    is_inherited: bool = False
    is_total: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was said yet."""
        return not (self.product or self.sizes or self.colours or self.quantity)

    def tokens(self) -> list[Token]:
        """Return what was said of it itself, in order."""
        own = [] if self.is_inherited else [self.product]
        found = [*own, *self.sizes, *self.colours, self.quantity]
        return sorted((token for token in found if token), key=lambda token: token.start)


class Assembler:
    """Puts the tokens of one order together; `default` is the product that a list's head states."""

    def __init__(self, text: str, vocabulary: Vocabulary, *, default: Item | None = None) -> None:
        self._text = text
        self._vocabulary = vocabulary
        self._default = default
        self.items: list[Item] = []
        self._item = Item()
        self._breaks: list[Token] = []
        self._is_each = False
        self.used: list[Token] = []

    def run(self, tokens: Sequence[Token]) -> list[Item]:
        """Return the items that the tokens make up; `used` are the tokens that say something."""
        for place, token in enumerate(tokens):
            self._take(token, _product_after(tokens, place, self._text))
        self._close()
        return _without_totals(self.items)

    def _take(self, token: Token, following: Token | None) -> None:
        if token.kind is not TokenKind.NUMBER and token.kind is not TokenKind.BREAK:
            self.used.append(token)
        if token.kind is TokenKind.BREAK:
            self._breaks.append(token)
        elif token.kind is TokenKind.EACH:
            self._is_each = True
        elif token.kind is TokenKind.PRODUCT:
            self._take_product(token)
        elif token.kind is TokenKind.QUANTITY:
            self._take_quantity(token, following)
        elif token.kind is TokenKind.NUMBER:
            self._take_number(token, following)
        else:
            self._take_variant(token, following)

    def _take_product(self, token: Token) -> None:
        item = self._item
        if item.product is not None and not item.is_inherited:
            same = item.product.styles & token.styles
            between = self._text[item.product.end : token.start]
            if _JOINING.search(between) or (item.product.said and token.said):
                same = frozenset()
            if same and item.quantity is None and not self._broken(item, token, hard=True):
                sure = max(item.product.sure, token.sure) if len(same) == 1 else 0.5
                item.product = item.product._replace(
                    styles=same, sure=sure, said=item.product.said or token.said
                )
                return
            self._close()
        elif item.is_inherited:
            self._item.is_inherited = False
        self._item.product = token
        self._breaks.clear()

    def _take_quantity(self, token: Token, following: Token | None) -> None:
        if self._is_each:
            self._is_each = False
            for item in [*self.items, self._item]:
                item.quantity = item.quantity or token
            return
        if self._is_ahead(following):
            self._close()
        elif self._item.quantity is not None:
            self._next()
        self._item.quantity = token

    def _take_number(self, token: Token, following: Token | None) -> None:
        style = self._style()
        if style is not None and f"{token.number}码" in shoe_sizes(style):
            size = token._replace(kind=TokenKind.SIZE, said=f"{token.number}码")
            self.used.append(token)
            self._take_variant(size, following)
        elif self._touches(token) and self._item.quantity is None and 0 < token.number < 1000:
            self.used.append(token)
            self._take_quantity(token, following)

    def _take_variant(self, token: Token, following: Token | None) -> None:
        own = self._item.sizes if token.kind is TokenKind.SIZE else self._item.colours
        is_repeated = bool(own) and own[-1].said != token.said
        if self._is_ahead(following):
            self._close()
            own = self._item.sizes if token.kind is TokenKind.SIZE else self._item.colours
        elif is_repeated or self._is_behind(token):
            self._next(keeps=token.kind)
            own = self._item.sizes if token.kind is TokenKind.SIZE else self._item.colours
        own.append(token)

    def _is_ahead(self, following: Token | None) -> bool:
        """Tell whether it belongs to the product after it: touching that, parted from this."""
        item = self._item
        if item.product is None or item.is_inherited or following is None:
            return False
        return item.quantity is not None or bool(self._breaks)

    def _is_behind(self, token: Token) -> bool:
        """Tell whether a new variant of the same goods begins: parted, and the last is complete."""
        item = self._item
        has_variant = bool(item.sizes or item.colours)
        return (
            item.quantity is not None
            and has_variant
            and bool(self._breaks)
            and item.product is not None
            and token.start > item.quantity.start
            and item.tokens()[0] is not item.quantity
        )

    def _touches(self, token: Token) -> bool:
        own = self._item.tokens()
        if not own and self._default is not None:
            return True
        return bool(own) and not self._text[own[-1].end : token.start].strip(_GAP)

    def _broken(self, item: Item, token: Token, *, hard: bool) -> bool:
        start = item.tokens()[-1].end if item.tokens() else 0
        return any(
            start <= found.start < token.start and (found.said == "hard" or not hard)
            for found in self._breaks
        )

    def _style(self) -> Style | None:
        product = self._item.product or (self._default.product if self._default else None)
        if product is None or len(product.styles) != 1:
            return None
        return self._vocabulary.styles[next(iter(product.styles))]

    def _next(self, *, keeps: TokenKind | None = None) -> None:
        """Begin another item of the same goods; what is not restated holds on."""
        last = self._item
        if last.is_empty:
            return
        self._close()
        if last.product is not None:
            self._item.product = last.product
            self._item.is_inherited = True
            if keeps is TokenKind.COLOUR:
                self._item.sizes = list(last.sizes)

    def _close(self) -> None:
        if not self._item.is_empty:
            self.items.append(self._item)
        self._item = Item()
        self._breaks.clear()


def _product_after(tokens: Sequence[Token], place: int, text: str) -> Token | None:
    """Return the next product when only quantities, sizes and colours of it stand between."""
    end = tokens[place].end
    for token in tokens[place + 1 :]:
        if token.kind is TokenKind.BREAK or text[end : token.start].strip(" 的"):
            return None
        if token.kind is TokenKind.PRODUCT:
            return token
        end = token.end
    return None


def _without_totals(items: list[Item]) -> list[Item]:
    """Return the items without one whose quantity the variants after it add up to."""
    kept: list[Item] = []
    place = 0
    while place < len(items):
        item = items[place]
        parts = []
        for other in items[place + 1 :]:
            if not other.is_inherited:
                break
            parts.append(other)
        total = sum(other.quantity.number for other in parts if other.quantity)
        if len(parts) > 1 and item.quantity and item.quantity.number == total and not item.colours:
            for other in parts:
                other.sizes = other.sizes or list(item.sizes)
            kept += parts
            place += 1 + len(parts)
        else:
            kept.append(item)
            place += 1
    return kept


def line_of(item: Item, text: str, vocabulary: Vocabulary, *, default: Item | None) -> DraftLine:
    """Return the draft line that an item says, with what it leaves open."""
    product = item.product or (default.product if default else None)
    stated_sizes = item.sizes or (default.sizes if default else [])
    stated_colours = item.colours or (default.colours if default else [])
    span = _span(item)
    if product is None:
        missing = [Missing(MissingKind.PRODUCT)]
        return DraftLine(
            goods=Found(text[span.start : span.end], span, 0.3),
            sku=None,
            quantity=_quantity(item.quantity, None, None),
            missing=tuple(missing),
        )
    styles = product.styles
    if len(styles) > 1:
        around = text[max(0, span.start - 12) : span.end + 12]
        styles = vocabulary.material(around, styles)
    chosen = choose(
        [vocabulary.styles[number] for number in sorted(styles)],
        said=[token.said for token in stated_sizes],
        colours=[token.said for token in stated_colours],
    )
    sku, missing = chosen.sku, list(chosen.missing)
    if product.said:
        style = vocabulary.styles[next(iter(product.styles))]
        sku, missing = next(one for one in style.skus if one.code == product.said), []
    name = product_name(product, vocabulary)
    unit = sku.unit if sku else vocabulary.styles[min(product.styles)].skus[0].unit
    quantity = _quantity(item.quantity, product, unit)
    if quantity is None and _COUNTS_ITSELF.search(name):
        quantity = Found(1, Span(product.start, product.end), 0.93)
    if quantity is None:
        missing.append(Missing(MissingKind.QUANTITY, name))
    parts = [product, *stated_sizes, *stated_colours]
    sure = min(token.sure for token in parts) if len(styles) == len(product.styles) else 0.93
    own = Span(product.start, product.end) if item.product else span
    return DraftLine(
        goods=Found(name, span, sure),
        sku=Found(
            sku.code,
            Span(min(own.start, span.start), max(own.end, span.end))
            if not item.is_inherited
            else span,
            sure,
        )
        if sku
        else None,
        quantity=quantity,
        missing=tuple(missing),
    )


def product_name(product: Token, vocabulary: Vocabulary) -> str:
    """Return the name of the goods, the shared ending when several are meant."""
    names = sorted(vocabulary.styles[number].name for number in product.styles)
    return names[0] if len(names) == 1 else _ending(names)


def _ending(names: Sequence[str]) -> str:
    shortest = min(names, key=len)
    sizes = range(len(shortest), 0, -1)
    shared = (shortest[-n:] for n in sizes if all(name.endswith(shortest[-n:]) for name in names))
    return next(shared, names[0])


def _span(item: Item) -> Span:
    own = item.tokens()
    return Span(own[0].start, max(token.end for token in own)) if own else Span(0, 0)


def _quantity(token: Token | None, product: Token | None, unit: str | None) -> Found[int] | None:
    """Return the units of the SKU that are meant: 一对 of single pieces are two."""
    if token is None:
        return None
    number = token.number
    sure = token.sure if token.kind is not TokenKind.NUMBER or number < 60 else 0.7
    if product is None:
        return Found(number, Span(token.start, token.end), sure)
    units = dict(product.units)
    if token.unit in units:
        number *= units[token.unit]
    elif product.factor != 1:
        number *= product.factor
    elif token.unit and token.unit != unit:
        number *= pieces_of(token.unit)
        if token.unit in {"箱", "包", "提", "罐", "桶"} or (
            token.unit == "套" and unit in {"片", "只"}
        ):
            sure = 0.6  # how many are in it nobody taught
        if unit in {"套", "双"} and token.unit in {"对", "双"}:
            sure = 0.6
    if number > MOST_UNITS_UNASKED:
        sure = min(sure, 0.8)
    return Found(number, Span(token.start, token.end), sure)


def replaced(line: DraftLine, *, quantity: Found[int]) -> DraftLine:
    """Return the line with a quantity given for it."""
    missing = tuple(one for one in line.missing if one.kind is not MissingKind.QUANTITY)
    return replace(line, quantity=quantity, missing=missing)
