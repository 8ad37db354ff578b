"""Arrays as PostgreSQL writes them, for `unnest` over many rows in one statement.

The driver dumps an array element by element in Python; for batches of hundreds of rows that costs
more than the database's work. Give the text to `CAST(:name AS text[])` (or another type).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def array(values: Iterable[str | int | datetime | None]) -> str:
    """Return the text of a one-dimensional array; None becomes NULL, True and False booleans."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: str | int | datetime | None) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else f'"{value.isoformat()}"'
