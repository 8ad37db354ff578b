"""The raw SQL texts of GetList: a small, safe part of the language, read into conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yinuo.sandbox.kingdee.envelope import BROKEN, FAILED, Failure, ListBody
from yinuo.sandbox.kingdee.template import HEADER, LINE, LINE_STATE_FIELDS, STATE_FIELDS

_CONDITION = re.compile(
    r"\s*(?:\[(?P<quoted>\w+)\]|(?P<bare>\w+))\s*(?P<sign>=|<>|>=|<=|like\b)\s*"
    r"(?:N?'(?P<text>(?:[^']|'')*)'|(?P<number>\d+(?:\.\d+)?))\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"and\b", re.IGNORECASE)
_ORDER = re.compile(r"\s*(?:\[(\w+)\]|(\w+))(?:\s+(asc|desc))?\s*", re.IGNORECASE)
_BY_LOWER = {name.lower(): name for name in (*HEADER, *STATE_FIELDS, *LINE, *LINE_STATE_FIELDS)}
HEADER_NAMES = frozenset({*HEADER, *STATE_FIELDS})


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` (as the template writes it) compared with a literal; `sign` is lower case."""

    field: str
    sign: str
    value: str


@dataclass(frozen=True, slots=True)
class Ordering:
    """A field to sort by."""

    field: str
    is_descending: bool


def parse_filter(text: str) -> list[Condition] | Failure:
    """Return the conditions, all of which must hold; none for the empty text."""
    found: list[Condition] = []
    at, text = 0, text.strip()
    while at < len(text):
        match = _CONDITION.match(text, at)
        if match is None:
            return _syntax(text[at:])
        name = (match["quoted"] or match["bare"]).lower()
        if name not in _BY_LOWER:
            return Failure(BROKEN, f"列名 '{match['quoted'] or match['bare']}' 无效。")
        value = match["number"] if match["text"] is None else match["text"].replace("''", "'")
        found.append(Condition(_BY_LOWER[name], match["sign"].lower(), value))
        at = match.end()
        if at < len(text):
            joint = _AND.match(text, at)
            if joint is None or joint.end() == len(text):
                return _syntax(text[at:])
            at = joint.end()
    return found


def parse_order(text: str) -> list[Ordering] | Failure:
    """Return what to sort by, in turn."""
    found: list[Ordering] = []
    for part in text.split(",") if text.strip() else []:
        match = _ORDER.fullmatch(part)
        if match is None:
            return _syntax(part)
        name = match[1] or match[2]
        if name.lower() not in _BY_LOWER:
            return Failure(BROKEN, f"列名 '{name}' 无效。")
        found.append(Ordering(_BY_LOWER[name.lower()], (match[3] or "").lower() == "desc"))
    return found


def parse_fields(text: str, *, is_lines: bool) -> list[str] | Failure:
    """Return the fields asked for; all of the page when none are named."""
    if not text.strip():
        names = (*STATE_FIELDS, *HEADER)
        return [*names, *LINE_STATE_FIELDS, *LINE] if is_lines else list(names)
    found: list[str] = []
    for part in text.split(","):
        name = part.strip().strip("[]")
        if name.lower() not in _BY_LOWER:
            return Failure(BROKEN, f"列名 '{name}' 无效。")
        found.append(_BY_LOWER[name.lower()])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What GetList asks, checked: every name is the template's own."""

    fields: list[str]
    conditions: list[Condition]
    order: list[Ordering]
    is_lines: bool
    limit: int | None
    offset: int


def parse_query(body: ListBody) -> Query | Failure:
    """Return the query, or the failure that the vendor answers to it.

    `Top` bounds the whole result (0: no bound), page number and size cut a piece out of it.
    """
    numbers = (body.Top, body.PageSize, body.PageIndex)
    are_numbers = all(one.isascii() and one.isdigit() and len(one) < 7 for one in numbers)
    if not are_numbers or body.SelectPage not in {"1", "2"}:
        return Failure(FAILED, "Faild", "Top, PageSize, PageIndex, SelectPage")
    is_lines = body.SelectPage == "2"
    fields = parse_fields(body.Fields, is_lines=is_lines)
    if isinstance(fields, Failure):
        return fields
    conditions = parse_filter(body.Filter)
    if isinstance(conditions, Failure):
        return conditions
    order = parse_order(body.OrderBy)
    if isinstance(order, Failure):
        return order
    used = {*fields, *(one.field for one in conditions), *(one.field for one in order)}
    if not is_lines and (strange := used - HEADER_NAMES):
        return Failure(BROKEN, f"列名 '{min(strange)}' 无效。")
    top, size, page = (int(one) for one in numbers)
    offset = (max(page, 1) - 1) * size
    limits = [*([size] if size else []), *([max(0, top - offset)] if top else [])]
    return Query(
        fields=fields,
        conditions=conditions,
        order=order,
        is_lines=is_lines,
        limit=min(limits, default=None),
        offset=offset,
    )


def _syntax(rest: str) -> Failure:
    return Failure(BROKEN, f"“{rest.strip()[:20]}”附近有语法错误。")
