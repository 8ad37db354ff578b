"""What is left for the courier when divisions, name and phone are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EDGES = re.compile(r"^[^\w(（\[【#*]+|[^\w)）\]】#*]+$")
_EMPTY_WORDS = frozenset(
    {"中国", "收", "亲收", "寄到", "寄往", "寄至", "送到", "发到", "到", "在", "是", "请", "的"}
)


def rest_of(text: str, used: Iterable[tuple[int, int]]) -> str:
    """Return the text without the used spans, tidy at its ends."""
    pieces: list[str] = []
    last = 0
    for start, end in sorted(used):
        if start > last:
            pieces.append(text[last:start])
        last = max(last, end)
    pieces.append(text[last:])
    if len(pieces) == 1 and pieces[0] and "一" <= pieces[0][0] <= "鿿" and pieces[0][-1].isalnum():
        return "" if pieces[0] in _EMPTY_WORDS else pieces[0]
    kept = [
        piece if piece and piece[0].isalnum() and piece[-1].isalnum() else _EDGES.sub("", piece)
        for piece in pieces
    ]
    return " ".join(piece for piece in kept if piece and piece not in _EMPTY_WORDS)
