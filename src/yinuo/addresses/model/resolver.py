"""The resolver: any text or marketplace address in, divisions with evidence and confidence out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

from yinuo.addresses.model.aliases import AliasIndex
from yinuo.addresses.model.evidence import Reading
from yinuo.addresses.model.findings import Finding, Reason, thorough, with_codes
from yinuo.addresses.model.labels import Span, blank, find_labels
from yinuo.addresses.model.persons import Person, find_person, labelled, without_code
from yinuo.addresses.model.phones import Phone, Phones, find_phones
from yinuo.addresses.model.quick import quick
from yinuo.addresses.model.rest import rest_of
from yinuo.addresses.model.stated import joined
from yinuo.addresses.model.table import Table, table
from yinuo.addresses.model.types import Alias, EvidenceKind, Resolved, StatedAddress

# A longer text is no address; what goes beyond is handed on as it is.
LONGEST = 2000
_BY_ALIAS = 0.98
_CLOSING = frozenset("])】")
_SEPARATOR = re.compile(r"[\s,，;；、|/(（\[【*·]")


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
        head = text if len(text) <= LONGEST else text[:LONGEST]
        folded = known.folding.fold(head)
        phones = find_phones(folded)
        taken = _taken(folded, phones)
        named = labelled(folded) if taken else None
        if named is not None:
            taken.append((named.start, named.end))
        plain = blank(folded, taken) if taken else folded
        is_taught = bool(self._aliases) and self._index.touches(folded)
        found = None if is_taught else quick(known, plain)
        if found is not None:
            finding = Finding(found.place, found.town, found.sure, (), found.used, None)
        else:
            finding = thorough(known, plain)
        if is_taught:
            finding = self._as_taught(known, finding, folded, shop)
        if stated is not None:
            finding = with_codes(known, finding, stated, plain, body)
        phone = phones.first
        person = named or _person(plain, finding.used, phone)
        rest = _plain_rest(head, finding.used, body) if not taken and person is None else None
        if rest is None:
            used = [(0, body), *finding.used, *taken]
            if person is not None and person.start >= body:
                used.append((person.start, person.end))
            rest = rest_of(head, used)
        name = head[person.start : person.end] if person else None
        if stated is not None:
            name = without_code(stated.name) or name
            phone = _stated_phone(known, stated) or phone
        province, city, district = known.divisions(finding.place)
        return Resolved(
            province,
            city,
            district,
            known.division(finding.town) if finding.town >= 0 else None,
            rest if head is text else rest + text[LONGEST:],
            name,
            phone.number if phone else None,
            phone.extension if phone else None,
            finding.sure,
            finding.against,
            known.date,
            phones.others,
            Reading(plain, finding.place, finding.town, finding.more, body),
        )

    def _as_taught(self, known: Table, finding: Finding, folded: str, shop: str | None) -> Finding:
        """Return a finding again with the aliases considered."""
        if finding.read is None:
            return finding
        applied = self._index.apply(folded, finding.read.located, shop)
        if applied is None:
            return finding
        place = known.answered(applied.place)
        return finding._replace(
            place=place,
            town=applied.town,
            sure=_BY_ALIAS,
            against=(),
            more=(Reason(place, applied.span, EvidenceKind.ALIAS),),
        )


def _plain_rest(head: str, used: tuple[Span, ...], body: int) -> str | None:
    """Return the rest of a text whose beginning alone is used up; None when that needs care."""
    if body or len(used) != 1 or used[0][0]:
        return None
    rest = head[used[0][1] :]
    if rest and rest[0].isalnum() and rest[-1].isalnum() and len(rest) > 2:
        return rest
    return None


def _taken(folded: str, phones: Phones) -> list[Span]:
    """Return the spans that are no address: numbers, labels, the extension repeated in brackets."""
    taken = [*phones.spans, *find_labels(folded)]
    extension = phones.first.extension if phones.first is not None else None
    if extension:
        taken += _bracketed(folded, extension)
    return taken


def _bracketed(text: str, word: str) -> list[Span]:
    """Return where a word stands in brackets."""
    spans = []
    place = text.find(word)
    while place >= 0:
        start, end = place - 1, place + len(word) + 1
        if text[max(start, 0)] in "[(【" and text[end - 1 : end] in _CLOSING:
            spans.append((start, end))
        place = text.find(word, place + 1)
    return spans


def _person(plain: str, used: tuple[Span, ...], phone: Phone | None) -> Person | None:
    """Return the person of a text; a text that is one piece and all address names none."""
    if phone is None and used and used[0][0] == 0 and not _SEPARATOR.search(plain):
        return None
    return find_person(plain, list(used), (phone.start, phone.end) if phone else None)


def _stated_phone(known: Table, stated: StatedAddress) -> Phone | None:
    """Return the stated number, as it is when it is not understood."""
    text = stated.phone.strip()[:60]
    if not text:
        return None
    own = find_phones(known.folding.fold(text)).first
    return own or Phone(text, None, 0, 0, 9)


@lru_cache(maxsize=1)
def _default() -> Resolver:
    return Resolver()


def resolve(text: str = "", *, stated: StatedAddress | None = None) -> Resolved:
    """Return what a text or stated fields mean, with no alias known; never raises."""
    return _default().resolve(text, stated=stated)
