"""The nouns of the catalog and its pure decisions."""

from yinuo.catalog.model.exploding import MOST_UNITS, explode
from yinuo.catalog.model.items import (
    BadBundle,
    BadListing,
    BadSku,
    Bundle,
    BundlePart,
    Demand,
    Listing,
    Lookup,
    Problem,
    ProblemCode,
    Sku,
    UnknownSku,
    bundle_problems,
    has_right_check_digit,
    is_code,
    sku_problems,
)
from yinuo.catalog.model.rows import (
    COLUMNS,
    BadImport,
    CatalogRows,
    RowProblem,
    read_rows,
)

__all__ = [
    "COLUMNS",
    "MOST_UNITS",
    "BadBundle",
    "BadImport",
    "BadListing",
    "BadSku",
    "Bundle",
    "BundlePart",
    "CatalogRows",
    "Demand",
    "Listing",
    "Lookup",
    "Problem",
    "ProblemCode",
    "RowProblem",
    "Sku",
    "UnknownSku",
    "bundle_problems",
    "explode",
    "has_right_check_digit",
    "is_code",
    "read_rows",
    "sku_problems",
]
