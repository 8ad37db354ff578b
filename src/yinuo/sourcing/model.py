"""Ranking warehouses for a receiver's province, and telling why each was taken or passed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from yinuo.core.errors import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingWarehouse:
    """A warehouse that may be chosen; `serves` lists provinces, the most preferred first."""

    code: str
    name: str
    province: str
    serves: tuple[str, ...]
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedWarehouse:
    """A warehouse with its place in the order of preference and the code of the reason."""

    code: str
    name: str
    rank: int
    reason: str
    params: dict[str, JsonValue] = field(default_factory=dict)


def rank_warehouses(
    province: str, warehouses: Sequence[ServingWarehouse]
) -> tuple[RankedWarehouse, ...]:
    """Return the active warehouses, the best first.

    One in the receiver's province comes before one that names the province among those it serves
    (sooner named, sooner taken); the rest follow by code, as a last resort.
    """
    active = [warehouse for warehouse in warehouses if warehouse.is_active]
    ordered = sorted(active, key=lambda warehouse: _preference(province, warehouse))
    return tuple(
        RankedWarehouse(
            code=warehouse.code,
            name=warehouse.name,
            rank=place,
            reason=_reason(province, warehouse),
            params={"province": province},
        )
        for place, warehouse in enumerate(ordered, start=1)
    )


def _preference(province: str, warehouse: ServingWarehouse) -> tuple[int, int, str]:
    if _same(province, warehouse.province):
        return (0, 0, warehouse.code)
    for place, served in enumerate(warehouse.serves):
        if _same(province, served):
            return (1, place, warehouse.code)
    return (2, 0, warehouse.code)


def _reason(province: str, warehouse: ServingWarehouse) -> str:
    if _same(province, warehouse.province):
        return "sourcing.same_province"
    if any(_same(province, served) for served in warehouse.serves):
        return "sourcing.serves_province"
    return "sourcing.last_resort"


_SUFFIXES = ("维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "省", "市")


def _same(one: str, other: str) -> bool:
    return bool(one) and _short(one) == _short(other)


def _short(province: str) -> str:
    for suffix in _SUFFIXES:
        if province.endswith(suffix) and len(province) > len(suffix) + 1:
            return province.removesuffix(suffix)
    return province


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedWarehouse:
    """A candidate after the stock decision: taken, short of something, or not looked at."""

    code: str
    name: str
    rank: int
    reason: str
    is_chosen: bool
    params: dict[str, JsonValue]


def explain(
    ranked: Sequence[RankedWarehouse],
    *,
    chosen: str | None,
    short: Mapping[str, Mapping[str, int]],
) -> tuple[TriedWarehouse, ...]:
    """Return every candidate with why it was taken or fell out.

    `short` names, per warehouse that was looked at and refused, the units missing of each SKU.
    """
    return tuple(_tried(candidate, chosen, short.get(candidate.code)) for candidate in ranked)


def _tried(
    candidate: RankedWarehouse, chosen: str | None, missing: Mapping[str, int] | None
) -> TriedWarehouse:
    reason, params = candidate.reason, dict(candidate.params)
    if missing:
        reason = "sourcing.too_little"
        params["short"] = ", ".join(f"{sku}×{count}" for sku, count in sorted(missing.items()))
    elif candidate.code != chosen:
        reason = "sourcing.not_needed"
    return TriedWarehouse(
        code=candidate.code,
        name=candidate.name,
        rank=candidate.rank,
        reason=reason,
        is_chosen=candidate.code == chosen,
        params=params,
    )
