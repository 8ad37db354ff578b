"""From rows of a file to SKUs and bundles, with every problem of every row at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from yinuo.catalog.model.items import (
    Bundle,
    BundlePart,
    Problem,
    ProblemCode,
    Sku,
    bundle_problems,
    sku_problems,
)
from yinuo.core.errors import Invalid, JsonValue
from yinuo.core.money import BadAmount, Fen, yuan_to_fen

COLUMNS = (
    "code",
    "name",
    "unit",
    "price",
    "weight_grams",
    "barcode",
    "is_gift",
    "needs_erp_check",
    "is_active",
    "category",
    "family",
    "variant",
    "image",
    "parts",
)
_YES = frozenset({"1", "true", "yes", "y", "是"})
_NO = frozenset({"", "0", "false", "no", "n", "否"})
_PART = re.compile(r"(?P<sku>[^*×;；]+?)\s*(?:[*×]\s*(?P<quantity>\d{1,6}))?")
_WHOLE = re.compile(r"\d{1,9}")
_Add = Callable[[ProblemCode, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """A problem and the row of the file that it stands in, as a spreadsheet counts rows."""

    row: int
    problem: Problem

    def as_json(self) -> dict[str, JsonValue]:
        """Return the problem as error details carry it."""
        return {"row": self.row, **self.problem.as_json()}


class BadImport(Invalid):
    """A file of the catalog cannot be taken; every problem is named with its row."""

    code = "catalog.bad_import"

    def __init__(self, problems: Iterable[RowProblem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.row)
        super().__init__(
            problems=[problem.as_json() for problem in self.problems], count=len(self.problems)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogRows:
    """What a file holds: SKUs, and the bundles among them."""

    skus: tuple[Sku, ...]
    bundles: tuple[Bundle, ...]


def read_rows(
    rows: Sequence[Mapping[str, str]],
    *,
    first_row: int,
    known: Iterable[str] = (),
    standing: Iterable[Bundle] = (),
) -> CatalogRows:
    """Return the SKUs and bundles of a file's rows; prices are yuan, `parts` is `A*1;B*2`.

    `first_row` is the number of the first row, so that problems name rows as a spreadsheet
    counts them; `known` and `standing` are the SKU codes and bundles that are kept already. A
    row without parts leaves a standing bundle as it is. Raises BadImport with everything.
    """
    reader = _Reader()
    for index, row in enumerate(rows):
        reader.take(first_row + index, row)
    reader.check_bundles(known=set(known), standing=standing)
    if reader.problems:
        raise BadImport(reader.problems)
    return CatalogRows(skus=tuple(reader.skus), bundles=tuple(reader.bundles))


class _Reader:
    def __init__(self) -> None:
        self.skus: list[Sku] = []
        self.bundles: list[Bundle] = []
        self.problems: list[RowProblem] = []
        self._rows: dict[str, int] = {}
        self._named: set[str] = set()

    def take(self, number: int, row: Mapping[str, str]) -> None:
        cells = defaultdict(str, {name: value.strip() for name, value in row.items()})
        code = cells["code"]

        def add(problem: ProblemCode, value: str = "") -> None:
            self._add(number, Problem(code=code[:80], problem=problem, value=value[:80]))

        for name in row:
            if name not in COLUMNS and name not in self._named:
                self._named.add(name)
                add(ProblemCode.UNKNOWN_COLUMN, name)
        sku = Sku(
            code=code,
            name=cells["name"],
            unit=cells["unit"] or "件",
            price_fen=_price(cells["price"], add),
            weight_grams=_whole(cells["weight_grams"], add),
            barcode=cells["barcode"] or None,
            is_gift=_flag(cells["is_gift"], add),
            needs_erp_check=_flag(cells["needs_erp_check"], add),
            is_active=cells["is_active"] == "" or _flag(cells["is_active"], add),
            category=cells["category"],
            family=cells["family"],
            variant=cells["variant"],
            image=cells["image"] or None,
        )
        for problem in sku_problems(sku):
            self._add(number, problem)
        if code in self._rows:
            add(ProblemCode.REPEATED, code)
        self._rows.setdefault(code, number)
        self.skus.append(sku)
        parts = _parts(cells["parts"], add)
        if parts:
            self.bundles.append(Bundle(code=code, parts=parts))

    def check_bundles(self, *, known: set[str], standing: Iterable[Bundle]) -> None:
        after = {bundle.code: bundle for bundle in [*standing, *self.bundles]}
        for bundle in self.bundles:
            others = [other for other in after.values() if other.code != bundle.code]
            for problem in bundle_problems(
                bundle,
                known=known | set(self._rows),
                bundles=after,
                parts={part.sku for other in others for part in other.parts},
            ):
                self._add(self._rows[bundle.code], problem)

    def _add(self, number: int, problem: Problem) -> None:
        self.problems.append(RowProblem(row=number, problem=problem))


def _price(cell: str, add: _Add) -> Fen:
    try:
        return yuan_to_fen(cell or "0")
    except BadAmount:
        add(ProblemCode.BAD_PRICE, cell)
        return Fen(0)


def _whole(cell: str, add: _Add) -> int:
    if cell and not _WHOLE.fullmatch(cell):
        add(ProblemCode.BAD_WEIGHT, cell)
        return 0
    return int(cell or 0)


def _flag(cell: str, add: _Add) -> bool:
    if cell.lower() not in _YES | _NO:
        add(ProblemCode.BAD_FLAG, cell)
    return cell.lower() in _YES


def _parts(cell: str, add: _Add) -> tuple[BundlePart, ...]:
    parts: list[BundlePart] = []
    for text in filter(None, re.split(r"\s*[;；]\s*", cell)):
        match = _PART.fullmatch(text)
        if match is None:
            add(ProblemCode.BAD_PARTS, text)
            continue
        parts.append(BundlePart(sku=match["sku"], quantity=int(match["quantity"] or 1)))
    return tuple(parts)
