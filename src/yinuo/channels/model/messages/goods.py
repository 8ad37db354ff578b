"""The goods a text names: by code, by full or shortened name, or by an alias of the group."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick

from yinuo.catalog.model import Sku
from yinuo.channels.model.messages.tokens import Token, TokenKind
from yinuo.channels.model.messages.types import AliasTarget

_SHORTEST_PART = 3
_LONGEST_CODE = 64
# 乳胶枕 is also said 乳胶枕头, 蚕丝被 also 蚕丝被子.
_TAILS = {"枕": ("头", "芯"), "被": ("子", "芯"), "箱": ("子",), "灯": ("具",)}
_PAIRED = re.compile(r"[一两]对$")
_COUNTED = re.compile(r"[一二两三四五六七八九十\d]")
# Behind the name of a box these make it a word about wrapping.
_WRAPPING = re.compile(r"\s?(?:袋|包装|装(?![一二两三\d])|子也)")


@dataclass(frozen=True, slots=True)
class Style:
    """Goods that differ in size and colour only; `name` is what they share."""

    name: str
    skus: tuple[Sku, ...]
    is_bundle: bool


@dataclass(frozen=True, slots=True)
class _Word:
    styles: frozenset[int]
    sure: float
    is_whole: bool = False
    target: AliasTarget = field(default_factory=lambda: AliasTarget(sku=""))


def styles_of(skus: Iterable[Sku], bundles: Collection[str]) -> tuple[Style, ...]:
    """Return the goods that are sold, those of one family and name together; no gifts."""
    grouped: dict[tuple[str, str], list[Sku]] = {}
    for sku in skus:
        if sku.is_active and not sku.is_gift:
            shared = sku.name.removesuffix(sku.variant).strip() if sku.variant else sku.name
            grouped.setdefault((sku.family or sku.code, shared), []).append(sku)
    return tuple(
        Style(name, tuple(found), any(sku.code in bundles for sku in found))
        for (_, name), found in grouped.items()
    )


class Vocabulary:
    """Finds goods in folded, lower-case texts. Safe to share between threads."""

    def __init__(
        self, skus: Sequence[Sku], *, bundles: Collection[str], aliases: Mapping[str, AliasTarget]
    ) -> None:
        self.styles = styles_of(skus, bundles)
        self._codes = self._coded()
        words = self._named()
        words.update(self._taught(aliases))
        self._texts = list(words)
        self._words = [words[text] for text in self._texts]
        self._scan = AhoCorasick(self._texts) if self._texts else None

    def _coded(self) -> dict[str, tuple[int, str]]:
        """Return style and SKU by code without its separators; a family's code names no SKU."""
        codes: dict[str, tuple[int, str]] = {}
        for number, style in enumerate(self.styles):
            for sku in style.skus:
                if sku.family and len(style.skus) > 1:
                    codes.setdefault(_squeezed(sku.family), (number, ""))
        for number, style in enumerate(self.styles):
            codes.update({_squeezed(sku.code): (number, sku.code) for sku in style.skus})
        return codes

    def _named(self) -> dict[str, _Word]:
        found: dict[str, set[int]] = {}
        whole: set[str] = set()
        for number, style in enumerate(self.styles):
            name = _plain(style.name)
            whole.add(name)
            found.setdefault(name, set()).add(number)
            if not style.is_bundle:
                for part in _parts(name, _plain(style.skus[0].category)):
                    found.setdefault(part, set()).add(number)
        return {
            text: _Word(frozenset(numbers), _sureness(text, whole, numbers), text in whole)
            for text, numbers in found.items()
        }

    def _taught(self, aliases: Mapping[str, AliasTarget]) -> Iterator[tuple[str, _Word]]:
        for text, target in aliases.items():
            known = self._codes.get(_squeezed(target.sku))
            if known is not None:
                yield _plain(text), _Word(frozenset({known[0]}), 0.98, is_whole=True, target=target)

    def find(self, text: str) -> list[Token]:
        """Return the goods that a folded, lower-case text names, in their order."""
        coded = list(self._by_code(text))
        taken = [(token.start, token.end) for token in coded]
        named = [token for token in self._by_name(text) if _is_free(token, taken)]
        return sorted([*coded, *named], key=lambda token: token.start)

    def _by_code(self, text: str) -> Iterator[Token]:
        place = 0
        for match in re.finditer(r"(?<![a-z0-9])[a-z](?=[a-z0-9\-_ ./+#])", text):
            if match.start() < place:
                continue
            end, code = self._longest(text, match.start())
            if code:
                number, sku = self._codes[code]
                place = end
                yield Token(
                    TokenKind.PRODUCT, match.start(), end, said=sku, styles=frozenset({number})
                )

    def _longest(self, text: str, start: int) -> tuple[int, str]:
        best, squeezed = (start, ""), ""
        for place in range(start, min(len(text), start + _LONGEST_CODE)):
            character = text[place]
            if character.isascii() and character.isalnum():
                squeezed += character
                following = text[place + 1 : place + 2]
                ends = not (following.isascii() and following.isalnum())
                if ends and squeezed in self._codes:
                    best = (place + 1, squeezed)
            elif character not in "-_ ./+#":
                break
        return best

    def _by_name(self, text: str) -> Iterator[Token]:
        if self._scan is None:
            return
        hits = [
            (start, end, self._words[number])
            for number, start, end in self._scan.find_matches_as_indexes(text, overlapping=True)
            if not (text[start:end].endswith("礼盒") and _WRAPPING.match(text, end))
        ]
        hits.sort(key=lambda hit: (hit[0] - hit[1], not hit[2].is_whole, hit[0]))
        chosen: list[tuple[int, int, _Word]] = []
        for hit in hits:
            if all(hit[1] <= other[0] or other[1] <= hit[0] for other in chosen):
                chosen.append(hit)
        chosen.sort(key=lambda hit: hit[0])
        for first, short_end, word in _joined(chosen, text):
            end = short_end + (
                text[short_end : short_end + 1] in _TAILS.get(text[short_end - 1], ())
            )
            start, styles = first, word.styles
            if len(styles) > 1:
                start, styles = self._narrowed(text, start, styles)
            yield Token(
                TokenKind.PRODUCT,
                start,
                end,
                said=word.target.sku if word.target.sku in self._skus_of(word) else "",
                styles=styles,
                factor=word.target.factor,
                units=tuple(word.target.units.items()),
                sure=word.sure if len(styles) == len(word.styles) else 0.95,
            )

    def _narrowed(
        self, text: str, start: int, styles: frozenset[int]
    ) -> tuple[int, frozenset[int]]:
        """Return the goods whose name begins as the text does right before their last word."""
        before = text[max(0, start - 8) : start].rstrip(" 的")
        for size in range(min(6, len(before)), 1, -1):
            word = before[-size:]
            fitting = {n for n in styles if _plain(self.styles[n].name).startswith(word)}
            if fitting:
                return text.rindex(word, 0, start), frozenset(fitting)
        return start, styles

    def _skus_of(self, word: _Word) -> set[str]:
        return {sku.code for number in word.styles for sku in self.styles[number].skus}

    def material(self, text: str, styles: frozenset[int]) -> frozenset[int]:
        """Return those of the styles whose name begins as some word of the text; all if none."""
        fitting = {
            number
            for number in styles
            for size in range(2, len(self.styles[number].name))
            if _plain(self.styles[number].name[:size]) in text
        }
        return frozenset(fitting) or styles


