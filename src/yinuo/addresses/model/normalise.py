"""Characters made one of a kind, each for one, so that places in the text stay where they are."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# Radicals that look like characters; fonts, PDF and OCR write them for the characters themselves.
_RADICALS = dict(
    zip(
        "⺠⺟⺬⻁⻂⺮⺩⺼⻅⻆⻉⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻩⻬⻮⻰⻳⻨⻋⻄⻃⺝⺌⺍⺪⺫⺶⺷⻀⻌⻟⻠⻲⻱⻯⻭⻫",
        "民母示虎衣竹王肉见角贝长门青韦页风飞食马骨鬼鱼鸟卤黄齐齿龙龟麦车西西月小小疋目羊羊草走食食龟龟龙齿齐",
        strict=True,
    )
)
_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u180e\ufeff\ufffc"
    + "".join(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]))
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)
_DASHES = "‐‑‒–—―−﹣－ー⼀"


class Folding(NamedTuple):
    """How characters are folded, and a search that tells whether a text holds any of them."""

    table: dict[int, str]
    odd: re.Pattern[str]

    def fold(self, text: str) -> str:
        """Return the text with every character in its usual form, of the same length."""
        if text.isascii() or not self.odd.search(text):
            return text
        return text.translate(self.table)


def folding(simplified: str) -> Folding:
    """Return the folding for pairs of a traditional and a simplified character."""
    table = dict(zip(map(ord, simplified[::2]), simplified[1::2], strict=True))
    for code in range(0xFF01, 0xFF5F):
        table[code] = chr(code - 0xFEE0)
    for code in [*range(0x2F00, 0x2FD6), *range(0xF900, 0xFA6E)]:
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1 and plain != chr(code):
            table[code] = table.get(ord(plain), plain)
    for radical, plain in _RADICALS.items():
        table[ord(radical)] = plain
    table[ord("巿")] = "市"
    for code in range(0x2460, 0x2469):
        table[code] = str(code - 0x245F)
    for code in (
        0x3000,
        0xA0,
        *range(0x2000, 0x200B),
        *range(0xD800, 0xE000),
        0x202F,
        0x205F,
        *map(ord, _INVISIBLE),
    ):
        table[code] = " "
    for dash in _DASHES[:-2]:
        table[ord(dash)] = "-"
    for tab in "\t\r\n\v\f":
        table.setdefault(ord(tab), tab)
    # Beyond the basic plane a character class is searched one by one; none of those matter.
    table = {code: to for code, to in table.items() if code < 0x10000 and to != chr(code)}
    odd = "".join(re.escape(chr(code)) for code in table)
    return Folding(table, re.compile(f"[{odd}]"))
