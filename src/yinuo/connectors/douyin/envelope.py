"""Douyin's envelope around every answer, and what each of its codes means for the caller."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from yinuo.connectors.http import clean_message
from yinuo.connectors.protocols import Busy, OutcomeUnknown, QuotaUsed, Rejected, Unavailable

T = TypeVar("T")

DONE = frozenset({0, 10000})  # older calls say 0 in `err_no`
DOWN = 20000
CROWDED = range(60000, 90000)  # three families of traffic control
BUSINESS = frozenset({40004, 50002})
TOKEN_ENDED = frozenset({"isv.access-token-expired", "isv.access-token-no-existed"})
# The number for a used-up allowance of openings is not documented; its words are.
_QUOTA = re.compile("额度|配额|次数已|上限")


class TokenRefused(Rejected):
    """Douyin does not take the access token, nor a new one; authorise the app again."""

    code = "douyin.token_refused"


class WrongShop(Rejected):
    """A new token belongs to another shop than the settings say; details: shop_id."""

    code = "douyin.wrong_shop"


class UnknownCarrier(Rejected):
    """Douyin knows no carrier of this code or name; details: carrier."""

    code = "douyin.unknown_carrier"


class AllShipped(Rejected):
    """Douyin counts every line of the order as shipped, under other waybills; details: waybill."""

    code = "douyin.all_shipped"


class _Envelope(msgspec.Struct, frozen=True):
    code: int | None = None
    err_no: int | None = None
    msg: str | None = None
    message: str | None = None
    sub_code: str | None = None
    sub_msg: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


def unwrapped(body: bytes, of: type[T], *, sent: tuple[str, ...]) -> T:
    """Return the answer's data; raises what its code means.

    `sent` are values that an error's words must not repeat.
    """
    found = _decoded(body, _Envelope)
    number = found.code if found.code is not None else found.err_no
    if number is None:
        raise OutcomeUnknown(reason="bad_json")
    if number not in DONE:
        words = found.sub_msg or found.msg or found.message or ""
        raise refusal(number, found.sub_code or "", words, sent=sent)
    data = bytes(found.data)
    return _decoded(b"{}" if data in {b"null", b""} else data, of)


def refusal(
    number: int, sub_code: str, message: str, *, sent: tuple[str, ...] = ()
) -> Rejected | Unavailable:
    """Return the error that a code and its finer code mean; what is not known is Rejected."""
    told = clean_message(sub_code)[:60] or str(number)
    if number in CROWDED:
        return Busy(outside_code=told)
    if number == DOWN:
        return Unavailable(outside_code=told)
    kind = TokenRefused if sub_code in TOKEN_ENDED else Rejected
    return kind(
        outside_code=told,
        outside_number=number,
        outside_message=clean_message(message, without=sent),
    )


def opening_refusal(number: int, message: str, *, sent: tuple[str, ...]) -> Rejected | Unavailable:
    """Return the error for a receiver that was not opened; a used-up allowance is QuotaUsed."""
    found = refusal(number, "", message, sent=sent)
    return of_allowance(found) if isinstance(found, Rejected) else found


def of_allowance(error: Rejected) -> Rejected | QuotaUsed:
    """Return the error, or QuotaUsed where its words speak of an allowance."""
    if _QUOTA.search(str(error.details.get("outside_message", ""))):
        return QuotaUsed(outside_code=error.details.get("outside_code", ""))
    return error


def is_absent(error: Rejected) -> bool:
    """Tell whether Douyin says that there is no such order, or nothing on sale of that code."""
    is_business = error.details.get("outside_number") in BUSINESS
    return is_business and "不存在" in str(error.details.get("outside_message"))


def _decoded(body: bytes, of: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=of)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise OutcomeUnknown(reason="bad_json") from None
