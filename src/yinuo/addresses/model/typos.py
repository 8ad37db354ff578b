"""Regions written with one wrong, missing or extra character, or with others that sound the same."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from yinuo.addresses.model.table import SWAPPED, Table
from yinuo.addresses.model.zones import NOT_A_DISTRICT

_TOKEN = re.compile(r"[\W_]*([一-鿿]{1,16}?[区县市旗州盟省])(?![路街巷弄])")
_BEFORE = re.compile(r"([一-鿿]{2,10}[市州盟省])[\W_]*$")
_ROADS = ("路", "街", "巷", "弄")
_SHORTEST = 3
# Sounds that many people do not tell apart when they type.
_ALIKE = re.compile(r"^(zh|ch|sh)|^l(?=[aeiou])|(?<=[aeiou])ng$")
_AS = {"zh": "z", "ch": "c", "sh": "s", "l": "n", "ng": "n"}


class Typo(NamedTuple):
    """What a misspelt name most likely means, where it stands, and whether it sounds like it.

    A name with a character missing counts as one that sounds like it.
    """

    place: int
    start: int
    end: int
    is_alike: bool


def misspelt(table: Table, text: str, parent: int, after: int) -> Typo | None:
    """Return the region below a parent whose name stands next with one character wrong."""
    for start, end in _tokens(text, after):
        if _is_a_name(table, text[start:end]):
            return None
        found = _misspelt(table, text[start:end], parent)
        if found >= 0:
            word, name = text[start:end], table.folding.fold(table.names[found])
            alike = len(word) < len(name) or sound_of(table, word) == sound_of(table, name)
            return Typo(found, start, end, alike)
    return None


def unclear(table: Table, text: str, parent: int, after: int) -> tuple[int, int] | None:
    """Return where a word stands next that looks like a region's name and is none that is known."""
    names = [table.folding.fold(table.names[place]) for place in _below(table, parent)]
    for start, end in _tokens(text, after):
        word = text[start:end]
        if not NOT_A_DISTRICT.fullmatch(word) and any(is_one_off(word, name) for name in names):
            return start, end
    return region_like(text, after)


def _is_a_name(table: Table, word: str) -> bool:
    """Tell whether a word is a name as it stands; one whose kind is wrong (普兰区) is none."""
    entries = table.pattern_of.get(word, ())
    return any(kind != SWAPPED for kind in entries[1::2])


def _tokens(text: str, after: int) -> list[tuple[int, int]]:
    """Return the words that stand next and end like a region's name, the shortest first."""
    token = _TOKEN.match(text, after)
    if token is None:
        return []
    start, end = token.span(1)
    spans = [
        (start, place + 1)
        for place in range(end - 1, min(end + 3, len(text)))
        if text[place] in "区县市旗州盟省" and not text.startswith(_ROADS, place + 1)
    ]
    return [span for span in spans if span[1] - span[0] >= _SHORTEST]


def _misspelt(table: Table, word: str, parent: int) -> int:
    """Return the region below a parent that a word most likely means, -1 for none."""
    # A changed character may make another word (开发区 beside 开平区); a missing one hardly does.
    is_word = NOT_A_DISTRICT.search(word) is not None
    names = {place: table.folding.fold(table.names[place]) for place in _below(table, parent)}
    found = [
        place
        for place, name in names.items()
        if is_one_off(word, name) and (not is_word or len(name) > len(word))
    ]
    if len(found) > 1:
        # All that was typed stands in one of them: a character is missing.
        found = [place for place in found if len(names[place]) > len(word)] or found
    if len(found) != 1:
        sound = sound_of(table, word)
        found = [place for place, name in names.items() if sound_of(table, name) == sound]
    return found[0] if len(found) == 1 else -1


def misheard(table: Table, text: str) -> Typo | None:
    """Return the only region of the country that sounds like the word a text begins with."""
    token = region_like(text, 0)
    if token is None:
        return None
    word = text[token[0] : token[1]]
    if _is_a_name(table, word):
        return None
    places = _by_sound(table).get(sound_of(table, word), ())
    return Typo(places[0], *token, True) if len(places) == 1 else None


def preferred(table: Table, text: str, before: int, places: list[int]) -> int:
    """Return the one of some places whose prefecture or province is misspelt right before it."""
    found = _BEFORE.search(text, 0, before)
    if not found:
        return -1
    word = found[1]
    close = {
        place
        for place in places
        for above in table.lines[place][: table.levels[place] - 1]
        for name in [table.folding.fold(table.names[above])]
        for size in [len(name) - 1, len(name), len(name) + 1]
        if is_one_off(word[-size:], name) or sound_of(table, word[-size:]) == sound_of(table, name)
    }
    return close.pop() if len(close) == 1 else -1


def may_be_region(text: str, after: int) -> bool:
    """Tell whether the next word ends like the name of a region."""
    return _TOKEN.match(text, after) is not None


def region_like(text: str, after: int) -> tuple[int, int] | None:
    """Return where a word that looks like a region's name stands next."""
    found = _TOKEN.match(text, after)
    if not found or len(found[1]) < _SHORTEST or NOT_A_DISTRICT.search(found[1]):
        return None
    return found.span(1)


def _below(table: Table, parent: int) -> list[int]:
    children = table.children.get(parent, [])
    if table.levels[parent] > 1:
        return children
    return children + [below for child in children for below in table.children.get(child, [])]


@lru_cache(maxsize=1)
def _by_sound(table: Table) -> dict[str, tuple[int, ...]]:
    """Index all regions in force by how their names sound."""
    index: dict[str, list[int]] = {}
    for place, name in enumerate(table.names):
        if place not in table.heirs and len(name) >= _SHORTEST:
            index.setdefault(sound_of(table, table.folding.fold(name)), []).append(place)
    return {sound: tuple(places) for sound, places in index.items()}


def sound_of(table: Table, word: str) -> str:
    """Return how a word sounds, like sounds made one; its suffix must be the same character."""
    sounds = [table.sounds.get(char, char) for char in word[:-1]]
    plain = [_ALIKE.sub(lambda found: _AS[found[0]], sound) for sound in sounds]
    return " ".join([*plain, word[-1:]])


def is_one_off(word: str, name: str) -> bool:
    """Tell whether two words differ by one character: changed, missing, extra or swapped."""
    if word == name or abs(len(word) - len(name)) > 1 or len(name) < _SHORTEST:
        return False
    if len(word) == len(name):
        wrong = [i for i, (a, b) in enumerate(zip(word, name, strict=True)) if a != b]
        if len(wrong) == 1:
            return wrong[0] != len(name) - 1 or len(name) > _SHORTEST
        return (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and word[wrong[0]] == name[wrong[1]]
            and word[wrong[1]] == name[wrong[0]]
        )
    longer, shorter = (word, name) if len(word) > len(name) else (name, word)
    return len(shorter) >= _SHORTEST and any(
        longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer))
    )
