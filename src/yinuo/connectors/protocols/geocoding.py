"""What the hub asks of a geocoder: where an address lies, as a second opinion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from yinuo.connectors.protocols.nouns import Health


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map in GCJ-02 degrees, as Chinese map services use them."""

    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What a geocoder says of an address; levels that it does not state are empty.

    `code` has six digits; `precision` is the vendor's word for how exactly it found the address.
    """

    code: str
    province: str
    city: str
    district: str
    precision: str
    point: Point | None = field(repr=False)


class Geocoder(Protocol):
    """A service that finds addresses on the map."""

    def locate(self, text: str) -> Located | None:
        """Return where an address lies, None where the service knows no such address.

        Asked once, never repeated by itself: every call counts against a quota.
        Raises QuotaUsed until the next day, Busy, Unavailable, Rejected.
        """

    def check(self) -> Health:
        """Return how the system does, by a call that changes nothing; never raises."""
