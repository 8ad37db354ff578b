"""A geocoder's word on a doubtful address: what it is asked, and how far it is believed.

A wrong but confident hit is the danger, so the word lifts an address by these rules together:
1. the text with the geocoder's province, city and district written before it contradicts itself
   in nothing, its stated codes included, and is then read as that very place; and no province or
   city stands in it that is not the geocoder's (but in the name of a road or a house); and where
   the text alone means anything, it can mean that place;
2. the geocoder found a road or something finer on it; a district or coarser says nothing;
3. the district is one that the text alone could have meant, a candidate of its own reading, and
   the only one of its name: which of four 鼓楼区 is meant, a map search guesses as well.
What fails only the second (between town and road) or the third is shown to a person as a
suggestion. A contradictory address is not asked about: whatever came would contradict a part.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache

from yinuo.addresses.model.picking import Line, line_of
from yinuo.addresses.model.readings import (
    Doubt,
    Reading,
    ReadingState,
    is_whole_without_district,
    is_within,
    judge,
)
from yinuo.addresses.model.resolver import Resolver
from yinuo.addresses.model.table import table
from yinuo.addresses.model.types import Candidate, StatedAddress

ASKED = frozenset({Doubt.UNKNOWN, Doubt.UNSURE, Doubt.INCOMPLETE})
# The vendor's words for how exactly it found an address.
FINE = frozenset(
    {"门牌号", "兴趣点", "道路", "道路交叉路口", "门址", "单元号", "楼栋号", "楼层", "房间"}
)
MIDDLE = frozenset({"住宅区", "热点商圈", "村庄", "乡镇", "开发区"})
LEAST, MOST = 4, 100
# A phone in a text, however it is cut up; house and room numbers are shorter.
_LONG_NUMBER = re.compile(r"[\d+][\d\s*()+-]{5,}[\d*]")


class Verdict(StrEnum):
    """How far a geocoder's answer is believed."""

    PASSES = "passes"
    SUGGESTS = "suggests"
    WEAK = "weak"
    CONTRADICTS = "contradicts"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Geocode:
    """Where a geocoder puts a text; `longitude` and `latitude` are GCJ-02 degrees."""

    code: str
    precision: str
    longitude: float | None = field(default=None, repr=False)
    latitude: float | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was kept; None where the geocoder knew no such address."""

    geocode: Geocode | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer about a reading, and how far it was believed."""

    verdict: Verdict
    geocode: Geocode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a geocoder is asked for one reading; `key` is the same for the same normalised text."""

    order_id: str
    revision: int
    text: str = field(repr=False)

    @property
    def key(self) -> str:
        """Return the text's fingerprint, under which an answer is kept in place of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def question_about(resolver: Resolver, reading: Reading) -> Question | None:
    """Return what to ask about a reading; None where asking cannot help.

    The text carries no name and no phone, wherever they stood.
    """
    if reading.state is not ReadingState.DOUBTFUL or reading.doubt not in ASKED:
        return None
    text = _asked(resolver, reading)
    if len(text) < LEAST:
        return None
    return Question(order_id=reading.order_id, revision=reading.revision, text=text)


def _asked(resolver: Resolver, reading: Reading) -> str:
    stated = reading.stated
    # Read as if no name and no phone had been stated beside it: what is found in it is cut out.
    found = resolver.resolve(stated.detail, shop=reading.shop_id)
    read = sorted((one.span, one.text) for one in found.evidence if one.span is not None)
    fields = (stated.province, stated.city, stated.district, stated.town)
    words = [*fields, *dict.fromkeys(text for _span, text in read), found.rest]
    text = table().folding.fold(" ".join(word for word in words if word.strip()))
    text = _LONG_NUMBER.sub(" ", text)
    for personal in (found.name, found.phone, *found.more_phones):
        text = text.replace(personal, " ") if personal else text
    return "".join(text.split())[:MOST]


def weigh(resolver: Resolver, reading: Reading, geocode: Geocode | None) -> Verdict:
    """Return how far an answer about a reading is believed; see the module's rules."""
    line = line_of(geocode.code) if geocode else None
    if geocode is None or line is None or line.province is None:
        return Verdict.NOTHING
    again = judge(resolver, _with(line, reading.stated), shop=reading.shop_id)
    found = resolver.resolve("", stated=reading.stated, shop=reading.shop_id)
    meant = found.candidates
    is_against = (
        reading.contradictions
        or again.resolved.contradictions
        or (meant and not any(_fits(one, line) for one in meant))
    )
    if is_against or not is_within(again.line, line) or _names_another(reading.stated, line):
        return Verdict.CONTRADICTS
    if geocode.precision not in FINE | MIDDLE or not _is_whole(line):
        return Verdict.WEAK
    is_meant = _is_only_candidate(meant, line)
    if geocode.precision in FINE and is_meant and again.doubt is None:
        return Verdict.PASSES
    return Verdict.SUGGESTS


def _names_another(stated: StatedAddress, line: Line) -> bool:
    """Tell whether a text names a province or city outside a line; in doubt it does."""
    own = "".join(one.name for one in line if one is not None)
    fields = (stated.province, stated.city, stated.district, stated.town, stated.detail)
    text = table().folding.fold(" ".join(fields))
    return any(found not in own for found in _large_names().findall(text))


@cache
def _large_names() -> re.Pattern[str]:
    """Return what finds the names of provinces and cities, long or short, not those of roads."""
    known = table()
    long = {known.names[place] for place in range(known.regions) if known.levels[place] <= 2}
    short = {re.sub(r"(维吾尔|壮族|回族)?(自治区|省|市|地区|盟)$", "", name) for name in long}
    names = sorted((name for name in long | short if len(name) > 1), key=len, reverse=True)
    return re.compile(f"({'|'.join(names)})(?![东西南北中一二三四五]?[路街道巷弄])")


def _with(line: Line, stated: StatedAddress) -> StatedAddress:
    """Return the stated address as text behind the divisions of a line."""
    fields = (stated.province, stated.city, stated.district, stated.town, stated.detail)
    return replace(
        stated,
        province=line.province.name if line.province else "",
        city=line.city.name if line.city else "",
        district=line.district.name if line.district else "",
        town="",
        detail=" ".join(one.strip() for one in fields if one.strip()),
    )


def _is_whole(line: Line) -> bool:
    if line.city is None:
        return False
    return line.district is not None or is_whole_without_district(line.city.code)


def _fits(candidate: Candidate, line: Line) -> bool:
    own = (candidate.province, candidate.city, candidate.district)
    return all(
        None in {one, there} or one == there for one, there in zip(own, line[:3], strict=True)
    )


def _is_only_candidate(candidates: Iterable[Candidate], line: Line) -> bool:
    wanted = line.district or line.city
    meant = {one.district or one.city for one in candidates}
    return [one for one in meant if one and wanted and one.name == wanted.name] == [wanted]
