"""Why an answer is what it is, put into words only when somebody asks."""

from __future__ import annotations

from typing import NamedTuple

from yinuo.addresses.model.places import Located
from yinuo.addresses.model.table import FORMER, KNOWN, SHORT, SPLIT, SWAPPED, WEAK, table
from yinuo.addresses.model.types import Candidate, Evidence, EvidenceKind
from yinuo.addresses.model.views import View

MOST_CANDIDATES = 5
_KINDS = {
    SHORT: EvidenceKind.SHORT,
    KNOWN: EvidenceKind.SHORT,
    WEAK: EvidenceKind.SHORT,
    FORMER: EvidenceKind.FORMER,
    SPLIT: EvidenceKind.FORMER,
    SWAPPED: EvidenceKind.TYPO,
}


class Reason(NamedTuple):
    """One reason before it is put into words: a place, where it was read, by which kind."""

    place: int
    span: tuple[int, int] | None
    kind: EvidenceKind
    text: str | None = None


class Reading(NamedTuple):
    """The trace of an answer: the text as it was read, where it was found to lie, other reasons."""

    text: str
    located: Located
    place: int
    town: int = -1
    body: int = 0
    more: tuple[Reason, ...] = ()
    view: View | None = None

    def __repr__(self) -> str:
        """Return nothing of what was read: it is personal."""
        return "Reading()"

    def evidence(self) -> tuple[Evidence, ...]:
        """Return one reason or more for every level of the answer."""
        known = table()
        reasons = [*self.more, *self._from_hits()]
        given = {known.levels[r.place] for r in reasons if r.place < known.regions}
        for level, place in enumerate(known.lines[self.place] if self.place >= 0 else (), 1):
            if place >= 0 and level not in given:
                reasons.append(Reason(place, None, EvidenceKind.PARENT))
        made = [self._word(reason) for reason in reasons]
        return tuple(sorted(made, key=lambda one: (one.level, one.span or (-1, -1))))

    def _from_hits(self) -> list[Reason]:
        located = self.located
        known = table()
        reasons = [
            Reason(hit.place, (hit.start, hit.end), _KINDS.get(hit.kind, EvidenceKind.FULL))
            for hit in located.hits
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
        return [
            reason for reason in reasons if reason.place < known.regions + len(known.town_names)
        ]

    def _word(self, reason: Reason) -> Evidence:
        known = table()
        division = known.division(reason.place)
        span, kind, text = reason.span, reason.kind, reason.text
        if span is not None:
            text = self.text[slice(*span)]
            span = self.view.back(span) if self.view else span
            if span[0] < self.body:
                span, kind = None, EvidenceKind.FIELD
            else:
                span = (span[0] - self.body, span[1] - self.body)
        return Evidence(division.level, division.code, span, text or "", kind)

    def candidates(self) -> tuple[Candidate, ...]:
        """Return the place answered and its rivals, the best first."""
        known = table()
        ranked: dict[int, float] = {}
        decision = self.located.decision
        if self.place >= 0:
            ranked[self.place] = round(decision.score, 2)
        for place, score in decision.rivals:
            ranked.setdefault(known.answered(place), round(score, 2))
        best = sorted(ranked.items(), key=lambda one: -one[1])[:MOST_CANDIDATES]
        return tuple(self._candidate(place, score) for place, score in best)

    def _candidate(self, place: int, score: float) -> Candidate:
        known = table()
        province, city, district = known.divisions(place)
        town = self.town if place == self.place and self.town >= 0 else None
        return Candidate(
            province, city, district, None if town is None else known.division(town), score
        )
