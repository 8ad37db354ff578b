"""Where one order of a message ends and the next begins."""

from __future__ import annotations

import re
from itertools import pairwise

from yinuo.channels.model.messages.contacts import Number
from yinuo.channels.model.messages.types import Span

MARK = re.compile(
    r"(?:^|(?<=[\n;。,~ 　]))(?:[(（]?\d{1,2}[).、:]\s?|第[一二三四五六七八九十\d]+[个单份]?[:,、 ]?|[①-⑳])",
    re.MULTILINE,
)
EACH = re.compile(r"各|每人|每个地址")
_SHARED = re.compile(r"各|每人|每个地址|都是|都要|分别")


def distinct(numbers: list[Number]) -> list[Number]:
    """Return the numbers without those that repeat an earlier one."""
    seen: set[str] = set()
    kept = []
    for number in numbers:
        if number.value not in seen:
            seen.add(number.value)
            kept.append(number)
    return kept


def orders_in(raw: str, text: str, numbers: list[Number], goods: list[Span]) -> list[Span]:
    """Return the span of each order: as many as there are different numbers, at least one.

    Between two numbers the cut is at a counting mark, else an empty line, else the line that
    begins the next order, the order of goods and receiver being that of the first.
    """
    heads = distinct(numbers)
    if len(heads) < 2:
        return [Span(0, len(text))]
    goods_first = bool(goods) and goods[0].start < heads[0].span.start and not is_shared(text)
    starts = [_first_start(raw, text, heads[0], goods)]
    for before, after in pairwise(heads):
        between = Span(before.span.end, after.span.start)
        starts.append(_cut(raw, text, between, goods, is_goods_first=goods_first))
    ends = [*starts[1:], len(text)]
    return [Span(start, end) for start, end in zip(starts, ends, strict=True)]


def is_shared(text: str) -> bool:
    """Tell whether the goods are meant for each of the receivers."""
    return bool(_SHARED.search(text))


def _first_start(raw: str, text: str, head: Number, goods: list[Span]) -> int:
    marks = [m.start() for m in MARK.finditer(raw) if m.start() < head.span.start]
    if marks:
        return marks[-1]
    if is_shared(text) and goods and goods[0].end < head.span.start:
        line = text.rfind("\n", 0, head.span.start)
        return max(line, goods[-1].end if goods[-1].end < head.span.start else goods[0].end)
    return 0


def _cut(raw: str, text: str, region: Span, goods: list[Span], *, is_goods_first: bool) -> int:
    low, high = region
    between = text[low:high]
    marks = [m.start() for m in MARK.finditer(raw) if low <= m.start() < high]
    if marks:
        return marks[0]
    blank = re.search(r"\n[ \t]*\n", between)
    if blank:
        return low + blank.end()
    inside = [span for span in goods if low <= span.start < high]
    if is_goods_first and inside:
        line = text.rfind("\n", low, inside[0].start)
        return line + 1 if line >= 0 else inside[0].start
    after = inside[-1].end if inside else low
    line = text.find("\n", after, high)
    if line >= 0:
        return line + 1
    stop = re.search(r"[;。]", text[after:high])
    return after + (stop.end() if stop else 0)
