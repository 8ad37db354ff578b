"""What the daily bills of payment providers have in common: when they exist, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from yinuo.connectors.protocols import BillLine
from yinuo.core.clock import SHANGHAI
from yinuo.core.money import Fen

MOST_BILL_BYTES = 256 * 2**20
# Both providers make the bill of a day in the morning after; "there is none" is believed later.
BELIEVED_AT = time(12)


def is_settled(day: date, now: datetime) -> bool:
    """Tell whether a bill that is not there by now means that nothing happened on that day."""
    return now >= datetime.combine(day + timedelta(days=1), BELIEVED_AT, tzinfo=SHANGHAI)


def came(lines: Sequence[BillLine]) -> Fen:
    """Return what came."""
    return Fen(sum(line.amount_fen for line in lines if not line.is_refund))


def went_back(lines: Sequence[BillLine]) -> Fen:
    """Return what went back."""
    return Fen(sum(line.amount_fen for line in lines if line.is_refund))
