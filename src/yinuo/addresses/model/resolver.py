"""The resolver: any text or marketplace address in, divisions with evidence and confidence out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

from yinuo.addresses.model.aliases import AliasIndex
from yinuo.addresses.model.confidence import confidence_of
from yinuo.addresses.model.contradictions import contradictions_in
from yinuo.addresses.model.evidence import Reading, Reason
from yinuo.addresses.model.labels import Span, blank, find_labels
from yinuo.addresses.model.persons import find_person, labelled, without_code
from yinuo.addresses.model.phones import Phones, find_phones
from yinuo.addresses.model.places import Located, read
from yinuo.addresses.model.rest import rest_of
from yinuo.addresses.model.stated import as_fields, joined, place_of_codes, with_code
from yinuo.addresses.model.table import Table, table
from yinuo.addresses.model.towns import town_in
from yinuo.addresses.model.types import (
    Alias,
    Contradiction,
    EvidenceKind,
    Resolved,
    StatedAddress,
)

# A longer text is no address; what goes beyond is handed on as it is.
LONGEST = 2000
_BY_CODE = 0.97
_BY_ALIAS = 0.98


class Resolver:
    """Resolves addresses; keeps the aliases it was made with, and nothing of what it saw.

    Safe to share between threads. Loading the division table happens at the first answer.
    """

    def __init__(self, aliases: Sequence[Alias] = ()) -> None:
        self._aliases = tuple(aliases)

    @cached_property
    def _index(self) -> AliasIndex:
        return AliasIndex(table(), self._aliases)

    def resolve(
        self, text: str = "", *, stated: StatedAddress | None = None, shop: str | None = None
    ) -> Resolved:
        """Return what the text, the stated fields or both mean; never raises.

        Spans of the evidence point into the text, or into `stated.detail` when there is no text.
        Aliases of a shop count only when `shop` names it.
        """
        if stated is None:
            return self._read(text, 0, None, shop)
        whole = joined(stated, text)
        return self._read(whole.text, whole.body, stated, shop)

    def _read(
        self, text: str, body: int, stated: StatedAddress | None, shop: str | None
    ) -> Resolved:
        known = table()
        head = text[:LONGEST]
        folded = known.folding.fold(head)
        phones = find_phones(folded)
        taken = _taken(folded, phones)
        named = labelled(folded) if taken else None
        if named is not None:
            taken.append((named.start, named.end))
        plain = blank(folded, taken) if taken else folded
        reading, located, view = read(known, plain)
        against = contradictions_in(known, reading, located)
        place = known.answered(located.place) if located.place >= 0 else -1
        town = located.town.place if located.town else -1
        sure = confidence_of(known, reading, located, against)
        more: tuple[Reason, ...] = ()
        if self._aliases:
            applied = self._index.apply(folded, located, shop)
            if applied is not None:
                place, town = known.answered(applied.place), applied.town
                against, sure = (), _BY_ALIAS
                more = (Reason(place, applied.span, EvidenceKind.ALIAS),)
        if stated is not None:
            against = as_fields(against, folded, body)
            code, code_town = place_of_codes(known, stated)
            place, sure, against, more = _by_codes(known, code, place, sure, against, more)
            if town < 0 and code == place:
                town = _town_by_code(known, reading, located, code, code_town)
        used = [view.back(span) for span in located.used] if view else list(located.used)
        phone = phones.first
        person = named or find_person(plain, used, (phone.start, phone.end) if phone else None)
        used += [(0, body), *taken]
        if person is not None and person.start >= body:
            used.append((person.start, person.end))
        province, city, district = known.divisions(place)
        name = head[person.start : person.end] if person else None
        number, extension = _phone(phones, stated)
        return Resolved(
            province,
            city,
            district,
            known.division(town) if town >= 0 else None,
            rest_of(head, used) + text[LONGEST:],
            (without_code(stated.name) or name) if stated else name,
            number,
            extension,
            sure,
            against,
            known.date,
            phones.others,
            Reading(reading, located, place, town, body, more, view),
        )


def _town_by_code(known: Table, text: str, located: Located, code: int, code_town: int) -> int:
    """Return the town when codes alone told the region: the stated one, else one in the text."""
    if code_town >= 0 or located.place >= 0:
        return code_town
    town = town_in(known, text, code, (0, 0), located.found.towns)
    return town.place if town else -1


def _taken(folded: str, phones: Phones) -> list[Span]:
    """Return the spans that are no address: numbers, labels, the extension repeated in brackets."""
    taken = [*phones.spans, *find_labels(folded)]
    if phones.first is not None and phones.first.extension:
        again = re.compile(rf"[\[(【]{phones.first.extension}[\])】]")
        taken += [found.span() for found in again.finditer(folded)]
    return taken


def _phone(phones: Phones, stated: StatedAddress | None) -> tuple[str | None, str | None]:
    """Return the number and extension: the stated one, else the one in the text."""
    first = phones.first
    if stated is not None and stated.phone.strip():
        own = find_phones(table().folding.fold(stated.phone[:60])).first
        if own is None:
            return stated.phone.strip()[:60], None
        first = own
    return (first.number, first.extension) if first else (None, None)


def _by_codes(
    known: Table,
    code: int,
    place: int,
    sure: float,
    against: tuple[Contradiction, ...],
    more: tuple[Reason, ...],
) -> tuple[int, float, tuple[Contradiction, ...], tuple[Reason, ...]]:
    """Return place, confidence, contradictions and reasons with the stated codes considered."""
    if code < 0:
        return place, sure, against, more
    if place < 0:
        answer = known.answered(code)
        return answer, _BY_CODE, against, (*more, Reason(answer, None, EvidenceKind.CODE))
    answer, contradiction = with_code(known, place, code)
    if contradiction is not None:
        return place, min(sure, 0.6), (*against, contradiction), more
    if answer != place:
        more = (*more, Reason(answer, None, EvidenceKind.CODE))
        sure = min(sure, _BY_CODE) if not against else sure
    return answer, sure, against, more


@lru_cache(maxsize=1)
def _default() -> Resolver:
    return Resolver()


def resolve(text: str = "", *, stated: StatedAddress | None = None) -> Resolved:
    """Return what a text or stated fields mean, with no alias known; never raises."""
    return _default().resolve(text, stated=stated)
