"""Chinese and English words for stable codes: errors, events, reasons, labels.

The words stand in `yinuo/texts/<module>.toml`, a table per code with `zh` and `en`; a code
without both fails a check. Code carries codes only; words are chosen at the edge.
"""

from __future__ import annotations

import string
import tomllib
from enum import Enum
from functools import cache
from importlib import resources


class Language(Enum):
    """A language that the product speaks."""

    ZH = "zh"
    EN = "en"


class _Lenient(string.Formatter):
    def get_value(self, key: int | str, args: object, kwargs: object) -> object:  # noqa: ARG002 - the base's signature
        values = kwargs if isinstance(kwargs, dict) else {}
        return values.get(key, "?")


_formatter = _Lenient()


@cache
def catalog() -> dict[str, dict[str, str]]:
    """Return every code with its words."""
    words: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files("yinuo.texts").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            words.update(tomllib.loads(file.read_text(encoding="utf-8")))
    return words


def has_text(code: str) -> bool:
    """Tell whether a code has words."""
    return code in catalog()


def text(code: str, language: Language = Language.ZH, **params: object) -> str:
    """Return the words of a code with its parameters filled in; the code itself when unknown.

    A parameter that is itself a code ("workflows.system.erp") is filled in as its words.
    """
    words = catalog().get(code)
    if words is None or language.value not in words:
        return code
    filled = {
        key: text(value, language) if isinstance(value, str) and value in catalog() else value
        for key, value in params.items()
    }
    return _formatter.vformat(words[language.value], (), filled)
