"""Reads the forms that values have at Douyin: loose ids, unix times, JSON texts inside JSON; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from yinuo.connectors.orders import JsonObject, OrderReader, ProblemCode, decoded
from yinuo.core.errors import JsonValue

_ID = re.compile(r"[1-9]\d{0,23}A?", re.ASCII)  # orders of the first years end with an A
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_FIRST, _LAST = 946_684_800, 4_102_444_799  # the years 2000 to 2099


class DouyinReader(OrderReader):
    """Reads fields and keeps the problems; a field with one gives a value of its type."""

    def ident(self, parent: JsonObject, name: str, path: str, *, is_needed: bool = True) -> str:
        """Return an id as text, given as a 64-bit number or as its text; empty when absent."""
        value = parent.get(name)
        if value is None or (isinstance(value, str) and value in {"", "0"}) or _is_zero(value):
            if is_needed:
                self.problem(ProblemCode.MISSING, f"{path}.{name}")
            return ""
        found = ident(value)
        if not found:
            is_text = isinstance(value, str)
            code = ProblemCode.BAD_VALUE if is_text else ProblemCode.WRONG_TYPE
            self.problem(code, f"{path}.{name}")
        return found

    def unix(
        self, parent: JsonObject, name: str, path: str, *, is_needed: bool = True
    ) -> datetime | None:
        """Return a moment in UTC, None where there is none (0 says so) or no good one."""
        value = loose(parent.get(name))
        if value is None or value == "" or _is_zero(value):
            if is_needed:
                self.problem(ProblemCode.MISSING, f"{path}.{name}")
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.problem(ProblemCode.WRONG_TYPE, f"{path}.{name}")
        elif not _FIRST <= value <= _LAST:
            self.problem(ProblemCode.BAD_TIME, f"{path}.{name}")
        else:
            return datetime.fromtimestamp(value, UTC)
        return None

    def status(
        self,
        parent: JsonObject,
        name: str,
        path: str,
        *,
        known: frozenset[int],
        default: int | None = None,
    ) -> int:
        """Return one of the known codes; without a default the field is needed."""
        value = loose(parent.get(name))
        if (value is None or value == "") and default is not None:
            return default
        found = self._integer(value, f"{path}.{name}")
        if found is not None and found not in known:
            self.problem(ProblemCode.BAD_VALUE, f"{path}.{name}")
        return found or 0

    def fen(self, parent: JsonObject, name: str, path: str, *, is_needed: bool = True) -> int:
        """Return an amount in fen that is no debt; zero where there is none and may be none."""
        if not is_needed and parent.get(name) is None:
            return 0
        return self.amount(parent, name, path)

    def nested(self, parent: JsonObject, name: str, path: str) -> JsonObject:
        """Return an object, given as one or as its JSON text; an empty one where there is none."""
        value = parent.get(name)
        if isinstance(value, dict):
            return value
        if value is None or (isinstance(value, str) and not value.strip()):
            return {}
        found = decoded(value.encode("utf-8", "replace")) if isinstance(value, str) else None
        if found is None:
            self.problem(ProblemCode.WRONG_TYPE, f"{path}.{name}")
            return {}
        return found


def ident(value: JsonValue) -> str:
    """Return an id as text, empty for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 < value < 2**63 else ""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _is_zero(value: JsonValue) -> bool:
    """Tell whether a value is the number that Douyin writes where there is none."""
    return type(value) is int and value == 0


def loose(value: JsonValue) -> JsonValue:
    """Return the whole number that a text of digits means; anything else as it is."""
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
