"""The resolver with what people have taught, the same in every process at every moment."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from yinuo.addresses.model import Alias, Resolver
from yinuo.addresses.store import aliases as store
from yinuo.core.db import Session

_MOST_KEPT = 8


@dataclass(frozen=True, slots=True)
class Taught:
    """A resolver and the aliases that it knows."""

    resolver: Resolver
    aliases: tuple[Alias, ...]


# By stamp: a stamp is never used for two states of the aliases, in whatever database.
_kept: dict[str, Taught] = {"none": Taught(Resolver(), ())}
_guard = threading.Lock()


def taught(session: Session) -> Taught:
    """Return the resolver for the aliases that this transaction sees; costs one small query.

    An alias that was committed before the transaction's statement is known, in every process.
    """
    stamp = store.stamp(session)
    with _guard:
        known = _kept.get(stamp)
    if known is not None:
        return known
    aliases = tuple(store.standing(session))
    if store.stamp(session) != stamp:  # taught between the two questions
        return Taught(Resolver(aliases), aliases)
    fresh = Taught(Resolver(aliases), aliases)
    with _guard:
        while len(_kept) >= _MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[stamp] = fresh
    return fresh
