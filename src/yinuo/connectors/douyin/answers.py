"""The answers of Douyin's methods, as far as the hub reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import msgspec

from yinuo.connectors.douyin.envelope import opening_refusal
from yinuo.connectors.douyin.reading import ident
from yinuo.connectors.douyin.tokens import Pair
from yinuo.connectors.protocols import OutcomeUnknown, RawOrder, Receiver, SealedReceiver
from yinuo.core import clock

ADDRESS, NAME, PHONE, BARE_PHONE = 1, 2, 3, 5  # the kinds of what is opened


class Nothing(msgspec.Struct, frozen=True):
    """An answer that says no more than that it was done."""


class _Head(msgspec.Struct, frozen=True):
    order_id: int | str = ""
    update_time: int | str = 0


class Found(msgspec.Struct, frozen=True):
    """A page of orders changed in a window."""

    shop_order_list: list[msgspec.Raw] | None = None

    def raw_orders(self) -> tuple[RawOrder, ...]:
        """Return the orders, oldest change first; an unreadable one has no number."""
        return tuple(sorted(map(_raw, self.shop_order_list or ()), key=lambda one: one.version))


def _raw(order: msgspec.Raw) -> RawOrder:
    body = bytes(order)
    try:
        head = msgspec.json.decode(body, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError):
        head = _Head()
    changed = str(head.update_time)
    is_time = changed.isascii() and changed.isdigit() and len(changed) < 12
    return RawOrder(number=ident(head.order_id), version=int(changed) if is_time else 1, body=body)


class Detail(msgspec.Struct, frozen=True):
    """One order, unread."""

    shop_order_detail: msgspec.Raw = msgspec.Raw(b"null")


class Authorised(msgspec.Struct, frozen=True):
    """A new pair of tokens, and whose they are."""

    access_token: str
    expires_in: int
    refresh_token: str = ""
    shop_id: int | str = ""

    def pair(self) -> Pair:
        """Return the pair; its end counts from now."""
        ends_at = clock.now() + timedelta(seconds=self.expires_in)
        return Pair(access=self.access_token, refresh=self.refresh_token, ends_at=ends_at)


class _Carrier(msgspec.Struct, frozen=True):
    code: str
    name: str = ""


def carriers_by_code(carriers: list[_Carrier]) -> Mapping[str, str]:
    """Return Douyin's codes of the carriers, by code and by name, in capitals."""
    names = {one.name.strip().upper(): one.code for one in carriers}
    return names | {one.code.strip().upper(): one.code for one in carriers}


Carriers = list[_Carrier]


class _Opened(msgspec.Struct, frozen=True):
    cipher_text: str = ""
    decrypt_text: str = ""
    err_no: int = 0
    err_msg: str = ""
    data_type: int = 0
    is_virtual_tel: bool = False
    phone_no_a: str = ""
    phone_no_b: str = ""

    @property
    def text(self) -> str:
        """Return the plain text; a virtual number has its extension behind a hyphen."""
        if self.is_virtual_tel and "-" not in self.decrypt_text and self.phone_no_b:
            return f"{self.phone_no_a or self.decrypt_text}-{self.phone_no_b}"
        return self.decrypt_text


class _CustomError(msgspec.Struct, frozen=True):
    err_code: int = 0
    err_msg: str = ""


class Opened(msgspec.Struct, frozen=True):
    """What was opened."""

    decrypt_infos: list[_Opened] = []
    custom_err: _CustomError | None = None

    def receiver(self, sealed: SealedReceiver, masked: Receiver) -> Receiver:
        """Return the masked receiver with plain text wherever something was sealed.

        Raises QuotaUsed or Rejected for what was refused, OutcomeUnknown for what is missing.
        """
        sent = (sealed.name, sealed.phone, sealed.detail)
        whole = self.custom_err or _CustomError()
        if whole.err_code:
            raise opening_refusal(whole.err_code, whole.err_msg, sent=sent)
        for one in self.decrypt_infos:
            if one.err_no:
                raise opening_refusal(one.err_no, one.err_msg, sent=sent)
        return replace(
            masked,
            name=self._plain(sealed.name, NAME) or masked.name,
            phone=self._plain(sealed.phone, PHONE, BARE_PHONE) or masked.phone,
            detail=self._plain(sealed.detail, ADDRESS) or masked.detail,
        )

    def _plain(self, sealed: str, *kinds: int) -> str:
        """Return the plain text of a ciphertext, named in the answer or else known by its kind."""
        if not sealed:
            return ""
        for one in self.decrypt_infos:
            is_it = one.cipher_text == sealed if one.cipher_text else one.data_type in kinds
            if is_it and one.text:
                return one.text
        raise OutcomeUnknown(reason="not_all_opened")
