"""Money as integer fen; yuan text exists only at the edge."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import NewType

from yinuo.core.errors import Invalid

Fen = NewType("Fen", int)

MOST_FEN = 10**13  # a hundred billion yuan: beyond it an amount is a mistake


class BadAmount(Invalid):
    """The text is no amount of money in yuan with at most two decimals."""

    code = "core.bad_amount"


def yuan_to_fen(amount: str | Decimal) -> Fen:
    """Return the exact number of fen in an amount of yuan such as "259.90".

    Raises BadAmount for anything that is not a plain decimal with at most two places: floats,
    exponents, separators, infinities and fractions of a fen.
    """
    text = str(amount).strip()
    try:
        fen = Decimal(text) * 100
    except InvalidOperation:
        raise BadAmount(amount=text[:40]) from None
    plain = text.lstrip("-").replace(".", "", 1)
    if not plain.isascii() or not plain.isdigit() or fen != fen.to_integral_value():
        raise BadAmount(amount=text[:40])
    if abs(fen) > MOST_FEN:
        raise BadAmount(amount=text[:40])
    return Fen(int(fen))


def fen_to_yuan(amount: Fen) -> str:
    """Return yuan text with two decimals, such as "259.90"."""
    sign, rest = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{rest // 100}.{rest % 100:02d}"
