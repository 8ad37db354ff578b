"""Reads a channel's order field by field and keeps every problem it has, not the first; pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from yinuo.connectors.protocols import ChannelOrder
from yinuo.core.errors import Invalid, JsonValue
from yinuo.core.money import Fen

MOST_LINES = 200
MOST_UNITS = 9_999
MOST_FEN = 1_000_000_000  # ten million yuan in one order of a home-textile shop is a mistake
JsonObject: TypeAlias = dict[str, "JsonValue"]
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class ProblemCode(StrEnum):
    """What can be wrong with a field of an order."""

    NOT_JSON = "connectors.problem.not_json"
    MISSING = "connectors.problem.missing"
    WRONG_TYPE = "connectors.problem.wrong_type"
    TOO_LONG = "connectors.problem.too_long"
    BAD_CHARACTERS = "connectors.problem.bad_characters"
    BAD_TIME = "connectors.problem.bad_time"
    BAD_VALUE = "connectors.problem.bad_value"
    BAD_QUANTITY = "connectors.problem.bad_quantity"
    HUGE_QUANTITY = "connectors.problem.huge_quantity"
    NEGATIVE_AMOUNT = "connectors.problem.negative_amount"
    HUGE_AMOUNT = "connectors.problem.huge_amount"
    LINE_AMOUNT = "connectors.problem.line_amount"
    ITEMS_AMOUNT = "connectors.problem.items_amount"
    TOTAL_AMOUNT = "connectors.problem.total_amount"
    NO_LINES = "connectors.problem.no_lines"
    TOO_MANY_LINES = "connectors.problem.too_many_lines"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, and where: a JSON path such as `$.lines[0].quantity`."""

    code: ProblemCode
    path: str


class BadOrder(Invalid):
    """The order cannot be right; `problems` are all there are, in the order of the fields.

    `number` is the order's raw number where that can be read, for people to know it by.
    """

    code = "connectors.bad_order"

    def __init__(self, problems: tuple[Problem, ...], *, number: str = "") -> None:
        self.problems = problems
        self.number = number
        super().__init__(problems=[{"code": one.code.value, "path": one.path} for one in problems])


def decoded(body: bytes) -> JsonObject | None:
    """Return the JSON object in a body, or None when it is none."""
    try:
        root = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return root if isinstance(root, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


class OrderReader:
    """Reads fields and keeps the problems; a field with one gives a value of its type."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, code: ProblemCode, path: str) -> None:
        """Note what is wrong, and where."""
        self.problems.append(Problem(code, path))

    def part(
        self, parent: JsonObject, name: str, path: str, *, is_needed: bool = True
    ) -> JsonObject | None:
        """Return an object inside an object, None when it is not there."""
        value = parent.get(name)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.problem(ProblemCode.WRONG_TYPE, f"{path}.{name}")
        elif is_needed:
            self.problem(ProblemCode.MISSING, f"{path}.{name}")
        return None

    def text(
        self,
        parent: JsonObject | None,
        name: str,
        path: str,
        *,
        most: int,
        is_needed: bool = True,
    ) -> str:
        """Return a text without blanks around it, empty when it is not there."""
        value, where = (parent or {}).get(name), f"{path}.{name}"
        if value is not None and not isinstance(value, str):
            self.problem(ProblemCode.WRONG_TYPE, where)
            return ""
        found = (value or "").strip()
        if not found and is_needed:
            self.problem(ProblemCode.MISSING, where)
        elif len(found) > most:
            self.problem(ProblemCode.TOO_LONG, where)
        elif _CONTROL.search(found):
            self.problem(ProblemCode.BAD_CHARACTERS, where)
        return found

    def whole(
        self, parent: JsonObject, name: str, path: str, *, least: int, most: int, default: int
    ) -> int:
        """Return a whole number within its bounds, or the default."""
        value = parent.get(name, default)
        found = self._integer(value, f"{path}.{name}")
        if found is not None and not least <= found <= most:
            self.problem(ProblemCode.BAD_VALUE, f"{path}.{name}")
        return found or default

    def quantity(self, parent: JsonObject, name: str, path: str) -> int:
        """Return units, one or more."""
        found = self._integer(parent.get(name), f"{path}.{name}")
        if found is not None and found < 1:
            self.problem(ProblemCode.BAD_QUANTITY, f"{path}.{name}")
        elif found is not None and found > MOST_UNITS:
            self.problem(ProblemCode.HUGE_QUANTITY, f"{path}.{name}")
        return found or 0

    def amount(self, parent: JsonObject, name: str, path: str) -> Fen:
        """Return an amount in fen that is no debt."""
        found = self._integer(parent.get(name), f"{path}.{name}")
        if found is not None and found < 0:
            self.problem(ProblemCode.NEGATIVE_AMOUNT, f"{path}.{name}")
        elif found is not None and found > MOST_FEN:
            self.problem(ProblemCode.HUGE_AMOUNT, f"{path}.{name}")
        return Fen(found or 0)

    def flag(self, parent: JsonObject, name: str, path: str) -> bool:
        """Return a flag, False when it is not there."""
        value = parent.get(name, False)
        if not isinstance(value, bool):
            self.problem(ProblemCode.WRONG_TYPE, f"{path}.{name}")
        return value is True

    def moment(self, parent: JsonObject, name: str, path: str) -> datetime:
        """Return an aware moment between the years 2000 and 2100."""
        found = self.text(parent, name, path, most=40)
        try:
            at = datetime.fromisoformat(found or "2000-01-01T00:00:00Z")
            at.timestamp()  # the first and last years overflow in UTC
        except (ValueError, OverflowError):
            at = None
        if at is None or at.tzinfo is None or not 2000 <= at.year <= 2100:
            self.problem(ProblemCode.BAD_TIME, f"{path}.{name}")
            return datetime.min  # noqa: DTZ901 - never leaves: the order has a problem
        return at

    def check_sums(self, order: ChannelOrder) -> None:
        """Note every sum of an order that does not fit its parts."""
        for number, line in enumerate(order.lines):
            if line.amount_fen > line.quantity * line.unit_price_fen:
                self.problem(ProblemCode.LINE_AMOUNT, f"$.lines[{number}].amount_fen")
        if order.items_fen != sum(line.amount_fen for line in order.lines):
            self.problem(ProblemCode.ITEMS_AMOUNT, "$.items_fen")
        if order.total_fen != order.items_fen - order.discount_fen + order.freight_fen:
            self.problem(ProblemCode.TOTAL_AMOUNT, "$.total_fen")

    def _integer(self, value: JsonValue, where: str) -> int | None:
        if value is None:
            self.problem(ProblemCode.MISSING, where)
        elif isinstance(value, bool) or not isinstance(value, int):
            self.problem(ProblemCode.WRONG_TYPE, where)
        else:
            return value
        return None
