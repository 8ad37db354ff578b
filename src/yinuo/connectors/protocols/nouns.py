"""Nouns that several protocols share: health, places, people, stock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class HealthState(StrEnum):
    """How an outside system is doing."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a check found; `note` is a stable code with words, empty when all is well."""

    state: HealthState
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where goods go, without the person."""

    province: str
    city: str
    district: str
    town: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who gets the goods, and where; the personal parts stay out of `repr`."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    province: str
    city: str
    district: str
    town: str = ""
    detail: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuQuantity:
    """Units of one SKU."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """One SKU in one warehouse, as an outside system counts it.

    `quantity` is all that lies there, `locked` what the warehouse has frozen of it, `open_quantity`
    what the ERP's open documents still take; `available` is what the system itself calls free.
    """

    sku: str
    warehouse: str
    quantity: int
    available: int
    open_quantity: int = 0
    locked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPhotograph:
    """Stock as it was at one moment."""

    as_of: datetime
    lines: tuple[StockLine, ...]
