"""Districts and prefectures written with one wrong, missing or extra character."""

from __future__ import annotations

import re
from typing import NamedTuple

from yinuo.addresses.model.table import Table
from yinuo.addresses.model.zones import NOT_A_DISTRICT

_TOKEN = re.compile(r"[\W_]*([一-鿿]{1,11}?[区县市旗州盟])(?![一-鿿]{0,3}[路街巷弄]\d)")
_SHORTEST = 3


class Typo(NamedTuple):
    """What a misspelt name most likely means, and where it stands."""

    place: int
    start: int
    end: int


def misspelt(table: Table, text: str, parent: int, after: int) -> Typo | None:
    """Return the child of a region whose name stands next with one character wrong."""
    token = region_like(text, after)
    if token is None:
        return None
    word = text[token[0] : token[1]]
    found = {
        place
        for place in _candidates(table, parent)
        for name in _spellings(table, place)
        if is_one_off(word, name)
    }
    return Typo(found.pop(), *token) if len(found) == 1 else None


def region_like(text: str, after: int) -> tuple[int, int] | None:
    """Return where a word that looks like a prefecture's or county's name stands next."""
    found = _TOKEN.match(text, after)
    if not found or len(found[1]) < _SHORTEST or NOT_A_DISTRICT.search(found[1]):
        return None
    return found.span(1)


def _candidates(table: Table, parent: int) -> list[int]:
    children = table.children.get(parent, [])
    if table.levels[parent] > 1:
        return children
    return children + [below for child in children for below in table.children.get(child, [])]


def _spellings(table: Table, place: int) -> tuple[str, ...]:
    name = table.folding.fold(table.names[place])
    return (name,)


def is_one_off(word: str, name: str) -> bool:
    """Tell whether two words differ by one character: changed, missing, extra or swapped."""
    if word == name or abs(len(word) - len(name)) > 1 or len(name) < _SHORTEST:
        return False
    if len(word) == len(name):
        wrong = [i for i, (a, b) in enumerate(zip(word, name, strict=True)) if a != b]
        if len(wrong) == 1:
            return wrong[0] != len(name) - 1
        return (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and word[wrong[0]] == name[wrong[1]]
            and word[wrong[1]] == name[wrong[0]]
        )
    longer, shorter = (word, name) if len(word) > len(name) else (name, word)
    if len(shorter) < _SHORTEST:
        return False
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
