"""The answers of Pinduoduo's methods, as far as the hub reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from yinuo.connectors.pinduoduo.envelope import opening_refusal
from yinuo.connectors.pinduoduo.goods import Article
from yinuo.connectors.pinduoduo.mapping import SHIPPED
from yinuo.connectors.pinduoduo.reading import beijing
from yinuo.connectors.protocols import (
    OutcomeUnknown,
    RawOrder,
    Receiver,
    Rejected,
    SealedReceiver,
)

NAME, PHONE, DETAIL = 5, 6, 8  # the kinds of what is opened
# 11 digits, or 95 and more of a virtual number, with an extension between `#`.
_VIRTUAL = re.compile(r"\$?(\d{5,20})\$?#(\d{1,10})#", re.ASCII)


class _Head(msgspec.Struct, frozen=True):
    order_sn: str = ""
    updated_at: str = ""


class Increment(msgspec.Struct, frozen=True):
    """A page of orders changed in a window."""

    total_count: int
    order_sn_list: list[msgspec.Raw] = []

    def raw_orders(self) -> tuple[RawOrder, ...]:
        """Return the orders, oldest change first; an unreadable one has no number."""
        return tuple(sorted(map(_raw, self.order_sn_list), key=lambda order: order.version))


def _raw(order: msgspec.Raw) -> RawOrder:
    body = bytes(order)
    try:
        head = msgspec.json.decode(body, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError):
        head = _Head()
    at = beijing(head.updated_at)
    return RawOrder(
        number=head.order_sn, version=1 if at is None else int(at.timestamp()), body=body
    )


class Info(msgspec.Struct, frozen=True):
    """One order, unread."""

    order_info: msgspec.Raw = msgspec.Raw(b"null")


class Done(msgspec.Struct, frozen=True):
    """Whether something was done."""

    is_success: bool = False

    def check(self) -> None:
        """Raise Rejected when it was not."""
        if not self.is_success:
            raise Rejected(outside_code="is_success", outside_message="")


class Parcel(msgspec.Struct, frozen=True):
    """A further parcel of an order."""

    logistics_id: int = 0
    tracking_number: str = ""


class _Shipping(msgspec.Struct, frozen=True):
    order_status: int = 0
    tracking_number: str | None = None
    extra_delivery_list: list[Parcel] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """What Pinduoduo knows of an order's parcels."""

    has_left: bool
    waybills: frozenset[str]
    extra: Sequence[Parcel]


def shipped(body: bytes | None) -> Shipped:
    """Return what an order says of its parcels; one that is not there has none."""
    try:
        told = msgspec.json.decode(body or b"{}", type=_Shipping)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise OutcomeUnknown(reason="bad_json") from None
    extra = told.extra_delivery_list or []
    every = {told.tracking_number or "", *(parcel.tracking_number for parcel in extra)}
    return Shipped(
        has_left=told.order_status >= SHIPPED, waybills=frozenset(every - {""}), extra=extra
    )


class _Carrier(msgspec.Struct, frozen=True):
    id: int
    logistics_company: str = ""
    code: str | None = None
    available: int = 1


class Carriers(msgspec.Struct, frozen=True):
    """All carriers that Pinduoduo knows."""

    logistics_companies: list[_Carrier] = []

    def by_code(self) -> Mapping[str, int]:
        """Return the numbers of those in use, by code and by name, in capitals."""
        in_use = [one for one in self.logistics_companies if one.available]
        names = {one.logistics_company.strip().upper(): one.id for one in in_use}
        return names | {one.code.strip().upper(): one.id for one in in_use if one.code}


class _Sku(msgspec.Struct, frozen=True):
    sku_id: int
    outer_id: str | None = None


class _Goods(msgspec.Struct, frozen=True):
    goods_id: int
    sku_list: list[_Sku] = []


class GoodsPage(msgspec.Struct, frozen=True):
    """A page of what the shop sells."""

    total_count: int
    goods_list: list[_Goods] = []

    def articles(self) -> Iterator[tuple[str, Article]]:
        """Give each article with the code that it is sold under: the merchant's, else its own."""
        for goods in self.goods_list:
            for sku in goods.sku_list:
                article = Article(goods_id=goods.goods_id, sku_id=sku.sku_id)
                yield (sku.outer_id or "").strip() or str(sku.sku_id), article


class Renewed(msgspec.Struct, frozen=True):
    """A new pair of tokens, and whose they are."""

    access_token: str
    refresh_token: str | None = None
    owner_id: str | None = None


class _Opened(msgspec.Struct, frozen=True):
    data_type: int = 0
    encrypted_data: str | None = None
    decrypted_data: str | None = None
    error_code: int | str = 0
    error_msg: str | None = None
    virtual_identify_number: str | None = None

    @property
    def text(self) -> str:
        """Return the plain text, a virtual number's extension between `#` behind it."""
        text, extension = self.decrypted_data or "", self.virtual_identify_number or ""
        if extension and text.isdigit():
            return f"{text}#{extension}#"
        return text


class Opened(msgspec.Struct, frozen=True):
    """What was opened."""

    data_decrypt_list: list[_Opened] = []

    def receiver(self, sealed: SealedReceiver, masked: Receiver) -> Receiver:
        """Return the masked receiver with plain text wherever something was sealed.

        Raises QuotaUsed or Rejected for what was refused, OutcomeUnknown for what is missing.
        """
        sent = (sealed.name, sealed.phone, sealed.detail)
        for one in self.data_decrypt_list:
            if str(one.error_code) not in {"0", ""}:
                raise opening_refusal(one.error_code, one.error_msg or "", sent=sent)
        return replace(
            masked,
            name=self._plain(sealed.name, NAME) or masked.name,
            phone=dialled(self._plain(sealed.phone, PHONE)) or masked.phone,
            detail=self._plain(sealed.detail, DETAIL) or masked.detail,
        )

    def _plain(self, sealed: str, kind: int) -> str:
        """Return the plain text of a ciphertext, named in the answer or else known by its kind."""
        if not sealed:
            return ""
        for one in self.data_decrypt_list:
            is_it = one.encrypted_data == sealed if one.encrypted_data else one.data_type == kind
            if is_it and one.text:
                return one.text
        raise OutcomeUnknown(reason="not_all_opened")


def dialled(phone: str) -> str:
    """Return a phone number as people dial it: a virtual one and its extension, hyphen between."""
    found = _VIRTUAL.fullmatch(phone.strip())
    return f"{found[1]}-{found[2]}" if found else phone
