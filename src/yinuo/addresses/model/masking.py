"""Showing an address to those who must find where it lies, and not who lives there."""

from __future__ import annotations

import re

from yinuo.addresses.model.resolver import resolve

STAR = "*"
MOST_SHOWN = 500
_DIGIT = re.compile(r"\d")
_HINT = re.compile(r"[^\W\d_a-zA-Z]{2,12}")


def masked(text: str) -> str:
    """Return a text without the numbers of phones and houses, and without the person's name.

    Every character keeps its place, so that spans found in the text fit. What is very long is cut.
    """
    shown = text[:MOST_SHOWN]
    name = resolve(shown).name or ""
    if len(name) > 1:
        shown = shown.replace(name, name[0] + STAR * (len(name) - 1))
    return _DIGIT.sub(STAR, shown)


def alias_hint(rest: str) -> str:
    """Return the words of a masked detail that would make an alias, empty where there are none."""
    found = _HINT.search(masked(rest).replace(STAR, " "))
    return found[0] if found else ""