def _joined(chosen: list[tuple[int, int, _Word]], text: str) -> Iterator[tuple[int, int, _Word]]:
    """Return the hits, two that touch and mean the same goods as one."""
    waiting: tuple[int, int, _Word] | None = None
    for hit in chosen:
        if waiting is not None:
            between = text[waiting[1] : hit[0]]
            shared = waiting[2].styles & hit[2].styles
            if shared and len(between) <= 1 and between.strip(" 的") == "":
                sure = max(waiting[2].sure, hit[2].sure) if len(shared) == 1 else 0.5
                waiting = (waiting[0], hit[1], _Word(shared, sure, target=hit[2].target))
                continue
            yield waiting
        waiting = hit
    if waiting is not None:
        yield waiting


def _plain(text: str) -> str:
    return text.lower().strip()


def _squeezed(code: str) -> str:
    return "".join(c for c in code.lower() if c.isascii() and c.isalnum())


def _parts(name: str, category: str) -> Iterator[str]:
    """Return the shorter forms that people use of a name: its pieces, and its last word."""
    size = len(name)
    for start in range(size):
        for end in range(start + _SHORTEST_PART, size + 1):
            part = name[start:end]
            if end - start < size and (not _COUNTED.search(part) or part == category):
                yield part
    if size > 2 and not _COUNTED.search(name[-2:]):
        yield name[-2:]
    if category and name.endswith(category):
        yield category


def _sureness(text: str, whole: Collection[str], numbers: Collection[int]) -> float:
    if len(numbers) > 1:
        return 0.5
    if _PAIRED.search(text):
        return 0.8  # the pair that is sold as one, or two single ones
    return 0.99 if text in whole else 0.97 if len(text) >= _SHORTEST_PART else 0.95


def _is_free(token: Token, taken: Sequence[tuple[int, int]]) -> bool:
    return all(token.end <= start or end <= token.start for start, end in taken)
