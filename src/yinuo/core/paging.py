"""Keyset paging: a page of things and an opaque cursor to the next."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from yinuo.core.errors import Invalid

T = TypeVar("T")


class BadCursor(Invalid):
    """The cursor is not one that this product made."""

    code = "core.bad_cursor"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Things in order, and where to go on; `next_cursor` is None on the last page."""

    items: list[T]
    next_cursor: str | None


def encode_cursor(key: Sequence[str | int | None]) -> str:
    """Return the sort key of the last thing on a page as URL-safe text."""
    raw = json.dumps(list(key), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_cursor(cursor: str, *, length: int | None = None) -> list[str | int | None]:
    """Return the sort key inside a cursor; raises BadCursor for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (binascii.Error, ValueError):
        raise BadCursor from None
    if not isinstance(key, list) or not all(
        part is None or (isinstance(part, str | int) and not isinstance(part, bool)) for part in key
    ):
        raise BadCursor
    if any(isinstance(part, str) and "\x00" in part for part in key):
        raise BadCursor
    if any(isinstance(part, int) and abs(part) >= 2**63 for part in key):
        raise BadCursor
    if length is not None and len(key) != length:
        raise BadCursor
    return key


def clamp_limit(limit: int, *, most: int = 200) -> int:
    """Return the page size within 1 and `most`."""
    return max(1, min(limit, most))
