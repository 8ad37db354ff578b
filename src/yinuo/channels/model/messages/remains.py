"""Tags and remarks: what a message says beside goods and receiver."""

from __future__ import annotations

import re
from collections.abc import Mapping

from yinuo.channels.model.messages.tokens import PRICE
from yinuo.channels.model.messages.types import Found, Span
from yinuo.channels.model.messages.words import NOISE, NOT_BEFORE_KEYWORD, QUESTION, SILENT

_CLAUSE = re.compile(r"[^\n,;。!?()、~|]+[??吗]?")
_TELLING = re.compile(
    r"放|别|勿|前|送|顺丰|快递|发票|卡片|贺卡|写|包装|袋|签收|自提|随便|给|用|客户|生日|电话联系|联系我|价格|工作日|周[一二三四五六日末]|晚上|白天|拿|寄|发|小心|轻|检查|不要"
)
_LABEL = re.compile(r"(?:备注|留言)[::]?\s?")
# Beside a keyword so few characters are part of the same wish.
_SAME_WISH = 4


def tags_of(raw: str, text: str, keywords: Mapping[str, str]) -> tuple[Found[str], ...]:
    """Return the tags whose keywords the text holds, each once, where nothing negates it."""
    found: dict[str, Found[str]] = {}
    for word, tag in keywords.items():
        place = text.find(word.lower())
        while place >= 0:
            if not NOT_BEFORE_KEYWORD.search(raw[max(0, place - 4) : place]):
                found.setdefault(tag, Found(tag, Span(place, place + len(word)), 0.97))
                break
            place = text.find(word.lower(), place + 1)
    return tuple(found.values())


def remarks_of(
    raw: str, left: str, keywords: Mapping[str, str]
) -> tuple[tuple[Found[str], ...], int]:
    """Return the remarks in what is left of a text, and how many characters stay unexplained."""
    remarks: list[Found[str]] = []
    unexplained = 0
    for match in _CLAUSE.finditer(left):
        start, end = match.span()
        clause = PRICE.sub(" ", left[start:end])
        said = _without_keywords(clause, keywords)
        weight = len(SILENT.sub("", NOISE.sub("", said)))
        if weight == 0 or (said != clause and weight <= _SAME_WISH):
            continue
        if weight < 2 and not QUESTION.search(said):
            unexplained += weight if any(c.isalnum() for c in said) else 0
            continue
        start, end = _tidy(left, start, end)
        is_telling = bool(_TELLING.search(said) or QUESTION.search(said))
        if not is_telling:
            unexplained += weight
        remarks.append(Found(raw[start:end], Span(start, end), 0.96 if is_telling else 0.75))
    return tuple(remarks), unexplained


def _without_keywords(said: str, keywords: Mapping[str, str]) -> str:
    for word in sorted(keywords, key=len, reverse=True):
        said = said.replace(word.lower(), "")
    return said


def _tidy(left: str, start: int, end: int) -> tuple[int, int]:
    label = _LABEL.search(left, start, end)
    start = label.end() if label else start
    while start < end and (left[start].isspace() or left[start] in ":.-*#+"):
        start += 1
    while end > start and (left[end - 1].isspace() or left[end - 1] in ":.-*#+"):
        end -= 1
    return start, end
