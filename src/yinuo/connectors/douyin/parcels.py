"""What of an order has left already, and what of it one more parcel holds; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from yinuo.connectors.douyin.mapping import CANCELLED
from yinuo.connectors.douyin.reading import ident
from yinuo.connectors.protocols import OutcomeUnknown, SkuQuantity


class _Packed(msgspec.Struct, frozen=True):
    sku_order_id: int | str = ""
    product_count: int = 0


class _Parcel(msgspec.Struct, frozen=True):
    tracking_no: str = ""
    product_info: list[_Packed] | None = None


class _SkuOrder(msgspec.Struct, frozen=True):
    order_id: int | str = ""
    order_status: int | None = None
    out_sku_id: int | str | None = None
    code: str | None = None
    sku_id: int | str | None = None
    item_num: int = 0

    @property
    def codes(self) -> frozenset[str]:
        """Return all that the line may be called by."""
        return frozenset(str(one) for one in (self.out_sku_id, self.code, self.sku_id) if one)


class _Order(msgspec.Struct, frozen=True):
    logistics_info: list[_Parcel] | None = None
    sku_order_list: list[_SkuOrder] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcels:
    """An order's waybills, and per line of Douyin's what has not left yet."""

    waybills: frozenset[str]
    left: Mapping[str, int]
    codes: Mapping[str, frozenset[str]]

    def share(self, lines: Sequence[SkuQuantity]) -> Mapping[str, int] | None:
        """Return the units of each line of Douyin's in a parcel, None where it holds others."""
        left, found = dict(self.left), dict.fromkeys(self.left, 0)
        for line in lines:
            wanted = line.quantity
            for number, codes in self.codes.items():
                taken = min(wanted, left[number]) if line.sku in codes else 0
                left[number] -= taken
                found[number] += taken
                wanted -= taken
            if wanted:
                return None
        return {number: units for number, units in found.items() if units}


def parcels(body: bytes) -> Parcels:
    """Return what an order's body says of its parcels; raises OutcomeUnknown for an odd one."""
    try:
        told = msgspec.json.decode(body, type=_Order)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise OutcomeUnknown(reason="bad_json") from None
    gone: dict[str, int] = {}
    for parcel in told.logistics_info or ():
        for packed in parcel.product_info or ():
            number = ident(packed.sku_order_id)
            gone[number] = gone.get(number, 0) + packed.product_count
    lines = [one for one in told.sku_order_list if one.order_status != CANCELLED]
    units = {ident(one.order_id): one.item_num - gone.get(ident(one.order_id), 0) for one in lines}
    left = {number: count for number, count in units.items() if number and count > 0}
    return Parcels(
        waybills=frozenset(one.tracking_no for one in told.logistics_info or ()),
        left=left,
        codes={ident(one.order_id): one.codes for one in lines if ident(one.order_id) in left},
    )
