"""From what was ordered to the units of stock that it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from yinuo.catalog.model.items import BadBundle, Bundle, Demand, Problem, ProblemCode

MOST_UNITS = 100_000  # of one SKU in one order: beyond it a quantity is a mistake


def explode(lines: Iterable[Demand], bundles: Mapping[str, Bundle]) -> dict[str, int]:
    """Return units per SKU, by sorted code; a bundle and its part in one order are summed.

    `bundles` are those among the lines (others do no harm). Raises BadBundle with every problem:
    quantities that are not positive or beyond MOST_UNITS (alone or summed), bundles in bundles.
    """
    problems: list[Problem] = []
    needed: Counter[str] = Counter()
    for line in lines:
        problem = _quantity_problem(line.quantity)
        if problem is not None:
            problems.append(Problem(code=line.sku, problem=problem, value=str(line.quantity)[:40]))
            continue
        bundle = bundles.get(line.sku)
        if bundle is None:
            needed[line.sku] += line.quantity
            continue
        for part in bundle.parts:
            if part.sku in bundles:
                problems.append(
                    Problem(code=line.sku, problem=ProblemCode.NESTED_BUNDLE, value=part.sku)
                )
            needed[part.sku] += part.quantity * line.quantity
    problems += [
        Problem(code=sku, problem=ProblemCode.TOO_MANY_UNITS, value=str(units))
        for sku, units in sorted(needed.items())
        if units > MOST_UNITS
    ]
    if problems:
        raise BadBundle(problems)
    return dict(sorted(needed.items()))


def _quantity_problem(quantity: int) -> ProblemCode | None:
    if quantity <= 0:
        return ProblemCode.NOT_POSITIVE
    if quantity > MOST_UNITS:
        return ProblemCode.TOO_MANY_UNITS
    return None
