"""How sure an answer is: measured shares of right answers by how it was reached.

Of answers at 0.95 and above at least 99.5 % must be right, so everything that is less than sure
for a reason one can name stays below.
"""

from __future__ import annotations

from yinuo.addresses.model.chains import is_between
from yinuo.addresses.model.places import Located
from yinuo.addresses.model.table import FORMER, FULL, KNOWN, SHORT, SPLIT, SWAPPED, WEAK, Table
from yinuo.addresses.model.types import Contradiction, ContradictionKind

NOTHING = 0.0


def confidence_of(
    table: Table, text: str, located: Located, against: tuple[Contradiction, ...]
) -> float:
    """Return the probability that every level of the answer is right."""
    if located.place < 0:
        return NOTHING
    sure = _by_name(table, text, located)
    if located.typo is not None:
        sure = min(sure, 0.96 if located.typo.is_alike else 0.93)
    if located.is_by_zone:
        sure = min(sure, 0.93)
    if located.unknown is not None:
        sure = min(sure, 0.8)
    if located.decision.is_tied and located.town is None:
        sure = min(sure, 0.7)
    sure = min(sure, _by_margin(located))
    for one in against:
        sure = min(sure, 0.93 if one.kind is ContradictionKind.DISTRICT_TOWN else 0.6)
    return sure


def _by_name(table: Table, text: str, located: Located) -> float:
    """Return how sure the smallest named area is by the way it is written."""
    town, hits = located.town, located.hits
    if not hits and located.typo is not None:
        return 0.94
    if not hits:
        return 0.95 if town is not None and town.end - town.start >= 4 else 0.9
    leaf = hits[0]
    has_parent = len(hits) > 1
    level = table.levels[leaf.place]
    if leaf.kind == FULL or any(h.kind == FULL and h.place == leaf.place for h in hits):
        sure = 0.999 if has_parent else 0.99 if level < 3 or leaf.weight > 4 else 0.97
    elif leaf.kind in {SHORT, KNOWN, WEAK}:
        sure = 0.985 if has_parent else _alone(text, located, level)
    elif leaf.kind == FORMER:
        sure = 0.99 if has_parent else 0.975
    elif leaf.kind == SWAPPED:
        sure = 0.98 if has_parent else 0.9
    elif leaf.kind == SPLIT:
        sure = 0.97 if town is not None else 0.8
    else:
        sure = 0.995 if has_parent else 0.97
    if (
        has_parent
        and hits[1].end < leaf.start <= hits[1].end + 2
        and (not is_between(text, hits[1].end, leaf.start))
    ):
        sure = min(sure, 0.94)  # one or two characters between that nothing explains
    if town is not None and level < 3 and leaf.place in table.children:
        sure = min(sure, 0.985)
    return sure


def _is_everyday(located: Located) -> bool:
    """Tell whether an everyday word alone was taken for a prefecture."""
    return len(located.hits) == 1 and located.hits[0].kind == WEAK and located.town is None


def _alone(text: str, located: Located, level: int) -> float:
    """Return how sure a short name is that stands without its parents."""
    if located.town is not None:
        return 0.985
    leaf = located.hits[0]
    if _is_everyday(located):
        return 0.9
    if leaf.end == len(text):
        return 0.97
    return 0.955 if level < 3 else 0.94


def _by_margin(located: Located) -> float:
    """Return how sure the answer is beside its best rival."""
    decision = located.decision
    if not decision.rivals or decision.is_tied:
        return 1.0
    if located.town is None and located.hits and located.hits[0].kind == FORMER:
        leaf = located.hits[0]
        if any(
            hit.kind == SPLIT and hit.start == leaf.start and hit.place != leaf.place
            for hit in located.found.regions
        ):
            return 0.85
    margin = decision.score - decision.rivals[0][1]
    if margin >= 2:
        return 1.0
    return 0.98 if margin >= 1 else 0.9
