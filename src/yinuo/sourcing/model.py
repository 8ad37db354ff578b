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
class Serving:
    """Which warehouses may serve: those named, or all where none is; first named first, or not."""

    codes: tuple[str, ...] = ()
    in_order: bool = False

    def includes(self, code: str) -> bool:
        """Tell whether a warehouse may serve."""
        return not self.codes or code in self.codes


ANY = Serving()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedWarehouse:
    """A warehouse with its place in the order of preference and the code of the reason."""

    code: str
    name: str
    rank: int
    reason: str
    params: dict[str, JsonValue] = field(default_factory=dict)


def rank_warehouses(
    province: str, warehouses: Sequence[ServingWarehouse], *, serving: Serving = ANY
) -> tuple[RankedWarehouse, ...]:
    """Return the active warehouses that may serve, the best first.

    One in the receiver's province comes before one that names the province among those it serves
    (sooner named, sooner taken); the rest follow by code, as a last resort. An order of the
    shop's own counts instead of all that.
    """
    active = [one for one in warehouses if one.is_active and serving.includes(one.code)]
    is_own = serving.in_order and bool(serving.codes)
    ordered = (
        sorted(active, key=lambda warehouse: serving.codes.index(warehouse.code))
        if is_own
        else sorted(active, key=lambda warehouse: _preference(province, warehouse))
    )
    return tuple(
        RankedWarehouse(
            code=warehouse.code,
            name=warehouse.name,
            rank=place,
            reason="sourcing.shops_order" if is_own else _reason(province, warehouse),
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


def left_out(
    warehouses: Sequence[ServingWarehouse], *, serving: Serving, after: int
) -> tuple[TriedWarehouse, ...]:
    """Return the active warehouses that may not serve, ranked behind `after` others."""
    outside = [one for one in warehouses if one.is_active and not serving.includes(one.code)]
    return tuple(
        TriedWarehouse(
            code=warehouse.code,
            name=warehouse.name,
            rank=after + place,
            reason="sourcing.not_for_shop",
            is_chosen=False,
            params={},
        )
        for place, warehouse in enumerate(sorted(outside, key=lambda one: one.code), start=1)
    )


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
