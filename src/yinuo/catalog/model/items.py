"""SKUs, bundles and listings, and what makes each of them wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from yinuo.core.errors import Invalid, JsonValue, NotFound
from yinuo.core.money import MOST_FEN, Fen

# What an old ERP takes as a material number, and what may stand in a query to it.
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+#-]{0,63}")
_BARCODE_LENGTHS = frozenset({8, 12, 13, 14})
NOTHING = Fen(0)
MOST_GRAMS = 1_000_000
MOST_PARTS = 50
MOST_PART_UNITS = 1_000
MOST_TEXT = 200


class ProblemCode(StrEnum):
    """What can be wrong with a piece of catalog or with a demand; words stand in the texts."""

    BAD_CODE = "catalog.problem.bad_code"
    NO_NAME = "catalog.problem.no_name"
    TOO_LONG = "catalog.problem.too_long"
    NO_UNIT = "catalog.problem.no_unit"
    BAD_PRICE = "catalog.problem.bad_price"
    BAD_WEIGHT = "catalog.problem.bad_weight"
    BAD_BARCODE = "catalog.problem.bad_barcode"
    BAD_FLAG = "catalog.problem.bad_flag"
    BAD_PARTS = "catalog.problem.bad_parts"
    REPEATED = "catalog.problem.repeated"
    UNKNOWN_COLUMN = "catalog.problem.unknown_column"
    NO_PARTS = "catalog.problem.no_parts"
    TOO_MANY_PARTS = "catalog.problem.too_many_parts"
    BAD_PART_QUANTITY = "catalog.problem.bad_part_quantity"
    CONTAINS_ITSELF = "catalog.problem.contains_itself"
    NESTED_BUNDLE = "catalog.problem.nested_bundle"
    PART_OF_BUNDLE = "catalog.problem.part_of_bundle"
    UNKNOWN_PART = "catalog.problem.unknown_part"
    NOT_POSITIVE = "catalog.problem.not_positive"
    TOO_MANY_UNITS = "catalog.problem.too_many_units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: with which code, what, and the offending value where it helps."""

    code: str
    problem: ProblemCode
    value: str = ""

    def as_json(self) -> dict[str, JsonValue]:
        """Return the problem as error details carry it."""
        return {
            "code": _printable(self.code)[:80],
            "problem": self.problem.value,
            "value": _printable(self.value)[:80],
        }


class _Problems(Invalid):
    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(problems=[problem.as_json() for problem in self.problems])


class UnknownSku(NotFound):
    """No active SKU answers to these codes; `codes` are all of them, sorted."""

    code = "catalog.unknown_sku"

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = sorted({_printable(code)[:MOST_TEXT] for code in codes})
        super().__init__(codes=list[JsonValue](self.codes))


class BadSku(_Problems):
    """SKUs cannot be kept as they are; every problem of every SKU is named."""

    code = "catalog.bad_sku"


class BadBundle(_Problems):
    """A bundle cannot be kept or exploded as it is, or a demand is no demand."""

    code = "catalog.bad_bundle"


class BadListing(_Problems):
    """A listing cannot be kept as it is."""

    code = "catalog.bad_listing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """One unit of stock of the merchant (or the selling face of a bundle).

    `family` groups the colours and sizes of one style, `variant` says which one this is.
    `needs_erp_check` asks the ERP for live stock before an order with it is carried out.
    """

    code: str
    name: str
    unit: str = "件"
    price_fen: Fen = NOTHING
    weight_grams: int = 0
    barcode: str | None = None
    is_gift: bool = False
    needs_erp_check: bool = False
    is_active: bool = True
    category: str = ""
    family: str = ""
    variant: str = ""
    image: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePart:
    """So many units of one SKU inside one bundle."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A SKU made of other SKUs, one level deep."""

    code: str
    parts: tuple[BundlePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A shop's product, and the SKU or bundle that it sells."""

    shop_id: str
    code: str
    sku: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """So many units of one SKU or bundle are asked for."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What an order's listing codes stand for: SKU by listing, and everything behind the SKUs.

    `skus` holds the SKUs that the listings point at and the parts of the bundles among them.
    """

    sku_of: Mapping[str, str]
    skus: Mapping[str, Sku]
    bundles: Mapping[str, Bundle]


def is_code(code: str) -> bool:
    """Tell whether the text can be a SKU code: ASCII letters and digits and `._/+#-`, at most 64."""
    return _CODE.fullmatch(code) is not None


def has_right_check_digit(barcode: str) -> bool:
    """Tell whether the text is an EAN-8, UPC-A, EAN-13 or ITF-14 with its right check digit."""
    if len(barcode) not in _BARCODE_LENGTHS or not (barcode.isascii() and barcode.isdigit()):
        return False
    digits = [int(digit) for digit in reversed(barcode)]
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def sku_problems(sku: Sku) -> list[Problem]:
    """Return everything that is wrong with a SKU, in the order of its fields."""
    code = sku.code
    found: list[tuple[bool, ProblemCode, str]] = [
        (not is_code(code), ProblemCode.BAD_CODE, code),
        (not sku.name.strip(), ProblemCode.NO_NAME, ""),
        (not sku.unit.strip(), ProblemCode.NO_UNIT, ""),
        (not 0 <= sku.price_fen <= MOST_FEN, ProblemCode.BAD_PRICE, str(sku.price_fen)),
        (not 0 <= sku.weight_grams <= MOST_GRAMS, ProblemCode.BAD_WEIGHT, str(sku.weight_grams)),
        (
            sku.barcode is not None and not has_right_check_digit(sku.barcode),
            ProblemCode.BAD_BARCODE,
            sku.barcode or "",
        ),
    ]
    texts = (sku.name, sku.unit, sku.category, sku.family, sku.variant, sku.image or "")
    found += [(not _fits(text), ProblemCode.TOO_LONG, text) for text in texts]
    return [
        Problem(code=code, problem=problem, value=value)
        for is_bad, problem, value in found
        if is_bad
    ]


def _fits(text: str) -> bool:
    return len(text) <= MOST_TEXT and text.isprintable()


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def bundle_problems(
    bundle: Bundle, *, known: Iterable[str], bundles: Iterable[str], parts: Iterable[str]
) -> list[Problem]:
    """Return everything that is wrong with a bundle beside what already stands.

    `known` are the SKU codes that exist, `bundles` the codes of other bundles, `parts` the SKUs
    that are a part of some other bundle.
    """
    known, bundles, parts = set(known), set(bundles), set(parts)
    found: list[Problem] = []

    def add(problem: ProblemCode, value: str = "") -> None:
        found.append(Problem(code=bundle.code, problem=problem, value=value))

    if not bundle.parts:
        add(ProblemCode.NO_PARTS)
    if len(bundle.parts) > MOST_PARTS:
        add(ProblemCode.TOO_MANY_PARTS, str(len(bundle.parts)))
    if bundle.code in parts:
        add(ProblemCode.PART_OF_BUNDLE)
    seen: set[str] = set()
    for part in bundle.parts:
        wrong = [
            (part.sku in seen, ProblemCode.REPEATED),
            (part.sku == bundle.code, ProblemCode.CONTAINS_ITSELF),
            (part.sku in bundles - {bundle.code}, ProblemCode.NESTED_BUNDLE),
            (part.sku not in known, ProblemCode.UNKNOWN_PART),
            (not 1 <= part.quantity <= MOST_PART_UNITS, ProblemCode.BAD_PART_QUANTITY),
        ]
        for is_wrong, problem in wrong:
            if is_wrong:
                add(problem, part.sku)
        seen.add(part.sku)
    return found
