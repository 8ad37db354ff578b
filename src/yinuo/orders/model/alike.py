"""Orders that may be the same wish of the same person, told twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Who orders the same again within two days has mostly been told twice; later it is a second wish.
ALIKE_WITHIN = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeOrder:
    """An order of the same phone with the same goods, in whatever shop."""

    order_id: str
    shop_id: str
    number: str
    placed_at: datetime
