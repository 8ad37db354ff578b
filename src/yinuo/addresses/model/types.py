"""The nouns of an address: what is stated, what is resolved, and on what evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import NamedTuple, Protocol


class Level(IntEnum):
    """How deep a division lies; a smaller number is a larger area."""

    PROVINCE = 1
    CITY = 2
    DISTRICT = 3
    TOWN = 4


@dataclass(frozen=True, slots=True)
class Division:
    """One place of the table: six digits down to districts, nine for towns and streets.

    `is_own_code` marks codes that no standard gives (districts of Hong Kong, Macao and Taiwan,
    divisions approved after the last published table).
    """

    code: str
    name: str
    level: Level
    is_own_code: bool = False


class EvidenceKind(Enum):
    """By what a level was recognised."""

    FULL = "full"
    SHORT = "short"
    FORMER = "former"
    ALIAS = "alias"
    PARENT = "parent"
    FIELD = "field"
    CODE = "code"
    ZONE = "zone"
    TYPO = "typo"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for one level of the answer.

    `span` is where in the raw text it stands, None for a parent filled from its child and for
    marketplace fields and codes; `text` is what was read there, in the table's characters.
    """

    level: Level
    code: str
    span: tuple[int, int] | None
    text: str
    kind: EvidenceKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that was considered; scores are comparable within one answer only."""

    province: Division | None
    city: Division | None
    district: Division | None
    town: Division | None
    score: float


class ContradictionKind(Enum):
    """Which two statements do not go together."""

    PROVINCE_CITY = "province_city"
    PROVINCE_DISTRICT = "province_district"
    CITY_DISTRICT = "city_district"
    DISTRICT_TOWN = "district_town"
    TEXT_FIELDS = "text_fields"
    CODE_NAME = "code_name"
    TWO_PLACES = "two_places"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements of one address that cannot both be true; of two levels the larger first."""

    kind: ContradictionKind
    stated: str
    against: str


@dataclass(frozen=True, slots=True)
class StatedAddress:
    """An address as a marketplace gives it, in fields that may be missing, drifted or wrong.

    `codes` are division codes the marketplace stated, in any order and of any level.
    """

    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    detail: str = ""
    name: str = ""
    phone: str = ""
    codes: tuple[str, ...] = ()


class AliasScope(Enum):
    """Where an alias holds."""

    EVERYWHERE = "everywhere"
    SHOP = "shop"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Alias:
    """A text that customer service taught to mean a division.

    `scope_value` is the shop's id or the city's six-digit code, and empty for everywhere.
    """

    id: str
    text: str
    code: str
    scope: AliasScope = AliasScope.EVERYWHERE
    scope_value: str = ""


class Trace(Protocol):
    """How an answer was reached; worked out in full only when somebody asks."""

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the reasons, level by level."""
        ...

    def candidates(self) -> tuple[Candidate, ...]:
        """Return what was considered, the best first."""
        ...


class Resolved(NamedTuple):
    """What a text or a marketplace address means; made by the resolver.

    `rest` is what remains for the courier (road, house, estate) without divisions, name and
    phone. `confidence` is between 0 and 1; `table_date` tells the state of the division table.
    """

    province: Division | None = None
    city: Division | None = None
    district: Division | None = None
    town: Division | None = None
    rest: str = ""
    name: str | None = None
    phone: str | None = None
    phone_extension: str | None = None
    confidence: float = 0.0
    contradictions: tuple[Contradiction, ...] = ()
    table_date: str = ""
    more_phones: tuple[str, ...] = ()
    trace: Trace | None = None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Return the reasons for the answer, from province down."""
        return self.trace.evidence() if self.trace else ()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Return the places that were considered, the best first, at most five."""
        return self.trace.candidates() if self.trace else ()

    @property
    def province_code(self) -> str | None:
        """Return the province's six digits, None when it is not known."""
        return self.province.code if self.province else None

    @property
    def city_code(self) -> str | None:
        """Return the city's six digits, None when it is not known."""
        return self.city.code if self.city else None

    @property
    def district_code(self) -> str | None:
        """Return the district's six digits, None when there is none or it is not known."""
        return self.district.code if self.district else None
