"""The error tree of the product.

    YinuoError
    ├── Invalid             the request cannot be right, whoever sends it and whenever
    ├── Unauthenticated     nobody is signed in
    ├── Forbidden           somebody is, but may not do this
    ├── NotFound            the thing does not exist (or may not be seen)
    ├── Conflict            right in itself, but not in the present state
    ├── TooLarge            more than is taken in one piece
    ├── TooMany             too often
    └── OutsideUnavailable  an outside system or a part of ours does not answer

A concrete error is a subclass with a stable `code`. HTTP status, exit codes and Chinese or
English words are given at the edge, once, from kind and code; `details` fill the words.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar, TypeAlias

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None


class Kind(Enum):
    """The eight ways in which something can be refused."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


class YinuoError(Exception):
    """Something was refused; `code` says what for good, `details` say what about this time."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "core.refused"

    def __init__(self, **details: JsonValue) -> None:
        self.details = details
        super().__init__(self.code)

    def __str__(self) -> str:
        """Return the code alone: details may hold personal data and must not reach logs."""
        return self.code


class Invalid(YinuoError):
    """The request cannot be right."""

    kind = Kind.INVALID
    code = "core.invalid"


class Unauthenticated(YinuoError):
    """Nobody is signed in."""

    kind = Kind.UNAUTHENTICATED
    code = "core.unauthenticated"


class Forbidden(YinuoError):
    """The one who asks may not do this."""

    kind = Kind.FORBIDDEN
    code = "core.forbidden"


class NotFound(YinuoError):
    """The thing does not exist."""

    kind = Kind.NOT_FOUND
    code = "core.not_found"


class Conflict(YinuoError):
    """Right in itself, but not in the present state."""

    kind = Kind.CONFLICT
    code = "core.conflict"


class TooLarge(YinuoError):
    """More than is taken in one piece."""

    kind = Kind.TOO_LARGE
    code = "core.too_large"


class TooMany(YinuoError):
    """Asked too often."""

    kind = Kind.TOO_MANY
    code = "core.too_many"


class OutsideUnavailable(YinuoError):
    """A system that is needed does not answer now."""

    kind = Kind.UNAVAILABLE
    code = "core.unavailable"
