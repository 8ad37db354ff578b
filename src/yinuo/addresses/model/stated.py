"""Marketplace addresses: fields that may be missing, drifted or wrong, read as one text."""

from __future__ import annotations

from typing import NamedTuple

from yinuo.addresses.model.aliases import place_of_code
from yinuo.addresses.model.table import Table
from yinuo.addresses.model.types import (
    Contradiction,
    ContradictionKind,
    StatedAddress,
)

_LONGEST_FIELD = 120


class Joined(NamedTuple):
    """The fields and the typed text as one text, and where the typed text begins."""

    text: str
    body: int


def joined(stated: StatedAddress, text: str) -> Joined:
    """Return the fields from province down, then the typed text, else the field for the detail."""
    fields = [stated.province, stated.city, stated.district, stated.town]
    if text and stated.detail and stated.detail not in text:
        fields.append(stated.detail)
    head = " ".join(field[:_LONGEST_FIELD].strip() for field in fields if field.strip())
    if head:
        head += " "
    return Joined(head + (text or stated.detail), len(head))


def place_of_codes(table: Table, stated: StatedAddress) -> tuple[int, int]:
    """Return the smallest region and the town that the stated codes mean, -1 for none."""
    found = [place_of_code(table, code) for code in stated.codes]
    known = [one for one in found if one[0] >= 0]
    if not known:
        return -1, -1
    return max(known, key=lambda one: (table.levels[one[0]], one[1]))


def with_code(table: Table, place: int, code: int) -> tuple[int, Contradiction | None]:
    """Return the region that names and codes mean together, and whether they contradict."""
    if code < 0 or place == code or code in table.above[place]:
        return place, None
    if place in table.above[code]:
        return code, None
    city = table.lines[place][1]
    is_same_city = table.levels[code] == 2 and city >= 0 and table.names[city] == table.names[code]
    if is_same_city or place in table.transfers.get(code, ()):
        return place, None
    line = " ".join(table.names[p] for p in table.lines[code] if p >= 0)
    return place, Contradiction(
        ContradictionKind.CODE_NAME, table.names[place], f"{table.codes[code]} {line}"
    )


def as_fields(
    against: tuple[Contradiction, ...], text: str, body: int
) -> tuple[Contradiction, ...]:
    """Return contradictions again, those between fields and typed text marked as such."""
    fields, typed = text[:body], text[body:]
    return tuple(
        Contradiction(ContradictionKind.TEXT_FIELDS, one.stated, one.against)
        if (one.stated in fields) != (one.against in fields)
        and (one.stated in typed) != (one.against in typed)
        else one
        for one in against
    )
