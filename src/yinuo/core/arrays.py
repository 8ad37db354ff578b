"""Arrays as PostgreSQL writes them, for `unnest` over many rows in one statement.

The driver dumps an array element by element in Python; for batches of hundreds of rows that costs
more than the database's work. Give the text to `CAST(:name AS text[])` (or another type).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

_SEPARATOR = "\x1f"  # in none of our texts; one that has it all the same goes the slow way


def array(values: Iterable[str | int | datetime | None]) -> str:
    """Return the text of a one-dimensional array; None becomes NULL, True and False booleans."""
    listed = list(values)
    if set(map(type, listed)) == {str}:
        joined = _SEPARATOR.join(listed)  # type: ignore[arg-type] # all texts, just seen
        if joined.count(_SEPARATOR) == len(listed) - 1:
            return '{"' + _escaped(joined).replace(_SEPARATOR, '","') + '"}'
    return "{" + ",".join(map(_element, listed)) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _element(value: str | int | datetime | None) -> str:
    if isinstance(value, str):
        return f'"{_escaped(value)}"'
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else f'"{value.isoformat()}"'
