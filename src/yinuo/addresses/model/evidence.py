"""Why an answer is what it is, put into words only when somebody asks."""

from __future__ import annotations

from typing import NamedTuple

from yinuo.addresses.model.findings import Reason
from yinuo.addresses.model.places import Located, Read, read
from yinuo.addresses.model.table import FORMER, KNOWN, SHORT, SPLIT, SWAPPED, WEAK, Table, table
from yinuo.addresses.model.types import Candidate, Evidence, EvidenceKind

MOST_CANDIDATES = 5
_KINDS = {
    SHORT: EvidenceKind.SHORT,
    KNOWN: EvidenceKind.SHORT,
    WEAK: EvidenceKind.SHORT,
    FORMER: EvidenceKind.FORMER,
    SPLIT: EvidenceKind.FORMER,
    SWAPPED: EvidenceKind.TYPO,
}


class Reading(NamedTuple):
    """The trace of an answer: the text as it was taken in, and where it was found to lie.

    How the text was read is not kept: an answer may be kept long, and is seldom asked why.
    """

    text: str
    place: int
    town: int
    more: tuple[Reason, ...] = ()
    body: int = 0

    def __repr__(self) -> str:
        """Return nothing of what was read: it is personal."""
        return "Reading()"

    def evidence(self) -> tuple[Evidence, ...]:
        """Return one reason or more for every level of the answer."""
        known = table()
        found = self._read()
        reasons = [*self.more, *_from_names(known, found.located)]
        given = {known.levels[r.place] for r in reasons if r.place < known.regions}
        place = self.place
        for level, above in enumerate(known.lines[place] if place >= 0 else (), 1):
            if above >= 0 and level not in given:
                reasons.append(Reason(above, None, EvidenceKind.PARENT))
        made = [self._word(reason, found) for reason in reasons]
        return tuple(sorted(made, key=lambda one: (one.level, one.span or (-1, -1))))

    def _read(self) -> Read:
        return read(table(), self.text)

    def _word(self, reason: Reason, found: Read) -> Evidence:
        division = table().division(reason.place)
        span, kind, text = reason.span, reason.kind, ""
        if span is not None and kind is EvidenceKind.ALIAS:
            text = self.text[slice(*span)]
            span = (span[0] - self.body, span[1] - self.body)
        elif span is not None:
            text = found.text[slice(*span)]
            span = found.view.back(span) if found.view else span
            if span[0] < self.body:
                span, kind = None, EvidenceKind.FIELD
            else:
                span = (span[0] - self.body, span[1] - self.body)
        return Evidence(division.level, division.code, span, text, kind)

    def candidates(self) -> tuple[Candidate, ...]:
        """Return the place answered and its rivals, the best first."""
        known = table()
        ranked: dict[int, float] = {}
        decision = self._read().located.decision
        if self.place >= 0:
            ranked[self.place] = round(decision.score, 2)
        for place, score in decision.rivals:
            ranked.setdefault(known.answered(place), round(score, 2))
        best = sorted(ranked.items(), key=lambda one: -one[1])[:MOST_CANDIDATES]
        return tuple(self._candidate(known, place, score) for place, score in best)

    def _candidate(self, known: Table, place: int, score: float) -> Candidate:
        province, city, district = known.divisions(place)
        town = self.town if place == self.place else -1
        return Candidate(
            province, city, district, known.division(town) if town >= 0 else None, score
        )


def _from_names(known: Table, located: Located) -> list[Reason]:
    """Return the reasons that stand in the text."""
    reasons = [
        Reason(hit.place, (hit.start, hit.end), _KINDS.get(hit.kind, EvidenceKind.FULL))
        for hit in located.hits
        if hit.place not in known.heirs
    ]
    if located.typo is not None:
        typo = located.typo
        reasons.append(Reason(typo.place, (typo.start, typo.end), EvidenceKind.TYPO))
    if located.is_by_zone and located.zone is not None:
        reasons.append(Reason(located.place, located.zone, EvidenceKind.ZONE))
    if located.town is not None:
        town = located.town
        kind = EvidenceKind.FULL if town.is_full else EvidenceKind.SHORT
        reasons.append(Reason(town.place, (town.start, town.end), kind))
    return reasons
