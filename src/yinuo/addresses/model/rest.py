"""What is left for the courier when divisions, name and phone are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EDGE = " \t\r\n　,，;；、.。:：|/\\-_—~·+#*\"'“”‘’<>《》【】[]()（）{}!！?？"
_EMPTY = re.compile(r"[(（\[【{]\s*[)）\]】}]|\s{2,}|(?<=[,，;；、])\s*[,，;；、]+")


def rest_of(text: str, used: Iterable[tuple[int, int]]) -> str:
    """Return the text without the used spans, tidy at its ends."""
    pieces = []
    last = 0
    for start, end in sorted(used):
        if start > last:
            pieces.append(text[last:start])
        last = max(last, end)
    pieces.append(text[last:])
    kept = [piece.strip(_EDGE) for piece in pieces]
    return " ".join(piece for piece in kept if piece)
