"""Which order numbers of a shop are known."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from yinuo.core.arrays import array
from yinuo.core.db import Session

_KNOWN = sa.text(
    """
    SELECT o.number FROM unnest(CAST(:numbers AS text[])) AS n (number)
      JOIN orders o ON o.shop_id = :shop_id AND o.number = n.number
    """
)


def known_numbers(session: Session, *, shop_id: str, numbers: Collection[str]) -> set[str]:
    """Return those of the cleaned numbers that the shop has orders of, in one query."""
    found = session.execute(_KNOWN, {"shop_id": shop_id, "numbers": array(numbers)})
    return set(found.scalars())
