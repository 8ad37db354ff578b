"""Which SKU of a style the stated sizes and colours settle, and what they leave open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from yinuo.catalog.model import Sku
from yinuo.channels.model.messages.goods import Style
from yinuo.channels.model.messages.types import Missing, MissingKind
from yinuo.channels.model.messages.words import COLOUR_SYNONYMS

_BED = re.compile(r"(\d\.\d)m床")
_AREA = re.compile(r"(\d+(?:\.\d+)?)×(\d+(?:\.\d+)?)(cm|m)")
_IS_SIZE = re.compile(r"\d|码$|号$|枕$")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the stated sizes and colours came to: one SKU, or what to ask for."""

    sku: Sku | None
    missing: tuple[Missing, ...] = ()


def choose(styles: Sequence[Style], *, said: Sequence[str], colours: Sequence[str]) -> Choice:
    """Return the SKU that sizes and colours settle; of several styles none is settled.

    A size or colour that is not on offer is asked for again; one that nothing varies in is let be.
    """
    fitting = [style for style in styles if _fits(style, said, colours)] or list(styles)
    if len(fitting) > 1:
        plain = [style for style in fitting if not style.is_bundle] or fitting
        if len(plain) > 1:
            names = tuple(style.name for style in plain)
            return Choice(None, (Missing(MissingKind.PRODUCT, _shared(names), names),))
        fitting = plain
    return _within(fitting[0], said, colours)


def words_of(styles: Sequence[Style]) -> frozenset[str]:
    """Return the size words of the styles that are neither figures nor letters: 高枕, 大号."""
    return frozenset(
        part
        for style in styles
        for sku in style.skus
        for part in sku.variant.lower().split()
        if _IS_SIZE.search(part) and not any(c.isascii() and c.isalnum() for c in part)
    )


def shoe_sizes(style: Style) -> frozenset[str]:
    """Return the sizes that are a bare number and 码, as the catalog writes them."""
    return frozenset(
        part for sku in style.skus for part in sku.variant.split() if re.fullmatch(r"\d\d码", part)
    )


def _fits(style: Style, said: Sequence[str], colours: Sequence[str]) -> bool:
    kept = _kept(style.skus, said, colours)
    return bool(kept[0]) and not kept[1]


def _kept(
    skus: Sequence[Sku], said: Sequence[str], colours: Sequence[str]
) -> tuple[list[Sku], list[MissingKind]]:
    """Return the SKUs with what is stated, and the kinds whose statement nothing offers."""
    left, lacking = list(skus), []
    for size in said:
        narrowed = [sku for sku in left if _has_size(sku.variant, size)]
        if not narrowed and _varies(left, MissingKind.SIZE):
            lacking.append(MissingKind.SIZE)
        left = narrowed or left
    for colour in colours:
        narrowed = [sku for sku in left if _has_colour(sku.variant, colour)]
        if not narrowed:
            lacking.append(MissingKind.COLOUR)
        left = narrowed or left
    return left, lacking


def _within(style: Style, said: Sequence[str], colours: Sequence[str]) -> Choice:
    left, lacking = _kept(style.skus, said, colours)
    if not lacking and len(left) > 1 and not colours:
        plain = [sku for sku in left if not _part(sku.variant, MissingKind.COLOUR)]
        left = plain if len(plain) == 1 else left
    asked = [
        kind
        for kind in (MissingKind.SIZE, MissingKind.COLOUR)
        if kind in lacking or _varies(left, kind)
    ]
    if not asked and len(left) == 1:
        return Choice(left[0])
    pool = style.skus if lacking else left
    return Choice(
        None,
        tuple(Missing(kind, style.name, _options(pool, kind)) for kind in asked)
        or (Missing(MissingKind.PRODUCT, style.name),),
    )


def _varies(skus: Sequence[Sku], kind: MissingKind) -> bool:
    return len({_part(sku.variant, kind) for sku in skus}) > 1


def _options(skus: Sequence[Sku], kind: MissingKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for sku in skus if (part := _part(sku.variant, kind))))


@lru_cache(maxsize=20_000)
def _part(variant: str, kind: MissingKind) -> str:
    """Return a variant's size or its colour."""
    is_size = kind is MissingKind.SIZE
    parts = [part for part in variant.split() if bool(_IS_SIZE.search(part)) is is_size]
    return " ".join(parts)


@lru_cache(maxsize=50_000)
def _has_size(variant: str, said: str) -> bool:
    return any(said in _forms(part) for part in variant.split())


@lru_cache(maxsize=20_000)
def _forms(part: str) -> frozenset[str]:
    """Return the ways in which a size of the catalog may be said."""
    bed = _BED.fullmatch(part)
    if bed:
        width = round(float(bed[1]) * 100)
        return frozenset({str(width), f"{width}x200", f"{width}x220"})
    area = _AREA.fullmatch(part)
    if area:
        times = 100 if area[3] == "m" else 1
        a, b = (round(float(text) * times) for text in (area[1], area[2]))
        return frozenset({f"{a}x{b}", f"{b}x{a}", str(a)})
    return frozenset({part, part.upper()})


@lru_cache(maxsize=50_000)
def _has_colour(variant: str, said: str) -> bool:
    meant = COLOUR_SYNONYMS.get(said, said)
    return meant in _part(variant, MissingKind.COLOUR)


def _shared(names: Sequence[str]) -> str:
    """Return the ending that names share, else the first name."""
    shortest = min(names, key=len)
    for size in range(len(shortest), 1, -1):
        if all(name.endswith(shortest[-size:]) for name in names):
            return shortest[-size:]
    return names[0]
