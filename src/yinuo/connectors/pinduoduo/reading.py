"""Reads the forms that values have at Pinduoduo: yuan, Beijing time, loose whole numbers; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

from yinuo.connectors.orders import MOST_FEN, JsonObject, OrderReader, ProblemCode
from yinuo.core.clock import SHANGHAI
from yinuo.core.errors import JsonValue
from yinuo.core.money import BadAmount, Fen, yuan_to_fen

_TIME = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_FEN = Decimal("0.01")
_NOISE = Decimal("0.000001")  # what a double can be off by; half a fen is five thousand times more


def beijing(text: str) -> datetime | None:
    """Return the moment that a text of Beijing time means, in UTC, or None for any other text."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError:
        return None


class PinduoduoReader(OrderReader):
    """Reads fields and keeps the problems; a field with one gives a value of its type."""

    def yuan(self, parent: JsonObject, name: str, path: str, *, is_needed: bool = True) -> Fen:
        """Return an amount of yuan, text or number, as fen; zero where it is empty and may be."""
        value, where = parent.get(name), f"{path}.{name}"
        if value is None or value == "":
            if is_needed:
                self.problem(ProblemCode.MISSING, where)
            return Fen(0)
        fen = self._fen(value, where)
        if fen < 0:
            self.problem(ProblemCode.NEGATIVE_AMOUNT, where)
        elif fen > MOST_FEN:
            self.problem(ProblemCode.HUGE_AMOUNT, where)
        return fen

    def beijing(
        self, parent: JsonObject, name: str, path: str, *, is_needed: bool = True
    ) -> datetime | None:
        """Return a moment in UTC, None where there is none or no good one."""
        text = self.text(parent, name, path, most=40, is_needed=is_needed)
        at = beijing(text) if text else None
        if text and at is None:
            self.problem(ProblemCode.BAD_TIME, f"{path}.{name}")
        return at

    def code(
        self,
        parent: JsonObject,
        name: str,
        path: str,
        *,
        known: frozenset[int],
        default: int | None = None,
    ) -> int:
        """Return one of the known codes; without a default the field is needed."""
        value, where = parent.get(name), f"{path}.{name}"
        if value is None and default is not None:
            return default
        found = self._integer(loose(value), where)
        if found is not None and found not in known:
            self.problem(ProblemCode.BAD_VALUE, where)
        return found or 0

    def units(self, parent: JsonObject, name: str, path: str) -> int:
        """Return units, one or more, given as a number or as its text."""
        return self.quantity({name: loose(parent.get(name))}, name, path)

    def _fen(self, value: JsonValue, where: str) -> Fen:
        """Return an amount exactly; a double may be off by the noise that doubles have."""
        try:
            if isinstance(value, str):
                return yuan_to_fen(value)
            if isinstance(value, int) and not isinstance(value, bool):
                return yuan_to_fen(Decimal(value))
            if isinstance(value, float) and abs(value) < MOST_FEN:
                exact = Decimal(value)
                near = exact.quantize(_FEN)
                return yuan_to_fen(near if abs(near - exact) < _NOISE else exact)
        except BadAmount:
            self.problem(ProblemCode.BAD_VALUE, where)
            return Fen(0)
        is_number = isinstance(value, float)
        self.problem(ProblemCode.HUGE_AMOUNT if is_number else ProblemCode.WRONG_TYPE, where)
        return Fen(0)


def loose(value: JsonValue) -> JsonValue:
    """Return the whole number that a text of digits means; anything else as it is."""
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
