"""Places as arrays: how statements over many SKUs and warehouses get their keys."""

from __future__ import annotations

from collections.abc import Iterable

from yinuo.core.arrays import array
from yinuo.inventory.model import Place

PLACES = "unnest(CAST(:skus AS text[]), CAST(:warehouses AS text[])) AS k (sku, warehouse)"


def place_arrays(places: Iterable[Place]) -> dict[str, str]:
    """Return the values that `PLACES` needs: each place once, in the order of locks."""
    ordered = sorted(set(places))
    return {
        "skus": array(place.sku for place in ordered),
        "warehouses": array(place.warehouse for place in ordered),
    }
